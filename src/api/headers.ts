// The headers that stand on every API answer, good or bad (ghes-spec 5.3, 5.4).
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ActionName, actions } from '../access/actions.ts';
import type { Actor } from '../access/actor.ts';
import { scopesFor } from '../access/decide.ts';
import type { Target } from '../access/targets.ts';
import type { Config } from '../config/config.ts';
import { allScopes, implies, type Scopes } from '../scopes/scopes.ts';
import { mediaType } from './media-type.ts';

/** The GitHub Enterprise Server whose API this is compatible with; clients choose features by it. */
export const enterpriseVersion = '3.8.0';

/** The API version that is spoken, and the only one there is (ghes-spec 5.5). */
export const apiVersion = '2022-11-28';

const exposed =
  'ETag, Link, Location, Retry-After, X-GitHub-OTP, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Used, ' +
  'X-RateLimit-Resource, X-RateLimit-Reset, X-OAuth-Scopes, X-Accepted-OAuth-Scopes, X-Poll-Interval, ' +
  'X-GitHub-Media-Type, X-GitHub-SSO, X-GitHub-Request-Id, Deprecation, Sunset';

/** Set before anything else happens to a request, so that no answer lacks them. */
export function setCommonHeaders(request: FastifyRequest, reply: FastifyReply, config: Config): void {
  reply.headers({
    'x-github-request-id': request.id,
    'x-github-media-type': mediaType(request.headers.accept).name,
    'x-github-api-version-selected': apiVersion,
    'x-github-enterprise-version': enterpriseVersion,
    vary: 'Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding, Accept, X-Requested-With',
    'access-control-allow-origin': '*',
    'access-control-expose-headers': exposed,
    'content-security-policy': "default-src 'none'",
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'deny',
    'referrer-policy': 'origin-when-cross-origin, strict-origin-when-cross-origin',
  });
  if (config.url.startsWith('https:')) {
    reply.header('strict-transport-security', 'max-age=31536000');
  }
}

/** Answers a CORS preflight: browsers send it without a credential, so it comes before any check. */
export function sendPreflight(reply: FastifyReply): FastifyReply {
  return reply
    .headers({
      'access-control-allow-headers':
        'Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since, ' +
        'X-GitHub-OTP, X-Requested-With, X-GitHub-Api-Version, User-Agent',
      'access-control-allow-methods': 'GET, POST, PATCH, PUT, DELETE',
      'access-control-max-age': '86400',
    })
    .code(204)
    .send();
}

/** What a classic token has, what the operation asks for, and when the token ends (ghes-spec 5.4). */
export function setTokenHeaders(reply: FastifyReply, actor: Actor, accepted: Scopes): void {
  if (actor.kind !== 'user' || actor.grant.kind !== 'scopes') return;
  reply.header('x-oauth-scopes', actor.grant.scopes.toSorted().join(', '));
  reply.header('x-accepted-oauth-scopes', accepted.join(', '));
  const { application } = actor.grant;
  if (application !== undefined) reply.header('x-oauth-client-id', application.clientId);
  setExpiration(reply, actor.grant.expiresAt);
}

/**
 * When the token ends, on every answer to one that does: git's too.
 * `2026-01-31 23:59:59 UTC` is one of the two forms that go-github reads (ghes-spec 5.4).
 * @param expiresAt milliseconds since 1970; null: never
 */
export function setExpiration(reply: FastifyReply, expiresAt: number | null): void {
  if (expiresAt === null) return;
  const text = `${new Date(expiresAt).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  reply.header('github-authentication-token-expiration', text);
}

/**
 * The scopes any one of which suffices, sorted, with those that imply them, as GitHub's recorded values have them
 * (ghes-spec appendix A).
 * @param target null where the caller must not learn of it: then as for a private one, existing or not
 */
export function acceptedScopes(action: ActionName, target: Target | null): Scopes {
  const row = actions[action];
  if (row.accepted !== undefined) return row.accepted.toSorted();
  if (row.scopes === 'session-only') return [];
  return withThoseImplying(target === null ? row.scopes.private : scopesFor(row, target));
}

/** These scopes and all that imply one of them, sorted. */
export function withThoseImplying(scopes: Scopes): Scopes {
  return allScopes.filter((scope) => scopes.some((wanted) => implies(scope, wanted))).sort();
}

/** How long an answer may be kept, and by whom (ghes-spec 5.3). */
export function setCacheControl(reply: FastifyReply, actor: Actor | null): void {
  const who = actor !== null && actor.kind !== 'anonymous' ? 'private' : 'public';
  const value = reply.statusCode >= 400 ? 'no-cache' : `${who}, max-age=60, s-maxage=60`;
  reply.header('cache-control', value);
}
