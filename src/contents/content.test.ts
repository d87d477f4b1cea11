import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../context.ts';
import { repositoryDirectory } from '../repositories/storage.ts';
import { findReadme, looksBinary, readBlob } from './blobs.ts';
import { countCommits, findCommit, listCommits } from './commits.ts';
import { findBranch, listBranches, listTags, resolveRevision, splitRevisionAndPath } from './refs.ts';
import { findEntry, readTree } from './trees.ts';

const environment = {
  PATH: process.env.PATH,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  TZ: 'UTC',
};

const latin1 = Buffer.from([0x47, 0x72, 0xfc, 0xdf, 0x65]);

/** A history made by fast-import: merge-free, three commits on main, with odd names on purpose. */
function importStream(idLength: number): Buffer {
  return Buffer.concat([
    Buffer.from('blob\nmark :1\ndata 8\n# Hello\n\nblob\nmark :2\ndata 4\n\0\x01\x02\x03\n'),
    Buffer.from('blob\nmark :3\ndata 12\n../README.md\n'),
    Buffer.from('commit refs/heads/main\nmark :10\nauthor Ann <ann@example.com> 1700000000 +0130\n'),
    Buffer.from('committer Bob <bob@example.com> 1700000100 -0800\ndata 18\nFirst\n\nMore words\n\n'),
    Buffer.from('M 100644 :1 README.md\nM 100755 :2 bin/tool\nM 120000 :3 docs/readme.md\n'),
    Buffer.from(`M 160000 ${'1'.repeat(idLength)} vendor/library\n\n`),
    Buffer.from(
      'commit refs/heads/main\nmark :11\ncommitter Ann <ann@example.com> 1700000200 +0000\ndata 7\nSecond\n',
    ),
    Buffer.from('from :10\nM 100644 :1 "line\\nbreak"\nM 100644 :1 "latin\\374"\nM 100644 :1 ":(top)x*"\n\n'),
    Buffer.from('commit refs/heads/main\nmark :12\nauthor '),
    latin1,
    Buffer.from(' <g@example.com> 1700000300 +0000\ncommitter '),
    latin1,
    Buffer.from(' <g@example.com> 1700000300 +0000\nencoding ISO-8859-1\ndata 5\n'),
    latin1,
    Buffer.from('\nfrom :11\nM 100644 :1 src/deep/a.txt\n\n'),
    Buffer.from('reset refs/heads/feature/one\nfrom :11\n\nreset refs/tags/light\nfrom :10\n\n'),
    Buffer.from('tag v1.0\nfrom :11\ntagger Ann <ann@example.com> 1700000200 +0000\ndata 8\nRelease\n\n'),
    Buffer.from('done\n'),
  ]);
}

describe.each(['sha1', 'sha256'] as const)('what a %s repository holds', (format) => {
  const idLength = format === 'sha1' ? 40 : 64;
  const repository = { id: 7 };
  const empty = { id: 8 };
  let root = '';
  let ctx: Context;
  let ids: Record<'first' | 'second' | 'third', string>;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'latchkey-content-'));
    ctx = { config: { repositoriesDirectory: root } } as Context;
    for (const { id } of [repository, empty]) {
      const directory = repositoryDirectory(ctx.config, id);
      execFileSync(
        'git',
        ['init', '--quiet', '--bare', '-b', 'main', `--object-format=${format}`, directory],
        {
          env: environment,
        },
      );
    }
    const directory = repositoryDirectory(ctx.config, repository.id);
    execFileSync('git', ['-C', directory, 'fast-import', '--quiet', '--done'], {
      env: environment,
      input: importStream(idLength),
    });
    const id = (name: string) =>
      execFileSync('git', ['-C', directory, 'rev-parse', name], { env: environment }).toString().trim();
    ids = { first: id('main~2'), second: id('main~1'), third: id('main') };
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('lists branches page by page and counts them all', async () => {
    const all = await listBranches(ctx, repository, { page: 1, perPage: 30 });
    expect(all).toEqual({
      items: [
        { name: 'feature/one', sha: ids.second, protected: false },
        { name: 'main', sha: ids.third, protected: false },
      ],
      total: 2,
    });
    const second = await listBranches(ctx, repository, { page: 2, perPage: 1 });
    expect(second.items.map(({ name }) => name)).toEqual(['main']);
    expect(second.total).toBe(2);
    expect(await listBranches(ctx, empty, { page: 1, perPage: 30 })).toEqual({ items: [], total: 0 });
  });

  it('lists tags with the commits they lead to', async () => {
    const { items } = await listTags(ctx, repository, { page: 1, perPage: 30 });
    expect(items).toMatchObject([
      { name: 'light', sha: ids.first, tagSha: null },
      { name: 'v1.0', sha: ids.second },
    ]);
    expect(items[1]?.tagSha).toHaveLength(idLength);
  });

  it('finds a branch by its exact name', async () => {
    expect(await findBranch(ctx, repository, 'feature/one')).toMatchObject({ sha: ids.second });
    for (const name of ['feature', 'Main', 'v1.0', 'main~1', '../main', '']) {
      expect(await findBranch(ctx, repository, name)).toBeNull();
    }
  });

  it('knows branches, tags and commit ids by name', async () => {
    const resolve = (text: string) => resolveRevision(ctx, repository, text);
    expect(await resolve('main')).toEqual({ sha: ids.third, kind: 'branch', name: 'main' });
    expect(await resolve('heads/main')).toEqual({ sha: ids.third, kind: 'branch', name: 'main' });
    expect(await resolve('refs/heads/feature/one')).toMatchObject({ sha: ids.second, name: 'feature/one' });
    expect(await resolve('v1.0')).toEqual({ sha: ids.second, kind: 'tag', name: 'v1.0' });
    expect(await resolve('refs/tags/light')).toEqual({ sha: ids.first, kind: 'tag', name: 'light' });
    expect(await resolve(ids.first)).toEqual({ sha: ids.first, kind: 'commit', name: ids.first });
    expect(await resolve(ids.first.slice(0, 10))).toMatchObject({ sha: ids.first, kind: 'commit' });
    expect(await resolve('HEAD')).toMatchObject({ sha: ids.third });
    expect(await resolveRevision(ctx, empty, 'HEAD')).toBeNull();
  });

  it('takes nothing else for a name, however git would read it', async () => {
    const hostile = [
      '',
      'nothing',
      '-h',
      '--all',
      '@',
      '@{1}',
      'main@{0}',
      'main~1',
      'main^',
      'main^{tree}',
      ':/First',
      'main:README.md',
      ':README.md',
      'main..feature/one',
      '../HEAD',
      'main\0',
      'main\nHEAD',
      'main HEAD',
      'refs/heads/',
      'refs',
      'a'.repeat(100_000),
      '0'.repeat(idLength),
      `${ids.first}0`,
      'é'.repeat(600),
      '\\',
      'main.lock',
      '*',
    ];
    for (const text of hostile) {
      expect([text.slice(0, 20), await resolveRevision(ctx, repository, text)]).toEqual([
        text.slice(0, 20),
        null,
      ]);
      expect(await splitRevisionAndPath(ctx, repository, text)).toBeNull();
    }
  });

  it('tells a branch with slashes from the path after it', async () => {
    const split = (text: string) => splitRevisionAndPath(ctx, repository, text);
    expect(await split('feature/one/src/a.ts')).toMatchObject({
      revision: { kind: 'branch', name: 'feature/one' },
      path: 'src/a.ts',
    });
    expect(await split('main')).toMatchObject({ revision: { name: 'main' }, path: '' });
    expect(await split(`${ids.first}/a`)).toMatchObject({ revision: { sha: ids.first }, path: 'a' });
    expect(await split('feature/src')).toBeNull();
  });

  it('gives a commit with all its fields', async () => {
    const first = await findCommit(ctx, repository, ids.first);
    expect(first).toMatchObject({
      sha: ids.first,
      parents: [],
      author: { name: 'Ann', email: 'ann@example.com', date: 1_700_000_000_000, zoneMinutes: 90 },
      committer: { name: 'Bob', email: 'bob@example.com', date: 1_700_000_100_000, zoneMinutes: -480 },
      message: 'First\n\nMore words',
      signature: null,
    });
    expect(first?.treeSha).toHaveLength(idLength);
    const second = await findCommit(ctx, repository, ids.second);
    expect(second?.parents).toEqual([ids.first]);
    expect(await findCommit(ctx, repository, first?.treeSha ?? '')).toBeNull();
    expect(await findCommit(ctx, repository, '0'.repeat(idLength))).toBeNull();
  });

  it('reads a commit in the encoding it was written in', async () => {
    const third = await findCommit(ctx, repository, ids.third);
    expect(third).toMatchObject({ author: { name: 'Grüße' }, message: 'Grüße' });
  });

  it('lists the history page by page, and of one path', async () => {
    const list = async (filter: object) => {
      const page = { page: 1, perPage: 30, ...filter };
      const { items, hasMore } = await listCommits(ctx, repository, ids.third, page);
      return [items.map(({ sha }) => sha), hasMore];
    };
    expect(await list({})).toEqual([[ids.third, ids.second, ids.first], false]);
    expect(await list({ perPage: 2 })).toEqual([[ids.third, ids.second], true]);
    expect(await list({ perPage: 2, page: 2 })).toEqual([[ids.first], false]);
    expect(await list({ path: 'src/deep' })).toEqual([[ids.third], false]);
    expect(await list({ path: ':(top)x*' })).toEqual([[ids.second], false]);
    expect(await list({ path: '*' })).toEqual([[], false]);
    expect(await list({ path: '../README.md' })).toEqual([[], false]);
    expect(await list({ since: 1_700_000_200_000 })).toEqual([[ids.third, ids.second], false]);
    expect(await list({ until: 1_700_000_100_000 })).toEqual([[ids.first], false]);
    expect(await list({ author: 'ANN@example' })).toEqual([[ids.second, ids.first], false]);
    expect(await list({ author: '.*' })).toEqual([[], false]);
    expect(await countCommits(ctx, repository, ids.third, 10)).toBe(3);
    expect(await countCommits(ctx, repository, ids.third, 2)).toBe(2);
  });

  it('reads directories with files, links, submodules and odd names as what they are', async () => {
    const root = await readTree(ctx, repository, ids.second, '');
    const entries = Object.fromEntries(
      (root?.entries ?? []).map(({ name, type, size }) => [name, [type, size]]),
    );
    expect(entries).toEqual({
      ':(top)x*': ['file', 8],
      'README.md': ['file', 8],
      bin: ['dir', 0],
      docs: ['dir', 0],
      'latin\ufffd': ['file', 8],
      'line\nbreak': ['file', 8],
      vendor: ['dir', 0],
    });
    const vendor = await readTree(ctx, repository, ids.first, '/vendor/');
    expect(vendor?.entries).toEqual([
      {
        name: 'library',
        path: 'vendor/library',
        mode: '160000',
        type: 'submodule',
        sha: '1'.repeat(idLength),
        size: 0,
      },
    ]);
    expect((await readTree(ctx, repository, ids.first, 'docs'))?.entries[0]).toMatchObject({
      type: 'symlink',
    });
    expect((await readTree(ctx, repository, ids.second, '', 2))?.entries).toHaveLength(2);
    expect((await readTree(ctx, repository, ids.second, '', 2))?.truncated).toBe(true);
    expect(await readTree(ctx, repository, ids.first, 'README.md')).toBeNull();
  });

  it('finds an entry by its exact path', async () => {
    const find = (path: string) => findEntry(ctx, repository, ids.third, path);
    expect(await find('src/deep/a.txt')).toMatchObject({ name: 'a.txt', type: 'file', size: 8 });
    expect(await find('bin/tool')).toMatchObject({ mode: '100755' });
    expect(await find('line\nbreak')).toMatchObject({ type: 'file' });
    expect(await find(':(top)x*')).toMatchObject({ type: 'file' });
    expect(await find('')).toMatchObject({ type: 'dir', path: '' });
    for (const path of [
      'readme.md',
      '*',
      'src/*',
      '../x',
      'src/../README.md',
      'a\0b',
      '-l',
      'x'.repeat(9000),
    ]) {
      expect(await find(path)).toBeNull();
    }
  });

  it('gives the beginning of a file, and tells text from binary', async () => {
    const entry = await findEntry(ctx, repository, ids.third, 'README.md');
    const blob = await readBlob(ctx, repository, entry?.sha ?? '', 100);
    expect(blob).toMatchObject({ size: 8, truncated: false });
    expect(blob?.bytes.toString()).toBe('# Hello\n');
    const part = await readBlob(ctx, repository, entry?.sha ?? '', 3);
    expect(part).toMatchObject({ size: 8, truncated: true });
    expect(part?.bytes.toString()).toBe('# H');
    const tool = await findEntry(ctx, repository, ids.third, 'bin/tool');
    const binary = await readBlob(ctx, repository, tool?.sha ?? '', 100);
    expect([looksBinary(binary?.bytes ?? Buffer.alloc(0)), looksBinary(Buffer.from('text'))]).toEqual([
      true,
      false,
    ]);
    expect(await readBlob(ctx, repository, ids.third, 100)).toBeNull();
  });

  it('finds the README, through a symlink too', async () => {
    expect(await findReadme(ctx, repository, ids.third)).toMatchObject({ path: 'README.md' });
    expect(await findReadme(ctx, repository, ids.third, 'docs')).toMatchObject({ path: 'README.md' });
    expect(await findReadme(ctx, repository, ids.third, 'src')).toBeNull();
  });
});
