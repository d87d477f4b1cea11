// The permissions, written a second time by hand from the specification, with the source of each row. Never
// generate it from `actions.ts`: it is what `actions.ts` is judged by. Only tests read it.
import type { Scope } from '../scopes/scopes.ts';
import type { ActionName } from './actions.ts';

/** Who may, leaving scopes aside. On repositories: the lowest role; `public`: anybody if it is public. */
type Who =
  | 'everybody'
  | 'the account itself'
  /** The account itself; for an organisation its owners, and its members where they may make repositories. */
  | 'who may make repositories there'
  | 'site admins'
  /** An OAuth application by its client id and secret; no person, and no token. */
  | 'the application itself'
  | 'members'
  | 'owners'
  | 'read or public'
  | 'write'
  | 'admin';

export interface Expected {
  readonly who: Who;
  /**
   * Every scope with which a classic token may do it where its owner may, for public and for private (and internal)
   * targets; on a repository, only if it may read that too (ghes-spec 5.2 row 8: what it can't see is not there),
   * unless `withoutReading`;
   * `any`: even a token without scopes; `none`: no token at all, only a person signed in.
   */
  readonly tokens:
    | 'any'
    | 'none'
    | { readonly public: readonly Scope[] | 'any'; readonly private: readonly Scope[] };
  /** The scopes suffice without those that open the code (ghes-spec 4.1 repo:status, *:repo_hook). */
  readonly withoutReading?: true;
  /** A person signed in has to have proved lately who they are (ghes-spec 1.4). */
  readonly sudo?: true;
  /** An SSH key may, too: a person's as its owner's role goes, a deploy key for its repository (ghes-spec 7). */
  readonly ssh?: true;
  /** Where it is written. */
  readonly source: string;
}

const privateNeedsRepo = { public: 'any', private: ['repo'] } as const;
const publicOrRepo = { public: ['public_repo', 'repo'], private: ['repo'] } as const;
const siteAdminScope = { public: ['site_admin'], private: ['site_admin'] } as const;
const anyOf = <const S extends readonly Scope[]>(...scopes: S) => ({ public: scopes, private: scopes });
const readOrganizations = anyOf('admin:org', 'read:org', 'repo', 'user', 'write:org');

export const expected: Readonly<Record<ActionName, Expected>> = {
  'meta.read': {
    who: 'everybody',
    tokens: 'any',
    source: '4.3 (none/anonymous): /meta, /zen, /rate_limit; 5.1: /meta must work unauthenticated',
  },
  'metrics.read': {
    who: 'site admins',
    tokens: 'none',
    source: 'contract: /metrics, loopback or site admin',
  },
  'people.list': { who: 'site admins', tokens: siteAdminScope, source: '4.3 site_admin: /admin/**' },
  'people.create': { who: 'site admins', tokens: siteAdminScope, source: '6.2: POST /admin/users' },
  'people.update': { who: 'site admins', tokens: siteAdminScope, source: '6.2: PATCH /admin/users/{u}' },
  'people.suspend': { who: 'site admins', tokens: siteAdminScope, source: '6.2: /users/{u}/suspended' },
  'people.promote': {
    who: 'site admins',
    tokens: siteAdminScope,
    sudo: true,
    source: '6.2: /users/{u}/site_admin; 1.4 →LK: giving away the instance takes a proof',
  },
  'people.delete': {
    who: 'site admins',
    tokens: siteAdminScope,
    sudo: true,
    source: '6.2: DELETE /admin/users/{u}; 1.4 →LK',
  },
  'people.impersonate': {
    who: 'site admins',
    tokens: siteAdminScope,
    sudo: true,
    source: '6.2: /admin/users/{u}/authorizations; 1.4: creating a PAT',
  },
  'people.reset-password': {
    who: 'site admins',
    tokens: 'none',
    sudo: true,
    source: 'contract: one-time links, made by admins; 1.4 →LK',
  },
  'all-tokens.list': { who: 'site admins', tokens: siteAdminScope, source: '6.2: GET /admin/tokens' },
  'all-tokens.delete': {
    who: 'site admins',
    tokens: siteAdminScope,
    source: '6.2: DELETE /admin/tokens/{id}',
  },
  'all-keys.list': { who: 'site admins', tokens: siteAdminScope, source: '6.2: GET /admin/keys' },
  'all-keys.delete': { who: 'site admins', tokens: siteAdminScope, source: '6.2: DELETE /admin/keys/{ids}' },
  'all-applications.list': {
    who: 'site admins',
    tokens: 'none',
    source: '8.3 →LK: known clients can be switched off by site admins, on a page',
  },
  'all-applications.switch': {
    who: 'site admins',
    tokens: 'none',
    sudo: true,
    source: '8.3 →LK: a page; 1.4 →LK: what is let in everywhere takes a proof',
  },
  'all-organizations.create': {
    who: 'site admins',
    tokens: siteAdminScope,
    source: '4.3 site_admin: /admin/**, POST /admin/organizations',
  },
  'all-organizations.update': {
    who: 'site admins',
    tokens: siteAdminScope,
    source: '4.3 site_admin: /admin/**, PATCH /admin/organizations/{org}',
  },
  'settings.update': {
    who: 'site admins',
    tokens: 'none',
    sudo: true,
    source: '1.6: policies are set on pages; 1.4 →LK: what is let in everywhere takes a proof',
  },
  'audit.read-all': {
    who: 'site admins',
    tokens: anyOf('admin:enterprise', 'audit_log', 'read:audit_log'),
    source: '4.3 admin:enterprise, audit_log: /enterprises/{e}/audit-log; 12.2 read:audit_log',
  },
  'repositories.search': {
    who: 'everybody',
    tokens: 'any',
    source: '4.3 (none/anonymous): search; rows by repositories.read',
  },
  'session.create': { who: 'everybody', tokens: 'any', source: 'contract: /login, the password decides' },
  'session.end': { who: 'everybody', tokens: 'any', source: 'contract: /logout ends the session at hand' },
  'setup.complete': { who: 'everybody', tokens: 'any', source: 'contract: /setup, the code decides' },
  'password.choose': {
    who: 'everybody',
    tokens: 'any',
    source: 'contract: one-time links, the code decides',
  },
  'home.read': { who: 'everybody', tokens: 'any', source: 'our own: the front page' },
  'accounts.read': { who: 'everybody', tokens: 'any', source: '4.3 (none/anonymous): /users/{u}' },
  'user.read': { who: 'the account itself', tokens: 'any', source: 'appendix A: GET /user accepts (empty)' },
  'graphql.query': {
    who: 'the account itself',
    tokens: 'any',
    source:
      '5.2 row 18: a scope that is missing is told per field, so that every token may ask; never anonymous',
  },
  'user.read-private': {
    who: 'the account itself',
    tokens: { public: ['read:user', 'user'], private: ['read:user', 'user'] },
    source: '4.3 user family: GET /user private fields',
  },
  'emails.read': {
    who: 'the account itself',
    tokens: { public: ['user:email', 'user'], private: ['user:email', 'user'] },
    source: '4.3 user family: user:email reads; appendix A: GET /user/emails accepts user, user:email',
  },
  'user.update': {
    who: 'the account itself',
    tokens: anyOf('user'),
    source: '4.3 user family: PATCH /user',
  },
  'emails.write': {
    who: 'the account itself',
    tokens: anyOf('user'),
    sudo: true,
    source: '4.3: /user/emails, user writes; 1.4: changing e-mail',
  },
  'second-factors.change': {
    who: 'the account itself',
    tokens: 'none',
    sudo: true,
    source: '1.4 →LK: what proves who one is',
  },
  'notices.manage': { who: 'the account itself', tokens: 'none', source: 'our own: notices on the pages' },
  'audit.read-own': { who: 'the account itself', tokens: 'none', source: '1.1: security log, a page' },
  'sessions.manage': { who: 'the account itself', tokens: 'none', source: '1.4: session facts' },
  'password.change': {
    who: 'the account itself',
    tokens: 'none',
    sudo: true,
    source: '1.4: changing the password; 3: passwords are apart from tokens',
  },
  'tokens.list': {
    who: 'the account itself',
    tokens: 'none',
    source: '1.1: pages only; 6.3 →LK no token API',
  },
  'tokens.create': {
    who: 'the account itself',
    tokens: 'none',
    sudo: true,
    source: '1.4: making a PAT takes a person, and a proof',
  },
  'tokens.update': {
    who: 'the account itself',
    tokens: 'none',
    sudo: true,
    source: '1.3: pages only; 1.4 →LK: wider scopes are a new grant',
  },
  'tokens.regenerate': {
    who: 'the account itself',
    tokens: 'none',
    sudo: true,
    source: '1.3: pages only; 15 row 17',
  },
  'tokens.delete': {
    who: 'the account itself',
    tokens: 'none',
    sudo: true,
    source: '1.3: pages only; 15 row 17',
  },
  'applications.list': {
    who: 'the account itself',
    tokens: 'none',
    source: 'contract: /settings/developers is a page',
  },
  'applications.write': {
    who: 'the account itself',
    tokens: 'none',
    sudo: true,
    source: '1.4: creating a PAT or application',
  },
  'oauth-authorizations.ask': {
    who: 'everybody',
    tokens: 'any',
    source: '8.1 step 1: strangers sign in on the way; what is wrong with the request is told to all',
  },
  'oauth-authorizations.create': {
    who: 'the account itself',
    tokens: 'none',
    sudo: true,
    source: '1.4: authorising a third-party app',
  },
  'oauth-authorizations.list': {
    who: 'the account itself',
    tokens: 'none',
    source: '1.1: /settings/applications, /settings/connections/applications/{client_id} are pages',
  },
  'oauth-authorizations.delete': {
    who: 'the account itself',
    tokens: 'none',
    source: '3: user revokes an OAuth app; 1.4 names no proof for it',
  },
  'oauth-metadata.read': {
    who: 'everybody',
    tokens: 'any',
    source: 'RFC 8414 section 3: clients read it before anybody is signed in',
  },
  'oauth-tokens.issue': {
    who: 'everybody',
    tokens: 'any',
    source: '8.1 step 3, 8.2: the code and the secret of the client are the credential',
  },
  'device-codes.enter': {
    who: 'the account itself',
    tokens: 'none',
    source: '8.2: the person signs in and types the code; 16.4: no token stands in for a person',
  },
  'device-codes.issue': {
    who: 'everybody',
    tokens: 'any',
    source: '8.2: any application asks for a code; nothing is granted by it',
  },
  'application-tokens.manage': {
    who: 'the application itself',
    tokens: 'any',
    source: '6.4: Basic client_id:client_secret; 5.1: only for /applications/{client_id}/…',
  },
  'keys.list-public': { who: 'everybody', tokens: 'any', source: '4.3 (none/anonymous): /users/{u}/keys' },
  'keys.list': {
    who: 'the account itself',
    tokens: anyOf('admin:public_key', 'write:public_key', 'read:public_key'),
    source: '4.3 *:public_key: read list/get; 7.2',
  },
  'keys.create': {
    who: 'the account itself',
    tokens: anyOf('admin:public_key', 'write:public_key'),
    sudo: true,
    source: '4.3 *:public_key: write create; 7.2; 1.4: adding a key',
  },
  'keys.delete': {
    who: 'the account itself',
    tokens: anyOf('admin:public_key'),
    source: '4.3 *:public_key: admin delete; 7.2',
  },
  'gpg-keys.list': {
    who: 'the account itself',
    tokens: anyOf('admin:gpg_key', 'write:gpg_key', 'read:gpg_key'),
    source: '4.3 *:gpg_key: read list/get; 7.3',
  },
  'gpg-keys.create': {
    who: 'the account itself',
    tokens: anyOf('admin:gpg_key', 'write:gpg_key'),
    sudo: true,
    source: '4.3 *:gpg_key: write create; 7.3; 1.4: adding a key',
  },
  'gpg-keys.delete': {
    who: 'the account itself',
    tokens: anyOf('admin:gpg_key'),
    source: '4.3 *:gpg_key: admin delete; 7.3',
  },
  'signing-keys.list': {
    who: 'the account itself',
    tokens: anyOf('admin:ssh_signing_key', 'write:ssh_signing_key', 'read:ssh_signing_key'),
    source: '4.3 *:ssh_signing_key: read list/get; 7.3',
  },
  'signing-keys.create': {
    who: 'the account itself',
    tokens: anyOf('admin:ssh_signing_key', 'write:ssh_signing_key'),
    sudo: true,
    source: '4.3 *:ssh_signing_key: write create; 7.3; 1.4: adding a key',
  },
  'signing-keys.delete': {
    who: 'the account itself',
    tokens: anyOf('admin:ssh_signing_key'),
    source: '4.3 *:ssh_signing_key: admin delete; 7.3',
  },
  'repository-invitations.list-own': {
    who: 'the account itself',
    tokens: anyOf('public_repo', 'repo', 'repo:invite'),
    source: '4.3 repo:invite: /user/repository_invitations; appendix A: PATCH',
  },
  'repository-invitations.answer': {
    who: 'the account itself',
    tokens: anyOf('public_repo', 'repo', 'repo:invite'),
    source: 'appendix A: PATCH /user/repository_invitations/{id} accepts public_repo, repo, repo:invite',
  },
  'repository-transfers.answer': {
    who: 'the account itself',
    tokens: 'none',
    source: 'GitHub docs, "Transferring a repository": the new owner accepts by a link, on a page',
  },
  'memberships.list-own': {
    who: 'the account itself',
    tokens: readOrganizations,
    source: 'appendix A: GET /user/memberships/orgs',
  },
  'memberships.accept': {
    who: 'the account itself',
    tokens: anyOf('admin:org', 'write:org'),
    source: '4.3 write:org: membership writes',
  },
  'organizations.create': {
    who: 'the account itself',
    tokens: 'none',
    source: 'our own: a page and the CLI; the API has it for site admins only (6.2)',
  },
  'organizations.list-own': {
    who: 'the account itself',
    tokens: readOrganizations,
    source: '5.2 row 11; appendix A: GET /user/orgs',
  },
  'organizations.read': {
    who: 'everybody',
    tokens: 'any',
    source: '4.3 (none/anonymous): /orgs/{org} public view',
  },
  'organizations.read-private': {
    who: 'members',
    tokens: readOrganizations,
    source: 'appendix A: GET /orgs/{org}',
  },
  'organizations.update': {
    who: 'owners',
    tokens: anyOf('admin:org', 'repo'),
    source: 'appendix A: PATCH /orgs/{org} accepts admin:org, repo',
  },
  'organizations.delete': {
    who: 'owners',
    tokens: 'none',
    sudo: true,
    source: 'our own: a page and the CLI',
  },
  'members.list': {
    who: 'everybody',
    tokens: 'any',
    source: 'appendix A: GET /orgs/{org}/members accepts (empty); public members only',
  },
  'members.list-all': {
    who: 'members',
    tokens: readOrganizations,
    source: '4.3 read:org: memberships',
  },
  'memberships.read': {
    who: 'members',
    tokens: readOrganizations,
    source: 'appendix A: GET /orgs/{org}/memberships/{username}',
  },
  'memberships.write': {
    who: 'owners',
    tokens: anyOf('admin:org', 'repo'),
    source: 'appendix A: PUT, DELETE /orgs/{org}/memberships/{username}',
  },
  'organizations.list': {
    who: 'everybody',
    tokens: 'any',
    source: 'appendix A: GET /organizations accepts (empty)',
  },
  'memberships.publicize': {
    who: 'members',
    tokens: anyOf('admin:org', 'write:org'),
    source: '4.3 write:org: membership writes; one publicizes only oneself',
  },
  'memberships.leave': { who: 'members', tokens: 'none', source: 'our own: a page' },
  'organization-invitations.list': {
    who: 'owners',
    tokens: anyOf('admin:org', 'repo'),
    source: 'appendix A: GET /orgs/{org}/invitations',
  },
  'organization-invitations.write': {
    who: 'owners',
    tokens: anyOf('admin:org'),
    source: 'appendix A: POST, DELETE /orgs/{org}/invitations',
  },
  'outside-collaborators.list': {
    who: 'members',
    tokens: readOrganizations,
    source: '4.3 read:org; 4.1 repo: org memberships',
  },
  'outside-collaborators.write': {
    who: 'owners',
    tokens: anyOf('admin:org'),
    source: '4.3 admin:org: members of the org',
  },
  'teams.read': {
    who: 'members',
    tokens: readOrganizations,
    source: 'appendix A: GET /orgs/{org}/teams, /teams/{team_id}, /user/teams',
  },
  'teams.write': {
    who: 'owners',
    tokens: anyOf('admin:org', 'repo'),
    source: 'appendix A: POST /orgs/{org}/teams',
  },
  'team-memberships.write': {
    who: 'owners',
    tokens: anyOf('admin:org', 'repo', 'write:org'),
    source: '4.3 write:org: team membership writes; 4.1 repo: team memberships',
  },
  'team-repositories.write': {
    who: 'owners',
    tokens: anyOf('admin:org', 'repo', 'write:org'),
    source: '4.3 write:org; 4.1 repo: org-owned teams',
  },
  'organization-applications.list': {
    who: 'owners',
    tokens: 'none',
    source: 'our own: who administers an organization, its applications too; a page',
  },
  'organization-applications.write': {
    who: 'owners',
    tokens: 'none',
    sudo: true,
    source: '1.4: creating an application',
  },
  'audit.read-organization': {
    who: 'owners',
    tokens: anyOf('admin:org', 'audit_log', 'read:audit_log'),
    source: '12.2: /orgs/{org}/audit-log, read:audit_log or admin:org',
  },
  'repositories.list': {
    who: 'everybody',
    tokens: 'any',
    source: '4.3 (none/anonymous): /users/{u}/repos; rows by repositories.read',
  },
  'repositories.list-own': {
    who: 'the account itself',
    tokens: 'any',
    source: 'appendix A: GET /user/repos accepts (empty); rows by repositories.read',
  },
  'repositories.create': {
    who: 'who may make repositories there',
    tokens: publicOrRepo,
    source:
      '4.3 repo or public_repo: POST /user/repos, POST /orgs/{org}/repos; appendix A: public_repo, repo',
  },
  'repositories.import': {
    who: 'who may make repositories there',
    tokens: 'none',
    source: 'our own: a page and the CLI',
  },
  'repositories.read': {
    who: 'read or public',
    tokens: privateNeedsRepo,
    ssh: true,
    source: '4.3: public /repos reads need none, private need repo; appendix A: GET … accepts repo',
  },
  'repositories.update': {
    who: 'admin',
    tokens: publicOrRepo,
    source: '4.3 everything under /repos; 5.2 row 10 admin rights',
  },
  'repositories.change-visibility': {
    who: 'admin',
    tokens: { public: ['repo'], private: ['repo'] },
    source: '4.1: public_repo is for public ones only, so what makes or was private takes repo',
  },
  'repositories.transfer': {
    who: 'admin',
    tokens: publicOrRepo,
    source: '4.3 everything under /repos; 5.2 row 10 admin rights',
  },
  'repositories.delete': {
    who: 'admin',
    tokens: { public: ['delete_repo'], private: ['delete_repo'] },
    source: '4.1 delete_repo, never implied by repo; 5.2 row 10; appendix A: DELETE … accepts delete_repo',
  },
  'contents.read': {
    who: 'read or public',
    tokens: privateNeedsRepo,
    ssh: true,
    source: 'section 10: no-scope token may fetch public, repo private; 4.3; 7: keys are for git',
  },
  'contents.write': {
    who: 'write',
    tokens: publicOrRepo,
    ssh: true,
    source: 'section 10: repo (private) or public_repo (push to public); 7: keys are for git',
  },
  'workflows.write': {
    who: 'write',
    tokens: anyOf('workflow'),
    ssh: true,
    source: '4.1 workflow; 15 row 27',
  },
  'statuses.read': {
    who: 'read or public',
    tokens: { public: 'any', private: ['repo', 'repo:status'] },
    withoutReading: true,
    source: '4.1 repo:status: statuses without code; appendix A: GET …/commits/{ref}/status(es)',
  },
  'statuses.write': {
    who: 'write',
    tokens: { public: ['public_repo', 'repo', 'repo:status'], private: ['repo', 'repo:status'] },
    withoutReading: true,
    source: '4.1, 4.3 repo:status: …/statuses',
  },
  'hooks.read': {
    who: 'admin',
    tokens: {
      public: ['admin:repo_hook', 'public_repo', 'read:repo_hook', 'repo', 'write:repo_hook'],
      private: ['admin:repo_hook', 'read:repo_hook', 'repo', 'write:repo_hook'],
    },
    withoutReading: true,
    source: '4.1 repo webhooks only; appendix A: GET …/hooks/{hook_id}',
  },
  'hooks.write': {
    who: 'admin',
    tokens: {
      public: ['admin:repo_hook', 'public_repo', 'repo', 'write:repo_hook'],
      private: ['admin:repo_hook', 'repo', 'write:repo_hook'],
    },
    withoutReading: true,
    source: '4.1 repo webhooks only; appendix A: POST …/hooks',
  },
  'hooks.delete': {
    who: 'admin',
    tokens: { public: ['admin:repo_hook', 'public_repo', 'repo'], private: ['admin:repo_hook', 'repo'] },
    withoutReading: true,
    source: '4.1 repo webhooks only; appendix A: DELETE …/hooks/{hook_id}',
  },
  'deploy-keys.list': {
    who: 'admin',
    tokens: publicOrRepo,
    source: '7.1: repo admin and repo (or public_repo)',
  },
  'deploy-keys.create': {
    who: 'admin',
    tokens: publicOrRepo,
    sudo: true,
    source: '7.1: repo admin and repo (or public_repo); 1.4: adding an SSH key',
  },
  'deploy-keys.delete': {
    who: 'admin',
    tokens: publicOrRepo,
    source: '7.1: repo admin and repo (or public_repo)',
  },
  'collaborators.list': {
    who: 'write',
    tokens: publicOrRepo,
    source: '4.3 everything under /repos; listing collaborators takes push access',
  },
  'collaborators.write': {
    who: 'admin',
    tokens: publicOrRepo,
    source: '4.3 everything under /repos; 5.2 row 10 admin rights',
  },
};
