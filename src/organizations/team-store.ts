// The SQL of teams, of who is in them and of what they may do where.
import { sql } from 'kysely';
import type { RepositoryRole } from '../access/actions.ts';
import type { Actor } from '../access/actor.ts';
import { letsIn } from '../access/visible.ts';
import type { Db } from '../db/database.ts';
import type { Listed, Paging } from './organizations.ts';
import type { Team, TeamMember } from './teams.ts';

interface Row {
  readonly id: number;
  readonly organization_id: number;
  readonly organization_login: string;
  readonly name: string;
  readonly slug: string;
  readonly description: string | null;
  readonly role: RepositoryRole;
  readonly created_at: number;
  readonly updated_at: number;
}

export const teamColumns = [
  'teams.id',
  'teams.organization_id',
  'accounts.login as organization_login',
  'teams.name',
  'teams.slug',
  'teams.description',
  'teams.role',
  'teams.created_at',
  'teams.updated_at',
] as const;

export const everyTeam = (db: Db) =>
  db.selectFrom('teams').innerJoin('accounts', 'accounts.id', 'teams.organization_id');

export function toTeam(row: Row): Team {
  return {
    id: row.id,
    organizationId: row.organization_id,
    organizationLogin: row.organization_login,
    name: row.name,
    slug: row.slug,
    description: row.description,
    role: row.role,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

const count = sql<number>`count(*)`.as('total');

export async function bySlug(db: Db, organizationId: number, slug: string): Promise<Team | null> {
  const row = await everyTeam(db)
    .where('teams.organization_id', '=', organizationId)
    .where('teams.slug', '=', slug)
    .select(teamColumns)
    .executeTakeFirst();
  return row === undefined ? null : toTeam(row);
}

export async function byId(db: Db, id: number): Promise<Team | null> {
  const row = await everyTeam(db).where('teams.id', '=', id).select(teamColumns).executeTakeFirst();
  return row === undefined ? null : toTeam(row);
}

export async function ofOrganization(
  db: Db,
  organizationId: number,
  { page, perPage }: Paging,
): Promise<Listed<Team>> {
  const chosen = everyTeam(db).where('teams.organization_id', '=', organizationId);
  const { total } = await chosen.select(count).executeTakeFirstOrThrow();
  const rows = await chosen
    .select(teamColumns)
    .orderBy('teams.slug')
    .offset((page - 1) * perPage)
    .limit(perPage)
    .execute();
  return { items: rows.map(toTeam), total: Number(total) };
}

export async function ofMember(
  db: Db,
  actor: Actor,
  accountId: number,
  { page, perPage }: Paging,
): Promise<Listed<Team>> {
  const chosen = everyTeam(db)
    .innerJoin('organizations', 'organizations.account_id', 'teams.organization_id')
    .innerJoin('team_members', 'team_members.team_id', 'teams.id')
    .where('team_members.account_id', '=', accountId)
    .where(letsIn(actor));
  const { total } = await chosen.select(count).executeTakeFirstOrThrow();
  const rows = await chosen
    .select(teamColumns)
    .orderBy('teams.id')
    .offset((page - 1) * perPage)
    .limit(perPage)
    .execute();
  return { items: rows.map(toTeam), total: Number(total) };
}

export async function onRepository(
  db: Db,
  repositoryId: number,
  { page, perPage }: Paging,
): Promise<Listed<{ readonly team: Team; readonly role: RepositoryRole }>> {
  const chosen = everyTeam(db)
    .innerJoin('team_repositories', 'team_repositories.team_id', 'teams.id')
    .where('team_repositories.repository_id', '=', repositoryId);
  const { total } = await chosen.select(count).executeTakeFirstOrThrow();
  const rows = await chosen
    .select([...teamColumns, 'team_repositories.role as given_role'])
    .orderBy('teams.slug')
    .offset((page - 1) * perPage)
    .limit(perPage)
    .execute();
  return { items: rows.map((row) => ({ team: toTeam(row), role: row.given_role })), total: Number(total) };
}

const everyMember = (db: Db, team: Team) =>
  db
    .selectFrom('team_members')
    .innerJoin('accounts', 'accounts.id', 'team_members.account_id')
    .innerJoin('organization_members', (join) =>
      join
        .onRef('organization_members.account_id', '=', 'team_members.account_id')
        .on('organization_members.organization_id', '=', team.organizationId),
    )
    .where('team_members.team_id', '=', team.id);

const memberColumns = [
  'accounts.id',
  'accounts.login',
  'accounts.site_admin',
  'organization_members.role',
] as const;

interface MemberRow {
  readonly id: number;
  readonly login: string;
  readonly site_admin: number;
  readonly role: 'owner' | 'member';
}

function toMember({ id, login, site_admin, role }: MemberRow): TeamMember {
  return { id, login, siteAdmin: site_admin === 1, role: role === 'owner' ? 'maintainer' : 'member' };
}

export async function member(db: Db, team: Team, accountId: number): Promise<TeamMember | null> {
  const row = await everyMember(db, team)
    .where('accounts.id', '=', accountId)
    .select(memberColumns)
    .executeTakeFirst();
  return row === undefined ? null : toMember(row);
}

export async function membersPage(
  db: Db,
  team: Team,
  { page, perPage, role }: Paging & { readonly role?: TeamMember['role'] },
): Promise<Listed<TeamMember>> {
  const chosen = everyMember(db, team).$if(role !== undefined, (query) =>
    query.where('organization_members.role', '=', role === 'maintainer' ? 'owner' : 'member'),
  );
  const { total } = await chosen.select(count).executeTakeFirstOrThrow();
  const rows = await chosen
    .select(memberColumns)
    .orderBy('accounts.id')
    .offset((page - 1) * perPage)
    .limit(perPage)
    .execute();
  return { items: rows.map(toMember), total: Number(total) };
}

export interface TeamCounts {
  readonly members: number;
  readonly repositories: number;
}

export async function counts(db: Db, teamId: number): Promise<TeamCounts> {
  const members = await db
    .selectFrom('team_members')
    .where('team_id', '=', teamId)
    .select(count)
    .executeTakeFirstOrThrow();
  const repositories = await db
    .selectFrom('team_repositories')
    .where('team_id', '=', teamId)
    .select(count)
    .executeTakeFirstOrThrow();
  return { members: Number(members.total), repositories: Number(repositories.total) };
}

export interface TeamRow {
  readonly name: string;
  readonly slug: string;
  readonly description: string | null;
  readonly role: RepositoryRole;
}

/** Null when the organisation has a team of this slug. */
export async function insert(db: Db, organizationId: number, row: TeamRow, at: number): Promise<Team | null> {
  const inserted = await db
    .insertInto('teams')
    .values({ organization_id: organizationId, ...row, created_at: at, updated_at: at })
    .onConflict((conflict) => conflict.columns(['organization_id', 'slug']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted === undefined ? null : byId(db, inserted.id);
}

export async function update(db: Db, id: number, row: TeamRow, at: number): Promise<void> {
  await db
    .updateTable('teams')
    .set({ ...row, updated_at: at })
    .where('id', '=', id)
    .execute();
}

export async function remove(db: Db, id: number): Promise<boolean> {
  return (await db.deleteFrom('teams').where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

/** @returns false when they were in it already */
export async function addMember(db: Db, teamId: number, accountId: number, at: number): Promise<boolean> {
  const inserted = await db
    .insertInto('team_members')
    .values({ team_id: teamId, account_id: accountId, created_at: at })
    .onConflict((conflict) => conflict.columns(['team_id', 'account_id']).doNothing())
    .returning('team_id')
    .executeTakeFirst();
  return inserted !== undefined;
}

export async function removeMember(db: Db, teamId: number, accountId: number): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('team_members')
    .where('team_id', '=', teamId)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function roleIn(db: Db, teamId: number, repositoryId: number): Promise<RepositoryRole | null> {
  const row = await db
    .selectFrom('team_repositories')
    .where('team_id', '=', teamId)
    .where('repository_id', '=', repositoryId)
    .select('role')
    .executeTakeFirst();
  return row?.role ?? null;
}

/** @returns false when the repository is the organisation's no more */
export async function putRole(
  db: Db,
  team: Team,
  repositoryId: number,
  role: RepositoryRole,
  at: number,
): Promise<boolean> {
  const repository = await db
    .selectFrom('repositories')
    .where('id', '=', repositoryId)
    .where('owner_id', '=', team.organizationId)
    .select('id')
    .executeTakeFirst();
  if (repository === undefined) return false;
  await db
    .insertInto('team_repositories')
    .values({ team_id: team.id, repository_id: repositoryId, role, created_at: at })
    .onConflict((conflict) => conflict.columns(['team_id', 'repository_id']).doUpdateSet({ role }))
    .execute();
  return true;
}

export async function removeRole(db: Db, teamId: number, repositoryId: number): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('team_repositories')
    .where('team_id', '=', teamId)
    .where('repository_id', '=', repositoryId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
