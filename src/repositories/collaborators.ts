// Who else may do what in a repository: read, write or admin. The owner has the admin role by owning it, and is listed
// first; in an organisation's repository its owners, members and teams have roles too. Others are invited:
// invitations.ts.
import type { RepositoryRole } from '../access/actions.ts';
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import { announceMember } from '../hooks/events.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import * as store from './collaborator-store.ts';
import { concerning } from './log.ts';
import type { Repository } from './repositories.ts';

export interface Collaborator {
  readonly accountId: number;
  readonly login: string;
  readonly siteAdmin: boolean;
  /** The highest of all ways to it. */
  readonly role: RepositoryRole;
  /** The role that was given to them alone; null: they have theirs by owning, belonging or a team. */
  readonly ownRole: RepositoryRole | null;
}

/** `direct`: whoever was given a role alone, and the owner; `outside`: of those, who is no member of the owner. */
export type CollaboratorsAsked = 'all' | 'direct' | 'outside';

type Owned = Pick<Repository, 'id' | 'ownerId'>;

const isOwner: Problem = {
  field: 'login',
  code: 'custom',
  message: 'Repository owner cannot be a collaborator.',
};
const gone: Problem = {
  field: 'login',
  code: 'custom',
  message: 'There is no such account or repository any more.',
};

/** Gives an account a role, or another one than it had. */
export async function putCollaborator(
  ctx: Acting,
  repository: Owned,
  accountId: number,
  role: RepositoryRole,
): Promise<Outcome<{ readonly role: RepositoryRole; readonly isNew: boolean }>> {
  if (accountId === repository.ownerId) return refused(isOwner);
  const isNew = await ctx.db.transaction().execute(async (db) => {
    const present = await store.bothNamed(db, repository.id, accountId);
    if (present === null) return null;
    const before = await store.roleOf(db, repository.id, accountId);
    await store.put(db, repository.id, accountId, role, ctx.now());
    await record(ctx, db, {
      action: before === null ? 'repo.add_member' : 'repo.update_member',
      operation: before === null ? 'create' : 'modify',
      ...(await concerning(db, present.repository)),
      user: present.account,
      data: { permission: role, ...(before === null ? {} : { permission_was: before }) },
    });
    await announceMember(ctx, db, repository.id, { member: present.account, was: before, is: role });
    return before === null;
  });
  return isNew === null ? refused(gone) : done({ role, isNew });
}

/** @returns false when the account was none */
export async function removeCollaborator(
  ctx: Acting,
  repositoryId: number,
  accountId: number,
): Promise<boolean> {
  return ctx.db.transaction().execute(async (db) => {
    const present = await store.bothNamed(db, repositoryId, accountId);
    const before = await store.roleOf(db, repositoryId, accountId);
    if (present === null || !(await store.remove(db, repositoryId, accountId))) return false;
    await record(ctx, db, {
      action: 'repo.remove_member',
      operation: 'remove',
      ...(await concerning(db, present.repository)),
      user: present.account,
      data: { permission: before },
    });
    await announceMember(ctx, db, repositoryId, { member: present.account, was: before, is: null });
    return true;
  });
}

/** The account's role, by whatever way; what everybody has of public and internal ones is none. */
export async function roleOf(
  ctx: Context,
  repository: Owned,
  accountId: number,
): Promise<RepositoryRole | null> {
  return store.highestRoleOf(ctx.db, repository.id, accountId);
}

/** The owner, then all others in the order of their accounts; pages count from 1. */
export async function listCollaborators(
  ctx: Context,
  repository: Owned,
  asked: { readonly page: number; readonly perPage: number; readonly affiliation?: CollaboratorsAsked },
): Promise<{ readonly items: readonly Collaborator[]; readonly total: number }> {
  return store.page(ctx.db, repository, asked);
}
