import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startApi, type TestApi, testUrl } from '../../test/api.ts';
import type { Account } from '../accounts/accounts.ts';

const api3 = `${testUrl}/api/v3`;

let api: TestApi;
let ada: Account;
let bob: Account;
let adasToken: string;
let bobsToken: string;

beforeEach(async () => {
  api = await startApi();
  ada = await api.person('ada');
  bob = await api.person('bob');
  adasToken = await api.token(ada, ['repo', 'delete_repo']);
  bobsToken = await api.token(bob, ['repo', 'delete_repo']);
});

afterEach(() => api.close());

const create = async (body: object, token = adasToken) =>
  (await api.call('POST', '/user/repos', { token, body })).json() as { id: number; name: string };
/** Invites, and accepts in the name of who is invited. */
const collaborate = async (path: string, login: string, permission: string, tokens: [string, string]) => {
  const [inviter, invitee] = tokens;
  const at = `${path}/collaborators/${login}`;
  const invited = await api.call('PUT', at, { token: inviter, body: { permission } });
  expect(invited.statusCode).toBe(201);
  const answer = `/user/repository_invitations/${invited.json().id}`;
  expect((await api.call('PATCH', answer, { token: invitee })).statusCode).toBe(204);
};
const status = async (...call: Parameters<TestApi['call']>) => (await api.call(...call)).statusCode;

describe('making a repository', () => {
  it('answers with all that clients expect to know of it', async () => {
    const body = { name: 'Engine', description: 'Analytical', private: true };
    const answer = await api.call('POST', '/user/repos', { token: adasToken, body });
    expect(answer.statusCode).toBe(201);
    expect(answer.headers.location).toBe(`${api3}/repos/ada/Engine`);
    expect(answer.headers['x-accepted-oauth-scopes']).toBe('public_repo, repo');
    expect(answer.json()).toMatchObject({
      name: 'Engine',
      full_name: 'ada/Engine',
      private: true,
      visibility: 'private',
      description: 'Analytical',
      default_branch: 'main',
      clone_url: `${testUrl}/ada/Engine.git`,
      url: `${api3}/repos/ada/Engine`,
      owner: { login: 'ada', id: ada.id },
      permissions: { admin: true, push: true, pull: true },
    });
  });

  it('takes a scope: public_repo for public ones, repo for private ones', async () => {
    const none = await api.token(ada);
    const limited = await api.token(ada, ['public_repo']);
    const make = (token: string | null, body: object) => status('POST', '/user/repos', { token, body });
    expect(await make(null, { name: 'a' })).toBe(401);
    expect(await make(none, { name: 'a' })).toBe(404);
    expect(await make(limited, { name: 'a' })).toBe(201);
    expect(await make(limited, { name: 'b', private: true })).toBe(404);
    expect(await make(limited, { name: 'b', visibility: 'private' })).toBe(404);
    expect(await make(adasToken, { name: 'b', private: true })).toBe(201);
  });

  it('asks who calls before it looks at the body', async () => {
    const body = { name: 5 };
    expect(await status('POST', '/user/repos', { token: null, body })).toBe(401);
    expect(await status('POST', '/user/repos', { token: await api.token(ada), body })).toBe(404);
    expect(await status('POST', '/user/repos', { token: adasToken, body })).toBe(422);
  });

  it('says what is wrong with the name', async () => {
    await create({ name: 'engine' });
    const taken = await api.call('POST', '/user/repos', { token: adasToken, body: { name: 'ENGINE' } });
    expect(taken.statusCode).toBe(422);
    expect(taken.json()).toMatchObject({
      message: 'Validation Failed',
      errors: [{ resource: 'Repository', field: 'name', code: 'already_exists' }],
    });
    for (const name of ['', '..', 'a/b', 'a b', 'x'.repeat(101), 'x.git', '\u0000']) {
      expect(await status('POST', '/user/repos', { token: adasToken, body: { name } }), name).toBe(422);
    }
  });
});

describe('making a repository that begins with a commit', () => {
  it('gives it a README on its default branch', async () => {
    const body = { name: 'begun', description: 'It runs', auto_init: true };
    const made = await api.call('POST', '/user/repos', { token: adasToken, body });
    expect(made.json().size).toBeGreaterThan(0);
    const readme = (await api.get('/repos/ada/begun/readme')).json();
    expect(Buffer.from(readme.content, 'base64').toString()).toBe('# begun\n\nIt runs\n');
    const commits = (await api.get('/repos/ada/begun/commits')).json();
    expect(commits).toMatchObject([
      { commit: { message: 'Initial commit', author: { name: 'ada', date: '2026-01-15T12:00:00Z' } } },
    ]);
    expect(commits[0].commit.author.email).toBe(`${ada.id}+ada@users.noreply.git.example.com`);
  });
});

describe('reading a repository', () => {
  it('shows a public one to everybody, and its rights to who is signed in', async () => {
    await create({ name: 'open' });
    const seen = await api.get('/repos/ADA/Open.git');
    expect(seen.statusCode).toBe(200);
    expect(seen.json()).not.toHaveProperty('permissions');
    expect((await api.get('/repos/ada/open', bobsToken)).json().permissions).toEqual({
      admin: false,
      maintain: false,
      push: false,
      triage: false,
      pull: true,
    });
  });

  it('hides a private one as if it were not there', async () => {
    const { id } = await create({ name: 'shut', private: true });
    const nothing = (await api.get('/repos/ada/nothing', bobsToken)).body;
    for (const path of ['/repos/ada/shut', `/repositories/${id}`, '/repos/ada/shut/branches']) {
      for (const token of [null, bobsToken, await api.token(ada, ['public_repo', 'gist', 'user'])]) {
        const answer = await api.get(path, token);
        expect(answer.statusCode, path).toBe(404);
        expect(answer.body).toBe(nothing);
      }
      expect((await api.get(path, adasToken)).statusCode, path).toBe(200);
    }
    const refused = await api.get('/repos/ada/shut', await api.token(ada));
    expect(refused.headers['x-oauth-scopes']).toBe('');
    expect(refused.headers['x-accepted-oauth-scopes']).toBe('repo');
  });

  it('knows it by its number too', async () => {
    const { id } = await create({ name: 'open' });
    expect((await api.get(`/repositories/${id}`)).json().name).toBe('open');
    for (const wrong of ['0', '-1', '1e3', '99999999999999999999', 'open']) {
      expect((await api.get(`/repositories/${wrong}`)).statusCode, wrong).toBe(404);
    }
  });

  it('gives 304 for what the client has, until it changes', async () => {
    await create({ name: 'open' });
    api.ctx.clock.forward(5_000);
    const { headers } = await api.get('/repos/ada/open', adasToken);
    const known = {
      'if-none-match': String(headers.etag),
      'if-modified-since': String(headers['last-modified']),
    };
    const since = { 'if-modified-since': String(headers['last-modified']) };
    expect((await api.get('/repos/ada/open', adasToken, known)).statusCode).toBe(304);
    expect((await api.get('/repos/ada/open', adasToken, since)).statusCode).toBe(304);
    await api.call('PATCH', '/repos/ada/open', { token: adasToken, body: { description: 'new' } });
    api.ctx.clock.forward(5_000);
    expect((await api.get('/repos/ada/open', adasToken, known)).statusCode).toBe(200);
    expect((await api.get('/repos/ada/open', adasToken, since)).statusCode).toBe(200);
  });
});

describe('changing a repository', () => {
  it('is for its admins with the scope', async () => {
    await create({ name: 'open' });
    const change = (token: string | null) =>
      api.call('PATCH', '/repos/ada/open', { token, body: { description: 'new' } });
    expect((await change(null)).json().message).toBe('Requires authentication');
    for (const token of [bobsToken, await api.token(ada)]) {
      const refused = await change(token);
      expect(refused.statusCode).toBe(403);
      expect(refused.json().message).toBe('Must have admin rights to Repository.');
    }
    expect((await change(await api.token(ada, ['public_repo']))).json().description).toBe('new');
  });

  it('leads from the old name to the new one', async () => {
    const { id } = await create({ name: 'old' });
    const renamed = await api.call('PATCH', '/repos/ada/old', { token: adasToken, body: { name: 'new' } });
    expect(renamed.json().full_name).toBe('ada/new');
    const moved = await api.get('/repos/ada/old/branches?per_page=5');
    expect(moved.statusCode).toBe(301);
    expect(moved.headers.location).toBe(`${api3}/repositories/${id}/branches?per_page=5`);
    expect(moved.json()).toMatchObject({ message: 'Moved Permanently', url: moved.headers.location });
    const write = await api.call('PATCH', '/repos/ada/old', { token: adasToken, body: {} });
    expect(write.statusCode).toBe(307);
    expect(write.headers.location).toBe(`${api3}/repositories/${id}`);
    expect(await status('PATCH', '/repos/ada/old', { token: bobsToken, body: {} })).toBe(403);
    await api.call('PATCH', '/repos/ada/new', { token: adasToken, body: { private: true } });
    expect(await status('GET', '/repos/ada/old', { token: bobsToken })).toBe(404);
    expect(await status('GET', '/repos/ada/old', { token: adasToken })).toBe(301);
  });

  it('makes it private or public only with the full scope', async () => {
    await create({ name: 'open' });
    const limited = await api.token(ada, ['public_repo']);
    const hide = (token: string) => status('PATCH', '/repos/ada/open', { token, body: { private: true } });
    const refused = await api.call('PATCH', '/repos/ada/open', { token: limited, body: { private: true } });
    expect(refused.statusCode).toBe(403);
    expect(refused.headers['x-accepted-oauth-scopes']).toBe('repo');
    expect(await hide(adasToken)).toBe(200);
    expect((await api.get('/repos/ada/open')).statusCode).toBe(404);
    const body = { visibility: 'public' };
    expect(await status('PATCH', '/repos/ada/open', { token: limited, body })).toBe(404);
    expect(await status('PATCH', '/repos/ada/open', { token: adasToken, body })).toBe(200);
  });

  it('says which value is of the wrong kind', async () => {
    await create({ name: 'open' });
    const wrong = { name: 5, description: 6, visibility: 'secret' };
    const all = await api.call('PATCH', '/repos/ada/open', { token: adasToken, body: wrong });
    expect(all.json().message.split('\n').slice(2)).toEqual([
      "For 'properties/name', 5 is not a string.",
      "For 'properties/description', 6 is not a string or nil.",
      'For \'properties/visibility\', "secret" is not a member of ["public","private","internal"].',
    ]);
    const body = { private: 'yes' };
    const answer = await api.call('PATCH', '/repos/ada/open', { token: adasToken, body });
    expect(answer.statusCode).toBe(422);
    expect(answer.json().message).toBe(
      'Invalid request.\n\nFor \'properties/private\', "yes" is not a boolean.',
    );
  });
});

describe('deleting a repository', () => {
  it('takes admin rights and delete_repo, which repo does not imply', async () => {
    await create({ name: 'open' });
    const remove = (token: string | null) => api.call('DELETE', '/repos/ada/open', { token });
    expect((await remove(null)).statusCode).toBe(401);
    for (const token of [bobsToken, await api.token(ada, ['repo'])]) {
      const refused = await remove(token);
      expect(refused.statusCode).toBe(403);
      expect(refused.json().message).toBe('Must have admin rights to Repository.');
      expect(refused.headers['x-accepted-oauth-scopes']).toBe('delete_repo');
    }
    expect((await remove(adasToken)).statusCode).toBe(204);
    expect((await remove(adasToken)).statusCode).toBe(404);
  });
});

describe('lists of repositories', () => {
  beforeEach(async () => {
    for (const name of ['a', 'b', 'c']) {
      await create({ name, private: name === 'b' });
      api.ctx.clock.forward(1_000);
    }
    await create({ name: 'theirs', private: true }, bobsToken);
    await collaborate('/repos/bob/theirs', 'ada', 'pull', [bobsToken, adasToken]);
  });

  const names = async (path: string, token: string | null = adasToken) =>
    ((await api.get(path, token)).json() as { full_name: string }[]).map(({ full_name }) => full_name);

  it('hold what the token may see, and no more', async () => {
    expect(await names('/user/repos')).toEqual(['ada/a', 'ada/b', 'ada/c', 'bob/theirs']);
    expect(await names('/user/repos', await api.token(ada))).toEqual(['ada/a', 'ada/c']);
    expect(await names('/users/ada/repos', bobsToken)).toEqual(['ada/a', 'ada/c']);
    expect(await names('/users/ADA/repos', null)).toEqual(['ada/a', 'ada/c']);
    expect(await names(`/user/${ada.id}/repos`)).toEqual(['ada/a', 'ada/c']);
    expect((await api.get('/user/repos')).statusCode).toBe(401);
    expect((await api.get('/users/nobody/repos')).statusCode).toBe(404);
  });

  it('are narrowed and sorted as asked', async () => {
    expect(await names('/user/repos?visibility=private')).toEqual(['ada/b', 'bob/theirs']);
    expect(await names('/user/repos?affiliation=collaborator')).toEqual(['bob/theirs']);
    expect(await names('/user/repos?affiliation=organization_member')).toEqual([]);
    expect(await names('/user/repos?type=owner')).toEqual(['ada/a', 'ada/b', 'ada/c']);
    expect(await names('/user/repos?type=member')).toEqual(['bob/theirs']);
    expect(await names('/user/repos?type=public')).toEqual(['ada/a', 'ada/c']);
    expect(await names('/user/repos?sort=created&type=owner')).toEqual(['ada/c', 'ada/b', 'ada/a']);
    expect(await names('/user/repos?type=owner&direction=desc')).toEqual(['ada/c', 'ada/b', 'ada/a']);
    expect(await names('/users/bob/repos?type=member')).toEqual([]);
    await collaborate('/repos/ada/a', 'bob', 'push', [adasToken, bobsToken]);
    expect(await names('/users/bob/repos?type=member')).toEqual(['ada/a']);
    expect(await names('/user/repos?since=2026-01-15T12:00:00Z')).toEqual(['ada/b', 'ada/c', 'bob/theirs']);
    expect(await names('/user/repos?before=2026-01-15T12:00:01Z')).toEqual(['ada/a']);
    const both = await api.get('/user/repos?type=owner&visibility=all', adasToken);
    expect(both.statusCode).toBe(422);
  });

  it('come in pages, with links by number that lead on', async () => {
    await create({ name: 'd' });
    const first = await api.get('/users/ada/repos?per_page=1&sort=full_name', adasToken);
    const address = (page: number) => `${api3}/user/${ada.id}/repos?per_page=1&sort=full_name&page=${page}`;
    expect(first.headers.link).toBe(`<${address(2)}>; rel="next", <${address(3)}>; rel="last"`);
    const second = await api.get(address(2).slice(api3.length), adasToken);
    expect(second.json()).toHaveLength(1);
    expect(second.headers.link).toBe(
      `<${address(1)}>; rel="prev", <${address(3)}>; rel="next", <${address(3)}>; rel="last", ` +
        `<${address(1)}>; rel="first"`,
    );
    const last = await api.get(address(3).slice(api3.length), adasToken);
    expect(last.headers.link).toBe(`<${address(2)}>; rel="prev", <${address(1)}>; rel="first"`);
    for (const query of ['', '?per_page=1000', '?per_page=-5&page=0', '?page=x&per_page=NaN']) {
      const whole = await api.get(`/users/ada/repos${query}`, adasToken);
      expect(whole.json(), query).toHaveLength(3);
      expect(whole.headers, query).not.toHaveProperty('link');
    }
    expect(await names('/user/repos?page=99999999999')).toEqual([]);
  });
});

describe('collaborators', () => {
  beforeEach(async () => {
    await create({ name: 'open' });
  });
  const at = '/repos/ada/open/collaborators';
  const put = (name: string, permission: string, token = adasToken) =>
    status('PUT', `${at}/${name}`, { token, body: { permission } });

  it('are invited, and get the role that an admin gives them when they say yes', async () => {
    const invited = await api.call('PUT', `${at}/bob`, { token: adasToken, body: { permission: 'pull' } });
    expect(invited.statusCode).toBe(201);
    expect(invited.json()).toMatchObject({
      invitee: { login: 'bob' },
      inviter: { login: 'ada' },
      permissions: 'read',
      repository: { full_name: 'ada/open' },
    });
    const one = `/repos/ada/open/invitations/${invited.json().id}`;
    const own = `/user/repository_invitations/${invited.json().id}`;
    const body = { permissions: 'write' };
    expect((await api.get('/repos/ada/open/invitations', bobsToken)).statusCode).toBe(403);
    expect((await api.get('/repos/ada/open/invitations', adasToken)).json()).toHaveLength(1);
    expect(await status('PATCH', one, { token: bobsToken, body })).toBe(403);
    expect((await api.call('PATCH', one, { token: adasToken, body })).json().permissions).toBe('write');
    expect((await api.get(`${at}/bob`, adasToken)).statusCode).toBe(404);
    expect((await api.get('/user/repository_invitations', await api.token(bob))).statusCode).toBe(404);
    const limited = await api.token(bob, ['repo:invite']);
    expect((await api.get('/user/repository_invitations', limited)).json()).toHaveLength(1);
    expect(await status('PATCH', own, { token: adasToken })).toBe(404);
    const accepted = await api.call('PATCH', own, { token: limited });
    expect(accepted.statusCode).toBe(204);
    expect(accepted.headers['x-accepted-oauth-scopes']).toBe('public_repo, repo, repo:invite');
    expect(await status('PATCH', own, { token: limited })).toBe(404);
    expect((await api.get(at, adasToken)).json()).toMatchObject([
      { login: 'ada', role_name: 'admin', permissions: { admin: true } },
      { login: 'bob', role_name: 'write', permissions: { admin: false, push: true, pull: true } },
    ]);
    expect((await api.get(`${at}/bob`, adasToken)).statusCode).toBe(204);
    expect((await api.get(`${at}/bob/permission`, adasToken)).json()).toMatchObject({
      permission: 'write',
      role_name: 'write',
      user: { login: 'bob' },
    });
    expect((await api.get(at, bobsToken)).statusCode).toBe(200);
    expect(await status('DELETE', `${at}/bob`, { token: adasToken })).toBe(204);
    expect((await api.get(`${at}/bob`, adasToken)).statusCode).toBe(404);
    expect((await api.get(`${at}/bob/permission`, adasToken)).json().permission).toBe('read');
  });

  it('are seen by those who may push, and chosen by admins only', async () => {
    const refused = await api.get(at, bobsToken);
    expect(refused.statusCode).toBe(403);
    expect(refused.json().message).toBe('Must have push access to view repository collaborators.');
    await collaborate('/repos/ada/open', 'bob', 'push', [adasToken, bobsToken]);
    expect(await put('bob', 'admin', bobsToken)).toBe(403);
    expect(await put('bob', 'admin')).toBe(204);
    await api.person('cyd');
    expect(await put('cyd', 'pull', bobsToken)).toBe(201);
  });

  it('do not come in by an invitation that was declined, taken back, or sent by who is no admin now', async () => {
    const invite = async (login: string, token = adasToken) =>
      (await api.call('PUT', `${at}/${login}`, { token, body: { permission: 'push' } })).json().id as number;
    const cydsToken = await api.token(await api.person('cyd'), ['repo:invite']);
    const declined = await invite('cyd');
    expect(await status('DELETE', `/user/repository_invitations/${declined}`, { token: cydsToken })).toBe(
      204,
    );
    const cancelled = await invite('cyd');
    expect(await status('DELETE', `/repos/ada/open/invitations/${cancelled}`, { token: adasToken })).toBe(
      204,
    );
    for (const id of [declined, cancelled]) {
      expect(await status('PATCH', `/user/repository_invitations/${id}`, { token: cydsToken })).toBe(404);
    }
    await collaborate('/repos/ada/open', 'bob', 'admin', [adasToken, bobsToken]);
    const outdated = await invite('cyd', bobsToken);
    await api.call('DELETE', `${at}/bob`, { token: adasToken });
    const accept = () => status('PATCH', `/user/repository_invitations/${outdated}`, { token: cydsToken });
    expect(await accept()).toBe(409);
    expect(await invite('cyd')).toBe(outdated);
    expect(await accept()).toBe(204);
  });

  it('are checked for sense', async () => {
    expect(await put('nobody', 'push')).toBe(404);
    expect(await put('bob', 'emperor')).toBe(422);
    expect(await put('ada', 'push')).toBe(422);
    await collaborate('/repos/ada/open', 'bob', 'pull', [adasToken, bobsToken]);
    expect(await status('PUT', `${at}/bob`, { token: adasToken })).toBe(204);
    expect((await api.get(`${at}/bob/permission`, adasToken)).json().permission).toBe('write');
  });
});
