// A mail server for tests: it takes every mail and keeps it, as it came over SMTP.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

const PATIENCE_MS = 30_000;

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** By their names in lower case, unfolded; of several with one name, the last. */
  readonly headers: ReadonlyMap<string, string>;
  readonly subject: string;
  /** The text, decoded. */
  readonly text: string;
  /** As it came. */
  readonly raw: string;
}

export interface MailServer extends AsyncDisposable {
  readonly port: number;
  /** For LATCHKEY_SMTP_URL. */
  readonly url: string;
  readonly mails: readonly ReceivedMail[];
  /** Who signed in, as `user:password`. */
  readonly signIns: readonly string[];
  /** Resolves when that many mails have come; rejects when they have not within half a minute. */
  arrived(count: number): Promise<readonly ReceivedMail[]>;
}

export interface MailServerOptions {
  readonly port?: number;
  /** Signing in is needed, with this `user:password`. */
  readonly account?: string;
  /** What to answer to a mail instead of taking it; null takes it. */
  readonly answer?: (mail: ReceivedMail) => { readonly status: number; readonly text: string } | null;
  readonly smtp?: SMTPServerOptions;
}

/** Starts it on a loopback address: `await using mail = await startMailServer()`. */
export async function startMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  const signIns: string[] = [];
  const waiting = new Set<() => void>();
  const server = new SMTPServer({
    hideSTARTTLS: true,
    authOptional: options.account === undefined,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    logger: false,
    onAuth(auth, _session, callback) {
      const given = `${auth.username}:${auth.password}`;
      signIns.push(given);
      if (given === options.account) callback(null, { user: auth.username });
      else callback(Object.assign(new Error('no such account'), { responseCode: 535 }));
    },
    onData(stream, session, callback) {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        const mail = readMail(
          Buffer.concat(pieces).toString('utf8'),
          from,
          rcptTo.map((to) => to.address),
        );
        const answer = options.answer?.(mail) ?? null;
        if (answer !== null) {
          callback(Object.assign(new Error(answer.text), { responseCode: answer.status }));
          return;
        }
        mails.push(mail);
        callback(null, 'taken');
        for (const look of waiting) look();
      });
    },
    ...options.smtp,
  });
  // What a client does wrong is the test's to see by what comes of it.
  server.on('error', () => undefined);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  const credential =
    options.account === undefined ? '' : `${options.account.split(':').map(encodeURIComponent).join(':')}@`;
  return {
    port,
    url: `smtp://${credential}127.0.0.1:${port}`,
    mails,
    signIns,
    arrived: (count) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          const subjects = mails.map(({ subject }) => subject).join('; ');
          reject(new Error(`${mails.length} mails have come instead of ${count}: ${subjects}`));
        }, PATIENCE_MS);
        const look = (): void => {
          if (mails.length < count) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(mails);
        };
        waiting.add(look);
        look();
      }),
    [Symbol.asyncDispose]: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

function readMail(raw: string, from: string, to: readonly string[]): ReceivedMail {
  const end = raw.indexOf('\r\n\r\n');
  const lines = raw
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const body = raw.slice(end + 4);
  return {
    from,
    to,
    headers,
    subject: decodeWords(headers.get('subject') ?? ''),
    text:
      headers.get('content-transfer-encoding') === 'quoted-printable'
        ? quotedPrintable(body)
        : body.replaceAll('\r\n', '\n'),
    raw,
  };
}

function quotedPrintable(text: string): string {
  return fromBytes(text.replaceAll('=\r\n', '')).replaceAll('\r\n', '\n');
}

/** RFC 2047. */
function decodeWords(text: string): string {
  return text
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?([BQ])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
      kind.toUpperCase() === 'B'
        ? Buffer.from(word, 'base64').toString('utf8')
        : fromBytes(word.replaceAll('_', ' ')),
    );
}

function fromBytes(text: string): string {
  const bytes = text.replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
