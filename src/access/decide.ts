// The one decision. Rights are the account's present standing (the ceiling) cut with what the credential grants.
// Pure: everything it needs is in its arguments, so that a property test can ask it anything.
import { type Scope, satisfies } from '../scopes/scopes.ts';
import {
  type Action,
  type ActionName,
  type ActionOn,
  actions,
  organizationRoles,
  type RepositoryRole,
  repositoryRoles,
} from './actions.ts';
import { type Actor, personalToken } from './actor.ts';
import type { Denied } from './denied.ts';
import type { Target, TargetOf } from './targets.ts';

export type Decision =
  | {
      readonly allowed: true;
      /** The scopes of the token that were needed for it; empty where none was. */
      readonly used: readonly Scope[];
    }
  | ({ readonly allowed: false } & Denied);

/**
 * May this caller do this to that?
 * Order of reasons: ghes-spec 5.2 rows 5, 8–11 and 14. A caller who can't see the target never learns more.
 */
export function decide<N extends ActionName>(
  actor: Actor,
  action: N,
  target: N extends ActionOn<infer K> ? TargetOf<K> : never,
): Decision;
export function decide(actor: Actor, name: ActionName, target: Target): Decision {
  const action = actions[name];
  if (action.on !== target.kind)
    throw new TypeError(`${name} is not done to a target of kind ${target.kind}`);
  // First of all: what can't be seen can't be touched either, whatever other scope the token has.
  const seeing = action.seesItself === true ? action : actions['repositories.read'];
  if (
    target.kind === 'repository' &&
    !maySee(actor, actions['repositories.read'], target) &&
    !maySee(actor, seeing, target)
  ) {
    return { allowed: false, because: 'invisible' };
  }
  if (target.kind === 'organization' && target.membersOnly === true && target.role === null) {
    return { allowed: false, because: 'invisible' };
  }
  const standing = hasStanding(actor, action, target);
  const credential = credentialOpens(actor, action, target);
  if (standing && credential === 'open') {
    const organization = forbidding(actor, action, target);
    if (organization !== null)
      return { allowed: false, because: 'organization-forbids-tokens', organization };
    if (lacksSudo(actor, action)) return { allowed: false, because: 'sudo-required' };
    const rows = target.kind === 'repository' ? [seeing, action] : [action];
    return { allowed: true, used: usedScopes(actor, rows, target) };
  }
  if (actor.kind === 'anonymous') return { allowed: false, because: 'unauthenticated' };
  const refusal = action.refusal ?? 'Resource not accessible';
  // Nobody learns which applications there are.
  if (!standing && target.kind === 'application') return { allowed: false, because: 'invisible' };
  if (!standing) return { allowed: false, because: 'role-missing', refusal };
  if (credential === 'session-required') return { allowed: false, because: 'session-required' };
  return { allowed: false, because: 'scope-missing', accepted: scopesFor(action, target), refusal };
}

/** Any one of these scopes opens the action on such a target; empty: none is needed, or no token can do it. */
export function scopesFor(action: Action, target: Target): readonly Scope[] {
  if (action.scopes === 'session-only') return [];
  return isPrivate(target) ? action.scopes.private : action.scopes.public;
}

function isPrivate(target: Target): boolean {
  return (target.kind === 'repository' || target.kind === 'new-repository') && target.visibility !== 'public';
}

/** The ceiling: may the account, the deploy key or the application do it, leaving the grant aside? */
function hasStanding(actor: Actor, action: Action, target: Target): boolean {
  if (actor.kind === 'deploy-key') {
    if (target.kind !== 'repository' || target.repositoryId !== actor.repositoryId) return false;
    return roleReaches(repositoryRoles, actor.readOnly ? 'read' : 'write', action.role);
  }
  if (actor.kind === 'application') {
    const isItself = target.kind === 'application' && target.clientId === actor.application.clientId;
    return isItself && action.role === 'itself';
  }
  if (action.role === 'anyone') return true;
  if (target.kind === 'repository') {
    if (action.role === 'read' && target.visibility === 'public') return true;
    return roleReaches(repositoryRoles, target.role, action.role);
  }
  if (actor.kind === 'anonymous') return false;
  switch (action.role) {
    case 'self':
      return target.kind === 'account' && target.accountId === actor.account.id;
    case 'maker':
      return target.kind === 'new-repository' && mayMake(actor.account.id, target);
    case 'site-admin':
      return actor.account.siteAdmin;
    default:
      return target.kind === 'organization' && roleReaches(organizationRoles, target.role, action.role);
  }
}

function mayMake(
  account: number,
  { accountId, organization }: Extract<Target, { kind: 'new-repository' }>,
): boolean {
  if (organization === undefined) return accountId === account;
  return organization.role === 'owner' || (organization.role === 'member' && organization.membersMayCreate);
}

/** Is the role one of the ladder's, as high as the needed one or higher? */
function roleReaches(ladder: readonly string[], role: string | null, needed: string): boolean {
  const rung = ladder.indexOf(needed);
  return role !== null && rung !== -1 && ladder.indexOf(role) >= rung;
}

/** Does the credential open it, leaving the account's standing aside? */
function credentialOpens(
  actor: Actor,
  action: Action,
  target: Target,
): 'open' | 'scope-missing' | 'session-required' {
  if (actor.kind === 'user' && actor.grant.kind === 'session') return 'open';
  if (actor.kind === 'deploy-key') return keyOpens(actor.mayChangeWorkflows, action);
  if (actor.kind === 'user' && actor.grant.kind === 'key') {
    return keyOpens(actor.grant.mayChangeWorkflows, action);
  }
  if (action.scopes === 'session-only') return 'session-required';
  const accepted = scopesFor(action, target);
  if (accepted.length === 0) return 'open';
  if (actor.kind === 'user' && actor.grant.kind === 'scopes' && satisfies(actor.grant.scopes, accepted))
    return 'open';
  return 'scope-missing';
}

/** Keys are for git; those that a token without `workflow` made can't do more than it could (ghes-spec 15 row 27). */
function keyOpens(
  mayChangeWorkflows: boolean,
  action: Action,
): 'open' | 'scope-missing' | 'session-required' {
  if (action.ssh !== true) return 'session-required';
  return action === actions['workflows.write'] && !mayChangeWorkflows ? 'scope-missing' : 'open';
}

/** May the caller know that the repository exists? Reading its front, or what the row says, is what makes it visible. */
function maySee(actor: Actor, seeing: Action, target: RepositoryOf<Target>): boolean {
  const reader = { ...seeing, role: 'read' as RepositoryRole };
  return hasStanding(actor, reader, target) && credentialOpens(actor, reader, target) === 'open';
}

type RepositoryOf<T> = Extract<T, { kind: 'repository' }>;

/**
 * The organisation that keeps classic tokens away from this. What is public stays readable, and the tokens of
 * applications are not meant (ghes-spec 1.6, 5.2 row 14).
 */
function forbidding(actor: Actor, action: Action, target: Target): string | null {
  if (personalToken(actor) === null) return null;
  const organization = 'closedToTokens' in target ? (target.closedToTokens ?? null) : null;
  const isOpenToAll =
    action.role === 'anyone' ||
    (target.kind === 'repository' && target.visibility === 'public' && action.role === 'read');
  return isOpenToAll ? null : organization;
}

function lacksSudo(actor: Actor, action: Action): boolean {
  return action.sudo === true && actor.kind === 'user' && actor.grant.kind === 'session' && !actor.grant.sudo;
}

/** For each row, the narrowest of its scopes that the token has. */
function usedScopes(actor: Actor, rows: readonly Action[], target: Target): readonly Scope[] {
  if (actor.kind !== 'user' || actor.grant.kind !== 'scopes') return [];
  const { scopes } = actor.grant;
  const used = rows.map((row) => scopesFor(row, target).find((wanted) => satisfies(scopes, [wanted])));
  return [...new Set(used.filter((scope) => scope !== undefined))];
}
