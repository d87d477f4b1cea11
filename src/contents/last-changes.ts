// The newest commit that touched each entry of a directory, as a file table shows it.
import type { Context } from '../context.ts';
import type { Commit } from './commit-object.ts';
import { readCommits } from './commits.ts';
import { isObjectId } from './objects.ts';
import { asText, type StoredRepository, streamGit } from './reading.ts';

/** Older commits than so many back are not looked at, nor is it looked for any longer. */
const MAX_COMMITS = 3000;
const TIMEOUT_MS = 1500;

/**
 * The newest commit of each entry, by the entry's name; entries that were last changed too long ago to be found
 * quickly are missing.
 * @param sha the commit whose history is searched
 * @param directory its path; empty for the root
 */
export async function findLastChanges(
  ctx: Context,
  repository: StoredRepository,
  sha: string,
  directory: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, Commit>> {
  const shaOf = new Map<string, string>();
  if (!isObjectId(sha) || names.length === 0) return new Map();
  const wanted = new Set(names);
  const prefix = directory === '' ? '' : `${directory}/`;
  let current = '';
  let rest: Buffer = Buffer.alloc(0);

  /** `SOH id NUL LF path NUL path NUL NUL`, again and again. */
  const read = (field: string) => {
    if (field.startsWith('\x01') && isObjectId(field.slice(1))) {
      current = field.slice(1);
      return;
    }
    const path = field.startsWith('\n') ? field.slice(1) : field;
    if (!path.startsWith(prefix)) return;
    const [name = ''] = path.slice(prefix.length).split('/', 1);
    if (wanted.delete(name)) shaOf.set(name, current);
  };
  const args = [
    ...['log', '-z', '--format=%x01%H', '--name-only', '--no-renames', '--no-ext-diff', '--no-color'],
    ...[`--max-count=${MAX_COMMITS}`, '--end-of-options', sha, '--'],
    ...(directory === '' ? [] : [directory]),
  ];
  await streamGit(
    ctx,
    repository,
    args,
    (chunk) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let start = 0;
      for (let end = rest.indexOf(0); end !== -1; end = rest.indexOf(0, start)) {
        read(asText(rest.subarray(start, end)));
        start = end + 1;
      }
      rest = rest.subarray(start);
      return wanted.size === 0 ? 'enough' : 'more';
    },
    { timeoutMs: TIMEOUT_MS, late: 'truncate' },
  );

  const commits = await readCommits(ctx, repository, [...new Set(shaOf.values())]);
  const commitOf = new Map(commits.map((commit) => [commit.sha, commit]));
  return new Map(
    [...shaOf].flatMap(([name, id]) => {
      const commit = commitOf.get(id);
      return commit === undefined ? [] : [[name, commit] as const];
    }),
  );
}
