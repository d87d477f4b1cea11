// The SQL of which notices were given about a token: the only place that touches their table.
import type { Db } from '../db/database.ts';
import type { TokenNoticesTable } from '../db/schema.ts';
import { toToken } from './store.ts';
import type { Token } from './tokens.ts';

export type NoticeKind = TokenNoticesTable['kind'];

/** Notes that the notice is given. @returns false when it was given before */
export async function claim(db: Db, tokenId: number, kind: NoticeKind, at: number): Promise<boolean> {
  const row = await db
    .insertInto('token_notices')
    .values({ token_id: tokenId, kind, at })
    .onConflict((conflict) => conflict.columns(['token_id', 'kind']).doNothing())
    .returning('token_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Notes that a notice is given that may be given again. @returns false when the latest is younger than `since` */
export async function claimAgain(
  db: Db,
  tokenId: number,
  kind: NoticeKind,
  at: number,
  since: number,
): Promise<boolean> {
  // Most often it was given: then nothing is written.
  const latest = await db
    .selectFrom('token_notices')
    .select('at')
    .where('token_id', '=', tokenId)
    .where('kind', '=', kind)
    .executeTakeFirst();
  if (latest !== undefined && latest.at > since) return false;
  const row = await db
    .insertInto('token_notices')
    .values({ token_id: tokenId, kind, at })
    .onConflict((conflict) =>
      conflict.columns(['token_id', 'kind']).doUpdateSet({ at }).where('token_notices.at', '<=', since),
    )
    .returning('token_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** The token begins anew: whatever is to be told will be told. */
export async function forget(db: Db, tokenId: number): Promise<void> {
  await db.deleteFrom('token_notices').where('token_id', '=', tokenId).execute();
}

/** Living tokens of people who are not suspended, that expire within this time and lived for longer than it. */
export async function expiring(
  db: Db,
  wanted: {
    readonly kind: 'week' | 'day';
    readonly now: number;
    readonly within: number;
    readonly limit: number;
  },
): Promise<readonly Token[]> {
  const rows = await db
    .selectFrom('tokens')
    .innerJoin('accounts', 'accounts.id', 'tokens.account_id')
    .selectAll('tokens')
    .where('tokens.expires_at', '>', wanted.now)
    .where('tokens.expires_at', '<=', wanted.now + wanted.within)
    .where((e) => e(e('tokens.expires_at', '-', e.ref('tokens.issued_at')), '>', wanted.within))
    .where('accounts.suspended_at', 'is', null)
    .where((e) =>
      e.not(
        e.exists(
          e
            .selectFrom('token_notices')
            .select('token_notices.token_id')
            .whereRef('token_notices.token_id', '=', 'tokens.id')
            .where('token_notices.kind', '=', wanted.kind),
        ),
      ),
    )
    .orderBy('tokens.expires_at')
    .limit(wanted.limit)
    .execute();
  return rows.map(toToken);
}
