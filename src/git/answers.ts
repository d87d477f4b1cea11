// How git is answered in plain text: git prints the lines of a text/plain body after `remote:` (its http.c).
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What git http-backend sends with every answer: nothing of it may be kept by a cache. */
export const noCacheHeaders = {
  expires: 'Fri, 01 Jan 1980 00:00:00 GMT',
  pragma: 'no-cache',
  'cache-control': 'no-cache, max-age=0, must-revalidate',
} as const;

/** Git Credential Manager looks for exactly this realm (ghes-spec 10). */
export const challenge = { 'www-authenticate': 'Basic realm="GitHub"' } as const;

/** A body of this size that was not wanted is read all the same, so that the connection can be kept. */
const SMALL_BODY_BYTES = 64 * 1024;
/** Of a larger one this much, or for this long, so that the client gets to read the answer. */
const LINGER_BYTES = 256 * 1024;
const LINGER_MS = 2_000;

export interface Words {
  readonly status: number;
  /** Sentences for people, a line each. */
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends the words, and does not wait for a body that nobody wants. */
export function sendWords(request: FastifyRequest, reply: FastifyReply, words: Words): FastifyReply {
  return sendText(request, reply, words, 'text/plain; charset=utf-8', `${words.text}\n`);
}

export function sendText(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, headers = {} }: Pick<Words, 'status' | 'headers'>,
  type: string,
  text: string,
): FastifyReply {
  reply
    .code(status)
    .headers({ ...noCacheHeaders, ...headers })
    .type(type);
  if (!hasLargeBodyLeft(request.raw)) return reply.send(text);
  const body = Buffer.from(text);
  reply.headers({ connection: 'close', 'content-length': body.length });
  return reply.send(Readable.from(thenLinger(body, request.raw), { objectMode: false }));
}

/** Is there more of the body to come than can be read away at once? */
function hasLargeBodyLeft(request: IncomingMessage): boolean {
  if (request.complete || request.destroyed) return false;
  const { 'content-length': length, 'transfer-encoding': coding, expect } = request.headers;
  // Who waits for "100 Continue" may send the body after all, or go on with the next request: nobody can tell.
  if (expect !== undefined) return true;
  return coding !== undefined || Number(length ?? 0) > SMALL_BODY_BYTES;
}

/**
 * The answer, complete by its Content-Length, and then a while of listening before the connection is closed: were it
 * closed at once with bytes still unread, the client's system would throw the answer away (RFC 9112 §9.6).
 */
async function* thenLinger(body: Buffer, request: IncomingMessage): AsyncGenerator<Buffer> {
  yield body;
  if (request.headers.expect !== undefined) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  let bytes = 0;
  const onData = (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > LINGER_BYTES) resolve();
  };
  const done = () => resolve();
  const timer = setTimeout(done, LINGER_MS);
  request.on('data', onData).once('end', done).once('close', done).once('error', done);
  request.resume();
  await promise;
  clearTimeout(timer);
  request.off('data', onData).off('end', done).off('close', done).off('error', done);
}
