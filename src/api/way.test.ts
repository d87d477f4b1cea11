import { Type } from 'typebox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Rest, startApi, type TestApi, testUrl } from '../../test/api.ts';
import { accountId } from '../access/actor.ts';
import { instance } from '../access/targets.ts';
import { suspendAccount } from '../accounts/accounts.ts';

/** One operation of every kind, to see the conventions by. */
const samples: Rest = (routes) => {
  const self = { kind: 'account', accountId: 0 } as const;
  routes.route({
    method: 'GET',
    url: '/sample',
    action: 'user.read-private',
    target: (_request, actor) => ({ ...self, accountId: accountId(actor) ?? 0 }),
    handler: () => ({ private: true }),
  });
  routes.route({
    method: 'PATCH',
    url: '/session-sample',
    action: 'password.change',
    target: (_request, actor) => ({ ...self, accountId: accountId(actor) ?? 0 }),
    handler: () => ({}),
  });
  routes.route({
    method: 'POST',
    url: '/sample',
    action: 'meta.read',
    target: () => instance,
    schema: {
      body: Type.Object({ name: Type.String(), private: Type.Optional(Type.Boolean()) }),
    },
    handler: ({ body }) => body,
  });
};

let api: TestApi;

const sample = (headers: Record<string, string> = {}) =>
  api.request({ method: 'GET', url: '/api/v3/sample', headers });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

beforeEach(async () => {
  api = await startApi({ more: [samples] });
});

afterEach(() => api.close());

describe('credentials', () => {
  it('refuses a bad credential even where none is needed', async () => {
    const answer = await api.get('/meta', 'ghp_000000000000000000000000000000000000');
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toEqual({
      message: 'Bad credentials',
      documentation_url: `${testUrl}/docs/rest#bad-credentials`,
      status: '401',
    });
    expect(answer.headers).not.toHaveProperty('www-authenticate');
    expect(answer.headers).not.toHaveProperty('x-oauth-scopes');
    expect((await api.get('/meta')).statusCode).toBe(200);
  });

  it('takes a token in every form that clients send', async () => {
    const token = await api.token(await api.person('ada'), ['read:user']);
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    const forms = [
      `Bearer ${token}`,
      `bearer ${token}`,
      `token ${token}`,
      basic(`ada:${token}`),
      basic(`anybody:${token}`),
      basic(`${token}:x-oauth-basic`),
      basic(`${token}:`),
    ];
    for (const authorization of forms) {
      expect((await sample({ authorization })).statusCode, authorization).toBe(200);
    }
    expect((await api.get(`/meta?access_token=${token}`)).statusCode).toBe(401);
    expect((await sample({ cookie: `user_session=${token}` })).statusCode).toBe(401);
  });

  it('says that authentication is required where nobody is signed in', async () => {
    const answer = await sample();
    expect(answer.statusCode).toBe(401);
    expect(answer.json().message).toBe('Requires authentication');
  });

  it('says that the account was suspended', async () => {
    const ada = await api.person('ada');
    const token = await api.token(ada);
    await suspendAccount(api.ctx, ada.id);
    const answer = await api.get('/', token);
    expect(answer.statusCode).toBe(403);
    expect(answer.json().message).toBe('Sorry. Your account was suspended.');
  });

  it('takes a token until the second it expires', async () => {
    const token = await api.token(await api.person('ada'), [], api.ctx.now() + 60_000);
    api.ctx.clock.forward(59_999);
    expect((await api.get('/', token)).statusCode).toBe(200);
    api.ctx.clock.forward(1);
    expect((await api.get('/', token)).statusCode).toBe(401);
  });

  it('hides what a token lacks the scope for, and names the scopes that would do', async () => {
    const ada = await api.person('ada');
    const refused = await sample(bearer(await api.token(ada, ['gist', 'public_repo'])));
    expect(refused.statusCode).toBe(404);
    expect(refused.json().message).toBe('Not Found');
    expect(refused.headers['x-oauth-scopes']).toBe('gist, public_repo');
    expect(refused.headers['x-accepted-oauth-scopes']).toBe('read:user, user');
    expect((await sample(bearer(await api.token(ada, ['user'])))).statusCode).toBe(200);
  });

  it('lets no token do what takes a person', async () => {
    const token = await api.token(await api.person('ada'), ['user']);
    const answer = await api.request({
      method: 'PATCH',
      url: '/api/v3/session-sample',
      headers: { authorization: `Bearer ${token}` },
      payload: {},
    });
    expect(answer.statusCode).toBe(403);
    expect(answer.json().message).toBe('Resource not accessible by personal access token');
  });

  it('in private mode lets the anonymous read /meta and nothing else', async () => {
    const shut = await startApi({ config: { privateMode: true } });
    const answer = await shut.get('/zen');
    expect(answer.statusCode).toBe(401);
    expect(answer.json().message).toBe('Must authenticate to access this API.');
    expect((await shut.get('/meta')).statusCode).toBe(200);
    expect((await shut.get('/zen', await shut.token(await shut.person('ada')))).statusCode).toBe(200);
    await shut.close();
  });
});

describe('headers', () => {
  it('stand on every answer, good or bad', async () => {
    const token = await api.token(await api.person('ada'), ['repo']);
    for (const [path, credential] of [
      ['/meta', null],
      ['/nowhere', null],
      ['/nowhere', token],
      ['/meta', 'nonsense'],
      ['/meta/', null],
    ] as const) {
      const { headers } = await api.get(path, credential);
      expect(headers, path).toMatchObject({
        'content-type': 'application/json; charset=utf-8',
        'x-github-request-id': expect.any(String),
        'x-github-media-type': 'github.v3; format=json',
        'x-github-api-version-selected': '2022-11-28',
        'x-github-enterprise-version': '3.8.0',
        'access-control-allow-origin': '*',
        'access-control-expose-headers': expect.stringContaining('X-OAuth-Scopes'),
        'content-security-policy': "default-src 'none'",
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'deny',
        'referrer-policy': 'origin-when-cross-origin, strict-origin-when-cross-origin',
        'strict-transport-security': expect.stringContaining('max-age='),
        'cache-control': expect.any(String),
        vary: expect.stringContaining('Authorization'),
      });
    }
  });

  it('show no scope as present and empty, and nothing to the anonymous', async () => {
    const { headers } = await api.get('/', await api.token(await api.person('ada')));
    expect(headers['x-oauth-scopes']).toBe('');
    expect(headers['x-accepted-oauth-scopes']).toBe('');
    expect(headers).not.toHaveProperty('github-authentication-token-expiration');
    expect((await api.get('/')).headers).not.toHaveProperty('x-oauth-scopes');
  });

  it('list the scopes sorted, and tell when the token expires, on errors too', async () => {
    const expiresAt = Date.UTC(2026, 1, 3, 4, 5, 6, 789);
    const token = await api.token(await api.person('ada'), ['user:email', 'repo', 'gist'], expiresAt);
    for (const path of ['/', '/nowhere']) {
      const { headers } = await api.get(path, token);
      expect(headers['x-oauth-scopes']).toBe('gist, repo, user:email');
      expect(headers['github-authentication-token-expiration']).toBe('2026-02-03 04:05:06 UTC');
    }
  });

  it('say who may keep an answer', async () => {
    const token = await api.token(await api.person('ada'));
    expect((await api.get('/meta')).headers['cache-control']).toBe('public, max-age=60, s-maxage=60');
    expect((await api.get('/meta', token)).headers['cache-control']).toBe('private, max-age=60, s-maxage=60');
    expect((await api.get('/nowhere')).headers['cache-control']).toBe('no-cache');
  });

  it('answer a preflight without a credential', async () => {
    const answer = await api.request({ method: 'OPTIONS', url: '/api/v3/user/repos' });
    expect(answer.statusCode).toBe(204);
    expect(answer.headers['access-control-allow-headers']).toContain('Authorization, Content-Type');
    expect(answer.headers['access-control-allow-methods']).toBe('GET, POST, PATCH, PUT, DELETE');
    expect(answer.headers['access-control-max-age']).toBe('86400');
  });
});

describe('conditional requests', () => {
  it('give 304 for what the client has, and another ETag to every credential', async () => {
    const ada = await api.person('ada');
    const [one, two] = [await api.token(ada), await api.token(ada)];
    const { headers } = await api.get('/meta', one);
    const etag = String(headers.etag);
    const again = await api.get('/meta', one, { 'if-none-match': `"other", W/${etag}` });
    expect(again.statusCode).toBe(304);
    expect(again.body).toBe('');
    expect(again.headers.etag).toBe(etag);
    expect((await api.get('/meta', two, { 'if-none-match': etag })).statusCode).toBe(200);
    expect((await api.get('/meta', null, { 'if-none-match': etag })).statusCode).toBe(200);
  });

  it('give HEAD what GET gives, without the body', async () => {
    const get = await api.get('/meta');
    const head = await api.request({ method: 'HEAD', url: '/api/v3/meta' });
    expect(head.statusCode).toBe(200);
    expect(head.body).toBe('');
    expect(head.headers.etag).toBe(get.headers.etag);
    expect(head.headers['content-length']).toBe(String(get.body.length));
  });
});

describe('versions and media types', () => {
  it('speaks one version, and refuses others', async () => {
    const version = (text: string) => api.get('/meta', null, { 'x-github-api-version': text });
    expect((await version('2022-11-28')).statusCode).toBe(200);
    const refused = await version('1999-01-01');
    expect(refused.statusCode).toBe(400);
    expect(refused.json().message).toContain('1999-01-01');
  });

  it('answers JSON whatever the client accepts', async () => {
    for (const [accept, name] of [
      ['application/vnd.github+json', 'github.v3; format=json'],
      ['application/vnd.github.v3+json', 'github.v3; format=json'],
      ['application/vnd.github.full+json', 'github.v3; param=full; format=json'],
      ['text/html, application/json;q=0.9', 'github.v3; format=json'],
      ['image/png', 'unknown, github.v3'],
    ] as const) {
      const answer = await api.get('/meta', null, { accept });
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['x-github-media-type']).toBe(name);
      expect(answer.json()).toHaveProperty('installed_version');
    }
  });
});

describe('requests that can not be served', () => {
  it('get 404 for unknown paths, wrong methods and trailing slashes', async () => {
    expect((await api.get('/authorisations')).statusCode).toBe(404);
    expect((await api.call('DELETE', '/meta')).json().message).toBe('Not Found');
    expect((await api.get('/meta/')).statusCode).toBe(404);
    expect((await api.get('/nowhere', 'nonsense')).statusCode).toBe(401);
    expect((await api.get('/')).statusCode).toBe(200);
    expect((await api.get('')).statusCode).toBe(200);
  });

  it('tell clients that would make tokens by a password to use another way, whatever they send', async () => {
    const password = `Basic ${Buffer.from('mona:hunter2').toString('base64')}`;
    for (const [method, path] of [
      ['GET', '/authorizations'],
      ['POST', '/authorizations'],
      ['PUT', '/authorizations/clients/0123456789abcdef0123'],
      ['PUT', '/authorizations/clients/0123456789abcdef0123/fingerprint'],
      ['GET', '/authorizations/1'],
      ['PATCH', '/authorizations/1'],
      ['DELETE', '/authorizations/1'],
      ['GET', '/applications/grants'],
      ['DELETE', '/applications/grants/1'],
    ] as const) {
      for (const authorization of [undefined, password, 'Bearer ghp_nonsense', 'nonsense']) {
        // Git Credential Manager sends JSON under the name of a form (ghes-spec 6.3).
        const answer = await api.request({
          method,
          url: `/api/v3${path}`,
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            ...(authorization === undefined ? {} : { authorization, 'x-github-otp': '123456' }),
          },
          ...(method === 'GET' ? {} : { payload: '{"scopes":["repo"],"note":"x"' }),
        });
        expect(answer.statusCode, `${method} ${path}`).toBe(410);
        expect(answer.json().message).toBe(
          `Passwords are for the web alone: make a token at ${testUrl}/settings/tokens.`,
        );
      }
    }
    expect((await api.get('/authorizationsx')).statusCode).toBe(404);
  });

  const post = (payload: string | Buffer, headers: Record<string, string> = {}) =>
    api.request({ method: 'POST', url: '/api/v3/sample', payload, headers });

  it('are told what is wrong with their body', async () => {
    const json = { 'content-type': 'application/json' };
    for (const [body, status, message] of [
      ['{', 400, 'Problems parsing JSON'],
      [Buffer.from('{"name":"\xff"}', 'latin1'), 400, 'Problems parsing JSON'],
      ['[]', 400, 'Body should be a JSON object'],
      ['null', 400, 'Body should be a JSON object'],
      ['{}', 422, 'Invalid request.\n\n"name" wasn\'t supplied.'],
      ['', 422, 'Invalid request.\n\n"name" wasn\'t supplied.'],
      ['{"name":null}', 422, "Invalid request.\n\nFor 'properties/name', nil is not a string."],
      [
        '{"name":"a","private":"false"}',
        422,
        'Invalid request.\n\nFor \'properties/private\', "false" is not a boolean.',
      ],
      [`{"name":"${'a'.repeat(2 ** 20)}"}`, 413, 'Payload Too Large'],
    ] as const) {
      const answer = await post(body, json);
      expect(answer.json().message, String(body).slice(0, 40)).toBe(message);
      expect(answer.statusCode).toBe(status);
    }
    expect((await post('{"name":"a"}', json)).json()).toEqual({ name: 'a' });
  });

  it('may send JSON as curl does by default, but no other format', async () => {
    const type = (text: string) => post('{"name":"a"}', { 'content-type': text });
    expect((await type('application/x-www-form-urlencoded')).statusCode).toBe(200);
    expect((await type('application/vnd.github+json; charset=utf-8')).statusCode).toBe(200);
    expect((await type('multipart/form-data; boundary=x')).statusCode).toBe(415);
    expect((await type('image/png')).statusCode).toBe(415);
    const zipped = await post('{"name":"a"}', {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    });
    expect(zipped.statusCode).toBe(415);
  });
});

describe('what the API says of itself', () => {
  it('names its addresses, its version, and that passwords are no use', async () => {
    expect((await api.get('/')).json().current_user_url).toBe(`${testUrl}/api/v3/user`);
    expect((await api.get('/meta')).json()).toMatchObject({
      verifiable_password_authentication: false,
      installed_version: '3.8.0',
    });
    expect((await api.get('/zen')).headers['content-type']).toBe('text/plain; charset=utf-8');
    const limits = await api.get('/rate_limit');
    expect(limits.statusCode).toBe(404);
    expect(limits.json().message).toBe('Rate limiting is not enabled.');
  });
});
