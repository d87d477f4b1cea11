// The one translator from the reasons for which a caller is turned away to the statuses and messages of the REST
// API (ghes-spec 5.2; the row of its table stands beside each).
import { type ActionName, actions } from '../access/actions.ts';
import type { Actor } from '../access/actor.ts';
import type { Refusal } from '../access/denied.ts';
import { editTokenUrl } from '../access/token-address.ts';
import type { Config } from '../config/config.ts';
import { ApiError, type MissingScope } from './errors.ts';

/**
 * What would open it, where it is a scope that the token lacks. The caller's own standing reaches and the target is
 * seen, or the refusal would be another one: naming the scope gives nothing away.
 */
export function missingScope(
  config: Pick<Config, 'url'>,
  actor: Actor | null,
  refusal: Refusal,
): MissingScope | undefined {
  if (refusal.because !== 'scope-missing' || actor?.kind !== 'user' || actor.grant.kind !== 'scopes') {
    return undefined;
  }
  const { tokenId, application } = actor.grant;
  return {
    neededScopes: refusal.accepted,
    // The token of an application is widened where the person authorizes it anew: only the application knows where.
    ...(application === undefined
      ? { tokenUrl: editTokenUrl(config, tokenId, refusal.accepted.slice(0, 1)) }
      : {}),
  };
}

/** What a refusal is in the API's words. */
export function refusalError(
  refusal: Refusal,
  action: ActionName,
  config: Pick<Config, 'url'>,
  missing?: MissingScope,
): ApiError {
  const more = missing === undefined ? {} : { missing };
  switch (refusal.because) {
    case 'bad-credential': // row 1
    case 'not-a-token':
      return new ApiError('bad-credentials');
    case 'too-many-attempts': // row 2; never said to a good credential
      return new ApiError('too-many-attempts');
    case 'credential-in-url': // row 1; 5.1, last form
      return new ApiError('credential-in-url');
    case 'suspended': // row 3
      return new ApiError('suspended');
    case 'token-lives-too-long': // row 15
      return new ApiError('token-lives-too-long', {
        message:
          `This instance forbids access via a personal access token (classic) if the token's lifetime is greater ` +
          `than ${refusal.maxDays} ${refusal.maxDays === 1 ? 'day' : 'days'}. Please adjust your token's lifetime at ` +
          `the following URL: ${config.url}/settings/tokens/${refusal.tokenId}`,
      });
    case 'unauthenticated': // row 5
      return new ApiError('authentication-required');
    case 'invisible': // row 8
      return new ApiError('not-found');
    case 'role-missing': // row 10
      return new ApiError('forbidden', { message: refusal.refusal });
    case 'scope-missing':
      if (refusal.asIfMissing === true) return new ApiError('not-found', { message: refusal.refusal });
      // Row 9: what hangs on the account alone is answered as if it were not there; row 10: on a repository that
      // the caller sees, hiding would be absurd.
      return actions[action].on === 'repository' || actions[action].tellsMissingScope === true
        ? new ApiError('forbidden', { message: refusal.refusal, ...more })
        : new ApiError('not-found', more);
    case 'session-required':
    case 'sudo-required': // asked of sessions alone, and none comes this way
      return new ApiError('session-required');
    case 'organization-forbids-tokens': // row 14
      return new ApiError('forbidden', {
        message: `\`${refusal.organization}\` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal access token with fine-grained permissions.`,
      });
  }
}
