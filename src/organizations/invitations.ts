// Invitations into organisations. Nobody becomes a member without having said yes; there is no open sign-up, so only
// who has an account can be asked. An invitation holds as long as who sent it is an owner.
import type { OrganizationRole } from '../access/actions.ts';
import type { Actor } from '../access/actor.ts';
import { type Account, findAccountByEmail } from '../accounts/accounts.ts';
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import { tellInvited } from '../mail/invited.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import * as store from './invitation-store.ts';
import * as members from './member-store.ts';
import { nameOfRole } from './members.ts';
import type { Listed, Organization, Paging } from './organizations.ts';
import type { Team } from './teams.ts';

export interface OrganizationInvitation {
  readonly id: number;
  readonly organization: Organization;
  readonly invitee: Person;
  readonly inviter: Person;
  readonly role: OrganizationRole;
  readonly teamCount: number;
  readonly createdAt: number;
}

export interface Person {
  readonly id: number;
  readonly login: string;
  readonly siteAdmin: boolean;
}

type Named = { readonly id: number; readonly login: string };

export function listInvitations(
  ctx: Context,
  organizationId: number,
  paging: Paging,
): Promise<Listed<OrganizationInvitation>> {
  return store.ofOrganization(ctx.db, organizationId, paging);
}

/** What somebody is asked to join, as far as the caller's credential is let in. */
export function listInvitationsOf(
  ctx: Context,
  actor: Actor,
  accountId: number,
  paging: Paging,
): Promise<Listed<OrganizationInvitation>> {
  return store.ofInvitee(ctx.db, actor, accountId, paging);
}

export function findInvitation(
  ctx: Context,
  organizationId: number,
  accountId: number,
): Promise<OrganizationInvitation | null> {
  return store.find(ctx.db, organizationId, accountId);
}

export function findInvitationById(
  ctx: Context,
  organizationId: number,
  id: number,
): Promise<OrganizationInvitation | null> {
  return store.byId(ctx.db, organizationId, id);
}

export function teamsOfInvitation(ctx: Context, id: number): Promise<readonly Team[]> {
  return store.teamsOf(ctx.db, id);
}

/** Who is to be invited by an address: the account that has it. */
export async function inviteeByEmail(ctx: Context, email: string): Promise<Outcome<Account>> {
  const account = await findAccountByEmail(ctx, email);
  return account === null ? refused(noAccount) : done(account);
}

export interface Invitation {
  readonly invitee: Named;
  readonly inviter: Named;
  readonly role: OrganizationRole;
  /** Teams of the organisation that are joined with it; others are passed over. */
  readonly teamIds?: readonly number[];
}

/** Asks somebody to join; who was asked already is asked anew, for the role and the teams said now too. */
export async function inviteMember(
  ctx: Acting,
  organization: Named,
  { invitee, inviter, role, teamIds = [] }: Invitation,
): Promise<Outcome<OrganizationInvitation>> {
  return ctx.db.transaction().execute(async (db) => {
    if ((await members.find(db, organization.id, invitee.id)) !== null) return refused(isMember);
    const isFirst = (await store.find(db, organization.id, invitee.id)) === null;
    const ids = { organizationId: organization.id, accountId: invitee.id, inviterId: inviter.id };
    const id = await store.put(db, { ...ids, role, at: ctx.now() });
    await store.addTeams(db, id, organization.id, teamIds);
    const invitation = await store.byId(db, organization.id, id);
    if (invitation === null) return refused(gone);
    if (isFirst) await tellInvited(ctx, db, invitee.id, { to: organization.login, by: inviter.login });
    await record(ctx, db, {
      action: 'org.invite_member',
      operation: 'create',
      organization,
      user: invitee,
      data: { permission: nameOfRole(role), invitation_id: id },
    });
    return done(invitation);
  });
}

/** Takes an invitation back. @returns false when it was answered already */
export async function cancelInvitation(ctx: Acting, invitation: OrganizationInvitation): Promise<boolean> {
  return end(ctx, invitation, 'org.cancel_invitation');
}

/** Says no. */
export async function declineInvitation(ctx: Acting, invitation: OrganizationInvitation): Promise<boolean> {
  return end(ctx, invitation, 'org.decline_invitation');
}

/** Says yes: the person is a member from now on, and in the teams of the invitation. */
export async function acceptInvitation(
  ctx: Acting,
  { organization, invitee }: Pick<OrganizationInvitation, 'organization' | 'invitee'>,
): Promise<Outcome<OrganizationRole>> {
  return ctx.db.transaction().execute(async (db) => {
    const invitation = await store.find(db, organization.id, invitee.id);
    if (invitation === null) return refused(gone);
    const inviter = await members.find(db, organization.id, invitation.inviter.id);
    if (inviter?.role !== 'owner') return refused(outdated);
    const { role } = invitation;
    await members.put(db, {
      organizationId: organization.id,
      accountId: invitee.id,
      role,
      at: ctx.now(),
    });
    await store.joinTeams(db, invitation.id, invitee.id, ctx.now());
    await store.remove(db, invitation.id);
    await record(ctx, db, {
      action: 'org.add_member',
      operation: 'create',
      organization,
      user: invitee,
      data: { permission: nameOfRole(role), invited_by: invitation.inviter.login },
    });
    return done(role);
  });
}

async function end(ctx: Acting, invitation: OrganizationInvitation, action: string): Promise<boolean> {
  return ctx.db.transaction().execute(async (db) => {
    if (!(await store.remove(db, invitation.id))) return false;
    await record(ctx, db, {
      action,
      operation: 'remove',
      organization: invitation.organization,
      user: invitation.invitee,
      data: { invitation_id: invitation.id },
    });
    return true;
  });
}

const isMember: Problem = {
  field: 'invitee_id',
  code: 'invalid',
  message: 'Invitee is already a part of this organization.',
};
const noAccount: Problem = {
  field: 'email',
  code: 'invalid',
  message:
    'Nobody here has this email address. Accounts are made by the administrators of this server: ask them to make one first.',
};
const gone: Problem = { field: 'login', code: 'custom', message: 'There is no such invitation any more.' };
const outdated: Problem = {
  field: 'login',
  code: 'custom',
  message: 'The invitation does not hold any more, since who sent it is no owner now: ask for a new one.',
};
