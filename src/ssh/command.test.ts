import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCommand } from './command.ts';

const fetching = { service: 'upload-pack', owner: 'mona', repository: 'plans' };

describe('a command of git', () => {
  it('is understood however its path is written', () => {
    for (const path of [
      "'/mona/plans.git'",
      "'mona/plans.git'",
      "'/mona/plans'",
      '"/mona/plans.git"',
      '/mona/plans.git',
      'mona/plans',
      "'/mona/plans.git/'",
    ]) {
      expect(readCommand(`git-upload-pack ${path}`), path).toEqual(fetching);
      expect(readCommand(`git upload-pack ${path}`), path).toEqual(fetching);
    }
    expect(readCommand("git-receive-pack '/mona/plans.git'")).toEqual({
      ...fetching,
      service: 'receive-pack',
    });
  });

  it('is all that is understood', () => {
    for (const text of [
      '',
      'ls',
      'git-upload-pack',
      "git-upload-archive '/mona/plans.git'",
      "git-upload-pack '/mona/plans.git'; id",
      "git-upload-pack '/mona/plans.git' '/mona/other.git'",
      "git-upload-pack --strict '/mona/plans.git'",
      "git-upload-pack '/plans.git'",
      "git-upload-pack '/a/b/c'",
      "git-upload-pack '/mona/pl'\\''ans.git'",
      'scp -f /etc/passwd',
      `git-upload-pack '/mona/${'a'.repeat(2000)}'`,
    ]) {
      expect(readCommand(text), text).toBeNull();
    }
  });

  it('made of anything at all never throws, and names no folder', () => {
    fc.assert(
      fc.property(fc.string(), (path) => {
        const command = readCommand(`git-upload-pack ${path}`);
        expect(`${command?.owner}${command?.repository}`).not.toContain('/');
      }),
    );
  });
});
