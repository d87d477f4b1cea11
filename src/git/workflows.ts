// Which of the pushed refs would create or update a workflow file: who may change those may run commands on other
// machines, so that it takes a scope of its own (ghes-spec 15 row 27). All is asked of git, in quarantine, for all refs
// at once: one walk over the commits that are new, which ends the check for nearly every push.
import { type GitRunOptions, git } from '../process/git.ts';
import type { RefCommand } from './push.ts';

const FOLDER = '.github/workflows';

/** A push with more new commits that touch the folder is refused without looking at each file. */
const MAX_COMMITS = 5000;
/** Branches whose present files are looked at for the same content, the latest first. */
const MAX_BRANCHES = 20_000;
/** For telling which of several refs leads to a refused commit: a million commits. */
const MAX_GRAPH_BYTES = 128 * 1024 * 1024;

export interface PushedObjects {
  readonly repository: string;
  /** Absolute; null: the push brought no objects. */
  readonly quarantine: string | null;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Every commit that is new to the repository is looked at, not only the tips: a ref may be led to any of them later.
 * A file passes that stands on some branch already with the same path and content; of a merge, what it takes from
 * one of its parents passes; removing a file passes.
 * @returns the path that is in the way, by ref; refs that pass are not in it
 */
export async function changedWorkflows(
  pushed: PushedObjects,
  commands: readonly RefCommand[],
): Promise<ReadonlyMap<string, string>> {
  const made = commands.filter(({ to }) => !/^0+$/.test(to));
  const ask = asker(pushed);
  const tips = lines(new Set(made.map(({ to }) => to)));
  if (made.length === 0) return new Map();
  const touching = await ask(
    // Without --full-history git would leave out side branches of which nothing remains (git-log(1)).
    [
      'rev-list',
      '--full-history',
      `--max-count=${MAX_COMMITS + 1}`,
      '--stdin',
      '--not',
      '--all',
      '--',
      FOLDER,
    ],
    tips,
  );
  if (touching === '') return new Map();
  const all = (path: string) => new Map(made.map(({ ref }) => [ref, path]));
  const commits = touching.trimEnd().split('\n');
  if (commits.length > MAX_COMMITS) return all(FOLDER);
  try {
    const offenders = await changes(ask, lines(commits), await presentFiles(ask));
    const [first] = offenders.values();
    if (first === undefined) return new Map();
    return made.length === 1 ? all(first) : await refsReaching(ask, made, tips, offenders);
  } catch (error) {
    // Too much to be told apart is refused as a whole.
    if (error instanceof Error && 'reason' in error && error.reason === 'too-much-output') return all(FOLDER);
    throw error;
  }
}

type Ask = (args: readonly string[], input: string, maxOutputBytes?: number) => Promise<string>;

/** Runs git where it sees what was pushed beside what is there (git(1), "Git Repository" of the environment). */
function asker({ repository, quarantine, timeoutMs, signal }: PushedObjects): Ask {
  const options: GitRunOptions = {
    repository,
    timeoutMs,
    signal,
    env: {
      GIT_LITERAL_PATHSPECS: '1',
      ...(quarantine === null
        ? {}
        : {
            GIT_QUARANTINE_PATH: quarantine,
            GIT_OBJECT_DIRECTORY: quarantine,
            GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(`${repository}/objects`),
          }),
    },
  };
  return async (args, input, maxOutputBytes = 16 * 1024 * 1024) =>
    (await git(args, { ...options, input, maxOutputBytes })).stdout.toString('utf8');
}

/** A colon would part two paths: in quotes it does not. */
function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&')}"`;
}

function lines(items: Iterable<string>): string {
  return [...items].map((item) => `${item}\n`).join('');
}

/** Path, kind (file, link, submodule) and content, as one text. */
function identity({ path, mode, object }: Change): string {
  return `${mode.slice(0, 3)} ${object} ${path}`;
}

const diffTree = ['diff-tree', '--stdin', '-r', '-c', '--root', '--no-renames', '-z'] as const;

/** What stands in the folder at the tip of any branch. */
async function presentFiles(ask: Ask): Promise<ReadonlySet<string>> {
  const branches = await ask(
    [
      'for-each-ref',
      `--count=${MAX_BRANCHES}`,
      '--sort=-creatordate',
      '--format=%(objectname):.github',
      'refs/heads/',
    ],
    '',
  );
  const parents = await ask(['cat-file', '--batch-check=%(objecttype) %(objectname)'], branches);
  const trees = new Set([...parents.matchAll(/^tree ([0-9a-f]+)$/gm)].map(([, name = '']) => name));
  if (trees.size === 0) return new Set();
  const empty = (await ask(['hash-object', '-t', 'tree', '--stdin'], '')).trim();
  const pairs = lines([...trees].map((tree) => `${empty} ${tree}`));
  const found = readChanges(await ask([...diffTree, '--', 'workflows'], pairs));
  return new Set(found.map((change) => identity({ ...change, path: `.github/${change.path}` })));
}

/** @returns the first path in the way, by commit, in the order of the commits */
async function changes(
  ask: Ask,
  commits: string,
  present: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const offenders = new Map<string, string>();
  for (const change of readChanges(await ask([...diffTree, '--', FOLDER], commits))) {
    if (present.has(identity(change)) || offenders.has(change.of)) continue;
    offenders.set(change.of, change.path);
  }
  return offenders;
}

interface Change {
  /** The commit, or for two trees both. */
  readonly of: string;
  readonly path: string;
  /** Six octal digits. */
  readonly mode: string;
  readonly object: string;
}

/**
 * Reads the raw format, also of merges, which show only what differs from every parent (git-diff-tree(1), "Raw output
 * format", "diff format for merges"). What was removed is left out.
 */
function readChanges(output: string): readonly Change[] {
  const found: Change[] = [];
  let of = '';
  const parts = output.split('\0');
  for (let at = 0; at < parts.length; at++) {
    // Two trees are named on a line, a commit in a part of its own.
    const [head = '', meta = head] = (parts[at] ?? '').split('\n', 2);
    if (!head.startsWith(':')) of = head;
    if (!meta.startsWith(':')) continue;
    const path = parts[++at] ?? '';
    const sides = meta.lastIndexOf(':') + 2;
    const fields = meta.slice(sides - 1).split(' ');
    const mode = fields[sides - 1] ?? '';
    if (mode !== '000000') found.push({ of, path, mode, object: fields[2 * sides - 1] ?? '' });
  }
  return found;
}

/** Which refs lead to one of the commits, through new commits only. */
async function refsReaching(
  ask: Ask,
  made: readonly RefCommand[],
  tips: string,
  offenders: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const graph = await ask(
    ['rev-list', '--topo-order', '--reverse', '--parents', '--stdin', '--not', '--all'],
    tips,
    MAX_GRAPH_BYTES,
  );
  const tainted = new Map(offenders);
  for (const line of graph.split('\n')) {
    const [commit = '', ...parents] = line.split(' ');
    if (tainted.has(commit)) continue;
    const parent = parents.find((name) => tainted.has(name));
    if (parent !== undefined) tainted.set(commit, tainted.get(parent) ?? FOLDER);
  }
  // A tag is an object of its own: its commit is what counts.
  const peeled = await ask(
    ['cat-file', '--batch-check=%(objectname)'],
    lines(made.map(({ to }) => `${to}^{commit}`)),
  );
  const names = peeled.split('\n');
  const found = new Map<string, string>();
  made.forEach(({ ref }, index) => {
    const path = tainted.get(names[index] ?? '');
    if (path !== undefined) found.set(ref, path);
  });
  return found;
}

/** ghes-spec 10. A path comes from who pushes: nothing in it may look like another line of the report. */
export function workflowRefusal(path: string, isApplications = false): string {
  const whose = isApplications ? 'an OAuth App' : 'a Personal Access Token';
  const shown = path.replace(/\p{Cc}/gu, '?').slice(0, 500);
  return `refusing to allow ${whose} to create or update workflow \`${shown}\` without \`workflow\` scope`;
}
