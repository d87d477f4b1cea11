import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { actionNames } from './actions.ts';

const src = join(import.meta.dirname, '..');

describe('the table of actions', () => {
  it('has no row that nothing asks for', () => {
    const texts = globSync('**/*.{ts,tsx}', { cwd: src })
      .filter((file) => !/[.]test[.]|^access.(actions|expected)[.]ts$/.test(file))
      .map((file) => readFileSync(join(src, file), 'utf8'));
    expect(actionNames.filter((name) => !texts.some((text) => text.includes(`'${name}'`)))).toEqual([]);
  });
});
