// The SQL of names that are kept for who had them. Nothing else touches this table.
import type { Db } from '../db/database.ts';
import type { KeptNamesTable } from '../db/schema.ts';

export interface KeptName {
  /** As it was written. */
  readonly login: string;
  /** Who may take it back; null: the account is gone. */
  readonly accountId: number | null;
  /** Milliseconds since 1970. */
  readonly until: number;
}

const toName = (row: KeptNamesTable): KeptName => ({
  login: row.login,
  accountId: row.account_id,
  until: row.until,
});

export async function keep(
  db: Db,
  { loginKey, login, accountId, until }: KeptName & { readonly loginKey: string },
): Promise<void> {
  const values = { login, account_id: accountId, until };
  await db
    .insertInto('kept_names')
    .values({ login_key: loginKey, ...values })
    .onConflict((conflict) => conflict.column('login_key').doUpdateSet(values))
    .execute();
}

export async function find(db: Db, loginKey: string, now: number): Promise<KeptName | null> {
  const row = await db
    .selectFrom('kept_names')
    .selectAll()
    .where('login_key', '=', loginKey)
    .where('until', '>', now)
    .executeTakeFirst();
  return row === undefined ? null : toName(row);
}

/** The latest first. */
export async function list(db: Db, now: number, most: number): Promise<readonly KeptName[]> {
  const rows = await db
    .selectFrom('kept_names')
    .selectAll()
    .where('until', '>', now)
    .orderBy('until', 'desc')
    .orderBy('login_key')
    .limit(most)
    .execute();
  return rows.map(toName);
}

export async function free(db: Db, loginKey: string): Promise<void> {
  await db.deleteFrom('kept_names').where('login_key', '=', loginKey).execute();
}

export async function freeOld(db: Db, now: number): Promise<void> {
  await db.deleteFrom('kept_names').where('until', '<=', now).execute();
}
