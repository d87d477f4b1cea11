// Git over SSH with OpenSSH's own client: what it opens, what it refuses, and in which words.
import { type ChildProcess, execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putCollaborator } from '../../src/repositories/collaborators.ts';
import { valueIn } from '../context.ts';
import { createGitClient, type GitClient } from '../git-client.ts';
import { gitOverSsh, hasProgram, newKeyFile, type SshClient, type SshKeyFile, ssh } from '../openssh.ts';
import { startServer, type TestServer } from './server.ts';

const isLong = process.env.LATCHKEY_LONG === '1';
const MEGABYTE = 1024 * 1024;
const runs = hasProgram('ssh', 'openssh-client') && hasProgram('ssh-keygen', 'openssh-client');

describe.skipIf(!runs)('git over SSH', () => {
  let server: TestServer;
  let client: GitClient;
  let at: SshClient;
  let mona: SshKeyFile;
  let bob: SshKeyFile;
  let token: string;
  let path: string;
  const url = (name: string) => `ssh://git@127.0.0.1:${at.port}/mona/${name}.git`;
  const over = (key: SshKeyFile, more?: readonly string[]) => ({ env: gitOverSsh(at, key, more) });

  /** Gives a key to a person or a repository through the API. @returns its id */
  async function give(to: string, key: SshKeyFile, by: string, more: object = {}): Promise<number> {
    const answer = await server.fetch(`/api/v3${to}/keys`, {
      method: 'POST',
      token: by,
      body: JSON.stringify({ key: key.publicKey, ...more }),
    });
    expect(answer.status).toBe(201);
    return ((await answer.json()) as { readonly id: number }).id;
  }
  const newKey = (name: string, kind?: readonly string[]) => newKeyFile(client.path(), name, kind);

  beforeAll(async () => {
    [server, client] = await Promise.all([startServer({ ssh: true }), createGitClient()]);
    at = { port: server.sshPort, knownHosts: client.path('known_hosts') };
    await server.person('mona');
    await server.person('bob');
    await server.repository('mona', 'open', 'public');
    ({ path } = await server.repository('mona', 'plans', 'private'));
    token = await server.token('mona', ['repo', 'admin:public_key']);
    mona = await newKey('mona');
    bob = await newKey('bob');
    await give('/user', mona, token);
    await give('/user', bob, await server.token('bob', ['write:public_key']));
    await client.git(['init', '-q', '-b', 'main', 'work']);
    await writeFile(client.path('work', 'noise'), randomBytes(3 * MEGABYTE));
    await client.git(['add', '.'], { in: 'work' });
    await client.git(['commit', '-q', '-m', 'First'], { in: 'work' });
    for (const name of ['plans', 'open']) {
      await client.git(['push', '-q', url(name), 'main'], { in: 'work', ...over(mona) });
    }
  });
  afterAll(async () => {
    await client?.close();
    await server?.[Symbol.asyncDispose]();
  });

  it('greets who has a key, and gives no shell', async () => {
    const text = "Hi mona! You've successfully authenticated, but GitHub does not provide shell access.\n";
    expect(await ssh(at, mona, [], { flags: ['-T'] })).toEqual({ status: 1, stdout: '', stderr: text });
    expect((await ssh(at, mona, [], { flags: ['-tt'] })).stderr).toContain('PTY allocation request failed');
    const other = await ssh(at, mona, ['ls', '/']);
    expect([other.status, other.stdout]).toEqual([1, '']);
    expect(other.stderr).toMatch(/^ERROR: Only git fetch and git push are served here/);
  });

  it.each([
    ['Ed25519', ['-t', 'ed25519']],
    ['ECDSA P-256', ['-t', 'ecdsa', '-b', '256']],
    ['ECDSA P-384', ['-t', 'ecdsa', '-b', '384']],
    ['ECDSA P-521', ['-t', 'ecdsa', '-b', '521']],
    ['RSA', ['-t', 'rsa', '-b', '2048']],
  ])('takes a key of the kind %s', async (name, kind) => {
    const key = await newKey(name.replace(' ', '-'), kind);
    expect((await ssh(at, key)).stderr).toContain('Permission denied (publickey)');
    await give('/user', key, token);
    expect((await ssh(at, key)).stderr).toContain('Hi mona!');
    if (name !== 'RSA') return;
    for (const [algorithm, answer] of [
      ['rsa-sha2-256', 'Hi mona!'],
      ['rsa-sha2-512', 'Hi mona!'],
      ['ssh-rsa', 'Permission denied (publickey)'],
    ] as const) {
      const options = [`PubkeyAcceptedAlgorithms=${algorithm}`];
      expect((await ssh(at, key, [], { options })).stderr, algorithm).toContain(answer);
    }
  });

  it('tells clients the truth about signatures', async () => {
    const { stderr } = await ssh(at, mona, [], { flags: ['-v'] });
    expect(/server-sig-algs=<([^>]*)>/.exec(stderr)?.[1]?.split(',').sort()).toEqual([
      'ecdsa-sha2-nistp256',
      'ecdsa-sha2-nistp384',
      'ecdsa-sha2-nistp521',
      'rsa-sha2-256',
      'rsa-sha2-512',
      'ssh-ed25519',
    ]);
  });

  it.each([0, 1, 2])('clones, pushes and fetches by version %i of the protocol', async (version) => {
    const by = ['-c', `protocol.version=${version}`];
    const copy = `copy-${version}`;
    await client.git([...by, 'clone', '-q', url('plans'), copy], over(mona));
    await writeFile(client.path(copy, `file-${version}`), `${version}\n`);
    await client.git(['add', '.'], { in: copy });
    await client.git(['commit', '-q', '-m', `By ${version}`], { in: copy });
    await client.git([...by, 'push', '-q'], { in: copy, ...over(mona) });
    const traced = await client.try([...by, 'fetch', '-q'], {
      in: copy,
      env: { ...gitOverSsh(at, mona), GIT_TRACE_PACKET: '1' },
    });
    expect(traced.status).toBe(0);
    expect(/fetch< version (\d)/.exec(traced.stderr)?.[1] ?? '0').toBe(String(version));
    expect(await client.git(['rev-parse', 'origin/main'], { in: copy })).toBe(
      await client.git(['rev-parse', 'HEAD'], { in: copy }),
    );
  });

  it('goes on while client and server change their keys in between', async () => {
    const often = over(mona, ['RekeyLimit=200K']);
    await client.git(['clone', '-q', url('plans'), 'rekeyed'], often);
    await writeFile(client.path('rekeyed', 'more'), randomBytes(3 * MEGABYTE));
    await client.git(['add', '.'], { in: 'rekeyed' });
    await client.git(['commit', '-q', '-m', 'More'], { in: 'rekeyed' });
    await client.git(['push', '-q', 'origin', 'HEAD:more'], { in: 'rekeyed', ...often });
    await client.git(['fsck', '--full'], { in: 'rekeyed' });
  });

  it('refuses a key that nobody has, as GitHub does', async () => {
    const unknown = await newKey('unknown');
    const refused = await client.try(['clone', url('open'), 'refused'], over(unknown));
    expect(refused.status).toBe(128);
    expect(refused.stderr).toContain('Permission denied (publickey).');
    expect(refused.stderr).toContain('fatal: Could not read from remote repository.');
    // Nor is there anybody but git.
    expect((await ssh(at, mona, [], { user: 'mona' })).stderr).toContain('Permission denied (publickey).');
  });

  it('says of what somebody may not see only that it is not there', async () => {
    for (const name of ['plans', 'nothing']) {
      const refused = await client.try(['clone', url(name), 'refused'], over(bob));
      expect(refused.stderr).toContain(
        'ERROR: Repository not found.\nfatal: Could not read from remote repository.',
      );
    }
    await client.git(['clone', '-q', url('open'), 'by-bob'], over(bob));
    const push = await client.try(['push', '-q', 'origin', 'HEAD:theirs'], { in: 'by-bob', ...over(bob) });
    expect(push.stderr).toContain('ERROR: Permission to mona/open.git denied to bob.');
  });

  it('lets a deploy key into its own repository alone, and by default to read', async () => {
    const [reading, writing] = [await newKey('reading'), await newKey('writing')];
    const id = await give('/repos/mona/plans', reading, token, { read_only: true });
    await give('/repos/mona/plans', writing, token);
    expect((await ssh(at, reading)).stderr).toContain('Hi mona/plans! You');
    await client.git(['clone', '-q', url('plans'), 'deployed'], over(reading));
    const push = (key: SshKeyFile) =>
      client.try(['push', '-q', 'origin', 'HEAD:deployed'], { in: 'deployed', ...over(key) });
    expect((await push(reading)).stderr).toContain(
      'ERROR: The key you are authenticating with has been marked as read only.\nfatal: Could not read from remote',
    );
    expect((await push(writing)).status).toBe(0);
    await server.repository('mona', 'secret', 'private');
    for (const key of [reading, writing]) {
      const elsewhere = await client.try(['ls-remote', url('secret')], over(key));
      expect(elsewhere.stderr).toContain('ERROR: Repository not found.');
    }
    // When it was used is told, some seconds later.
    const used = async () => {
      const answer = await server.fetch(`/api/v3/repos/mona/plans/keys/${id}`, { token });
      return ((await answer.json()) as { readonly last_used: string | null }).last_used;
    };
    await until(async () => (await used()) !== null);
  });

  it('refuses who was suspended, in GitHub’s words', async () => {
    const key = await newKey('hubot');
    await server.person('hubot');
    await give('/user', key, await server.token('hubot', ['write:public_key']));
    await client.git(['ls-remote', url('open')], over(key));
    await server.cli(['user', 'suspend', 'hubot']);
    const refused = await client.try(['ls-remote', url('open')], over(key));
    expect(refused.stderr).toContain(
      'ERROR: Your account is suspended. Please check with your installation administrator.',
    );
    await server.cli(['user', 'unsuspend', 'hubot']);
    await client.git(['ls-remote', url('open')], over(key));
  });

  it('refuses the deploy keys of who was suspended, and not those that they gave to others', async () => {
    const account = await server.person('olga');
    await server.repository('olga', 'notes', 'private');
    const plans = await server.repository('mona', 'shared', 'private');
    const mine = { id: plans.id, ownerId: plans.ownerId };
    valueIn(await putCollaborator(server.ctx, mine, account.id, 'admin'));
    const olgas = await server.token('olga', ['repo']);
    const [own, given] = [await newKey('olgas-own'), await newKey('olgas-given')];
    await give('/repos/olga/notes', own, olgas);
    await give('/repos/mona/shared', given, olgas);
    const notes = url('notes').replace('/mona/', '/olga/');
    await client.git(['ls-remote', notes], over(own));
    await server.cli(['user', 'suspend', 'olga']);
    const refused = await client.try(['ls-remote', notes], over(own));
    expect(refused.stderr).toContain(
      'ERROR: Your account is suspended. Please check with your installation administrator.',
    );
    await client.git(['ls-remote', url('shared')], over(given));
    await server.cli(['user', 'unsuspend', 'olga']);
    await client.git(['ls-remote', notes], over(own));
  });

  it('is counted in the metrics: connections, attempts by kind, commands by operation, and no names', async () => {
    const read = async () => {
      const text = await (await server.fetch('/metrics')).text();
      expect(text.split('\n').filter((line) => /ssh/.test(line) && /mona|plans/.test(line))).toEqual([]);
      return (series: string) => {
        const line = text.split('\n').find((one) => one.startsWith(`latchkey_ssh_${series} `));
        return Number(line?.split(' ').at(-1) ?? 0);
      };
    };
    const unknown = await newKey('uncounted');
    const before = await read();
    await ssh(at, mona, []);
    await ssh(at, unknown, []);
    await client.git(['ls-remote', url('plans')], over(mona));
    await until(async () => (await read())('connections') === 0);
    const after = await read();
    const grew = (series: string) => after(series) - before(series);
    expect(grew('authentications_total{outcome="accepted",kind="user-key"}')).toBe(2);
    expect(grew('authentications_total{outcome="refused",kind="unknown-key"}')).toBe(1);
    expect(grew('sessions_total{operation="shell"}')).toBe(1);
    expect(grew('sessions_total{operation="upload-pack"}')).toBe(1);
    expect(grew('sessions_total{operation="receive-pack"}')).toBe(0);
  });

  it('takes no token and no password', async () => {
    await writeFile(client.path('ask'), '#!/bin/sh\necho "$TOKEN"\n', { mode: 0o700 });
    const refused = await ssh(at, null, [], {
      options: [
        'BatchMode=no',
        'PreferredAuthentications=password,keyboard-interactive',
        'PubkeyAuthentication=no',
      ],
      env: { SSH_ASKPASS: client.path('ask'), SSH_ASKPASS_REQUIRE: 'force', TOKEN: token },
    });
    expect(refused.status).toBe(255);
    expect(refused.stderr).toContain('Permission denied (publickey).');
  });

  it('forwards nothing and offers nothing else', async () => {
    const forwarded = await ssh(at, mona, [], {
      flags: ['-N', '-R', '0:127.0.0.1:9'],
      options: ['ExitOnForwardFailure=yes'],
    });
    expect(forwarded.stderr).toContain('remote port forwarding failed');
    const through = await ssh(at, mona, [], { flags: ['-W', `127.0.0.1:${server.port}`] });
    expect([through.status, through.stdout]).toEqual([255, '']);
    expect(through.stderr).toContain('administratively prohibited');
    const subsystem = await ssh(at, mona, ['sftp'], { flags: ['-s'] });
    expect(subsystem.stderr).toContain('subsystem request failed');
  });

  it(`serves ${isLong ? 50 : 16} at once`, async () => {
    const count = isLong ? 50 : 16;
    const clones = Array.from({ length: count }, (_, at) =>
      client.try(['clone', '-q', '--bare', url('plans'), `parallel-${at}`], over(mona)),
    );
    const said = await Promise.all(clones);
    expect(said.filter(({ status }) => status !== 0)).toEqual([]);
  });

  it('leaves no process behind when a client is killed midway', async () => {
    const clone = client.start(['clone', '--progress', url('plans'), 'killed'], {
      env: { ...gitOverSsh(at, mona), GIT_TRACE_PACKET: '1' },
    });
    await until(async () => (await processesOn(path)).length > 0 || clone.exitCode !== null);
    killAll(clone);
    await once(clone, 'close');
    const push = client.start(['push', '--progress', url('plans'), 'HEAD:killed'], {
      in: 'work',
      env: gitOverSsh(at, mona),
    });
    await until(async () => (await processesOn(path)).length > 0 || push.exitCode !== null);
    killAll(push);
    await once(push, 'close');
    await until(async () => (await processesOn(path)).length === 0);
    await client.git(['ls-remote', url('plans')], over(mona));
  });

  it('is known again after a restart', async () => {
    await rm(at.knownHosts, { force: true });
    await ssh(at, mona);
    const known = await readFile(at.knownHosts, 'utf8');
    const first = await readFile(`${server.dataDirectory}/keys/ssh_host_ed25519_key`, 'utf8');
    await using again = await startServer({ directory: server.directory, ssh: true });
    const there = { ...at, port: again.sshPort };
    const greeted = await ssh(there, mona, [], { options: ['StrictHostKeyChecking=yes'] });
    expect(greeted.stderr).toContain('Hi mona!');
    expect(await readFile(at.knownHosts, 'utf8')).toBe(known);
    expect(await readFile(`${server.dataDirectory}/keys/ssh_host_ed25519_key`, 'utf8')).toBe(first);
    expect(again.log()).toMatch(/"fingerprints":\{"ED25519":"SHA256:[^"]+","RSA":"SHA256:[^"]+"\}/);
  });

  it.skipIf(!hasProgram('ssh-audit', 'ssh-audit'))('passes an audit without a failure', async () => {
    const said = await new Promise<string>((resolve) =>
      execFile('ssh-audit', ['-n', '-p', String(at.port), '127.0.0.1'], (_error, stdout) => resolve(stdout)),
    );
    expect(said).toContain('(kex) curve25519-sha256');
    expect(said.split('\n').filter((line) => line.includes('[fail]'))).toEqual([]);
  });
});

/** Processes of git that work in this directory. */
async function processesOn(path: string): Promise<readonly string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    ids.map((id) =>
      readFile(`/proc/${id}/cmdline`, 'utf8').catch((error: NodeJS.ErrnoException) => error.code ?? ''),
    ),
  );
  return lines.filter((line) => line.includes(path) && line.startsWith('git'));
}

/** git and the ssh that it started. */
function killAll({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
