// Git through OpenSSH's own server, as docs/ssh.md sets it up: it asks `latchkey ssh authorized-keys` about each key,
// and runs `latchkey ssh serve` for whoever proves to hold one.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGitClient, type GitClient } from '../git-client.ts';
import {
  gitOverSsh,
  hasProgram,
  newKeyFile,
  programPath,
  type SshClient,
  type SshKeyFile,
  ssh,
} from '../openssh.ts';
import { startServer, type TestServer } from './server.ts';

const root = join(import.meta.dirname, '../..');
const latchkey = [join(root, 'node_modules/.bin/node'), join(root, 'dist/main.js')];
const { username, uid } = userInfo();
const runs =
  hasProgram('ssh', 'openssh-client') &&
  hasProgram('ssh-keygen', 'openssh-client') &&
  hasProgram('sshd', 'openssh-server');

describe.skipIf(!runs)('git through OpenSSH’s server', () => {
  let server: TestServer;
  let client: GitClient;
  let at: SshClient;
  let sshd: ChildProcess;
  let directory: string;
  let mona: SshKeyFile;
  let path: string;
  let log = '';
  const url = (name: string) => `ssh://${username}@127.0.0.1:${at.port}/mona/${name}.git`;
  const over = (key: SshKeyFile) => ({ env: gitOverSsh(at, key) });

  beforeAll(async () => {
    // Nothing of the built-in server is needed.
    [server, client] = await Promise.all([startServer(), createGitClient()]);
    await server.person('mona');
    ({ path } = await server.repository('mona', 'plans', 'private'));
    mona = await newKeyFile(client.path(), 'mona');
    await give('/user', mona);
    directory = await mkdtemp(join(tmpdir(), 'latchkey-sshd-'));
    const hostKey = await newKeyFile(directory, 'host_key');
    const port = await freePort();
    const config = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${hostKey.path}`,
      'PidFile none',
      'UsePAM no',
      'StrictModes no',
      'PermitRootLogin forced-commands-only',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'AuthorizedKeysFile none',
      // The program itself has to belong to root, with all folders above it.
      `AuthorizedKeysCommand /usr/bin/env PATH=${process.env.PATH} ${latchkey.join(' ')} ssh authorized-keys --data ${server.dataDirectory} %t %k`,
      `AuthorizedKeysCommandUser ${username}`,
      'AcceptEnv GIT_PROTOCOL',
      'MaxStartups 100',
    ];
    await writeFile(join(directory, 'sshd_config'), `${config.join('\n')}\n`);
    if (uid === 0) await mkdir('/run/sshd', { recursive: true });
    sshd = spawn(programPath('sshd'), ['-D', '-e', '-f', join(directory, 'sshd_config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    sshd.stderr?.on('data', (piece: Buffer) => {
      log += piece.toString('utf8');
    });
    at = { port, knownHosts: client.path('known_hosts') };
    await listening(port, () => log);
  });
  afterAll(async () => {
    if (sshd?.exitCode === null) {
      sshd.kill();
      await once(sshd, 'exit');
    }
    await client?.close();
    await server?.[Symbol.asyncDispose]();
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  });

  async function give(to: string, key: SshKeyFile, more: object = {}): Promise<number> {
    const answer = await server.fetch(`/api/v3${to}/keys`, {
      method: 'POST',
      token: await server.token('mona', ['repo', 'write:public_key']),
      body: JSON.stringify({ key: key.publicKey, ...more }),
    });
    expect(answer.status).toBe(201);
    return ((await answer.json()) as { readonly id: number }).id;
  }

  it('prints a line for a key that is known, and nothing for another', async () => {
    const [type = '', base64 = ''] = mona.publicKey.split(' ');
    const known = await server.cli(['ssh', 'authorized-keys', type, base64]);
    expect(known).toMatchObject({ status: 0, stderr: '' });
    expect(known.stdout).toMatch(/^restrict,command="\S+ \S+ ssh serve --key \d+" ssh-ed25519 [\w+/=]+\n$/);
    const named = ['ssh', 'authorized-keys', '--command', 'latchkey', type, base64];
    expect((await server.cli(named)).stdout).toMatch(
      /^restrict,command="latchkey ssh serve --key \d+" ssh-ed25519 /,
    );
    const spaced = ['ssh', 'authorized-keys', '--command', '"/a b/latchkey"', type, base64];
    expect((await server.cli(spaced)).stdout).toContain('command="\\"/a b/latchkey\\" ssh serve');
    for (const words of [
      [type, `${base64.slice(0, -4)}AAAA`],
      ['ssh-rsa', base64],
      [type, 'x'],
    ]) {
      expect(await server.cli(['ssh', 'authorized-keys', ...words])).toEqual({
        status: 0,
        stdout: '',
        stderr: '',
      });
    }
  });

  it('clones, pushes and fetches by the newest version of the protocol', async () => {
    await client.git(['clone', '-q', url('plans'), 'work'], over(mona));
    await writeFile(client.path('work', 'noise'), randomBytes(2 * 1024 * 1024));
    await client.git(['add', '.'], { in: 'work' });
    await client.git(['commit', '-q', '-m', 'First'], { in: 'work' });
    await client.git(['push', '-q', 'origin', 'HEAD:main'], { in: 'work', ...over(mona) });
    const traced = await client.try(['-c', 'protocol.version=2', 'clone', '-q', url('plans'), 'copy'], {
      env: { ...gitOverSsh(at, mona), GIT_TRACE_PACKET: '1' },
    });
    expect(traced.stderr).toContain('clone< version 2');
    expect(await client.git(['rev-parse', 'HEAD'], { in: 'copy' })).toBe(
      await client.git(['rev-parse', 'HEAD'], { in: 'work' }),
    );
    await client.git(['fsck', '--full'], { in: 'copy' });
  });

  it('says the same as the built-in server, and gives no shell either', async () => {
    const user = username;
    expect(await ssh(at, mona, [], { user, flags: ['-T'] })).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining(
        "Hi mona! You've successfully authenticated, but GitHub does not provide shell access.",
      ),
    });
    expect(await ssh(at, mona, ['id'], { user })).toMatchObject({ status: 1, stdout: '' });
    const reading = await newKeyFile(client.path(), 'reading');
    await give('/repos/mona/plans', reading, { read_only: true });
    await client.git(['clone', '-q', url('plans'), 'deployed'], over(reading));
    const push = await client.try(['push', '-q', 'origin', 'HEAD:x'], { in: 'deployed', ...over(reading) });
    expect(push.stderr).toContain('ERROR: The key you are authenticating with has been marked as read only.');
    const nothing = await client.try(['ls-remote', url('nothing')], over(mona));
    expect(nothing.stderr).toContain('ERROR: Repository not found.');
    const unknown = await newKeyFile(client.path(), 'unknown');
    expect((await client.try(['ls-remote', url('plans')], over(unknown))).stderr).toContain(
      'Permission denied',
    );
    const forwarded = await ssh(at, mona, [], { user, flags: ['-W', `127.0.0.1:${server.port}`] });
    expect(forwarded.stderr).toContain('administratively prohibited');
    // What was used is told by the key.
    const used = await server.ctx.db
      .selectFrom('ssh_keys')
      .select('last_used_at')
      .where('title', '=', 'mona@test')
      .execute();
    expect(used[0]?.last_used_at).not.toBeNull();
  });

  it('leaves no process behind when a client is killed midway', async () => {
    const clone = client.start(['clone', '-q', url('plans'), 'killed'], { env: gitOverSsh(at, mona) });
    await until(async () => (await processesOn(path)).length > 0 || clone.exitCode !== null);
    if (clone.pid !== undefined) process.kill(-clone.pid, 'SIGKILL');
    await once(clone, 'close');
    await until(async () => (await processesOn(path)).length === 0);
    await until(async () => (await processesOn('ssh\0serve\0--key')).length === 0);
  });
});

async function freePort(): Promise<number> {
  const taker = createServer().listen(0, '127.0.0.1');
  await once(taker, 'listening');
  const { port } = taker.address() as AddressInfo;
  taker.close();
  await once(taker, 'close');
  return port;
}

async function listening(port: number, log: () => string): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`sshd does not listen: ${log()}`);
}

/** Processes with this in their command line. */
async function processesOn(words: string): Promise<readonly string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    ids.map((id) =>
      readFile(`/proc/${id}/cmdline`, 'utf8').catch((error: NodeJS.ErrnoException) => error.code ?? ''),
    ),
  );
  return lines.filter((line) => line.includes(words) && !line.startsWith('ssh\0'));
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
