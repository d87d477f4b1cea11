// Repositories: making, finding, listing and deleting them; changing them: changing.ts. The record says that a
// repository exists; the directory (storage.ts) comes before it and goes after it, so that a record always has its
// directory.

import type { Actor } from '../access/actor.ts';
import { anonymous } from '../access/actor.ts';
import type { MaybeMoved } from '../access/guard.ts';
import type { RepositoryTarget, Visibility } from '../access/targets.ts';
import { type Asker, listVisible } from '../access/visible.ts';
import { isLogin, loginKey } from '../accounts/logins.ts';
import { findOwner, type OwnerKind } from '../accounts/owners.ts';
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import { isForeignKeyViolation } from '../db/constraints.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import { checkpoint } from '../process/checkpoint.ts';
import * as ids from './ids-store.ts';
import * as lists from './list-store.ts';
import { concerning } from './log.ts';
import {
  branchProblem,
  descriptionProblem,
  isRepositoryName,
  nameProblem,
  normalDescription,
  repositoryNameKey,
} from './names.ts';
import * as storage from './storage.ts';
import * as store from './store.ts';
import { moveToTrash } from './trash.ts';

export interface Repository {
  /** Never used again, also after the repository is gone. */
  readonly id: number;
  readonly ownerId: number;
  readonly ownerLogin: string;
  readonly ownerKind: OwnerKind;
  /** As it was chosen; unique per owner without regard to case. */
  readonly name: string;
  readonly description: string | null;
  readonly visibility: Visibility;
  /** Without `refs/heads/`; it may not exist yet. */
  readonly defaultBranch: string;
  /** On disk, as of the last push. */
  readonly sizeKib: number;
  /** Milliseconds since 1970, as all instants. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Null: nothing was ever pushed. */
  readonly pushedAt: number | null;
}

/** A repository as one caller finds it: what decisions need, and the record. */
export type RepositoryFound = RepositoryTarget & MaybeMoved & { readonly repository: Repository };

/** The default branch of new repositories. */
export const DEFAULT_BRANCH = 'main';

/** What was read of a repository, as decisions need it. */
export function found(
  { repository, role, isClosedToTokens }: store.RepositoryForCaller,
  moved = false,
): RepositoryFound {
  return {
    kind: 'repository',
    repositoryId: repository.id,
    visibility: repository.visibility,
    role,
    closedToTokens: isClosedToTokens ? repository.ownerLogin : null,
    repository,
    ...(moved ? { movedTo: `${repository.ownerLogin}/${repository.name}` } : {}),
  };
}

/**
 * Finds what a URL names. Letter case and `.git` behind the name don't matter; a former name leads to the
 * repository too, and `movedTo` says what it is called now. Whether the caller may see it is for `decide`.
 */
export async function findRepository(
  ctx: Context,
  actor: Actor,
  ownerLogin: string,
  name: string,
): Promise<RepositoryFound | null> {
  const nameKey = repositoryNameKey(name);
  if (!isLogin(ownerLogin) || !isRepositoryName(nameKey)) return null;
  const ownerKey = loginKey(ownerLogin);
  const present = await store.repositoryByName(ctx.db, actor, ownerKey, nameKey);
  if (present !== null) return found(present);
  const former =
    (await store.repositoryByFormerName(ctx.db, actor, ownerKey, nameKey)) ??
    (await store.repositoryByFormerLogin(ctx.db, actor, ownerKey, nameKey));
  return former === null ? null : found(former, true);
}

export async function findRepositoryById(
  ctx: Context,
  actor: Actor,
  id: number,
): Promise<RepositoryFound | null> {
  if (!Number.isSafeInteger(id)) return null;
  const present = await store.repositoryById(ctx.db, actor, id);
  return present === null ? null : found(present);
}

export interface RepositoryList {
  /** Only what this account owns; with one of the next two as well: what any is true of. */
  readonly ownerId?: number;
  /** Only that in which this account is a collaborator. */
  readonly collaboratorId?: number;
  /** Only that of the organisations of which this account is a member. */
  readonly memberId?: number;
  /** Only that in which this team has a role. */
  readonly teamId?: number;
  readonly visibility?: Visibility;
  /** Milliseconds since 1970. */
  readonly updatedAfter?: number;
  /** Milliseconds since 1970. */
  readonly updatedBefore?: number;
  readonly sort: 'created' | 'updated' | 'pushed' | 'full_name';
  readonly direction: 'asc' | 'desc';
  /** From 1. */
  readonly page: number;
  readonly perPage: number;
}

/** One page of the repositories that the caller may see; `total` counts all pages. */
export async function listRepositories(
  ctx: Context,
  asker: Asker,
  list: RepositoryList,
): Promise<{ readonly items: readonly RepositoryFound[]; readonly total: number }> {
  return listVisible(asker, 'repositories.read', async (visible) => {
    const { items, total } = await lists.repositoriesPage(ctx.db, asker.actor, list, visible);
    return { items: items.map((item) => found(item)), total };
  });
}

/** All repositories by owner and name, for the operator at the command line, who sees everything. */
export async function listAllRepositories(
  ctx: Context,
  paging: { readonly page: number; readonly perPage: number },
): Promise<{ readonly items: readonly Repository[]; readonly total: number }> {
  const items = await store.everyRepository(ctx.db, (paging.page - 1) * paging.perPage, paging.perPage);
  return { items, total: await store.countRepositories(ctx.db) };
}

/** By its present name, for the operator at the command line, who sees everything. */
export async function findRepositoryNamed(
  ctx: Context,
  ownerLogin: string,
  name: string,
): Promise<Repository | null> {
  const target = await findRepository(ctx, anonymous, ownerLogin, name);
  return target === null || target.movedTo !== undefined ? null : target.repository;
}

export interface NewRepository {
  readonly owner: { readonly id: number; readonly login: string };
  readonly name: string;
  /** Null or blank: none. */
  readonly description: string | null;
  readonly visibility: Visibility;
  /** Default: `main`. */
  readonly defaultBranch?: string;
  /** Default: SHA-1, as clients expect. */
  readonly objectFormat?: storage.ObjectFormat;
}

/** Makes an empty repository. Who may do so is not asked here. */
export async function createRepository(ctx: Acting, wanted: NewRepository): Promise<Outcome<Repository>> {
  const problems = await newRepositoryProblems(ctx, wanted);
  if (problems.length > 0) return refused(...problems);
  const defaultBranch = wanted.defaultBranch ?? DEFAULT_BRANCH;
  const unfinished = await storage.makeUnfinished(ctx);
  await storage.prepareEmpty(unfinished, { defaultBranch, objectFormat: wanted.objectFormat ?? 'sha1' });
  checkpoint('repository.create.prepared');
  return finishRepository(ctx, wanted, unfinished, { defaultBranch, sizeKib: 0, pushedAt: null });
}

/** All that is wrong with the input; a name that is free now may be taken a moment later. */
export async function newRepositoryProblems(
  ctx: Context,
  wanted: NewRepository,
): Promise<readonly Problem[]> {
  const problems = [
    nameProblem(wanted.name),
    descriptionProblem(normalDescription(wanted.description)),
    wanted.defaultBranch === undefined ? null : branchProblem(wanted.defaultBranch),
  ].filter((problem) => problem !== null);
  if (problems.length > 0) return problems;
  if (wanted.visibility === 'internal' && (await findOwner(ctx, wanted.owner.id))?.kind === 'user') {
    return [onlyOrganizations];
  }
  const isTaken = await store.isNameTaken(ctx.db, wanted.owner.id, repositoryNameKey(wanted.name));
  return isTaken ? [nameTaken] : [];
}

export const nameTaken: Problem = {
  field: 'name',
  code: 'already_exists',
  message: 'A repository of this name already exists on this account.',
};
export const onlyOrganizations: Problem = {
  field: 'visibility',
  code: 'invalid',
  message: 'Only organizations can have internal repositories.',
};
export const gone: Problem = {
  field: 'name',
  code: 'custom',
  message: 'There is no such repository any more.',
};
const ownerGone: Problem = { field: 'owner', code: 'invalid', message: 'There is no such account any more.' };

/** The second half of creation and import: the finished directory gets its place, then its record. */
export async function finishRepository(
  ctx: Acting,
  wanted: NewRepository,
  unfinished: string,
  {
    imported = false,
    ...state
  }: {
    readonly defaultBranch: string;
    readonly sizeKib: number;
    readonly pushedAt: number | null;
    /** Does its history come from elsewhere? */
    readonly imported?: boolean;
  },
): Promise<Outcome<Repository>> {
  const id = await takeFreeId(ctx);
  await storage.place(ctx, unfinished, id);
  checkpoint('repository.create.placed');
  const { owner, name } = wanted;
  const nameKey = repositoryNameKey(name);
  const description = normalDescription(wanted.description);
  const at = ctx.now();
  const row = {
    id,
    ownerId: owner.id,
    name,
    nameKey,
    description,
    visibility: wanted.visibility,
    at,
    ...state,
  };
  const problem = await ctx.db
    .transaction()
    .execute(async (db) => {
      if (!(await store.insertRepository(db, row))) return nameTaken;
      await store.endRedirect(db, owner.id, nameKey);
      await record(ctx, db, {
        action: 'repo.create',
        operation: 'create',
        ...(await concerning(db, { id, ownerId: owner.id, ownerLogin: owner.login, name })),
        data: { visibility: wanted.visibility, ...(imported ? { imported } : {}) },
      });
      return null;
    })
    .catch((error: unknown) => {
      if (isForeignKeyViolation(error)) return ownerGone;
      throw error;
    });
  if (problem !== null) {
    await storage.removeDirectory(storage.repositoryDirectory(ctx.config, id));
    return refused(problem);
  }
  checkpoint('repository.create.recorded');
  const target = await store.repositoryById(ctx.db, anonymous, id);
  return target === null ? refused(gone) : done(target.repository);
}

/** A database restored from a backup may be older than the directories: their ids are passed over. */
async function takeFreeId(ctx: Context): Promise<number> {
  const id = await ids.takeId(ctx.db);
  if (!storage.isPlaced(ctx.config, id)) return id;
  await ids.skipIds(ctx.db, await storage.largestPlacedId(ctx.config));
  return ids.takeId(ctx.db);
}

/**
 * Deletes a repository: from the moment the record is gone, nobody finds it. Its directory lies in the trash for
 * a day. @returns false when there was none
 */
export async function deleteRepository(ctx: Acting, id: number): Promise<boolean> {
  const name = await ctx.db.transaction().execute(async (db) => {
    const repository = (await store.repositoryById(db, anonymous, id))?.repository;
    if (repository === undefined) return null;
    await store.deleteRepositoryRow(db, id);
    await record(ctx, db, {
      action: 'repo.destroy',
      operation: 'remove',
      ...(await concerning(db, repository)),
      data: { visibility: repository.visibility },
    });
    return `${repository.ownerLogin}/${repository.name}`;
  });
  if (name === null) return false;
  checkpoint('repository.delete.unrecorded');
  await moveToTrash(ctx, id, name);
  checkpoint('repository.delete.moved');
  ctx.log.info({ repositoryId: id, repository: name }, 'repository deleted');
  return true;
}
