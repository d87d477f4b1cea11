// The SQL of codes that browsers carry to applications.
import type { Db } from '../db/database.ts';
import type { Scopes } from '../scopes/scopes.ts';
import type { SecretHash } from '../secrets/secret.ts';
import { storedScopes } from './authorization-store.ts';

export interface StoredCode {
  readonly applicationId: number;
  readonly account: { readonly id: number; readonly login: string; readonly suspended: boolean };
  readonly scopes: Scopes;
  readonly redirectUri: string | null;
  readonly codeChallenge: string | null;
  readonly expiresAt: number;
  /** Set once it was exchanged; 0: for a token that was refused. */
  readonly tokenId: number | null;
}

export async function insert(
  db: Db,
  code: {
    readonly hash: SecretHash;
    readonly applicationId: number;
    readonly accountId: number;
    readonly scopes: Scopes;
    readonly redirectUri: string | null;
    readonly codeChallenge: string | null;
    readonly expiresAt: number;
  },
): Promise<void> {
  await db
    .insertInto('oauth_codes')
    .values({
      code_hash: code.hash,
      application_id: code.applicationId,
      account_id: code.accountId,
      scopes: code.scopes.join(' '),
      redirect_uri: code.redirectUri,
      code_challenge: code.codeChallenge,
      expires_at: code.expiresAt,
      token_id: null,
    })
    .execute();
}

export async function find(db: Db, hash: SecretHash): Promise<StoredCode | null> {
  const row = await db
    .selectFrom('oauth_codes')
    .innerJoin('accounts', 'accounts.id', 'oauth_codes.account_id')
    .selectAll('oauth_codes')
    .select(['accounts.login', 'accounts.suspended_at'])
    .where('code_hash', '=', hash)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    applicationId: row.application_id,
    account: { id: row.account_id, login: row.login, suspended: row.suspended_at !== null },
    scopes: storedScopes(row.scopes),
    redirectUri: row.redirect_uri,
    codeChallenge: row.code_challenge,
    expiresAt: row.expires_at,
    tokenId: row.token_id,
  };
}

export async function noteToken(db: Db, hash: SecretHash, tokenId: number): Promise<void> {
  await db.updateTable('oauth_codes').set({ token_id: tokenId }).where('code_hash', '=', hash).execute();
}

export async function removeBefore(db: Db, expiredBefore: number): Promise<void> {
  await db.deleteFrom('oauth_codes').where('expires_at', '<', expiredBefore).execute();
}
