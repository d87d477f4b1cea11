// The SQL of collaborators; that of repositories is in store.ts.
import { sql } from 'kysely';
import type { RepositoryRole } from '../access/actions.ts';
import type { Db } from '../db/database.ts';
import type { Collaborator } from './collaborators.ts';

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
  readonly account: { readonly id: number; readonly login: string };
}

/** The repository and the account by their names; null when either is there no more. */
export async function bothNamed(db: Db, repositoryId: number, accountId: number): Promise<BothNamed | null> {
  const row = await db
    .selectFrom('repositories')
    .innerJoin('accounts', (join) => join.on('accounts.id', '=', accountId))
    .innerJoin('accounts as owners', 'owners.id', 'repositories.owner_id')
    .where('repositories.id', '=', repositoryId)
    .select(['repositories.name', 'repositories.owner_id', 'owners.login as owner', 'accounts.login'])
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    repository: { id: repositoryId, ownerId: row.owner_id, ownerLogin: row.owner, name: row.name },
    account: { id: accountId, login: row.login },
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

/** The owner first, by a constant that no collaborator has. */
export async function page(
  db: Db,
  repositoryId: number,
  offset: number,
  limit: number,
): Promise<{ readonly items: readonly Collaborator[]; readonly total: number }> {
  const owner = db
    .selectFrom('repositories')
    .where('repositories.id', '=', repositoryId)
    .select([
      'repositories.owner_id as account_id',
      sql<RepositoryRole>`'admin'`.as('role'),
      sql<number>`0`.as('place'),
    ]);
  const others = db
    .selectFrom('collaborators')
    .where('collaborators.repository_id', '=', repositoryId)
    .select(['collaborators.account_id', 'collaborators.role', sql<number>`1`.as('place')]);
  const all = owner.unionAll(others);
  const { total } = await db
    .selectFrom(all.as('people'))
    .select((eb) => eb.fn.countAll().as('total'))
    .executeTakeFirstOrThrow();
  const rows = await db
    .selectFrom(all.as('people'))
    .innerJoin('accounts', 'accounts.id', 'people.account_id')
    .select(['accounts.id', 'accounts.login', 'accounts.site_admin', 'people.role'])
    .orderBy('people.place')
    .orderBy('accounts.id')
    .offset(offset)
    .limit(limit)
    .execute();
  const items = rows.map((row) => ({
    accountId: row.id,
    login: row.login,
    siteAdmin: row.site_admin === 1,
    role: row.role,
  }));
  return { items, total: Number(total) };
}
