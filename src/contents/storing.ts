// Putting objects that the API made into a repository: checked in quarantine as those of a push are, and moved into
// their places only then. A process that is killed leaves a folder that the sweep of git/sweep.ts knows.
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { fsckSettings } from '../git/fsck.ts';
import { pushAllowance } from '../git/settings.ts';
import { tryGit } from '../process/git.ts';
import { recordGrowth } from '../repositories/pushes.ts';
import type { Repository } from '../repositories/repositories.ts';
import {
  isMissing,
  type ObjectFormat,
  removeDirectory,
  repositoryDirectory,
  syncDirectory,
} from '../repositories/storage.ts';
import { type NewObject, packOf } from './new-objects.ts';

export type Stored =
  | { readonly ok: true }
  /** `limit`: the repository would be larger than it may be; `content`: what fsck refuses. */
  | { readonly ok: false; readonly because: 'limit' | 'content' };

/** Do so many bytes still fit into the repository? */
export function fits(ctx: Context, repository: Repository, objects: readonly NewObject[]): boolean {
  const bytes = objects.reduce((sum, object) => sum + object.bytes.length, 0);
  return bytes <= pushAllowance(ctx.config.limits, repository.sizeKib);
}

/** The object format of a repository that may be empty. */
export async function objectFormatOf(ctx: Context, repository: Repository): Promise<ObjectFormat> {
  const { stdout } = await tryGit(['rev-parse', '--show-object-format'], {
    repository: repositoryDirectory(ctx.config, repository.id),
  });
  return stdout.toString('latin1').trim() === 'sha256' ? 'sha256' : 'sha1';
}

/** Stores objects that no ref leads to yet. What they name has to be there, or among them. */
export async function storeObjects(
  ctx: Context,
  repository: Repository,
  format: ObjectFormat,
  objects: readonly NewObject[],
): Promise<Stored> {
  if (!fits(ctx, repository, objects)) return { ok: false, because: 'limit' };
  const directory = repositoryDirectory(ctx.config, repository.id);
  const store = join(directory, 'objects');
  const name = `tmp_objdir-incoming-${Buffer.from(ctx.random(8)).toString('hex')}`;
  const quarantine = join(store, name);
  try {
    await mkdir(quarantine, { mode: 0o700 });
  } catch (error) {
    // Deleted a moment ago: nobody will ask for them.
    if (isMissing(error)) return { ok: true };
    throw error;
  }
  try {
    const { status } = await tryGit(['unpack-objects', '-q', `--strict=${severities}`], {
      repository: directory,
      env: {
        GIT_OBJECT_DIRECTORY: quarantine,
        GIT_ALTERNATE_OBJECT_DIRECTORIES: `"${store.replace(/["\\]/g, '\\$&')}"`,
      },
      config: ['core.fsync=committed,loose-object', 'core.bigFileThreshold=512m'],
      input: packOf(format, objects),
    });
    if (status !== 0) return { ok: false, because: 'content' };
    await moveIn(quarantine, store);
  } finally {
    await removeDirectory(quarantine);
  }
  const kib = Math.ceil(objects.reduce((sum, { bytes }) => sum + bytes.length, 0) / 1024);
  await recordGrowth(ctx, repository.id, kib);
  return { ok: true };
}

/** As unpack-objects takes them: `hasDotgit=error,badDate=ignore`. */
const severities = fsckSettings('receive')
  .filter((setting) => setting.startsWith('receive.fsck.'))
  .map((setting) => setting.slice('receive.fsck.'.length))
  .join(',');

/** Blobs, trees and commits in any order: until the last is there, nobody knows the name of any. */
async function moveIn(quarantine: string, store: string): Promise<void> {
  for (const folder of await readdir(quarantine)) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue;
    await mkdir(join(store, folder), { recursive: true, mode: 0o700 });
    for (const file of await readdir(join(quarantine, folder))) {
      await rename(join(quarantine, folder, file), join(store, folder, file));
    }
    await syncDirectory(join(store, folder));
  }
  await syncDirectory(store);
}
