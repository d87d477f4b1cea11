import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../../test/api.ts';
import { valueIn } from '../../test/context.ts';
import type { Account } from '../accounts/accounts.ts';
import { createOrganization } from '../organizations/organizations.ts';
import { MAX_OF_CONTEXT } from './statuses.ts';

let api: TestApi;
let ada: Account;
let token: string;
let statusOnly: string;
let open: string;
let stranger: string;
let sha: string;

beforeAll(async () => {
  api = await startApi();
  ada = await api.person('ada');
  token = await api.token(ada, ['repo']);
  statusOnly = await api.token(ada, ['repo:status']);
  open = await api.token(ada, []);
  stranger = await api.token(await api.person('bob'), ['repo']);
  for (const [name, isPrivate] of [
    ['engine', true],
    ['public', false],
  ]) {
    await api.call('POST', '/user/repos', { token, body: { name, private: isPrivate, auto_init: true } });
  }
  sha = (await api.get('/repos/ada/engine/commits/main', token)).json().sha;
  const head = { ref: 'refs/heads/feature/x', sha };
  await api.call('POST', '/repos/ada/engine/git/refs', { token, body: head });
});

afterAll(() => api.close());

const post = async (body: object, credential: string | null = token, to = `engine/statuses/${sha}`) =>
  api.call('POST', `/repos/ada/${to}`, { token: credential, body });

describe('a commit status', () => {
  it('is written, and the newest of each context makes the state of the commit', async () => {
    const combined = async () => (await api.get('/repos/ada/engine/commits/feature/x/status', token)).json();
    expect(await combined()).toMatchObject({ state: 'pending', total_count: 0, sha });
    const made = await post({
      state: 'pending',
      context: 'ci/build',
      description: 'Building',
      target_url: 'https://ci.example.com/1',
    });
    expect(made.statusCode, made.body).toBe(201);
    expect(made.json()).toMatchObject({ context: 'ci/build', creator: { login: 'ada' } });
    await post({ state: 'success', context: 'ci/build' });
    await post({ state: 'success' });
    expect(await combined()).toMatchObject({ state: 'success', total_count: 2 });
    await post({ state: 'error', context: 'lint' });
    expect(await combined()).toMatchObject({
      state: 'failure',
      statuses: [{ context: 'ci/build', state: 'success' }, { context: 'default' }, { context: 'lint' }],
      repository: { full_name: 'ada/engine' },
    });
    for (const path of [`commits/${sha}/statuses`, 'commits/feature%2Fx/statuses', 'statuses/feature/x']) {
      const listed = await api.get(`/repos/ada/engine/${path}?per_page=2`, token);
      expect(listed.json().map(({ context }: { context: string }) => context)).toEqual(['lint', 'default']);
      expect(listed.headers.link).toContain('page=2');
    }
  });

  it('is told, to clients and webhooks, as of an organization where one owns the repository', async () => {
    valueIn(await createOrganization(api.ctx, { login: 'acme', name: null, owner: ada }));
    await api.call('POST', '/orgs/acme/repos', { token, body: { name: 'tool', auto_init: true } });
    const config = { url: 'https://hooks.example.com/in' };
    await api.call('POST', '/repos/acme/tool/hooks', { token, body: { config, events: ['status'] } });
    const head = (await api.get('/repos/acme/tool/commits/main', token)).json().sha;
    await api.call('POST', `/repos/acme/tool/statuses/${head}`, { token, body: { state: 'success' } });
    const owner = { login: 'acme', type: 'Organization' };
    const combined = await api.get(`/repos/acme/tool/commits/${head}/status`, token);
    expect(combined.json()).toMatchObject({ repository: { owner } });
    const { payload } = await api.ctx.db
      .selectFrom('hook_deliveries')
      .select('payload')
      .where('event', '=', 'status')
      .executeTakeFirstOrThrow();
    expect(JSON.parse(payload)).toMatchObject({ repository: { owner } });
  });

  it('is refused when it says too much, or nothing', async () => {
    for (const body of [
      {},
      { state: 'great' },
      { state: 'success', description: 'x'.repeat(141) },
      { state: 'success', context: '' },
      { state: 'success', context: 'x'.repeat(256) },
      { state: 'success', target_url: 'javascript:alert(1)' },
      { state: 'success', target_url: 'https://me:secret@example.com' },
    ]) {
      expect((await post(body)).statusCode, JSON.stringify(body)).toBe(422);
    }
    const missing = await post({ state: 'success' }, token, `engine/statuses/${'f'.repeat(40)}`);
    expect([missing.statusCode, missing.json().message]).toEqual([
      422,
      `No commit found for SHA: ${'f'.repeat(40)}`,
    ]);
    expect((await api.get('/repos/ada/engine/commits/gone/status', token)).statusCode).toBe(404);
  });

  it('is one of a thousand of its context at most', async () => {
    const id = (await api.get('/repos/ada/engine', token)).json().id as number;
    const row = { repository_id: id, sha, context: 'many', state: 'success' as const, created_at: 0 };
    const rows = Array.from({ length: MAX_OF_CONTEXT }, () => row);
    await api.ctx.db.insertInto('commit_statuses').values(rows).execute();
    expect((await post({ state: 'success', context: 'many' })).statusCode).toBe(422);
    expect((await post({ state: 'success', context: 'other' })).statusCode).toBe(201);
  });
});

describe('a token with nothing but repo:status', () => {
  it('writes and reads statuses of a private repository, and does not see anything else of it', async () => {
    expect((await post({ state: 'success', context: 'narrow' }, statusOnly)).statusCode).toBe(201);
    for (const below of [`/commits/${sha}/status`, `/commits/${sha}/statuses`, `/statuses/${sha}`]) {
      const answer = await api.get(`/repos/ada/engine${below}`, statusOnly);
      expect(answer.statusCode, below).toBe(200);
      expect((await api.get(`/repos/ada/engine${below}`, open)).statusCode, below).toBe(404);
      expect((await api.get(`/repos/ada/engine${below}`, stranger)).statusCode, below).toBe(404);
      expect((await api.get(`/repos/ada/engine${below}`)).statusCode, below).toBe(404);
    }
    for (const below of ['', '/commits', `/commits/${sha}`, '/contents/', '/hooks', '/git/trees/main']) {
      expect((await api.get(`/repos/ada/engine${below}`, statusOnly)).statusCode, below).toBe(404);
    }
  });

  it('is needed, or a wider one, to write to a public repository', async () => {
    const head = (await api.get('/repos/ada/public/commits/main')).json().sha;
    const to = `public/statuses/${head}`;
    const state = { state: 'success' };
    expect((await post(state, null, to)).statusCode).toBe(401);
    expect((await post(state, open, to)).statusCode).toBe(403);
    expect((await post(state, stranger, to)).statusCode).toBe(403);
    expect((await post(state, statusOnly, to)).statusCode).toBe(201);
    expect((await api.get(`/repos/ada/public/commits/${head}/status`)).json().state).toBe('success');
  });
});
