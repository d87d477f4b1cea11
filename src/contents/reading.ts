// Reading a bare repository by running the installed git: every read is bounded in bytes and time, sees the objects
// as they were pushed (no replacements), and stops its child when it has enough.
import { once } from 'node:events';
import type { Context } from '../context.ts';
import { GitError, killGit, spawnGit } from '../process/git.ts';
import { repositoryDirectory } from '../repositories/storage.ts';
import { createReadingPool, type ReadingPool } from './turns.ts';

/** Any record of a repository: where it lies follows from its id. */
export interface StoredRepository {
  readonly id: number;
}

export interface ReadBounds {
  readonly input?: string | Uint8Array;
  /** Stop reading after this many bytes. Default 16 MiB. */
  readonly maxBytes?: number;
  /** Default 20,000. */
  readonly timeoutMs?: number;
  /** When time is up: fail, or take what there is as a truncated answer. Default `fail`. */
  readonly late?: 'fail' | 'truncate';
}

export interface Read {
  readonly bytes: Buffer;
  /** There was more; git was stopped. */
  readonly truncated: boolean;
  /** Exit status; 0 when git was stopped. */
  readonly status: number;
}

/** Takes what git prints, piece by piece; `enough` ends the reading. */
export type Take = (chunk: Buffer) => 'more' | 'enough';

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 20_000;

const environment = {
  // refs/replace can be pushed by anybody who may push: what is shown is what was pushed.
  GIT_NO_REPLACE_OBJECTS: '1',
  // Paths are names, never patterns.
  GIT_LITERAL_PATHSPECS: '1',
};

/** Settings of a repository that would change what git prints. */
const plainOutput = ['core.quotePath=false', 'log.showSignature=false', 'i18n.logOutputEncoding=UTF-8'];

/** Starts git on a repository; its pipes and its end are the caller's business. */
export function startReading(ctx: Context, repository: StoredRepository, args: readonly string[]) {
  const child = spawnGit(args, {
    repository: repositoryDirectory(ctx.config, repository.id),
    env: environment,
    config: plainOutput,
  });
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('git was started without pipes');
  return { child, stdin, stdout, stderr, stop: () => killGit(child, 'SIGKILL') };
}

/** How many processes of one server read at once; each ends by itself, so that those who wait get their turn. */
const readLimits = { size: 24, queue: 2000 };

/** By server, and gone with it. */
const poolOf = new WeakMap<Context, ReadingPool>();

/** How a stream ended: git's exit status, 0 when it was stopped; and whether time was up. */
export interface Ended {
  readonly status: number;
  readonly late: boolean;
}

/**
 * Runs git on a repository and hands its output to `take`.
 * @throws GitError when time is up and that is not asked to truncate; TooManyWaitingError
 */
export async function streamGit(
  ctx: Context,
  repository: StoredRepository,
  args: readonly string[],
  take: Take,
  bounds: Omit<ReadBounds, 'maxBytes'> = {},
): Promise<Ended> {
  const pool = poolOf.get(ctx) ?? createReadingPool(readLimits);
  poolOf.set(ctx, pool);
  return pool.run(`repository ${repository.id}`, () => streamNow(ctx, repository, args, take, bounds));
}

async function streamNow(
  ...[ctx, repository, args, take, bounds = {}]: Parameters<typeof streamGit>
): Promise<Ended> {
  const { child, stdin, stdout, stderr, stop } = startReading(ctx, repository, args);
  let stopped: 'enough' | 'timeout' | undefined;
  let errors = '';
  stdout.on('data', (chunk: Buffer) => {
    if (stopped !== undefined || take(chunk) === 'more') return;
    stopped = 'enough';
    stop();
  });
  stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString('utf8')).slice(-4096);
  });
  // Git may end without reading all of its input: its status tells, not the broken pipe.
  stdin.on('error', () => stdin.destroy());
  stdin.end(bounds.input);
  const timer = setTimeout(() => {
    stopped ??= 'timeout';
    stop();
  }, bounds.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    const late = stopped === 'timeout';
    if (late && bounds.late !== 'truncate') throw new GitError('timeout', args[0] ?? '', -1, errors);
    return { status: stopped === undefined ? (status ?? -1) : 0, late };
  } finally {
    clearTimeout(timer);
  }
}

/** Runs git on a repository and gives the beginning of what it printed, whatever its exit status. */
export async function readGit(
  ctx: Context,
  repository: StoredRepository,
  args: readonly string[],
  bounds: ReadBounds = {},
): Promise<Read> {
  const maxBytes = bounds.maxBytes ?? DEFAULT_MAX_BYTES;
  const chunks: Buffer[] = [];
  let size = 0;
  const take: Take = (chunk) => {
    chunks.push(chunk.subarray(0, maxBytes - size));
    size += chunk.length;
    return size > maxBytes ? 'enough' : 'more';
  };
  const { status, late } = await streamGit(ctx, repository, args, take, bounds);
  return { bytes: Buffer.concat(chunks), truncated: late || size > maxBytes, status };
}

/** Bytes from a repository as text: UTF-8 where they are, replacement characters where they are not. */
export function asText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
