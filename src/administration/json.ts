// Tokens and keys of anybody, as the API shows them to site admins (ghes-spec 6.1, 6.2).
import type { simpleUserJson } from '../accounts/json.ts';
import { apiRoot, timestamp } from '../api/urls.ts';
import type { Config } from '../config/config.ts';
import type { Key } from '../keys/keys.ts';
import type { Token } from '../tokens/tokens.ts';

type Urls = Pick<Config, 'url'>;

/** What GHES answers for tokens that belong to no application (ghes-spec 2). */
const NO_APPLICATION = '0'.repeat(20);

export interface TokenFacts {
  /** SHA-256 of the secret. */
  readonly hash: Uint8Array;
  readonly user: ReturnType<typeof simpleUserJson>;
  /** In the answer that hands it over only. */
  readonly secret?: string;
}

/** @param facts what the token itself does not say */
export function tokenJson(config: Urls, token: Token, { hash, user, secret = '' }: TokenFacts) {
  return {
    id: token.id,
    url: `${apiRoot(config)}/authorizations/${token.id}`,
    app: { client_id: NO_APPLICATION, name: token.note, url: `${config.url}/settings/tokens` },
    token: secret,
    hashed_token: Buffer.from(hash).toString('hex'),
    token_last_eight: token.lastEight,
    note: token.note,
    note_url: null,
    created_at: timestamp(token.createdAt),
    updated_at: timestamp(token.updatedAt),
    scopes: token.scopes,
    fingerprint: null,
    expires_at: token.expiresAt === null ? null : timestamp(token.expiresAt),
    user,
  };
}

/** `public-key-full`. */
export function fullKeyJson(config: Urls, key: Key) {
  const { holder } = key;
  return {
    id: key.id,
    key: key.key,
    user_id: holder.kind === 'person' ? holder.account.id : null,
    repository_id: holder.kind === 'repository' ? holder.repository.id : null,
    url:
      holder.kind === 'person'
        ? `${apiRoot(config)}/user/keys/${key.id}`
        : `${apiRoot(config)}/repos/${holder.repository.name}/keys/${key.id}`,
    title: key.title,
    read_only: key.readOnly,
    verified: key.verified,
    created_at: timestamp(key.createdAt),
    added_by: key.addedBy,
    last_used: key.lastUsedAt === null ? null : timestamp(key.lastUsedAt),
  };
}
