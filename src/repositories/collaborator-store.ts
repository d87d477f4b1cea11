// The SQL of collaborators; that of repositories is in store.ts.
import { sql } from 'kysely';
import type { RepositoryRole } from '../access/actions.ts';
import { roleOfRank, standingsIn } from '../access/standing.ts';
import type { Db } from '../db/database.ts';
import type { Collaborator, CollaboratorsAsked } from './collaborators.ts';

export async function roleOf(
  db: Db,
  repositoryId: number,
  accountId: number,
): Promise<RepositoryRole | null> {
  const row = await db
    .selectFrom('collaborators')
    .where('repository_id', '=', repositoryId)
    .where('account_id', '=', accountId)
    .select('role')
    .executeTakeFirst();
  return row?.role ?? null;
}

interface BothNamed {
  readonly repository: {
    readonly id: number;
    readonly ownerId: number;
    readonly ownerLogin: string;
    readonly name: string;
  };
  readonly account: { readonly id: number; readonly login: string; readonly siteAdmin: boolean };
}

/** The repository and the account by their names; null when either is there no more. */
export async function bothNamed(db: Db, repositoryId: number, accountId: number): Promise<BothNamed | null> {
  const row = await db
    .selectFrom('repositories')
    .innerJoin('accounts', (join) => join.on('accounts.id', '=', accountId))
    .innerJoin('accounts as owners', 'owners.id', 'repositories.owner_id')
    .where('repositories.id', '=', repositoryId)
    .select([
      'repositories.name',
      'repositories.owner_id',
      'owners.login as owner',
      'accounts.login',
      'accounts.site_admin',
    ])
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    repository: { id: repositoryId, ownerId: row.owner_id, ownerLogin: row.owner, name: row.name },
    account: { id: accountId, login: row.login, siteAdmin: row.site_admin === 1 },
  };
}

export async function put(
  db: Db,
  repositoryId: number,
  accountId: number,
  role: RepositoryRole,
  at: number,
): Promise<void> {
  await db
    .insertInto('collaborators')
    .values({ repository_id: repositoryId, account_id: accountId, role, created_at: at })
    .onConflict((conflict) => conflict.columns(['repository_id', 'account_id']).doUpdateSet({ role }))
    .execute();
}

export async function remove(db: Db, repositoryId: number, accountId: number): Promise<boolean> {
  const row = await db
    .deleteFrom('collaborators')
    .where('repository_id', '=', repositoryId)
    .where('account_id', '=', accountId)
    .returning('account_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** By whatever way; null: none. */
export async function highestRoleOf(
  db: Db,
  repositoryId: number,
  accountId: number,
): Promise<RepositoryRole | null> {
  const row = await db
    .selectFrom(standingsIn(repositoryId).as<'ways'>(sql.ref('ways')))
    .where('ways.account_id', '=', accountId)
    .select((eb) => eb.fn.max('ways.standing').as('standing'))
    .executeTakeFirst();
  return roleOfRank(Number(row?.standing ?? 0));
}

/** The owner first. */
export async function page(
  db: Db,
  repository: { readonly id: number; readonly ownerId: number },
  asked: { readonly page: number; readonly perPage: number; readonly affiliation?: CollaboratorsAsked },
): Promise<{ readonly items: readonly Collaborator[]; readonly total: number }> {
  const { affiliation = 'all' } = asked;
  const people = db
    .selectFrom(standingsIn(repository.id).as<'ways'>(sql.ref('ways')))
    .innerJoin('accounts', 'accounts.id', 'ways.account_id')
    .leftJoin('collaborators', (join) =>
      join
        .onRef('collaborators.account_id', '=', 'ways.account_id')
        .on('collaborators.repository_id', '=', repository.id),
    )
    .$if(affiliation !== 'all', (query) => query.where('ways.affiliation', '=', 'direct'))
    .$if(affiliation === 'outside', (query) =>
      query.where('ways.account_id', 'not in', (eb) =>
        eb
          .selectFrom('organization_members')
          .where('organization_members.organization_id', '=', repository.ownerId)
          .select('organization_members.account_id'),
      ),
    )
    .select((eb) => [
      'accounts.id',
      'accounts.login',
      'accounts.site_admin',
      'collaborators.role as own_role',
      eb.fn.max('ways.standing').as('standing'),
    ])
    .groupBy(['accounts.id', 'accounts.login', 'accounts.site_admin', 'collaborators.role'])
    .having((eb) => eb(eb.fn.max('ways.standing'), '>', 0));
  const { total } = await db
    .selectFrom(people.as('people'))
    .select((eb) => eb.fn.countAll().as('total'))
    .executeTakeFirstOrThrow();
  const rows = await people
    .orderBy(sql`CASE WHEN accounts.id = ${repository.ownerId} THEN 0 ELSE 1 END`)
    .orderBy('accounts.id')
    .offset((asked.page - 1) * asked.perPage)
    .limit(asked.perPage)
    .execute();
  const items = rows.map((row) => ({
    accountId: row.id,
    login: row.login,
    siteAdmin: row.site_admin === 1,
    role: roleOfRank(Number(row.standing)) ?? 'read',
    ownRole: row.own_role,
  }));
  return { items, total: Number(total) };
}
