// What git tells beyond GHES to who uses a token that lacks a scope: which, and where it is added.
import type { Actor } from '../access/actor.ts';
import { editTokenUrl } from '../access/token-address.ts';
import type { Config } from '../config/config.ts';
import type { Scope } from '../scopes/scopes.ts';

/**
 * What a token lacks and where it is given, for who sees what was asked for: a line, or none for other credentials.
 * @param accepted any one of these is enough
 */
export function scopeAdvice(
  config: Pick<Config, 'url'>,
  actor: Actor | null,
  accepted: readonly Scope[],
): readonly string[] {
  const [scope] = accepted;
  if (scope === undefined || actor?.kind !== 'user' || actor.grant.kind !== 'scopes') return [];
  const { application, tokenId } = actor.grant;
  if (application !== undefined) {
    return [`The token of ${application.name} lacks the scope ${scope}. Authorize it again with that scope.`];
  }
  return [`Your token lacks the scope ${scope}. Add it: ${editTokenUrl(config, tokenId, [scope])}`];
}
