// From the end of an address, branch and path in one, to what lies there.

import type { Context } from '../context.ts';
import type { StoredRepository } from './reading.ts';
import { type Revision, splitRevisionAndPath } from './refs.ts';
import { findEntry, type TreeEntry } from './trees.ts';
import { withoutTrailing } from './trim.ts';

export interface InPath {
  readonly revision: Revision;
  readonly entry: TreeEntry;
}

/** @param path as typed: `feature/x/src/a.ts` */
export async function findInPath(
  ctx: Context,
  repository: StoredRepository,
  path: string,
): Promise<InPath | null> {
  const split = await splitRevisionAndPath(ctx, repository, withoutTrailing(path, '/'));
  if (split === null) return null;
  const entry = await findEntry(ctx, repository, split.revision.sha, split.path);
  return entry === null ? null : { revision: split.revision, entry };
}
