// One request to a webhook's address: to the very address that was judged, without following redirects, bounded in time
// and size both ways. TLS certificates are checked, always.
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIPv6 } from 'node:net';
import { addressesOf, hostOf, isPublicHost, type Resolve } from '../network/addresses.ts';

export interface Sent {
  /** 0: there was no answer. */
  readonly code: number;
  /** In words. */
  readonly status: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The beginning of it. */
  readonly body: string;
  /** Would it make sense to try again? */
  readonly worthAnotherTry: boolean;
}

export interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SendOptions {
  readonly allowPrivate: boolean;
  readonly resolve: Resolve;
  /** For the whole of it. */
  readonly timeoutMs: number;
}

/** Of an answer, so much is kept. */
const MAX_BODY_BYTES = 16 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;

const noAnswer = (status: string, worthAnotherTry = true): Sent => ({
  code: 0,
  status,
  headers: {},
  body: '',
  worthAnotherTry,
});

/** Never throws for anything that the other side does. */
export async function send(
  message: Message,
  { allowPrivate, resolve, timeoutMs }: SendOptions,
): Promise<Sent> {
  const url = new URL(message.url);
  const host = hostOf(url).replace(/\.+$/, '');
  const signal = AbortSignal.timeout(timeoutMs);
  const addresses = await Promise.race([addressesOf(host, resolve), aborted(signal)]);
  if (addresses === null) return noAnswer(signal.aborted ? 'timed out' : 'could not resolve the name');
  // One bad address among them is enough: which one is used is not for the owner of the name to choose.
  if (!allowPrivate && !isPublicHost(host, addresses)) {
    return noAnswer('not sent: not a public address', false);
  }
  const address = addresses[0] ?? '';
  try {
    return await exchange(url, address, message, signal);
  } catch (error) {
    if (signal.aborted) return noAnswer('timed out');
    return noAnswer(faultOf(error));
  }
}

function exchange(url: URL, address: string, { headers, body }: Message, signal: AbortSignal): Promise<Sent> {
  const { promise, resolve, reject } = Promise.withResolvers<Sent>();
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    // No connection is kept: the next one goes to an address that was judged anew.
    agent: false,
    signal,
    maxHeaderSize: MAX_HEADER_BYTES,
    lookup: (_name, { all }, done) => {
      const family = isIPv6(address) ? 6 : 4;
      if (all === true) done(null, [{ address, family }]);
      else done(null, address, family);
    },
  };
  const outgoing = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options);
  outgoing.on('error', reject);
  outgoing.on('response', (response) => {
    readBody(response).then((text) => resolve(answerOf(response, text)), reject);
  });
  outgoing.end(body);
  return promise;
}

async function readBody(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    pieces.push(piece.subarray(0, MAX_BODY_BYTES - size));
    size += piece.length;
    if (size >= MAX_BODY_BYTES) break;
  }
  response.destroy();
  return Buffer.concat(pieces).toString('utf8');
}

function answerOf(response: IncomingMessage, body: string): Sent {
  const code = response.statusCode ?? 0;
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
  );
  const said = (response.statusMessage ?? '').replace(/[^\x20-\x7e]/g, '').slice(0, 100);
  const status = code >= 200 && code < 300 ? 'OK' : said === '' ? `Invalid HTTP Response: ${code}` : said;
  return { code, status, headers, body, worthAnotherTry: code >= 500 || code === 429 };
}

/** In words of ours: what other sides say of themselves stays out of the pages. */
function faultOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (/^(ERR_TLS|CERT_|DEPTH_|SELF_|UNABLE_TO|HOSTNAME|ERR_SSL|EPROTO)/.test(code)) {
    return `TLS failed: ${code.toLowerCase()}`;
  }
  return 'could not connect';
}

function aborted(signal: AbortSignal): Promise<null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  signal.addEventListener('abort', () => resolve(null), { once: true });
  return promise;
}
