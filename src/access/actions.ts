// The one table of permissions. Every thing that can be done is a row; routes name their row and nothing about
// permission is written anywhere else. `decide.ts` reads it, and so do the response headers, the help on the
// pages and the documentation. The same permissions are written a second time, by hand, in `expected.ts`.
import type { Scope } from '../scopes/scopes.ts';

/** A person's standing in a repository, each including the ones before it. */
export const repositoryRoles = ['read', 'write', 'admin'] as const;
export type RepositoryRole = (typeof repositoryRoles)[number];

/** What the caller's account must be, whatever the credential. */
export type Role =
  /** Anybody, signed in or not. */
  | 'anyone'
  /** The account that the target belongs to. */
  | 'self'
  | 'site-admin'
  /** On a repository: that role or a higher one. Reading a public repository takes no role. */
  | RepositoryRole;

/** Which classic scopes open the action; any one suffices. An empty list: none is needed. */
export interface ScopeNeed {
  readonly public: readonly Scope[];
  readonly private: readonly Scope[];
}

/** What the action is done to. */
export type TargetKind = 'instance' | 'account' | 'repository' | 'new-repository';

export interface Action {
  readonly on: TargetKind;
  readonly role: Role;
  /** The scopes a token needs; `session-only`: no token can do it, only a person signed in on the web. */
  readonly scopes: ScopeNeed | 'session-only';
  /** The fine-grained permission (ghes-spec appendix B), null where none is needed. Not yet enforced. */
  readonly permission: string | null;
  /** Value of X-Accepted-OAuth-Scopes where GitHub's is known and differs from `scopes` (ghes-spec 16.2). */
  readonly accepted?: readonly Scope[];
  /** What to tell who sees the target but may not do this (ghes-spec 5.2 row 10). */
  readonly refusal?: string;
}

const none: ScopeNeed = { public: [], private: [] };
const code: ScopeNeed = { public: [], private: ['repo'] };
const change: ScopeNeed = { public: ['public_repo'], private: ['repo'] };

const adminRights = 'Must have admin rights to Repository.';
const pushAccess = 'Must have push access to repository';

const table = {
  // The instance
  'meta.read': { on: 'instance', role: 'anyone', scopes: none, permission: null },
  'metrics.read': { on: 'instance', role: 'site-admin', scopes: 'session-only', permission: null },
  'people.list': { on: 'instance', role: 'site-admin', scopes: 'session-only', permission: null },
  'people.invite': { on: 'instance', role: 'site-admin', scopes: 'session-only', permission: null },
  'people.suspend': { on: 'instance', role: 'site-admin', scopes: 'session-only', permission: null },
  'people.reset-password': { on: 'instance', role: 'site-admin', scopes: 'session-only', permission: null },
  'session.create': { on: 'instance', role: 'anyone', scopes: none, permission: null },
  'session.end': { on: 'instance', role: 'anyone', scopes: none, permission: null },
  // Whoever holds the code of a one-time link; the code is checked where it is used.
  'setup.complete': { on: 'instance', role: 'anyone', scopes: none, permission: null },
  'password.choose': { on: 'instance', role: 'anyone', scopes: none, permission: null },
  'home.read': { on: 'instance', role: 'anyone', scopes: none, permission: null },

  // People
  'accounts.read': { on: 'account', role: 'anyone', scopes: none, permission: null },
  'user.read': { on: 'account', role: 'self', scopes: none, permission: null },
  'user.read-private': {
    on: 'account',
    role: 'self',
    scopes: { public: ['read:user'], private: ['read:user'] },
    permission: 'profile=read',
  },
  'emails.read': {
    on: 'account',
    role: 'self',
    scopes: { public: ['user:email'], private: ['user:email'] },
    permission: 'emails=read',
  },
  'user.update': { on: 'account', role: 'self', scopes: 'session-only', permission: null },
  'sessions.manage': { on: 'account', role: 'self', scopes: 'session-only', permission: null },
  'password.change': { on: 'account', role: 'self', scopes: 'session-only', permission: null },

  // Personal access tokens
  'tokens.list': { on: 'account', role: 'self', scopes: 'session-only', permission: null },
  'tokens.create': { on: 'account', role: 'self', scopes: 'session-only', permission: null },
  'tokens.update': { on: 'account', role: 'self', scopes: 'session-only', permission: null },
  'tokens.regenerate': { on: 'account', role: 'self', scopes: 'session-only', permission: null },
  'tokens.delete': { on: 'account', role: 'self', scopes: 'session-only', permission: null },

  // Repositories
  'repositories.list': { on: 'account', role: 'anyone', scopes: none, permission: 'metadata=read' },
  'repositories.list-own': { on: 'account', role: 'self', scopes: none, permission: 'metadata=read' },
  'repositories.create': {
    on: 'new-repository',
    role: 'self',
    scopes: change,
    permission: 'administration=write',
    accepted: ['public_repo', 'repo'],
  },
  'repositories.import': { on: 'new-repository', role: 'self', scopes: 'session-only', permission: null },
  'repositories.read': {
    on: 'repository',
    role: 'read',
    scopes: code,
    permission: 'metadata=read',
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
    scopes: { public: ['repo'], private: ['repo'] },
    permission: 'administration=write',
    refusal: adminRights,
  },
  'repositories.delete': {
    on: 'repository',
    role: 'admin',
    scopes: { public: ['delete_repo'], private: ['delete_repo'] },
    permission: 'administration=write',
    accepted: ['delete_repo'],
    refusal: adminRights,
  },
  'contents.read': { on: 'repository', role: 'read', scopes: code, permission: 'contents=read' },
  'contents.write': {
    on: 'repository',
    role: 'write',
    scopes: change,
    permission: 'contents=write',
    refusal: pushAccess,
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
