// docs/security.md says of each demand which test holds it: these tests are there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const rows = readFileSync(join(root, 'docs/security.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (RFC|---) \|/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));

describe('The checklist of docs/security.md', () => {
  it('has lines', () => expect(rows.length).toBeGreaterThan(30));

  it.each(rows)('%s%s: %s', (_before, _rfc, _what, heldBy = '') => {
    const [, file = '', name = ''] = /^`([^`]+)`: (.+)$/.exec(heldBy) ?? [];
    expect(name).not.toBe('');
    expect(readFileSync(join(root, file), 'utf8')).toContain(name);
  });
});
