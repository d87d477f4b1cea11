// The way to the mail server: SMTP by nodemailer, with TLS wherever a password could be read along the way.
import type { Transporter } from 'nodemailer';
import { isLoopbackHost } from '../config/values.ts';
import type { Context } from '../context.ts';

/** How long the server may take to answer, at each step. */
const CONNECT_MS = 15_000;
const STEP_MS = 30_000;

/** One mail, ready to go. */
export interface Outgoing {
  readonly recipient: string;
  readonly subject: string;
  readonly body: string;
  readonly messageId: string;
  /** When it was written, whenever it is sent: a second copy is the same mail. Milliseconds since 1970. */
  readonly createdAt: number;
}

export interface Transport {
  /** Resolves when the server has taken the mail over. @throws MailError */
  send(mail: Outgoing): Promise<void>;
  /** Connects and signs in, and sends nothing. @throws MailError */
  verify(): Promise<void>;
}

/** Why a mail was not taken. The message is safe to show and to log: it holds no address and no secret. */
export class MailError extends Error {
  override name = 'MailError';
  /** False: the server says that it will never take this mail. */
  readonly worthAnotherTry: boolean;
  /** Could it be spoken to at all? */
  readonly reached: boolean;

  constructor(message: string, why: { readonly worthAnotherTry: boolean; readonly reached: boolean }) {
    super(message);
    this.worthAnotherTry = why.worthAnotherTry;
    this.reached = why.reached;
  }
}

/** Null where no mail server is configured. */
export function createMailTransport({ config }: Pick<Context, 'config'>): Transport | null {
  if (config.smtpUrl === null) return null;
  const url = new URL(config.smtpUrl.expose());
  const secure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const hasCredential = url.username !== '';
  const options = {
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    // STARTTLS is used wherever it is offered, and its certificate checked; a password never goes without.
    requireTLS: !secure && hasCredential && !isLoopbackHost(host),
    ...(hasCredential
      ? { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }
      : {}),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: STEP_MS,
    dnsTimeout: CONNECT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  } as const;
  let transporter: Promise<Transporter> | undefined;
  const open = async (): Promise<Transporter> => {
    // Loaded with the first mail: most commands send none, and it is a third of what they would load.
    const { createTransport } = await import('nodemailer');
    return createTransport(options);
  };
  const transport = (): Promise<Transporter> => {
    transporter ??= open();
    return transporter;
  };
  const instance = new URL(config.url).host;
  const from = config.mailFrom ?? { name: 'Latchkey', address: defaultSender(config.url) };
  return {
    async send(mail) {
      try {
        await (await transport()).sendMail({
          from,
          to: { name: '', address: mail.recipient },
          subject: mail.subject,
          text: mail.body,
          messageId: mail.messageId,
          date: new Date(mail.createdAt),
          // No out-of-office answers (RFC 3834 §5), and something to filter by (RFC 2919).
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
          list: {
            id: { url: `notices.${new URL(config.url).hostname}`, comment: `Latchkey on ${instance}` },
          },
          textEncoding: 'quoted-printable',
        });
      } catch (error) {
        throw asMailError(error);
      }
    },
    async verify() {
      try {
        await (await transport()).verify();
      } catch (error) {
        throw asMailError(error);
      }
    },
  };
}

/** An address is a host's name; an IP address stands in brackets (RFC 5321 §4.1.3). */
function defaultSender(base: string): string {
  const { hostname } = new URL(base);
  if (/^[\d.]+$/.test(hostname)) return `latchkey@[${hostname}]`;
  return `latchkey@${hostname.replace(/^\[/, '[IPv6:')}`;
}

/** What servers answer is foreign text, and may repeat addresses: only its numbers are kept. */
function asMailError(error: unknown): MailError {
  const { code, responseCode, command } = error as {
    readonly code?: unknown;
    readonly responseCode?: unknown;
    readonly command?: unknown;
  };
  const reason = typeof code === 'string' && /^[A-Z_]{1,40}$/.test(code) ? code : 'EUNKNOWN';
  const status = typeof responseCode === 'number' ? responseCode : null;
  const at = typeof command === 'string' && /^[A-Z ]{1,40}$/i.test(command) ? ` at ${command}` : '';
  const meaning = meanings[reason] ?? 'the mail could not be handed over';
  const answer = status === null ? reason : `${reason}, status ${status}`;
  // 5xx to the sender or the recipient stays so; anything else, a wrong password included, can be put right.
  const isAboutMail = ['EENVELOPE', 'EMESSAGE'].includes(reason);
  const isFinal = isAboutMail && (status === null || status >= 500);
  const why = { worthAnotherTry: !isFinal, reached: isAboutMail };
  return new MailError(`${meaning} (${answer}${at})`, why);
}

const meanings: Readonly<Record<string, string>> = {
  ECONNECTION: 'the mail server closed the connection',
  ETIMEDOUT: 'the mail server did not answer in time',
  ESOCKET: 'the mail server could not be reached, or its certificate is not trusted',
  EDNS: 'the name of the mail server is not known',
  ETLS: 'TLS with the mail server failed',
  EAUTH: 'the mail server refused user name or password',
  EENVELOPE: 'the mail server refused the sender or the recipient',
  EMESSAGE: 'the mail server refused the mail',
};
