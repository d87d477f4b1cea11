// A table can't be judged by itself: so it is changed, a step at a time, and each change must be noticed.
import { describe, expect, it } from 'vitest';
import { actionNames } from '../../src/access/actions.ts';
import { disagreement } from './agreement.ts';
import { allMutants, judge } from './mutations.ts';

describe('The table of actions', () => {
  it('agrees with the hand-written permissions, for every credential, role, visibility and scope', () => {
    expect(actionNames.flatMap((action) => disagreement(action) ?? [])).toEqual([]);
  });

  it('can’t be changed in any row without being noticed', () => {
    const verdicts = allMutants().map(judge);
    const missed = verdicts.filter(({ noticed }) => noticed === null);
    expect(missed.map(({ mutant }) => `${mutant.action}: ${mutant.change}`)).toEqual([]);
    expect(verdicts.length).toBeGreaterThan(5 * actionNames.length);
  });
});
