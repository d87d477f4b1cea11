// The SQL of what people let applications do.
import type { Db } from '../db/database.ts';
import type { Scopes } from '../scopes/scopes.ts';
import { parseScopes, splitScopeText } from '../scopes/scopes.ts';
import type { Authorization } from './authorizations.ts';

interface Which {
  readonly accountId: number;
  readonly applicationId: number;
}

const authorizations = (db: Db) =>
  db
    .selectFrom('oauth_authorizations')
    .innerJoin('accounts', 'accounts.id', 'oauth_authorizations.account_id')
    .selectAll('oauth_authorizations')
    .select('accounts.login as login');

type Row = Awaited<ReturnType<ReturnType<typeof authorizations>['executeTakeFirstOrThrow']>>;

export async function find(db: Db, { accountId, applicationId }: Which): Promise<Authorization | null> {
  const row = await authorizations(db)
    .where('account_id', '=', accountId)
    .where('application_id', '=', applicationId)
    .executeTakeFirst();
  return row === undefined ? null : toAuthorization(row);
}

/** The newest first. */
export async function listOf(db: Db, accountId: number): Promise<readonly Authorization[]> {
  const rows = await authorizations(db)
    .where('account_id', '=', accountId)
    .orderBy('oauth_authorizations.id', 'desc')
    .execute();
  return rows.map(toAuthorization);
}

export async function listOfApplication(db: Db, applicationId: number): Promise<readonly Authorization[]> {
  const rows = await authorizations(db).where('application_id', '=', applicationId).execute();
  return rows.map(toAuthorization);
}

export async function count(db: Db, applicationId: number): Promise<number> {
  const row = await db
    .selectFrom('oauth_authorizations')
    .where('application_id', '=', applicationId)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** By application. */
export async function countAll(db: Db): Promise<ReadonlyMap<number, number>> {
  const rows = await db
    .selectFrom('oauth_authorizations')
    .select('application_id')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .groupBy('application_id')
    .execute();
  return new Map(rows.map((row) => [row.application_id, Number(row.count)]));
}

export async function insert(db: Db, which: Which, scopes: Scopes, now: number): Promise<void> {
  await db
    .insertInto('oauth_authorizations')
    .values({
      account_id: which.accountId,
      application_id: which.applicationId,
      scopes: scopes.join(' '),
      created_at: now,
      updated_at: now,
    })
    .execute();
}

export async function setScopes(db: Db, id: number, scopes: Scopes, now: number): Promise<void> {
  await db
    .updateTable('oauth_authorizations')
    .set({ scopes: scopes.join(' '), updated_at: now })
    .where('id', '=', id)
    .execute();
}

export async function remove(db: Db, { accountId, applicationId }: Which): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('oauth_authorizations')
    .where('account_id', '=', accountId)
    .where('application_id', '=', applicationId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** What is under way to become a token: codes of browsers, and of devices. */
export async function removeCodes(db: Db, { accountId, applicationId }: Which): Promise<void> {
  for (const table of ['oauth_codes', 'oauth_device_codes'] as const) {
    await db
      .deleteFrom(table)
      .where('account_id', '=', accountId)
      .where('application_id', '=', applicationId)
      .execute();
  }
}

/** Scopes as a column holds them; a name that is none any more is left out. */
export function storedScopes(column: string): Scopes {
  const parsed = parseScopes(splitScopeText(column));
  return 'scopes' in parsed ? parsed.scopes : [];
}

function toAuthorization(row: Row): Authorization {
  return {
    id: row.id,
    account: { id: row.account_id, login: row.login },
    applicationId: row.application_id,
    scopes: storedScopes(row.scopes),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
