// Every way in which a row of the table of actions could be wrong by one step, and whether it would be noticed.
import { type Action, type ActionName, actionNames, actions, type Role } from '../../src/access/actions.ts';
import { type Scope, satisfies } from '../../src/scopes/scopes.ts';
import { disagreement } from './agreement.ts';

export interface Mutant {
  readonly action: ActionName;
  /** What was changed, in words. */
  readonly change: string;
  readonly row: Action;
}

export interface Verdict {
  readonly mutant: Mutant;
  /** By what it was found out; null: it was not. */
  readonly noticed: string | null;
}

/** Up and down, one step each. */
const steps: Readonly<Record<Action['on'], readonly Role[]>> = {
  repository: ['anyone', 'read', 'write', 'admin'],
  organization: ['anyone', 'member', 'owner'],
  account: ['anyone', 'self'],
  application: ['anyone', 'itself'],
  'new-repository': ['anyone', 'maker'],
  instance: ['anyone', 'site-admin'],
};

export function allMutants(): readonly Mutant[] {
  return actionNames.flatMap((action) => mutantsOf(action));
}

/** Puts the changed row in the table, looks whether anything disagrees, and puts the right one back. */
export function judge(mutant: Mutant): Verdict {
  const table = actions as Record<ActionName, Action>;
  const right = table[mutant.action];
  table[mutant.action] = mutant.row;
  try {
    // A row is noticed where it is asked for, or where another one depends on it: what is not read is not there.
    for (const action of [mutant.action, 'contents.read', 'contents.write'] as const) {
      const noticed = disagreement(action);
      if (noticed !== null) return { mutant, noticed: `${action}: ${noticed}` };
    }
    return { mutant, noticed: null };
  } finally {
    table[mutant.action] = right;
  }
}

function mutantsOf(action: ActionName): readonly Mutant[] {
  const row = actions[action];
  const found: Mutant[] = [];
  const add = (change: string, changes: Partial<Action>, without: readonly (keyof Action)[] = []): void => {
    const entries = Object.entries({ ...row, ...changes }).filter(
      ([name]) => !without.includes(name as keyof Action),
    );
    found.push({ action, change, row: Object.fromEntries(entries) as unknown as Action });
  };
  const toggle = (name: 'sudo' | 'ssh' | 'seesItself' | 'tellsMissingScope'): void =>
    row[name] === true ? add(`no ${name}`, {}, [name]) : add(name, { [name]: true });

  const ladder = steps[row.on];
  const rung = ladder.indexOf(row.role);
  for (const role of [ladder[rung - 1], ladder[rung + 1]]) {
    if (role !== undefined && !isNoStep(row, role)) add(`role ${role} for ${row.role}`, { role });
  }
  // Neither sessions nor keys have anything to do with what is for applications alone.
  if (row.on !== 'application') toggle('sudo');
  if (row.on !== 'application') toggle('ssh');
  if (row.on === 'repository' && !opensReading(row)) toggle('seesItself');
  if (row.scopes === 'session-only') add('open to tokens', { scopes: { public: [], private: [] } });
  else {
    add('for sessions only', { scopes: 'session-only' });
    if (row.on !== 'repository' && row.scopes.public.length > 0) toggle('tellsMissingScope');
    scopeMutants(row, row.scopes, add);
  }
  add('other accepted scopes', { accepted: ['notifications'] });
  // The one whose recorded value is what its scopes say anyhow.
  if (row.accepted !== undefined && action !== 'repositories.delete')
    add('no accepted scopes of its own', {}, ['accepted']);
  return found.filter(({ row: changed }) => !isSame(row, changed));
}

function scopeMutants(
  row: Action,
  scopes: Exclude<Action['scopes'], string>,
  add: (change: string, changes: Partial<Action>) => void,
): void {
  // Only repositories, present or to come, are public or private; elsewhere both lists are one.
  const sides =
    row.on === 'repository' || row.on === 'new-repository'
      ? ([['public'], ['private']] as const)
      : ([['public', 'private']] as const);
  for (const side of sides) {
    const list = scopes[side[0]];
    const put = (change: string, changed: readonly Scope[]) =>
      add(`${change} on ${side.join(' and ')}`, {
        scopes: { ...scopes, ...Object.fromEntries(side.map((name) => [name, changed])) },
      });
    for (const scope of list) {
      put(
        `without ${scope}`,
        list.filter((other) => other !== scope),
      );
    }
    put('with notifications', [...list, 'notifications']);
  }
}

/** What can't be read isn't there, so that "anyone" is whoever may read, but for keys. */
function isNoStep(row: Action, role: Role): boolean {
  return row.role === 'read' && role === 'anyone' && row.ssh !== true;
}

/** Where whoever has the scopes may read the code as well, it makes no difference what makes the thing visible. */
function opensReading(row: Action): boolean {
  if (row.scopes === 'session-only') return true;
  return row.seesItself !== true && row.scopes.private.every((scope) => satisfies([scope], ['repo']));
}

/** A list of accepted scopes that says what the scopes say anyhow. */
function isSame(row: Action, changed: Action): boolean {
  return JSON.stringify(row) === JSON.stringify(changed);
}
