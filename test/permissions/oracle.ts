// What the hand-written permissions (src/access/expected.ts) say of one call: judged here, and not by `decide`.
import type { ActionName } from '../../src/access/actions.ts';
import { type Expected, expected } from '../../src/access/expected.ts';
import type { Scope } from '../../src/scopes/scopes.ts';
import { type Grant, type Login, scopesOf } from './world.ts';

export type Visible = 'public' | 'private';

/** Who may, and somebody who is there but may not. */
export interface Cast {
  readonly right: Login;
  /** Null: there is nobody with an account who may not. */
  readonly wrong: Login | null;
}

const casts: Readonly<Record<Expected['who'], Cast>> = {
  everybody: { right: 'mona', wrong: null },
  'the account itself': { right: 'mona', wrong: null },
  'who may make repositories there': { right: 'mona', wrong: null },
  'site admins': { right: 'boss', wrong: 'mona' },
  // Nobody in person, not even who registered it: measure.ts calls in its own name.
  'the application itself': { right: 'mona', wrong: 'boss' },
  members: { right: 'writer', wrong: 'hubot' },
  owners: { right: 'mona', wrong: 'writer' },
  'read or public': { right: 'reader', wrong: 'hubot' },
  write: { right: 'writer', wrong: 'reader' },
  admin: { right: 'keeper', wrong: 'writer' },
};

export const castOf = (action: ActionName): Cast => casts[expected[action].who];

/** Is it about a repository, so that its visibility counts? */
export function countsVisibility(action: ActionName): boolean {
  return ['read or public', 'write', 'admin'].includes(expected[action].who);
}

/** May somebody with this role there, by a token with this, or by a session (null)? */
export function may(
  action: ActionName,
  standing: 'right' | 'wrong',
  grant: Grant | null,
  visibility: Visible,
): boolean {
  const row = expected[action];
  if (isForApplications(action)) return false;
  const isOpen = row.who === 'everybody' || (row.who === 'read or public' && visibility === 'public');
  if (standing === 'wrong' && !isOpen) return false;
  if (grant === null) return true;
  const sees =
    !countsVisibility(action) ||
    row.withoutReading === true ||
    opens(expected['repositories.read'], grant, visibility);
  return sees && opens(row, grant, visibility);
}

/** Is it for an application alone, by its own credentials? */
export const isForApplications = (action: ActionName): boolean =>
  expected[action].who === 'the application itself';

/** May a stranger? */
export function mayStranger(action: ActionName, visibility: Visible): boolean {
  const { who } = expected[action];
  return who === 'everybody' || (who === 'read or public' && visibility === 'public');
}

/** Is a session that has not proved lately who it is turned away? */
export const takesSudo = (action: ActionName): boolean => expected[action].sudo === true;

function opens({ tokens }: Expected, grant: Grant, visibility: Visible): boolean {
  if (tokens === 'any') return true;
  if (tokens === 'none') return false;
  const listed = tokens[visibility];
  if (listed === 'any') return true;
  return scopesOf(grant).some((scope) => (listed as readonly Scope[]).includes(scope));
}
