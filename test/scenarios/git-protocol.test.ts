// Git over HTTPS as people use it: every version of the protocol, shallow and partial clones, tags, atomic pushes,
// push options, SHA-256, and what is refused.
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGitClient, type GitClient } from '../git-client.ts';
import { basic, exchangeBytes } from '../http.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
let client: GitClient;
let credential: Readonly<Record<string, string>>;

beforeAll(async () => {
  server = await startServer();
  client = await createGitClient();
  await server.person('mona');
  credential = server.credential(await server.token('mona', ['repo']));
});

afterAll(async () => {
  await client?.close();
  await server?.[Symbol.asyncDispose]();
});

const git = (args: readonly string[], folder = '.', env: Readonly<Record<string, string>> = {}) =>
  client.git(args, { in: folder, env: { ...credential, ...env } });
const attempt = (args: readonly string[], folder = '.') => client.try(args, { in: folder, env: credential });

/** A private repository and a work tree with `count` commits, pushed to it. */
async function project(name: string, count = 3) {
  const { cloneUrl: url, path: directory } = await server.repository('mona', name, 'private');
  await git(['init', '-q', name]);
  await git(['remote', 'add', 'origin', url], name);
  for (let i = 1; i <= count; i++) {
    await writeFile(client.path(name, 'file.txt'), `${i}\n`.repeat(1000));
    await git(['add', '.'], name);
    await git(['commit', '-qm', `Number ${i}`], name);
  }
  await git(['push', '-q', 'origin', 'main'], name);
  return { url, name, directory };
}

const objectsOf = (folder: string) => git(['rev-list', '--objects', '--all'], folder);

describe.each([0, 1, 2])('by version %i of the protocol', (version) => {
  const by = ['-c', `protocol.version=${version}`];

  it('an empty repository is cloned, pushed to, cloned, fetched from, and both ends are the same', async () => {
    const name = `round-${version}`;
    const { cloneUrl } = await server.repository('mona', name, 'private');
    const empty = await client.try([...by, 'clone', cloneUrl, name], { env: credential });
    expect(empty.stderr).toContain('You appear to have cloned an empty repository.');
    expect(await git(['symbolic-ref', 'HEAD'], name)).toBe('refs/heads/main');
    await writeFile(client.path(name, 'a.txt'), 'one\n');
    await git(['add', '.'], name);
    await git(['commit', '-qm', 'One'], name);
    await git([...by, 'push', '-q', 'origin', 'HEAD'], name);
    await git([...by, 'clone', '-q', cloneUrl, `${name}-other`]);
    expect(await readFile(client.path(`${name}-other`, 'a.txt'), 'utf8')).toBe('one\n');
    await writeFile(client.path(name, 'a.txt'), 'two\n');
    await git(['commit', '-qam', 'Two'], name);
    await git(['tag', '-am', 'First version', 'v1'], name);
    await git(['tag', 'light'], name);
    await git([...by, 'push', '-q', '--follow-tags', 'origin', 'HEAD'], name);
    await git([...by, 'push', '-q', 'origin', 'light'], name);
    await git([...by, 'pull', '-q', '--tags'], `${name}-other`);
    expect(await objectsOf(`${name}-other`)).toBe(await objectsOf(name));
    expect(await git(['tag', '-n'], `${name}-other`)).toContain('First version');
    await git(['fsck', '--strict'], `${name}-other`);
  });

  it('a shallow clone is made, deepened and made whole', async () => {
    const { url, name } = await project(`shallow-${version}`, 5);
    const copy = `${name}-copy`;
    const count = async () => Number(await git(['rev-list', '--count', 'HEAD'], copy));
    await git([...by, 'clone', '-q', '--depth=1', url, copy]);
    expect(await count()).toBe(1);
    await git([...by, 'fetch', '-q', '--deepen=2'], copy);
    expect(await count()).toBe(3);
    await git(['commit', '-q', '--allow-empty', '-m', 'On top'], copy);
    await git([...by, 'push', '-q', 'origin', 'HEAD:refs/heads/from-shallow'], copy);
    await git([...by, 'fetch', '-q', '--unshallow'], copy);
    expect(await count()).toBe(6);
    await git(['fsck', '--strict'], copy);
  });

  it('a commit is fetched by its name, when a branch leads to it', async () => {
    const { url, name } = await project(`by-name-${version}`);
    const middle = await git(['rev-parse', 'HEAD~1'], name);
    await git(['init', '-q', `${name}-copy`]);
    await git([...by, 'fetch', '-q', url, middle], `${name}-copy`);
    expect(await git(['rev-parse', 'FETCH_HEAD'], `${name}-copy`)).toBe(middle);
  });

  it('what was pushed away is not given to who asks by versions that ask before', async () => {
    const { url, name } = await project(`away-${version}`);
    const gone = await git(['rev-parse', 'HEAD'], name);
    await git(['push', '-q', '--force', 'origin', 'HEAD~1:main'], name);
    await git(['init', '-q', `${name}-copy`]);
    const { status, stderr } = await attempt([...by, 'fetch', url, gone], `${name}-copy`);
    // Version 2 leaves it to who knows the full name (gitprotocol-v2(5), `want`).
    if (version === 2) expect(status).toBe(0);
    else expect(stderr).toMatch(/not our ref/);
  });
});

describe('a partial clone', () => {
  it('leaves contents out, and gets them when they are needed', async () => {
    const { url, name } = await project('partial');
    await git(['clone', '-q', '--filter=blob:none', '--no-checkout', url, `${name}-copy`]);
    const missing = await git(['rev-list', '--objects', '--all', '--missing=print'], `${name}-copy`);
    expect(missing.match(/^\?/gm)?.length).toBe(3);
    await git(['checkout', '-q', 'main'], `${name}-copy`);
    expect(await readFile(client.path(`${name}-copy`, 'file.txt'), 'utf8')).toMatch(/^3\n/);
    await git(['clone', '-q', '--filter=tree:0', url, `${name}-treeless`]);
    const { stderr } = await attempt(['clone', '--filter=sparse:oid=main:file.txt', url, `${name}-sparse`]);
    expect(stderr).toContain("filter 'sparse:oid' not supported");
  });
});

describe('a push', () => {
  it('all or nothing changes nothing when one part is refused, and each for itself changes the rest', async () => {
    const { name, url } = await project('atomic');
    const refs = async () =>
      (await git(['ls-remote', url], name)).split('\n').map((line) => line.split('\t')[1]);
    const both = ['HEAD:refs/heads/good', 'HEAD~1:main'];
    const refused = await attempt(['push', '--atomic', 'origin', ...both, ':refs/heads/main'], name);
    expect(refused.status).not.toBe(0);
    expect(await refs()).toEqual(['HEAD', 'refs/heads/main']);
    // The server refuses to lose its default branch; the client alone would let this through.
    const one = await attempt(['push', 'origin', 'HEAD:refs/heads/good', ':refs/heads/main'], name);
    expect(one.stderr).toContain('[remote rejected] main (deletion of the current branch prohibited)');
    expect(await refs()).toEqual(['HEAD', 'refs/heads/good', 'refs/heads/main']);
    const atomic = await attempt(
      ['push', '--atomic', 'origin', 'HEAD:refs/heads/better', ':refs/heads/main'],
      name,
    );
    expect(atomic.stderr).toContain('[remote rejected]');
    expect(await refs()).toEqual(['HEAD', 'refs/heads/good', 'refs/heads/main']);
    await git(['push', '-q', '--atomic', 'origin', 'HEAD:refs/heads/b1', 'HEAD:refs/heads/b2'], name);
    expect((await refs()).length).toBe(5);
  });

  it('brings its options to the hooks of the administrator', async () => {
    const { name, directory } = await project('options');
    await mkdir(join(directory, 'hooks'), { recursive: true });
    const hook = join(directory, 'hooks', 'pre-receive');
    await writeFile(hook, '#!/bin/sh\necho "asked for: $GIT_PUSH_OPTION_0, $GIT_PUSH_OPTION_1"\n');
    await chmod(hook, 0o755);
    const { stderr } = await attempt(
      ['push', '-o', 'ci.skip', '-o', 'reason=my own', 'origin', 'HEAD:topic'],
      name,
    );
    expect(stderr).toContain('remote: asked for: ci.skip, reason=my own');
  });

  it('that is signed is refused by the client itself, since the server offers no such thing', async () => {
    const { name } = await project('signed');
    const { status, stderr } = await attempt(['push', '--signed', 'origin', 'HEAD:topic'], name);
    expect(status).not.toBe(0);
    expect(stderr).toContain('the receiving end does not support --signed push');
    await git(['push', '-q', '--signed=if-asked', 'origin', 'HEAD:topic'], name);
  });

  it('larger than one piece goes in chunks, and comes back the same', async () => {
    const { name, url } = await project('chunks');
    const noise = Buffer.from(Array.from({ length: 3_000_000 }, () => Math.floor(Math.random() * 256)));
    await writeFile(client.path(name, 'noise'), noise);
    await git(['add', '.'], name);
    await git(['commit', '-qm', 'Noise'], name);
    // Beyond http.postBuffer git sends chunks, after asking with an empty request.
    const trace = await client
      .git(['-c', 'http.postBuffer=65536', 'push', 'origin', 'main'], {
        in: name,
        env: { ...credential, GIT_TRACE_CURL: client.path('trace') },
      })
      .then(() => readFile(client.path('trace'), 'utf8'));
    expect(trace).toMatch(/Transfer-Encoding: chunked/i);
    await git(['clone', '-q', url, 'chunks-copy']);
    expect((await readFile(client.path('chunks-copy', 'noise'))).equals(noise)).toBe(true);
  });

  it('of many refs sends a compressed request, and a fetch of them too', async () => {
    const { name, url } = await project('many');
    const head = await git(['rev-parse', 'HEAD'], name);
    const lines = Array.from({ length: 2000 }, (_, i) => `create refs/heads/b${i} ${head}\n`).join('');
    await client.git(['update-ref', '--stdin'], { in: name, input: lines });
    await git(['push', '-q', 'origin', '--all'], name);
    const trace = client.path('trace-fetch');
    await git(['-c', 'protocol.version=0', 'clone', '-q', '--mirror', url, 'many-copy'], '.', {
      GIT_TRACE_CURL: trace,
    });
    expect((await git(['for-each-ref', '--format=%(refname)'], 'many-copy')).split('\n').length).toBe(2001);
    const others = Array.from(
      { length: 300 },
      (_, i) => `commit refs/heads/n${i}\ncommitter x <x@x> 1 +0000\ndata 2\n${i % 10}\n\n`,
    );
    await client.git(['fast-import', '--quiet'], { in: 'many-copy', input: others.join('') });
    await git(['-c', 'protocol.version=0', 'fetch', '-q', url, 'refs/heads/b1'], 'many-copy', {
      GIT_TRACE_CURL: trace,
    });
    expect(await readFile(trace, 'utf8')).toMatch(/Content-Encoding: gzip/i);
  });
});

describe('a repository with SHA-256', () => {
  it('is pushed to and cloned again', async () => {
    const { cloneUrl } = await server.repository('mona', 'sha256', 'private', { objectFormat: 'sha256' });
    // Git before 2.41 takes every empty repository for one with SHA-1 when it clones it.
    await git(['init', '-q', '--object-format=sha256', 'sha256']);
    await git(['remote', 'add', 'origin', cloneUrl], 'sha256');
    await git(['commit', '-q', '--allow-empty', '-m', 'Long names'], 'sha256');
    await git(['push', '-q', 'origin', 'HEAD'], 'sha256');
    await git(['clone', '-q', cloneUrl, 'sha256-copy']);
    const head = await git(['rev-parse', 'HEAD'], 'sha256-copy');
    expect(head).toMatch(/^[0-9a-f]{64}$/);
    const { status, stderr } = await attempt(['push', cloneUrl, 'main'], 'atomic');
    expect(status).not.toBe(0);
    expect(stderr).toContain('does not support');
  });
});

describe('a renamed repository', () => {
  it('is found by its old name for fetching and pushing', async () => {
    const { directory, name, url } = await project('before');
    const answer = await server.fetch('/api/v3/repos/mona/before', {
      method: 'PATCH',
      token: credential.SCENARIO_TOKEN ?? '',
      body: JSON.stringify({ name: 'after' }),
    });
    expect(answer.status).toBe(200);
    await git(['fetch', '-q', url], name);
    await git(['push', '-q', url, 'HEAD:topic'], name);
    const refs = await git([`--git-dir=${directory}`, 'for-each-ref']);
    expect(refs).toContain('refs/heads/topic');
  });
});

describe('who waits before sending a push', () => {
  it('is asked who it is before it sends anything, and told to go on when it may', async () => {
    const { url } = await project('waiting');
    const { host, pathname } = new URL(url);
    const head = [
      `POST ${pathname}/git-receive-pack HTTP/1.1`,
      `Host: ${host}`,
      'Content-Type: application/x-git-receive-pack-request',
      'Content-Length: 1000000000',
      'Expect: 100-continue',
    ].join('\r\n');
    expect(await exchangeBytes(server.url, `${head}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 401 /);
    const { authorization } = basic('x', credential.SCENARIO_TOKEN ?? '');
    const allowed = `${head}\r\nAuthorization: ${authorization}\r\n\r\n`;
    expect(await exchangeBytes(server.url, allowed, '\r\n\r\n')).toMatch(/^HTTP\/1\.1 100 Continue/);
  });
});
