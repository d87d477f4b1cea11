import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGitClient, type GitClient, withToken } from '../../test/git-client.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../test/git-server.ts';
import { ask, basic, exchangeBytes } from '../../test/http.ts';
import { anonymous } from '../access/actor.ts';
import type { Account } from '../accounts/accounts.ts';
import { findRepositoryById } from '../repositories/repositories.ts';
import { flushPkt, pktLine } from './pkt-line.ts';

let server: GitServer;
let client: GitClient;
let mona: Account;
let token: string;

beforeAll(async () => {
  server = await startGitServer({ limits: { pushBytes: 300_000 } });
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

const fetchHeaders = { 'content-type': 'application/x-git-upload-pack-request' };
const pushHeaders = () => ({
  'content-type': 'application/x-git-receive-pack-request',
  ...basic('x', token),
});

describe('the answer', () => {
  it('is that of git http-backend, byte for byte, in every version', async () => {
    const { directory, url, head } = await pushed('as-backend');
    const lsRefs = Buffer.concat([
      pktLine('command=ls-refs\n'),
      Buffer.from('0001'),
      pktLine('peel\n'),
      flushPkt,
    ]);
    const want = Buffer.concat([pktLine(`want ${head} no-progress\n`), flushPkt, pktLine('done\n')]);
    const asked: readonly (readonly [string, string, Buffer | null])[] = [
      ['info/refs?service=git-upload-pack', '', null],
      ['info/refs?service=git-upload-pack', 'version=1', null],
      ['info/refs?service=git-upload-pack', 'version=2', null],
      ['git-upload-pack', 'version=2', lsRefs],
      ['git-upload-pack', '', want],
      ['git-upload-pack', 'version=1', want],
      ['git-upload-pack', '', flushPkt],
    ];
    for (const [path, protocol, body] of asked) {
      const answer = await ask(`${url}/${path}`, {
        method: body === null ? 'GET' : 'POST',
        headers: {
          ...(body === null ? {} : fetchHeaders),
          ...(protocol === '' ? {} : { 'git-protocol': protocol }),
        },
        ...(body === null ? {} : { body }),
      });
      const expected = await httpBackend(directory, path, protocol, body);
      expect(answer.status).toBe(200);
      expect(answer.body.toString('latin1')).toBe(expected.body);
      expect(answer.headers).toMatchObject(expected.headers);
    }
  });

  it('offers what clients look for when they push, and no signed pushes', async () => {
    const { url } = await pushed('offers');
    const answer = await ask(`${url}/info/refs?service=git-receive-pack`, { headers: basic('x', token) });
    expect(answer.headers['content-type']).toBe('application/x-git-receive-pack-advertisement');
    for (const capability of [
      'report-status',
      'delete-refs',
      'side-band-64k',
      'atomic',
      'ofs-delta',
      'push-options',
    ]) {
      expect(answer.text).toMatch(new RegExp(`[\\0 ]${capability}[ \\n]`));
    }
    expect(answer.text).not.toContain('push-cert');
  });
});

/** What the CGI program that comes with git says: the reference for every answer. */
async function httpBackend(directory: string, path: string, protocol: string, body: Buffer | null) {
  const [info = '', query = ''] = path.split('?');
  const child = spawn('git', ['-c', 'safe.directory=*', 'http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_COUNT: '4',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      GIT_CONFIG_KEY_1: 'uploadpack.allowFilter',
      GIT_CONFIG_VALUE_1: 'true',
      GIT_CONFIG_KEY_2: 'uploadpack.allowTipSHA1InWant',
      GIT_CONFIG_VALUE_2: 'true',
      GIT_CONFIG_KEY_3: 'uploadpack.allowReachableSHA1InWant',
      GIT_CONFIG_VALUE_3: 'true',
      GIT_PROJECT_ROOT: directory,
      PATH_INFO: `/${info}`,
      QUERY_STRING: query,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: protocol,
      REQUEST_METHOD: body === null ? 'GET' : 'POST',
      CONTENT_TYPE: fetchHeaders['content-type'],
      CONTENT_LENGTH: String(body?.length ?? 0),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  child.stdin.end(body ?? '');
  await once(child, 'close');
  const [head = '', ...rest] = Buffer.concat(pieces).toString('latin1').split('\r\n\r\n');
  const headers = Object.fromEntries(
    head.split('\r\n').map((line) => {
      const [name = '', ...value] = line.split(': ');
      return [name.toLowerCase(), value.join(': ')];
    }),
  );
  return { headers, body: rest.join('\r\n\r\n') };
}

describe('a body', () => {
  it('may be compressed, chunked, or both', async () => {
    const { url, head } = await pushed('bodies');
    const body = Buffer.concat([pktLine(`want ${head}\n`), flushPkt, pktLine('done\n')]);
    const plain = await ask(`${url}/git-upload-pack`, { method: 'POST', headers: fetchHeaders, body });
    expect(plain.body.includes('PACK')).toBe(true);
    for (const coding of ['gzip', 'x-gzip', 'GZIP']) {
      for (const length of ['content-length', 'transfer-encoding']) {
        const compressed = gzipSync(body);
        const answer = await ask(`${url}/git-upload-pack`, {
          method: 'POST',
          headers: {
            ...fetchHeaders,
            'content-encoding': coding,
            [length]: length === 'content-length' ? String(compressed.length) : 'chunked',
          },
          body: compressed,
        });
        expect(answer.body).toEqual(plain.body);
      }
    }
  });

  it.each([
    ['no pkt-lines', fetchHeaders, 'hello there', 400],
    ['a pkt-line cut short', fetchHeaders, '0032want ', 400],
    ['a length that is none', fetchHeaders, '0003', 400],
    ['nonsense in pkt-lines', fetchHeaders, '000ahello\n0000', 400],
    ['a wrong compression', { ...fetchHeaders, 'content-encoding': 'gzip' }, 'hello', 400],
    [
      'a compression cut short',
      { ...fetchHeaders, 'content-encoding': 'gzip' },
      gzipSync('0000'.repeat(99)).subarray(0, 20),
      400,
    ],
    ['an unknown compression', { ...fetchHeaders, 'content-encoding': 'br' }, '0000', 415],
    ['the type of a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=b', 415],
    [
      'the type of the other service',
      { 'content-type': 'application/x-git-receive-pack-request' },
      '0000',
      415,
    ],
    ['no type', {}, '0000', 415],
    ['a protocol header with a trick', { ...fetchHeaders, 'git-protocol': 'version=2$(id)' }, '0000', 400],
  ] as const)('with %s is answered by a sentence', async (_what, headers, body, status) => {
    const url = `${server.url}/mona/bodies.git/git-upload-pack`;
    const answer = await ask(url, { method: 'POST', headers, body });
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(/^[A-Z].*\.\n$/);
    // The neighbour.
    expect((await ask(url, { method: 'POST', headers: fetchHeaders, body: '0000' })).status).toBe(200);
  });

  it.each([
    ['no pkt-lines', 'hello there'],
    ['a list of refs cut short', '0094'],
    ['a list without its end', pktLine(`${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/x\0report-status\n`)],
    ['nonsense', Buffer.concat([pktLine('hello\n'), flushPkt])],
    ['a signed push', Buffer.concat([pktLine('push-cert\0report-status\n'), flushPkt])],
  ])('of a push with %s is answered by a sentence', async (_what, body) => {
    const answer = await ask(`${server.url}/mona/bodies.git/git-receive-pack`, {
      method: 'POST',
      headers: pushHeaders(),
      body,
    });
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(/^[A-Z].*\.\n$/);
  });

  it('that inflates without end is cut off', async () => {
    // Shallow lines, of which upload-pack takes as many as come.
    const line = pktLine(`shallow ${'1'.repeat(40)}\n`);
    const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024, line));
    const answer = await ask(`${server.url}/mona/bodies.git/git-upload-pack`, {
      method: 'POST',
      headers: { ...fetchHeaders, 'content-encoding': 'gzip' },
      body: bomb,
    });
    expect(answer.status).toBe(413);
  });

  it('is not awaited where the caller is refused: who expects to be told gets the challenge first', async () => {
    const { hostname, port } = new URL(server.url);
    const head = (name: string) =>
      `POST /mona/${name}.git/git-receive-pack HTTP/1.1\r\nHost: ${hostname}:${port}\r\n` +
      'Content-Type: application/x-git-receive-pack-request\r\nContent-Length: 1000000\r\n';
    const refused = await exchangeBytes(server.url, `${head('bodies')}Expect: 100-continue\r\n\r\n`);
    expect(refused).toMatch(/^HTTP\/1\.1 401 /);
    expect(refused).not.toContain('100 Continue');
    expect(refused).toMatch(/connection: close/i);
    const { authorization } = basic('x', token);
    const allowed = await exchangeBytes(
      server.url,
      `${head('bodies')}Authorization: ${authorization}\r\nExpect: 100-continue\r\n\r\n`,
      '\r\n\r\n',
    );
    expect(allowed).toMatch(/^HTTP\/1\.1 100 Continue/);
  });

  it('that is being sent all the same does not keep the answer back', async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    // The server ends the connection amid what is being sent: an error for the sender, and no surprise.
    const closed = new Promise((resolve) =>
      socket.on('error', () => socket.destroy()).once('close', resolve),
    );
    socket.write(
      `POST /mona/bodies.git/git-receive-pack HTTP/1.1\r\nHost: ${hostname}:${port}\r\n` +
        'Content-Type: application/x-git-receive-pack-request\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    const sending = setInterval(() => socket.write(`1000\r\n${'x'.repeat(4096)}\r\n`), 1);
    let answer = '';
    socket.on('data', (piece) => {
      clearInterval(sending);
      answer += piece.toString('latin1');
    });
    await closed;
    clearInterval(sending);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).toContain('Authentication required.');
  });

  it('larger than a push may be is refused by git in its own words', async () => {
    const { url, id } = await pushed('large');
    await writeFile(client.path('large', 'noise'), noise(400_000));
    await client.git(['add', '.'], { in: 'large' });
    await client.git(['commit', '-qm', 'Noise'], { in: 'large' });
    const { status, stderr } = await client.try(['push', withToken(url, token), 'main'], { in: 'large' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/remote: fatal: pack exceeds maximum allowed size/);
    expect(stderr).toContain('[remote rejected] main -> main (unpacker error)');
    const record = await findRepositoryById(server.ctx, anonymous, id);
    await client.git(['push', '-q', withToken(url, token), 'main~1:refs/heads/small'], { in: 'large' });
    expect(record?.repository.sizeKib).toBeLessThan(300);
  });
});

function noise(bytes: number): Buffer {
  const out = Buffer.alloc(bytes);
  let state = 1;
  for (let i = 0; i < bytes; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    out[i] = state >>> 16;
  }
  return out;
}

describe('addresses that git may ask for in vain', () => {
  it.each([
    ['GET', 'info/refs', 403],
    ['GET', 'info/refs?service=git-upload-archive', 403],
    ['GET', 'info/refs?service=git-upload-pack;id', 403],
    ['GET', 'info/refs?service=git-upload-pack&service=git-receive-pack', 403],
    ['POST', 'info/refs?service=git-upload-pack', 405],
    ['GET', 'git-upload-pack', 405],
    ['PUT', 'git-receive-pack', 405],
    ['POST', 'git-upload-archive', 403],
    ['GET', 'HEAD', 403],
    ['GET', 'objects/info/packs', 403],
    ['GET', 'objects/12/3456', 403],
    ['POST', 'info/lfs/objects/batch', 404],
    ['GET', 'info/lfs/locks', 404],
  ])('%s %s is answered by %i', async (method, path, status) => {
    const answer = await ask(`${server.url}/mona/bodies.git/${path}`, { method });
    expect(answer.status).toBe(status);
    if (path.startsWith('info/lfs/')) {
      expect(answer.headers['content-type']).toMatch(/^application\/vnd\.git-lfs\+json/);
      expect(JSON.parse(answer.text)).toMatchObject({ message: 'Git LFS is not available on this server.' });
    } else expect(answer.text).toMatch(/^[A-Z].*\.\n$/);
    if (status === 405) expect(answer.headers.allow).toBe(path.startsWith('info') ? 'GET' : 'POST');
  });
});

it('counts every operation once', async () => {
  const count = server.operations.length;
  await client.git(['ls-remote', '-q', `${server.url}/mona/bodies.git`]);
  expect(
    server.operations.slice(count).map(({ service, part, outcome }) => [service, part, outcome]),
  ).toEqual([
    ['upload-pack', 'advertisement', 'done'],
    ['upload-pack', 'exchange', 'done'],
  ]);
  expect(server.operations.at(-1)?.bytesIn).toBeGreaterThan(0);
  expect(server.operations.at(-1)?.bytesOut).toBeGreaterThan(0);
  expect(server.running()).toBe(0);
  expect(await readFile(client.path('bodies', 'README.md'), 'utf8')).toBe('# bodies\n');
});
