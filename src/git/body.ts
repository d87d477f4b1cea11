// The body of a git request: read piece by piece as git takes it, inflated where the client compressed it
// (gitprotocol-http(5) allows gzip), counted, and never longer than it may be.
import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import { BadInput } from './stops.ts';

export interface BodyOptions {
  /** How many bytes it may hold once inflated. */
  readonly maxBytes: number;
  /** Called with each inflated piece before git gets it; throws BadInput to refuse it. */
  readonly onPiece: (piece: Buffer) => void;
  /** Called when the whole body has come. */
  readonly onEnd?: () => void;
}

/** May a body come with this Content-Encoding? */
export function isKnownEncoding(encoding: string | undefined): boolean {
  return encoding === undefined || /^(identity|gzip|x-gzip)$/i.test(encoding);
}

/**
 * The pieces of the body. It throws BadInput when the body is too long or wrongly compressed, and leaves the
 * request open then, so that an answer can still be given.
 */
export async function* requestBody(
  request: IncomingMessage,
  { maxBytes, onPiece, onEnd }: BodyOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const encoding = request.headers['content-encoding']?.toLowerCase();
  const isCompressed = encoding === 'gzip' || encoding === 'x-gzip';
  const source = isCompressed ? inflated(request) : request.iterator({ destroyOnReturn: false });
  let bytes = 0;
  for await (const piece of source as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > maxBytes) throw new BadInput(413, `The request is larger than ${maxBytes} bytes.`);
    onPiece(piece);
    yield piece;
  }
  onEnd?.();
}

async function* inflated(request: IncomingMessage): AsyncGenerator<Buffer, void, undefined> {
  const gunzip = createGunzip();
  // Without it, a request cut off would leave the inflater waiting for ever.
  const cut = (error?: Error) => gunzip.destroy(error ?? new Error('the request was cut off'));
  const closed = () => {
    if (!request.readableEnded) cut();
  };
  request.on('error', cut);
  request.on('close', closed);
  request.pipe(gunzip);
  try {
    for await (const piece of gunzip) yield piece as Buffer;
  } catch (error) {
    if (isZlibError(error)) throw new BadInput(400, 'The request is not compressed correctly.');
    throw error;
  } finally {
    request.unpipe(gunzip);
    request.off('error', cut);
    request.off('close', closed);
  }
}

function isZlibError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && (code.startsWith('Z_') || code === 'ERR_TRAILING_JUNK_AFTER_STREAM_END');
}
