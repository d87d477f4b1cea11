// The one decision. Rights are the account's present standing (the ceiling) cut with what the credential grants.
// Pure: everything it needs is in its arguments, so that a property test can ask it anything.
import { type Scope, satisfies } from '../scopes/scopes.ts';
import {
  type Action,
  type ActionName,
  type ActionOn,
  actions,
  type RepositoryRole,
  repositoryRoles,
} from './actions.ts';
import type { Actor } from './actor.ts';
import type { Denied } from './denied.ts';
import type { Target, TargetOf } from './targets.ts';

export type Decision = { readonly allowed: true } | ({ readonly allowed: false } & Denied);

const allowed: Decision = Object.freeze({ allowed: true });

/**
 * May this caller do this to that?
 * Order of reasons: ghes-spec 5.2 rows 5 and 8–11. A caller who can't see the target never learns more.
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
  if (!sees(actor, target)) return { allowed: false, because: 'invisible' };
  const standing = hasStanding(actor, action, target);
  const credential = credentialOpens(actor, action, target);
  if (standing && credential === 'open') return allowed;
  if (actor.kind === 'anonymous') return { allowed: false, because: 'unauthenticated' };
  const refusal = action.refusal ?? 'Resource not accessible';
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

/** The ceiling: may the account do it, leaving the credential aside? */
function hasStanding(actor: Actor, action: Action, target: Target): boolean {
  if (action.role === 'anyone') return true;
  if (target.kind === 'repository') {
    if (action.role === 'read' && target.visibility === 'public') return true;
    return roleReaches(target.role, action.role as RepositoryRole);
  }
  if (actor.kind === 'anonymous') return false;
  switch (action.role) {
    case 'self':
      return 'accountId' in target && target.accountId === actor.account.id;
    case 'site-admin':
      return actor.account.siteAdmin;
    default:
      return false;
  }
}

function roleReaches(role: RepositoryRole | null, needed: RepositoryRole): boolean {
  return role !== null && repositoryRoles.indexOf(role) >= repositoryRoles.indexOf(needed);
}

/** Does the credential open it, leaving the account's standing aside? */
function credentialOpens(
  actor: Actor,
  action: Action,
  target: Target,
): 'open' | 'scope-missing' | 'session-required' {
  if (actor.kind === 'user' && actor.grant.kind === 'session') return 'open';
  if (action.scopes === 'session-only') return 'session-required';
  const accepted = scopesFor(action, target);
  if (accepted.length === 0) return 'open';
  if (actor.kind === 'user' && actor.grant.kind === 'scopes' && satisfies(actor.grant.scopes, accepted))
    return 'open';
  return 'scope-missing';
}

/** May the caller know that the target exists? Reading a repository's front is what makes it visible. */
function sees(actor: Actor, target: Target): boolean {
  if (target.kind !== 'repository') return true;
  const read = actions['repositories.read'];
  return hasStanding(actor, read, target) && credentialOpens(actor, read, target) === 'open';
}
