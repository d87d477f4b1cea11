// The SQL of tokens that applications hold; tokens in general are store.ts's.
import type { Db } from '../db/database.ts';
import type { Scopes } from '../scopes/scopes.ts';
import type { SecretHash } from '../secrets/secret.ts';
import { type RemovedToken, toToken } from './store.ts';
import type { Token } from './tokens.ts';

interface Alike {
  readonly applicationId: number;
  readonly accountId: number;
  readonly scopes: Scopes;
}

/** How many such tokens were made after that moment and are alive. */
export async function countSince(db: Db, which: Alike, since: number): Promise<number> {
  const { count } = await alike(db, which)
    .where('created_at', '>', since)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Deletes the oldest such tokens until so many are left. */
export async function evict(db: Db, which: Alike, left: number): Promise<readonly RemovedToken[]> {
  const rows = await alike(db, which)
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .offset(left)
    // Portable: SQLite knows no OFFSET without a LIMIT.
    .limit(1000)
    .execute();
  for (const { id } of rows) await db.deleteFrom('tokens').where('id', '=', id).execute();
  return rows.map((row) => ({ token: toToken(row), secretHash: row.secret_hash }));
}

const alike = (db: Db, { applicationId, accountId, scopes }: Alike) =>
  db
    .selectFrom('tokens')
    .where('application_id', '=', applicationId)
    .where('account_id', '=', accountId)
    .where('scopes', '=', scopes.join(' '));

export async function findBySecret(
  db: Db,
  applicationId: number,
  hash: SecretHash,
): Promise<(RemovedToken & { readonly accountId: number }) | null> {
  const row = await db
    .selectFrom('tokens')
    .selectAll()
    .where('secret_hash', '=', hash)
    .where('application_id', '=', applicationId)
    .executeTakeFirst();
  return row === undefined
    ? null
    : { token: toToken(row), secretHash: row.secret_hash, accountId: row.account_id };
}

export async function replaceSecret(
  db: Db,
  applicationId: number,
  former: SecretHash,
  secret: { readonly hash: SecretHash; readonly lastEight: string; readonly now: number },
): Promise<Token | null> {
  const row = await db
    .updateTable('tokens')
    .set({
      secret_hash: secret.hash,
      last_eight: secret.lastEight,
      updated_at: secret.now,
      issued_at: secret.now,
      last_used_at: null,
    })
    .where('secret_hash', '=', former)
    .where('application_id', '=', applicationId)
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? null : toToken(row);
}

/** By application: how many it holds for the person, and when one was used last. */
export async function countsOf(
  db: Db,
  accountId: number,
): Promise<readonly { applicationId: number; count: number; lastUsedAt: number | null }[]> {
  const rows = await db
    .selectFrom('tokens')
    .where('account_id', '=', accountId)
    .where('application_id', 'is not', null)
    .select(['application_id'])
    .select(({ fn }) => [fn.countAll<number>().as('count'), fn.max('last_used_at').as('last_used_at')])
    .groupBy('application_id')
    .execute();
  return rows.map((row) => ({
    applicationId: row.application_id ?? 0,
    count: Number(row.count),
    lastUsedAt: row.last_used_at,
  }));
}

/** The newest first. */
export async function list(
  db: Db,
  { applicationId, accountId }: { readonly applicationId: number; readonly accountId: number },
): Promise<readonly Token[]> {
  const rows = await db
    .selectFrom('tokens')
    .selectAll()
    .where('application_id', '=', applicationId)
    .where('account_id', '=', accountId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map(toToken);
}
