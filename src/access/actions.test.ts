import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { actionNames, actions } from './actions.ts';

const src = join(import.meta.dirname, '..');

describe('the table of actions', () => {
  it('has no row that nothing asks for', () => {
    const texts = globSync('**/*.{ts,tsx}', { cwd: src })
      .filter((file) => !/[.]test[.]|^access.(actions|expected)[.]ts$/.test(file))
      .map((file) => readFileSync(join(src, file), 'utf8'));
    expect(actionNames.filter((name) => !texts.some((text) => text.includes(`'${name}'`)))).toEqual([]);
  });

  it('asks for a proof of who it is before anything is made or changed that lets somebody in', () => {
    // ghes-spec 1.4. `expected.ts` says so of each; a new row could be forgotten there as well.
    const ways =
      /^(tokens|applications|oauth-authorizations|(deploy-|gpg-|signing-)?keys|emails|password|second-factors)[.](create|write|update|change|regenerate)$/;
    const found = actionNames.filter((name) => ways.test(name));
    expect(found.length).toBeGreaterThan(10);
    expect(found.filter((name) => actions[name].sudo !== true)).toEqual([]);
  });
});
