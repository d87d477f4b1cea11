// The SQL of second factors: authenticator apps, passkeys and security keys, recovery codes. Nothing else touches
// these tables. How far a sign-in has come stands in half-sign-in-store.ts.
import type { Db } from '../db/database.ts';
import type { PasskeysTable } from '../db/schema.ts';

export interface AppRow {
  readonly sealedSecret: Uint8Array;
  readonly lastStep: number;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

export async function appOf(db: Db, accountId: number): Promise<AppRow | null> {
  const row = await db
    .selectFrom('authenticator_apps')
    .where('account_id', '=', accountId)
    .select([
      'sealed_secret as sealedSecret',
      'last_step as lastStep',
      'created_at as createdAt',
      'last_used_at as lastUsedAt',
    ])
    .executeTakeFirst();
  return row ?? null;
}

/** Replaces the one that the account had. */
export async function writeApp(
  db: Db,
  app: {
    readonly accountId: number;
    readonly sealedSecret: Uint8Array;
    readonly step: number;
    readonly at: number;
  },
): Promise<void> {
  const values = {
    sealed_secret: app.sealedSecret,
    last_step: app.step,
    created_at: app.at,
    last_used_at: app.at,
  };
  await db
    .insertInto('authenticator_apps')
    .values({ account_id: app.accountId, ...values })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(values))
    .execute();
}

/**
 * Uses up a code: its step and all before it.
 * @param sealedSecret the one it was checked against: a replaced app's codes are worth nothing
 * @returns false when it was used up already
 */
export async function useStep(
  db: Db,
  use: {
    readonly accountId: number;
    readonly sealedSecret: Uint8Array;
    readonly step: number;
    readonly at: number;
  },
): Promise<boolean> {
  const result = await db
    .updateTable('authenticator_apps')
    .set({ last_step: use.step, last_used_at: use.at })
    .where('account_id', '=', use.accountId)
    .where('sealed_secret', '=', use.sealedSecret)
    .where('last_step', '<', use.step)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function deleteApp(db: Db, accountId: number): Promise<boolean> {
  const result = await db
    .deleteFrom('authenticator_apps')
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export interface PasskeyRow {
  readonly id: number;
  readonly accountId: number;
  readonly kind: PasskeysTable['kind'];
  readonly name: string;
  readonly credentialId: string;
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

const passkeys = (db: Db) =>
  db
    .selectFrom('passkeys')
    .select([
      'id',
      'account_id as accountId',
      'kind',
      'name',
      'credential_id as credentialId',
      'public_key as publicKey',
      'counter',
      'transports',
      'created_at as createdAt',
      'last_used_at as lastUsedAt',
    ]);

/** In the order in which they were added. */
export async function passkeysOf(db: Db, accountId: number): Promise<readonly PasskeyRow[]> {
  return passkeys(db).where('account_id', '=', accountId).orderBy('id').execute();
}

export async function passkeyByCredential(db: Db, credentialId: string): Promise<PasskeyRow | null> {
  return (await passkeys(db).where('credential_id', '=', credentialId).executeTakeFirst()) ?? null;
}

/** False when somebody has that very credential already. */
export async function insertPasskey(
  db: Db,
  passkey: Omit<PasskeyRow, 'id' | 'createdAt' | 'lastUsedAt'> & { readonly at: number },
): Promise<boolean> {
  const row = await db
    .insertInto('passkeys')
    .values({
      account_id: passkey.accountId,
      kind: passkey.kind,
      name: passkey.name,
      credential_id: passkey.credentialId,
      public_key: passkey.publicKey,
      counter: passkey.counter,
      transports: passkey.transports,
      created_at: passkey.at,
      last_used_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Notes a use. The counter only ever grows, where the authenticator counts at all (WebAuthn §6.1.1).
 * @returns false when it does not, or the passkey is gone
 */
export async function countPasskeyUse(
  db: Db,
  use: { readonly id: number; readonly counter: number; readonly at: number },
): Promise<boolean> {
  const result = await db
    .updateTable('passkeys')
    .set({ counter: use.counter, last_used_at: use.at })
    .where('id', '=', use.id)
    .where((e) =>
      e.or([e('counter', '<', use.counter), e.and([e('counter', '=', 0), e.val(use.counter === 0 ? 1 : 0)])]),
    )
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function renamePasskey(
  db: Db,
  passkey: { readonly id: number; readonly accountId: number; readonly name: string },
): Promise<boolean> {
  const result = await db
    .updateTable('passkeys')
    .set({ name: passkey.name })
    .where('id', '=', passkey.id)
    .where('account_id', '=', passkey.accountId)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** One of the account's, or all. @returns what went */
export async function deletePasskeys(
  db: Db,
  accountId: number,
  id?: number,
): Promise<readonly Pick<PasskeyRow, 'kind' | 'name'>[]> {
  let query = db.deleteFrom('passkeys').where('account_id', '=', accountId);
  if (id !== undefined) query = query.where('id', '=', id);
  return query.returning(['kind', 'name']).execute();
}

/** Does it take more than the password to sign in? */
export async function hasSecondFactor(db: Db, accountId: number): Promise<boolean> {
  const app = await db
    .selectFrom('authenticator_apps')
    .where('account_id', '=', accountId)
    .select('account_id')
    .executeTakeFirst();
  if (app !== undefined) return true;
  const passkey = await db
    .selectFrom('passkeys')
    .where('account_id', '=', accountId)
    .select('id')
    .limit(1)
    .executeTakeFirst();
  return passkey !== undefined;
}

/** Those of these accounts that have a second factor. */
export async function withSecondFactor(db: Db, accountIds: readonly number[]): Promise<ReadonlySet<number>> {
  if (accountIds.length === 0) return new Set();
  const rows = await db
    .selectFrom('authenticator_apps')
    .where('account_id', 'in', accountIds)
    .select('account_id')
    .union(db.selectFrom('passkeys').where('account_id', 'in', accountIds).select('account_id'))
    .execute();
  return new Set(rows.map((row) => row.account_id));
}

/** Replaces all that were there. */
export async function writeRecoveryCodes(
  db: Db,
  accountId: number,
  hashes: readonly Uint8Array[],
): Promise<void> {
  await db.deleteFrom('recovery_codes').where('account_id', '=', accountId).execute();
  if (hashes.length === 0) return;
  await db
    .insertInto('recovery_codes')
    .values(hashes.map((code_hash) => ({ account_id: accountId, code_hash })))
    .execute();
}

export async function hasRecoveryCode(db: Db, accountId: number, codeHash: Uint8Array): Promise<boolean> {
  const row = await db
    .selectFrom('recovery_codes')
    .where('account_id', '=', accountId)
    .where('code_hash', '=', codeHash)
    .select('account_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Uses a code up. @returns false when it is none of the account's, or was used before */
export async function useRecoveryCode(db: Db, accountId: number, codeHash: Uint8Array): Promise<boolean> {
  const result = await db
    .deleteFrom('recovery_codes')
    .where('account_id', '=', accountId)
    .where('code_hash', '=', codeHash)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export async function countRecoveryCodes(db: Db, accountId: number): Promise<number> {
  const { count } = await db
    .selectFrom('recovery_codes')
    .where('account_id', '=', accountId)
    .select((e) => e.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}
