// Every route of the API that changes something is called here, as it is meant to be called, and has to leave a row
// in the security log with the request's id and the token's hash, and to change nothing while the log takes none. A new
// route fails until it is called here too.
import { generateKeyPairSync } from 'node:crypto';
import { sql } from 'kysely';
import { generateKey } from 'openpgp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Account } from '../src/accounts/accounts.ts';
import { generateClientSecret, registerApplication } from '../src/oauth/applications.ts';
import { authorize } from '../src/oauth/authorizations.ts';
import { createOrganization } from '../src/organizations/organizations.ts';
import { allScopes } from '../src/scopes/scopes.ts';
import { Secret } from '../src/secrets/secret.ts';
import { issueApplicationToken } from '../src/tokens/application-tokens.ts';
import { type Method, startApi, type TestApi } from './api.ts';
import { valueIn } from './context.ts';

let api: TestApi;
let ada: Account;
let bob: Account;
let tokens: Readonly<Record<'ada' | 'bob' | 'boss', string>>;

beforeAll(async () => {
  api = await startApi();
  ada = await api.person('ada');
  bob = await api.person('bob');
  await api.person('cyd');
  const boss = await api.person('boss', { siteAdmin: true });
  valueIn(await createOrganization(api.ctx, { login: 'acme', name: null, owner: ada }));
  tokens = {
    ada: await api.token(ada, allScopes),
    bob: await api.token(bob, allScopes),
    boss: await api.token(boss, allScopes),
  };
});
afterAll(() => api.close());

/** The route by name that does the same as one by number (ghes-spec 5.5). */
function byName(route: string): string {
  return route
    .replace('/repositories/:id', '/repos/:owner/:repo')
    .replace('/organizations/:organization_id/team/:team_id', '/orgs/:org/teams/:team_slug')
    .replace('/organizations/:organization_id', '/orgs/:org')
    .replace('/teams/:team_id', '/orgs/:org/teams/:team_slug')
    .replace('/orgs/:org/orgs/:org', '/orgs/:org');
}

const isChange = (route: string) => /^(POST|PUT|PATCH|DELETE) /.test(route);

/** The registered route that an address belongs to. */
function routeOf(method: Method, path: string): string {
  const fits = (route: string) =>
    new RegExp(`^${route.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+').replace(/\*/g, '.+')}$`).test(
      `${method} ${path}`,
    );
  // What is said literally comes before parameters.
  const found = api.routes
    .filter(fits)
    .sort((a, b) => (a.match(/[:*]/g)?.length ?? 0) - (b.match(/[:*]/g)?.length ?? 0))[0];
  if (found === undefined) throw new Error(`no route for ${method} ${path}`);
  return byName(found);
}

const called = new Set<string>();
const unlogged: string[] = [];

interface Answer {
  readonly id: number;
  readonly sha: string;
  readonly object: { readonly sha: string };
  readonly content: { readonly sha: string };
  readonly token: string;
}

/** Calls it, holds it to have gone well, and looks for its row. */
async function change(
  method: Method,
  path: string,
  body?: object,
  who: keyof typeof tokens = 'ada',
  client?: string,
): Promise<Answer> {
  const route = routeOf(method, path);
  const ask = () =>
    api.request({
      method,
      url: `/api/v3${path}`,
      headers: { authorization: client ?? `Bearer ${tokens[who]}` },
      ...(body === undefined ? {} : { payload: body }),
    });
  if (!ofGit.test(route)) await tryWithFullLog(route, ask);
  const answer = await ask();
  expect(`${route}: ${answer.statusCode} ${answer.statusCode < 300 ? '' : answer.body}`).toMatch(/: 2\d\d $/);
  called.add(route);
  const rows = await api.ctx.db
    .selectFrom('audit_events')
    .select(['id', 'hashed_token', 'data'])
    .where('request_id', '=', String(answer.headers['x-github-request-id']))
    .execute();
  const hash = new Secret(tokens[who]).hash();
  const isOfCaller = ({ hashed_token: hashed, data }: (typeof rows)[number]) =>
    client === undefined
      ? hashed !== null && Buffer.from(hash).equals(hashed)
      : data.includes('client credentials');
  if (!rows.some(isOfCaller)) unlogged.push(route);
  return answer.body === '' ? ({} as Answer) : answer.json<Answer>();
}

/** What git keeps changes before it can be logged: pushes by the API are like those of git. */
const ofGit = /\/(contents|git)\//;

/** Logging goes with the change, in one transaction: where the log takes nothing, nothing is changed. */
async function tryWithFullLog(route: string, ask: () => Promise<{ readonly statusCode: number }>) {
  const { db } = api.ctx;
  const before = await allRows();
  await sql`CREATE TEMP TRIGGER full_log BEFORE INSERT ON main.audit_events
    BEGIN SELECT RAISE(ABORT, 'the log is full'); END`.execute(db);
  const { statusCode } = await ask();
  await sql`DROP TRIGGER full_log`.execute(db);
  const after = await allRows();
  const changed = [...after.keys()].filter((table) => after.get(table) !== before.get(table));
  const found = `${route}: ${statusCode}, changed ${changed.join(', ') || 'nothing'}`;
  expect(found, 'while the log takes nothing').toBe(`${route}: 500, changed nothing`);
}

/** By table, but for the log itself, the numbers that were given out, and when something was used last. */
async function allRows(): Promise<ReadonlyMap<string, string>> {
  const { db } = api.ctx;
  const tables = await sql<{ name: string }>`SELECT name FROM sqlite_master
    WHERE type = 'table' AND name NOT LIKE 'audit%' AND name NOT LIKE 'sqlite%' AND name <> 'sequences'`.execute(
    db,
  );
  const found = new Map<string, string>();
  for (const { name } of tables.rows) {
    const { rows } = await sql`SELECT * FROM ${sql.ref(`main.${name}`)}`.execute(db);
    found.set(
      name,
      JSON.stringify(rows, (column, value) => (column === 'last_used_at' ? null : value)),
    );
  }
  return found;
}

function publicKey(): string {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const field = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  const parts = [Buffer.from('ssh-ed25519'), Buffer.from(x, 'base64url')].map(field);
  return `ssh-ed25519 ${Buffer.concat(parts).toString('base64')}`;
}

const get = async <T = Answer>(path: string, who: keyof typeof tokens = 'ada') =>
  (await api.get(path, tokens[who])).json<T>();

const tool = '/repos/ada/tool';

it('Repositories and those who may work on them', async () => {
  await change('POST', '/user/repos', { name: 'tool', auto_init: true });
  await change('POST', '/orgs/acme/repos', { name: 'lib', auto_init: true });
  await change('PATCH', tool, { description: 'A tool' });
  const invite = () => change('PUT', `${tool}/collaborators/bob`, { permission: 'push' });
  const first = await invite();
  await change('PATCH', `${tool}/invitations/${first.id}`, { permissions: 'read' });
  await change('DELETE', `${tool}/invitations/${first.id}`);
  await change('DELETE', `/user/repository_invitations/${(await invite()).id}`, undefined, 'bob');
  await change('PATCH', `/user/repository_invitations/${(await invite()).id}`, undefined, 'bob');
  await change('DELETE', `${tool}/collaborators/bob`);
});

it('What is in repositories', async () => {
  const content = Buffer.from('hello\n').toString('base64');
  const file = await change('PUT', `${tool}/contents/a.txt`, { message: 'Add', content });
  await change('DELETE', `${tool}/contents/a.txt`, { message: 'Remove', sha: file.content.sha });
  await change('POST', `${tool}/git/blobs`, { content: 'hi' });
  const entry = { path: 'b.txt', mode: '100644', type: 'blob', content: 'b\n' };
  const tree = await change('POST', `${tool}/git/trees`, { tree: [entry] });
  const commit = await change('POST', `${tool}/git/commits`, { message: 'B', tree: tree.sha });
  const tag = { tag: 'v1', message: 'One', object: commit.sha, type: 'commit' };
  await change('POST', `${tool}/git/tags`, tag);
  await change('POST', `${tool}/git/refs`, { ref: 'refs/heads/b', sha: commit.sha });
  const next = await change('POST', `${tool}/git/commits`, {
    message: 'C',
    tree: tree.sha,
    parents: [commit.sha],
  });
  await change('PATCH', `${tool}/git/refs/heads/b`, { sha: next.sha });
  await change('DELETE', `${tool}/git/refs/heads/b`);
  await change('POST', `${tool}/statuses/${next.sha}`, { state: 'success' });
});

it('Keys', async () => {
  const own = await change('POST', '/user/keys', { title: 'laptop', key: publicKey() });
  await change('DELETE', `/user/keys/${own.id}`);
  const deploy = await change('POST', `${tool}/keys`, { title: 'server', key: publicKey() });
  await change('DELETE', `${tool}/keys/${deploy.id}`);
});

it('Signing keys', async () => {
  const { publicKey: armored } = await generateKey({
    type: 'ecc',
    userIDs: [{ name: 'Ada', email: 'ada@example.com' }],
    format: 'armored',
  });
  const gpg = await change('POST', '/user/gpg_keys', { armored_public_key: armored });
  await change('DELETE', `/user/gpg_keys/${gpg.id}`);
  const ssh = await change('POST', '/user/ssh_signing_keys', { title: 'laptop', key: publicKey() });
  await change('DELETE', `/user/ssh_signing_keys/${ssh.id}`);
});

it('Profile and addresses', async () => {
  await change('PATCH', '/user', { name: 'Ada' });
  await change('POST', '/user/emails', { emails: ['ada@work.example.com'] });
  await change('PATCH', '/user/email/visibility', { visibility: 'public' });
  await change('DELETE', '/user/emails', { emails: ['ada@work.example.com'] });
});

it('Webhooks', async () => {
  const config = { url: 'https://hooks.example.com/x', content_type: 'json' };
  const hook = `${tool}/hooks/${(await change('POST', `${tool}/hooks`, { config, events: ['push'] })).id}`;
  await change('PATCH', hook, { active: true });
  await change('PATCH', `${hook}/config`, { content_type: 'form' });
  await change('POST', `${hook}/pings`);
  await change('POST', `${hook}/tests`);
  const [delivery] = await get<Answer[]>(`${hook}/deliveries`);
  await change('POST', `${hook}/deliveries/${delivery?.id}/attempts`, {});
  await change('DELETE', hook);
});

it('Organisations', async () => {
  const member = async () => {
    await change('PUT', '/orgs/acme/memberships/bob', { role: 'member' });
    await change('PATCH', '/user/memberships/orgs/acme', { state: 'active' }, 'bob');
  };
  await change('PATCH', '/orgs/acme', { description: 'Makers' });
  const cyd = await get('/users/cyd');
  const invitation = await change('POST', '/orgs/acme/invitations', { invitee_id: cyd.id });
  await change('DELETE', `/orgs/acme/invitations/${invitation.id}`);
  await member();
  await change('PUT', '/orgs/acme/public_members/bob', undefined, 'bob');
  await change('DELETE', '/orgs/acme/public_members/bob', undefined, 'bob');
  const team = '/orgs/acme/teams/makers';
  await change('POST', '/orgs/acme/teams', { name: 'makers' });
  await change('PATCH', team, { name: 'makers', description: 'Those' });
  await change('PUT', `${team}/memberships/bob`);
  await change('DELETE', `${team}/memberships/bob`);
  await change('PUT', `${team}/members/bob`);
  await change('DELETE', `${team}/members/bob`);
  await change('PUT', `${team}/repos/acme/lib`, { permission: 'push' });
  await change('DELETE', `${team}/repos/acme/lib`);
  await change('PUT', '/repos/acme/lib/collaborators/bob', { permission: 'push' });
  await change('PUT', '/orgs/acme/outside_collaborators/bob');
  await change('DELETE', '/orgs/acme/outside_collaborators/bob');
  await member();
  await change('DELETE', '/orgs/acme/memberships/bob');
  await member();
  await change('DELETE', '/orgs/acme/members/bob');
  await change('DELETE', team);
});

it('Site administration', async () => {
  const asBoss = (method: Method, path: string, body?: object) => change(method, path, body, 'boss');
  await asBoss('POST', '/admin/organizations', { login: 'umbrella', admin: 'ada' });
  await asBoss('PATCH', '/admin/organizations/umbrella', { login: 'parasol' });
  await asBoss('POST', '/admin/users', { login: 'dee', email: 'dee@example.com' });
  await asBoss('PATCH', '/admin/users/dee', { login: 'dora' });
  const renamed = 'dora';
  await asBoss('PUT', `/users/${renamed}/suspended`);
  await asBoss('DELETE', `/users/${renamed}/suspended`);
  await asBoss('PUT', `/users/${renamed}/site_admin`);
  await asBoss('DELETE', `/users/${renamed}/site_admin`);
  await asBoss('POST', `/admin/users/${renamed}/authorizations`, { scopes: ['repo'] });
  await asBoss('DELETE', `/admin/users/${renamed}/authorizations`);
  await api.token(bob, []);
  const [token] = (await get<Answer[]>('/admin/tokens', 'boss')).slice(-1);
  const key = await change('POST', '/user/keys', { title: 'desk', key: publicKey() });
  await asBoss('DELETE', `/admin/keys/${key.id}`);
  await asBoss('DELETE', `/admin/tokens/${token?.id}`);
  await asBoss('DELETE', `/admin/users/${renamed}`);
});

it('Applications and the tokens that they hold', async () => {
  const { ctx } = api;
  const application = valueIn(
    await registerApplication(
      ctx,
      { id: bob.id, login: 'bob', kind: 'user' },
      {
        name: 'builder',
        url: 'https://builder.example.com',
        description: '',
        callbackUrl: 'https://builder.example.com/callback',
        deviceFlow: false,
        isPublic: false,
      },
    ),
  );
  const secret = valueIn(await generateClientSecret(ctx, application)).expose();
  const client = `Basic ${Buffer.from(`${application.clientId}:${secret}`).toString('base64')}`;
  const issue = () =>
    ctx.db.transaction().execute(async (db) => {
      await authorize(ctx, db, ada, application, ['gist']);
      const issued = await issueApplicationToken(ctx, db, {
        accountId: ada.id,
        application,
        scopes: ['gist'],
      });
      return issued?.secret.expose() ?? '';
    });
  const at = `/applications/${application.clientId}`;
  const asClient = (method: Method, below: string, access_token: string) =>
    change(method, `${at}/${below}`, { access_token }, 'ada', client);
  const { token } = await asClient('PATCH', 'token', await issue());
  await asClient('DELETE', 'token', token);
  await asClient('DELETE', 'grant', await issue());
});

it('The end of repositories', async () => {
  await change('POST', `${tool}/transfer`, { new_owner: 'acme' });
  await change('DELETE', '/repos/acme/tool');
});

it('Every route that changes something was called, and each left its row', () => {
  const routes = new Set(api.routes.filter(isChange).map(byName));
  // Only asks.
  routes.delete('POST /applications/:client_id/token');
  expect([...routes].filter((route) => !called.has(route))).toEqual([]);
  expect([...new Set(unlogged)]).toEqual([]);
});
