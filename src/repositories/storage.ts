// Where repositories lie on disk: by id, so that no path is ever built from what a user typed. A repository comes
// into being under a name that only a creation in progress has, is made durable, and then gets its own.
import { type Dirent, existsSync } from 'node:fs';
import { mkdir, open, opendir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Context } from '../context.ts';

export type ObjectFormat = 'sha1' | 'sha256';

type Storage = Pick<Config, 'repositoriesDirectory'>;

/** The size of a repository with more files than this is told from the first so many. */
const MAX_COUNTED_FILES = 100_000;

/** The bare repository's directory; absolute. */
export function repositoryDirectory(config: Storage, id: number): string {
  return join(config.repositoriesDirectory, `${id}.git`);
}

/** The id in the name of a repository's directory; null: it is something else. */
export function repositoryIdIn(entry: string): number | null {
  const [, digits] = /^([1-9]\d{0,14})\.git$/.exec(entry) ?? [];
  return digits === undefined ? null : Number(digits);
}

/** Is this the name of a directory in which a repository is being made, or was when its process died? */
export function isUnfinished(entry: string): boolean {
  return /^new-[0-9a-f]{32}$/.test(entry);
}

/** Is a repository's directory there? A path of the same name may be left from a database that was restored. */
export function isPlaced(config: Storage, id: number): boolean {
  return existsSync(repositoryDirectory(config, id));
}

/** The largest id that any directory has. */
export async function largestPlacedId(config: Storage): Promise<number> {
  return (await readdir(config.repositoriesDirectory))
    .map((entry) => repositoryIdIn(entry) ?? 0)
    .reduce((largest, id) => Math.max(largest, id), 0);
}

/** Makes an empty directory in which a repository can be put together; the sweep knows it by its name. */
export async function makeUnfinished(ctx: Context): Promise<string> {
  const name = `new-${Buffer.from(ctx.random(16)).toString('hex')}`;
  const directory = join(ctx.config.repositoriesDirectory, name);
  await mkdir(ctx.config.repositoriesDirectory, { recursive: true, mode: 0o700 });
  await mkdir(directory, { mode: 0o700 });
  await touch(ctx, directory);
  return directory;
}

/** Says that a directory is still being worked on: the sweep leaves what was touched lately alone. */
export async function touch(ctx: Context, directory: string): Promise<void> {
  const now = ctx.now() / 1000;
  await utimes(directory, now, now);
}

/** Gives a finished repository its own name, durably. From then on it needs a record. */
export async function place(ctx: Context, unfinished: string, id: number): Promise<void> {
  await touch(ctx, unfinished);
  await syncDirectory(unfinished);
  await rename(unfinished, repositoryDirectory(ctx.config, id));
  await syncDirectory(ctx.config.repositoriesDirectory);
}

/** Makes an empty bare repository (gitrepository-layout(5)) durably: no hooks, no templates, our configuration. */
export async function prepareEmpty(
  directory: string,
  options: { readonly defaultBranch: string; readonly objectFormat: ObjectFormat },
): Promise<void> {
  for (const folder of ['objects', 'objects/info', 'objects/pack', 'refs', 'refs/heads', 'refs/tags']) {
    await mkdir(join(directory, folder), { recursive: true, mode: 0o700 });
  }
  await writeConfiguration(directory, options.objectFormat);
  await writeDurably(join(directory, 'HEAD'), `ref: refs/heads/${options.defaultBranch}\n`);
  for (const folder of ['objects', 'refs', '']) await syncDirectory(join(directory, folder));
}

/**
 * Writes a repository's configuration, all of it: what stood there is gone. What git is allowed to do is told to
 * each process of it (process/git.ts, git/settings.ts), so nothing here depends on Latchkey's version.
 */
export async function writeConfiguration(directory: string, objectFormat: ObjectFormat): Promise<void> {
  const lines =
    objectFormat === 'sha1'
      ? ['[core]', '\trepositoryformatversion = 0', '\tfilemode = true', '\tbare = true']
      : [
          '[core]',
          '\trepositoryformatversion = 1',
          '\tfilemode = true',
          '\tbare = true',
          '[extensions]',
          '\tobjectformat = sha256',
        ];
  await writeDurably(join(directory, 'config'), `${lines.join('\n')}\n`);
}

/** Replaces a file whole or not at all, whatever happens. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  await writeFile(temporary, text, { mode: 0o600, flush: true });
  await rename(temporary, path);
}

/** Makes the names in a directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** As `syncDirectory`, for one that may not be there. */
export async function syncExisting(directory: string): Promise<void> {
  await syncDirectory(directory).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

/** Removes a directory and all that is in it; nothing happens when there is none. */
export async function removeDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
}

/**
 * How much room a directory takes on the disk, in KiB, as du(1) counts. What comes or goes meanwhile may or may not
 * be counted.
 * @param maxFiles stop after so many
 */
export async function sizeOnDiskKib(directory: string, maxFiles = MAX_COUNTED_FILES): Promise<number> {
  let bytes = 0;
  let files = 0;
  const folders = [directory];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for await (const entry of entriesOf(folder)) {
      files += 1;
      if (files > maxFiles) return Math.ceil(bytes / 1024);
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else bytes += await roomOf(path);
    }
  }
  return Math.ceil(bytes / 1024);
}

async function* entriesOf(folder: string): AsyncGenerator<Dirent> {
  try {
    for await (const entry of await opendir(folder)) yield entry;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Blocks, or the length where a file system has not yet decided on blocks. */
async function roomOf(path: string): Promise<number> {
  try {
    const { blocks, size } = await stat(path);
    return Math.max(blocks * 512, size);
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

/** Did it fail because something is not there (any more)? */
export function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
