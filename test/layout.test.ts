// The layout of ARCHITECTURE.md is enforced: in a copy of the sources, imports against its direction are planted,
// and the check has to name each of them. Type-only imports count: they are knowledge too. That the sources as they are
// pass is seen by `npm run check`, which `npm test` runs first.
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const project = join(import.meta.dirname, '..');

/** What is planted: into which file, which module, and the rule that must object. */
const plants = [
  ['src/accounts/accounts.ts', '../tokens/store.ts', 'a-room-keeps-its-store'],
  ['src/tokens/tokens.ts', 'fastify', 'rules-know-no-http'],
  ['src/tokens/store.ts', 'preact', 'rules-know-no-http'],
  ['src/access/decide.ts', '../tokens/tokens.ts', 'access-knows-no-feature'],
  ['src/scopes/scopes.ts', '../db/database.ts', 'scopes-know-nothing'],
  ['src/secrets/secret.ts', '../access/actor.ts', 'base-knows-only-base'],
  ['src/context.ts', './scopes/scopes.ts', 'base-knows-only-base'],
  ['src/db/schema.ts', '../tokens/tokens.test.ts', 'nothing-shipped-imports-tests'],
  ['src/process/git.ts', 'vitest', 'production-needs-no-development-package'],
  ['src/problems.ts', './nowhere.ts', 'no-unresolvable'],
] as const;

/** Runs the check as `npm run lint` does. */
function check(directory: string): { readonly status: number | null; readonly text: string } {
  const program = join(project, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const args = [program, '--config', '.dependency-cruiser.cjs', '--no-progress', 'src'];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: directory, encoding: 'utf8' });
  return { status, text: stripVTControlCharacters(stdout) };
}

let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'latchkey-layout-'));
  for (const name of ['src', '.dependency-cruiser.cjs', 'package.json', 'tsconfig.json']) {
    // Without tests, which are half of it; one stays, as a thing that nothing may import.
    const filter = (file: string) => !file.includes('.test.') || file.endsWith('/tokens/tokens.test.ts');
    cpSync(join(project, name), join(copy, name), { recursive: true, filter });
  }
  symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'));
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe('the direction of imports', () => {
  it.each([
    ['an import', (module: string) => `import '${module}';\n`],
    ['a type-only import', (module: string) => `import type { Planted } from '${module}';\n`],
  ])('is defended against %s', (_, statement) => {
    const originals = new Map(plants.map(([file]) => [file, readFileSync(join(copy, file), 'utf8')]));
    for (const [file, text] of originals) {
      const planted = plants.filter(([into]) => into === file).map(([, module]) => statement(module));
      writeFileSync(join(copy, file), planted.join('') + text);
    }
    const { status, text } = check(copy);
    for (const [file, original] of originals) writeFileSync(join(copy, file), original);

    for (const [file, , rule] of plants) expect(text).toContain(`error ${rule}: ${file} → `);
    expect(status).toBeGreaterThan(0);
  });
});

describe('files', () => {
  /** Lists, to be looked things up in. */
  const tables = ['access/actions.ts', 'access/expected.ts', 'db/schema.ts'];

  it('can be read in one sitting, and begin with what a newcomer must know', () => {
    const src = join(project, 'src');
    const files = globSync('**/*.{ts,tsx}', { cwd: src }).filter((file) => !file.includes('.test.'));
    const texts = files.map((file) => [file, readFileSync(join(src, file), 'utf8')] as const);
    expect(texts.flatMap(([file, text]) => (text.startsWith('// ') ? [] : [file]))).toEqual([]);
    expect(texts.flatMap(([file, text]) => (text.split('\n').length > 351 ? [file] : [])).sort()).toEqual(
      tables,
    );
  });
});
