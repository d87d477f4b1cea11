// The one table of permissions. Every thing that can be done is a row; routes name their row and nothing about
// permission is written anywhere else. `decide.ts` reads it, and so do the response headers, the help on the
// pages and the documentation. The same permissions are written a second time, by hand, in `expected.ts`.
import type { Scope } from '../scopes/scopes.ts';

/** A person's standing in a repository, each including the ones before it. */
export const repositoryRoles = ['read', 'write', 'admin'] as const;
export type RepositoryRole = (typeof repositoryRoles)[number];

/** A person's standing in an organisation, each including the ones before it. */
export const organizationRoles = ['member', 'owner'] as const;
export type OrganizationRole = (typeof organizationRoles)[number];

/** What the caller's account must be, whatever the credential. */
export type Role =
  /** Anybody, signed in or not. */
  | 'anyone'
  /** The account that the target belongs to. */
  | 'self'
  /** The OAuth application that the target is, by its own credentials: nobody in person (ghes-spec 6.4). */
  | 'itself'
  /** Who may make repositories for the account that is to own it: that account, or by its organisation's rules. */
  | 'maker'
  | 'site-admin'
  /** In an organisation: that role or a higher one. */
  | OrganizationRole
  /** On a repository: that role or a higher one. Reading a public repository takes no role. */
  | RepositoryRole;

/** Which classic scopes open the action; any one suffices. An empty list: none is needed. */
export interface ScopeNeed {
  readonly public: readonly Scope[];
  /** For internal ones too. */
  readonly private: readonly Scope[];
}

/** What the action is done to. */
export type TargetKind =
  | 'instance'
  | 'account'
  | 'application'
  | 'organization'
  | 'repository'
  | 'new-repository';

export interface Action {
  readonly on: TargetKind;
  readonly role: Role;
  /**
   * The scopes a token needs, the narrowest first; `session-only`: no token can do it, only a person signed in on
   * the web.
   */
  readonly scopes: ScopeNeed | 'session-only';
  /** The fine-grained permission (ghes-spec appendix B, 13), null where none is needed. Not yet enforced. */
  readonly permission: string | null;
  /** True: a session must have proved lately who it is (ghes-spec 1.4). */
  readonly sudo?: true;
  /** True: SSH keys open it too, as far as their owners' roles or their repository go. */
  readonly ssh?: true;
  /**
   * True: who has the scopes of this row may know of the repository, without those of `repositories.read`
   * (ghes-spec 4.1: `repo:status` opens statuses without code).
   */
  readonly seesItself?: true;
  /** Value of X-Accepted-OAuth-Scopes where GitHub's is known and differs from `scopes` (ghes-spec 16.2). */
  readonly accepted?: readonly Scope[];
  /** What to tell who sees the target but may not do this (ghes-spec 5.2 row 10). */
  readonly refusal?: string;
  /** True: a missing scope is told (403), though it hangs on the account alone (ghes-spec 5.2 row 11). */
  readonly tellsMissingScope?: true;
}

const none: ScopeNeed = { public: [], private: [] };
const code: ScopeNeed = { public: [], private: ['repo'] };
const change: ScopeNeed = { public: ['public_repo'], private: ['repo'] };
const both = (...scopes: readonly Scope[]): ScopeNeed => ({ public: scopes, private: scopes });

const adminRights = 'Must have admin rights to Repository.';
const pushAccess = 'Must have push access to repository';
const ownerRights = 'You must be an admin to access this organization.';
const membership = 'You need to be a member of this organization.';

/** Rows of one kind, written shortly: what differs. */
const admins = { on: 'instance', role: 'site-admin', permission: null } as const;
const own = { on: 'account', role: 'self', permission: null } as const;
const anybody = { on: 'instance', role: 'anyone', scopes: none, permission: null } as const;

const table = {
  // The instance
  'meta.read': anybody,
  'metrics.read': { ...admins, scopes: 'session-only' },
  'session.create': anybody,
  'session.end': anybody,
  // Whoever holds the code of a one-time link; the code is checked where it is used.
  'setup.complete': anybody,
  'password.choose': anybody,
  'home.read': anybody,
  'repositories.search': { ...anybody, permission: 'metadata=read' },

  // Site administration
  'people.list': { ...admins, scopes: both('site_admin') },
  'people.create': { ...admins, scopes: both('site_admin') },
  'people.update': { ...admins, scopes: both('site_admin') },
  'people.suspend': { ...admins, scopes: both('site_admin') },
  'people.promote': { ...admins, scopes: both('site_admin'), sudo: true },
  'people.delete': { ...admins, scopes: both('site_admin'), sudo: true },
  'people.impersonate': { ...admins, scopes: both('site_admin'), sudo: true },
  'people.reset-password': { ...admins, scopes: 'session-only', sudo: true },
  'all-tokens.list': { ...admins, scopes: both('site_admin') },
  'all-tokens.delete': { ...admins, scopes: both('site_admin') },
  'all-keys.list': { ...admins, scopes: both('site_admin') },
  'all-keys.delete': { ...admins, scopes: both('site_admin') },
  'all-applications.list': { ...admins, scopes: 'session-only' },
  'all-applications.switch': { ...admins, scopes: 'session-only', sudo: true },
  'all-organizations.create': { ...admins, scopes: both('site_admin') },
  'all-organizations.update': { ...admins, scopes: both('site_admin') },
  'settings.update': { ...admins, scopes: 'session-only', sudo: true },
  'audit.read-all': { ...admins, scopes: both('read:audit_log', 'admin:enterprise') },

  // People
  'accounts.read': { on: 'account', role: 'anyone', scopes: none, permission: null },
  'user.read': { ...own, scopes: none },
  // Asking at all; each thing that a query is about is asked for by the row that REST has for it.
  'graphql.query': { ...own, scopes: none, accepted: ['repo'] },
  'user.read-private': { ...own, scopes: both('read:user'), permission: 'profile=read' },
  'user.update': { ...own, scopes: both('user'), permission: 'profile=write' },
  'emails.read': { ...own, scopes: both('user:email'), permission: 'emails=read' },
  'emails.write': { ...own, scopes: both('user'), permission: 'emails=write', sudo: true },
  'sessions.manage': { ...own, scopes: 'session-only' },
  'password.change': { ...own, scopes: 'session-only', sudo: true },
  'second-factors.change': { ...own, scopes: 'session-only', sudo: true },
  'notices.manage': { ...own, scopes: 'session-only' },
  'audit.read-own': { ...own, scopes: 'session-only' },

  // Personal access tokens
  'tokens.list': { ...own, scopes: 'session-only' },
  'tokens.create': { ...own, scopes: 'session-only', sudo: true },
  'tokens.update': { ...own, scopes: 'session-only', sudo: true },
  'tokens.regenerate': { ...own, scopes: 'session-only', sudo: true },
  'tokens.delete': { ...own, scopes: 'session-only', sudo: true },

  // OAuth: applications, what they are let do, and the tokens they get for it
  'applications.list': { ...own, scopes: 'session-only' },
  'applications.write': { ...own, scopes: 'session-only', sudo: true },
  // The page that asks tells strangers who have come to the wrong place so, and leads the others to sign in.
  'oauth-authorizations.ask': anybody,
  'device-codes.enter': { ...own, scopes: 'session-only' },
  'oauth-authorizations.create': { ...own, scopes: 'session-only', sudo: true },
  'oauth-authorizations.list': { ...own, scopes: 'session-only' },
  // No proof is asked for: whoever suspects an application has to be rid of it at once.
  'oauth-authorizations.delete': { ...own, scopes: 'session-only' },
  'oauth-metadata.read': anybody,
  // Applications show codes and secrets of their own, which are checked where they are used.
  'oauth-tokens.issue': anybody,
  'device-codes.issue': anybody,
  // What an application asks for by its client id and a client secret, of the tokens that it holds.
  'application-tokens.manage': { on: 'application', role: 'itself', scopes: none, permission: null },

  // Keys of people
  'keys.list-public': { on: 'account', role: 'anyone', scopes: none, permission: null },
  'keys.list': { ...own, scopes: both('read:public_key'), permission: 'keys=read' },
  'keys.create': { ...own, scopes: both('write:public_key'), permission: 'keys=write', sudo: true },
  'keys.delete': { ...own, scopes: both('admin:public_key'), permission: 'keys=write' },
  'gpg-keys.list': { ...own, scopes: both('read:gpg_key'), permission: 'gpg_keys=read' },
  'gpg-keys.create': { ...own, scopes: both('write:gpg_key'), permission: 'gpg_keys=write', sudo: true },
  'gpg-keys.delete': { ...own, scopes: both('admin:gpg_key'), permission: 'gpg_keys=write' },
  'signing-keys.list': {
    ...own,
    scopes: both('read:ssh_signing_key'),
    permission: 'git_signing_ssh_public_keys=read',
  },
  'signing-keys.create': {
    ...own,
    scopes: both('write:ssh_signing_key'),
    permission: 'git_signing_ssh_public_keys=write',
    sudo: true,
  },
  'signing-keys.delete': {
    ...own,
    scopes: both('admin:ssh_signing_key'),
    permission: 'git_signing_ssh_public_keys=write',
  },

  // What people were asked to join
  'repository-invitations.list-own': {
    ...own,
    scopes: both('repo:invite', 'public_repo'),
    permission: 'private_repository_invitations=read',
  },
  'repository-invitations.answer': { ...own, scopes: both('repo:invite', 'public_repo') },
  'repository-transfers.answer': { ...own, scopes: 'session-only' },
  'memberships.list-own': { ...own, scopes: both('read:org', 'repo', 'user'), permission: 'members=read' },
  'memberships.accept': { ...own, scopes: both('write:org'), permission: 'members=write' },

  // Organisations
  'organizations.create': { ...own, scopes: 'session-only' },
  'organizations.list-own': {
    ...own,
    scopes: both('read:org', 'repo', 'user'),
    refusal: 'You need at least read:org scope or user scope to list your organizations.',
    tellsMissingScope: true,
  },
  'organizations.read': {
    on: 'organization',
    role: 'anyone',
    scopes: none,
    permission: null,
    accepted: ['admin:org', 'read:org', 'repo', 'user', 'write:org'],
  },
  'organizations.read-private': {
    on: 'organization',
    role: 'member',
    scopes: both('read:org', 'repo', 'user'),
    permission: 'members=read',
    refusal: membership,
  },
  'organizations.update': {
    on: 'organization',
    role: 'owner',
    scopes: both('admin:org', 'repo'),
    permission: 'organization_administration=write',
    refusal: ownerRights,
  },
  'organizations.delete': {
    on: 'organization',
    role: 'owner',
    scopes: 'session-only',
    permission: 'organization_administration=write',
    sudo: true,
    refusal: ownerRights,
  },
  'organizations.list': anybody,
  'members.list': { on: 'organization', role: 'anyone', scopes: none, permission: 'members=read' },
  'members.list-all': {
    on: 'organization',
    role: 'member',
    scopes: both('read:org', 'repo', 'user'),
    permission: 'members=read',
    refusal: membership,
  },
  'memberships.read': {
    on: 'organization',
    role: 'member',
    scopes: both('read:org', 'repo', 'user'),
    permission: 'members=read',
    refusal: membership,
  },
  'memberships.write': {
    on: 'organization',
    role: 'owner',
    scopes: both('admin:org', 'repo'),
    permission: 'members=write',
    refusal: ownerRights,
  },
  'memberships.publicize': {
    on: 'organization',
    role: 'member',
    scopes: both('write:org'),
    permission: null,
    refusal: membership,
  },
  'memberships.leave': {
    on: 'organization',
    role: 'member',
    scopes: 'session-only',
    permission: null,
    refusal: membership,
  },
  'organization-invitations.list': {
    on: 'organization',
    role: 'owner',
    scopes: both('admin:org', 'repo'),
    permission: 'members=read',
    refusal: ownerRights,
  },
  'organization-invitations.write': {
    on: 'organization',
    role: 'owner',
    scopes: both('admin:org'),
    permission: 'members=write',
    refusal: ownerRights,
  },
  'outside-collaborators.list': {
    on: 'organization',
    role: 'member',
    scopes: both('read:org', 'repo', 'user'),
    permission: 'members=read',
    refusal: membership,
  },
  'outside-collaborators.write': {
    on: 'organization',
    role: 'owner',
    scopes: both('admin:org'),
    permission: 'members=write',
    refusal: ownerRights,
  },
  'teams.read': {
    on: 'organization',
    role: 'member',
    scopes: both('read:org', 'repo', 'user'),
    permission: 'members=read',
    refusal: membership,
  },
  'teams.write': {
    on: 'organization',
    role: 'owner',
    scopes: both('admin:org', 'repo'),
    permission: 'members=write',
    refusal: ownerRights,
  },
  'team-memberships.write': {
    on: 'organization',
    role: 'owner',
    scopes: both('write:org', 'repo'),
    permission: 'members=write',
    refusal: ownerRights,
  },
  'team-repositories.write': {
    on: 'organization',
    role: 'owner',
    scopes: both('write:org', 'repo'),
    permission: 'members=write',
    refusal: ownerRights,
  },
  'organization-applications.list': {
    on: 'organization',
    role: 'owner',
    scopes: 'session-only',
    permission: null,
    refusal: ownerRights,
  },
  'organization-applications.write': {
    on: 'organization',
    role: 'owner',
    scopes: 'session-only',
    permission: null,
    sudo: true,
    refusal: ownerRights,
  },
  'audit.read-organization': {
    on: 'organization',
    role: 'owner',
    scopes: both('read:audit_log', 'admin:org'),
    permission: 'organization_administration=read',
    refusal: ownerRights,
  },

  // Repositories
  'repositories.list': { on: 'account', role: 'anyone', scopes: none, permission: 'metadata=read' },
  'repositories.list-own': { ...own, scopes: none, permission: 'metadata=read' },
  'repositories.create': {
    on: 'new-repository',
    role: 'maker',
    scopes: change,
    permission: 'administration=write',
    accepted: ['public_repo', 'repo'],
    refusal: 'You need admin access to the organization before adding a repository to it.',
  },
  'repositories.import': {
    on: 'new-repository',
    role: 'maker',
    scopes: 'session-only',
    permission: null,
    refusal: 'You need admin access to the organization before adding a repository to it.',
  },
  'repositories.read': {
    on: 'repository',
    role: 'read',
    scopes: code,
    permission: 'metadata=read',
    ssh: true,
    accepted: ['repo'],
  },
  'repositories.update': {
    on: 'repository',
    role: 'admin',
    scopes: change,
    permission: 'administration=write',
    refusal: adminRights,
  },
  'repositories.change-visibility': {
    on: 'repository',
    role: 'admin',
    // Making something private public, or the reverse, needs what both need.
    scopes: both('repo'),
    permission: 'administration=write',
    refusal: adminRights,
  },
  'repositories.transfer': {
    on: 'repository',
    role: 'admin',
    scopes: change,
    permission: 'administration=write',
    refusal: adminRights,
  },
  'repositories.delete': {
    on: 'repository',
    role: 'admin',
    scopes: both('delete_repo'),
    permission: 'administration=write',
    accepted: ['delete_repo'],
    refusal: adminRights,
  },
  'contents.read': {
    on: 'repository',
    role: 'read',
    scopes: code,
    permission: 'contents=read',
    ssh: true,
  },
  'contents.write': {
    on: 'repository',
    role: 'write',
    scopes: change,
    permission: 'contents=write',
    ssh: true,
    refusal: pushAccess,
  },
  // Asked beside contents.write where what is written are files under .github/workflows.
  'workflows.write': {
    on: 'repository',
    role: 'write',
    scopes: both('workflow'),
    permission: 'workflows=write',
    ssh: true,
    refusal: pushAccess,
  },
  'statuses.read': {
    on: 'repository',
    role: 'read',
    scopes: { public: [], private: ['repo:status'] },
    permission: 'statuses=read',
    seesItself: true,
    accepted: ['repo', 'repo:status'],
  },
  'statuses.write': {
    on: 'repository',
    role: 'write',
    scopes: { public: ['repo:status', 'public_repo'], private: ['repo:status'] },
    permission: 'statuses=write',
    seesItself: true,
    refusal: pushAccess,
  },
  'hooks.read': {
    on: 'repository',
    role: 'admin',
    scopes: { public: ['read:repo_hook', 'public_repo'], private: ['read:repo_hook', 'repo'] },
    permission: 'repository_hooks=read',
    seesItself: true,
    refusal: adminRights,
  },
  'hooks.write': {
    on: 'repository',
    role: 'admin',
    scopes: { public: ['write:repo_hook', 'public_repo'], private: ['write:repo_hook', 'repo'] },
    permission: 'repository_hooks=write',
    seesItself: true,
    refusal: adminRights,
  },
  'hooks.delete': {
    on: 'repository',
    role: 'admin',
    scopes: { public: ['admin:repo_hook', 'public_repo'], private: ['admin:repo_hook', 'repo'] },
    permission: 'repository_hooks=write',
    seesItself: true,
    refusal: adminRights,
  },
  'deploy-keys.list': {
    on: 'repository',
    role: 'admin',
    scopes: change,
    permission: 'administration=read',
    refusal: adminRights,
  },
  'deploy-keys.create': {
    on: 'repository',
    role: 'admin',
    scopes: change,
    permission: 'administration=write',
    sudo: true,
    refusal: adminRights,
  },
  'deploy-keys.delete': {
    on: 'repository',
    role: 'admin',
    scopes: change,
    permission: 'administration=write',
    refusal: adminRights,
  },
  'collaborators.list': {
    on: 'repository',
    role: 'write',
    scopes: change,
    permission: 'metadata=read',
    refusal: 'Must have push access to view repository collaborators.',
  },
  'collaborators.write': {
    on: 'repository',
    role: 'admin',
    scopes: change,
    permission: 'administration=write',
    refusal: adminRights,
  },
} as const satisfies Record<string, Action>;

export type ActionName = keyof typeof table;

export const actions: Readonly<Record<ActionName, Action>> = table;

export const actionNames = Object.keys(table) as readonly ActionName[];

/** The actions that are done to a target of this kind. */
export type ActionOn<K extends TargetKind> = {
  [N in ActionName]: (typeof table)[N]['on'] extends K ? N : never;
}[ActionName];
