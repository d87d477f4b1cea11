// Who belongs to an organisation: owners, who decide for it, and members. There is always an owner. People come in by
// invitation (invitations.ts) and go here; what they had in the organisation's repositories goes with them.
import type { OrganizationRole } from '../access/actions.ts';
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import { endCollaborations, keepTeamAccess } from '../repositories/outside.ts';
import * as store from './member-store.ts';
import type { Listed, Organization, Paging } from './organizations.ts';
import { hold } from './store.ts';

export interface Member {
  readonly id: number;
  readonly login: string;
  readonly name: string | null;
  readonly siteAdmin: boolean;
  readonly role: OrganizationRole;
  /** Is the membership shown to everybody? */
  readonly isPublic: boolean;
}

export interface MembersAsked extends Paging {
  readonly publicOnly?: boolean;
  readonly role?: OrganizationRole;
}

type Organized = Pick<Organization, 'id' | 'login'>;

export function listMembers(
  ctx: Context,
  organizationId: number,
  asked: MembersAsked,
): Promise<Listed<Member>> {
  return store.page(ctx.db, organizationId, asked);
}

/** Null: not a member; who was invited is none yet. */
export function findMember(ctx: Context, organizationId: number, accountId: number): Promise<Member | null> {
  return store.find(ctx.db, organizationId, accountId);
}

/** Makes a member an owner, or an owner a member; refused for the last owner. */
export async function changeMemberRole(
  ctx: Acting,
  organization: Organized,
  accountId: number,
  role: OrganizationRole,
): Promise<Outcome<Member>> {
  return ctx.db.transaction().execute(async (db) => {
    await hold(db, organization.id);
    const member = await store.find(db, organization.id, accountId);
    if (member === null) return refused(noMember);
    if (member.role === role) return done(member);
    if (role !== 'owner' && (await isLastOwner(db, organization, member))) return refused(lastOwner);
    await store.put(db, { organizationId: organization.id, accountId, role, at: ctx.now() });
    await record(ctx, db, {
      action: 'org.update_member',
      operation: 'modify',
      organization,
      user: member,
      data: { permission: nameOfRole(role), old_permission: nameOfRole(member.role) },
    });
    return done({ ...member, role });
  });
}

/** Shows the membership to everybody, or to members only. */
export async function setMembershipPublic(
  ctx: Acting,
  organization: Organized,
  accountId: number,
  isPublic: boolean,
): Promise<Outcome<Member>> {
  return ctx.db.transaction().execute(async (db) => {
    const member = await store.find(db, organization.id, accountId);
    if (member === null) return refused(noMember);
    if (member.isPublic === isPublic) return done(member);
    await store.setPublic(db, organization.id, accountId, isPublic);
    await record(ctx, db, {
      action: isPublic ? 'org.publicize_member' : 'org.conceal_member',
      operation: 'modify',
      organization,
      user: member,
    });
    return done({ ...member, isPublic });
  });
}

/** What a member keeps who goes: nothing, or what their teams gave them, as an outside collaborator. */
export type Keeping = 'nothing' | 'team-access';

/**
 * Ends a membership; refused for the last owner. With it go the places in teams, and, where nothing is kept,
 * collaborations on the organisation's repositories and invitations to them.
 */
export async function removeMember(
  ctx: Acting,
  organization: Organized,
  accountId: number,
  keeping: Keeping = 'nothing',
): Promise<Outcome<Member>> {
  return ctx.db.transaction().execute(async (db) => {
    await hold(db, organization.id);
    const member = await store.find(db, organization.id, accountId);
    if (member === null) return refused(noMember);
    if (await isLastOwner(db, organization, member)) return refused(lastOwner);
    if (keeping === 'nothing') await endCollaborations(ctx, db, organization.id, member);
    else await keepTeamAccess(db, organization.id, accountId, ctx.now());
    await store.remove(db, organization.id, accountId);
    await record(ctx, db, {
      action: 'org.remove_member',
      operation: 'remove',
      organization,
      user: member,
      data: { permission: nameOfRole(member.role), kept: keeping },
    });
    return done(member);
  });
}

/** GitHub's names of the roles: an owner is `admin`. */
export function nameOfRole(role: OrganizationRole): 'admin' | 'member' {
  return role === 'owner' ? 'admin' : 'member';
}

async function isLastOwner(db: Context['db'], { id }: Organized, member: Member): Promise<boolean> {
  return member.role === 'owner' && (await store.countOtherOwners(db, id, member.id)) === 0;
}

const noMember: Problem = { field: 'login', code: 'invalid', message: 'They are not a member.' };
const lastOwner: Problem = {
  field: 'login',
  code: 'custom',
  message: 'The last owner of an organization has to stay one: make somebody else an owner first.',
};
