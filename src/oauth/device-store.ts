// The SQL of devices that wait for somebody to type their code.
import type { Db } from '../db/database.ts';
import type { Scopes } from '../scopes/scopes.ts';
import type { SecretHash } from '../secrets/secret.ts';
import { storedScopes } from './authorization-store.ts';

export interface StoredDevice {
  readonly applicationId: number;
  /** Asked for; once approved: granted. */
  readonly scopes: Scopes;
  readonly state: 'pending' | 'approved' | 'denied';
  /** Who has answered; null: nobody yet. */
  readonly account: { readonly id: number; readonly login: string; readonly suspended: boolean } | null;
  readonly intervalSeconds: number;
  /** Milliseconds since 1970, as the next; null: never. */
  readonly lastPolledAt: number | null;
  readonly expiresAt: number;
}

/** @returns false when another device has this user code at present */
export async function insert(
  db: Db,
  device: {
    readonly deviceHash: SecretHash;
    readonly userHash: SecretHash;
    readonly applicationId: number;
    readonly scopes: Scopes;
    readonly intervalSeconds: number;
    readonly expiresAt: number;
  },
): Promise<boolean> {
  const made = await db
    .insertInto('oauth_device_codes')
    .values({
      device_code_hash: device.deviceHash,
      user_code_hash: device.userHash,
      application_id: device.applicationId,
      scopes: device.scopes.join(' '),
      state: 'pending',
      account_id: null,
      interval_seconds: device.intervalSeconds,
      last_polled_at: null,
      expires_at: device.expiresAt,
    })
    .onConflict((conflict) => conflict.column('user_code_hash').doNothing())
    .returning('application_id')
    .executeTakeFirst();
  return made !== undefined;
}

const devices = (db: Db) =>
  db
    .selectFrom('oauth_device_codes')
    .leftJoin('accounts', 'accounts.id', 'oauth_device_codes.account_id')
    .selectAll('oauth_device_codes')
    .select(['accounts.login', 'accounts.suspended_at']);

type Row = Awaited<ReturnType<ReturnType<typeof devices>['executeTakeFirstOrThrow']>>;

export async function findByDeviceCode(db: Db, hash: SecretHash): Promise<StoredDevice | null> {
  const row = await devices(db).where('device_code_hash', '=', hash).executeTakeFirst();
  return row === undefined ? null : toDevice(row);
}

export async function findByUserCode(db: Db, hash: SecretHash): Promise<StoredDevice | null> {
  const row = await devices(db).where('user_code_hash', '=', hash).executeTakeFirst();
  return row === undefined ? null : toDevice(row);
}

/** @returns false when it was answered already, or is there no more */
export async function answer(
  db: Db,
  userHash: SecretHash,
  answered: {
    readonly state: 'approved' | 'denied';
    readonly accountId: number;
    readonly scopes: Scopes;
    readonly now: number;
  },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('oauth_device_codes')
    .set({ state: answered.state, account_id: answered.accountId, scopes: answered.scopes.join(' ') })
    .where('user_code_hash', '=', userHash)
    .where('state', '=', 'pending')
    .where('expires_at', '>', answered.now)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function notePoll(
  db: Db,
  hash: SecretHash,
  poll: { readonly at: number; readonly intervalSeconds: number },
): Promise<void> {
  await db
    .updateTable('oauth_device_codes')
    .set({ last_polled_at: poll.at, interval_seconds: poll.intervalSeconds })
    .where('device_code_hash', '=', hash)
    .execute();
}

export async function remove(db: Db, hash: SecretHash): Promise<void> {
  await db.deleteFrom('oauth_device_codes').where('device_code_hash', '=', hash).execute();
}

export async function removeBefore(db: Db, expiredBefore: number): Promise<void> {
  await db.deleteFrom('oauth_device_codes').where('expires_at', '<', expiredBefore).execute();
}

function toDevice(row: Row): StoredDevice {
  return {
    applicationId: row.application_id,
    scopes: storedScopes(row.scopes),
    state: row.state,
    account:
      row.account_id === null || row.login === null
        ? null
        : { id: row.account_id, login: row.login, suspended: row.suspended_at !== null },
    intervalSeconds: row.interval_seconds,
    lastPolledAt: row.last_polled_at,
    expiresAt: row.expires_at,
  };
}
