// The one look-up that every request with a token asks for.
import { createQueryId } from 'kysely';
import { makerMay } from '../access/impersonation.ts';
import type { Db } from '../db/database.ts';
import type { SecretHash } from '../secrets/secret.ts';

/** What one look-up by hash gives: all that is needed to know who calls and what the token grants. */
export interface VerifiedRow {
  readonly id: number;
  readonly scopes: string;
  readonly issued_at: number;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
  readonly account_id: number;
  readonly login: string;
  readonly site_admin: number;
  readonly suspended_at: number | null;
  readonly maker_may: 0 | 1;
  readonly application_id: number | null;
  readonly client_id: string | null;
  readonly application_name: string | null;
  readonly application_enabled: 0 | 1 | null;
}

/**
 * Prepares the look-up by hash. Compiled once, since it runs at every request.
 */
export function lookup(db: Db): (hash: SecretHash) => Promise<VerifiedRow | undefined> {
  const { query, sql } = db
    .selectFrom('tokens')
    .innerJoin('accounts', 'accounts.id', 'tokens.account_id')
    .leftJoin('oauth_applications', 'oauth_applications.id', 'tokens.application_id')
    .where('tokens.secret_hash', '=', new Uint8Array())
    .select([
      'tokens.id',
      'tokens.scopes',
      'tokens.issued_at',
      'tokens.expires_at',
      'tokens.last_used_at',
      'accounts.id as account_id',
    ])
    .select(['accounts.login', 'accounts.site_admin', 'accounts.suspended_at'])
    .select(makerMay.as('maker_may'))
    .select([
      'tokens.application_id',
      'oauth_applications.client_id',
      'oauth_applications.name as application_name',
      'oauth_applications.enabled as application_enabled',
    ])
    .compile();
  return async (hash) => {
    const { rows } = await db.executeQuery<VerifiedRow>({
      query,
      sql,
      parameters: [hash],
      queryId: createQueryId(),
    });
    return rows[0];
  };
}
