import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  descriptionProblem,
  isBranchName,
  isRepositoryName,
  nameProblem,
  normalDescription,
  repositoryNameKey,
} from './names.ts';

describe('the name of a repository', () => {
  it.each(['a', 'A-b_c.d', '.github', '-', '_', '...', '1', 'x.gitx', 'git', 'wiki', 'x'.repeat(100)])(
    'can be %s',
    (name) => expect(nameProblem(name)).toBe(null),
  );

  it.each([
    '',
    '.',
    '..',
    'a b',
    'a/b',
    'a\\b',
    'ü',
    'a\0',
    'a\n',
    'x.git',
    'x.GIT',
    'x.wiki',
    '.git',
    'x'.repeat(101),
  ])('cannot be %j', (name) => expect(nameProblem(name)).toMatchObject({ field: 'name' }));

  it('is told apart without letter case, and without .git behind it', () => {
    expect(repositoryNameKey('Tool')).toBe(repositoryNameKey('TOOL.Git'));
    expect(repositoryNameKey('tool.git.git')).toBe('tool.git');
    expect(isRepositoryName('tool.git')).toBe(false);
  });
});

describe('a description', () => {
  it('can be words and emoji in any language, to 350 characters', () => {
    for (const text of ['Größe — 日本語', '👩‍👩‍👧 family', '😀'.repeat(350)]) {
      expect(descriptionProblem(text)).toBe(null);
    }
    expect(descriptionProblem('x'.repeat(351))).toMatchObject({ field: 'description' });
    for (const text of ['a\nb', 'a\0', 'a\u202eb', '\ud800']) {
      expect(descriptionProblem(text)).toMatchObject({ code: 'invalid' });
    }
  });

  it('is none when it is only space', () => {
    expect(normalDescription(' \n')).toBe(null);
    expect(normalDescription(' a ')).toBe('a');
    expect(descriptionProblem(null)).toBe(null);
  });
});

describe('the name of a branch', () => {
  it('is one only if git takes it for one', () => {
    const part = fc.constantFrom(
      'a',
      'B',
      '.',
      '..',
      '/',
      '@',
      '{',
      '~',
      '^',
      ':',
      '?',
      '*',
      '[',
      '\\',
      ' ',
      '.lock',
      '-',
      'ü',
      '\x7f',
      'HEAD',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const name = parts.join('');
        if (!isBranchName(name)) return;
        expect([name, spawnSync('git', ['check-ref-format', '--branch', name]).status]).toEqual([name, 0]);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['main', 'feature/x', 'v1.0', 'ümlaut', 'a@b', 'x-lock'])('can be %s', (name) => {
    expect(isBranchName(name)).toBe(true);
    expect(execFileSync('git', ['check-ref-format', '--branch', name], { encoding: 'utf8' }).trim()).toBe(
      name,
    );
  });

  it('is not too long for a file', () => expect(isBranchName('x'.repeat(300))).toBe(false));
});
