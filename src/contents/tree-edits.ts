// Changing a tree without a work tree: the directories on the way to what changes are read, and written anew; all
// others stay as they are, whatever their size.
import type { Context } from '../context.ts';
import type { ObjectFormat } from '../repositories/storage.ts';
import {
  DIRECTORY_MODE,
  isDirectory,
  type NewObject,
  newTree,
  parseTreeLines,
  type TreeLine,
} from './new-objects.ts';
import { inspectObjects, readObjects } from './objects.ts';
import type { StoredRepository } from './reading.ts';
import { isTreePath } from './trees.ts';

/** What is to stand at a path; null: nothing. */
export type TreeEdits = ReadonlyMap<string, TreeLine | null>;

export type EditedTree =
  | {
      readonly ok: true;
      /** The new root. */
      readonly sha: string;
      /** The trees that are to be stored, deepest first. */
      readonly objects: readonly NewObject[];
    }
  | {
      readonly ok: false;
      readonly because: 'too-large' | 'conflict' | 'nothing-to-remove';
      readonly path: string;
    };

/** All directories on the way together; the trees that git makes of the largest source codes are far below. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_NAME_BYTES = 255;

/** May something be put there? What fsck refuses beyond this, it still refuses. */
export function isWritablePath(path: string): boolean {
  if (!isTreePath(path) || !path.isWellFormed()) return false;
  return path.split('/').every((part) => Buffer.byteLength(part) <= MAX_NAME_BYTES && !isGitDirectory(part));
}

/** `.git` under the names that some file system takes for it (fsck.c, is_hfs_dotgit, is_ntfs_dotgit). */
function isGitDirectory(part: string): boolean {
  const plain = part.replace(/[\p{Cf}\p{Cc}]/gu, '').toLowerCase();
  return /^(\.git|git~1)[ .]*(:|\\|$)/.test(plain) || /\\\.git([ .]*|\\.*)$/.test(plain);
}

/** @param base the tree to begin with; null: an empty one */
export async function editTree(
  ctx: Context,
  repository: StoredRepository,
  { format, base, edits }: { format: ObjectFormat; base: string | null; edits: TreeEdits },
): Promise<EditedTree> {
  const folders = [...new Set([...edits.keys()].flatMap(foldersOf))];
  const torn = folders.find((folder) => edits.has(folder));
  if (torn !== undefined) return { ok: false, because: 'conflict', path: torn };
  const loaded = await readFolders(ctx, repository, base, folders);
  if (loaded === null) return { ok: false, because: 'too-large', path: '' };

  for (const [path, line] of edits) {
    const { folder, name } = split(path);
    const entries = loaded.get(folder) as Map<string, TreeLine>;
    if (line !== null) entries.set(name, line);
    else if (!entries.delete(name)) return { ok: false, because: 'nothing-to-remove', path };
  }
  const objects: NewObject[] = [];
  const deepestFirst = folders.sort((a, b) => depth(b) - depth(a));
  for (const path of deepestFirst) {
    const entries = loaded.get(path) ?? new Map<string, TreeLine>();
    if (path === '') break;
    const { folder, name } = split(path);
    const above = loaded.get(folder);
    if (entries.size === 0) above?.delete(name);
    else {
      const tree = newTree(format, entries);
      objects.push(tree);
      above?.set(name, { mode: DIRECTORY_MODE, sha: tree.sha });
    }
  }
  const root = newTree(format, loaded.get('') ?? new Map());
  return { ok: true, sha: root.sha, objects: [...objects, root] };
}

/** The entries of each; those that are not there, or no directories, begin empty. Null: they are too large. */
async function readFolders(
  ctx: Context,
  repository: StoredRepository,
  base: string | null,
  folders: readonly string[],
): Promise<Map<string, Map<string, TreeLine>> | null> {
  const loaded = new Map(folders.map((folder) => [folder, new Map<string, TreeLine>()]));
  if (base === null) return loaded;
  const found = await inspectObjects(
    ctx,
    repository,
    folders.map((folder) => `${base}:${folder}`),
  );
  const present = folders.flatMap((folder, index) => {
    const info = found[index];
    return info?.type === 'tree' ? [{ folder, info }] : [];
  });
  if (present.reduce((sum, { info }) => sum + info.size, 0) > MAX_BYTES) return null;
  const trees = await readObjects(
    ctx,
    repository,
    present.map(({ info }) => info.sha),
    MAX_BYTES,
  );
  for (const [index, { folder }] of present.entries()) {
    const tree = trees[index];
    if (tree != null) loaded.set(folder, parseTreeLines(tree.bytes, tree.sha.length / 2));
  }
  return loaded;
}

/** The directories that lead to a path, the root included. */
function foldersOf(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index).join('/'));
}

/** @returns the name as Latin-1 of its bytes, as trees have it here */
function split(path: string): { readonly folder: string; readonly name: string } {
  const slash = path.lastIndexOf('/');
  const name = Buffer.from(path.slice(slash + 1), 'utf8').toString('latin1');
  return { folder: slash === -1 ? '' : path.slice(0, slash), name };
}

function depth(folder: string): number {
  return folder === '' ? 0 : folder.split('/').length;
}

/** A mode as the API writes it, as it stands in a tree. */
export function storedMode(mode: string): string {
  return isDirectory(mode) ? DIRECTORY_MODE : mode;
}
