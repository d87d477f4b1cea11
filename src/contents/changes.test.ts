import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../context.ts';
import { repositoryDirectory } from '../repositories/storage.ts';
import { readChanges } from './changes.ts';
import { findCommit } from './commits.ts';
import { resolveRevision } from './refs.ts';

const environment = { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
const repository = { id: 1 };
const lines = (count: number) => Array.from({ length: count }, (_, at) => `line ${at}\n`).join('');
const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
const commit = (mark: number, from: string) =>
  `commit refs/heads/main\nmark :${mark}\ncommitter A <a@example.com> 1700000000 +0000\n${data('x')}${from}`;
const file = (path: string, text: string) => `M 100644 inline ${path}\n${data(text)}`;

const history = [
  commit(1, ''),
  file('moved.txt', lines(20)),
  file('edited.txt', lines(20)),
  file('gone.txt', 'gone\n'),
  file('kind.txt', 'a file\n'),
  file('mode.sh', 'script\n'),
  '\n',
  commit(2, 'from :1\n'),
  'R moved.txt "to/a \\"quoted\\" name.txt"\n',
  file('edited.txt', lines(20).replace('line 7\n', 'diff --git a/x b/x\n')),
  'D gone.txt\n',
  `M 120000 inline kind.txt\n${data('edited.txt')}`,
  `M 100755 inline mode.sh\n${data('script\n')}`,
  file('binary.bin', 'a\0b'),
  file('large.txt', 'x'.repeat(200_000)),
  file('new.txt', 'new\n'),
  '\n',
  'done\n',
].join('');

describe('what a commit changed', () => {
  let root = '';
  let ctx: Context;
  const changesOf = async (name: string, bounds = {}) => {
    const revision = await resolveRevision(ctx, repository, name);
    const found = await findCommit(ctx, repository, revision?.sha ?? '');
    if (found === null) throw new Error('no commit');
    return readChanges(ctx, repository, found, bounds);
  };

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'latchkey-changes-'));
    ctx = { config: { repositoriesDirectory: root } } as Context;
    const directory = repositoryDirectory(ctx.config, repository.id);
    const git = (args: readonly string[], input = '') =>
      execFileSync('git', args, { env: environment, input });
    git(['init', '--quiet', '--bare', '-b', 'main', directory]);
    git(['-C', directory, 'fast-import', '--quiet', '--done'], history);
    git(['-C', directory, 'tag', 'first', 'main~1']);
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('tells added, removed, edited, renamed and binary files apart, each with its own patch', async () => {
    const { files, ...sums } = await changesOf('main');
    const seen = Object.fromEntries(
      files.map(({ path, status, additions, deletions, binary }) => [
        path,
        [status, additions, deletions, binary],
      ]),
    );
    expect(seen).toEqual({
      'binary.bin': ['added', 0, 0, true],
      'edited.txt': ['modified', 1, 1, false],
      'gone.txt': ['removed', 0, 1, false],
      'kind.txt': ['changed', 1, 1, false],
      'large.txt': ['added', 1, 0, false],
      'mode.sh': ['changed', 0, 0, false],
      'new.txt': ['added', 1, 0, false],
      'to/a "quoted" name.txt': ['renamed', 0, 0, false],
    });
    expect(sums).toEqual({ fileCount: 8, additions: 4, deletions: 3, truncated: false });
    const patchOf = (path: string) => files.find((change) => change.path === path)?.patch;
    expect(patchOf('new.txt')).toBe('@@ -0,0 +1 @@\n+new');
    expect(patchOf('gone.txt')).toBe('@@ -1 +0,0 @@\n-gone');
    expect(patchOf('edited.txt')).toContain('\n-line 7\n+diff --git a/x b/x\n line 8\n');
    expect(patchOf('mode.sh')).toBeNull();
    expect(patchOf('binary.bin')).toBeNull();
    expect(files.find(({ path }) => path === 'large.txt')).toMatchObject({ patch: null, patchOmitted: true });
    expect(files.find(({ status }) => status === 'renamed')).toMatchObject({ previousPath: 'moved.txt' });
  });

  it('compares the first commit with nothing', async () => {
    const { files, additions } = await changesOf('first');
    expect(files.map(({ status }) => status)).toEqual(Array(5).fill('added'));
    expect(additions).toBe(43);
  });

  it('shows no more than it was asked for, and says so', async () => {
    const few = await changesOf('main', { maxFiles: 2 });
    expect([few.files.length, few.fileCount, few.additions]).toEqual([2, 8, 4]);
    const small = await changesOf('main', { maxBytes: 600 });
    expect(small.files.filter(({ patchOmitted }) => patchOmitted).map(({ path }) => path)).toContain(
      'new.txt',
    );
    expect(small.files.find(({ path }) => path === 'new.txt')?.patch).toBeNull();
    expect(small.additions).toBe(4);
  });
});
