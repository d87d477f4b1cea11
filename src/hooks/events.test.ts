// What webhooks are told beside pushes and statuses: of each change one delivery waits, in the change's transaction.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startApi, type TestApi } from '../../test/api.ts';
import { valueIn } from '../../test/context.ts';
import { newPublicKey } from '../../test/public-key.ts';
import type { Account } from '../accounts/accounts.ts';
import { createOrganization } from '../organizations/organizations.ts';
import { deleteToken } from '../tokens/tokens.ts';

const tool = '/repos/ada/tool';
let api: TestApi;
let ada: Account;
let token: string;
let bobs: string;

beforeAll(async () => {
  api = await startApi();
  ada = await api.person('ada');
  const bob = await api.person('bob');
  valueIn(await createOrganization(api.ctx, { login: 'acme', name: null, owner: ada }));
  token = await api.token(ada, ['repo', 'admin:org', 'delete_repo']);
  bobs = await api.token(bob, ['repo', 'repo:invite']);
});
afterAll(() => api.close());

beforeEach(async () => {
  await call('DELETE', tool).catch(() => undefined);
  await api.ctx.db.deleteFrom('repositories').execute();
  await call('POST', '/user/repos', { name: 'tool', auto_init: true });
});

async function call(method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, body?: object, by = token) {
  const answer = await api.call(method, path, { token: by, ...(body === undefined ? {} : { body }) });
  if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${answer.body}`);
  return answer.body === '' ? null : answer.json();
}

const listen = (events: readonly string[], path = tool) =>
  call('POST', `${path}/hooks`, { events, config: { url: `https://example.com/${events.join()}` } });

interface Told {
  readonly event: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** What waits to be delivered, without the ping; it is forgotten then. */
async function told(): Promise<readonly Told[]> {
  const rows = await api.ctx.db
    .selectFrom('hook_deliveries')
    .select(['event', 'payload'])
    .where('event', '<>', 'ping')
    .orderBy('id')
    .execute();
  await api.ctx.db.deleteFrom('hook_deliveries').execute();
  return rows.map(({ event, payload }) => ({ event, payload: JSON.parse(payload) }));
}

const inShort = (all: readonly Told[]) => all.map(({ event, payload }) => `${event} ${payload.action ?? ''}`);

it('A webhook is told when its repository is edited, renamed, shown to others and hidden', async () => {
  await listen(['*']);
  await call('PATCH', tool, { description: 'A tool', name: 'gadget', private: true });
  const all = await told();
  expect(inShort(all)).toEqual(['repository renamed', 'repository edited', 'repository privatized']);
  expect(all[0]?.payload).toMatchObject({
    changes: { repository: { name: { from: 'tool' } } },
    repository: { full_name: 'ada/gadget', private: true },
    sender: { login: 'ada' },
  });
  expect(all[1]?.payload).toMatchObject({ changes: { description: { from: null } } });
  expect(all[2]?.payload).not.toHaveProperty('changes');
  await call('PATCH', '/repos/ada/gadget', { private: false });
  expect(inShort(await told())).toEqual(['repository publicized', 'public ']);
  await call('PATCH', '/repos/ada/gadget', { description: 'A tool' });
  expect(await told()).toEqual([]);
});

it('A webhook is told who owned its repository before', async () => {
  await listen(['repository']);
  await call('POST', `${tool}/transfer`, { new_owner: 'acme', new_name: 'kit' });
  const all = await told();
  expect(inShort(all)).toEqual(['repository transferred', 'repository renamed']);
  expect(all[0]?.payload).toMatchObject({
    changes: { owner: { from: { user: { login: 'ada', type: 'User' } } } },
    repository: { full_name: 'acme/kit', owner: { login: 'acme', type: 'Organization' } },
  });
});

it('A webhook is told of collaborators who come, get another role, and go', async () => {
  await listen(['member']);
  const put = (permission: string) => call('PUT', `${tool}/collaborators/bob`, { permission });
  const { id } = await put('push');
  expect(await told()).toEqual([]);
  await call('PATCH', `/user/repository_invitations/${id}`, undefined, bobs);
  await put('push');
  await put('admin');
  await call('DELETE', `${tool}/collaborators/bob`);
  const all = await told();
  expect(inShort(all)).toEqual(['member added', 'member edited', 'member removed']);
  expect(all.map(({ payload }) => payload.changes)).toEqual([
    { permission: { to: 'write' }, role_name: { to: 'write' } },
    { old_permission: { from: 'write' }, permission: { from: 'write', to: 'admin' } },
    undefined,
  ]);
  expect(all.map(({ payload }) => payload)).toMatchObject([
    { member: { login: 'bob' }, sender: { login: 'bob' }, repository: { full_name: 'ada/tool' } },
    { member: { login: 'bob' }, sender: { login: 'ada' } },
    { member: { login: 'bob' }, sender: { login: 'ada' } },
  ]);
});

it('A webhook is told of an outside collaborator who goes from all of the organisation', async () => {
  await call('POST', '/orgs/acme/repos', { name: 'lib' });
  await listen(['member'], '/repos/acme/lib');
  const { id } = await call('PUT', '/repos/acme/lib/collaborators/bob', { permission: 'pull' });
  await call('PATCH', `/user/repository_invitations/${id}`, undefined, bobs);
  await call('DELETE', '/orgs/acme/outside_collaborators/bob');
  expect(inShort(await told())).toEqual(['member added', 'member removed']);
});

it('A webhook is told of deploy keys, also of those that go with their token', async () => {
  await listen(['deploy_key']);
  const other = await api.token(ada, ['repo']);
  const add = (by: string) => call('POST', `${tool}/keys`, { title: 'server', key: newPublicKey() }, by);
  const { id } = await add(token);
  await call('DELETE', `${tool}/keys/${id}`);
  await add(other);
  const { id: tokenId } = await api.ctx.db
    .selectFrom('tokens')
    .select('id')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
  await deleteToken(api.ctx, ada.id, tokenId);
  const all = await told();
  expect(inShort(all)).toEqual([
    'deploy_key created',
    'deploy_key deleted',
    'deploy_key created',
    'deploy_key deleted',
  ]);
  expect(all[0]?.payload).toMatchObject({
    key: { id, title: 'server', read_only: false, added_by: 'ada' },
    repository: { full_name: 'ada/tool' },
  });
});

it('A webhook that asked for something else is told nothing', async () => {
  await listen(['push']);
  await call('PATCH', tool, { description: 'Other' });
  await call('POST', `${tool}/keys`, { title: 'server', key: newPublicKey() });
  expect(await told()).toEqual([]);
});
