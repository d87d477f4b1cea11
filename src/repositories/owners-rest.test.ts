// Repositories that organisations own, and those that change their owner, through the API.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../../test/api.ts';
import { valueIn } from '../../test/context.ts';
import type { Account } from '../accounts/accounts.ts';
import { acceptInvitation, inviteMember } from '../organizations/invitations.ts';
import { createOrganization, type Organization, updateOrganization } from '../organizations/organizations.ts';
import { findRepositoryNamed } from './repositories.ts';
import { acceptTransfer, listTransfersTo } from './transfer-requests.ts';

let api: TestApi;
let ada: Account;
let bob: Account;
let cyd: Account;
let adas: string;
let bobs: string;
let cyds: string;
let made = 0;

beforeAll(async () => {
  api = await startApi();
  ada = await api.person('ada');
  bob = await api.person('bob');
  cyd = await api.person('cyd');
  adas = await api.token(ada, ['repo', 'admin:org']);
  bobs = await api.token(bob, ['repo']);
  cyds = await api.token(cyd, ['repo']);
});
afterAll(() => api.close());

/** ada's, with bob as a member. */
async function organization(): Promise<Organization> {
  const wanted = { login: `acme${++made}`, name: null, owner: ada };
  const org = valueIn(await createOrganization(api.ctx, wanted));
  valueIn(await inviteMember(api.ctx, org, { invitee: bob, inviter: ada, role: 'member' }));
  valueIn(await acceptInvitation(api.ctx, { organization: org, invitee: { ...bob } }));
  return org;
}
const status = async (...call: Parameters<TestApi['call']>) => (await api.call(...call)).statusCode;
const create = (org: Organization, body: object, token = adas) =>
  api.call('POST', `/orgs/${org.login}/repos`, { token, body });

describe('a repository of an organisation', () => {
  it('is made by owners, and by members where they may', async () => {
    const org = await organization();
    const first = await create(org, { name: 'one', private: true }, bobs);
    expect(first.statusCode).toBe(201);
    expect(first.headers['x-accepted-oauth-scopes']).toBe('public_repo, repo');
    expect(first.json()).toMatchObject({
      full_name: `${org.login}/one`,
      owner: { login: org.login, type: 'Organization' },
      permissions: { admin: false, pull: true },
    });
    expect((await create(org, { name: 'two' }, cyds)).statusCode).toBe(403);
    expect((await create(org, { name: 'two' }, await api.token(bob))).statusCode).toBe(404);
    await updateOrganization(api.ctx, org.id, { membersMayCreate: false });
    expect((await create(org, { name: 'two' }, bobs)).statusCode).toBe(403);
    expect((await create(org, { name: 'two', auto_init: true })).json().permissions.admin).toBe(true);
    expect(await status('POST', '/orgs/nobody/repos', { token: adas, body: { name: 'x' } })).toBe(404);
  });

  it('is worked on by members as the base permission says', async () => {
    const org = await organization();
    await create(org, { name: 'plans', private: true });
    const rights = async () => {
      const answer = await api.get(`/repos/${org.login}/plans`, bobs);
      return answer.statusCode === 200 ? answer.json().permissions : answer.statusCode;
    };
    expect(await rights()).toMatchObject({ pull: true, push: false });
    await updateOrganization(api.ctx, org.id, { basePermission: 'write' });
    expect(await rights()).toMatchObject({ push: true, admin: false });
    await updateOrganization(api.ctx, org.id, { basePermission: 'none' });
    expect(await rights()).toBe(404);
  });

  it('takes members as collaborators at once, and invites who is outside', async () => {
    const org = await organization();
    await create(org, { name: 'plans', private: true });
    const at = `/repos/${org.login}/plans`;
    const put = (login: string, body: object) =>
      api.call('PUT', `${at}/collaborators/${login}`, { token: adas, body });
    expect((await put('bob', { permission: 'push' })).statusCode).toBe(204);
    expect((await put(org.login, {})).statusCode).toBe(404);
    const invited = await put('cyd', { permission: 'pull' });
    expect(invited.statusCode).toBe(201);
    expect((await api.get(at, cyds)).statusCode).toBe(404);
    await api.call('PATCH', `/user/repository_invitations/${invited.json().id}`, { token: cyds });
    expect((await api.get(at, cyds)).json().permissions).toMatchObject({ pull: true, push: false });
    const people = async (query: string) =>
      ((await api.get(`${at}/collaborators${query}`, adas)).json() as { login: string }[]).map(
        (p) => p.login,
      );
    expect(await people('')).toEqual(['ada', 'bob', 'cyd']);
    expect(await people('?affiliation=direct')).toEqual(['bob', 'cyd']);
    expect(await people('?affiliation=outside')).toEqual(['cyd']);
    const outside = `/orgs/${org.login}/outside_collaborators`;
    expect((await api.get(outside, adas)).json()).toMatchObject([{ login: 'cyd' }]);
    expect((await api.get(`/orgs/${org.login}/members/cyd`, adas)).statusCode).toBe(404);
    expect((await api.get(`${at}/collaborators/ada/permission`, adas)).json().permission).toBe('admin');
    // What else the organisation has is nothing to them.
    await create(org, { name: 'other', private: true });
    expect((await api.get(`/repos/${org.login}/other`, cyds)).statusCode).toBe(404);
    expect((await api.get(`/orgs/${org.login}/repos`, cyds)).json()).toMatchObject([{ name: 'plans' }]);
    expect((await api.get('/user/repos?affiliation=organization_member', bobs)).body).toContain(
      `${org.login}/other`,
    );
  });
});

describe('an internal repository', () => {
  it('is read by everybody who has an account, and by their tokens with repo', async () => {
    const org = await organization();
    const body = { name: 'handbook', visibility: 'internal' };
    expect((await create(org, body, await api.token(ada, ['public_repo', 'admin:org']))).statusCode).toBe(
      404,
    );
    const shown = await create(org, body);
    expect(shown.json()).toMatchObject({ visibility: 'internal', private: true });
    const at = `/repos/${org.login}/handbook`;
    expect((await api.get(at)).statusCode).toBe(404);
    expect((await api.get(at, await api.token(cyd))).statusCode).toBe(404);
    expect((await api.get(at, await api.token(cyd, ['public_repo', 'read:org']))).statusCode).toBe(404);
    expect((await api.get(at, cyds)).json().permissions).toMatchObject({ pull: true, push: false });
    expect(await status('PATCH', at, { token: cyds, body: { description: 'mine' } })).toBe(403);
    expect((await api.get(`${at}/collaborators/cyd`, adas)).statusCode).toBe(404);
    expect((await api.get(`/orgs/${org.login}/repos`, null)).json()).toEqual([]);
    expect((await api.get(`/orgs/${org.login}/repos?type=internal`, cyds)).json()).toHaveLength(1);
    const same = await api.call('PATCH', at, { token: adas, body: { private: true } });
    expect(same.json().visibility).toBe('internal');
    const shut = await api.call('PATCH', at, { token: adas, body: { visibility: 'private' } });
    expect(shut.json().visibility).toBe('private');
    expect((await api.get(at, cyds)).statusCode).toBe(404);
  });

  it('belongs to an organisation', async () => {
    const body = { name: 'handbook', visibility: 'internal' };
    const refused = await api.call('POST', '/user/repos', { token: adas, body });
    expect(refused.statusCode).toBe(422);
    expect(refused.json().errors[0].message).toBe('Only organizations can have internal repositories.');
    await api.call('POST', '/user/repos', { token: adas, body: { name: 'handbook' } });
    const change = { visibility: 'internal' };
    expect(await status('PATCH', '/repos/ada/handbook', { token: adas, body: change })).toBe(422);
  });
});

describe('transferring a repository', () => {
  const transfer = (path: string, body: object, token = adas) =>
    api.call('POST', `${path}/transfer`, { token, body });

  it('takes an admin of it who may make repositories at the new owner', async () => {
    const org = await organization();
    await updateOrganization(api.ctx, org.id, { membersMayCreate: false });
    await api.call('POST', '/user/repos', { token: bobs, body: { name: 'boat', private: true } });
    const to = { new_owner: org.login };
    expect((await transfer('/repos/bob/boat', to)).statusCode).toBe(404);
    expect((await transfer('/repos/bob/boat', to, bobs)).statusCode).toBe(403);
    expect((await transfer('/repos/bob/boat', { new_owner: 'nobody' }, bobs)).statusCode).toBe(422);
    expect((await transfer('/repos/bob/boat', { new_owner: 'bob' }, bobs)).statusCode).toBe(422);
    expect((await transfer('/repos/bob/boat', to, await api.token(bob, ['public_repo']))).statusCode).toBe(
      404,
    );
    await updateOrganization(api.ctx, org.id, { membersMayCreate: true });
    const done = await transfer('/repos/bob/boat', { ...to, new_name: 'ship' }, bobs);
    expect(done.statusCode).toBe(202);
    expect(done.json()).toMatchObject({
      full_name: `${org.login}/ship`,
      owner: { type: 'Organization' },
      permissions: { admin: true },
    });
    const moved = await api.get('/repos/bob/boat', bobs);
    expect([moved.statusCode, moved.headers.location]).toEqual([
      301,
      `https://git.example.com/api/v3/repositories/${done.json().id}`,
    ]);
    expect((await api.get('/repos/bob/boat')).statusCode).toBe(404);
  });

  it('to another person waits until they accept it', async () => {
    await api.call('POST', '/user/repos', { token: bobs, body: { name: 'raft', private: true } });
    const offer = (body: object, token = bobs) => transfer('/repos/bob/raft', body, token);
    const asked = await offer({ new_owner: 'cyd', new_name: 'float' });
    expect([asked.statusCode, asked.json().full_name], asked.body).toEqual([202, 'bob/raft']);
    expect((await api.get('/repos/bob/raft', bobs)).statusCode).toBe(200);
    expect((await api.get('/repos/bob/raft', cyds)).statusCode).toBe(404);
    expect((await offer({ new_owner: 'cyd', new_name: 'a b' })).json().errors[0].field).toBe('new_name');
    expect((await offer({ new_owner: 'cyd', team_ids: [1] })).statusCode).toBe(422);
    expect((await offer({ new_owner: 'cyd' }, adas)).statusCode).toBe(404);
    const [request] = await listTransfersTo(api.ctx, cyd.id, 10);
    const taken = await acceptTransfer(api.ctx, cyd.id, request?.id ?? 0);
    expect(taken).toMatchObject({ ok: true, value: { ownerLogin: 'cyd', name: 'float' } });
    expect((await api.get('/repos/bob/raft', bobs)).statusCode).toBe(301);
    expect((await api.get('/repos/cyd/float', bobs)).json().permissions).toMatchObject({
      push: true,
      admin: false,
    });
  });

  it('keeps collaborators, ends teams, and makes what was internal private', async () => {
    const org = await organization();
    await create(org, { name: 'plans', visibility: 'internal' });
    await api.call('POST', `/orgs/${org.login}/teams`, { token: adas, body: { name: 'core' } });
    const at = `/repos/${org.login}/plans`;
    const team = `/orgs/${org.login}/teams/core/repos/${org.login}/plans`;
    await api.call('PUT', team, { token: adas, body: { permission: 'push' } });
    await api.call('PUT', `${at}/collaborators/bob`, { token: adas, body: { permission: 'push' } });
    const invited = await api.call('PUT', `${at}/collaborators/cyd`, { token: adas, body: {} });
    expect(invited.statusCode).toBe(201);
    const name = `plans${made}`;
    const done = await transfer(at, { new_owner: 'ada', new_name: name });
    expect(done.json()).toMatchObject({ full_name: `ada/${name}`, visibility: 'private' });
    const people = (await api.get(`/repos/ada/${name}/collaborators`, adas)).json();
    expect(people).toMatchObject([{ login: 'ada' }, { login: 'bob', role_name: 'write' }]);
    expect((await api.get(`/orgs/${org.login}/teams/core`, adas)).json().repos_count).toBe(0);
    const accept = `/user/repository_invitations/${invited.json().id}`;
    expect(await status('PATCH', accept, { token: cyds })).toBe(404);
    expect((await api.get(at, cyds)).statusCode).toBe(404);
    expect((await api.get(at, adas)).statusCode).toBe(301);
    // A new one of the old name ends the redirect.
    await create(org, { name: 'plans' });
    expect((await api.get(at, adas)).json().full_name).toBe(`${org.login}/plans`);
    expect(await findRepositoryNamed(api.ctx, 'ada', name)).not.toBeNull();
    expect(
      (await transfer(`/repos/ada/${name}`, { new_owner: org.login, new_name: 'plans' })).statusCode,
    ).toBe(422);
  });
});
