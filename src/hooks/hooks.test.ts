import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../../test/api.ts';
import { operator } from '../context.ts';
import { changeSettings } from '../settings/settings.ts';
import { forgetOldDeliveries } from './deliveries.ts';
import { createDeliverer } from './sending.ts';

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let api: TestApi;
let token: string;
let sha: string;
let received: Received[] = [];
let receiver: Server;
let there: string;
let answerWith = 200;

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    received.push({ path: request.url ?? '', headers: request.headers, body });
    if (request.url === '/slow') return;
    if (request.url === '/away') response.writeHead(302, { location: '/elsewhere' }).end();
    else if (request.url === '/much') response.writeHead(200).end('x'.repeat(1_000_000));
    else response.writeHead(answerWith, { 'x-answer': 'yes' }).end('thanks');
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  there = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  api = await startApi();
  token = await api.token(await api.person('ada'), ['repo']);
  for (const name of ['engine', 'public']) {
    const body = { name, private: name === 'engine', auto_init: true };
    await api.call('POST', '/user/repos', { token, body });
  }
  sha = (await api.get('/repos/ada/engine/commits/main', token)).json().sha;
});

afterAll(async () => {
  receiver.closeAllConnections();
  receiver.close();
  await api.close();
});

beforeEach(async () => {
  received = [];
  answerWith = 200;
  await api.ctx.db.deleteFrom('hooks').execute();
  await allowPrivate(true);
});

const allowPrivate = (hooksToPrivateAddresses: boolean) =>
  changeSettings({ ...api.ctx, by: operator }, { hooksToPrivateAddresses });

const hooks = '/repos/ada/engine/hooks';
const create = async (config: object = {}, more: object = {}, credential: string | null = token) =>
  api.call('POST', hooks, {
    token: credential,
    body: { config: { url: `${there}/in`, ...config }, ...more },
  });
const call = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', below: string, body?: object) =>
  api.call(method, `${hooks}${below}`, { token, ...(body === undefined ? {} : { body }) });

async function deliver(options: Parameters<typeof createDeliverer>[1] = {}): Promise<void> {
  const deliverer = createDeliverer(api.ctx, options);
  await deliverer.deliver();
  await deliverer.close();
}

describe('a webhook', () => {
  it('is made, shown without its secret, changed and deleted', async () => {
    const made = await create({ secret: 'it is raining' });
    expect(made.statusCode, made.body).toBe(201);
    expect(made.body).not.toContain('raining');
    const { id } = made.json();
    expect(made.json()).toMatchObject({
      events: ['push'],
      active: true,
      config: { url: `${there}/in`, content_type: 'form', insecure_ssl: '0', secret: '********' },
      last_response: { code: null, status: 'unused', message: null },
    });
    expect((await call('GET', '')).json()).toHaveLength(1);
    const changed = await call('PATCH', `/${id}`, { add_events: ['status'], active: false });
    expect(changed.json()).toMatchObject({ events: ['push', 'status'], active: false });
    expect((await call('PATCH', `/${id}/config`, { content_type: 'json' })).json()).toMatchObject({
      content_type: 'json',
      secret: '********',
    });
    expect((await call('GET', `/${id}/config`)).json().url).toBe(`${there}/in`);
    expect((await call('DELETE', `/${id}`)).statusCode).toBe(204);
    expect((await call('GET', `/${id}`)).statusCode).toBe(404);
  });

  it('is refused with what can not be told, or to where nobody may be told', async () => {
    const refused = async (config: object, more: object = {}) => {
      const answer = await create(config, more);
      return [answer.statusCode, answer.json().errors?.[0]?.field];
    };
    expect(await refused({ url: '' })).toEqual([422, 'url']);
    expect(await refused({ url: 'ftp://example.com' })).toEqual([422, 'url']);
    expect(await refused({ url: 'https://me:pw@example.com' })).toEqual([422, 'url']);
    expect(await refused({ insecure_ssl: '1' })).toEqual([422, 'insecure_ssl']);
    expect(await refused({ content_type: 'xml' })).toEqual([422, 'content_type']);
    expect(await refused({ secret: 'x'.repeat(300) })).toEqual([422, 'secret']);
    expect(await refused({}, { events: ['push', 'rain'] })).toEqual([422, 'events']);
    expect(await refused({}, { events: [] })).toEqual([422, 'events']);
    expect((await create()).statusCode).toBe(201);
    expect(await refused({})).toEqual([422, 'base']);
    await allowPrivate(false);
    for (const url of [
      'http://127.0.0.1/',
      'http://[::1]/',
      'http://localhost:3000/',
      'http://10.0.0.1',
      'http://2130706433/',
    ]) {
      expect(await refused({ url }), url).toEqual([422, 'url']);
    }
    expect((await create({ url: 'https://example.com/hook' })).statusCode).toBe(201);
  });

  it('is for admins, by a token with a scope for hooks', async () => {
    const ada = (await api.ctx.db
      .selectFrom('accounts')
      .select('id')
      .where('login', '=', 'ada')
      .executeTakeFirstOrThrow()) as never;
    const of = (...scopes: Parameters<TestApi['token']>[1] & {}) => api.token(ada, scopes);
    const [read, write, admin] = [
      await of('read:repo_hook'),
      await of('write:repo_hook'),
      await of('admin:repo_hook'),
    ];
    const { id } = (await create()).json();
    const status = async (method: 'GET' | 'POST' | 'DELETE', path: string, credential: string | null) => {
      const body = method === 'POST' && path === hooks ? { config: { url: `${there}/${credential}` } } : {};
      return (await api.call(method, path, { token: credential, ...(method === 'GET' ? {} : { body }) }))
        .statusCode;
    };
    expect(await status('GET', hooks, read)).toBe(200);
    expect(await status('POST', hooks, read)).toBe(404);
    expect(await status('POST', hooks, write)).toBe(201);
    expect(await status('POST', `${hooks}/${id}/pings`, read)).toBe(204);
    expect(await status('POST', `${hooks}/${id}/tests`, write)).toBe(204);
    expect(await status('DELETE', `${hooks}/${id}`, write)).toBe(404);
    expect(await status('GET', '/repos/ada/engine', admin)).toBe(404);
    expect(await status('DELETE', `${hooks}/${id}`, admin)).toBe(204);
    expect(await status('GET', hooks, null)).toBe(404);
    expect(await status('GET', hooks, await of('repo:status'))).toBe(404);
    const other = await api.token(await api.person('bob'), ['repo', 'admin:repo_hook']);
    expect(await status('GET', hooks, other)).toBe(404);
    expect(await status('GET', '/repos/ada/public/hooks', other)).toBe(403);
    expect(await status('GET', '/repos/ada/public/hooks', null)).toBe(401);
  });
});

describe("a webhook in the repository's log", () => {
  it('stands in the security log of who owns the repository, whoever made it', async () => {
    const cyd = await api.person('cyd');
    const theirs = await api.token(cyd, ['repo']);
    const body = { permission: 'admin' };
    const { id } = (await api.call('PUT', '/repos/ada/public/collaborators/cyd', { token, body })).json();
    await api.call('PATCH', `/user/repository_invitations/${id}`, { token: theirs });
    const config = { url: `${there}/cyd` };
    const made = await api.call('POST', '/repos/ada/public/hooks', { token: theirs, body: { config } });
    expect(made.statusCode, made.body).toBe(201);
    const row = await api.ctx.db
      .selectFrom('audit_events')
      .where('action', '=', 'hook.create')
      .where('repository_name', '=', 'ada/public')
      .select(['actor_login', 'user_login'])
      .executeTakeFirst();
    expect(row).toEqual({ actor_login: 'cyd', user_login: 'ada' });
  });
});

describe('a delivery', () => {
  it('says what happened, signed, to who asked for it', async () => {
    const { id } = (
      await create({ secret: 's3cret', content_type: 'json' }, { events: ['push', 'create', 'status'] })
    ).json();
    const content = Buffer.from('x').toString('base64');
    const put = await api.call('PUT', '/repos/ada/engine/contents/a.txt', {
      token,
      body: { message: 'Add a', content, branch: 'main' },
    });
    await api.call('POST', '/repos/ada/engine/git/refs', { token, body: { ref: 'refs/heads/b', sha } });
    await api.call('POST', `/repos/ada/engine/statuses/${sha}`, { token, body: { state: 'success' } });
    await deliver();
    await deliver();
    await deliver();
    const by = (event: string) => received.filter(({ headers }) => headers['x-github-event'] === event);
    expect(by('ping')).toHaveLength(1);
    expect(by('create').map(({ body }) => JSON.parse(body))).toMatchObject([
      { ref: 'b', ref_type: 'branch' },
    ]);
    expect(JSON.parse(by('status')[0]?.body ?? '')).toMatchObject({
      sha,
      state: 'success',
      sender: { login: 'ada' },
    });
    const push = by('push').find(({ body }) => body.includes('refs/heads/main'));
    expect(JSON.parse(push?.body ?? '')).toMatchObject({
      ref: 'refs/heads/main',
      before: sha,
      after: put.json().commit.sha,
      created: false,
      forced: false,
      commits: [{ id: put.json().commit.sha, message: 'Add a', added: ['a.txt'], modified: [], removed: [] }],
      repository: { full_name: 'ada/engine' },
      pusher: { name: 'ada' },
    });
    const signed = createHmac('sha256', 's3cret')
      .update(push?.body ?? '')
      .digest('hex');
    expect(push?.headers).toMatchObject({
      'x-hub-signature-256': `sha256=${signed}`,
      'content-type': 'application/json',
      'x-github-hook-id': String(id),
    });
    const listed = (await call('GET', `/${id}/deliveries?per_page=2`)).json();
    expect(listed).toMatchObject([{ event: 'status', status: 'OK', status_code: 200 }, {}]);
    const next = await call('GET', `/${id}/deliveries?per_page=100&cursor=${listed[1].id}`);
    expect(next.json().at(-1)).toMatchObject({ event: 'ping' });
    const one = (await call('GET', `/${id}/deliveries/${listed[0].id}`)).json();
    expect(one).toMatchObject({ response: { headers: { 'x-answer': 'yes' }, payload: 'thanks' } });
    expect(JSON.stringify(one)).not.toContain('s3cret');
    expect((await call('GET', `/${id}`)).json().last_response).toEqual({
      code: 200,
      status: 'active',
      message: 'OK',
    });
    const again = await call('POST', `/${id}/deliveries/${listed[0].id}/attempts`, {});
    expect(again.statusCode).toBe(202);
    await deliver();
    expect(by('status')).toHaveLength(2);
    expect(by('status')[1]?.headers['x-github-delivery']).toBe(one.guid);
  });

  it('comes as a form where that was chosen', async () => {
    await create();
    await deliver();
    expect(received[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(JSON.parse(new URLSearchParams(received[0]?.body).get('payload') ?? '')).toHaveProperty('zen');
    expect(received[0]?.headers).not.toHaveProperty('x-hub-signature-256');
  });

  it('is tried again, later and later, and given up', async () => {
    answerWith = 500;
    const { id } = (await create()).json();
    const tries = [];
    for (const minutes of [0, 0.5, 1, 5, 30, 120, 500]) {
      api.ctx.clock.forward(minutes * 60_000);
      await deliver();
      tries.push(received.length);
    }
    expect(tries).toEqual([1, 1, 2, 3, 4, 5, 5]);
    expect((await call('GET', `/${id}`)).json().last_response).toMatchObject({ code: 500, status: 'failed' });
  });

  it('follows nobody elsewhere, takes no more than it keeps, and does not wait for ever', async () => {
    await create({ url: `${there}/away` });
    await create({ url: `${there}/much` });
    const { id } = (await create({ url: `${there}/slow` })).json();
    await deliver({ timeoutMs: 300 });
    expect(received.map(({ path }) => path).sort()).toEqual(['/away', '/much', '/slow']);
    expect((await call('GET', '')).json()).toMatchObject([
      { last_response: { code: 302 } },
      { last_response: { code: 200 } },
      { last_response: { code: 0, message: 'timed out' } },
    ]);
    const [{ id: delivery }] = (await call('GET', `/${id}/deliveries`)).json();
    expect((await call('GET', `/${id}/deliveries/${delivery}`)).json().response.payload).toBe('');
  });

  it('does not leave for a private address, whatever its name says first', async () => {
    const { id } = (await create({ url: there.replace('127.0.0.1', 'rebind.example.com') })).json();
    await allowPrivate(false);
    const answers = [['127.0.0.1'], ['93.184.216.34', '10.0.0.1']];
    for (const addresses of answers) {
      await call('POST', `/${id}/pings`, {});
      await deliver({ resolve: async () => addresses });
    }
    expect(received).toEqual([]);
    expect((await call('GET', `/${id}`)).json().last_response.message).toBe('not sent: not a public address');
    await allowPrivate(true);
    await call('POST', `/${id}/pings`, {});
    // It goes to the address that was judged: the name is not asked for again.
    await deliver({ resolve: async () => ['127.0.0.1'] });
    expect(received).toHaveLength(1);
  });

  it('is forgotten after thirty days, and beyond a hundred of a hook', async () => {
    const { id } = (await create()).json();
    await deliver();
    const row = { hook_id: id, guid: 'g', event: 'push', payload: '{}', redelivery: 0, status: 'OK' };
    const rows = Array.from({ length: 130 }, () => ({ ...row, created_at: api.ctx.now() }));
    await api.ctx.db.insertInto('hook_deliveries').values(rows).execute();
    await forgetOldDeliveries(api.ctx);
    const count = async () => (await api.ctx.db.selectFrom('hook_deliveries').select('id').execute()).length;
    expect(await count()).toBe(100);
    api.ctx.clock.forward(31 * 24 * 60 * 60_000);
    await forgetOldDeliveries(api.ctx);
    expect(await count()).toBe(0);
  });
});
