// The history of a repository: one commit, or the commits that lead to a revision.

import type { Context } from '../context.ts';
import { type Commit, parseCommit } from './commit-object.ts';
import { isObjectId, readObjects } from './objects.ts';
import { readGit, type StoredRepository } from './reading.ts';
import { isTreePath } from './trees.ts';
import { withoutOuterSlashes } from './trim.ts';

export interface CommitFilter {
  /** Only commits that changed this file or directory. */
  readonly path?: string;
  /** Only commits committed at or after this instant; milliseconds since 1970. */
  readonly since?: number;
  /** Only commits committed at or before this instant; milliseconds since 1970. */
  readonly until?: number;
  /** Only commits whose author's name or e-mail address contains this text, in any case. */
  readonly author?: string;
  /** From 1. */
  readonly page: number;
  readonly perPage: number;
  /** How many to pass over, where pages do not begin at multiples of their length. */
  readonly skip?: number;
}

export interface CommitPage {
  readonly items: readonly Commit[];
  readonly hasMore: boolean;
}

/** Of longer commits (long messages) only the beginning is read. */
const MAX_COMMIT_BYTES = 128 * 1024;

const noCommits: CommitPage = { items: [], hasMore: false };

/** The commit of exactly this full id. For names that users type: `resolveRevision`, first. */
export async function findCommit(
  ctx: Context,
  repository: StoredRepository,
  sha: string,
): Promise<Commit | null> {
  if (!isObjectId(sha)) return null;
  const [commit] = await readCommits(ctx, repository, [sha]);
  return commit ?? null;
}

/** Commits by their ids, in the same order; ids that are no commits are left out. */
export async function readCommits(
  ctx: Context,
  repository: StoredRepository,
  shas: readonly string[],
): Promise<readonly Commit[]> {
  const objects = await readObjects(ctx, repository, shas, MAX_COMMIT_BYTES);
  return objects.flatMap((object) =>
    object?.type === 'commit' ? [parseCommit(object.sha, object.bytes)] : [],
  );
}

/**
 * The commits that lead to `sha`, newest first. A search that takes too long gives what it found by then.
 * @param sha a full commit id, as `resolveRevision` gives it
 */
export async function listCommits(
  ctx: Context,
  repository: StoredRepository,
  sha: string,
  filter: CommitFilter,
): Promise<CommitPage> {
  if (!isObjectId(sha)) return noCommits;
  const path = withoutOuterSlashes(filter.path ?? '');
  if (path !== '' && !isTreePath(path)) return noCommits;
  const author = filter.author === undefined ? [] : authorPattern(filter.author);
  if (author === null) return noCommits;
  const args = [
    'rev-list',
    `--skip=${filter.skip ?? (filter.page - 1) * filter.perPage}`,
    `--max-count=${filter.perPage + 1}`,
    ...(filter.since === undefined ? [] : [`--since=${inSeconds(filter.since, Math.ceil)}`]),
    ...(filter.until === undefined ? [] : [`--until=${inSeconds(filter.until, Math.floor)}`]),
    ...author,
    '--end-of-options',
    sha,
    '--',
    ...(path === '' ? [] : [path]),
  ];
  const { bytes, status } = await readGit(ctx, repository, args, { late: 'truncate' });
  if (status !== 0) return noCommits;
  const shas = bytes.toString('latin1').split('\n').filter(isObjectId);
  return {
    items: await readCommits(ctx, repository, shas.slice(0, filter.perPage)),
    hasMore: shas.length > filter.perPage,
  };
}

/** How many commits lead to `sha`; counting stops at `limit`. Null when it takes too long. */
export async function countCommits(
  ctx: Context,
  repository: StoredRepository,
  sha: string,
  limit: number,
): Promise<number | null> {
  if (!isObjectId(sha)) return null;
  const args = ['rev-list', '--count', `--max-count=${limit}`, '--end-of-options', sha, '--'];
  const { bytes } = await readGit(ctx, repository, args, { timeoutMs: 5_000, late: 'truncate' });
  const count = Number.parseInt(bytes.toString('latin1'), 10);
  return Number.isNaN(count) ? null : count;
}

/** Git reads numbers of nine digits and more, after an `@`, as seconds since 1970. */
function inSeconds(instant: number, round: (seconds: number) => number): string {
  return `@${Math.max(0, round(instant / 1000))} +0000`;
}

function authorPattern(author: string): readonly string[] | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (author.length > 255 || /[\x00-\x1f]/.test(author)) return null;
  return ['--fixed-strings', '--regexp-ignore-case', `--author=${author}`];
}
