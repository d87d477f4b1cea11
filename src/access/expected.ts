// The permissions, written a second time by hand from the specification, with the source of each row. Never
// generate it from `actions.ts`: it is what `actions.ts` is judged by. Only tests read it.
import type { Scope } from '../scopes/scopes.ts';
import type { ActionName } from './actions.ts';

/** Who may, leaving scopes aside. On repositories: the lowest role; `public`: anybody if it is public. */
type Who = 'everybody' | 'the account itself' | 'site admins' | 'read or public' | 'write' | 'admin';

export interface Expected {
  readonly who: Who;
  /**
   * Every scope with which a classic token may do it where its owner may, for public and for private targets; on a
   * repository, only if it may read that too (ghes-spec 5.2 row 8: what it can't see is not there);
   * `any`: even a token without scopes; `none`: no token at all, only a person signed in.
   */
  readonly tokens:
    | 'any'
    | 'none'
    | { readonly public: readonly Scope[] | 'any'; readonly private: readonly Scope[] };
  /** Where it is written. */
  readonly source: string;
}

const privateNeedsRepo = { public: 'any', private: ['repo'] } as const;
const publicOrRepo = { public: ['public_repo', 'repo'], private: ['repo'] } as const;

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
  'people.list': { who: 'site admins', tokens: 'none', source: 'our own: the page of all people' },
  'people.invite': { who: 'site admins', tokens: 'none', source: 'contract: no open sign-up, admins invite' },
  'people.suspend': { who: 'site admins', tokens: 'none', source: '6.2: suspending is for site admins' },
  'people.reset-password': {
    who: 'site admins',
    tokens: 'none',
    source: 'contract: one-time links, made by admins',
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
  'user.update': { who: 'the account itself', tokens: 'none', source: '1.4: changing e-mail takes a person' },
  'sessions.manage': { who: 'the account itself', tokens: 'none', source: '1.4: session facts' },
  'password.change': {
    who: 'the account itself',
    tokens: 'none',
    source: '1.4; 3: passwords are apart from tokens',
  },
  'tokens.list': {
    who: 'the account itself',
    tokens: 'none',
    source: '1.1: pages only; 6.3 →LK no token API',
  },
  'tokens.create': { who: 'the account itself', tokens: 'none', source: '1.4: making a PAT takes a person' },
  'tokens.update': { who: 'the account itself', tokens: 'none', source: '1.3: pages only' },
  'tokens.regenerate': { who: 'the account itself', tokens: 'none', source: '1.3: pages only' },
  'tokens.delete': { who: 'the account itself', tokens: 'none', source: '1.3: pages only' },
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
    who: 'the account itself',
    tokens: publicOrRepo,
    source: '4.3 repo or public_repo: POST /user/repos; appendix A: public_repo, repo',
  },
  'repositories.import': { who: 'the account itself', tokens: 'none', source: 'our own: a page and the CLI' },
  'repositories.read': {
    who: 'read or public',
    tokens: privateNeedsRepo,
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
  'repositories.delete': {
    who: 'admin',
    tokens: { public: ['delete_repo'], private: ['delete_repo'] },
    source: '4.1 delete_repo, never implied by repo; 5.2 row 10; appendix A: DELETE … accepts delete_repo',
  },
  'contents.read': {
    who: 'read or public',
    tokens: privateNeedsRepo,
    source: 'section 10: no-scope token may fetch public, repo private; 4.3',
  },
  'contents.write': {
    who: 'write',
    tokens: publicOrRepo,
    source: 'section 10: repo (private) or public_repo (push to public)',
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
