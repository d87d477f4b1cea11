import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../../test/api.ts';
import type { Account } from '../accounts/accounts.ts';
import { changeSettings } from '../settings/settings.ts';

let api: TestApi;
let ada: Account;
let token: string;
beforeEach(async () => {
  api = await startApi({
    more: [
      (routes) =>
        routes.route({
          method: 'GET',
          url: '/search/slowly',
          action: 'meta.read',
          target: () => ({ kind: 'instance' }),
          handler: async () => {
            await new Promise((resolve) => setImmediate(resolve));
            return {};
          },
        }),
    ],
  });
  ada = await api.person('ada');
  token = await api.token(ada);
});
afterEach(() => api.close());

const limitHeaders = [
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-used',
  'x-ratelimit-reset',
  'x-ratelimit-resource',
];
const switchOn = (more = {}) => changeSettings(api.ctx, { rateLimits: true, ...more });
const get = (path: string, by: string | null, headers = {}) =>
  api.request({
    method: 'GET',
    url: `/api/v3${path}`,
    headers: { ...headers, ...(by === null ? {} : { authorization: `Bearer ${by}` }) },
  });

describe('the limits on the rate of requests', () => {
  it('are off: no header tells of them, and there is nothing to ask', async () => {
    const answer = await api.get('/user', token);
    for (const name of limitHeaders) expect(answer.headers).not.toHaveProperty(name);
    const asked = await api.get('/rate_limit', token);
    expect(asked.statusCode).toBe(404);
    expect(asked.json().message).toBe('Rate limiting is not enabled.');
  });

  it('count all of a person’s tokens together, by the hour, once they are on', async () => {
    await switchOn();
    const second = await api.token(ada);
    await api.get('/user', token);
    const { headers } = await api.get('/user', second);
    expect(headers).toMatchObject({
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': '4998',
      'x-ratelimit-used': '2',
      'x-ratelimit-resource': 'core',
      'x-ratelimit-reset': String(api.ctx.now() / 1000 + 3600),
    });
    const asked = await api.get('/rate_limit', token);
    expect(asked.json()).toMatchObject({
      resources: { core: { limit: 5000, used: 2, remaining: 4998 }, search: { limit: 30, used: 0 } },
      rate: { limit: 5000, used: 2 },
    });
    // Asking was free, and somebody else has a count of their own.
    expect((await api.get('/rate_limit', token)).json().rate.used).toBe(2);
    const other = await api.token(await api.person('bob'));
    expect((await api.get('/user', other)).headers['x-ratelimit-used']).toBe('1');
    expect((await api.get('/users/ada')).headers['x-ratelimit-limit']).toBe('60');
  });

  it('refuse what is too much until the hour is over, with the headers of the token', async () => {
    await switchOn({ rateLimitPerHour: 2, rateLimitAnonymousPerHour: 1 });
    for (let n = 0; n < 2; n += 1) expect((await api.get('/user', token)).statusCode).toBe(200);
    const over = await api.get('/user', token);
    expect(over.statusCode).toBe(403);
    expect(over.json().message).toBe(`API rate limit exceeded for user ID ${ada.id}.`);
    expect(over.headers).toMatchObject({ 'x-ratelimit-remaining': '0', 'x-oauth-scopes': '' });
    expect((await api.get('/no/such/thing', token)).statusCode).toBe(403);
    expect((await api.get('/rate_limit', token)).statusCode).toBe(200);
    expect((await api.get('/users/ada')).statusCode).toBe(200);
    const stranger = await api.get('/users/ada');
    expect(stranger.json().message).toMatch(/^API rate limit exceeded for 127\.0\.0\.1\.$/);
    api.ctx.clock.forward(3_600_000);
    expect((await api.get('/user', token)).statusCode).toBe(200);
    await changeSettings(api.ctx, { rateLimits: false });
    for (let n = 0; n < 3; n += 1) expect((await api.get('/user', token)).statusCode).toBe(200);
  });

  it('cost nothing for what the client has already', async () => {
    await switchOn();
    const { headers } = await api.get('/user', token);
    const again = await api.get('/user', token, { 'if-none-match': String(headers.etag) });
    expect(again.statusCode).toBe(304);
    expect(again.headers['x-ratelimit-used']).toBe('1');
  });

  it('count a bad credential for its address, and still say that it is bad', async () => {
    await switchOn({ rateLimitAnonymousPerHour: 1 });
    const bad = `ghp_${'a'.repeat(36)}`;
    for (const used of ['1', '2']) {
      const answer = await api.get('/user', bad);
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['x-ratelimit-used']).toBe(used);
    }
    expect((await api.get('/users/ada')).statusCode).toBe(403);
    expect((await api.get('/user', token)).statusCode).toBe(200);
  });

  it('count searches by themselves, by the minute', async () => {
    await switchOn({ rateLimitSearchesPerMinute: 1 });
    expect((await get('/search/slowly', token)).headers['x-ratelimit-resource']).toBe('search');
    expect((await get('/search/slowly', token)).statusCode).toBe(403);
    expect((await api.get('/user', token)).headers['x-ratelimit-used']).toBe('1');
    api.ctx.clock.forward(60_000);
    expect((await get('/search/slowly', token)).statusCode).toBe(200);
  });

  it('stop bursts: nine hundred points a minute, of which reading takes one and writing five', async () => {
    await switchOn();
    const write = () => api.call('POST', '/user/repos', { token, body: {} });
    for (let n = 0; n < 180; n += 1) expect((await write()).statusCode).not.toBe(403);
    api.ctx.clock.forward(20_000);
    const over = await api.get('/user', token);
    expect(over.statusCode).toBe(403);
    expect(over.json().message).toMatch(/^You have exceeded a secondary rate limit/);
    expect(over.headers['retry-after']).toBe('40');
    expect((await api.get('/users/ada')).statusCode).toBe(200);
    api.ctx.clock.forward(40_000);
    expect((await api.get('/user', token)).statusCode).toBe(200);
  });

  it('stop more than a hundred at once, and let go of those that are done', async () => {
    await switchOn({ rateLimitSearchesPerMinute: 1000 });
    const many = await Promise.all(Array.from({ length: 130 }, () => get('/search/slowly', token)));
    const refused = many.filter((answer) => answer.statusCode === 403);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(30);
    expect(refused[0]?.headers['retry-after']).toBe('1');
    expect((await get('/search/slowly', token)).statusCode).toBe(200);
  });
});
