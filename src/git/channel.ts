// Runs of git over a channel that goes both ways, as SSH gives one: advertisement and exchange are one session
// (gitprotocol-pack(5)), words for people go to the channel's standard error.
import type { Duplex, Writable } from 'node:stream';
import { wordsFor } from './failures.ts';
import type { GitRequest, Operation, Operations, Reading } from './operation.ts';
import type { ProtocolVersion } from './protocol.ts';
import { protocolVersion } from './protocol.ts';
import { BadInput, Stop } from './stops.ts';

/** A channel of ssh2 fits. */
export interface GitChannel extends Duplex {
  readonly stderr: Writable;
  /**
   * Drops what waits to be sent, and all that is written from now on; standard error is still sent. A channel that
   * has no such way sends what it holds.
   */
  dropOutput?(): void;
}

/** The version asked for by GIT_PROTOCOL of a session's environment; what is malformed counts as not said. */
export function sessionVersion(gitProtocol: string | undefined): ProtocolVersion {
  return protocolVersion(gitProtocol) ?? 0;
}

/**
 * Serves one allowed session from its advertisement to its end. The caller closes the channel afterwards.
 * @returns the exit status for the channel; never rejects for anything that the client did
 */
export async function serveChannel(
  operations: Operations,
  channel: GitChannel,
  request: GitRequest,
): Promise<number> {
  let operation: Operation;
  try {
    operation = await operations.start({
      ...request,
      part: 'session',
      connection: channel,
      input: (reading) => channelInput(channel, reading),
    });
    await say(channel, operation);
  } catch (error) {
    // What waits is of no use any more, and is not to keep the words from getting through.
    if (error instanceof Stop) channel.dropOutput?.();
    if (channel.writable) channel.stderr.write(`ERROR: ${wordsFor(error, 'session').text}\n`);
    return 1;
  }
  const status = await operation.status;
  return status === -1 ? 1 : status;
}

/** Hands on what git says. @throws a Stop as soon as there is one, however long git takes to end then */
async function say(channel: GitChannel, { output, signal }: Operation): Promise<void> {
  const stopped = Promise.withResolvers<never>();
  const stop = () => {
    // Of a client that has gone the output tells by itself; it is also told so when all has been taken.
    if (!isLeaving(signal.reason)) stopped.reject(signal.reason);
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    for (;;) {
      const piece = await Promise.race([output.next(), stopped.promise]);
      if (piece.done === true) return;
      if (!signal.aborted && !channel.write(piece.value)) await drained(channel, signal);
    }
  } catch (error) {
    if (signal.aborted) void toTheEnd(output);
    throw error;
  }
}

const isLeaving = (reason: unknown) => reason instanceof Stop && reason.because === 'client-gone';

/** Nobody hears it any more, but git is to end in peace: with its output closed it would break off. */
async function toTheEnd(output: Operation['output']): Promise<void> {
  try {
    while ((await output.next()).done !== true);
  } catch {
    // It was stopped, which is known.
  }
}

async function* channelInput(
  channel: GitChannel,
  { maxBytes, onPiece, onEnd }: Reading,
): AsyncGenerator<Buffer, void, undefined> {
  let bytes = 0;
  for await (const piece of channel.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > maxBytes) throw new BadInput(413, `The request is larger than ${maxBytes} bytes.`);
    onPiece(piece);
    yield piece;
  }
  onEnd();
}

/** Until there is room again, or the operation is over. */
function drained(channel: GitChannel, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      channel.off('drain', go).off('close', go);
      signal.removeEventListener('abort', go);
      resolve();
    };
    channel.on('drain', go).on('close', go);
    signal.addEventListener('abort', go);
    if (channel.destroyed || signal.aborted) go();
  });
}
