// The SQL of organisations: their rows of `organizations`, and of `accounts`, where their kind is `organization`.
// People's rows are accounts/store.ts's; members, teams and invitations have files of their own beside this one.
import type { OrganizationRole } from '../access/actions.ts';
import { type Actor, accountId } from '../access/actor.ts';
import { letsIn } from '../access/visible.ts';
import type { Db } from '../db/database.ts';
import type { BasePermission, Listed, Organization, Paging } from './organizations.ts';

/** An organisation and the role that one caller has in it. */
export interface OrganizationForCaller {
  readonly organization: Organization;
  readonly role: OrganizationRole | null;
}

interface Row {
  readonly id: number;
  readonly login: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly base_permission: BasePermission;
  readonly members_may_create: number;
  readonly allows_classic_tokens: number;
  readonly created_at: number;
  readonly updated_at: number;
}

export const organizationColumns = [
  'accounts.id',
  'accounts.login',
  'accounts.name',
  'organizations.description',
  'organizations.base_permission',
  'organizations.members_may_create',
  'organizations.allows_classic_tokens',
  'accounts.created_at',
  'accounts.updated_at',
] as const;

export function toOrganization(row: Row): Organization {
  return {
    id: row.id,
    login: row.login,
    name: row.name,
    description: row.description,
    basePermission: row.base_permission,
    membersMayCreate: row.members_may_create === 1,
    allowsClassicTokens: row.allows_classic_tokens === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

const all = (db: Db) =>
  db
    .selectFrom('organizations')
    .innerJoin('accounts', 'accounts.id', 'organizations.account_id')
    .select(organizationColumns);

const forCaller = (db: Db, actor: Actor) =>
  all(db)
    .leftJoin('organization_members', (join) =>
      join
        .onRef('organization_members.organization_id', '=', 'organizations.account_id')
        .on('organization_members.account_id', '=', accountId(actor) ?? 0),
    )
    .select('organization_members.role');

const orNull = (row: (Row & { readonly role: OrganizationRole | null }) | undefined) =>
  row === undefined ? null : { organization: toOrganization(row), role: row.role };

export async function byLoginKey(
  db: Db,
  actor: Actor,
  loginKey: string,
): Promise<OrganizationForCaller | null> {
  return orNull(await forCaller(db, actor).where('accounts.login_key', '=', loginKey).executeTakeFirst());
}

export async function byId(db: Db, actor: Actor, id: number): Promise<OrganizationForCaller | null> {
  return orNull(await forCaller(db, actor).where('accounts.id', '=', id).executeTakeFirst());
}

export async function plainById(db: Db, id: number): Promise<Organization | null> {
  const row = await all(db).where('accounts.id', '=', id).executeTakeFirst();
  return row === undefined ? null : toOrganization(row);
}

export async function after(db: Db, id: number, limit: number): Promise<readonly Organization[]> {
  const rows = await all(db).where('accounts.id', '>', id).orderBy('accounts.id').limit(limit).execute();
  return rows.map(toOrganization);
}

export async function ofMember(
  db: Db,
  actor: Actor,
  member: number,
  asked: Paging & { readonly publicOnly?: boolean; readonly loginKey?: string },
): Promise<Listed<{ readonly organization: Organization; readonly role: OrganizationRole }>> {
  const { page, perPage, publicOnly = false, loginKey } = asked;
  const theirs = db
    .selectFrom('organizations')
    .innerJoin('accounts', 'accounts.id', 'organizations.account_id')
    .innerJoin('organization_members', 'organization_members.organization_id', 'organizations.account_id')
    .where('organization_members.account_id', '=', member)
    // What is public is public to tokens too (ghes-spec 1.6).
    .$if(publicOnly, (query) => query.where('organization_members.is_public', '=', 1))
    .$if(loginKey !== undefined, (query) => query.where('accounts.login_key', '=', loginKey ?? ''))
    .$if(!publicOnly, (query) => query.where(letsIn(actor)));
  const { total } = await theirs.select((eb) => eb.fn.countAll().as('total')).executeTakeFirstOrThrow();
  const rows = await theirs
    .select([...organizationColumns, 'organization_members.role'])
    .orderBy('accounts.login_key')
    .offset((page - 1) * perPage)
    .limit(perPage)
    .execute();
  return {
    items: rows.map((row) => ({ organization: toOrganization(row), role: row.role })),
    total: Number(total),
  };
}

/** Null when the login is taken. */
export async function insert(
  db: Db,
  row: {
    readonly login: string;
    readonly loginKey: string;
    readonly name: string | null;
    readonly at: number;
  },
): Promise<Organization | null> {
  const account = await db
    .insertInto('accounts')
    .values({
      kind: 'organization',
      login: row.login,
      login_key: row.loginKey,
      name: row.name,
      created_at: row.at,
      updated_at: row.at,
    })
    .onConflict((conflict) => conflict.column('login_key').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (account === undefined) return null;
  await db.insertInto('organizations').values({ account_id: account.id }).execute();
  return plainById(db, account.id);
}

export async function update(db: Db, organization: Organization): Promise<void> {
  await db
    .updateTable('accounts')
    .set({ name: organization.name, updated_at: organization.updatedAt })
    .where('id', '=', organization.id)
    .execute();
  await db
    .updateTable('organizations')
    .set({
      description: organization.description,
      base_permission: organization.basePermission,
      members_may_create: organization.membersMayCreate ? 1 : 0,
      allows_classic_tokens: organization.allowsClassicTokens ? 1 : 0,
    })
    .where('account_id', '=', organization.id)
    .execute();
}

/**
 * Lets one transaction at a time decide about the organisation's members: an update that changes nothing holds the
 * row in PostgreSQL, and SQLite has one writer anyhow.
 */
export async function hold(db: Db, id: number): Promise<void> {
  await db.updateTable('organizations').set({ account_id: id }).where('account_id', '=', id).execute();
}

/** Teams, memberships and invitations go with it (foreign keys); repositories make it fail. */
export async function remove(db: Db, id: number): Promise<void> {
  await db.deleteFrom('accounts').where('id', '=', id).where('kind', '=', 'organization').execute();
}
