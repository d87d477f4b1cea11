// Is this a token of ours, alive, and of somebody who may use it? Asked at every request of every way in that takes
// tokens, by the SHA-256 of what was sent.
import type { ActorApplication } from '../access/actor.ts';
import type { Authenticated, TokenVerifier } from '../access/authenticate.ts';
import type { Context } from '../context.ts';
import type { Secret, SecretHash } from '../secrets/secret.ts';
import { settingsReader } from '../settings/settings.ts';
import { hasTokenForm } from './format.ts';
import { exceedsLife, longestLife } from './lifetime.ts';
import { storedScopes } from './store.ts';
import { isExpired } from './tokens.ts';
import { lookup, type VerifiedRow } from './verifying-store.ts';

export type VerificationOutcome = 'accepted' | 'unknown' | 'expired' | 'suspended' | 'lives-too-long';

/** Told of verifications: by the metrics and by the last-used times. */
export interface VerificationObserver {
  verified?(outcome: VerificationOutcome): void;
  used?(tokenId: number, at: number, lastUsedAt: number | null): void;
}

/**
 * Verifies tokens for every way in that takes them. Nothing is cached: each request looks its token up, so that
 * a deleted, edited or regenerated token is so from the very next request on.
 */
export function tokenVerifier(ctx: Context, observer: VerificationObserver = {}): TokenVerifier {
  const verifyHash = hashVerifier(ctx);
  return {
    hasTokenForm,
    async verify(secret: Secret): Promise<Authenticated> {
      const { row, now, outcome, authenticated } = await verifyHash(secret.hash());
      observer.verified?.(outcome);
      if (row !== undefined && outcome === 'accepted') observer.used?.(row.id, now, row.last_used_at);
      return authenticated;
    },
  };
}

/** Verifies again a token that was accepted before: not a use of it. */
export function verifyTokenAgain(
  ctx: Context,
): (grant: { readonly tokenHash: Uint8Array }) => Promise<Authenticated> {
  const verifyHash = hashVerifier(ctx);
  return async ({ tokenHash }) => (await verifyHash(tokenHash as SecretHash)).authenticated;
}

interface Verification {
  readonly row: VerifiedRow | undefined;
  readonly now: number;
  readonly outcome: VerificationOutcome;
  readonly authenticated: Authenticated;
}

function hashVerifier(ctx: Context): (hash: SecretHash) => Promise<Verification> {
  const findByHash = lookup(ctx.db);
  const settings = settingsReader(ctx);
  return async (hash) => {
    const row = await findByHash(hash);
    const now = ctx.now();
    const maxDays =
      row === undefined ? null : longestLife(await settings(), { siteAdmin: row.site_admin === 1 });
    const outcome = judge(row, now, maxDays);
    return { row, now, outcome, authenticated: authenticated(row, hash, outcome, maxDays) };
  };
}

function authenticated(
  row: VerifiedRow | undefined,
  tokenHash: SecretHash,
  outcome: VerificationOutcome,
  maxDays: number | null,
): Authenticated {
  if (outcome === 'suspended') return { refused: { because: 'suspended' } };
  if (row !== undefined && outcome === 'lives-too-long' && maxDays !== null) {
    const { id: tokenId, expires_at: expiresAt } = row;
    return { refused: { because: 'token-lives-too-long', maxDays, tokenId, expiresAt } };
  }
  if (row === undefined || outcome !== 'accepted') return { refused: { because: 'bad-credential' } };
  return {
    actor: {
      kind: 'user',
      account: { id: row.account_id, login: row.login, siteAdmin: row.site_admin === 1 },
      grant: {
        kind: 'scopes',
        tokenId: row.id,
        tokenHash,
        scopes: storedScopes(row.scopes),
        expiresAt: row.expires_at,
        ...heldBy(row),
      },
    },
  };
}

function heldBy(row: VerifiedRow): { readonly application?: ActorApplication } {
  const { application_id: id, client_id: clientId, application_name: name } = row;
  if (id === null || clientId === null || name === null) return {};
  return { application: { id, clientId, name } };
}

/** Order of ghes-spec 5.2: a dead token is told as such even if its owner is suspended. */
function judge(row: VerifiedRow | undefined, now: number, maxDays: number | null): VerificationOutcome {
  // By a token that an admin made to act as somebody, nobody acts who is no admin any more.
  if (row === undefined || Number(row.maker_may) === 0) return 'unknown';
  if (row.application_id !== null && Number(row.application_enabled) !== 1) return 'unknown';
  if (isExpired(row.expires_at, now)) return 'expired';
  if (row.suspended_at !== null) return 'suspended';
  // The longest life is one of personal access tokens (ghes-spec 1.6).
  if (row.application_id !== null) return 'accepted';
  return exceedsLife(maxDays, row.issued_at, row.expires_at) ? 'lives-too-long' : 'accepted';
}
