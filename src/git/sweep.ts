// What git leaves behind when it is killed: quarantined objects, half-written packs, lock files. git itself removes
// most of them when it ends; these are for pushes that are cut off, for kill -9 and for the loss of power. When the
// server is killed, receive-pack reports to a pipe that nobody reads and is ended by SIGPIPE; since 2.39 git removes no
// quarantine on a signal (tmp-objdir.c), so it stays.
import type { Dirent } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { isMissing, repositoryIdIn } from '../repositories/storage.ts';
import { gatesDirectory } from './gate.ts';

/** File systems round times, some to two seconds. */
const CLOCK_GRAIN_MS = 2_000;

/** Removes what pushes that were cut off have left, as soon as no other push runs in the repository. */
export interface Tidier {
  /** Waits while the repository is being swept. Call it before the push starts, and `ended` after it. */
  began(repository: string): Promise<void>;
  /** @param cutOffSince when a push that was cut off began, milliseconds since 1970; null: it ended by itself */
  ended(repository: string, cutOffSince: number | null): Promise<void>;
}

interface Pushes {
  running: number;
  /** When the first of those that were cut off began. */
  cutOffSince: number;
  sweeping: Promise<unknown> | null;
}

export function createTidier(): Tidier {
  const pushes = new Map<string, Pushes>();
  return {
    async began(repository) {
      let state = pushes.get(repository);
      while (state?.sweeping) {
        await state.sweeping;
        state = pushes.get(repository);
      }
      if (state === undefined) pushes.set(repository, { running: 1, cutOffSince: Infinity, sweeping: null });
      else state.running++;
    },
    async ended(repository, cutOffSince) {
      const state = pushes.get(repository);
      if (state === undefined) return;
      state.running--;
      state.cutOffSince = Math.min(state.cutOffSince, cutOffSince ?? Infinity);
      if (state.running > 0) return;
      const since = state.cutOffSince - CLOCK_GRAIN_MS;
      if (Number.isFinite(since)) {
        state.sweeping = sweep(repository, (changedAt) => changedAt >= since).finally(() => {
          pushes.delete(repository);
        });
        await state.sweeping;
      } else pushes.delete(repository);
    },
  };
}

/** Locks are held for moments; nothing holds one for so long. */
const LOCK_AGE_MS = 10 * 60_000;

/**
 * Removes from every repository what a process left that was killed with its server, or by the loss of power. A lock
 * from before this server started keeps people from pushing and belongs to nobody; objects only take room, and a
 * child that outlived its server may still be at work on them, so they get the time that a push may take.
 * @param serverStartedAt milliseconds since 1970
 * @returns how many files and folders were removed
 */
export async function sweepGitLeftovers(
  { config, now, log }: Pick<Context, 'config' | 'now' | 'log'>,
  serverStartedAt: number,
): Promise<number> {
  const locksBefore = Math.max(serverStartedAt, now() - LOCK_AGE_MS);
  const machineStartedAt = Date.now() - uptime() * 1000;
  const objectsBefore = Math.max(machineStartedAt, now() - config.limits.gitRequestMs - LOCK_AGE_MS);
  let removed = 0;
  for (const { name } of await list(config.repositoriesDirectory)) {
    if (repositoryIdIn(name) === null) continue;
    const swept = await sweep(
      join(config.repositoriesDirectory, name),
      (changedAt, path) => changedAt < (path.endsWith('.lock') ? locksBefore : objectsBefore),
    );
    removed += swept.length;
  }
  for (const { name } of await list(gatesDirectory(config))) {
    const path = join(gatesDirectory(config), name);
    const changedAt = await changedAtOf(path);
    if (changedAt === null || changedAt >= objectsBefore) continue;
    await rm(path, { recursive: true, force: true });
    removed++;
  }
  if (removed > 0) log.info({ removed }, 'cleared away what killed git processes had left');
  return removed;
}

async function sweep(
  repository: string,
  isLeft: (changedAt: number, path: string) => boolean,
): Promise<readonly string[]> {
  const removed: string[] = [];
  for await (const path of leftovers(repository)) {
    const changedAt = await changedAtOf(path);
    if (changedAt === null || !isLeft(changedAt, path)) continue;
    await rm(path, { recursive: true, force: true });
    removed.push(path);
  }
  return removed;
}

/** Everything that only a running git may have: tmp-objdir.c, pack-write.c, object-file.c, lockfile.c of git. */
async function* leftovers(repository: string): AsyncGenerator<string> {
  const objects = join(repository, 'objects');
  for (const entry of await list(objects)) {
    if (/^(tmp_objdir-)?incoming-/.test(entry.name) || /^tmp_obj_/.test(entry.name))
      yield join(objects, entry.name);
    else if (entry.isDirectory() && (/^[0-9a-f]{2}$/.test(entry.name) || entry.name === 'pack')) {
      const folder = join(objects, entry.name);
      for (const file of await list(folder)) {
        if (/^(tmp_(pack|idx|rev|obj|mtimes)_|\.tmp-)/.test(file.name)) yield join(folder, file.name);
      }
    }
  }
  for (const entry of await list(repository)) {
    if (entry.isFile() && entry.name.endsWith('.lock')) yield join(repository, entry.name);
  }
  yield* locks(join(repository, 'refs'));
}

async function* locks(folder: string): AsyncGenerator<string> {
  for (const entry of await list(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* locks(path);
    else if (entry.name.endsWith('.lock')) yield path;
  }
}

async function list(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function changedAtOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
