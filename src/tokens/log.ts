// What the security log keeps of tokens: the events of ghes-spec 12.1 `oauth_access.*`, with the note and the scopes
// as they were, and the hash by which everything that the token did is found. Never the token itself.
import { record } from '../audit/audit.ts';
import type { Acting } from '../context.ts';
import type { Db } from '../db/database.ts';
import * as store from './store.ts';
import type { Token } from './tokens.ts';

/** What happened to it, and the operation that it counts as. */
const operations = { create: 'create', update: 'modify', regenerate: 'modify', destroy: 'remove' } as const;

interface More {
  /** SHA-256 of the secret: of that which was made, or is dead now. */
  readonly hash: Uint8Array;
  /** That of the secret which a new one has replaced. */
  readonly formerHash?: Uint8Array;
  /** What it was, where it was changed. */
  readonly before?: Token;
  /** Why it was deleted. */
  readonly explanation?: string;
}

export async function recordToken(
  ctx: Acting,
  db: Db,
  what: keyof typeof operations,
  token: Token,
  { hash, formerHash, before, explanation }: More,
): Promise<void> {
  const owner = await store.ownerOf(db, token.accountId);
  await record(ctx, db, {
    action: `oauth_access.${what}`,
    operation: operations[what],
    ...(owner === null ? {} : { user: { id: owner.id, login: owner.login } }),
    token: { id: token.id, hash },
    data: {
      oauth_access_id: token.id,
      application_id: token.applicationId ?? 0,
      application_name: token.note,
      token_scopes: token.scopes,
      token_last_eight: token.lastEight,
      programmatic_access_type:
        token.applicationId === null ? 'Personal access token (classic)' : 'OAuth access token',
      expires_at: token.expiresAt,
      ...(before === undefined ? {} : changed(before, token)),
      ...(formerHash === undefined ? {} : { former_hashed_token: base64(formerHash) }),
      ...(explanation === undefined ? {} : { explanation }),
    },
  });
}

function changed(before: Token, after: Token): Readonly<Record<string, unknown>> {
  return {
    ...(before.note === after.note ? {} : { application_name_was: before.note }),
    ...(before.scopes.join() === after.scopes.join() ? {} : { token_scopes_was: before.scopes }),
  };
}

const base64 = (hash: Uint8Array) => Buffer.from(hash).toString('base64');
