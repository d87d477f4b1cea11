// The SQL of sessions. Nothing else touches the table.
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { SessionsTable } from '../db/schema.ts';

export interface SessionRow {
  readonly id: number;
  readonly created_at: number;
  readonly last_used_at: number;
  readonly address: string;
  readonly user_agent: string;
  readonly sudo_at: number;
  readonly second_factor: SessionsTable['second_factor'];
}

export async function insertSession(
  db: Db,
  session: {
    readonly accountId: number;
    readonly secretHash: Uint8Array;
    readonly at: number;
    readonly address: string;
    readonly userAgent: string;
    readonly secondFactor: SessionsTable['second_factor'];
  },
): Promise<number> {
  const { id } = await db
    .insertInto('sessions')
    .values({
      account_id: session.accountId,
      secret_hash: session.secretHash,
      created_at: session.at,
      last_used_at: session.at,
      address: session.address,
      user_agent: session.userAgent,
      // Whoever has just signed in has just proved who they are.
      sudo_at: session.at,
      second_factor: session.secondFactor,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** The one statement of every request that carries a session: compiled once, run with other parameters each time. */
export function sessionQuery(db: Db) {
  return db
    .selectFrom('sessions')
    .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
    .where('sessions.secret_hash', '=', sql.val<Uint8Array>(new Uint8Array()))
    .where('sessions.last_used_at', '>', 0)
    .where('accounts.suspended_at', 'is', null)
    .select([
      'sessions.id as sessionId',
      'sessions.last_used_at as lastUsedAt',
      'sessions.sudo_at as sudoAt',
      'accounts.id as accountId',
      'accounts.login as login',
      'accounts.site_admin as siteAdmin',
    ])
    .compile();
}

/** The same session later on: null when it was ended since, or its account suspended. */
export async function sessionById(db: Db, id: number, usedAfter: number): Promise<SessionOwner | null> {
  const found = await db
    .selectFrom('sessions')
    .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
    .where('sessions.id', '=', id)
    .where('sessions.last_used_at', '>', usedAfter)
    .where('accounts.suspended_at', 'is', null)
    .select(['accounts.id as accountId', 'accounts.login as login', 'accounts.site_admin as siteAdmin'])
    .executeTakeFirst();
  return found ?? null;
}

export interface SessionOwner {
  readonly accountId: number;
  readonly login: string;
  readonly siteAdmin: number;
}

export async function sessionsOf(
  db: Db,
  accountId: number,
  usedAfter: number,
): Promise<readonly SessionRow[]> {
  return db
    .selectFrom('sessions')
    .where('account_id', '=', accountId)
    .where('last_used_at', '>', usedAfter)
    .select(['id', 'created_at', 'last_used_at', 'address', 'user_agent', 'sudo_at', 'second_factor'])
    .orderBy('last_used_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

export async function touchSession(db: Db, id: number, at: number): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ last_used_at: at })
    .where('id', '=', id)
    .where('last_used_at', '<', at)
    .execute();
}

/** The session has proved, or used, who sits before it. */
export async function touchSudo(db: Db, id: number, at: number): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ sudo_at: at })
    .where('id', '=', id)
    .where('sudo_at', '<', at)
    .execute();
}

export async function setSessionFactor(
  db: Db,
  id: number,
  secondFactor: SessionsTable['second_factor'],
): Promise<void> {
  await db.updateTable('sessions').set({ second_factor: secondFactor }).where('id', '=', id).execute();
}

export async function replaceSessionSecret(db: Db, id: number, secretHash: Uint8Array): Promise<boolean> {
  const result = await db
    .updateTable('sessions')
    .set({ secret_hash: secretHash })
    .where('id', '=', id)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** `only`: one session; `except`: all but one. How many went? */
export async function deleteSessions(
  db: Db,
  accountId: number,
  which: { readonly only?: number; readonly except?: number } = {},
): Promise<number> {
  let query = db.deleteFrom('sessions').where('account_id', '=', accountId);
  if (which.only !== undefined) query = query.where('id', '=', which.only);
  if (which.except !== undefined) query = query.where('id', '!=', which.except);
  return Number((await query.executeTakeFirst()).numDeletedRows);
}

/** Makes room: everybody's idle sessions, and this account's oldest ones beyond `keep`. */
export async function pruneSessions(
  db: Db,
  usedUntil: number,
  accountId: number,
  keep: number,
): Promise<void> {
  await db.deleteFrom('sessions').where('last_used_at', '<=', usedUntil).execute();
  const surplus = db
    .selectFrom('sessions')
    .where('account_id', '=', accountId)
    .select('id')
    .orderBy('last_used_at', 'desc')
    .orderBy('id', 'desc')
    .offset(keep)
    .limit(1000);
  await db.deleteFrom('sessions').where('id', 'in', surplus).execute();
}
