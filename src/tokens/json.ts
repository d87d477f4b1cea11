// Tokens, as the API shows them to site admins and to the applications that hold them (ghes-spec 6.1).
import type { simpleUserJson } from '../accounts/json.ts';
import { apiRoot, timestamp } from '../api/urls.ts';
import type { Config } from '../config/config.ts';
import type { Token, TokenApplication } from './tokens.ts';

type Urls = Pick<Config, 'url'>;

/** What GHES answers for tokens that belong to no application (ghes-spec 2). */
const NO_APPLICATION = '0'.repeat(20);

export interface TokenFacts {
  /** SHA-256 of the secret. */
  readonly hash: Uint8Array;
  readonly user: ReturnType<typeof simpleUserJson>;
  /** Who holds it; left out: the person, it is a personal access token. */
  readonly application?: TokenApplication | null;
  /** In the answer that hands it over only. */
  readonly secret?: string;
}

/** @param facts what the token itself does not say */
export function tokenJson(
  config: Urls,
  token: Token,
  { hash, user, secret = '', application = null }: TokenFacts,
) {
  return {
    id: token.id,
    url: `${apiRoot(config)}/authorizations/${token.id}`,
    app:
      application === null
        ? { client_id: NO_APPLICATION, name: token.note, url: `${config.url}/settings/tokens` }
        : { client_id: application.clientId, name: application.name, url: application.url },
    token: secret,
    hashed_token: Buffer.from(hash).toString('hex'),
    token_last_eight: token.lastEight,
    note: application === null ? token.note : null,
    note_url: null,
    created_at: timestamp(token.createdAt),
    updated_at: timestamp(token.updatedAt),
    scopes: token.scopes,
    fingerprint: null,
    expires_at: token.expiresAt === null ? null : timestamp(token.expiresAt),
    user,
  };
}
