// People as the API shows them (GHES 3.8: simple-user, public-user, private-user). What Latchkey does not have is
// there all the same, empty: clients expect the fields.
import { nodeId } from '../api/node-ids.ts';
import { apiRoot, timestamp } from '../api/urls.ts';
import type { Config } from '../config/config.ts';
import type { OwnedTotals } from '../repositories/totals.ts';
import type { Account } from './accounts.ts';
import type { OwnEmail } from './further-emails.ts';
import type { OwnerKind } from './owners.ts';
import type { Profile } from './profiles.ts';

/** What the API shows of somebody wherever a person is named. */
export type NamedAccount = Pick<Account, 'id' | 'login' | 'siteAdmin'> & {
  /** Default: a person. */
  readonly kind?: OwnerKind;
};

export function simpleUserJson(config: Pick<Config, 'url'>, account: NamedAccount) {
  const url = `${apiRoot(config)}/users/${account.login}`;
  const type = account.kind === 'organization' ? 'Organization' : 'User';
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(type, account.id),
    avatar_url: `${config.url}/avatars/u/${account.id}`,
    gravatar_id: '',
    url,
    html_url: `${config.url}/${account.login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    site_admin: account.siteAdmin,
  };
}

export interface PublicFacts {
  readonly publicRepositories: number;
  readonly profile: Profile;
}

/** @param email only for who may see it; what everybody may see is shown anyhow */
export function publicUserJson(
  config: Pick<Config, 'url'>,
  account: Account,
  facts: PublicFacts,
  email: string | null = null,
) {
  const { profile } = facts;
  return {
    ...simpleUserJson(config, account),
    name: account.name,
    company: profile.company,
    blog: profile.blog ?? '',
    location: profile.location,
    email: profile.emailIsPublic ? account.email : email,
    hireable: profile.hireable,
    bio: profile.bio,
    twitter_username: profile.twitterUsername,
    public_repos: facts.publicRepositories,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: timestamp(account.createdAt),
    updated_at: timestamp(account.updatedAt),
  };
}

/** What only the account itself sees, added to what all see. */
export function privateFieldsJson(facts: OwnedTotals) {
  return {
    private_gists: 0,
    total_private_repos: facts.privateRepositories,
    owned_private_repos: facts.privateRepositories,
    disk_usage: facts.diskUsageKib,
    collaborators: facts.collaborators,
    two_factor_authentication: false,
  };
}

/** `verified` is true for what a mailed link has shown, and only then: applications may take it for proof. */
export function emailJson({ email, isPrimary, isVerified, isPublic }: OwnEmail) {
  const visibility = isPrimary ? (isPublic ? 'public' : 'private') : null;
  return { email, primary: isPrimary, verified: isVerified, visibility };
}
