// What git leaves behind when it is killed: quarantined objects, half-written packs, lock files. git itself removes
// them when it ends, also by SIGTERM; these are for kill -9 and for the loss of power.
import type { Dirent } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** File systems round times, some to two seconds. */
const CLOCK_GRAIN_MS = 2_000;

/** Removes what pushes that were cut off have left, as soon as no other push runs in the repository. */
export interface Tidier {
  began(repository: string): void;
  /** @param cutOffSince when a push that was cut off began, milliseconds since 1970; null: it ended by itself */
  ended(repository: string, cutOffSince: number | null): Promise<void>;
}

export function createTidier(): Tidier {
  const pushes = new Map<string, { running: number; cutOffSince: number | null }>();
  return {
    began(repository) {
      const state = pushes.get(repository) ?? { running: 0, cutOffSince: null };
      pushes.set(repository, { ...state, running: state.running + 1 });
    },
    async ended(repository, cutOffSince) {
      const state = pushes.get(repository) ?? { running: 1, cutOffSince: null };
      const earliest = Math.min(state.cutOffSince ?? Infinity, cutOffSince ?? Infinity);
      const running = state.running - 1;
      if (running > 0) {
        pushes.set(repository, { running, cutOffSince: Number.isFinite(earliest) ? earliest : null });
        return;
      }
      pushes.delete(repository);
      if (Number.isFinite(earliest))
        await sweep(repository, (changedAt) => changedAt >= earliest - CLOCK_GRAIN_MS);
    },
  };
}

/** @param before milliseconds since 1970: leftovers that were last touched before it go */
export async function removeOldLeftovers(repository: string, before: number): Promise<readonly string[]> {
  return sweep(repository, (changedAt) => changedAt < before);
}

async function sweep(repository: string, isLeft: (changedAt: number) => boolean): Promise<readonly string[]> {
  const removed: string[] = [];
  for await (const path of leftovers(repository)) {
    const changedAt = await changedAtOf(path);
    if (changedAt === null || !isLeft(changedAt)) continue;
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

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
