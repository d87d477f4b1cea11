// People who work on an owner's repositories one by one, instead of by belonging to the owner: an organisation's
// outside collaborators, and what becomes of collaborations when somebody leaves.
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import { announceMember } from '../hooks/events.ts';
import * as store from './outside-store.ts';

export interface OutsideCollaborator {
  readonly id: number;
  readonly login: string;
  readonly siteAdmin: boolean;
}

type Named = OutsideCollaborator;

/** Who collaborates on a repository of the organisation without being its member, in the order of accounts. */
export function listOutsideCollaborators(
  ctx: Context,
  organizationId: number,
  paging: { readonly page: number; readonly perPage: number },
): Promise<{ readonly items: readonly OutsideCollaborator[]; readonly total: number }> {
  return store.outsidePage(ctx.db, organizationId, paging);
}

/** Ends all collaborations of somebody outside. @returns false when there were none */
export async function removeOutsideCollaborator(
  ctx: Acting,
  organization: { readonly id: number; readonly login: string },
  account: Named,
): Promise<boolean> {
  return ctx.db.transaction().execute(async (db) => {
    if (!(await endCollaborations(ctx, db, organization.id, account))) return false;
    await record(ctx, db, {
      action: 'org.remove_outside_collaborator',
      operation: 'remove',
      organization,
      user: account,
    });
    return true;
  });
}

/** Inside a transaction: invitations to the owner's repositories go too. @returns whether there were any */
export async function endCollaborations(
  ctx: Acting,
  db: Db,
  ownerId: number,
  member: Named,
): Promise<boolean> {
  const { ended, invited } = await store.endCollaborations(db, ownerId, member.id);
  for (const { repositoryId, role } of ended) {
    await announceMember(ctx, db, repositoryId, { member, was: role, is: null });
  }
  return ended.length > 0 || invited;
}

/** Inside a transaction: turns what teams give somebody in the owner's repositories into collaborations. */
export function keepTeamAccess(db: Db, ownerId: number, accountId: number, at: number): Promise<void> {
  return store.keepTeamAccess(db, ownerId, accountId, at);
}
