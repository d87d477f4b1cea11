// Refs as git keeps them, and annotated tags: what the API's git database shows, beside the branches and tags that
// people see (refs.ts).

import type { Context } from '../context.ts';
import { parseHeaders, parseSignatory, type Signatory } from './commit-object.ts';
import { inspectObjects, isObjectId, type ObjectType, readObjects } from './objects.ts';
import { asText, readGit, type StoredRepository } from './reading.ts';
import { isRefName } from './refs.ts';
import { withoutTrailing } from './trim.ts';

export interface Ref {
  /** In full: `refs/heads/main`. */
  readonly name: string;
  /** What it points at itself: for an annotated tag, the tag object. */
  readonly sha: string;
  readonly type: ObjectType;
}

export interface AnnotatedTag {
  readonly sha: string;
  readonly name: string;
  readonly message: string;
  readonly tagger: Signatory;
  readonly object: { readonly sha: string; readonly type: string };
}

const MAX_TAG_BYTES = 128 * 1024;
const MAX_MATCHES = 10_000;
/** Only these are anybody's to read; others are git's own business. */
const shown = ['refs/heads/', 'refs/tags/'];

/** The ref of exactly this name. @param name without `refs/`: `heads/main` */
export async function findRef(ctx: Context, repository: StoredRepository, name: string): Promise<Ref | null> {
  const full = `refs/${name}`;
  if (!isRefName(name) || !shown.some((prefix) => full.startsWith(prefix))) return null;
  const [object] = await inspectObjects(ctx, repository, [full]);
  return object == null ? null : { name: full, sha: object.sha, type: object.type };
}

/** All refs whose names begin so, sorted. @param start without `refs/`: `heads/feature`; empty: all */
export async function refsStartingWith(
  ctx: Context,
  repository: StoredRepository,
  start: string,
): Promise<readonly Ref[]> {
  const format = '--format=%(refname)%00%(objectname)%00%(objecttype)';
  const { bytes, status } = await readGit(ctx, repository, ['for-each-ref', format, '--', ...shown]);
  if (status !== 0) throw new Error(`for-each-ref ended with status ${status}`);
  const matching = asText(bytes)
    .split('\n')
    .filter((line) => line.startsWith(`refs/${start}`))
    .slice(0, MAX_MATCHES);
  return matching.flatMap((line) => {
    const [name = '', sha = '', type = ''] = line.split('\0');
    return type === '' ? [] : [{ name, sha, type: type as ObjectType }];
  });
}

/** The annotated tag of exactly this id. */
export async function findAnnotatedTag(
  ctx: Context,
  repository: StoredRepository,
  sha: string,
): Promise<AnnotatedTag | null> {
  if (!isObjectId(sha)) return null;
  const [object] = await readObjects(ctx, repository, [sha], MAX_TAG_BYTES);
  if (object?.type !== 'tag') return null;
  const blank = object.bytes.indexOf('\n\n');
  const headers = parseHeaders(blank === -1 ? object.bytes : object.bytes.subarray(0, blank));
  const header = (name: string) => headers.find((candidate) => candidate.name === name)?.value;
  return {
    sha,
    name: asText(header('tag') ?? Buffer.alloc(0)),
    message: blank === -1 ? '' : withoutTrailing(asText(object.bytes.subarray(blank + 2)), '\n'),
    tagger: parseSignatory(header('tagger'), asText),
    object: {
      sha: header('object')?.toString('latin1') ?? '',
      type: header('type')?.toString('latin1') ?? '',
    },
  };
}
