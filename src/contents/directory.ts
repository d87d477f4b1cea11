// All that a page shows of a directory at one commit. It follows from the commit alone and so never changes: what
// was read lately is remembered.
import type { Context } from '../context.ts';
import { findReadme } from './blobs.ts';
import type { Commit } from './commit-object.ts';
import { countCommits, findCommit, listCommits } from './commits.ts';
import { findLastChanges } from './last-changes.ts';
import type { StoredRepository } from './reading.ts';
import { createRemembered } from './remembered.ts';
import { findEntry, readTreeObject, type Tree, type TreeEntry } from './trees.ts';

export interface Directory {
  /** From the root; empty for the root itself. */
  readonly path: string;
  readonly tree: Tree;
  /** The newest commit that touched anything in it. */
  readonly latest: Commit | null;
  readonly lastChanges: ReadonlyMap<string, Commit>;
  readonly readme: TreeEntry | null;
}

export interface Directories {
  /** The directory at a path of a commit; null where there is none. */
  read(repository: StoredRepository, sha: string, path: string): Promise<Directory | null>;
  /** How many commits lead to this one; null: too many to be counted quickly. */
  count(repository: StoredRepository, sha: string, limit: number): Promise<number | null>;
}

const MAX_DIRECTORIES = 64;
const MAX_COUNTS = 500;

export function createDirectories(ctx: Context): Directories {
  const directories = createRemembered<Directory | null>(MAX_DIRECTORIES);
  const counts = createRemembered<number | null>(MAX_COUNTS);
  return {
    read: (repository, sha, path) =>
      directories.get(`${repository.id} ${sha} ${path}`, () => readDirectory(ctx, repository, sha, path)),
    count: (repository, sha, limit) =>
      counts.get(`${repository.id} ${sha} ${limit}`, () => countCommits(ctx, repository, sha, limit)),
  };
}

async function readDirectory(
  ctx: Context,
  repository: StoredRepository,
  sha: string,
  path: string,
): Promise<Directory | null> {
  const directory = await findEntry(ctx, repository, sha, path);
  const tree = directory === null ? null : await readTreeObject(ctx, repository, directory);
  if (tree === null) return null;
  const names = tree.entries.map(({ name }) => name);
  const [latest, lastChanges, readme] = await Promise.all([
    latestCommit(ctx, repository, sha, path),
    findLastChanges(ctx, repository, sha, path, names),
    findReadme(ctx, repository, sha, path),
  ]);
  return { path, tree, latest, lastChanges, readme };
}

async function latestCommit(
  ctx: Context,
  repository: StoredRepository,
  sha: string,
  path: string,
): Promise<Commit | null> {
  if (path === '') return findCommit(ctx, repository, sha);
  const { items } = await listCommits(ctx, repository, sha, { path, page: 1, perPage: 1 });
  return items[0] ?? null;
}
