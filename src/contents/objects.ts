// Objects of a repository through `git cat-file`: many in one process, each with no more of its bytes kept than
// asked for, however large it is.
import type { Context } from '../context.ts';
import { type StoredRepository, streamGit } from './reading.ts';

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

export interface ObjectInfo {
  /** The object's id: 40 hexadecimal digits, 64 in a SHA-256 repository. */
  readonly sha: string;
  readonly type: ObjectType;
  /** In bytes. */
  readonly size: number;
}

export interface StoredObject extends ObjectInfo {
  /** The beginning of it, up to as many bytes as were asked for. */
  readonly bytes: Buffer;
  readonly truncated: boolean;
}

const NEWLINE = 0x0a;
const NO_BYTES = Buffer.alloc(0);

/** Is it an object id in full, of either kind of repository? */
export function isObjectId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/** As many digits of an object's id as people compare. */
export function shortId(sha: string): string {
  return sha.slice(0, 7);
}

/**
 * What stands behind these names, in their order; null where there is nothing, or more than one thing.
 * @param names as gitrevisions(7) has them: never pass text that a user typed without checking its form first
 */
export async function inspectObjects(
  ctx: Context,
  repository: StoredRepository,
  names: readonly string[],
): Promise<readonly (ObjectInfo | null)[]> {
  return catFile(ctx, repository, names, null);
}

/** As `inspectObjects`, with the first `keepBytes` bytes of each. */
export async function readObjects(
  ctx: Context,
  repository: StoredRepository,
  names: readonly string[],
  keepBytes: number,
): Promise<readonly (StoredObject | null)[]> {
  return catFile(ctx, repository, names, keepBytes);
}

async function catFile(
  ctx: Context,
  repository: StoredRepository,
  names: readonly string[],
  keepBytes: number | null,
): Promise<readonly (StoredObject | null)[]> {
  if (names.length === 0) return [];
  const reader = objectReader(names, keepBytes);
  const flag = keepBytes === null ? '--batch-check' : '--batch';
  await streamGit(ctx, repository, ['cat-file', flag, '-z'], reader.take, {
    input: `${names.join('\0')}\0`,
  });
  // Git that failed midway leaves the rest unknown; that is damage, not an answer.
  if (reader.objects.length < names.length) {
    throw new Error(`cat-file answered for ${reader.objects.length} of ${names.length} objects`);
  }
  return reader.objects;
}

/** Follows the output of `cat-file --batch` (git-cat-file(1), BATCH OUTPUT) without holding more than is kept. */
function objectReader(names: readonly string[], keepBytes: number | null) {
  const objects: (StoredObject | null)[] = [];
  /** Output not yet understood: at most the beginning of one answer. */
  let pending: Buffer = NO_BYTES;
  /** The object whose bytes are passing by, and how many (with the newline after them) are still to come. */
  let passing: { info: ObjectInfo; kept: Buffer[]; keptBytes: number; left: number } | undefined;

  const finish = () => {
    if (passing === undefined) return;
    const { info, kept, keptBytes } = passing;
    objects.push({ ...info, bytes: Buffer.concat(kept), truncated: keptBytes < info.size });
    passing = undefined;
  };
  /** Takes one step; false when more output is needed for it. */
  const step = (): boolean => {
    if (passing !== undefined) {
      const part = pending.subarray(0, passing.left);
      // The last byte of an answer is a newline that is no part of the object.
      const content = Math.min(part.length, passing.left - 1, (keepBytes ?? 0) - passing.keptBytes);
      if (content > 0) {
        passing.kept.push(Buffer.from(part.subarray(0, content)));
        passing.keptBytes += content;
      }
      passing.left -= part.length;
      pending = pending.subarray(part.length);
      if (passing.left > 0) return false;
      finish();
      return true;
    }
    const name = names[objects.length];
    if (name === undefined) return false;
    for (const word of ['missing', 'ambiguous']) {
      const answer = Buffer.from(`${name} ${word}\n`);
      if (pending.length >= answer.length && pending.subarray(0, answer.length).equals(answer)) {
        objects.push(null);
        pending = pending.subarray(answer.length);
        return true;
      }
    }
    const end = pending.indexOf(NEWLINE);
    const header = end === -1 ? null : parseHeader(pending.toString('latin1', 0, end));
    if (header === null) return false;
    pending = pending.subarray(end + 1);
    if (keepBytes === null) objects.push({ ...header, bytes: NO_BYTES, truncated: header.size > 0 });
    else passing = { info: header, kept: [], keptBytes: 0, left: header.size + 1 };
    return true;
  };
  return {
    objects,
    take: (chunk: Buffer): 'more' | 'enough' => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      while (pending.length > 0 && step());
      // The rest of the last object need not pass by.
      if (passing?.keptBytes === keepBytes && objects.length === names.length - 1) finish();
      return objects.length === names.length ? 'enough' : 'more';
    },
  };
}

function parseHeader(line: string): ObjectInfo | null {
  const [, sha, type, size] = /^([0-9a-f]{40,64}) (commit|tree|blob|tag) (\d+)$/.exec(line) ?? [];
  if (sha === undefined || size === undefined) return null;
  return { sha, type: type as ObjectType, size: Number(size) };
}
