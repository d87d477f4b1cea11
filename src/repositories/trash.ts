// Deleted repositories lie in the trash for a day, so that a mistake can be undone by an operator (`latchkey repo
// create OWNER/NAME --import DATA/trash/…`); and what killed processes left behind is cleared away.
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { nextId, recordedIds } from './ids-store.ts';
import * as storage from './storage.ts';

const MINUTE = 60_000;
/** How long deleted repositories are kept, in milliseconds. */
export const TRASH_KEPT_MS = 24 * 60 * MINUTE;
/** What has no record is left alone for so long: it may be in the making, by this process or another one. */
export const UNFINISHED_KEPT_MS = 10 * MINUTE;

/** How many ids are looked up at once. */
const BATCH = 500;

export interface Swept {
  /** Directories without a record that were moved to the trash. */
  readonly orphans: number;
  /** Leftovers of killed creations and imports that were removed. */
  readonly unfinished: number;
  /** Deleted repositories whose day was over. */
  readonly purged: number;
}

/**
 * Moves a repository's directory, whose record is gone, to the trash.
 * @param name `owner/name`, noted in the repository's description file for whoever looks into the trash
 */
export async function moveToTrash(ctx: Context, id: number, name: string | null): Promise<void> {
  const { config } = ctx;
  await mkdir(config.trashDirectory, { recursive: true, mode: 0o700 });
  const target = join(config.trashDirectory, `${id}.git-${ctx.now()}`);
  try {
    await rename(storage.repositoryDirectory(config, id), target);
  } catch (error) {
    // The sweep was faster, or somebody removed it by hand.
    if (storage.isMissing(error)) return;
    throw error;
  }
  await storage.syncDirectory(config.repositoriesDirectory);
  await storage.syncDirectory(config.trashDirectory);
  if (name === null) return;
  const description = `${name}, deleted ${new Date(ctx.now()).toISOString()}\n`;
  await writeFile(join(target, 'description'), description, { mode: 0o600 });
}

/**
 * Moves orphans to the trash, removes what killed processes left, purges what lay in the trash for a day. Any number
 * of processes may do so at the same time.
 */
export async function sweepStorage(ctx: Context): Promise<Swept> {
  const orphans = await sweepOrphans(ctx);
  const unfinished = await sweepUnfinished(ctx);
  const purged = await purgeTrash(ctx);
  if (orphans + unfinished + purged > 0) {
    ctx.log.info({ orphans, unfinished, purged }, 'swept the repositories and the trash');
  }
  return { orphans, unfinished, purged };
}

/** Directories without a record: their process died between the two steps of a creation or a deletion. */
async function sweepOrphans(ctx: Context): Promise<number> {
  const { repositoriesDirectory } = ctx.config;
  const ids = (await list(repositoriesDirectory))
    .map(storage.repositoryIdIn)
    .filter((id) => id !== null)
    // What this database never made is not its to judge: it may have been restored from an older backup, or the
    // server started on the wrong one.
    .filter(isBelow(await nextId(ctx.db)));
  let moved = 0;
  for (let start = 0; start < ids.length; start += BATCH) {
    const batch = ids.slice(start, start + BATCH);
    const recorded = await recordedIds(ctx.db, batch);
    for (const id of batch) {
      if (recorded.has(id)) continue;
      if (!(await isOld(ctx, storage.repositoryDirectory(ctx.config, id)))) continue;
      await moveToTrash(ctx, id, null);
      moved += 1;
    }
  }
  return moved;
}

const isBelow = (limit: number) => (id: number) => id < limit;

async function sweepUnfinished(ctx: Context): Promise<number> {
  const { repositoriesDirectory } = ctx.config;
  let removed = 0;
  for (const entry of await list(repositoriesDirectory)) {
    if (!storage.isUnfinished(entry)) continue;
    const directory = join(repositoriesDirectory, entry);
    if (!(await isOld(ctx, directory))) continue;
    await storage.removeDirectory(directory);
    removed += 1;
  }
  return removed;
}

async function purgeTrash(ctx: Context): Promise<number> {
  const { trashDirectory } = ctx.config;
  let purged = 0;
  for (const entry of await list(trashDirectory)) {
    const [, deletedAt] = /^\d+\.git-(\d+)$/.exec(entry) ?? [];
    if (deletedAt === undefined || ctx.now() - Number(deletedAt) < TRASH_KEPT_MS) continue;
    await storage.removeDirectory(join(trashDirectory, entry));
    purged += 1;
  }
  return purged;
}

async function isOld(ctx: Context, directory: string): Promise<boolean> {
  try {
    return ctx.now() - (await stat(directory)).mtimeMs >= UNFINISHED_KEPT_MS;
  } catch (error) {
    if (storage.isMissing(error)) return false;
    throw error;
  }
}

async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (storage.isMissing(error)) return [];
    throw error;
  }
}
