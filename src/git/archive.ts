// An archive of a commit, made by `git archive` for somebody who may read: it waits for its turn among the other runs
// of git, and ends with its client, its time, and its credential.
import { once } from 'node:events';
import type { Actor } from '../access/actor.ts';
import { decide } from '../access/decide.ts';
import type { Running } from '../access/running.ts';
import type { Context } from '../context.ts';
import { killGit, spawnGit } from '../process/git.ts';
import { concerning } from '../repositories/log.ts';
import { findRepositoryById } from '../repositories/repositories.ts';
import { repositoryDirectory } from '../repositories/storage.ts';
import type { NoteRead } from './accompany.ts';
import type { GitRequest } from './operation.ts';
import type { Pool } from './pool.ts';
import { GitFailed, Stop } from './stops.ts';
import { type Connection, watchClient } from './watch.ts';

export type ArchiveFormat = 'zip' | 'tar.gz';

export interface ArchiveRequest extends Pick<GitRequest, 'actor' | 'by' | 'target'> {
  readonly connection: Connection;
  /** The commit's full id. */
  readonly commit: string;
  readonly format: ArchiveFormat;
  /** The folder in which everything lies; without slashes. */
  readonly folder: string;
}

export interface Archive {
  /** Throws when it ends before its time, so that half an archive is never taken for a whole one. */
  readonly pieces: AsyncGenerator<Buffer, void, undefined>;
  /** Aborted, with a Stop as its reason, when it ends before its time. */
  readonly signal: AbortSignal;
}

/** What all runs of git of one server share. */
export interface Shared {
  readonly pool: Pool;
  readonly running: Running;
  readonly noteRead: NoteRead;
  /** Aborted when the server stops. */
  readonly closing: AbortSignal;
  readonly lifetimes: Set<Promise<void>>;
  readonly takerOfTurns: (request: Pick<GitRequest, 'actor' | 'by' | 'target'>) => string;
  readonly stallMs: number;
  /** The PATH by which a child finds git and nothing else (process/git.ts). */
  readonly gitAlone: () => Promise<string>;
}

/** However slowly the client reads. A commit of few bytes can describe a tree without an end. */
const WHOLE_MS = 15 * 60_000;
/**
 * Files larger than the threshold pass by in pieces. What is told to be looked through for `$Format:…$`, and what
 * symbolic links hold, git takes into memory whole: up to this much (GIT_ALLOC_LIMIT, its wrapper.c).
 */
const MAX_ALLOCATION_BYTES = 256 * 1024 * 1024;

const settings: readonly string[] = [
  'core.bigFileThreshold=16m',
  // Otherwise a command of the repository's configuration may be what compresses; this one is git itself.
  'tar.tar.gz.command=git archive gzip',
  'tar.tgz.command=git archive gzip',
];

/**
 * Waits for a turn, starts git and waits until it says something.
 * @throws PoolFullError, GitFailed or a Stop
 */
export async function startArchive(ctx: Context, shared: Shared, request: ArchiveRequest): Promise<Archive> {
  const { actor, target, connection } = request;
  const { pool, running, closing, lifetimes, stallMs } = shared;
  const watch = watchClient(connection, { wholeMs: WHOLE_MS, stallMs }, closing);
  const release = running.begin({
    actor,
    mayGoOn: (present) => mayStillRead(ctx, present, target.repositoryId),
    end: watch.stop,
  });
  const finish = () => {
    release();
    watch.end();
  };
  let leavePool: () => void;
  let path: string;
  try {
    path = await shared.gitAlone();
    leavePool = await pool.enter(shared.takerOfTurns(request), watch.signal);
  } catch (error) {
    finish();
    throw error;
  }
  const { child, ended } = run(ctx, request, path, watch.signal);
  const lifetime = ended.then(() => {
    leavePool();
    // Ended from outside, it may be that nobody ever reads the answer to its end.
    if (watch.signal.aborted) finish();
  });
  lifetimes.add(lifetime);
  void lifetime.finally(() => lifetimes.delete(lifetime));

  async function* output(): AsyncGenerator<Buffer, void, undefined> {
    try {
      for await (const piece of child.stdout) yield piece as Buffer;
    } catch (error) {
      if (!watch.signal.aborted) throw error;
    }
    const { status, stderr } = await ended;
    if (watch.signal.aborted) throw watch.signal.reason;
    if (status !== 0) throw new GitFailed(status, stderr);
  }
  const said = output();
  const first = await said.next().catch((error: unknown) => ({ error }));
  if ('error' in first) {
    finish();
    throw first.error;
  }
  note(ctx, shared, request);

  async function* pieces(): AsyncGenerator<Buffer, void, undefined> {
    try {
      watch.moved();
      if ('done' in first && first.done !== true) yield first.value;
      for await (const piece of said) {
        watch.moved();
        yield piece;
      }
    } finally {
      // Whoever stopped reading has ended it.
      watch.leave();
      finish();
    }
  }
  return { pieces: pieces(), signal: watch.signal };
}

function run(
  ctx: Context,
  { target, commit, format, folder }: ArchiveRequest,
  path: string,
  signal: AbortSignal,
) {
  const child = spawnGit(
    ['archive', `--format=${format}`, `--prefix=${folder}/`, '--end-of-options', commit],
    {
      repository: repositoryDirectory(ctx.config, target.repositoryId),
      config: settings,
      // `$Format:%G?$` has git start gpg once for each time it stands there, on a signature that anybody made up.
      env: { PATH: path, GIT_ALLOC_LIMIT: String(MAX_ALLOCATION_BYTES) },
    },
  );
  let stderr = '';
  child.stderr.on('data', (piece: Buffer) => {
    stderr = (stderr + piece.toString('utf8')).slice(-4096);
  });
  child.stdin.on('error', () => child.stdin.destroy());
  child.stdin.end();
  const stop = () => {
    killGit(child, 'SIGKILL');
    // Nobody may be reading any more, and a pipe with bytes left in it would never close.
    child.stdout.destroy();
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const ended = once(child, 'close')
    .then(([status]) => (status as number | null) ?? -1)
    .catch(() => {
      // `error` came instead: git could not be started.
      child.stdout.destroy();
      return -1;
    })
    .then((status) => {
      signal.removeEventListener('abort', stop);
      return { status, stderr };
    });
  return { child, ended };
}

async function mayStillRead(ctx: Context, actor: Actor, repositoryId: number): Promise<boolean> {
  const found = await findRepositoryById(ctx, actor, repositoryId);
  return found !== null && decide(actor, 'contents.read', found).allowed;
}

/** GitHub's log has one name for it, whatever the format. */
function note(ctx: Context, { noteRead }: Shared, { actor, by, target }: ArchiveRequest): void {
  if (actor.kind === 'anonymous') return;
  concerning(ctx.db, target.repository).then(
    (concerned) => noteRead(by, { action: 'repo.download_zip', operation: 'access', ...concerned }),
    (error: unknown) => ctx.log.error({ err: error }, 'a download could not be noted'),
  );
}

/** Did it end because nobody listens any more? */
export function isClientGone(error: unknown): boolean {
  return error instanceof Stop && error.because === 'client-gone';
}
