// Histories come from elsewhere: whole, byte for byte, and never with anything that would harm this server.
import { appendFile, mkdir, readdir, rename, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listAllRepositories } from '../../src/repositories/repositories.ts';
import { createGitClient } from '../git-client.ts';
import {
  gitIn,
  makeLongHistory,
  makeSource,
  reachable,
  refsOf,
  serveRepositories,
  startServer as startSource,
} from '../git-source.ts';
import { runCli, startServer, type TestServer } from './server.ts';

const isLong = process.env.LATCHKEY_LONG === '1';
/** The long form: 24,000 objects and more, 60 MB. */
const history = isLong ? { commits: 6_000, bytesPerFile: 10_240 } : { commits: 500, bytesPerFile: 4_096 };

/** Imports by the command line. @returns where the repository lies */
async function importInto(
  server: TestServer,
  name: string,
  source: string,
  ...args: string[]
): Promise<string> {
  const made = await server.cli(['repo', 'create', name, '--import', source, ...args]);
  expect(made.status, made.stderr).toBe(0);
  const { stdout } = await server.cli(['repo', 'path', name]);
  return stdout.trim();
}

const fsck = (directory: string) => gitIn(directory, ['fsck', '--strict', '--no-dangling']);

describe('A long history', () => {
  it('is the same, byte for byte, after import from a directory, a full clone, and import from its address', async () => {
    await using server = await startServer({ env: { LATCHKEY_IMPORT_FROM_PRIVATE_ADDRESSES: 'yes' } });
    const client = await createGitClient();
    try {
      await server.person('ada');
      const source = await makeLongHistory(join(server.directory, 'history.git'), history);
      const objects = reachable(source);
      if (isLong) {
        expect(objects.split('\n').length).toBeGreaterThanOrEqual(20_000);
        const sizes = gitIn(source, ['count-objects', '-v']);
        expect(Number(/^size-pack: (\d+)$/m.exec(sizes)?.[1])).toBeGreaterThanOrEqual(50 * 1024);
      }

      const imported = await importInto(server, 'ada/history', source, '--public');
      expect(reachable(imported)).toBe(objects);
      expect(refsOf(imported)).toBe(refsOf(source));
      expect(fsck(imported)).toBe('');

      await client.git(['clone', '--quiet', '--mirror', `${server.url}/ada/history.git`, 'copy.git']);
      expect(reachable(client.path('copy.git'))).toBe(objects);
      expect(fsck(client.path('copy.git'))).toBe('');

      const again = await importInto(server, 'ada/again', `${server.url}/ada/history.git`);
      expect(reachable(again)).toBe(objects);
      expect(refsOf(again)).toBe(refsOf(source));
      expect(fsck(again)).toBe('');
      expect((await readdir(server.ctx.config.repositoriesDirectory)).sort()).toEqual(['1.git', '2.git']);
    } finally {
      await client.close();
    }
  });
});

describe('A source that is a trap', () => {
  /** The import is refused with these words, by exit status 1 and one sentence, and nothing of it is left. */
  async function isRefused(
    server: TestServer,
    source: string,
    words: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const made = await runCli(['repo', 'create', 'ada/trap', '--import', source], {
      cwd: server.directory,
      env: { LATCHKEY_DATA: server.dataDirectory, ...env },
    });
    expect([source, made.status, made.stdout]).toEqual([source, 1, '']);
    expect(made.stderr).toContain(words);
    expect(made.stderr).not.toMatch(/\n\s+at /);
    expect(await readdir(server.ctx.config.repositoriesDirectory)).toEqual([]);
    expect((await listAllRepositories(server.ctx, { page: 1, perPage: 10 })).total).toBe(0);
  }

  it('in a directory is refused, or does nothing', async () => {
    await using server = await startServer();
    await server.person('ada');
    const at = (name: string) => makeSource(join(server.directory, 'sources', name));

    const linked = at('linked.git');
    await rename(join(linked, 'objects'), join(server.directory, 'elsewhere'));
    await symlink(join(server.directory, 'elsewhere'), join(linked, 'objects'));
    await isRefused(server, linked, 'symbolic link');
    const leaking = at('leaking.git');
    await symlink('/etc/passwd', join(leaking, 'refs/heads/leak'));
    await isRefused(server, leaking, 'symbolic link');
    const borrowing = at('borrowing.git');
    await mkdir(join(borrowing, 'objects/info'), { recursive: true });
    await writeFile(join(borrowing, 'objects/info/alternates'), `${leaking}/objects\n`);
    await isRefused(server, borrowing, 'borrows objects');

    const armed = at('armed.git');
    const sprung = join(server.directory, 'sprung');
    const command = `touch ${sprung}`;
    await appendFile(
      join(armed, 'config'),
      `[core]\n\tfsmonitor = ${command}\n\tsshCommand = ${command}\n\talternateRefsCommand = ${command}\n` +
        `\thooksPath = ${armed}/hooks\n[uploadpack]\n\tpackObjectsHook = ${command}\n` +
        `[remote "origin"]\n\turl = ext::sh -c "${command}"\n\tpromisor = true\n\tuploadpack = ${command}\n` +
        `[extensions]\n\tpartialClone = origin\n[alias]\n\tclone = !${command}\n`,
    );
    await mkdir(join(armed, 'hooks'));
    for (const hook of ['pre-receive', 'post-receive', 'reference-transaction', 'post-checkout']) {
      await writeFile(join(armed, 'hooks', hook), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
    }
    const imported = await importInto(server, 'ada/armed', armed);
    expect(await readdir(server.directory)).not.toContain('sprung');
    expect((await readdir(imported)).sort()).toEqual(['HEAD', 'config', 'objects', 'packed-refs', 'refs']);
    const config = gitIn(imported, ['config', '--local', '--list']).split('\n').sort();
    expect(config).toEqual(['core.bare=true', 'core.filemode=true', 'core.repositoryformatversion=0']);
  });

  it('is refused whatever its address says it is, and by whatever name it is on this machine', async () => {
    await using server = await startServer();
    await server.person('ada');
    const source = makeSource(join(server.directory, 'sources/tool.git'));
    const inner = await startSource(serveRepositories(join(server.directory, 'sources')));
    try {
      const protocol = 'https:// or http://';
      for (const address of [
        `file://${source}`,
        'ssh://git@127.0.0.1/tool.git',
        'git://127.0.0.1/tool.git',
        `ext::git %s ${source}`,
        'fd::0',
      ]) {
        await isRefused(server, address, protocol);
      }
      const names = [
        '127.0.0.1',
        'localhost',
        '127.1',
        '0x7f000001',
        '[::1]',
        '[::ffff:127.0.0.1]',
        '0.0.0.0',
      ];
      for (const name of [...names, hostname()]) {
        await isRefused(server, `http://${name}:${inner.port}/tool.git`, 'not a public address');
      }
      const withPassword = `http://ann:hunter2@127.0.0.1:${inner.port}/tool.git`;
      await isRefused(server, withPassword, 'must not contain a user name or password');
      await isRefused(server, 'git@127.0.0.1:tool.git', 'not a Git repository');
      expect(inner.asked).toEqual([]);
    } finally {
      await inner.close();
    }
  });

  it('that redirects or never ends is given up', async () => {
    const allowed = { LATCHKEY_IMPORT_FROM_PRIVATE_ADDRESSES: 'yes' };
    const hurried = { ...allowed, LATCHKEY_LIMIT_GIT_SECONDS: '2' };
    await using server = await startServer({ env: allowed });
    await server.person('ada');
    makeSource(join(server.directory, 'sources/tool.git'));
    const inner = await startSource(serveRepositories(join(server.directory, 'sources')));
    const outer = await startSource((request, response) => {
      response.writeHead(302, { location: `${inner.url}${request.url}` }).end();
    });
    const silent = await startSource(() => undefined);
    const trickling = await startSource((_, response) => {
      response.setHeader('content-type', 'application/x-git-upload-pack-advertisement');
      response.write('001e# service=git-upload-pack\n0000');
      const drip = setInterval(() => response.write('0'), 100);
      response.on('close', () => clearInterval(drip));
    });
    try {
      await isRefused(server, `${outer.url}/tool.git`, 'redirects elsewhere', allowed);
      expect(inner.asked).toEqual([]);
      await isRefused(server, `${silent.url}/tool.git`, 'took longer', hurried);
      await isRefused(server, `${trickling.url}/tool.git`, 'took longer', hurried);
      await importInto(server, 'ada/tool', `${inner.url}/tool.git`);
    } finally {
      await Promise.all([inner, outer, silent, trickling].map((source) => source.close()));
    }
  });
});
