// HEAD of a bare repository: the branch that a clone checks out. The record repeats it, so that lists need no disk.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git, tryGit } from '../process/git.ts';
import { isBranchName } from './names.ts';
import { isMissing, writeDurably } from './storage.ts';

/** Tried in this order when HEAD names nothing that exists. */
const usualBranches = ['main', 'master'];

/** What HEAD says: a branch, which may not exist, or an object (`git checkout --detach`), or nothing sensible. */
export interface Head {
  /** Without `refs/heads/`. */
  readonly branch: string | null;
  readonly objectId: string | null;
}

export async function readHead(directory: string): Promise<Head> {
  const text = await readFile(join(directory, 'HEAD'), 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '';
    throw error;
  });
  const [, branch = ''] = /^ref:\s*refs\/heads\/(.+)$/.exec(text.trimEnd()) ?? [];
  const [, objectId = null] = /^([0-9a-f]{40}|[0-9a-f]{64})\s*$/.exec(text) ?? [];
  return { branch: isBranchName(branch) ? branch : null, objectId };
}

/** @param branch its name was checked */
export async function setHead(directory: string, branch: string): Promise<void> {
  await writeDurably(join(directory, 'HEAD'), `ref: refs/heads/${branch}\n`);
}

/** Could HEAD name this branch? It exists, or nothing does yet. */
export async function mayBeHead(directory: string, branch: string): Promise<boolean> {
  if (!isBranchName(branch)) return false;
  return (await hasBranch(directory, branch)) || (await firstBranch(directory)) === null;
}

/**
 * Sees to it that HEAD names a branch that exists, if there is one. A first push often brings another branch than
 * the one that was expected (`master`): then HEAD follows, so that a clone checks something out.
 * @returns the branch that HEAD names now; null: none, since the repository is empty and HEAD never named one
 */
export async function settleHead(directory: string): Promise<string | null> {
  const head = await readHead(directory);
  if (head.branch !== null && (await hasBranch(directory, head.branch))) return head.branch;
  const branch = await branchFor(directory, head);
  if (branch === null) return head.branch;
  await setHead(directory, branch);
  return branch;
}

async function branchFor(directory: string, { objectId }: Head): Promise<string | null> {
  const atHead = objectId === null ? [] : [`--points-at=${objectId}`];
  for (const branch of usualBranches) {
    if (await hasBranch(directory, branch, atHead)) return branch;
  }
  return (await firstBranch(directory, atHead)) ?? (objectId === null ? null : branchFor(directory, noHead));
}

const noHead: Head = { branch: null, objectId: null };

async function hasBranch(
  directory: string,
  branch: string,
  conditions: readonly string[] = [],
): Promise<boolean> {
  const { status } = await tryGit(['show-ref', '--verify', '--quiet', '--', `refs/heads/${branch}`], {
    repository: directory,
  });
  if (status !== 0 || conditions.length === 0) return status === 0;
  return (await listBranches(directory, conditions, `refs/heads/${branch}`)) !== null;
}

async function firstBranch(directory: string, conditions: readonly string[] = []): Promise<string | null> {
  const branch = await listBranches(directory, conditions, 'refs/heads/');
  return branch !== null && isBranchName(branch) ? branch : null;
}

/** The first branch of these, by name. */
async function listBranches(
  directory: string,
  conditions: readonly string[],
  pattern: string,
): Promise<string | null> {
  const { stdout } = await git(
    ['for-each-ref', '--count=1', '--format=%(refname:lstrip=2)', ...conditions, '--', pattern],
    { repository: directory },
  );
  const name = stdout.toString('utf8').trimEnd();
  return name === '' ? null : name;
}
