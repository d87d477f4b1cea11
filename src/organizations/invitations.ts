// Invitations into organisations. Nobody becomes a member without having said yes; there is no open sign-up, so only
// who has an account can say it. An invitation holds as long as who sent it is an owner, and
// not suspended. By an address, whoever has it
// is asked, now or later: who invites is answered the same whether it is anybody's, and learns by it neither whose it is
// nor whether they are a member, until they accept.
import type { OrganizationRole } from '../access/actions.ts';
import type { Actor } from '../access/actor.ts';
import { isLetIn } from '../accounts/accounts.ts';
import { emailKey, emailProblem } from '../accounts/emails.ts';
import { holderOfAddress, reachedBy } from '../accounts/further-emails.ts';
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import type { Db } from '../db/database.ts';
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
  /** Null: somebody is asked by an address. */
  readonly invitee: Person | null;
  /** The address by which somebody is asked; null: they are asked by their name. */
  readonly email: string | null;
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
  return askedAs(ctx.db, accountId).then((asked) => store.ofInvitee(ctx.db, actor, asked, paging));
}

/** What somebody has from one organisation, asked by their name or by an address; null: nothing. */
export async function findOwnInvitation(
  ctx: Context,
  organizationId: number,
  accountId: number,
): Promise<OrganizationInvitation | null> {
  const [own] = await store.everyOf(ctx.db, organizationId, await askedAs(ctx.db, accountId));
  return own ?? null;
}

/** The person, with the addresses by which they may have been asked. */
export async function askedAs(db: Db, accountId: number): Promise<store.Asked> {
  return { accountId, emailKeys: await reachedBy(db, accountId) };
}

/** For owners: one that names the person. Those by an address are not to tell whose it is. */
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

/**
 * Asks whoever has an address, by a mail and on their pages, if it is anybody's. Who has no account yet finds it when
 * they have one with this address.
 */
export async function inviteByEmail(
  ctx: Acting,
  organization: Named,
  { email: text, inviter, role, teamIds = [] }: Omit<Invitation, 'invitee'> & { readonly email: string },
): Promise<Outcome<OrganizationInvitation>> {
  const email = text.trim();
  const problem = emailProblem(email);
  if (problem !== null) return refused(problem);
  return ctx.db.transaction().execute(async (db) => {
    const key = emailKey(email);
    const isFirst = (await store.findByEmail(db, organization.id, key)) === null;
    if (isFirst && (await store.countByEmail(db, organization.id)) >= MAX_BY_EMAIL) return refused(tooMany);
    const row = { organizationId: organization.id, email, emailKey: key, inviterId: inviter.id };
    const id = await store.putByEmail(db, { ...row, role, at: ctx.now() });
    await store.addTeams(db, id, organization.id, teamIds);
    const invitation = await store.byId(db, organization.id, id);
    if (invitation === null) return refused(gone);
    const holder = await holderOfAddress(db, email);
    const isNews = isFirst && holder !== null && (await members.find(db, organization.id, holder)) === null;
    if (isNews) await tellInvited(ctx, db, holder, { to: organization.login, by: inviter.login });
    // The owners read this row: whose the address is stands nowhere in it.
    await record(ctx, db, {
      action: 'org.invite_member',
      operation: 'create',
      organization,
      data: { permission: nameOfRole(role), invitation_id: id, email },
    });
    return done(invitation);
  });
}

/** Takes an invitation back. @returns false when it was answered already */
export async function cancelInvitation(ctx: Acting, invitation: OrganizationInvitation): Promise<boolean> {
  return end(ctx, invitation, 'org.cancel_invitation');
}

/** Says no, to all that the person has from this organisation. */
export async function declineInvitations(
  ctx: Acting,
  { organization, invitee }: { readonly organization: Named; readonly invitee: Named },
): Promise<void> {
  await ctx.db.transaction().execute(async (db) => {
    for (const invitation of await store.everyOf(db, organization.id, await askedAs(db, invitee.id))) {
      await store.remove(db, invitation.id);
      // Owners, who read what concerns the organisation, do not learn from a refusal whose the address is.
      const concerned = invitation.email === null ? { organization } : {};
      await record(ctx, db, {
        action: 'org.decline_invitation',
        operation: 'remove',
        ...concerned,
        user: invitee,
        data: { invitation_id: invitation.id, org: organization.login },
      });
    }
  });
}

/** Says yes: the person is a member from now on, and in the teams of the invitation. */
export async function acceptInvitation(
  ctx: Acting,
  { organization, invitee }: { readonly organization: Named; readonly invitee: Named },
): Promise<Outcome<OrganizationRole>> {
  return ctx.db.transaction().execute(async (db) => {
    const all = await store.everyOf(db, organization.id, await askedAs(db, invitee.id));
    if (all.length === 0) return refused(gone);
    const standing: OrganizationInvitation[] = [];
    for (const invitation of all) {
      const inviter = await members.find(db, organization.id, invitation.inviter.id);
      if (inviter?.role === 'owner' && (await isLetIn({ db }, invitation.inviter.id)))
        standing.push(invitation);
    }
    const chosen = standing.find((each) => each.role === 'owner') ?? standing[0];
    if (chosen === undefined) return refused(outdated);
    const { role } = chosen;
    const at = ctx.now();
    await members.put(db, { organizationId: organization.id, accountId: invitee.id, role, at });
    for (const { id } of standing) await store.joinTeams(db, id, invitee.id, at);
    for (const { id } of all) await store.remove(db, id);
    await record(ctx, db, {
      action: 'org.add_member',
      operation: 'create',
      organization,
      user: invitee,
      data: { permission: nameOfRole(role), invited_by: chosen.inviter.login },
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
      ...(invitation.invitee === null ? {} : { user: invitation.invitee }),
      data: {
        invitation_id: invitation.id,
        ...(invitation.email === null ? {} : { email: invitation.email }),
      },
    });
    return true;
  });
}

const isMember: Problem = {
  field: 'invitee_id',
  code: 'invalid',
  message: 'Invitee is already a part of this organization.',
};
/** Those to addresses that wait; more are not taken, so that nobody fills the disk by made-up ones. */
const MAX_BY_EMAIL = 200;
const tooMany: Problem = {
  field: 'email',
  code: 'custom',
  message: `At most ${MAX_BY_EMAIL} invitations to addresses can wait: take some back first.`,
};
const gone: Problem = { field: 'login', code: 'custom', message: 'There is no such invitation any more.' };
const outdated: Problem = {
  field: 'login',
  code: 'custom',
  message: 'The invitation does not hold any more, since who sent it may not invite now: ask for a new one.',
};
