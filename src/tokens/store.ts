// The SQL of tokens. The look-up that every request asks for is in verifying-store.ts.
import { type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { TokensTable } from '../db/schema.ts';
import type { Scopes } from '../scopes/scopes.ts';
import type { SecretHash } from '../secrets/secret.ts';
import type { Token, TokenApplication } from './tokens.ts';

export interface NewToken {
  readonly accountId: number;
  readonly note: string;
  readonly scopes: Scopes;
  readonly secretHash: SecretHash;
  readonly lastEight: string;
  readonly now: number;
  readonly expiresAt: number | null;
  /** Of an impersonation: login of the site admin who makes it. */
  readonly impersonatedBy?: string;
  /** The application that will hold it. */
  readonly applicationId?: number;
}

/** @returns null when the note is taken, as that of a token which an application holds never is */
export async function insert(db: Db, token: NewToken): Promise<Token | null> {
  const row = await db
    .insertInto('tokens')
    .values({
      account_id: token.accountId,
      kind: kindOf(token),
      application_id: token.applicationId ?? null,
      made_by_login: token.impersonatedBy ?? null,
      note: token.note,
      scopes: token.scopes.join(' '),
      secret_hash: token.secretHash,
      last_eight: token.lastEight,
      created_at: token.now,
      updated_at: token.now,
      issued_at: token.now,
      expires_at: token.expiresAt,
    })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'kind', 'note']).where('application_id', 'is', null).doNothing(),
    )
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? null : toToken(row);
}

function kindOf({ impersonatedBy, applicationId }: NewToken): TokensTable['kind'] {
  if (applicationId !== undefined) return 'oauth';
  return impersonatedBy === undefined ? 'classic' : 'impersonation';
}

/** Personal access tokens: those that applications hold are listed by application. */
export async function listOf(db: Db, accountId: number): Promise<readonly Token[]> {
  const rows = await db
    .selectFrom('tokens')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('application_id', 'is', null)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map(toToken);
}

export interface TokenWithLogin extends Token {
  readonly login: string;
  readonly application: TokenApplication | null;
}

export async function listAll(db: Db): Promise<readonly TokenWithLogin[]> {
  const rows = await db
    .selectFrom('tokens')
    .innerJoin('accounts', 'accounts.id', 'tokens.account_id')
    .leftJoin('oauth_applications', 'oauth_applications.id', 'tokens.application_id')
    .selectAll('tokens')
    .select('accounts.login')
    .select(holder)
    .orderBy('tokens.id')
    .execute();
  return rows.map((row) => ({ ...toToken(row), login: row.login, application: toHolder(row) }));
}

/** A personal access token. */
export async function find(db: Db, accountId: number, id: number): Promise<Token | null> {
  const row = await db
    .selectFrom('tokens')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('application_id', 'is', null)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? null : toToken(row);
}

/** Is the note taken by another token of this account? */
export async function noteTaken(db: Db, accountId: number, note: string, exceptId: number): Promise<boolean> {
  const row = await db
    .selectFrom('tokens')
    .select('id')
    .where('account_id', '=', accountId)
    .where('kind', '=', 'classic')
    .where('note', '=', note)
    .where('id', '!=', exceptId)
    .executeTakeFirst();
  return row !== undefined;
}

export interface TokenChange {
  readonly note?: string;
  readonly scopes?: Scopes;
  /** The end of the present secret's life. */
  readonly expiresAt?: number;
  /** A new secret: the old one is dead as soon as this is written. */
  readonly secret?: {
    readonly hash: SecretHash;
    readonly lastEight: string;
    readonly expiresAt: number | null;
    /** The last eight characters of the secret to be replaced: nothing is changed if it has another by now. */
    readonly replaces?: string | undefined;
  };
}

/** @returns null when there is no such token of this account, or its secret isn't the one to be replaced */
export async function change(
  db: Db,
  accountId: number,
  id: number,
  now: number,
  changes: TokenChange,
): Promise<Token | null> {
  const { note, scopes, expiresAt, secret } = changes;
  let query = db
    .updateTable('tokens')
    .set({
      updated_at: now,
      ...(note === undefined ? {} : { note }),
      ...(scopes === undefined ? {} : { scopes: scopes.join(' ') }),
      ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
      ...(secret === undefined
        ? {}
        : {
            secret_hash: secret.hash,
            last_eight: secret.lastEight,
            expires_at: secret.expiresAt,
            issued_at: now,
            last_used_at: null,
          }),
    })
    .where('account_id', '=', accountId)
    .where('application_id', 'is', null)
    .where('id', '=', id);
  if (secret?.replaces !== undefined) query = query.where('last_eight', '=', secret.replaces);
  const row = await query.returningAll().executeTakeFirst();
  return row === undefined ? null : toToken(row);
}

/** Which tokens to remove: personal ones of an account, or any by their ids, by a secret or by application. */
export type TokensToRemove =
  /** Those that an application holds: for one person, or for everybody. */
  | { readonly applicationId: number; readonly ofAccount?: number }
  | { readonly accountId: number; readonly id?: number }
  | { readonly ids: readonly number[] }
  | { readonly secretHash: SecretHash }
  /** The token by which site admins act as this account. */
  | { readonly impersonationOf: number };

export interface RemovedToken {
  readonly token: Token;
  /** Of the secret that is dead now. */
  readonly secretHash: Uint8Array;
}

/** @returns those that there were */
export async function remove(db: Db, which: TokensToRemove): Promise<readonly RemovedToken[]> {
  let query = db.deleteFrom('tokens');
  if ('ids' in which) {
    if (which.ids.length === 0) return [];
    query = query.where('id', 'in', which.ids);
  } else if ('secretHash' in which) {
    query = query.where('secret_hash', '=', which.secretHash);
  } else if ('impersonationOf' in which) {
    query = query.where('account_id', '=', which.impersonationOf).where('kind', '=', 'impersonation');
  } else if ('applicationId' in which) {
    query = query.where('application_id', '=', which.applicationId);
    if (which.ofAccount !== undefined) query = query.where('account_id', '=', which.ofAccount);
  } else {
    query = query.where('account_id', '=', which.accountId).where('application_id', 'is', null);
    if (which.id !== undefined) query = query.where('id', '=', which.id);
  }
  const rows = await query.returningAll().execute();
  return rows
    .sort((a, b) => a.id - b.id)
    .map((row) => ({ token: toToken(row), secretHash: row.secret_hash }));
}

/** One page of every token of the instance, by their ids, with their hashes. */
export async function pageOfAll(
  db: Db,
  { page, perPage, search }: { readonly page: number; readonly perPage: number; readonly search?: string },
): Promise<{ readonly items: readonly TokenOfAnyone[]; readonly total: number }> {
  const chosen = db
    .selectFrom('tokens')
    .innerJoin('accounts', 'accounts.id', 'tokens.account_id')
    .leftJoin('oauth_applications', 'oauth_applications.id', 'tokens.application_id')
    .$if(search !== undefined, (query) =>
      query.where((eb) => {
        const pattern = `%${(search ?? '').toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`;
        return eb.or([
          sql<SqlBool>`lower(tokens.note) LIKE ${pattern} ESCAPE '\\'`,
          sql<SqlBool>`accounts.login_key LIKE ${pattern} ESCAPE '\\'`,
          eb('tokens.last_eight', '=', search ?? ''),
        ]);
      }),
    );
  const { total } = await chosen
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  const rows = await chosen
    .selectAll('tokens')
    .select(['accounts.login', 'accounts.site_admin'])
    .select(holder)
    .orderBy('tokens.id')
    .limit(perPage)
    .offset((page - 1) * perPage)
    .execute();
  return {
    items: rows.map((row) => ({
      ...toToken(row),
      hash: row.secret_hash,
      application: toHolder(row),
      owner: { id: row.account_id, login: row.login, siteAdmin: row.site_admin === 1 },
    })),
    total: Number(total),
  };
}

export interface TokenOfAnyone extends Token {
  /** SHA-256 of its secret. */
  readonly hash: Uint8Array;
  readonly owner: TokenOwner;
  readonly application: TokenApplication | null;
}

/** The SHA-256 of a token's secret. */
export async function hashOf(db: Db, id: number): Promise<Uint8Array | null> {
  const row = await db.selectFrom('tokens').select('secret_hash').where('id', '=', id).executeTakeFirst();
  return row?.secret_hash ?? null;
}

export interface TokenOwner {
  readonly id: number;
  readonly login: string;
  readonly siteAdmin: boolean;
}

export async function ownerOf(db: Db, accountId: number): Promise<TokenOwner | null> {
  const row = await db
    .selectFrom('accounts')
    .select(['id', 'login', 'site_admin'])
    .where('id', '=', accountId)
    .executeTakeFirst();
  return row === undefined ? null : { id: row.id, login: row.login, siteAdmin: row.site_admin === 1 };
}

/** Of the application that holds a token, for a query that joins it. */
const holder = [
  'oauth_applications.client_id',
  'oauth_applications.name as application_name',
  'oauth_applications.url as application_url',
] as const;

function toHolder(row: {
  readonly client_id: string | null;
  readonly application_name: string | null;
  readonly application_url: string | null;
}): TokenApplication | null {
  const { client_id: clientId, application_name: name, application_url: url } = row;
  return clientId === null || name === null || url === null ? null : { clientId, name, url };
}

type Row = { readonly [K in keyof TokensTable]: K extends 'id' ? number : TokensTable[K] };

export function toToken(row: Row): Token {
  return {
    id: row.id,
    accountId: row.account_id,
    note: row.note,
    scopes: storedScopes(row.scopes),
    lastEight: row.last_eight,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    madeBy: row.made_by_login,
    applicationId: row.application_id,
  };
}

/** The column holds the normal form, written by this room only. */
export function storedScopes(column: string): Scopes {
  return column === '' ? [] : (column.split(' ') as unknown as Scopes);
}
