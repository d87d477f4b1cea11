import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi, testUrl } from '../../test/api.ts';
import { valueIn } from '../../test/context.ts';
import { type Account, findAccountByLogin } from '../accounts/accounts.ts';
import type { Scopes } from '../scopes/scopes.ts';
import { createOrganization, type Organization, updateOrganization } from './organizations.ts';

const api3 = `${testUrl}/api/v3`;

let api: TestApi;
let ada: Account;
let bob: Account;
/** ada's: all that organisations ask for. */
let owner: string;
let bobs: string;
let made = 0;

beforeAll(async () => {
  api = await startApi();
  ada = await api.person('ada');
  bob = await api.person('bob');
  await api.person('cyd');
  owner = await api.token(ada, ['admin:org', 'repo', 'delete_repo']);
  bobs = await api.token(bob, ['admin:org', 'repo', 'user']);
});
afterAll(() => api.close());

/** An organisation of ada's alone. */
async function organization(): Promise<Organization> {
  return valueIn(await createOrganization(api.ctx, { login: `acme${++made}`, name: null, owner: ada }));
}
async function tokenOf(account: Account, ...scopes: Scopes): Promise<string> {
  return api.token(account, scopes);
}
const status = async (...call: Parameters<TestApi['call']>) => (await api.call(...call)).statusCode;
const logins = async (path: string, token: string | null) =>
  ((await api.get(path, token)).json() as { login: string }[]).map(({ login }) => login);

async function join(org: Organization, login = 'bob', token = bobs, role = 'member'): Promise<void> {
  const at = `/orgs/${org.login}/memberships/${login}`;
  expect((await api.call('PUT', at, { token: owner, body: { role } })).json().state).toBe('pending');
  const mine = `/user/memberships/orgs/${org.login}`;
  const accepted = await api.call('PATCH', mine, { token, body: { state: 'active' } });
  expect([accepted.statusCode, accepted.json().state]).toEqual([200, 'active']);
}

describe('an organisation', () => {
  it('is shown to everybody, and its own numbers to members with the scope', async () => {
    const org = await organization();
    await join(org);
    for (const path of [
      `/orgs/${org.login}`,
      `/orgs/${org.login.toUpperCase()}`,
      `/organizations/${org.id}`,
    ]) {
      const seen = (await api.get(path)).json();
      expect(seen).toMatchObject({ login: org.login, id: org.id, type: 'Organization', public_repos: 0 });
      expect(seen).not.toHaveProperty('plan');
      expect(seen).not.toHaveProperty('default_repository_permission');
    }
    const none = await tokenOf(bob);
    expect((await api.get(`/orgs/${org.login}`, none)).json()).not.toHaveProperty('plan');
    const cyds = await api.token(await account('cyd'), ['admin:org']);
    expect((await api.get(`/orgs/${org.login}`, cyds)).json()).not.toHaveProperty('plan');
    const reads = await tokenOf(bob, 'read:org');
    const full = await api.get(`/orgs/${org.login}`, reads);
    expect(full.json()).toMatchObject({ plan: { seats: 2 }, default_repository_permission: 'read' });
    expect(full.headers['x-accepted-oauth-scopes']).toBe('admin:org, read:org, repo, user, write:org');
    expect((await api.get('/orgs/nobody')).statusCode).toBe(404);
    expect((await api.get('/orgs/ada')).statusCode).toBe(404);
  });

  it('answers under a name of people too, where clients ask whose a repository would be', async () => {
    const org = await organization();
    expect((await api.get(`/users/${org.login}`)).json()).toMatchObject({ type: 'Organization' });
    expect((await api.get('/users/ada')).json()).toMatchObject({ type: 'User' });
  });

  it('is changed by its owners with admin:org or repo', async () => {
    const org = await organization();
    await join(org);
    const change = (token: string | null) =>
      api.call('PATCH', `/orgs/${org.login}`, {
        token,
        body: { description: 'Rockets', default_repository_permission: 'none', name: 'Acme' },
      });
    expect((await change(null)).statusCode).toBe(401);
    const refused = await change(bobs);
    expect([refused.statusCode, refused.json().message]).toEqual([
      403,
      'You must be an admin to access this organization.',
    ]);
    expect((await change(await tokenOf(ada, 'write:org'))).statusCode).toBe(404);
    const changed = await change(await tokenOf(ada, 'admin:org'));
    expect(changed.json()).toMatchObject({
      name: 'Acme',
      description: 'Rockets',
      default_repository_permission: 'none',
    });
    const wrong = { members_allowed_repository_creation_type: 'private' };
    expect(await status('PATCH', `/orgs/${org.login}`, { token: owner, body: wrong })).toBe(422);
  });

  it('is made by site admins with the scope for it, for whom they name', async () => {
    const rita = await api.person('rita', { siteAdmin: true });
    const body = { login: 'globex', admin: 'bob', profile_name: 'Globex' };
    const make = async (token: string) =>
      (await api.call('POST', '/admin/organizations', { token, body })).statusCode;
    expect(await make(await tokenOf(ada, 'site_admin'))).toBe(403);
    expect(await make(await tokenOf(rita, 'admin:org'))).toBe(404);
    expect(await make(await tokenOf(rita, 'site_admin'))).toBe(201);
    expect(await make(await tokenOf(rita, 'site_admin'))).toBe(422);
    expect(await logins('/orgs/globex/members?role=admin', bobs)).toEqual(['bob']);
  });

  it('is renamed by site admins with the scope for it, its owner or not', async () => {
    const { login } = await organization();
    const rita = await api.person('sue', { siteAdmin: true });
    const rename = async (token: string, to: string, from = login) =>
      api.call('PATCH', `/admin/organizations/${from}`, { token, body: { login: to } });
    expect((await rename(owner, 'initech')).statusCode).toBe(403);
    expect((await rename(await tokenOf(rita, 'admin:org'), 'initech')).statusCode).toBe(404);
    const admin = await tokenOf(rita, 'site_admin');
    expect((await rename(admin, 'initech', 'nobody-has-this')).statusCode).toBe(404);
    expect((await rename(admin, 'ada')).statusCode).toBe(422);
    expect((await rename(admin, 'a b')).statusCode).toBe(422);
    const renamed = await rename(admin, 'initech');
    expect(renamed.statusCode, renamed.body).toBe(202);
    expect(renamed.json().message).toContain('rename organization');
    expect((await api.get(renamed.json().url.slice(api3.length), owner)).json().login).toBe('initech');
    expect((await api.get(`/orgs/${login}`, owner)).statusCode).toBe(404);
  });

  it('is one of a list that goes on where it stopped', async () => {
    await organization();
    await organization();
    const first = await api.get('/organizations?per_page=1');
    expect(first.json()).toHaveLength(1);
    const next = /<([^>]+)>; rel="next"/.exec(String(first.headers.link))?.[1] ?? '';
    const second = await api.get(next.slice(api3.length));
    expect(second.json()[0].id).toBeGreaterThan(first.json()[0].id);
  });

  it('is listed to who belongs to it, and tells a token what scope it lacks', async () => {
    const org = await organization();
    await join(org);
    expect(await logins('/user/orgs', await tokenOf(bob, 'read:org'))).toContain(org.login);
    expect(await logins('/user/orgs', await tokenOf(bob, 'user'))).toContain(org.login);
    const refused = await api.get('/user/orgs', await tokenOf(bob, 'gist'));
    expect(refused.statusCode).toBe(403);
    expect(refused.json().message).toBe(
      'You need at least read:org scope or user scope to list your organizations.',
    );
    expect(await logins('/users/bob/orgs', null)).not.toContain(org.login);
    const show = `/orgs/${org.login}/public_members/bob`;
    expect(await status('PUT', show, { token: await tokenOf(bob, 'read:org') })).toBe(404);
    expect(await status('PUT', show, { token: owner })).toBe(403);
    expect(await status('PUT', show, { token: bobs })).toBe(204);
    expect(await logins('/users/bob/orgs', null)).toContain(org.login);
    expect(await status('GET', show, { token: null })).toBe(204);
    expect(await status('DELETE', show, { token: bobs })).toBe(204);
    expect(await status('GET', show, { token: null })).toBe(404);
  });
});

describe('members', () => {
  it('see each other; others see who shows it', async () => {
    const org = await organization();
    await join(org);
    const at = `/orgs/${org.login}/members`;
    expect(await logins(at, bobs)).toEqual(['ada', 'bob']);
    expect(await logins(`${at}?role=admin`, bobs)).toEqual(['ada']);
    expect(await logins(at, null)).toEqual([]);
    expect(await logins(at, await tokenOf(bob))).toEqual([]);
    await api.call('PUT', `/orgs/${org.login}/public_members/ada`, { token: owner });
    expect(await logins(at, null)).toEqual(['ada']);
    expect(await logins(`/orgs/${org.login}/public_members`, null)).toEqual(['ada']);
    expect(await status('GET', `${at}/bob`, { token: owner })).toBe(204);
    expect(await status('GET', `${at}/cyd`, { token: owner })).toBe(404);
    expect(await status('GET', `${at}/bob`, { token: null })).toBe(302);
  });

  it('are invited, and are none before they say yes', async () => {
    const org = await organization();
    const at = `/orgs/${org.login}`;
    const invite = (token: string | null, body: object) =>
      api.call('POST', `${at}/invitations`, { token, body });
    expect((await invite(bobs, { invitee_id: bob.id })).statusCode).toBe(403);
    expect((await invite(await tokenOf(ada, 'repo'), { invitee_id: bob.id })).statusCode).toBe(404);
    const invited = await invite(owner, { invitee_id: bob.id, role: 'admin' });
    expect(invited.statusCode).toBe(201);
    expect(invited.headers['x-accepted-oauth-scopes']).toBe('admin:org');
    expect(invited.json()).toMatchObject({ login: 'bob', role: 'admin', inviter: { login: 'ada' } });
    expect((await api.get(`${at}/invitations`, owner)).json()).toHaveLength(1);
    expect((await api.get(`${at}/failed_invitations`, owner)).json()).toEqual([]);
    expect((await api.get(`${at}/memberships/bob`, owner)).json().state).toBe('pending');
    expect((await api.get(`${at}/teams`, bobs)).statusCode).toBe(403);
    expect((await api.get('/user/memberships/orgs?state=pending', bobs)).json()).toMatchObject([
      { state: 'pending', role: 'admin', organization: { login: org.login } },
    ]);
    const one = `${at}/invitations/${invited.json().id}`;
    expect(await status('DELETE', one, { token: owner })).toBe(204);
    expect(await status('DELETE', one, { token: owner })).toBe(404);
    const accept = `/user/memberships/orgs/${org.login}`;
    expect(await status('PATCH', accept, { token: bobs, body: { state: 'active' } })).toBe(404);
    await join(org, 'bob', bobs, 'admin');
    expect((await api.get(`${at}/memberships/ada`, bobs)).json()).toMatchObject({ role: 'admin' });
    expect((await invite(owner, { invitee_id: bob.id })).statusCode).toBe(422);
  });

  it('are invited by an address, and owners learn neither whose it is nor whether it is anybody’s', async () => {
    const org = await organization();
    const at = `/orgs/${org.login}`;
    const member = await api.person('gus');
    await join(org, 'gus', await tokenOf(member, 'write:org'));
    const dora = await api.person('dora');
    const doras = await tokenOf(dora, 'write:org');
    const emails = ['Dora@Example.com', 'later@example.com', 'gus@example.com'];
    const made = [];
    for (const email of [...emails, ...emails]) {
      const answer = await api.call('POST', `${at}/invitations`, { token: owner, body: { email } });
      expect(answer.statusCode).toBe(201);
      made.push(answer.json());
    }
    const masked = made.map(({ id, node_id, created_at, invitation_teams_url, ...rest }) => rest);
    expect(masked.slice(3)).toEqual(masked.slice(0, 3));
    expect(masked.slice(0, 3)).toEqual(emails.map((email) => ({ ...masked[0], login: null, email })));
    const listed = (await api.get(`${at}/invitations`, owner)).json<{ readonly email: string }[]>();
    expect(listed.map(({ email }) => email)).toEqual(emails);
    const told = async () => {
      const log = await api.get(
        `${at}/audit-log?per_page=100&phrase=action:org`,
        await tokenOf(ada, 'admin:org'),
      );
      return `${JSON.stringify(listed)}${log.body}`;
    };
    expect((await api.get(`${at}/memberships/dora`, owner)).statusCode).toBe(404);
    expect(await told()).not.toMatch(/"dora"/);
    expect(
      (await api.call('POST', `${at}/invitations`, { token: owner, body: { email: 'x' } })).statusCode,
    ).toBe(422);

    // Who has the address is told, and may come in; who has another one can't, and members stay what they are.
    const own = `/user/memberships/orgs/${org.login}`;
    const body = { state: 'active' };
    expect(await status('PATCH', own, { token: bobs, body })).toBe(404);
    const notices = await api.ctx.db
      .selectFrom('notices')
      .select('account_id')
      .where('path', '=', '/invitations')
      .where('text', 'like', `%${org.login}%`)
      .execute();
    expect(notices.filter(({ account_id }) => account_id === dora.id)).toHaveLength(1);
    expect(notices.filter(({ account_id }) => account_id === member.id)).toHaveLength(1);
    expect(await status('PATCH', own, { token: doras, body })).toBe(200);
    expect((await api.get(`${at}/memberships/dora`, owner)).json()).toMatchObject({
      role: 'member',
      state: 'active',
    });
    expect((await api.get(`${at}/memberships/gus`, owner)).json()).toMatchObject({ role: 'member' });
    const left = (await api.get(`${at}/invitations`, owner)).json<{ readonly email: string }[]>();
    expect(left.map(({ email }) => email)).toEqual(emails.slice(1));
    // Who gets an account with the address later, finds it then; a further address counts once it is verified.
    const late = await api.person('later');
    const lates = await tokenOf(late, 'write:org');
    expect((await api.get('/user/memberships/orgs?state=pending', lates)).json()).toHaveLength(1);
    await api.call('POST', `${at}/invitations`, { token: owner, body: { email: 'bobs-other@example.com' } });
    const email = { email: 'bobs-other@example.com', email_key: 'bobs-other@example.com' };
    await api.ctx.db
      .insertInto('account_emails')
      .values({ account_id: bob.id, ...email, created_at: 1 })
      .execute();
    expect(await status('PATCH', own, { token: bobs, body })).toBe(404);
    await api.ctx.db.updateTable('account_emails').set({ verified_at: 1 }).execute();
    expect(await status('PATCH', own, { token: bobs, body })).toBe(200);
  });

  it('do not come in by an invitation of somebody who is no owner any more', async () => {
    const org = await organization();
    await join(org, 'bob', bobs, 'admin');
    const cyd = await account('cyd');
    await api.call('PUT', `/orgs/${org.login}/memberships/cyd`, { token: bobs, body: {} });
    await api.call('PUT', `/orgs/${org.login}/memberships/bob`, { token: owner, body: { role: 'member' } });
    const token = await tokenOf(cyd, 'write:org');
    const body = { state: 'active' };
    expect(await status('PATCH', `/user/memberships/orgs/${org.login}`, { token, body })).toBe(422);
    await api.call('PUT', `/orgs/${org.login}/memberships/cyd`, { token: owner, body: {} });
    expect(await status('PATCH', `/user/memberships/orgs/${org.login}`, { token, body })).toBe(200);
  });

  it('are never without an owner', async () => {
    const org = await organization();
    const at = `/orgs/${org.login}/memberships/ada`;
    const refused = await api.call('PUT', at, { token: owner, body: { role: 'member' } });
    expect(refused.statusCode).toBe(403);
    expect(refused.json().message).toMatch(/last owner/);
    expect(await status('DELETE', at, { token: owner })).toBe(403);
    expect(await status('DELETE', `/orgs/${org.login}/members/ada`, { token: owner })).toBe(403);
    await join(org, 'bob', bobs, 'admin');
    expect(await status('PUT', at, { token: owner, body: { role: 'member' } })).toBe(200);
    expect(await status('DELETE', at, { token: bobs })).toBe(204);
  });

  it('lose all they had in its repositories when they are removed, at the next request', async () => {
    const org = await organization();
    await join(org);
    const body = { name: 'plans', private: true };
    await api.call('POST', `/orgs/${org.login}/repos`, { token: owner, body });
    const at = `/repos/${org.login}/plans`;
    await api.call('PUT', `${at}/collaborators/bob`, { token: owner, body: { permission: 'push' } });
    expect((await api.get(at, bobs)).json().permissions.push).toBe(true);
    expect(await status('DELETE', `/orgs/${org.login}/members/bob`, { token: owner })).toBe(204);
    expect((await api.get(at, bobs)).statusCode).toBe(404);
    expect(await logins(`/orgs/${org.login}/outside_collaborators`, owner)).toEqual([]);
    expect(await logins('/user/orgs', bobs)).not.toContain(org.login);
  });

  it('may stay outside with what their teams gave them', async () => {
    const org = await organization();
    await join(org);
    for (const name of ['plans', 'other']) {
      await api.call('POST', `/orgs/${org.login}/repos`, { token: owner, body: { name, private: true } });
    }
    const team = `/orgs/${org.login}/teams/core`;
    await api.call('POST', `/orgs/${org.login}/teams`, { token: owner, body: { name: 'Core' } });
    await api.call('PUT', `${team}/memberships/bob`, { token: owner, body: {} });
    const repo = `${team}/repos/${org.login}/plans`;
    await api.call('PUT', repo, { token: owner, body: { permission: 'push' } });
    const outside = `/orgs/${org.login}/outside_collaborators`;
    expect(await status('DELETE', `${outside}/bob`, { token: owner })).toBe(422);
    expect(await status('PUT', `${outside}/bob`, { token: owner })).toBe(204);
    expect(await logins(outside, owner)).toEqual(['bob']);
    expect((await api.get(`/repos/${org.login}/plans`, bobs)).json().permissions.push).toBe(true);
    expect((await api.get(`/repos/${org.login}/other`, bobs)).statusCode).toBe(404);
    expect((await api.get(outside, bobs)).statusCode).toBe(403);
    expect(await status('DELETE', `${outside}/bob`, { token: owner })).toBe(204);
    expect((await api.get(`/repos/${org.login}/plans`, bobs)).statusCode).toBe(404);
  });
});

describe('teams', () => {
  it('are made, found, renamed and deleted by owners, and seen by members alone', async () => {
    const org = await organization();
    const cyd = await api.token(await account('cyd'), ['admin:org']);
    await join(org);
    const at = `/orgs/${org.login}/teams`;
    const body = { name: 'Core & Friends', description: 'All of us', privacy: 'closed' };
    expect(await status('POST', at, { token: bobs, body })).toBe(403);
    const team = await api.call('POST', at, { token: owner, body });
    expect(team.statusCode).toBe(201);
    expect(team.json()).toMatchObject({ slug: 'core-friends', members_count: 0, permission: 'pull' });
    const { id } = team.json();
    expect(await status('POST', at, { token: owner, body: { name: 'core friends' } })).toBe(422);
    expect(await status('POST', at, { token: owner, body: { name: 'x', privacy: 'secret' } })).toBe(422);
    for (const path of [`${at}/core-friends`, `/teams/${id}`, `/organizations/${org.id}/team/${id}`]) {
      expect((await api.get(path, bobs)).json().id, path).toBe(id);
      for (const token of [null, cyd, await tokenOf(bob, 'gist')]) {
        expect((await api.get(path, token)).statusCode, path).toBe(404);
      }
    }
    expect((await api.get(at, bobs)).json()).toMatchObject([{ name: 'Core & Friends' }]);
    expect((await api.get(at, cyd)).statusCode).toBe(403);
    const renamed = await api.call('PATCH', `/teams/${id}`, { token: owner, body: { name: 'Core' } });
    expect(renamed.json().slug).toBe('core');
    expect(await status('DELETE', `${at}/core`, { token: bobs })).toBe(403);
    expect(await status('DELETE', `${at}/core`, { token: owner })).toBe(204);
    expect((await api.get(`/teams/${id}`, owner)).statusCode).toBe(404);
  });

  it('take members of the organisation, and invite others into it', async () => {
    const org = await organization();
    await join(org);
    await api.call('POST', `/orgs/${org.login}/teams`, { token: owner, body: { name: 'Core' } });
    const at = `/orgs/${org.login}/teams/core`;
    const writes = await tokenOf(ada, 'write:org');
    const put = (login: string, token: string, body: object = {}) =>
      api.call('PUT', `${at}/memberships/${login}`, { token, body });
    expect((await put('bob', bobs)).statusCode).toBe(403);
    expect((await put('bob', await tokenOf(ada, 'read:org'))).statusCode).toBe(404);
    expect((await put('bob', writes)).json()).toMatchObject({ role: 'member', state: 'active' });
    expect((await put('bob', writes, { role: 'maintainer' })).statusCode).toBe(422);
    expect(await logins(`${at}/members`, bobs)).toEqual(['bob']);
    expect((await api.get('/user/teams', bobs)).json()).toMatchObject([{ slug: 'core' }]);
    expect((await put('cyd', writes)).statusCode).toBe(404);
    expect((await put('cyd', owner)).json()).toMatchObject({ state: 'pending' });
    expect((await api.get(`${at}/memberships/cyd`, owner)).json().state).toBe('pending');
    const { id } = (await api.get(`/orgs/${org.login}/invitations`, owner)).json()[0];
    const teams = await api.get(`/orgs/${org.login}/invitations/${id}/teams`, owner);
    expect(teams.json()).toMatchObject([{ slug: 'core' }]);
    const cyds = await api.token(await account('cyd'), ['write:org']);
    await api.call('PATCH', `/user/memberships/orgs/${org.login}`, {
      token: cyds,
      body: { state: 'active' },
    });
    expect(await logins(`${at}/members`, bobs)).toEqual(['bob', 'cyd']);
    expect(await status('DELETE', `${at}/memberships/cyd`, { token: owner })).toBe(204);
    expect((await api.get(`${at}/memberships/cyd`, owner)).statusCode).toBe(404);
  });

  it('give their members a role in repositories of their own organisation', async () => {
    const org = await organization();
    await join(org);
    await updateOrganization(api.ctx, org.id, { basePermission: 'none' });
    await api.call('POST', `/orgs/${org.login}/teams`, { token: owner, body: { name: 'Core' } });
    await api.call('POST', `/orgs/${org.login}/repos`, { token: owner, body: { name: 'x', private: true } });
    await api.call('POST', '/user/repos', { token: owner, body: { name: `mine${made}` } });
    const at = `/orgs/${org.login}/teams/core`;
    await api.call('PUT', `${at}/memberships/bob`, { token: owner, body: {} });
    const repo = `${at}/repos/${org.login}/x`;
    expect((await api.get(`/repos/${org.login}/x`, bobs)).statusCode).toBe(404);
    expect(await status('PUT', repo, { token: owner, body: { permission: 'emperor' } })).toBe(422);
    expect(await status('PUT', repo, { token: owner, body: { permission: 'push' } })).toBe(204);
    expect(await status('PUT', `${at}/repos/ada/mine${made}`, { token: owner, body: {} })).toBe(422);
    expect((await api.get(`/repos/${org.login}/x`, bobs)).json().permissions).toMatchObject({
      push: true,
      admin: false,
    });
    expect((await api.get(repo, bobs)).statusCode).toBe(204);
    const accept = { accept: 'application/vnd.github.v3.repository+json' };
    expect((await api.get(repo, bobs, accept)).json()).toMatchObject({ role_name: 'push' });
    expect((await api.get(`${at}/repos`, bobs)).json()).toMatchObject([{ full_name: `${org.login}/x` }]);
    expect((await api.get(`/repos/${org.login}/x/teams`, owner)).json()).toMatchObject([
      { slug: 'core', permission: 'push' },
    ]);
    expect((await api.get(`/orgs/${org.login}/repos`, bobs)).json()).toHaveLength(1);
    expect((await api.get(`/orgs/${org.login}/repos`, null)).json()).toHaveLength(0);
    expect(await status('DELETE', repo, { token: owner })).toBe(204);
    expect((await api.get(`/repos/${org.login}/x`, bobs)).statusCode).toBe(404);
  });
});

describe('an organisation that is closed to classic tokens', () => {
  it('refuses them in the words of GitHub, and shows them what is public', async () => {
    const org = await organization();
    await join(org);
    for (const [name, visibility] of [
      ['open', 'public'],
      ['shut', 'private'],
    ]) {
      const body = { name, visibility };
      await api.call('POST', `/orgs/${org.login}/repos`, { token: owner, body });
    }
    await updateOrganization(api.ctx, org.id, { allowsClassicTokens: false });
    const text = `\`${org.login}\` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal access token with fine-grained permissions.`;
    for (const [method, path, body] of [
      ['GET', `/repos/${org.login}/shut`, undefined],
      ['PATCH', `/repos/${org.login}/open`, {}],
      ['GET', `/orgs/${org.login}/teams`, undefined],
      ['PATCH', `/orgs/${org.login}`, {}],
      ['POST', `/orgs/${org.login}/repos`, { name: 'more' }],
    ] as const) {
      const refused = await api.call(method, path, { token: owner, ...(body === undefined ? {} : { body }) });
      expect([path, refused.statusCode, refused.json().message]).toEqual([path, 403, text]);
    }
    expect((await api.get(`/repos/${org.login}/open`, owner)).statusCode).toBe(200);
    expect((await api.get(`/orgs/${org.login}`, owner)).json()).not.toHaveProperty('plan');
    expect((await api.get(`/orgs/${org.login}/repos`, owner)).json()).toMatchObject([{ name: 'open' }]);
    expect(await logins('/user/orgs', bobs)).not.toContain(org.login);
    await updateOrganization(api.ctx, org.id, { allowsClassicTokens: true });
    expect((await api.get(`/repos/${org.login}/shut`, owner)).statusCode).toBe(200);
    expect(await logins('/user/orgs', bobs)).toContain(org.login);
  });
});

async function account(login: string): Promise<Account> {
  const found = await findAccountByLogin(api.ctx, login);
  if (found === null) throw new Error(`nobody is called ${login}`);
  return found;
}
