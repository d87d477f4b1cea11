// The SQL of invitations into organisations.

import type { ExpressionBuilder } from 'kysely';
import type { OrganizationRole } from '../access/actions.ts';
import type { Actor } from '../access/actor.ts';
import { letsIn } from '../access/visible.ts';
import type { Db } from '../db/database.ts';
import type { Schema } from '../db/schema.ts';
import type { OrganizationInvitation } from './invitations.ts';
import type { Listed, Paging } from './organizations.ts';
import { organizationColumns, toOrganization } from './store.ts';
import { byId as teamById } from './team-store.ts';
import type { Team } from './teams.ts';

const every = (db: Db) =>
  db
    .selectFrom('organization_invitations')
    .innerJoin('accounts', 'accounts.id', 'organization_invitations.organization_id')
    .innerJoin('organizations', 'organizations.account_id', 'organization_invitations.organization_id')
    .leftJoin('accounts as invitees', 'invitees.id', 'organization_invitations.account_id')
    .innerJoin('accounts as inviters', 'inviters.id', 'organization_invitations.inviter_id');

const whole = (query: ReturnType<typeof every>) =>
  query.select((eb) => [
    ...organizationColumns,
    'organization_invitations.id as invitation_id',
    'organization_invitations.role',
    'organization_invitations.email',
    'organization_invitations.created_at as invited_at',
    'invitees.id as invitee_id',
    'invitees.login as invitee_login',
    'invitees.site_admin as invitee_site_admin',
    'inviters.id as inviter_id',
    'inviters.login as inviter_login',
    'inviters.site_admin as inviter_site_admin',
    eb
      .selectFrom('organization_invitation_teams')
      .whereRef('organization_invitation_teams.invitation_id', '=', 'organization_invitations.id')
      .select((count) => count.fn.countAll().as('teams'))
      .as('team_count'),
  ]);

type Row = Awaited<ReturnType<ReturnType<typeof whole>['executeTakeFirstOrThrow']>>;

function toInvitation(row: Row): OrganizationInvitation {
  return {
    id: row.invitation_id,
    organization: toOrganization(row),
    invitee:
      row.invitee_id === null || row.invitee_login === null
        ? null
        : { id: row.invitee_id, login: row.invitee_login, siteAdmin: row.invitee_site_admin === 1 },
    email: row.email,
    inviter: { id: row.inviter_id, login: row.inviter_login, siteAdmin: row.inviter_site_admin === 1 },
    role: row.role,
    teamCount: Number(row.team_count),
    createdAt: row.invited_at,
  };
}

async function first(query: ReturnType<typeof every>): Promise<OrganizationInvitation | null> {
  const row = await whole(query).executeTakeFirst();
  return row === undefined ? null : toInvitation(row);
}

async function pageOf(
  query: ReturnType<typeof every>,
  { page, perPage }: Paging,
): Promise<Listed<OrganizationInvitation>> {
  const { total } = await query.select((eb) => eb.fn.countAll().as('total')).executeTakeFirstOrThrow();
  const rows = await whole(query)
    .orderBy('organization_invitations.id')
    .offset((page - 1) * perPage)
    .limit(perPage)
    .execute();
  return { items: rows.map(toInvitation), total: Number(total) };
}

export function byId(db: Db, organizationId: number, id: number): Promise<OrganizationInvitation | null> {
  return first(
    every(db)
      .where('organization_invitations.organization_id', '=', organizationId)
      .where('organization_invitations.id', '=', id),
  );
}

export function find(
  db: Db,
  organizationId: number,
  accountId: number,
): Promise<OrganizationInvitation | null> {
  return first(
    every(db)
      .where('organization_invitations.organization_id', '=', organizationId)
      .where('organization_invitations.account_id', '=', accountId),
  );
}

/** By an address, whoever has it. */
export function findByEmail(
  db: Db,
  organizationId: number,
  emailKey: string,
): Promise<OrganizationInvitation | null> {
  return first(
    every(db)
      .where('organization_invitations.organization_id', '=', organizationId)
      .where('organization_invitations.email_key', '=', emailKey),
  );
}

/** A person, with the addresses by which they may have been asked, in lower case. */
export interface Asked {
  readonly accountId: number;
  readonly emailKeys: readonly string[];
}

/** All that the person has from an organisation: by their name, and by addresses. */
export async function everyOf(
  db: Db,
  organizationId: number,
  asked: Asked,
): Promise<readonly OrganizationInvitation[]> {
  const rows = await whole(every(db))
    .where('organization_invitations.organization_id', '=', organizationId)
    .where(isAsked(asked))
    .orderBy('organization_invitations.id')
    .execute();
  return rows.map(toInvitation);
}

/** Is the person asked by the row of `organization_invitations`? By an address, none asks who is a member already. */
function isAsked({ accountId, emailKeys }: Asked) {
  return (eb: ExpressionBuilder<Schema, 'organization_invitations'>) => {
    const byName = eb('organization_invitations.account_id', '=', accountId);
    if (emailKeys.length === 0) return byName;
    const member = eb
      .selectFrom('organization_members')
      .select('organization_members.account_id')
      .whereRef('organization_members.organization_id', '=', 'organization_invitations.organization_id')
      .where('organization_members.account_id', '=', accountId);
    const byAddress = eb('organization_invitations.email_key', 'in', emailKeys);
    return eb.or([byName, eb.and([byAddress, eb.not(eb.exists(member))])]);
  };
}

/** How many wait that were sent to addresses. */
export async function countByEmail(db: Db, organizationId: number): Promise<number> {
  const { total } = await db
    .selectFrom('organization_invitations')
    .where('organization_id', '=', organizationId)
    .where('email_key', 'is not', null)
    .select((eb) => eb.fn.countAll().as('total'))
    .executeTakeFirstOrThrow();
  return Number(total);
}

export function ofOrganization(
  db: Db,
  organizationId: number,
  paging: Paging,
): Promise<Listed<OrganizationInvitation>> {
  return pageOf(every(db).where('organization_invitations.organization_id', '=', organizationId), paging);
}

export function ofInvitee(
  db: Db,
  actor: Actor,
  asked: Asked,
  { loginKey, ...paging }: Paging & { readonly loginKey?: string },
): Promise<Listed<OrganizationInvitation>> {
  const theirs = every(db).where(isAsked(asked)).where(letsIn(actor));
  return pageOf(loginKey === undefined ? theirs : theirs.where('accounts.login_key', '=', loginKey), paging);
}

/** Asks whoever has an address. @returns the invitation's id; the address that was asked already keeps its */
export async function putByEmail(
  db: Db,
  row: {
    readonly organizationId: number;
    readonly email: string;
    readonly emailKey: string;
    readonly inviterId: number;
    readonly role: OrganizationRole;
    readonly at: number;
  },
): Promise<number> {
  const said = { email: row.email, inviter_id: row.inviterId, role: row.role, created_at: row.at };
  const { id } = await db
    .insertInto('organization_invitations')
    .values({ organization_id: row.organizationId, account_id: null, email_key: row.emailKey, ...said })
    .onConflict((conflict) => conflict.columns(['email_key', 'organization_id']).doUpdateSet(said))
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** @returns the invitation's id; who was invited already keeps theirs */
export async function put(
  db: Db,
  row: {
    readonly organizationId: number;
    readonly accountId: number;
    readonly inviterId: number;
    readonly role: OrganizationRole;
    readonly at: number;
  },
): Promise<number> {
  const { id } = await db
    .insertInto('organization_invitations')
    .values({
      organization_id: row.organizationId,
      account_id: row.accountId,
      inviter_id: row.inviterId,
      role: row.role,
      created_at: row.at,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['account_id', 'organization_id'])
        .doUpdateSet({ inviter_id: row.inviterId, role: row.role, created_at: row.at }),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** Only teams of this organisation. */
export async function addTeams(
  db: Db,
  invitationId: number,
  organizationId: number,
  teamIds: readonly number[],
): Promise<void> {
  if (teamIds.length === 0) return;
  const teams = await db
    .selectFrom('teams')
    .where('organization_id', '=', organizationId)
    .where('id', 'in', teamIds)
    .select('id')
    .execute();
  for (const { id } of teams) {
    await db
      .insertInto('organization_invitation_teams')
      .values({ invitation_id: invitationId, team_id: id })
      .onConflict((conflict) => conflict.columns(['invitation_id', 'team_id']).doNothing())
      .execute();
  }
}

export async function teamsOf(db: Db, invitationId: number): Promise<readonly Team[]> {
  const rows = await db
    .selectFrom('organization_invitation_teams')
    .where('invitation_id', '=', invitationId)
    .select('team_id')
    .orderBy('team_id')
    .execute();
  const teams: Team[] = [];
  for (const { team_id } of rows) {
    const team = await teamById(db, team_id);
    if (team !== null) teams.push(team);
  }
  return teams;
}

export async function joinTeams(db: Db, invitationId: number, accountId: number, at: number): Promise<void> {
  for (const { id } of await teamsOf(db, invitationId)) {
    await db
      .insertInto('team_members')
      .values({ team_id: id, account_id: accountId, created_at: at })
      .onConflict((conflict) => conflict.columns(['team_id', 'account_id']).doNothing())
      .execute();
  }
}

export async function remove(db: Db, id: number): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('organization_invitations')
    .where('id', '=', id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
