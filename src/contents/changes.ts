// What a commit changed: the files, how many lines, and the patch of each, beside its first parent.
import type { Context } from '../context.ts';
import type { Commit } from './commit-object.ts';
import { isObjectId } from './objects.ts';
import { asText, readGit, type StoredRepository } from './reading.ts';

export interface FileChange {
  readonly path: string;
  /** Where it was before, for `renamed`. */
  readonly previousPath: string | null;
  /** GHES's words (REST, commits: `files[].status`). `changed`: the mode or kind of file alone. */
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'changed';
  readonly oldMode: string;
  readonly newMode: string;
  /** The file's object after the change; before it, for `removed`. */
  readonly sha: string;
  readonly additions: number;
  readonly deletions: number;
  readonly binary: boolean;
  /** The hunks, from the first `@@` on; null for binary files, changes without any, and what was too large. */
  readonly patch: string | null;
  /** There is a patch, but it is larger than what is shown. */
  readonly patchOmitted: boolean;
}

export interface Changes {
  /** At most as many as were asked for. */
  readonly files: readonly FileChange[];
  /** All files that the commit changed, and their lines together. */
  readonly fileCount: number;
  readonly additions: number;
  readonly deletions: number;
  /** Not everything could be counted within the bounds of size and time. */
  readonly truncated: boolean;
}

export interface ChangesBounds {
  /** Default 300, as GHES. */
  readonly maxFiles?: number;
  /** Bytes of one file's patch. Default 64 KiB. */
  readonly maxPatchBytes?: number;
  /** Bytes of all patches together. Default 2 MiB. */
  readonly maxBytes?: number;
}

type Counted = Omit<FileChange, 'patch' | 'patchOmitted'>;

const TIMEOUT_MS = 10_000;

/** What the commit changed beside its first parent, or beside nothing for the first commit. */
export async function readChanges(
  ctx: Context,
  repository: StoredRepository,
  commit: Pick<Commit, 'sha' | 'parents'>,
  bounds: ChangesBounds = {},
): Promise<Changes> {
  const { maxFiles = 300, maxPatchBytes = 64 * 1024, maxBytes = 2 * 1024 * 1024 } = bounds;
  const parent = commit.parents[0] ?? null;
  const between =
    parent === null ? ['--root', '--end-of-options', commit.sha] : ['--end-of-options', parent, commit.sha];
  if (!isObjectId(commit.sha) || (parent !== null && !isObjectId(parent))) {
    throw new TypeError('readChanges takes commits by their full ids');
  }
  const compare = ['diff-tree', '-r', '-M', '-l400', '--no-commit-id', '--no-ext-diff', '--no-textconv'];
  const limits = { timeoutMs: TIMEOUT_MS, late: 'truncate' } as const;
  const [counts, patches] = await Promise.all([
    readGit(ctx, repository, [...compare, '-z', '--raw', '--numstat', ...between], limits),
    readGit(ctx, repository, [...compare, '-p', '--no-color', ...between], { ...limits, maxBytes }),
  ]);
  const counted = parseCounts(counts.bytes);
  const sections = splitPatch(patches.bytes, counted.slice(0, maxFiles));
  return {
    files: counted.slice(0, maxFiles).map((file, index) => {
      const section = sections[index];
      const cutOff = section === undefined || (patches.truncated && index === sections.length - 1);
      const hunks = section === undefined ? null : hunksOf(section);
      const omitted = cutOff ? !file.binary : hunks !== null && hunks.length > maxPatchBytes;
      return { ...file, patch: hunks === null || omitted ? null : asText(hunks), patchOmitted: omitted };
    }),
    fileCount: counted.length,
    additions: counted.reduce((sum, { additions }) => sum + additions, 0),
    deletions: counted.reduce((sum, { deletions }) => sum + deletions, 0),
    truncated: counts.truncated,
  };
}

/**
 * Output of `diff-tree -z --raw --numstat` (git-diff-tree(1), RAW OUTPUT FORMAT; git-diff(1), --numstat): all raw
 * records, then all counts, in the same order.
 */
function parseCounts(bytes: Buffer): readonly Counted[] {
  const fields = asText(bytes).split('\0');
  const files: { -readonly [K in keyof Counted]: Counted[K] }[] = [];
  let at = 0;
  for (; fields[at]?.startsWith(':'); ) {
    const [oldMode = '', newMode = '', oldSha = '', newSha = '', letter = ''] = (fields[at] ?? '')
      .slice(1)
      .split(' ');
    const moved = letter.startsWith('R') || letter.startsWith('C');
    files.push({
      path: fields[at + (moved ? 2 : 1)] ?? '',
      previousPath: moved ? (fields[at + 1] ?? '') : null,
      status: statusOf(letter, oldSha === newSha),
      oldMode,
      newMode,
      sha: letter === 'D' ? oldSha : newSha,
      additions: 0,
      deletions: 0,
      binary: false,
    });
    at += moved ? 3 : 2;
  }
  for (const file of files) {
    const [added, deleted, path] = (fields[at] ?? '').split('\t');
    if (path === undefined) break;
    file.binary = added === '-';
    file.additions = Number(added) || 0;
    file.deletions = Number(deleted) || 0;
    at += path === '' ? 3 : 1;
  }
  return files;
}

function statusOf(letter: string, sameContent: boolean): FileChange['status'] {
  switch (letter[0]) {
    case 'A':
      return 'added';
    case 'D':
      return 'removed';
    case 'R':
      return 'renamed';
    case 'T':
      return 'changed';
    default:
      return sameContent ? 'changed' : 'modified';
  }
}

/** A patch's part for each file; git writes two for a file that became another kind of file. */
function splitPatch(patch: Buffer, files: readonly Counted[]): readonly Buffer[] {
  const mark = 'diff --git ';
  const starts: number[] = patch.subarray(0, mark.length).toString('latin1') === mark ? [0] : [];
  for (let at = patch.indexOf(`\n${mark}`); at !== -1; at = patch.indexOf(`\n${mark}`, at + 1)) {
    starts.push(at + 1);
  }
  const sections: Buffer[] = [];
  let next = 0;
  for (const file of files) {
    const start = starts[next];
    if (start === undefined) break;
    next += becameAnotherKind(file) ? 2 : 1;
    sections.push(patch.subarray(start, starts[next] ?? patch.length));
  }
  return sections;
}

function becameAnotherKind({ oldMode, newMode }: Counted): boolean {
  const none = '000000';
  return oldMode !== none && newMode !== none && oldMode.slice(0, 3) !== newMode.slice(0, 3);
}

function hunksOf(section: Buffer): Buffer | null {
  const at = section.indexOf('\n@@ ');
  if (at === -1) return null;
  const end = section.at(-1) === 0x0a ? section.length - 1 : section.length;
  return section.subarray(at + 1, end);
}
