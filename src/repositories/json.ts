// Repositories as the API shows them (GHES 3.8: minimal-repository, repository, full-repository). What Latchkey does
// not have is there all the same, empty or off: clients expect the fields.

import { type RepositoryRole, repositoryRoles } from '../access/actions.ts';
import type { Actor } from '../access/actor.ts';
import { type NamedAccount, simpleUserJson } from '../accounts/json.ts';
import { findOwner } from '../accounts/owners.ts';
import { nodeId } from '../api/node-ids.ts';
import { apiRoot, timestamp } from '../api/urls.ts';
import type { Config } from '../config/config.ts';
import type { Context } from '../context.ts';
import { sshCloneUrl } from './addresses.ts';
import type { Repository } from './repositories.ts';

type Urls = Pick<Config, 'url'>;
type CloneUrls = Pick<Config, 'url' | 'sshUrl'>;

/** Where the repository's own API addresses start. */
export function repositoryApiUrl(config: Urls, repository: Pick<Repository, 'ownerLogin' | 'name'>): string {
  return `${apiRoot(config)}/repos/${repository.ownerLogin}/${repository.name}`;
}

/** The repository's page. */
export function repositoryPageUrl(config: Urls, repository: Pick<Repository, 'ownerLogin' | 'name'>): string {
  return `${config.url}/${repository.ownerLogin}/${repository.name}`;
}

/** A repository and what of it depends on who asks. */
export interface ShownRepository {
  readonly repository: Repository;
  readonly owner: NamedAccount;
  readonly actor: Actor;
  /** The caller's role; null: none, but it is public. */
  readonly role: RepositoryRole | null;
}

/** What the repository itself says of its owner, where no more is known. */
export function namedOwner({ ownerId, ownerLogin, ownerKind }: Repository): NamedAccount {
  return { id: ownerId, login: ownerLogin, siteAdmin: false, kind: ownerKind };
}

/** Its owner; one that went away a moment ago is still told by name. */
export async function ownerOf(ctx: Context, repository: Repository): Promise<NamedAccount> {
  return (await findOwner(ctx, repository.ownerId)) ?? namedOwner(repository);
}

/** As an item of a list. */
export function repositoryJson(config: CloneUrls, { repository, owner, actor, role }: ShownRepository) {
  const page = repositoryPageUrl(config, repository);
  const host = new URL(config.url).hostname;
  const path = `${repository.ownerLogin}/${repository.name}.git`;
  return {
    id: repository.id,
    node_id: nodeId('Repository', repository.id),
    name: repository.name,
    full_name: `${repository.ownerLogin}/${repository.name}`,
    private: repository.visibility !== 'public',
    owner: simpleUserJson(config, owner),
    html_url: page,
    description: repository.description,
    fork: false,
    ...addressTemplates(repositoryApiUrl(config, repository)),
    created_at: timestamp(repository.createdAt),
    updated_at: timestamp(repository.updatedAt),
    // The description knows no repository that nobody pushed to: GitHub says then when it was made.
    pushed_at: timestamp(repository.pushedAt ?? repository.createdAt),
    git_url: `git://${host}/${path}`,
    ssh_url: sshCloneUrl(config.sshUrl ?? `ssh://git@${host}`, repository),
    clone_url: `${page}.git`,
    svn_url: page,
    homepage: null,
    size: repository.sizeKib,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: false,
    has_projects: false,
    has_downloads: false,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    forks_count: 0,
    mirror_url: null,
    archived: false,
    disabled: false,
    open_issues_count: 0,
    license: null,
    allow_forking: false,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.visibility,
    forks: 0,
    open_issues: 0,
    watchers: 0,
    default_branch: repository.defaultBranch,
    // What the account may, whatever its token: as on GitHub, only for who is signed in.
    ...(actor.kind === 'user' ? { permissions: permissionsJson(repository.visibility, role) } : {}),
  };
}

/** As the answer about one repository. */
export function fullRepositoryJson(config: CloneUrls, shown: ShownRepository) {
  return { ...repositoryJson(config, shown), temp_clone_token: null, network_count: 0, subscribers_count: 0 };
}

/** The five rights of GitHub for our three roles. */
export function permissionsJson(visibility: Repository['visibility'], role: RepositoryRole | null) {
  const reaches = (needed: RepositoryRole) =>
    role !== null && repositoryRoles.indexOf(role) >= repositoryRoles.indexOf(needed);
  return {
    admin: reaches('admin'),
    maintain: reaches('admin'),
    push: reaches('write'),
    triage: reaches('write'),
    pull: visibility !== 'private' || reaches('read'),
  };
}

function addressTemplates(url: string) {
  return {
    url,
    archive_url: `${url}/{archive_format}{/ref}`,
    assignees_url: `${url}/assignees{/user}`,
    blobs_url: `${url}/git/blobs{/sha}`,
    branches_url: `${url}/branches{/branch}`,
    collaborators_url: `${url}/collaborators{/collaborator}`,
    comments_url: `${url}/comments{/number}`,
    commits_url: `${url}/commits{/sha}`,
    compare_url: `${url}/compare/{base}...{head}`,
    contents_url: `${url}/contents/{+path}`,
    contributors_url: `${url}/contributors`,
    deployments_url: `${url}/deployments`,
    downloads_url: `${url}/downloads`,
    events_url: `${url}/events`,
    forks_url: `${url}/forks`,
    git_commits_url: `${url}/git/commits{/sha}`,
    git_refs_url: `${url}/git/refs{/sha}`,
    git_tags_url: `${url}/git/tags{/sha}`,
    hooks_url: `${url}/hooks`,
    issue_comment_url: `${url}/issues/comments{/number}`,
    issue_events_url: `${url}/issues/events{/number}`,
    issues_url: `${url}/issues{/number}`,
    keys_url: `${url}/keys{/key_id}`,
    labels_url: `${url}/labels{/name}`,
    languages_url: `${url}/languages`,
    merges_url: `${url}/merges`,
    milestones_url: `${url}/milestones{/number}`,
    notifications_url: `${url}/notifications{?since,all,participating}`,
    pulls_url: `${url}/pulls{/number}`,
    releases_url: `${url}/releases{/id}`,
    stargazers_url: `${url}/stargazers`,
    statuses_url: `${url}/statuses/{sha}`,
    subscribers_url: `${url}/subscribers`,
    subscription_url: `${url}/subscription`,
    tags_url: `${url}/tags`,
    teams_url: `${url}/teams`,
    trees_url: `${url}/git/trees{/sha}`,
  };
}
