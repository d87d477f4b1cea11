// The SQL of tokens by which site admins act as others; of all tokens: store.ts.
import { impersonationEnded, makerMay } from '../access/impersonation.ts';
import type { Db } from '../db/database.ts';
import { type RemovedToken, toToken } from './store.ts';

/** The token by which site admins act as this account. */
export async function impersonationOf(
  db: Db,
  accountId: number,
): Promise<(RemovedToken & { readonly makerMay: boolean }) | null> {
  const row = await db
    .selectFrom('tokens')
    .selectAll()
    .select(makerMay.as('maker_may'))
    .where('account_id', '=', accountId)
    .where('kind', '=', 'impersonation')
    .executeTakeFirst();
  if (row === undefined) return null;
  return { token: toToken(row), secretHash: row.secret_hash, makerMay: Number(row.maker_may) === 1 };
}

/** Ids of tokens by which site admins act as others, and which have ended without being deleted yet. */
export async function endedImpersonations(db: Db, now: number): Promise<readonly number[]> {
  const rows = await db
    .selectFrom('tokens')
    .select('id')
    .where('made_by_login', 'is not', null)
    .where(impersonationEnded(now), '=', 1)
    .execute();
  return rows.map(({ id }) => id);
}
