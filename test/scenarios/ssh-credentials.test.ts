// What opens SSH goes when it is taken away: a token's deploy keys with the token, sessions with their key.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type TestBrowser } from '../browser.ts';
import { createGitClient, type GitClient } from '../git-client.ts';
import {
  gitOverSsh,
  hasProgram,
  newKeyFile,
  type SshClient,
  type SshKeyFile,
  ssh,
  sshOptions,
} from '../openssh.ts';
import { startServer, type TestServer } from './server.ts';

const password = 'a harmless squirrel';
const runs = hasProgram('ssh', 'openssh-client') && hasProgram('ssh-keygen', 'openssh-client');

describe.skipIf(!runs)('what opens SSH', () => {
  let server: TestServer;
  let client: GitClient;
  let browsers: TestBrowser;
  let at: SshClient;
  let url: string;

  beforeAll(async () => {
    [server, client, browsers] = await Promise.all([
      startServer({ ssh: true }),
      createGitClient(),
      launchBrowser(),
    ]);
    at = { port: server.sshPort, knownHosts: client.path('known_hosts') };
    url = `ssh://git@127.0.0.1:${at.port}/mona/plans.git`;
    await server.person('mona', { password });
    const { cloneUrl } = await server.repository('mona', 'plans', 'private');
    await client.git(['init', '-q', '-b', 'main', 'work']);
    await writeFile(client.path('work', 'noise'), randomBytes(24 * 1024 * 1024));
    await client.git(['-c', 'core.compression=0', 'add', '.'], { in: 'work' });
    await client.git(['commit', '-q', '-m', 'First'], { in: 'work' });
    const env = server.credential(await server.token('mona', ['repo']));
    await client.git(['push', '-q', cloneUrl, 'main'], { in: 'work', env });
  });
  afterAll(async () => {
    await client?.close();
    await Promise.all([server?.[Symbol.asyncDispose](), browsers?.close()]);
  });

  const newKey = (name: string) => newKeyFile(client.path(), name);
  const clone = (key: SshKeyFile, name: string) =>
    client.try(['clone', '-q', '--bare', url, name], { env: gitOverSsh(at, key) });
  const post = (path: string, token: string, body: object) =>
    server.fetch(`/api/v3${path}`, { method: 'POST', token, body: JSON.stringify(body) });

  it('a deploy key that a token made goes with the token; one that was made on the page stays', async () => {
    const [byToken, byHand] = [await newKey('by-token'), await newKey('by-hand')];
    const { page, context, faults } = await browsers.open(server.url);
    await page.goto('/login');
    await page.getByLabel('Username or email address').fill('mona');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.goto('/settings/tokens/new');
    await page.getByLabel('Note').fill('deployments');
    await page.getByRole('checkbox', { name: 'repo', exact: true }).check();
    await page.getByRole('button', { name: 'Generate token' }).click();
    const token = (await page.locator('#fresh-token').textContent()) ?? '';

    const made = await post('/repos/mona/plans/keys', token, { title: 'by token', key: byToken.publicKey });
    expect(made.status).toBe(201);
    await page.goto('/mona/plans/settings/keys');
    await page.getByRole('link', { name: 'Add deploy key' }).click();
    await page.getByLabel('Title').fill('by hand');
    await page.getByLabel('Key', { exact: true }).fill(byHand.publicKey);
    expect(await page.getByRole('checkbox', { name: 'Allow write access' }).isChecked()).toBe(false);
    await page.getByRole('button', { name: 'Add key' }).click();
    await page.getByText('Added the deploy key “by hand”.').waitFor();
    expect(await clone(byToken, 'one')).toMatchObject({ status: 0 });
    expect(await clone(byHand, 'two')).toMatchObject({ status: 0 });

    await page.goto('/settings/tokens');
    await page
      .getByRole('listitem')
      .filter({ hasText: 'deployments' })
      .getByRole('button', { name: 'Delete' })
      .click();
    await page.getByRole('button', { name: 'I understand, delete this token' }).click();
    await page.getByText('Deleted the token “deployments”.').waitFor();
    const refused = await clone(byToken, 'three');
    expect(refused.status).toBe(128);
    expect(refused.stderr).toMatch(
      /Permission denied \(publickey\)\.\r?\nfatal: Could not read from remote repository\./,
    );
    expect(await clone(byHand, 'four')).toMatchObject({ status: 0 });
    await page.goto('/mona/plans/settings/keys');
    expect(await page.getByText('by hand').count()).toBeGreaterThan(0);
    expect(await page.getByText('by token', { exact: true }).count()).toBe(0);
    expect(faults).toEqual([]);
    await context.close();

    const logged = await server.ctx.db
      .selectFrom('audit_events')
      .select(['action', 'repository_name', 'actor_login', 'data'])
      .where('action', 'like', 'public_key.%')
      .orderBy('id')
      .execute();
    expect(
      logged.map(({ action, repository_name, actor_login, data }) => [
        action,
        repository_name,
        actor_login,
        JSON.parse(data).title,
        JSON.parse(data).explanation,
      ]),
    ).toEqual([
      ['public_key.create', 'mona/plans', 'mona', 'by token', undefined],
      ['public_key.create', 'mona/plans', 'mona', 'by hand', undefined],
      ['public_key.delete', 'mona/plans', 'mona', 'by token', 'token_deleted'],
    ]);
  });

  it('an operator lists all keys, and deletes any', async () => {
    const key = await newKey('listed');
    const token = await server.token('mona', ['write:public_key']);
    expect((await post('/user/keys', token, { key: key.publicKey })).status).toBe(201);
    const table = (await server.cli(['key', 'list'])).stdout.split('\n');
    expect(table[0]).toMatch(/^ID {2}FOR +TITLE +FINGERPRINT +ACCESS +LAST USED$/);
    expect(table.find((line) => line.includes('mona/plans'))).toMatch(/by hand +SHA256:\S+ +read-only/);
    const keys = JSON.parse((await server.cli(['key', 'list', '--json'])).stdout) as {
      id: number;
      title: string;
    }[];
    const listed = keys.find(({ title }) => title === 'listed@test');
    expect(listed).toMatchObject({ user: 'mona', repository: null, verified: true, made_by: 'token' });
    expect((await ssh(at, key)).stderr).toContain('Hi mona!');
    const deleted = await server.cli(['key', 'delete', String(listed?.id)]);
    expect(deleted).toEqual({ status: 0, stdout: '', stderr: `Deleted the key ${listed?.id} of mona.\n` });
    expect((await ssh(at, key)).stderr).toContain('Permission denied (publickey)');
    expect(await server.cli(['key', 'delete', String(listed?.id)])).toMatchObject({ status: 1 });
    expect(await server.cli(['key', 'delete', 'listed'])).toMatchObject({ status: 2 });
  });

  /** A key of mona's, and how to delete it. */
  const registered = async (name: string) => {
    const key = await newKey(name);
    const token = await server.token('mona', ['admin:public_key']);
    const { id } = (await (await post('/user/keys', token, { key: key.publicKey })).json()) as { id: number };
    const remove = async () =>
      expect((await server.fetch(`/api/v3/user/keys/${id}`, { method: 'DELETE', token })).status).toBe(204);
    return { id, key, remove };
  };
  /**
   * From the deletion's row in the log, written just before its commit, to the server's line that a connection has
   * ended, in milliseconds; of the last of so many connections.
   */
  const tookToEnd = async (keyId: number, count: number): Promise<number> => {
    const { at: deletedAt } = await server.ctx.db
      .selectFrom('audit_events')
      .select('at')
      .where('action', '=', 'public_key.delete')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow();
    for (;;) {
      const times = server
        .log()
        .split('\n')
        .filter((line) => line.includes('an SSH connection was ended'))
        .map((line) => JSON.parse(line) as { readonly keyId: number; readonly time: string })
        .filter((line) => line.keyId === keyId)
        .map(({ time }) => Date.parse(time) - deletedAt);
      if (times.length >= count) return Math.max(...times);
      await wait(20);
    }
  };
  const session = (key: SshKeyFile, ...words: readonly string[]) =>
    spawn('ssh', [...sshOptions(at, key), ...words], { stdio: 'pipe' });
  /** A clone of which the beginning has come, and whose reader has stopped reading. */
  const stalledClone = async (key: SshKeyFile) => {
    const clone = session(key, 'git@127.0.0.1', "git-upload-pack '/mona/plans.git'");
    const head = await client.git(['rev-parse', 'HEAD'], { in: 'work' });
    const line = `want ${head} side-band-64k\n`;
    clone.stdin.write(`${(line.length + 4).toString(16).padStart(4, '0')}${line}00000009done\n`);
    await once(clone.stdout, 'readable');
    return clone;
  };
  const withdrawn = /^ERROR: The credential was withdrawn while it was in use\.$/m;

  it('a session ends within a second when its key is deleted, a clone is cut off and told why', async () => {
    const { id, key, remove } = await registered('slow');
    // A master connection that stays open without a command.
    const idle = session(key, '-N', '-v', 'git@127.0.0.1');
    const [clone] = await Promise.all([stalledClone(key), said(idle, /Entering interactive session/)]);
    const ends = Promise.all([over(idle), over(clone)]);
    await remove();
    // Only who reads makes room for words: a channel has one window for both of its streams (RFC 4254 section 5.2).
    const words = said(clone, withdrawn);
    clone.stdout.resume();
    await words;
    await ends;
    expect(await tookToEnd(id, 2)).toBeLessThan(1_000);
    expect((await ssh(at, key)).stderr).toContain('Permission denied (publickey)');
  });

  it('a push that waits is told why it ends, and a clone that is never read ends too', async () => {
    const { id, key, remove } = await registered('waiting');
    const push = session(key, 'git@127.0.0.1', "git-receive-pack '/mona/plans.git'");
    const words = said(push, withdrawn);
    const [clone] = await Promise.all([stalledClone(key), once(push.stdout, 'readable')]);
    push.stdout.resume();
    const ends = Promise.all([over(push), over(clone)]);
    await remove();
    await words;
    await ends;
    expect(await tookToEnd(id, 2)).toBeLessThan(1_000);
    // By itself, after it was told the status: nothing was cut off.
    expect(push.exitCode).toBe(1);
  });
});

/** Waits for words on standard error. */
function said(child: ChildProcess, words: RegExp): Promise<void> {
  let text = '';
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (piece: Buffer) => {
      text += piece.toString('utf8');
      if (words.test(text)) resolve();
    });
    child.once('close', () => (words.test(text) ? resolve() : reject(new Error(text))));
  });
}

async function over(child: ChildProcess): Promise<void> {
  if (child.exitCode === null) await once(child, 'exit');
}
