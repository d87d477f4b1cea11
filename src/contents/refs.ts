// Branches and tags of a repository, and what a name that a user typed stands for.
import type { Context } from '../context.ts';
import { inspectObjects, isObjectId } from './objects.ts';
import { asText, type StoredRepository, streamGit } from './reading.ts';

export interface Branch {
  readonly name: string;
  /** The commit it points at. */
  readonly sha: string;
  /** Always false: there is no branch protection yet. */
  readonly protected: false;
}

export interface Tag {
  readonly name: string;
  /** The commit it leads to. */
  readonly sha: string;
  /** The annotated tag's own object; null for a lightweight tag. */
  readonly tagSha: string | null;
}

export interface Revision {
  /** The commit. */
  readonly sha: string;
  readonly kind: 'branch' | 'tag' | 'commit';
  /** The branch's or tag's short name; the commit's full id. */
  readonly name: string;
}

export interface PageOf {
  /** From 1. */
  readonly page: number;
  readonly perPage: number;
}

export interface Listed<T> {
  readonly items: readonly T[];
  readonly total: number;
}

const MAX_NAME_BYTES = 1024;
/** How many slashes of an address are tried as part of a branch's name. */
const MAX_NAME_PARTS = 20;

/** Branches by name; `total` counts all of them. */
export async function listBranches(
  ctx: Context,
  repository: StoredRepository,
  page: PageOf,
): Promise<Listed<Branch>> {
  const { items, total } = await listRefs(ctx, repository, 'refs/heads/', page);
  return {
    items: items.flatMap(([name = '', sha = '']) =>
      sha === '' ? [] : [{ name, sha, protected: false as const }],
    ),
    total,
  };
}

/** The branch of exactly this name. */
export async function findBranch(
  ctx: Context,
  repository: StoredRepository,
  name: string,
): Promise<Branch | null> {
  if (!isRefName(name)) return null;
  const [commit] = await inspectObjects(ctx, repository, [`refs/heads/${name}^{commit}`]);
  return commit == null ? null : { name, sha: commit.sha, protected: false };
}

/** Tags by name; `total` counts all of them. */
export async function listTags(
  ctx: Context,
  repository: StoredRepository,
  page: PageOf,
): Promise<Listed<Tag>> {
  const { items, total } = await listRefs(ctx, repository, 'refs/tags/', page);
  return {
    items: items.map(([name = '', sha = '', peeled = '']) =>
      peeled === '' ? { name, sha, tagSha: null } : { name, sha: peeled, tagSha: sha },
    ),
    total,
  };
}

/**
 * The commit behind a branch, a tag, `HEAD` or a full or abbreviated commit id, in this order, except that a full
 * id is always the commit. Also in the forms `refs/heads/…`, `heads/…`, `refs/tags/…`, `tags/…`.
 * Anything else that git would understand (`main~3`, `@{1}`, `:path`) is no name of anything here.
 */
export async function resolveRevision(
  ctx: Context,
  repository: StoredRepository,
  text: string,
): Promise<Revision | null> {
  const candidates = candidatesFor(text);
  const found = await inspectObjects(
    ctx,
    repository,
    candidates.map(({ name }) => `${name}^{commit}`),
  );
  for (const [index, candidate] of candidates.entries()) {
    const commit = found[index];
    if (commit == null) continue;
    return {
      sha: commit.sha,
      kind: candidate.kind,
      name: candidate.kind === 'commit' ? commit.sha : candidate.short,
    };
  }
  return null;
}

/**
 * Splits the end of an address, `feature/x/src/a.ts`, into the branch, tag or commit it begins with and the path
 * after it. No two branches are a prefix of one another, so the first that exists is the one; branches win over tags.
 */
export async function splitRevisionAndPath(
  ctx: Context,
  repository: StoredRepository,
  text: string,
): Promise<{ readonly revision: Revision; readonly path: string } | null> {
  const parts = text.split('/');
  const splits = parts
    .slice(0, MAX_NAME_PARTS)
    .map((_, index) => ({
      name: parts.slice(0, index + 1).join('/'),
      path: parts.slice(index + 1).join('/'),
    }))
    .filter(({ name }) => isRefName(name));
  const named = splits.flatMap((split) =>
    (['heads', 'tags'] as const).map((kind) => ({
      ...split,
      kind,
      ref: `refs/${kind}/${split.name}^{commit}`,
    })),
  );
  const found = await inspectObjects(
    ctx,
    repository,
    named.map(({ ref }) => ref),
  );
  for (const kind of ['heads', 'tags'] as const) {
    const index = named.findIndex((candidate, at) => candidate.kind === kind && found[at] != null);
    const [commit, split] = [found[index], named[index]];
    if (commit == null || split === undefined) continue;
    const revision = {
      sha: commit.sha,
      kind: kind === 'heads' ? ('branch' as const) : ('tag' as const),
      name: split.name,
    };
    return { revision, path: split.path };
  }
  const revision = await resolveRevision(ctx, repository, parts[0] ?? '');
  return revision === null ? null : { revision, path: parts.slice(1).join('/') };
}

/** May a branch or tag have this name? The rules of git-check-ref-format(1), and a bound. */
export function isRefName(name: string): boolean {
  if (name === '' || name === '@' || Buffer.byteLength(name) > MAX_NAME_BYTES) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{/.test(name)) return false;
  if (name.startsWith('-') || name.endsWith('.')) return false;
  return name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}

interface Candidate {
  readonly name: string;
  readonly kind: Revision['kind'];
  readonly short: string;
}

function candidatesFor(text: string): readonly Candidate[] {
  if (!isRefName(text)) return [];
  if (isObjectId(text)) return [{ name: text, kind: 'commit', short: text }];
  const short = text.replace(/^(?:refs\/)?(?:heads|tags)\//, '');
  const candidates: Candidate[] = [
    { name: `refs/heads/${text}`, kind: 'branch', short: text },
    { name: `refs/tags/${text}`, kind: 'tag', short: text },
  ];
  if (/^(?:refs\/)?heads\/./.test(text))
    candidates.push({ name: `refs/heads/${short}`, kind: 'branch', short });
  if (/^(?:refs\/)?tags\/./.test(text)) candidates.push({ name: `refs/tags/${short}`, kind: 'tag', short });
  if (text === 'HEAD') candidates.push({ name: 'HEAD', kind: 'commit', short: text });
  if (/^[0-9a-f]{4,63}$/i.test(text)) candidates.push({ name: text, kind: 'commit', short: text });
  return candidates;
}

/** Fields of each ref below `prefix`: short name, object, and the commit that an annotated tag leads to. */
async function listRefs(
  ctx: Context,
  repository: StoredRepository,
  prefix: string,
  { page, perPage }: PageOf,
): Promise<Listed<readonly string[]>> {
  const first = (page - 1) * perPage;
  const items: string[][] = [];
  let total = 0;
  let rest = Buffer.alloc(0);
  const format = '--format=%(refname)%00%(objectname)%00%(*objectname)';
  const { status } = await streamGit(ctx, repository, ['for-each-ref', format, '--', prefix], (chunk) => {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n')) {
      if (total >= first && items.length < perPage) {
        const [name = '', ...fields] = asText(rest.subarray(0, end)).split('\0');
        items.push([name.slice(prefix.length), ...fields]);
      }
      total += 1;
      rest = rest.subarray(end + 1);
    }
    return 'more';
  });
  if (status !== 0) throw new Error(`for-each-ref ended with status ${status}`);
  return { items, total };
}
