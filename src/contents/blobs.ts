// Files of a repository: their bytes, bounded, and whether they are text that a page can show.
import type { Readable } from 'node:stream';
import type { Context } from '../context.ts';
import { isObjectId, readObjects } from './objects.ts';
import { type StoredRepository, startReading } from './reading.ts';
import { findEntry, readTree, readTreeObject, type TreeEntry } from './trees.ts';

export interface Blob {
  readonly sha: string;
  /** The whole file's, in bytes. */
  readonly size: number;
  /** The beginning of it. */
  readonly bytes: Buffer;
  /** The file is longer than what was read of it. */
  readonly truncated: boolean;
}

/** The first `maxBytes` bytes of a file; null where there is no such file. */
export async function readBlob(
  ctx: Context,
  repository: StoredRepository,
  sha: string,
  maxBytes: number,
): Promise<Blob | null> {
  if (!isObjectId(sha)) return null;
  const [blob] = await readObjects(ctx, repository, [sha], maxBytes);
  if (blob?.type !== 'blob') return null;
  return { sha: blob.sha, size: blob.size, bytes: blob.bytes, truncated: blob.truncated };
}

/** Git's own rule: a NUL among the first 8,000 bytes. */
export function looksBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 8000).includes(0);
}

const readmeNames = ['readme.md', 'readme.markdown', 'readme.mdown', 'readme.txt', 'readme'];

/**
 * The README of a directory of a commit. For the root, GitHub's order: `.github/`, the root itself, `docs/`.
 * @param sha the commit's full id
 */
export async function findReadme(
  ctx: Context,
  repository: StoredRepository,
  sha: string,
  directory = '',
): Promise<TreeEntry | null> {
  const top = await readTree(ctx, repository, sha, directory);
  if (top === null) return null;
  const inDirectory = async (name: string) => {
    const entry = top.entries.find((candidate) => candidate.name === name && candidate.type === 'dir');
    const tree = entry === undefined ? null : await readTreeObject(ctx, repository, entry);
    return tree === null ? null : pickReadme(tree.entries);
  };
  const isRoot = directory.replaceAll('/', '') === '';
  const readme =
    (isRoot ? await inDirectory('.github') : null) ??
    pickReadme(top.entries) ??
    (isRoot ? await inDirectory('docs') : null);
  return readme?.type === 'symlink' ? followLink(ctx, repository, sha, readme) : readme;
}

/** The README among the entries of one directory. */
function pickReadme(entries: readonly TreeEntry[]): TreeEntry | null {
  const files = entries.filter(({ type }) => type === 'file' || type === 'symlink');
  for (const wanted of readmeNames) {
    const found = files.find(({ name }) => name.toLowerCase() === wanted);
    if (found !== undefined) return found;
  }
  return null;
}

/** The file in the repository that a symlink leads to, one step far. */
export async function followLink(
  ctx: Context,
  repository: StoredRepository,
  sha: string,
  link: TreeEntry,
): Promise<TreeEntry | null> {
  const target = await readBlob(ctx, repository, link.sha, 4096);
  if (target === null) return null;
  const to = target.bytes.toString('utf8');
  if (to.startsWith('/')) return null;
  const base = link.path.split('/').slice(0, -1);
  for (const part of to.split('/')) {
    if (part === '..') base.pop();
    else if (part !== '.' && part !== '') base.push(part);
  }
  const entry = await findEntry(ctx, repository, sha, base.join('/'));
  return entry?.type === 'file' ? entry : null;
}

/** How long sending a file may take, however slowly the client reads. */
const STREAM_TIMEOUT_MS = 15 * 60_000;

/**
 * A file of any size as a stream, at the reader's pace. Git ends when the stream is destroyed.
 * The process lives as long as the reader reads: bound how many there are (large-blobs.ts).
 * @param sha the file's full object id, as `findEntry` gives it
 */
export function streamBlob(ctx: Context, repository: StoredRepository, sha: string): Readable {
  if (!isObjectId(sha)) throw new TypeError('streamBlob takes a full object id');
  const { child, stdin, stdout, stderr, stop } = startReading(ctx, repository, ['cat-file', 'blob', sha]);
  stdin.end();
  stderr.resume();
  child.on('error', (error) => stdout.destroy(error));
  const timer = setTimeout(() => stdout.destroy(), STREAM_TIMEOUT_MS);
  stdout.on('close', () => {
    clearTimeout(timer);
    stop();
  });
  return stdout;
}
