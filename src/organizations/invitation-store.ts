// The SQL of invitations into organisations.
import type { OrganizationRole } from '../access/actions.ts';
import type { Actor } from '../access/actor.ts';
import { letsIn } from '../access/visible.ts';
import type { Db } from '../db/database.ts';
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
    .innerJoin('accounts as invitees', 'invitees.id', 'organization_invitations.account_id')
    .innerJoin('accounts as inviters', 'inviters.id', 'organization_invitations.inviter_id');

const whole = (query: ReturnType<typeof every>) =>
  query.select((eb) => [
    ...organizationColumns,
    'organization_invitations.id as invitation_id',
    'organization_invitations.role',
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
    invitee: { id: row.invitee_id, login: row.invitee_login, siteAdmin: row.invitee_site_admin === 1 },
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
  accountId: number,
  { loginKey, ...paging }: Paging & { readonly loginKey?: string },
): Promise<Listed<OrganizationInvitation>> {
  const theirs = every(db).where('organization_invitations.account_id', '=', accountId).where(letsIn(actor));
  return pageOf(loginKey === undefined ? theirs : theirs.where('accounts.login_key', '=', loginKey), paging);
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
