// The SQL of who belongs to an organisation.
import type { OrganizationRole } from '../access/actions.ts';
import type { Db } from '../db/database.ts';
import type { Member, MembersAsked } from './members.ts';
import type { Listed } from './organizations.ts';

export const everyMember = (db: Db) =>
  db
    .selectFrom('organization_members')
    .innerJoin('accounts', 'accounts.id', 'organization_members.account_id');

export const memberColumns = [
  'accounts.id',
  'accounts.login',
  'accounts.name',
  'accounts.site_admin',
  'organization_members.role',
  'organization_members.is_public',
] as const;

interface Row {
  readonly id: number;
  readonly login: string;
  readonly name: string | null;
  readonly site_admin: number;
  readonly role: OrganizationRole;
  readonly is_public: number;
}

export function toMember(row: Row): Member {
  return {
    id: row.id,
    login: row.login,
    name: row.name,
    siteAdmin: row.site_admin === 1,
    role: row.role,
    isPublic: row.is_public === 1,
  };
}

export async function find(db: Db, organizationId: number, accountId: number): Promise<Member | null> {
  const row = await everyMember(db)
    .where('organization_members.organization_id', '=', organizationId)
    .where('organization_members.account_id', '=', accountId)
    .select(memberColumns)
    .executeTakeFirst();
  return row === undefined ? null : toMember(row);
}

/** In the order of their accounts. */
export async function page(db: Db, organizationId: number, asked: MembersAsked): Promise<Listed<Member>> {
  const { publicOnly = false, role } = asked;
  const chosen = everyMember(db)
    .where('organization_members.organization_id', '=', organizationId)
    .$if(publicOnly, (query) => query.where('organization_members.is_public', '=', 1))
    .$if(role !== undefined, (query) => query.where('organization_members.role', '=', role ?? 'member'));
  const { total } = await chosen.select((eb) => eb.fn.countAll().as('total')).executeTakeFirstOrThrow();
  const rows = await chosen
    .select(memberColumns)
    .orderBy('accounts.id')
    .offset((asked.page - 1) * asked.perPage)
    .limit(asked.perPage)
    .execute();
  return { items: rows.map(toMember), total: Number(total) };
}

export async function put(
  db: Db,
  member: {
    readonly organizationId: number;
    readonly accountId: number;
    readonly role: OrganizationRole;
    readonly at: number;
  },
): Promise<void> {
  await db
    .insertInto('organization_members')
    .values({
      organization_id: member.organizationId,
      account_id: member.accountId,
      role: member.role,
      created_at: member.at,
    })
    .onConflict((conflict) =>
      conflict.columns(['organization_id', 'account_id']).doUpdateSet({ role: member.role }),
    )
    .execute();
}

export async function setPublic(
  db: Db,
  organizationId: number,
  accountId: number,
  isPublic: boolean,
): Promise<void> {
  await db
    .updateTable('organization_members')
    .set({ is_public: isPublic ? 1 : 0 })
    .where('organization_id', '=', organizationId)
    .where('account_id', '=', accountId)
    .execute();
}

/** With its places in the organisation's teams. */
export async function remove(db: Db, organizationId: number, accountId: number): Promise<void> {
  await db
    .deleteFrom('team_members')
    .where('account_id', '=', accountId)
    .where('team_id', 'in', (eb) =>
      eb.selectFrom('teams').where('teams.organization_id', '=', organizationId).select('teams.id'),
    )
    .execute();
  await db
    .deleteFrom('organization_members')
    .where('organization_id', '=', organizationId)
    .where('account_id', '=', accountId)
    .execute();
}

export async function countOtherOwners(db: Db, organizationId: number, accountId: number): Promise<number> {
  const { count } = await db
    .selectFrom('organization_members')
    .where('organization_id', '=', organizationId)
    .where('role', '=', 'owner')
    .where('account_id', '!=', accountId)
    .select((eb) => eb.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The logins of the organisations whose only owner this account is. */
export async function soleOwnerships(db: Db, accountId: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('organization_members as own')
    .innerJoin('accounts', 'accounts.id', 'own.organization_id')
    .where('own.account_id', '=', accountId)
    .where('own.role', '=', 'owner')
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('organization_members as others')
            .select('others.account_id')
            .whereRef('others.organization_id', '=', 'own.organization_id')
            .where('others.role', '=', 'owner')
            .where('others.account_id', '!=', accountId),
        ),
      ),
    )
    .select('accounts.login')
    .orderBy('accounts.login_key')
    .execute();
  return rows.map((row) => row.login);
}
