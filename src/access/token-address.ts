// Where a person edits a token, for refusals of every way in that say what it lacks.
import type { Config } from '../config/config.ts';
import type { Scopes } from '../scopes/scopes.ts';

/** The page on which the token is edited, these scopes ticked beside those it has. Nothing is granted until saved. */
export function editTokenUrl(config: Pick<Config, 'url'>, tokenId: number, scopes: Scopes): string {
  const query = scopes.length === 0 ? '' : `?scopes=${scopes.join(',')}`;
  return `${config.url}/settings/tokens/${tokenId}${query}`;
}
