// Runs of git over HTTP: a request's body goes in, the answer's body comes out (gitprotocol-http(5)).
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { noCacheHeaders, sendWords } from './answers.ts';
import { requestBody } from './body.ts';
import { wordsFor } from './failures.ts';
import type { Part } from './observer.ts';
import type { GitRequest, Operation, Operations } from './operation.ts';
import { flushPkt, pktLine } from './pkt-line.ts';
import { Stop } from './stops.ts';

export interface HttpRequest extends GitRequest {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly part: Exclude<Part, 'session'>;
  /** Tells the client that waits for it to send the body. */
  readonly continueBody: () => void;
}

/** Answers one allowed request. */
export async function answerOverHttp(operations: Operations, wanted: HttpRequest): Promise<unknown> {
  const { request, reply, service, part, version, continueBody } = wanted;
  let operation: Operation;
  try {
    operation = await operations.start({
      ...wanted,
      connection: reply.raw,
      input:
        part === 'advertisement'
          ? null
          : (reading) => {
              continueBody();
              return requestBody(request.raw, reading);
            },
    });
  } catch (error) {
    if (error instanceof Stop && error.because === 'client-gone') return reply.hijack();
    return sendWords(request, reply, wordsFor(error, part));
  }
  // A client that takes its time would otherwise hold what is on its way to it, and the connection.
  operation.signal.addEventListener('abort', () => {
    const { reason } = operation.signal;
    if (reason instanceof Stop && reason.because !== 'client-gone') cut(reply.raw);
  });
  const announced = part === 'advertisement' && (version !== 2 || service === 'receive-pack');
  reply
    .code(200)
    .headers(noCacheHeaders)
    .type(`application/x-git-${service}-${part === 'advertisement' ? 'advertisement' : 'result'}`);
  async function* body(): AsyncGenerator<Buffer, void, undefined> {
    if (announced) yield Buffer.concat([pktLine(`# service=git-${service}\n`), flushPkt]);
    yield* operation.output;
  }
  return reply.send(Readable.from(announced ? body() : operation.output, { objectMode: false }));
}

/** Ends the connection at once, with what is on its way: a client that reads slowly would be at it for long. */
export function cut(response: ServerResponse): void {
  const { socket } = response;
  if (socket === null || socket.destroyed) return;
  // Through TLS there is nothing to reset by.
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
