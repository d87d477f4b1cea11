// The one translator from the reasons for which a caller is turned away to the statuses and messages of the REST
// API (ghes-spec 5.2; the row of its table stands beside each).
import { type ActionName, actions } from '../access/actions.ts';
import type { Refusal } from '../access/denied.ts';
import type { Config } from '../config/config.ts';
import { ApiError } from './errors.ts';

/** What a refusal is in the API's words. */
export function refusalError(refusal: Refusal, action: ActionName, config: Pick<Config, 'url'>): ApiError {
  switch (refusal.because) {
    case 'bad-credential': // row 1
    case 'not-a-token':
      return new ApiError('bad-credentials');
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
        ? new ApiError('forbidden', { message: refusal.refusal })
        : new ApiError('not-found');
    case 'session-required':
    case 'sudo-required': // asked of sessions alone, and none comes this way
      return new ApiError('session-required');
    case 'organization-forbids-tokens': // row 14
      return new ApiError('forbidden', {
        message: `\`${refusal.organization}\` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal access token with fine-grained permissions.`,
      });
  }
}
