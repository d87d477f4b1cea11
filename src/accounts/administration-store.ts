// The SQL of what site admins do to accounts, and of the names that accounts had before.
import type { Db } from '../db/database.ts';

/** Accounts of people and of organisations. @returns the login that it had; null when there is no such account */
export async function rename(
  db: Db,
  id: number,
  change: { readonly login: string; readonly loginKey: string; readonly at: number },
): Promise<string | null> {
  const before = await db
    .selectFrom('accounts')
    .select(['login', 'login_key'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (before === undefined) return null;
  await db
    .updateTable('accounts')
    .set({ login: change.login, login_key: change.loginKey, updated_at: change.at })
    .where('id', '=', id)
    .execute();
  if (before.login_key !== change.loginKey) {
    // Who has a name now is found by it: only for what nobody has is it asked who had it last.
    await db
      .insertInto('former_logins')
      .values({ login_key: before.login_key, account_id: id })
      .onConflict((conflict) => conflict.column('login_key').doUpdateSet({ account_id: id }))
      .execute();
    await db
      .deleteFrom('former_logins')
      .where('login_key', '=', change.loginKey)
      .where('account_id', '=', id)
      .execute();
  }
  return before.login;
}

export async function holderOf(db: Db, loginKey: string): Promise<number | null> {
  const row = await db
    .selectFrom('accounts')
    .select('id')
    .where('login_key', '=', loginKey)
    .executeTakeFirst();
  return row?.id ?? null;
}

export async function setSiteAdmin(db: Db, id: number, siteAdmin: boolean, at: number): Promise<void> {
  await db
    .updateTable('accounts')
    .set({ site_admin: siteAdmin ? 1 : 0, updated_at: at })
    .where('id', '=', id)
    .execute();
}
