// Octokit with the plugins that everybody has (throttling, retry, pagination) on a server whose limits are off, as
// they are by default, and on (ghes-spec 5.2 rows 16 and 17, 5.6; 15 row 29).
import { Octokit, RequestError } from 'octokit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeSettings } from '../../src/settings/settings.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
let token: string;
const names = ['five', 'four', 'one', 'three', 'two'];
beforeAll(async () => {
  server = await startServer();
  await server.person('mona');
  for (const name of names) await server.repository('mona', name, 'private');
  token = await server.token('mona', ['repo']);
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

interface Told {
  /** What the throttling plugin was told of: `primary`, `secondary`, and after how many seconds to come again. */
  readonly events: (readonly [string, number])[];
}

/** @param again what is done about a limit before it is tried once more; null: it is left at that */
function octokit(told: Told, again: (() => Promise<unknown>) | null = null): Octokit {
  const on =
    (kind: string) => async (after: number, _options: unknown, _octokit: unknown, retries: number) => {
      told.events.push([kind, after]);
      await again?.();
      return again !== null && retries === 0;
    };
  return new Octokit({
    auth: token,
    baseUrl: `${server.url}/api/v3`,
    throttle: {
      onRateLimit: on('primary'),
      onSecondaryRateLimit: on('secondary'),
      // The plugin's second, shortened: what is waited for is that the server answers again, not the clock.
      retryAfterBaseValue: 0.05,
    },
  });
}

const listNames = async (client: Octokit) =>
  (await client.paginate('GET /user/repos', { per_page: 2, sort: 'full_name' })).map(({ name }) => name);

describe('Octokit with throttling, retry and pagination', () => {
  it('runs on a server without limits, and finds that there are none', async () => {
    const told: Told = { events: [] };
    const client = octokit(told);
    expect(await listNames(client)).toEqual(names);
    await expect(client.request('GET /rate_limit')).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining('Rate limiting is not enabled.'),
    });
    expect(told.events).toEqual([]);
  });

  it('runs on a server with limits, reads them, is told of the end, and goes on once it may', async () => {
    await changeSettings(server.ctx, { rateLimits: true, rateLimitPerHour: 4 });
    const told: Told = { events: [] };
    const client = octokit(told, () => changeSettings(server.ctx, { rateLimitPerHour: 5000 }));
    expect(await listNames(client)).toEqual(names);
    const { data } = await client.request('GET /rate_limit');
    expect(data.rate).toMatchObject({ limit: 4, used: 3, remaining: 1 });
    // The fourth is the last; the page after it is refused, and comes at the second try.
    expect(await listNames(client)).toEqual(names);
    expect(told.events).toEqual([['primary', expect.any(Number)]]);
    expect(told.events[0]?.[1]).toBeGreaterThan(3000);
    expect((await client.request('GET /rate_limit')).data.rate.limit).toBe(5000);
  });

  it('understands that it went too fast, and for how long to wait', async () => {
    await changeSettings(server.ctx, { rateLimits: true });
    let last = 0;
    for (let n = 0; last !== 403 && n < 200; n += 1) {
      last = (await server.fetch('/api/v3/user/repos', { method: 'POST', body: '{}', token })).status;
    }
    expect(last).toBe(403);
    const told: Told = { events: [] };
    const refused = await octokit(told)
      .request('GET /user')
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RequestError);
    expect((refused as RequestError).message).toMatch(/^You have exceeded a secondary rate limit/);
    expect(told.events).toEqual([['secondary', expect.any(Number)]]);
    expect(told.events[0]?.[1]).toBeLessThanOrEqual(60);
    // Switched off, nothing of it is left.
    await changeSettings(server.ctx, { rateLimits: false });
    expect((await octokit(told).request('GET /user')).status).toBe(200);
  });
});
