// Sending large files, as a page or through the API: at the reader's pace, never held in memory, and only so many at
// once, since each keeps a git process for as long as its reader takes.
import { Readable } from 'node:stream';
import type { Call, RouteSchema } from '../access/guard.ts';
import type { Context } from '../context.ts';
import { createPool, type Pool } from '../git/pool.ts';
import type { RepositoryFound } from '../repositories/repositories.ts';
import { streamBlob } from './blobs.ts';
import { TooManyWaitingError } from './turns.ts';

/** How many large files one server sends at once; slow readers hold their place for long. */
const limits = { size: 24, queue: 200 };
const PATIENCE_MS = 30_000;

/** By server, and gone with it. */
const pools = new WeakMap<Context, Pool>();

/**
 * A file as a stream, which gives its place back at its end.
 * @param sha the file's full object id, as `findEntry` gives it
 * @throws TooManyWaitingError
 */
export async function openLargeBlob(
  ctx: Context,
  { actor, request, target }: Pick<Call<RepositoryFound, RouteSchema>, 'actor' | 'request' | 'target'>,
  sha: string,
): Promise<Readable> {
  // Fastify takes the length of a HEAD's answer from anything but a stream.
  if (request.method === 'HEAD') return Readable.from([]);
  const pool = pools.get(ctx) ?? createPool(limits);
  pools.set(ctx, pool);
  const caller = actor.kind === 'user' ? `account ${actor.account.id}` : request.ip;
  const leave = await pool.enter(caller, AbortSignal.timeout(PATIENCE_MS)).catch(() => {
    throw new TooManyWaitingError();
  });
  return streamBlob(ctx, target.repository, sha).on('close', leave);
}
