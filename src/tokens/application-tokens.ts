// Tokens that OAuth applications hold for people (`gho_…`, ghes-spec 8.4). They are kept, verified, logged and deleted
// as personal ones are; what differs is that the application asked for them and the person never sees them.
import type { Acting, Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import type { Scopes } from '../scopes/scopes.ts';
import type { Secret, SecretHash } from '../secrets/secret.ts';
import * as store from './application-store.ts';
import { lastEight, newToken } from './format.ts';
import { recordToken } from './log.ts';
import { insert, type RemovedToken } from './store.ts';
import type { IssuedToken, Token } from './tokens.ts';

/** How many tokens an application may hold for a person and a set of scopes: one more ends the oldest. */
const MAX_ALIKE = 10;
/** How many it is given for them within an hour. */
const MAX_PER_HOUR = 10;
const HOUR_MS = 60 * 60 * 1000;

export interface TokenOfApplication {
  readonly id: number;
  readonly name: string;
}

/**
 * Gives an application a token of this person. Who lets it is asked before.
 * @param db the transaction that uses up the code for which it is given
 * @returns null when the application was given too many within the hour: nothing was made, and none has ended
 */
export async function issueApplicationToken(
  ctx: Acting,
  db: Db,
  {
    accountId,
    application,
    scopes,
  }: { readonly accountId: number; readonly application: TokenOfApplication; readonly scopes: Scopes },
): Promise<IssuedToken | null> {
  const now = ctx.now();
  const which = { applicationId: application.id, accountId, scopes };
  if ((await store.countSince(db, which, now - HOUR_MS)) >= MAX_PER_HOUR) return null;
  // The keys that the evicted ones made stay: they hang on what the person lets the application do.
  for (const { token, secretHash } of await store.evict(db, which, MAX_ALIKE - 1)) {
    await recordToken(ctx, db, 'destroy', token, {
      hash: secretHash,
      explanation: 'replaced by a newer one of the same application and scopes',
    });
  }
  const secret = newToken('gho_', ctx.random);
  const token = await insert(db, {
    accountId,
    note: application.name,
    scopes,
    secretHash: secret.hash(),
    lastEight: lastEight(secret),
    now,
    expiresAt: null,
    applicationId: application.id,
  });
  if (token === null) throw new Error('the token of an application was not written');
  await recordToken(ctx, db, 'create', token, { hash: secret.hash() });
  return { token, secret };
}

export interface ApplicationTokenFound extends RemovedToken {
  readonly accountId: number;
}

/** The token of this application that has this secret; null: there is none, or it is another's. */
export function findApplicationToken(
  ctx: Context,
  applicationId: number,
  secret: Secret,
): Promise<ApplicationTokenFound | null> {
  return store.findBySecret(ctx.db, applicationId, secret.hash());
}

/** Gives the token a new secret; the old one is dead at once, and the row, with the keys it made, stays. */
export function resetApplicationToken(
  ctx: Acting,
  applicationId: number,
  former: Secret,
): Promise<IssuedToken | null> {
  const secret = newToken('gho_', ctx.random);
  return ctx.db.transaction().execute(async (db) => {
    const formerHash: SecretHash = former.hash();
    const token = await store.replaceSecret(db, applicationId, formerHash, {
      hash: secret.hash(),
      lastEight: lastEight(secret),
      now: ctx.now(),
    });
    if (token === null) return null;
    await recordToken(ctx, db, 'regenerate', token, { hash: secret.hash(), formerHash });
    return { token, secret };
  });
}

/** All that an application holds for a person, the newest first. */
export function listApplicationTokens(
  ctx: Context,
  which: { readonly applicationId: number; readonly accountId: number },
): Promise<readonly Token[]> {
  return store.list(ctx.db, which);
}

export interface ApplicationTokenCount {
  readonly count: number;
  /** Of the one that was used last, to the minute; null: none was used. */
  readonly lastUsedAt: number | null;
}

/** What applications hold for a person, by the ids of the applications. */
export async function countApplicationTokens(
  ctx: Context,
  accountId: number,
): Promise<ReadonlyMap<number, ApplicationTokenCount>> {
  const counts = await store.countsOf(ctx.db, accountId);
  return new Map(counts.map(({ applicationId, ...of }) => [applicationId, of]));
}
