import { randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGitClient, type GitClient, withToken } from '../../test/git-client.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../test/git-server.ts';
import { anonymous } from '../access/actor.ts';
import type { Account } from '../accounts/accounts.ts';
import { tryGit } from '../process/git.ts';
import { findRepositoryById } from '../repositories/repositories.ts';
import { fsckSettings } from './fsck.ts';

let server: GitServer;
let client: GitClient;
let mona: Account;
let token: string;

beforeAll(async () => {
  server = await startGitServer();
  client = await createGitClient();
  mona = await server.person('mona');
  token = await server.token(mona);
});

afterAll(async () => {
  await server.close();
  await client.close();
});

/** A repository to which a work tree with one commit was pushed. */
async function pushed(name: string): Promise<TestRepository & { readonly head: string }> {
  const repository = await server.repository(mona, name);
  await client.git(['init', '-q', name]);
  await writeFile(client.path(name, 'README.md'), `# ${name}\n`);
  await client.git(['add', '.'], { in: name });
  await client.git(['commit', '-qm', 'First'], { in: name });
  await client.git(['push', '-q', withToken(repository.url, token), 'main'], { in: name });
  return { ...repository, head: await client.git(['rev-parse', 'HEAD'], { in: name }) };
}

describe('a push', () => {
  it('is recorded when it changed something, and only then', async () => {
    const { url, id } = await pushed('recorded');
    const pushedAt = async () => (await findRepositoryById(server.ctx, anonymous, id))?.repository.pushedAt;
    const first = await pushedAt();
    expect(first).toBe(server.ctx.now());
    const push = (...args: string[]) =>
      client.try(['push', withToken(url, token), ...args], { in: 'recorded' });
    const outcomes: (readonly [string, boolean])[] = [];
    const doing = async (what: string, work: () => Promise<unknown>) => {
      server.ctx.clock.forward(1000);
      await work();
      outcomes.push([what, (await pushedAt()) === server.ctx.now()]);
    };
    await doing('nothing new', () => push('main'));
    await doing('a branch', () => push('main:refs/heads/topic'));
    await doing('a refused branch beside a new one', () =>
      push('main:refs/heads/new', 'main:refs/latchkey/x'),
    );
    await doing('only a refused one', () => push('main:refs/latchkey/x'));
    await doing('all or nothing, refused', () => push('--atomic', 'main:refs/heads/n2', ':main'));
    await doing('the deletion of a branch', () => push(':topic'));
    await doing('the deletion of the default branch, refused', () => push(':main'));
    await doing('a clone', () => client.git(['clone', '-q', url, 'recorded-clone']));
    await doing('a tag', () => push('main:refs/tags/v1'));
    expect(outcomes).toEqual([
      ['nothing new', false],
      ['a branch', true],
      ['a refused branch beside a new one', true],
      ['only a refused one', false],
      ['all or nothing, refused', false],
      ['the deletion of a branch', true],
      ['the deletion of the default branch, refused', false],
      ['a clone', false],
      ['a tag', true],
    ]);
  });

  it('that would make the repository larger than it may be is refused; deleting goes on', async () => {
    const tight = await startGitServer({ limits: { repositoryBytes: 400 * 1024 } });
    try {
      const owner = await tight.person('keeper');
      const url = withToken((await tight.repository(owner, 'tight')).url, await tight.token(owner));
      await client.git(['init', '-q', 'tight']);
      const push = (...args: string[]) => client.try(['push', url, ...args], { in: 'tight' });
      const grow = async (name: string, bytes: number) => {
        await writeFile(client.path('tight', name), randomBytes(bytes));
        await client.git(['add', '.'], { in: 'tight' });
        await client.git(['commit', '-qm', name], { in: 'tight' });
      };
      await grow('a', 150_000);
      expect((await push('main', 'main:other')).status).toBe(0);
      await grow('b', 150_000);
      const small = await push('main');
      expect(small.status, small.stderr).toBe(0);
      await grow('c', 150_000);
      const { status, stderr } = await push('main');
      expect(status).toBe(1);
      expect(stderr).toContain('pack exceeds maximum allowed size');
      expect((await push(':other')).status).toBe(0);
    } finally {
      await tight.close();
    }
  });

  it('of an evil .gitmodules is refused, of old faults is taken', async () => {
    const { url, directory } = await pushed('checked');
    const objects = async (type: string, input: string | Buffer) =>
      client.git(['hash-object', '-w', '--literally', '-t', type, '--stdin'], { in: 'checked', input });
    const commit = (tree: string, author = 'x <x@example.com> 1 +0000') =>
      objects('commit', `tree ${tree}\nauthor ${author}\ncommitter x <x@example.com> 1 +0000\n\nx\n`);
    const tree = (mode: string, name: string, object: string) =>
      objects('tree', Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(object, 'hex')]));
    const blob = await objects('blob', 'x\n');
    const empty = await objects('tree', '');
    const modules = (text: string) => objects('blob', `[submodule "x"]\n\tpath = x\n${text}\n`);
    const evil = {
      'a command': await tree(
        '100644',
        '.gitmodules',
        await modules('\turl = https://example.com/\n\tupdate = !id'),
      ),
      'an option for a url': await tree('100644', '.gitmodules', await modules('\turl = -u./evil')),
      'a link for .gitmodules': await tree('120000', '.gitmodules', blob),
      'a folder .git': await tree('40000', '.git', empty),
      'a folder .GIT': await tree('40000', '.GIT', empty),
      'a folder git~1': await tree('40000', 'git~1', empty),
      'a folder ..': await tree('40000', '..', empty),
    };
    for (const [what, bad] of Object.entries(evil)) {
      const head = await commit(bad);
      const { stderr } = await client.try(['push', withToken(url, token), `${head}:refs/heads/evil`], {
        in: 'checked',
      });
      expect(stderr, what).toMatch(/remote: (fatal|error): (fsck error|object [0-9a-f]+:)/);
    }
    const harmless = {
      'a zero-padded mode': await commit(await tree('040000', 'folder', empty)),
      'a bad time zone': await commit(empty, 'x <x@example.com> 1 +51800000'),
      'a missing space before the date': await commit(empty, 'x <x@example.com>1 +0000'),
      'a good .gitmodules': await commit(await tree('100644', '.gitmodules', await modules('\turl = ../x'))),
    };
    for (const [what, head] of Object.entries(harmless)) {
      const { stderr, status } = await client.try(
        ['push', withToken(url, token), `${head}:refs/heads/${head}`],
        { in: 'checked' },
      );
      expect(status, `${what}: ${stderr}`).toBe(0);
    }
    // Nothing of what was refused stays.
    expect((await readdir(`${directory}/objects`)).filter((name) => /incoming/.test(name))).toEqual([]);
    expect(stderrOf(await client.try(['fetch', url, 'evil'], { in: 'checked' }))).toContain(
      "couldn't find remote ref",
    );
  });
});

const stderrOf = (result: { readonly stderr: string }) => result.stderr;

describe('the severities of the checks', () => {
  it('are all known to git, so that none is skipped', async () => {
    const { directory } = await pushed('severities');
    for (const way of ['receive', 'fetch'] as const) {
      const config = fsckSettings(way).map((setting) => setting.replace(`${way}.fsck.`, 'fsck.'));
      const { status, stderr } = await tryGit(['fsck'], { repository: directory, config });
      expect([status, stderr]).toEqual([0, '']);
    }
    const { stderr } = await tryGit(['fsck'], { repository: directory, config: ['fsck.noSuchThing=error'] });
    expect(stderr).not.toBe('');
  });
});
