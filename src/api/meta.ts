// What the API says of itself: where things are, which version it is, and how much may be asked.
import type { GuardedRoutes } from '../access/guard.ts';
import { instance } from '../access/targets.ts';
import type { Context } from '../context.ts';
import { ApiError } from './errors.ts';
import { enterpriseVersion } from './headers.ts';
import { chargeOf, rateLimitJson } from './rate-limits.ts';
import { apiRoot } from './urls.ts';

/** One is said per request; ours, not GitHub's. */
const sentences: readonly string[] = [
  'A key you can take back is worth more than a key you must trust.',
  'Say no early and say why.',
  'Ask for less than you could get.',
  'What is written once is right once.',
  'The safest secret is the one that expired yesterday.',
  'Small commits tell long stories.',
  'Read it again tomorrow.',
  'A good name is half the documentation.',
];

export function metaRest(routes: GuardedRoutes, ctx: Context): void {
  const get = (
    url: string,
    handler: Parameters<typeof routes.route<'meta.read', typeof instance>>[0]['handler'],
  ) => routes.route({ method: 'GET', url, action: 'meta.read', target: () => instance, handler });

  // gh asks it to learn the scopes of a new token (ghes-spec 5.4).
  get('/', () => rootJson(ctx.config.url, apiRoot(ctx.config)));
  get('/meta', () => ({
    // Git Credential Manager asks people for a password if this is true; ours are for the web only.
    verifiable_password_authentication: false,
    packages: [],
    dependabot: [],
    installed_version: enterpriseVersion,
  }));
  get('/zen', ({ reply }) => {
    const chosen = (ctx.random(1)[0] ?? 0) % sentences.length;
    return reply.type('text/plain; charset=utf-8').send(sentences[chosen]);
  });
  get('/rate_limit', ({ request }) => {
    const charge = chargeOf(request);
    if (charge === undefined) throw new ApiError('rate-limiting-off');
    return rateLimitJson(charge);
  });
}

/** The addresses of what there is, and of what clients expect to be named (`root` of the GHES description). */
function rootJson(web: string, api: string): Record<string, string> {
  return {
    current_user_url: `${api}/user`,
    current_user_authorizations_html_url: `${web}/settings/connections/applications{/client_id}`,
    authorizations_url: `${api}/authorizations`,
    code_search_url: `${api}/search/code?q={query}{&page,per_page,sort,order}`,
    commit_search_url: `${api}/search/commits?q={query}{&page,per_page,sort,order}`,
    emails_url: `${api}/user/emails`,
    emojis_url: `${api}/emojis`,
    events_url: `${api}/events`,
    feeds_url: `${api}/feeds`,
    followers_url: `${api}/user/followers`,
    following_url: `${api}/user/following{/target}`,
    gists_url: `${api}/gists{/gist_id}`,
    hub_url: `${api}/hub`,
    issue_search_url: `${api}/search/issues?q={query}{&page,per_page,sort,order}`,
    issues_url: `${api}/issues`,
    keys_url: `${api}/user/keys`,
    label_search_url: `${api}/search/labels?q={query}&repository_id={repository_id}{&page,per_page}`,
    notifications_url: `${api}/notifications`,
    organization_url: `${api}/orgs/{org}`,
    organization_repositories_url: `${api}/orgs/{org}/repos{?type,page,per_page,sort}`,
    organization_teams_url: `${api}/orgs/{org}/teams`,
    public_gists_url: `${api}/gists/public`,
    rate_limit_url: `${api}/rate_limit`,
    repository_url: `${api}/repos/{owner}/{repo}`,
    repository_search_url: `${api}/search/repositories?q={query}{&page,per_page,sort,order}`,
    current_user_repositories_url: `${api}/user/repos{?type,page,per_page,sort}`,
    starred_url: `${api}/user/starred{/owner}{/repo}`,
    starred_gists_url: `${api}/gists/starred`,
    topic_search_url: `${api}/search/topics?q={query}{&page,per_page}`,
    user_url: `${api}/users/{user}`,
    user_organizations_url: `${api}/user/orgs`,
    user_repositories_url: `${api}/users/{user}/repos{?type,page,per_page,sort}`,
    user_search_url: `${api}/search/users?q={query}{&page,per_page,sort,order}`,
  };
}
