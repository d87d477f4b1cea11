// The SQL of what lies between the first proof and the second: sign-ins that wait for a second factor, and the
// challenges that passkeys are to sign. Nothing else touches these tables.
import type { Db } from '../db/database.ts';

export async function insertHalfSignIn(
  db: Db,
  half: { readonly secretHash: Uint8Array; readonly accountId: number; readonly expiresAt: number },
): Promise<void> {
  await db
    .insertInto('half_sign_ins')
    .values({ secret_hash: half.secretHash, account_id: half.accountId, expires_at: half.expiresAt })
    .execute();
}

/** Whose it is; null: unknown, used, or too old. */
export async function halfSignInAccount(db: Db, secretHash: Uint8Array, now: number): Promise<number | null> {
  const row = await db
    .selectFrom('half_sign_ins')
    .where('secret_hash', '=', secretHash)
    .where('expires_at', '>', now)
    .select('account_id')
    .executeTakeFirst();
  return row?.account_id ?? null;
}

/** One, or all of an account. How many went? */
export async function deleteHalfSignIns(
  db: Db,
  which: { readonly accountId: number } | { readonly secretHash: Uint8Array },
): Promise<number> {
  const all = db.deleteFrom('half_sign_ins');
  const query =
    'accountId' in which
      ? all.where('account_id', '=', which.accountId)
      : all.where('secret_hash', '=', which.secretHash);
  return Number((await query.executeTakeFirst()).numDeletedRows);
}

export async function deleteOldHalfSignIns(db: Db, now: number): Promise<void> {
  await db.deleteFrom('half_sign_ins').where('expires_at', '<=', now).execute();
}

/** A browser has one challenge for each purpose: the latest. */
export async function writeChallenge(
  db: Db,
  challenge: {
    readonly challenge: string;
    readonly boundTo: Uint8Array;
    readonly purpose: string;
    readonly expiresAt: number;
  },
): Promise<void> {
  const values = { challenge: challenge.challenge, expires_at: challenge.expiresAt };
  await db
    .insertInto('passkey_challenges')
    .values({ bound_to: challenge.boundTo, purpose: challenge.purpose, ...values })
    .onConflict((conflict) => conflict.columns(['bound_to', 'purpose']).doUpdateSet(values))
    .execute();
}

/** Uses it up. @returns false when it is not this browser's for this purpose, or too old */
export async function takeChallenge(
  db: Db,
  challenge: {
    readonly challenge: string;
    readonly boundTo: Uint8Array;
    readonly purpose: string;
    readonly now: number;
  },
): Promise<boolean> {
  const result = await db
    .deleteFrom('passkey_challenges')
    .where('challenge', '=', challenge.challenge)
    .where('bound_to', '=', challenge.boundTo)
    .where('purpose', '=', challenge.purpose)
    .where('expires_at', '>', challenge.now)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Makes room: what is too old goes, and beyond `most` the oldest. */
export async function pruneChallenges(db: Db, now: number, most: number): Promise<void> {
  await db.deleteFrom('passkey_challenges').where('expires_at', '<=', now).execute();
  const surplus = db
    .selectFrom('passkey_challenges')
    .select('challenge')
    .orderBy('expires_at', 'desc')
    .offset(most)
    .limit(1000);
  await db.deleteFrom('passkey_challenges').where('challenge', 'in', surplus).execute();
}
