// Runs of git over a channel that goes both ways, as SSH gives one: advertisement and exchange are one session
// (gitprotocol-pack(5)), words for people go to the channel's standard error.
import type { Duplex, Writable } from 'node:stream';
import { wordsFor } from './failures.ts';
import type { GitRequest, Operation, Operations, Reading } from './operation.ts';
import type { ProtocolVersion } from './protocol.ts';
import { protocolVersion } from './protocol.ts';
import { BadInput } from './stops.ts';

/** A channel of ssh2 fits. */
export interface GitChannel extends Duplex {
  readonly stderr: Writable;
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
    for await (const piece of operation.output) {
      if (!channel.write(piece)) await drained(channel, operation.signal);
    }
  } catch (error) {
    if (channel.writable) channel.stderr.write(`ERROR: ${wordsFor(error, 'session').text}\n`);
    return 1;
  }
  const status = await operation.status;
  return status === -1 ? 1 : status;
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
