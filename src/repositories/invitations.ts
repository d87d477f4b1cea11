// Invitations to work on a repository. Nobody becomes a collaborator without having said yes, but for those who have a
// role there already and members of the organisation that owns it. An invitation holds as long as who sent it is an
// admin of the repository, and not suspended.
import type { RepositoryRole } from '../access/actions.ts';
import type { Actor } from '../access/actor.ts';
import { isLetIn } from '../accounts/accounts.ts';
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import { announceMember } from '../hooks/events.ts';
import { tellInvited } from '../mail/invited.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import * as collaborators from './collaborator-store.ts';
import { putCollaborator } from './collaborators.ts';
import * as store from './invitation-store.ts';
import { concerning } from './log.ts';
import type { Repository } from './repositories.ts';

export interface RepositoryInvitation {
  readonly id: number;
  readonly repository: Repository;
  readonly invitee: Person;
  readonly inviter: Person;
  readonly role: RepositoryRole;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

interface Person {
  readonly id: number;
  readonly login: string;
  readonly siteAdmin: boolean;
}

type Named = Pick<Person, 'id' | 'login'>;

interface Listed {
  readonly items: readonly RepositoryInvitation[];
  readonly total: number;
}

export function listInvitationsTo(
  ctx: Context,
  repositoryId: number,
  asked: store.InvitationsAsked,
): Promise<Listed> {
  return store.pageOfRepository(ctx.db, repositoryId, asked);
}

/** What somebody was invited to, as far as the caller's credential is let in by the owners. */
export function listRepositoryInvitationsOf(
  ctx: Context,
  actor: Actor,
  accountId: number,
  asked: store.InvitationsAsked,
): Promise<Listed> {
  return store.pageOfInvitee(ctx.db, actor, accountId, asked);
}

/** One of those; null: there is none of this number. */
export function findRepositoryInvitationOf(
  ctx: Context,
  actor: Actor,
  accountId: number,
  id: number,
): Promise<RepositoryInvitation | null> {
  return store.findOfInvitee(ctx.db, actor, accountId, id);
}

export function findInvitationTo(
  ctx: Context,
  repositoryId: number,
  id: number,
): Promise<RepositoryInvitation | null> {
  return store.findOfRepository(ctx.db, repositoryId, id);
}

/** Null: the person is a collaborator from now on, or was one and has the role said. */
export type Invited = RepositoryInvitation | null;

/**
 * Asks somebody to work on a repository. Who has a role in it, or belongs to the organisation that owns it, is not
 * asked, but given the role at once.
 */
export async function inviteCollaborator(
  ctx: Acting,
  repository: Repository,
  {
    invitee,
    inviter,
    role,
  }: { readonly invitee: Named; readonly inviter: Named; readonly role: RepositoryRole },
): Promise<Outcome<Invited>> {
  const present = await collaborators.highestRoleOf(ctx.db, repository.id, invitee.id);
  if (present !== null || (await store.isMemberOfOwner(ctx.db, repository.id, invitee.id))) {
    const outcome = await putCollaborator(ctx, repository, invitee.id, role);
    return outcome.ok ? done(null) : outcome;
  }
  return ctx.db.transaction().execute(async (db) => {
    const both = await collaborators.bothNamed(db, repository.id, invitee.id);
    if (both === null) return refused(gone);
    const isFirst = (await store.findFor(db, repository.id, invitee.id)) === null;
    const ids = { repositoryId: repository.id, accountId: invitee.id, inviterId: inviter.id };
    await store.put(db, { ...ids, role, at: ctx.now() });
    const invitation = await store.findFor(db, repository.id, invitee.id);
    if (invitation === null) return refused(gone);
    if (isFirst)
      await tellInvited(ctx, db, invitee.id, {
        to: `${repository.ownerLogin}/${repository.name}`,
        by: inviter.login,
      });
    await recordInvitation(ctx, db, invitation, 'repository_invitation.create', 'create');
    return done(invitation);
  });
}

/** Gives another role to who will accept. */
export async function changeInvitation(
  ctx: Acting,
  invitation: RepositoryInvitation,
  role: RepositoryRole,
): Promise<RepositoryInvitation> {
  const changed = { ...invitation, role };
  await ctx.db.transaction().execute(async (db) => {
    await store.setRole(db, invitation.id, role);
    await recordInvitation(ctx, db, changed, 'repository_invitation.update', 'modify');
  });
  return changed;
}

/** Takes it back. @returns false when it was answered already */
export function cancelRepositoryInvitation(ctx: Acting, invitation: RepositoryInvitation): Promise<boolean> {
  return end(ctx, invitation, 'repository_invitation.cancel');
}

/** Says no. @returns false when it was taken back meanwhile */
export function declineRepositoryInvitation(ctx: Acting, invitation: RepositoryInvitation): Promise<boolean> {
  return end(ctx, invitation, 'repository_invitation.reject');
}

/** Says yes: the person is a collaborator from now on. */
export async function acceptRepositoryInvitation(
  ctx: Acting,
  { id, repository, invitee }: RepositoryInvitation,
): Promise<Outcome<RepositoryRole>> {
  return ctx.db.transaction().execute(async (db) => {
    const invitation = await store.findOfRepository(db, repository.id, id);
    if (invitation === null || invitation.invitee.id !== invitee.id) return refused(gone);
    const inviters = await collaborators.highestRoleOf(db, repository.id, invitation.inviter.id);
    if (inviters !== 'admin' || !(await isLetIn({ db }, invitation.inviter.id))) return refused(outdated);
    const { role } = invitation;
    const was = await collaborators.roleOf(db, repository.id, invitee.id);
    await collaborators.put(db, repository.id, invitee.id, role, ctx.now());
    await store.remove(db, id);
    await recordInvitation(ctx, db, invitation, 'repository_invitation.accept', 'modify');
    await record(ctx, db, {
      action: 'repo.add_member',
      operation: 'create',
      ...(await concerning(db, invitation.repository)),
      user: invitee,
      data: { permission: role, invited_by: invitation.inviter.login },
    });
    await announceMember(ctx, db, repository.id, { member: invitation.invitee, was, is: role });
    return done(role);
  });
}

async function end(ctx: Acting, invitation: RepositoryInvitation, action: string): Promise<boolean> {
  return ctx.db.transaction().execute(async (db) => {
    if (!(await store.remove(db, invitation.id))) return false;
    await recordInvitation(ctx, db, invitation, action, 'remove');
    return true;
  });
}

async function recordInvitation(
  ctx: Acting,
  db: Context['db'],
  { id, repository, invitee, role }: RepositoryInvitation,
  action: string,
  operation: 'create' | 'modify' | 'remove',
): Promise<void> {
  await record(ctx, db, {
    action,
    operation,
    ...(await concerning(db, repository)),
    user: invitee,
    data: { permission: role, invitation_id: id },
  });
}

const gone: Problem = { field: 'login', code: 'custom', message: 'There is no such invitation any more.' };
const outdated: Problem = {
  field: 'login',
  code: 'custom',
  message:
    'The invitation does not hold any more, since who sent it may not invite to it now: ask for a new one.',
};
