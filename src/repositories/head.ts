// HEAD of a bare repository: the branch that a clone checks out. The record repeats it, so that lists need no disk.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { isBranchName } from './names.ts';
import { findBranch, listBranches } from './refs.ts';
import { isMissing, repositoryDirectory, writeDurably } from './storage.ts';

/** The branch that HEAD names, without `refs/heads/`; it may not exist. Null: HEAD names no branch. */
export async function readHead(directory: string): Promise<string | null> {
  try {
    const [, branch = ''] = /^ref:\s*refs\/heads\/(.+?)\s*$/.exec(await readHeadFile(directory)) ?? [];
    return isBranchName(branch) ? branch : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function readHeadFile(directory: string): Promise<string> {
  return readFile(join(directory, 'HEAD'), 'utf8');
}

/** @param branch its name was checked */
export async function setHead(directory: string, branch: string): Promise<void> {
  await writeDurably(join(directory, 'HEAD'), `ref: refs/heads/${branch}\n`);
}

/** Could HEAD name this branch? It exists, or nothing does yet. */
export async function mayBeHead(ctx: Context, id: number, branch: string): Promise<boolean> {
  if (!isBranchName(branch)) return false;
  if ((await findBranch(ctx, { id }, branch)) !== null) return true;
  return (await listBranches(ctx, { id }, { page: 1, perPage: 1 })).total === 0;
}

/**
 * The branch that HEAD names, after a push. A first push often brings another branch than the one that was expected
 * (`master`): then HEAD follows, so that a clone checks something out.
 * @returns null when HEAD names no branch
 */
export async function headAfterPush(ctx: Context, id: number): Promise<string | null> {
  const directory = repositoryDirectory(ctx.config, id);
  const head = await readHead(directory);
  if (head !== null && (await findBranch(ctx, { id }, head)) !== null) return head;
  for (const usual of ['main', 'master']) {
    if ((await findBranch(ctx, { id }, usual)) === null) continue;
    await setHead(directory, usual);
    return usual;
  }
  const [first] = (await listBranches(ctx, { id }, { page: 1, perPage: 1 })).items;
  if (first === undefined || !isBranchName(first.name)) return head;
  await setHead(directory, first.name);
  return first.name;
}
