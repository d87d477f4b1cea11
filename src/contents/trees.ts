// Directories of a commit: their entries, and the way from a path to the entry behind it.

import type { Context } from '../context.ts';
import { inspectObjects, isObjectId, readObjects } from './objects.ts';
import { asText, readGit, type StoredRepository } from './reading.ts';
import { withoutOuterSlashes } from './trim.ts';

export interface TreeEntry {
  /** The last part of the path. Holds U+FFFD where the stored name is not UTF-8: no address leads to such a file. */
  readonly name: string;
  /** From the root, without a leading slash. */
  readonly path: string;
  /** As git has it: `100644`, `100755`, `120000` (symlink), `040000` (directory), `160000` (submodule). */
  readonly mode: string;
  readonly type: 'file' | 'dir' | 'symlink' | 'submodule';
  readonly sha: string;
  /** In bytes; 0 for directories and submodules. */
  readonly size: number;
}

export interface Tree {
  readonly sha: string;
  /** In git's order (directories sort as if their names ended with a slash). */
  readonly entries: readonly TreeEntry[];
  /** There are more entries than were asked for. */
  readonly truncated: boolean;
}

/** GHES lists no more entries of a directory than this (REST, contents). */
const MAX_TREE_ENTRIES = 1000;

const MAX_TREE_BYTES = 2 * 1024 * 1024;
const MAX_PATH_BYTES = 4096;

/** Can it be the path of something in a tree? Relative, without empty, `.` and `..` parts. */
export function isTreePath(path: string): boolean {
  if (path === '' || Buffer.byteLength(path) > MAX_PATH_BYTES || path.includes('\0')) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/**
 * The entry at a path of a commit; the root directory for an empty path. Slashes at its ends don't matter.
 * @param sha the commit's full id
 */
export async function findEntry(
  ctx: Context,
  repository: StoredRepository,
  sha: string,
  path: string,
): Promise<TreeEntry | null> {
  if (!isObjectId(sha)) return null;
  const clean = withoutOuterSlashes(path);
  if (clean === '') {
    const [root] = await inspectObjects(ctx, repository, [`${sha}^{tree}`]);
    return root == null ? null : { name: '', path: '', mode: '040000', type: 'dir', sha: root.sha, size: 0 };
  }
  if (!isTreePath(clean)) return null;
  const args = ['ls-tree', '-z', '--long', '--full-tree', '--end-of-options', sha, clean];
  const { bytes, status } = await readGit(ctx, repository, args, { maxBytes: 64 * 1024 });
  if (status !== 0) return null;
  const [, mode, id, size] = /^(\d{6}) \w+ ([0-9a-f]+) +(\d+|-)\t/.exec(asText(bytes)) ?? [];
  if (mode === undefined || id === undefined) return null;
  const name = clean.slice(clean.lastIndexOf('/') + 1);
  return { name, path: clean, mode, type: typeOf(mode), sha: id, size: Number(size) || 0 };
}

/**
 * The directory at a path of a commit, with its entries' sizes; null where there is none.
 * @param sha the commit's full id
 */
export async function readTree(
  ctx: Context,
  repository: StoredRepository,
  sha: string,
  path: string,
  maxEntries = MAX_TREE_ENTRIES,
): Promise<Tree | null> {
  const directory = await findEntry(ctx, repository, sha, path);
  return directory?.type === 'dir' ? readTreeObject(ctx, repository, directory, maxEntries) : null;
}

/** The entries of a directory that `findEntry` found. */
export async function readTreeObject(
  ctx: Context,
  repository: StoredRepository,
  directory: Pick<TreeEntry, 'sha' | 'path'>,
  maxEntries = MAX_TREE_ENTRIES,
): Promise<Tree | null> {
  const [tree] = await readObjects(ctx, repository, [directory.sha], MAX_TREE_BYTES);
  if (tree?.type !== 'tree') return null;
  const stored = parseTree(tree.bytes, tree.sha.length / 2);
  const shown = stored.slice(0, maxEntries);
  const files = shown.filter(({ mode }) => ['file', 'symlink'].includes(typeOf(mode)));
  const infos = await inspectObjects(
    ctx,
    repository,
    files.map(({ sha }) => sha),
  );
  const sizes = new Map(files.map(({ sha }, index) => [sha, infos[index]?.size ?? 0]));
  const prefix = directory.path === '' ? '' : `${directory.path}/`;
  return {
    sha: tree.sha,
    entries: shown.map(({ mode, name, sha }) => ({
      name,
      path: prefix + name,
      mode,
      type: typeOf(mode),
      sha,
      size: sizes.get(sha) ?? 0,
    })),
    truncated: tree.truncated || stored.length > maxEntries,
  };
}

function typeOf(mode: string): TreeEntry['type'] {
  switch (mode) {
    case '040000':
      return 'dir';
    case '120000':
      return 'symlink';
    case '160000':
      return 'submodule';
    default:
      return 'file';
  }
}

/** A tree object: `mode SP name NUL id`, again and again; the last one may be cut off. */
function parseTree(bytes: Buffer, idBytes: number) {
  const entries: { mode: string; name: string; sha: string }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const nul = bytes.indexOf(0, at);
    const end = nul + 1 + idBytes;
    if (space === -1 || nul < space || end > bytes.length) break;
    entries.push({
      mode: bytes.toString('latin1', at, space).padStart(6, '0'),
      name: asText(bytes.subarray(space + 1, nul)),
      sha: bytes.toString('hex', nul + 1, end),
    });
    at = end;
  }
  return entries;
}
