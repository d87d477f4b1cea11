// The host `github.localhost`, at which gh looks for a GitHub of its developers, with its API at
// `api.github.localhost`; and what Git Credential Manager asks of a host before it believes it to be a GitHub.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchangeBytes } from '../http.ts';
import { type RawAnswer, sendRaw } from './raw.ts';
import { startServer, type TestServer } from './server.ts';

const web = 'github.localhost';
const api = 'api.github.localhost';

let server: TestServer;
let token: string;

beforeAll(async () => {
  server = await startServer({ args: ['--url', `http://${web}`] });
  await server.person('mona');
  for (const name of ['one', 'two', 'three']) await server.repository('mona', name, 'private');
  await server.repository('mona', 'open', 'public');
  token = await server.token('mona', ['repo', 'read:org', 'gist']);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const at = () => `http://127.0.0.1:${server.port}`;

async function ask(method: string, url: URL, ...headers: readonly string[]): Promise<RawAnswer> {
  const lines = [`${method} ${url.pathname}${url.search} HTTP/1.1`, `Host: ${url.host}`, ...headers];
  const answer = await sendRaw(at(), [...lines, '', ''].join('\r\n'));
  if (answer === null) throw new Error(`no answer to ${method} ${url}`);
  return answer;
}

const get = (host: string, path: string, ...headers: readonly string[]) =>
  ask('GET', new URL(path, `http://${host}`), ...headers);

const withToken = () => `Authorization: token ${token}`;

describe('The API of github.localhost', () => {
  it('stands at the root of its own host, and below /api on the other, with the same answers', async () => {
    for (const path of ['/', '/meta', '/user', '/repos/mona/one', '/repos/mona/nothing', '/nowhere']) {
      const root = await get(api, path, withToken());
      const below = await get(web, `/api/v3${path}`, withToken());
      expect([root.status, root.body], path).toEqual([below.status, below.body]);
      expect(root.headers.get('x-oauth-scopes')).toBe('gist, read:org, repo');
    }
    const root = await get(api, '', withToken());
    expect(JSON.parse(root.body).current_user_url).toBe(`http://${web}/api/v3/user`);
  });

  it('has GraphQL at /graphql there, and at /api/graphql here', async () => {
    const query = (host: string, path: string) => ask('POST', new URL(path, `http://${host}`));
    const [there, here] = [await query(api, '/graphql'), await query(web, '/api/graphql')];
    expect([there.status, there.body]).toEqual([here.status, here.body]);
    expect((await get(api, '/api/v3/user', withToken())).status).toBe(404);
  });

  it('has no pages at its root', async () => {
    for (const path of ['/login', '/mona/open', '/settings/tokens', '/assets/nothing.css', '/metrics']) {
      const answer = await get(api, path);
      expect(answer.status, path).toBe(404);
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    }
  });

  it('says in JSON what is wrong before a route is reached', async () => {
    for (const [target, ...headers] of [['/%zz'], ['/user', 'Expect: a miracle']] as const) {
      const bytes = [`GET ${target} HTTP/1.1`, `Host: ${api}`, ...headers, '', ''].join('\r\n');
      const answer = await sendRaw(at(), bytes);
      expect(answer?.headers.get('content-type'), target).toBe('application/json; charset=utf-8');
    }
  });

  it('leads through a list to places that the client can reach with its token', async () => {
    const names: string[] = [];
    let next: string | undefined = `http://${api}/user/repos?per_page=1&sort=created&direction=asc`;
    while (next !== undefined) {
      expect([web, api]).toContain(new URL(next).host);
      const answer = await ask('GET', new URL(next), withToken());
      names.push(...JSON.parse(answer.body).map(({ name }: { readonly name: string }) => name));
      next = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
    }
    expect(names).toEqual(['one', 'two', 'three', 'open']);
  });

  it('reaches by their addresses the things it tells of', async () => {
    const repository = JSON.parse((await get(api, '/repos/mona/one', withToken())).body);
    for (const address of [repository.url, repository.owner.url]) {
      expect((await ask('GET', new URL(address), withToken())).status, address).toBe(200);
    }
    expect(repository.clone_url).toBe(`http://${web}/mona/one.git`);
  });
});

describe('A host is known as a GitHub', () => {
  const probed = [
    '/',
    '/login',
    '/login/oauth/authorize',
    '/mona/open',
    '/mona/open.git',
    '/mona/one',
    '/mona/nothing.git/',
    '/mona/open/info/refs?service=git-upload-pack',
    '/assets/nothing.css',
    '/healthz',
    '/api/v3',
    '/api/v3/',
    '/api/v3/meta',
    '/api/v3/user',
    '/api/graphql',
    '/%zz',
  ];

  it('by a request id on the answer to HEAD, wherever it is sent, without a body', async () => {
    for (const path of probed) {
      // As bytes: whatever followed the headers would be seen.
      const bytes = `HEAD ${path} HTTP/1.1\r\nHost: ${web}\r\nConnection: close\r\n\r\n`;
      const answer = await exchangeBytes(at(), bytes);
      expect(answer, path).toMatch(/\r\nx-github-request-id: [0-9A-F:]{20,}\r\n/i);
      expect(answer.split('\r\n\r\n')[1], path).toBe('');
      expect(answer, path).not.toMatch(/^HTTP\/1.1 5/);
    }
  });

  it('by a different one on each, as GET and as HEAD', async () => {
    const ids = new Set<string>();
    for (const path of probed) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await ask(method, new URL(path, `http://${web}`));
        ids.add(answer.headers.get('x-github-request-id') ?? '');
      }
    }
    expect(ids.size).toBe(2 * probed.length);
  });

  it('by one on what is refused at the door', async () => {
    for (const [bytes, status] of [
      ['HEAD / HTTP/1.1\r\nHost: evil.example\r\n\r\n', 421],
      ['GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n', 421],
      ['GET / HTTP/1.1\r\n\r\n', 400],
      ['nonsense\r\n\r\n', 400],
      [`GET / HTTP/1.1\r\nHost: ${web}\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ] as const) {
      const answer = await sendRaw(at(), bytes);
      expect(answer?.status).toBe(status);
      expect(answer?.headers.get('x-github-request-id')).toMatch(/^[0-9A-F:]{20,}$/);
    }
  });

  it('answers HEAD with the status and headers of GET', async () => {
    for (const path of probed) {
      const url = new URL(path, `http://${web}`);
      const [head, whole] = [await ask('HEAD', url), await ask('GET', url)];
      expect(head.status, path).toBe(whole.status);
      expect(head.headers.get('content-type'), path).toBe(whole.headers.get('content-type'));
    }
  });

  it('and says to strangers that passwords are no use, and which version it is like', async () => {
    const { status, body } = await get(web, '/api/v3/meta');
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ verifiable_password_authentication: false });
    const [major, minor] = JSON.parse(body).installed_version.split('.').map(Number);
    expect(major * 100 + minor).toBeGreaterThanOrEqual(302);
  });
});
