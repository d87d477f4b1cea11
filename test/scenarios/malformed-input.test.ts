// Whatever anybody sends: an answer of the 4xx kind with a sentence, never a fault of the server, a stack or silence.
import { mkdir, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn } from '../account-pages.ts';
import { formBrowser } from '../form-browser.ts';
import { createGitClient } from '../git-client.ts';
import { type RawAnswer, sendRaw, show } from './raw.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
let host: string;
let token: string;
let basic: string;
/** Of somebody who is signed in on the web. */
let cookie: string;

beforeAll(async () => {
  server = await startServer();
  host = new URL(server.url).host;
  await server.person('mona', { password: 'correct horse 7' });
  const browser = formBrowser(server.url);
  await signIn(browser, 'mona', 'correct horse 7');
  cookie = [...browser.cookies].map(([name, text]) => `${name}=${text}`).join('; ');
  token = await server.token('mona', ['repo']);
  basic = `Basic ${Buffer.from(`mona:${token}`).toString('base64')}`;
  const repository = await server.repository('mona', 'public', 'public');
  await server.repository('mona', 'secret', 'private');
  const client = await createGitClient();
  await client.git(['init', '--quiet', 'work']);
  await mkdir(client.path('work', 'docs'));
  await writeFile(client.path('work', 'docs', 'README.md'), '# Hello\n');
  await client.git(['add', '.'], { in: 'work' });
  await client.git(['commit', '--quiet', '-m', 'Hello'], { in: 'work' });
  await client.git(['tag', 'v1'], { in: 'work' });
  const env = server.credential(token);
  await client.git(['push', '--quiet', repository.cloneUrl, 'HEAD:main', 'v1'], { in: 'work', env });
  await client.close();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

function send(bytes: string | Uint8Array, options?: { readonly half: boolean }): Promise<RawAnswer | null> {
  return sendRaw(server.url, bytes, options);
}

function get(target: string, ...headers: readonly string[]): Promise<RawAnswer | null> {
  return send([`GET ${target} HTTP/1.1`, `Host: ${host}`, ...headers, '', ''].join('\r\n'));
}

function post(
  target: string,
  body: string | Uint8Array,
  ...headers: readonly string[]
): Promise<RawAnswer | null> {
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  const head = [`POST ${target} HTTP/1.1`, `Host: ${host}`, length, ...headers, '', ''].join('\r\n');
  return send(Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]));
}

const stack = /^\s+at |node:internal|\.(?:ts|js):\d+:\d+|\bTypeError\b|SQLITE|\bFST_/m;

/** It said no, in words, as itself. */
function expectRefusal(answer: RawAnswer | null, sent: string | Uint8Array = ''): RawAnswer {
  const about = show(sent);
  expect(answer, `closed without a word: ${about}`).not.toBeNull();
  if (answer === null) throw new Error('unreachable');
  expect(answer.status, `${about} → ${answer.body}`).toBeGreaterThanOrEqual(400);
  expect(answer.status, `${about} → ${answer.body}`).toBeLessThan(500);
  expect(answer.body.replaceAll(/<style.*?<\/style>|<[^>]+>/gs, ' '), about).toMatch(/\w+[ ,'\w]* \w+/);
  expect(answer.body, about).not.toMatch(stack);
  expect(answer.headers.get('x-github-request-id'), about).toMatch(/^[0-9A-F]+(?::[0-9A-F]+){4}$/);
  return answer;
}

async function expectAlive(): Promise<void> {
  expect((await server.fetch('/readyz')).status).toBe(200);
  expect((await server.fetch('/api/v3/user', { token })).status).toBe(200);
}

describe('What is not HTTP', () => {
  const bytes: Readonly<Record<string, string>> = {
    'an unknown method': `FROB / HTTP/1.1\r\nHost: x\r\n\r\n`,
    'a method in small letters': `get / HTTP/1.1\r\nHost: x\r\n\r\n`,
    'no version': `GET /\r\n\r\n`,
    'a version of the future': `GET / HTTP/3.0\r\nHost: x\r\n\r\n`,
    'a TLS greeting': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'an SSH greeting': 'SSH-2.0-OpenSSH_9.6\r\n\r\n',
    'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'binary noise': '\x00\xff\x00\xfe\r\n\r\n',
    'a header without a colon': `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nnonsense\r\n\r\n`,
    'a header name with a space': `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nbad name: x\r\n\r\n`,
    'a space before the colon': `GET / HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n`,
    'a folded header': `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA: b\r\n c\r\n\r\n`,
    'a null byte in a header': `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA: b\x00c\r\n\r\n`,
    'a bare carriage return in a header': `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA: b\rc\r\n\r\n`,
    'spaces in the target': `GET /a b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`,
  };
  for (const [name, sent] of Object.entries(bytes)) {
    it(`${name} is refused`, async () => {
      expectRefusal(await send(sent), sent);
    });
  }
  it('a tunnel is refused', async () => {
    const sent = `CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    expect(expectRefusal(await send(sent), sent).status).toBe(405);
  });
  it('TRACE gives nothing back of what was sent', async () => {
    const sent = `TRACE / HTTP/1.1\r\nHost: ${host}\r\nCookie: a=planted\r\n\r\n`;
    expect(expectRefusal(await send(sent), sent).body).not.toContain('planted');
  });
  it('a question about the server as a whole is refused', async () => {
    expectRefusal(await send(`OPTIONS * HTTP/1.1\r\nHost: ${host}\r\n\r\n`));
  });
  it('an expectation that is not met is told', async () => {
    const answer = await get('/api/v3/zen', 'Expect: 200-maybe');
    expect(expectRefusal(answer).status).toBe(417);
  });
});

describe('Requests that two servers would read differently', () => {
  const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
  const shapes: Readonly<Record<string, readonly string[]>> = {
    'length and chunks together': ['Content-Length: 5', 'Transfer-Encoding: chunked'],
    'two different lengths': ['Content-Length: 5', 'Content-Length: 6'],
    'two equal lengths': ['Content-Length: 5', 'Content-Length: 5'],
    'lengths in a list': ['Content-Length: 5, 5'],
    'a negative length': ['Content-Length: -5'],
    'a length with a sign': ['Content-Length: +5'],
    'a length in hexadecimal': ['Content-Length: 0x5'],
    'a length beyond all numbers': ['Content-Length: 99999999999999999999999'],
    'chunks that are not last': ['Transfer-Encoding: chunked, identity'],
    'an unknown coding': ['Transfer-Encoding: cow'],
    'chunks twice': ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
    'chunks with a tab before': ['Transfer-Encoding:\tchunked', 'Content-Length: 5'],
  };
  for (const [name, headers] of Object.entries(shapes)) {
    it(`${name}: refused, and what follows is not read as a request`, async () => {
      const sent = ['POST /login HTTP/1.1', `Host: ${host}`, ...headers, '', `0\r\n\r\n${smuggled}`].join(
        '\r\n',
      );
      expectRefusal(await send(sent), sent);
      expect(server.log()).not.toContain('"path":"/smuggled"');
    });
  }
  for (const chunk of [
    'zz\r\nabc\r\n0\r\n\r\n',
    '-1\r\n\r\n',
    '5;a=b\nabcde\r\n0\r\n\r\n',
    'ffffffffffffffffff\r\nabc\r\n',
  ]) {
    it(`a malformed chunk ${JSON.stringify(chunk)} is refused`, async () => {
      const sent = `POST /login HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`;
      expectRefusal(await send(sent), sent);
    });
  }
});

describe('Hosts', () => {
  it('a request without a host is refused', async () => {
    expect(expectRefusal(await send('GET / HTTP/1.1\r\n\r\n')).status).toBe(400);
    expect(expectRefusal(await send('GET / HTTP/1.0\r\n\r\n')).status).toBe(400);
  });
  it('two hosts are refused, also when they are the same', async () => {
    expect(expectRefusal(await get('/', `Host: ${host}`)).status).toBe(400);
    expect(expectRefusal(await get('/', 'Host: evil.example')).status).toBe(400);
  });
  it('hosts that are none are refused', async () => {
    for (const bad of [
      '',
      ' ',
      'a b',
      'a@127.0.0.1',
      '127.0.0.1/',
      '127.0.0.1:80:80',
      '[::1',
      '::1',
      '[zz]',
      'a,b',
      '127.0.0.1:x',
      '%31',
    ]) {
      const sent = `GET / HTTP/1.1\r\nHost: ${bad}\r\n\r\n`;
      expect(expectRefusal(await send(sent), sent).status).toBe(400);
    }
  });
  it('foreign hosts get 421, whatever the address', async () => {
    for (const foreign of [
      'evil.example',
      'evil.example:3000',
      '127.0.0.1.evil.example',
      'localhost.evil',
      '10.0.0.1',
      '[::2]',
      'githubXlocalhost',
    ]) {
      for (const target of [
        '/',
        '/login',
        '/api/v3/zen',
        '/mona/public.git/info/refs?service=git-upload-pack',
        '/%zz',
        '/metrics',
      ]) {
        const sent = `GET ${target} HTTP/1.1\r\nHost: ${foreign}\r\n\r\n`;
        expect(expectRefusal(await send(sent), sent).status).toBe(421);
      }
    }
  });
  it('health is told to whatever host', async () => {
    expect((await send('GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n'))?.status).toBe(200);
    expect((await send('GET /readyz HTTP/1.0\r\n\r\n'))?.status).toBe(200);
  });
  it('its own names are served, in whatever letters, with any port', async () => {
    for (const own of [
      host,
      '127.0.0.1',
      'localhost',
      'LocalHost:1',
      'localhost.',
      '[::1]:3000',
      '127.8.9.10',
      'github.localhost',
      'GitHub.LocalHost:3000',
    ]) {
      expect((await send(`GET /api/v3/zen HTTP/1.1\r\nHost: ${own}\r\n\r\n`))?.status, own).toBe(200);
    }
    expect((await send(`GET /zen HTTP/1.1\r\nHost: api.github.localhost\r\n\r\n`))?.status).toBe(200);
    expect((await send(`GET /api/v3/zen HTTP/1.0\r\nHost: ${host}\r\n\r\n`))?.status).toBe(200);
  });
  it('the host in an absolute target counts as well', async () => {
    expect((await get(`http://${host}/api/v3/zen`))?.status).toBe(200);
    expect((await get('http://api.github.localhost/zen'))?.status).toBe(200);
    expect(expectRefusal(await get('http://evil.example/api/v3/zen')).status).toBe(421);
    expect(expectRefusal(await get(`http://mona:pass@${host}/api/v3/zen`)).status).toBe(400);
    expect(expectRefusal(await get('ftp://127.0.0.1/api/v3/zen')).status).toBe(400);
    const sent = `GET http://${host}/api/v3/zen HTTP/1.1\r\nHost: evil.example\r\n\r\n`;
    expect(expectRefusal(await send(sent), sent).status).toBe(421);
  });
  it('what a stranger says of forwarded hosts and addresses is not listened to', async () => {
    expect((await get('/api/v3/zen', 'X-Forwarded-Host: evil.example'))?.status).toBe(200);
    expect(
      expectRefusal(await send(`GET / HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: ${host}\r\n\r\n`))
        .status,
    ).toBe(421);
  });
});

describe('Header bombs', () => {
  it('one huge header, many headers, a huge target and a huge cookie get 431', async () => {
    const many = Array.from({ length: 5_000 }, (_, n) => `X-${n}: y`);
    expect(expectRefusal(await get('/', `X-Bomb: ${'a'.repeat(100_000)}`)).status).toBe(431);
    expect(expectRefusal(await get('/', ...many)).status).toBe(431);
    expect(expectRefusal(await get(`/${'a'.repeat(100_000)}`)).status).toBe(431);
    expect(expectRefusal(await get('/login', `Cookie: ${'a=b; '.repeat(20_000)}`)).status).toBe(431);
    expect(expectRefusal(await get(`/api/v3/users/${'m'.repeat(1024 * 1024)}`)).status).toBe(431);
  });
  it('names of 1 MB in forms and bodies get a 4xx', async () => {
    const name = 'm'.repeat(1024 * 1024);
    const form = 'Content-Type: application/x-www-form-urlencoded';
    expectRefusal(await post('/login', `login=${name}&password=x`, form));
    expectRefusal(
      await post(
        '/api/v3/user/repos',
        JSON.stringify({ name }),
        'Content-Type: application/json',
        `Authorization: ${basic}`,
      ),
    );
  });
  it('long credentials of every form are bad ones', async () => {
    for (const credential of [
      `Bearer ${'g'.repeat(10_000)}`,
      `Basic ${'g'.repeat(10_000)}`,
      `token ghp_${'a'.repeat(8_000)}`,
    ]) {
      expect(expectRefusal(await get('/api/v3/user', `Authorization: ${credential}`)).status).toBe(401);
    }
  });
});

/** Paths that try to leave, to hide or to break. */
const tricks: readonly string[] = [
  '/../etc/passwd',
  '/..%2f..%2fetc/passwd',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/mona/../../etc/passwd',
  '/mona/public.git/../../../etc/passwd',
  '/mona/%2e%2e/secret',
  '/mona/..',
  '/mona/.',
  '/./mona',
  '/..;/mona',
  '/%',
  '/%zz',
  '/%c0%ae%c0%ae/',
  '/%ff%fe',
  '/mona%00/public',
  '/mona/public%00.git',
  '/%00',
  '/mona\\public',
  '/mona/..\\..\\secret',
  '/%5c%5cserver%5cshare',
  '//evil.example/login',
  '///',
  '/mona//public',
  '/mona/public.git/info/refs%3fservice=git-upload-pack',
  '/mona/public/%2e%2e/%2e%2e/secret',
  '/ｍona/public',
  '/mona/publi\u0441',
  '/%F0%9F%94%91/%F0%9F%94%91',
  '/mona/public.git.git.git',
  '/mona/.git',
  '/mona/--upload-pack=id',
  '/-/-',
  `/${'a/'.repeat(4_000)}`,
  '/assets/..%2f..%2fpackage.json',
  '/assets/%2e%2e%2fmanifest.json',
  '/settings/tokens/1e9999',
  '/settings/tokens/-1',
  '/settings/tokens/99999999999999999999',
  '/settings/tokens/%00',
];
const apiTricks: readonly string[] = [
  ...tricks.map((path) => `/api/v3${path}`),
  '/api/v3/repos/mona/..%2fsecret',
  '/api/v3/repos/mona/%2e%2e',
  '/api/v3/repos/%00/%00',
  '/api/v3/repositories/0x1',
  '/api/v3/repositories/99999999999999999999999',
  '/api/v3/repositories/-1',
  '/api/v3/users/..',
  '/api/v3/users/%00',
  '/api/v3/users/%ED%A0%80',
  '/api/v3/repos/mona/public/contents/..%2f..%2fconfig',
  '/api/v3/repos/mona/public/contents/%00',
  '/api/v3/repos/mona/public/branches/..%2fmain',
  '/api/v3/repos/mona/public/branches/--all',
  '/api/v3/repos/mona/public/commits/--output=x',
  '/api/v3/repos/mona/public/commits?sha=--all',
];
const gitTricks: readonly string[] = [
  '/info/refs?service=git-upload-pack',
  '/info/refs?service=git-receive-pack',
].flatMap((end) => [
  `/mona/..%2fsecret.git${end}`,
  `/mona/secret%00.git${end}`,
  `/%2e%2e/%2e%2e${end}`,
  `/mona/secret.git%2f..${end}`,
  `/mona\\secret.git${end}`,
  `/mona/%5c..%5csecret${end}`,
  `/mona/--help${end}`,
  `/-c/x${end}`,
  `/%ff/%ff${end}`,
]);

describe('Path tricks', () => {
  it('on pages, the API and git get a 4xx, or lead to the sign-in page of this server', async () => {
    for (const path of [...tricks, ...apiTricks, ...gitTricks]) {
      for (const headers of [[], [`Authorization: ${basic}`]]) {
        const sent = Buffer.from(
          [`GET ${path} HTTP/1.1`, `Host: ${host}`, ...headers, '', ''].join('\r\n'),
          'utf8',
        );
        const answer = await send(sent);
        if (answer !== null && answer.status >= 300 && answer.status < 400) {
          // Never to another server.
          expect(answer.headers.get('location'), path).toMatch(/^\/(?!\/)|^http:\/\/127\.0\.0\.1/);
          continue;
        }
        expectRefusal(answer, sent);
      }
    }
    await expectAlive();
  });
  it('service names that are none are refused', async () => {
    for (const service of [
      'git-upload-archive',
      'git-upload-pack;id',
      '../../bin/sh',
      '',
      '%00',
      'git-upload-pack&service=x',
      'x'.repeat(4_000),
    ]) {
      expectRefusal(await get(`/mona/public.git/info/refs?service=${service}`), service);
    }
  });
});

describe('Bodies that are not what they should be', () => {
  const api = (body: string | Uint8Array, type: string | null) =>
    post(
      '/api/v3/user/repos',
      body,
      `Authorization: ${basic}`,
      ...(type === null ? [] : [`Content-Type: ${type}`]),
    );
  it('JSON that is none, or no object, is refused', async () => {
    const bodies = [
      '{',
      '',
      '[]',
      'null',
      '"x"',
      '1',
      '{"name":}',
      '{"name":"a","name"',
      '\xff\xfe',
      `${'['.repeat(100_000)}`,
      '{"__proto__":{"x":1}}',
      '{"constructor":{"prototype":{}}}',
      '{"name":{"a":1}}',
      '{"name":1e400}',
      '{"name":"\\ud800"}',
      '{"name":"\u0000"}',
    ];
    for (const body of bodies) expectRefusal(await api(body, 'application/json'), body);
  });
  it('wrong content types are refused', async () => {
    const types = [
      'text/html',
      'multipart/form-data',
      'multipart/form-data; boundary=x',
      'application/xml',
      'x',
      ';',
      'application/json; charset=utf-7',
      'application/x-www-form-urlencoded',
      '\xff',
    ];
    for (const type of types) expectRefusal(await api('<x/>', type), type);
  });
  it('compressed bodies where none are taken are refused', async () => {
    const body = gzipSync('{"name":"a"}');
    expectRefusal(
      await post(
        '/api/v3/user/repos',
        body,
        `Authorization: ${basic}`,
        'Content-Type: application/json',
        'Content-Encoding: gzip',
      ),
    );
  });
  it('forms of wrong types, without a token or broken are refused', async () => {
    for (const path of [
      '/login',
      '/logout',
      '/setup',
      '/settings/tokens',
      '/settings/profile',
      '/no/such/form',
    ]) {
      for (const type of [
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/json',
        'text/plain',
        'image/png',
      ]) {
        for (const body of ['', 'a=b', '%', '%zz=%zz', '\x00', 'a[b][c]=d&a=e', '&'.repeat(10_000)]) {
          expectRefusal(await post(path, body, `Content-Type: ${type}`), `${path} ${type} ${body}`);
        }
      }
    }
  });
  it('a client that breaks off in the middle of a body harms nobody', async () => {
    const head = `POST /api/v3/user/repos HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${basic}\r\nContent-Type: application/json\r\n`;
    await send(`${head}Content-Length: 1000\r\n\r\n{"na`, { half: true });
    await send(`${head}Transfer-Encoding: chunked\r\n\r\n5\r\n{"na`, { half: true });
    await expectAlive();
  });
  it('a body where none belongs does not disturb the next request of the connection', async () => {
    const body = 'GET /smuggled HTTP/1.1\r\n\r\n';
    const sent = `GET /api/v3/zen HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    expect((await send(sent))?.status).toBe(200);
    expect(server.log()).not.toContain('"path":"/smuggled"');
  });
});

describe('Git that is none', () => {
  const exchange = (
    service: 'upload-pack' | 'receive-pack',
    body: string | Uint8Array,
    ...headers: readonly string[]
  ) =>
    post(
      `/mona/secret.git/git-${service}`,
      body,
      `Authorization: ${basic}`,
      `Content-Type: application/x-git-${service}-request`,
      ...headers,
    );
  /** Once git runs it answers in its own protocol, with 200: then with words in it. */
  const expectNo = (answer: RawAnswer | null, sent: string | Uint8Array): void => {
    if (answer?.status === 200) expect(answer.body, show(sent)).toMatch(/ERR |error|unpack|ng /);
    else expectRefusal(answer, sent);
  };
  const hash = '1'.repeat(40);
  const zero = '0'.repeat(40);
  const line = (text: string) => `${(text.length + 4).toString(16).padStart(4, '0')}${text}`;
  const bodies: Readonly<Record<string, string>> = {
    'a length that is no number': 'zzzzwant x',
    'a length below four': '0003',
    'a length beyond the body': 'fff0want',
    'a negative length': '-001',
    'a length in large letters, cut off': '00FFwant',
    'one byte': '0',
    'null bytes': '\x00\x00\x00\x00',
    'a want of no object': `${line('want x\n')}00000009done\n`,
    'a want of an object that is not there': `${line(`want ${hash}\n`)}0000${line('done\n')}`,
    'a command in the place of a want': `${line('rm -rf /\n')}0000`,
    'a push of a ref outside of refs': `${line(`${zero} ${hash} ../../HEAD\0report-status`)}0000`,
    'a push of a ref with a control character': `${line(`${zero} ${hash} refs/heads/a\x01b\0report-status`)}0000`,
    'a push without a pack': `${line(`${zero} ${hash} refs/heads/main\0report-status`)}0000`,
    'a push with a pack that is none': `${line(`${zero} ${hash} refs/heads/main\0report-status`)}0000PACKnonsense`,
    'a push with a pack of four thousand million objects': `${line(`${zero} ${hash} refs/heads/main\0report-status`)}0000PACK\x00\x00\x00\x02\xff\xff\xff\xff`,
    'a signed push': `${line(`push-cert\0report-status`)}${line('certificate version 0.1\n')}0000`,
  };
  for (const [name, body] of Object.entries(bodies)) {
    it(`${name} is refused by fetching and pushing, plain and compressed`, async () => {
      const bytes = Buffer.from(body, 'latin1');
      for (const service of ['upload-pack', 'receive-pack'] as const) {
        expectNo(await exchange(service, bytes), bytes);
        expectNo(await exchange(service, gzipSync(bytes), 'Content-Encoding: gzip'), bytes);
        expectNo(await exchange(service, bytes, 'Git-Protocol: version=2'), bytes);
      }
    });
  }
  it('truncated, false and doubled compression is refused', async () => {
    const whole = gzipSync(line('0'.repeat(1_000)));
    for (const service of ['upload-pack', 'receive-pack'] as const) {
      for (const body of [
        whole.subarray(0, whole.length - 9),
        whole.subarray(0, 5),
        Buffer.from('no gzip'),
        gzipSync(whole),
      ]) {
        expectNo(await exchange(service, body, 'Content-Encoding: gzip'), body);
      }
      expectRefusal(await exchange(service, whole, 'Content-Encoding: br'));
      expectRefusal(await exchange(service, whole, 'Content-Encoding: gzip, gzip'));
    }
  });
  it('a small body that inflates to a huge one is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 'a'));
    for (const service of ['upload-pack', 'receive-pack'] as const) {
      expectNo(await exchange(service, bomb, 'Content-Encoding: gzip'), 'a bomb');
    }
    await expectAlive();
  });
  it('wrong content types and protocols are refused', async () => {
    for (const type of ['text/plain', 'application/x-git-receive-pack-request', '']) {
      expectRefusal(
        await post(
          '/mona/secret.git/git-upload-pack',
          '0000',
          `Authorization: ${basic}`,
          `Content-Type: ${type}`,
        ),
      );
    }
    for (const protocol of ['version=2\x01', 'x'.repeat(5_000)]) {
      expectRefusal(
        await get('/mona/public.git/info/refs?service=git-upload-pack', `Git-Protocol: ${protocol}`),
        protocol,
      );
    }
  });
});

describe('Anything at all', () => {
  const runs = process.env.LATCHKEY_LONG === '1' ? 5_000 : 300;
  const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND', 'X');
  const piece = fc.oneof(
    fc.constantFrom(
      'mona',
      'public',
      'secret.git',
      'api',
      'v3',
      'repos',
      'settings',
      'tokens',
      'info',
      'refs',
      '..',
      '%2e%2e',
      '%00',
      '%',
      ':',
      '*',
      '[',
      'new',
      'login',
    ),
    fc.string({ maxLength: 12, unit: 'binary' }),
  );
  const target = fc
    .tuple(fc.array(piece, { maxLength: 8 }), fc.option(fc.string({ maxLength: 30 })))
    .map(([pieces, query]) => `/${pieces.join('/')}${query === null ? '' : `?${query}`}`);
  const header = fc.tuple(
    fc.constantFrom(
      'Authorization',
      'Cookie',
      'Content-Type',
      'Accept',
      'Accept-Encoding',
      'Range',
      'If-None-Match',
      'Git-Protocol',
      'Content-Encoding',
      'Origin',
      'X-GitHub-Api-Version',
      'Accept-Version',
      'X-Forwarded-For',
      'Upgrade',
      'Connection',
      'Expect',
    ),
    fc.string({ maxLength: 60, unit: 'binary' }),
  );
  const request = fc.record({
    method,
    target,
    headers: fc.array(header, { maxLength: 6 }),
    body: fc.uint8Array({ maxLength: 300 }),
  });

  it('made of requests gets an answer that is no fault of the server', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(request, async (made) => {
        const head = [
          `${made.method} ${made.target} HTTP/1.1`,
          `Host: ${host}`,
          `Content-Length: ${made.body.length}`,
        ]
          .concat(made.headers.map(([name, value]) => `${name}: ${value}`))
          .join('\r\n');
        const answer = await send(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), made.body]));
        if (answer === null) throw new Error('closed without a word');
        expect(answer.status).toBeLessThan(500);
        expect(answer.body).not.toMatch(stack);
        expect(answer.headers.get('x-github-request-id')).toBeDefined();
      }),
      { numRuns: runs },
    );
    await expectAlive();
  });
  const place = fc.constantFrom(
    ...['tree', 'blob', 'raw', 'commits', 'commit', 'branches', 'tags', 'settings'].map(
      (kind) => `/mona/public/${kind}`,
    ),
    ...[
      'contents',
      'readme',
      'branches',
      'commits',
      'tags',
      'git/trees',
      'git/blobs',
      'git/commits',
      'git/refs',
      'collaborators',
      'languages',
      'compare',
    ].map((kind) => `/api/v3/repos/mona/public/${kind}`),
    ...['/api/v3/repos', '/api/v3/repositories', '/api/v3/users', '/api/v3/user', '/avatars/u', '/assets'],
    ...[
      '/settings/tokens',
      '/settings/tokens/new',
      '/settings/sessions',
      '/settings',
      '/new/import',
      '/password',
      '/setup',
      '/login',
    ],
    '/mona/public.git/info/refs',
  );
  const parameter = fc.tuple(
    fc.constantFrom(
      'page',
      'per_page',
      'sha',
      'ref',
      'path',
      'since',
      'until',
      'sort',
      'direction',
      'type',
      'service',
      'scopes',
      'description',
      'code',
      'return_to',
      'recursive',
      'author',
      'q',
    ),
    fc.oneof(
      fc.constantFrom(
        '-1',
        '0',
        '1e9',
        '99999999999999999999',
        'main',
        'v1',
        '--all',
        'HEAD^{/x}',
        'main:docs',
        '@{u}',
        '%00',
        '%ff',
        '../..',
        'NaN',
        '2026-13-45',
        '[]',
      ),
      fc.string({ maxLength: 20, unit: 'binary' }),
    ),
  );
  const deep = fc
    .tuple(
      place,
      fc.array(fc.oneof(piece, fc.constantFrom('main', 'docs', 'README.md', 'v1', 'HEAD', '0'.repeat(40))), {
        maxLength: 4,
      }),
      fc.array(parameter, { maxLength: 4 }),
    )
    .map(
      ([start, pieces, query]) =>
        `${[start, ...pieces].join('/')}?${query.map(([name, text]) => `${name}=${text}`).join('&')}`,
    );
  const caller = fc.constantFrom<() => readonly string[]>(
    () => [],
    () => [`Authorization: ${basic}`],
    () => [`Cookie: ${cookie}`],
  );

  it('asked of real places by whoever gets an answer that is no fault of the server', {
    timeout: 900_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'),
        deep,
        caller,
        fc.json({ maxDepth: 2 }),
        async (verb, target, credential, json) => {
          const head = [
            `${verb} ${target} HTTP/1.1`,
            `Host: ${host}`,
            ...credential(),
            'Content-Type: application/json',
            `Content-Length: ${Buffer.byteLength(json)}`,
          ];
          const answer = await send(`${head.join('\r\n')}\r\n\r\n${json}`);
          if (answer === null) throw new Error('closed without a word');
          expect(answer.status, answer.body).toBeLessThan(500);
          expect(answer.body).not.toMatch(stack);
        },
      ),
      { numRuns: runs },
    );
    await expectAlive();
  });
  it('made of bytes gets an answer or an end, not silence', { timeout: 600_000 }, async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 400 });
    await fc.assert(
      fc.asyncProperty(bytes, async (made) => {
        const answer = await send(made, { half: true });
        if (answer !== null) expect(answer.status).toBeLessThan(500);
      }),
      { numRuns: runs },
    );
    await expectAlive();
  });
});

describe('The log of all this', () => {
  it('holds no fault of the server, and no token', async () => {
    expect(server.log()).not.toMatch(/"level":"(?:error|fatal)"/);
    expect(server.log()).not.toContain(token);
    expect(server.log()).not.toContain(basic);
  });
});
