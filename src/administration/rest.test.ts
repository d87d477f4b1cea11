import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Method, startApi, type TestApi } from '../../test/api.ts';
import { valueIn, wrongFields } from '../../test/context.ts';
import { newPublicKey } from '../../test/public-key.ts';
import { type Account, findAccount } from '../accounts/accounts.ts';
import { freeName } from '../accounts/kept-names.ts';
import { credentialOfId } from '../keys/credentials.ts';
import { addKey } from '../keys/keys.ts';
import { clearEndedImpersonations } from '../tokens/impersonation.ts';

let api: TestApi;
let boss: Account;
let admin: string;
let ada: Account;
beforeAll(async () => {
  api = await startApi();
  boss = await api.person('boss', { siteAdmin: true });
  admin = await api.token(boss, ['site_admin']);
  ada = await api.person('ada');
});
afterAll(() => api.close());

const call = (method: Method, path: string, body?: object, token = admin) =>
  api.call(method, path, { token, ...(body === undefined ? {} : { body }) });
const logged = async (action: string) => {
  const rows = await api.ctx.db.selectFrom('audit_events').selectAll().where('action', '=', action).execute();
  return rows.map(({ user_login, actor_login }) => ({ user_login, actor_login }));
};

describe('site administration', () => {
  it('takes the role and the scope: neither is any good without the other', async () => {
    const scopeOnly = await api.token(ada, ['site_admin']);
    const roleOnly = await api.token(boss, ['repo', 'user', 'admin:org']);
    for (const [method, path, body] of [
      ['GET', '/admin/tokens'],
      ['GET', '/admin/keys'],
      ['POST', '/admin/users', { login: 'x', email: 'x@example.com' }],
      ['PATCH', '/admin/users/ada', { login: 'x' }],
      ['DELETE', '/admin/users/ada'],
      ['PUT', '/users/ada/suspended'],
      ['PUT', '/users/ada/site_admin'],
      ['POST', '/admin/users/ada/authorizations', { scopes: ['repo'] }],
    ] as const) {
      expect((await call(method, path, body, scopeOnly)).statusCode, path).toBe(403);
      const hidden = await call(method, path, body, roleOnly);
      expect(hidden.statusCode, path).toBe(404);
      expect(hidden.json().needed_scopes).toEqual(['site_admin']);
      expect((await api.call(method, path, body === undefined ? {} : { body })).statusCode).toBe(401);
    }
    expect((await call('GET', '/admin/tokens')).statusCode).toBe(200);
  });
});

describe('the tokens of everybody', () => {
  it('are listed with owner and hash, never the secret, in pages', async () => {
    const secret = await api.token(ada, ['gist', 'repo']);
    const answer = await call('GET', '/admin/tokens?per_page=100');
    const theirs = answer
      .json<{ token_last_eight: string }[]>()
      .find(({ token_last_eight }) => secret.endsWith(token_last_eight));
    const hex = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(secret))).toString('hex');
    expect(theirs).toMatchObject({
      hashed_token: hex,
      token: '',
      scopes: ['gist', 'repo'],
      app: { client_id: '00000000000000000000' },
      user: { login: 'ada', site_admin: false },
    });
    expect(answer.body).not.toContain(secret);
    const page = await call('GET', '/admin/tokens?per_page=1&page=2');
    expect(page.json()).toHaveLength(1);
    expect(page.headers.link).toContain('rel="next"');
  });

  it('can be deleted, but for the one that makes the call', async () => {
    const secret = await api.token(ada, ['repo']);
    const [{ id: own }] = (await call('GET', '/admin/tokens')).json<[{ id: number }]>();
    const ids = (await call('GET', '/admin/tokens?per_page=100')).json<
      { id: number; user: { login: string } }[]
    >();
    const theirs = ids.filter(({ user }) => user.login === 'ada').at(-1)?.id;
    expect((await call('DELETE', `/admin/tokens/${theirs}`)).statusCode).toBe(204);
    expect((await api.get('/user', secret)).statusCode).toBe(401);
    expect((await call('DELETE', `/admin/tokens/${theirs}`)).statusCode).toBe(404);
    const mine = ids.find(({ user, id }) => user.login === 'boss' && id === own);
    expect((await call('DELETE', `/admin/tokens/${mine?.id}`)).statusCode).toBe(403);
    expect((await call('GET', '/admin/tokens')).statusCode).toBe(200);
    for (const id of ['0', '-1', 'x', '99999999999999']) {
      expect((await call('DELETE', `/admin/tokens/${id}`)).statusCode).toBe(404);
    }
  });
});

describe('the keys of everybody', () => {
  it('are listed in the order asked for, and deleted, several at once', async () => {
    const line = (n: number) =>
      `ssh-ed25519 ${Buffer.concat([
        Buffer.from('0000000b7373682d6564323535313900000020', 'hex'),
        Buffer.alloc(32, n),
      ]).toString('base64')} comment`;
    const maker = { madeBy: 'person', tokenId: null, applicationId: null, mayChangeWorkflows: true } as const;
    const ids: number[] = [];
    for (let n = 1; n <= 3; n += 1) {
      const added = await addKey(api.ctx, ada, { title: `key ${n}`, key: line(n), maker });
      if (added.ok) ids.push(added.value.id);
    }
    const list = async (query: string) =>
      (await call('GET', `/admin/keys${query}`)).json<{ id: number; user_id: number }[]>();
    expect((await list('')).map(({ id }) => id)).toEqual(ids.toReversed());
    expect((await list('?direction=asc&per_page=2')).map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(await list('?since=2999-01-01T00:00:00Z')).toEqual([]);
    expect((await list(''))[0]).toMatchObject({ user_id: ada.id, repository_id: null });
    expect((await call('DELETE', `/admin/keys/${ids[0]},${ids[1]}`)).statusCode).toBe(204);
    expect((await list('')).map(({ id }) => id)).toEqual([ids[2]]);
    expect((await call('DELETE', `/admin/keys/${ids[0]}`)).statusCode).toBe(404);
    expect((await call('DELETE', '/admin/keys/x')).statusCode).toBe(404);
  });
});

describe('people', () => {
  it('are made with their name as GHES would write it, suspended if so asked', async () => {
    const made = await call('POST', '/admin/users', { login: 'octo_cat', email: 'octo@example.com' });
    expect([made.statusCode, made.json().login]).toEqual([201, 'octo-cat']);
    const twice = await call('POST', '/admin/users', { login: 'Octo-Cat', email: 'other@example.com' });
    expect([twice.statusCode, twice.json().message]).toEqual([422, 'Validation Failed']);
    expect(twice.json().errors[0]).toMatchObject({
      resource: 'User',
      field: 'login',
      code: 'already_exists',
    });
    expect((await call('POST', '/admin/users', { login: 'nomail' })).statusCode).toBe(422);
    expect((await call('POST', '/admin/users', { login: '___', email: 'a@example.com' })).statusCode).toBe(
      422,
    );
    expect((await call('POST', '/admin/users', {})).statusCode).toBe(422);
    const asleep = { login: 'asleep', email: 'asleep@example.com', suspended: true };
    expect((await call('POST', '/admin/users', asleep)).statusCode).toBe(201);
    const row = await api.ctx.db
      .selectFrom('accounts')
      .selectAll()
      .where('login', '=', 'asleep')
      .executeTakeFirst();
    expect(row?.suspended_at).not.toBeNull();
  });

  it('are suspended for a reason that the log keeps, the API’s own where none is given', async () => {
    const eve = await api.person('evelyn');
    const change = (method: 'PUT' | 'DELETE', body?: object) => call(method, '/users/evelyn/suspended', body);
    const reasons = async (action: string) => {
      const rows = await api.ctx.db
        .selectFrom('audit_events')
        .select('data')
        .where('action', '=', action)
        .where('user_id', '=', eve.id)
        .orderBy('id')
        .execute();
      return rows.map(({ data }) => JSON.parse(data).reason);
    };
    expect((await change('PUT', { reason: ' Left the company ' })).statusCode).toBe(204);
    expect((await findAccount(api.ctx, eve.id))?.suspensionReason).toBe('Left the company');
    expect((await change('DELETE', { reason: 'Came back' })).statusCode).toBe(204);
    expect((await findAccount(api.ctx, eve.id))?.suspensionReason).toBeNull();
    expect((await change('PUT')).statusCode).toBe(204);
    expect((await change('DELETE')).statusCode).toBe(204);
    expect(await reasons('user.suspend')).toEqual(['Left the company', 'Suspended via API by boss']);
    expect(await reasons('user.unsuspend')).toEqual(['Came back', 'Unsuspended via API by boss']);
    for (const reason of ['x'.repeat(1001), 'a\u0000b', 'a\u202eb']) {
      const wrong = await change('PUT', { reason });
      expect([wrong.statusCode, wrong.json().errors[0].field]).toEqual([422, 'reason']);
    }
    expect((await findAccount(api.ctx, eve.id))?.suspendedAt).toBeNull();
    // Nobody but site admins learns it.
    await change('PUT', { reason: 'Left the company' });
    expect((await api.get('/users/evelyn', await api.token(ada, ['repo', 'user']))).body).not.toContain(
      'Left',
    );
  });

  it('leave a name behind that nobody has for 90 days when they are deleted', async () => {
    await api.person('bygone');
    expect((await call('PATCH', '/admin/users/bygone', { login: 'departed' })).statusCode).toBe(202);
    expect((await call('DELETE', '/admin/users/departed')).statusCode).toBe(204);
    let tries = 0;
    const take = async (login: string) => {
      tries += 1;
      return (await call('POST', '/admin/users', { login, email: `taker${tries}@example.com` })).statusCode;
    };
    expect([await take('bygone'), await take('departed')]).toEqual([422, 422]);
    api.ctx.clock.forward(90 * 24 * 60 * 60 * 1000 - 1);
    expect([await take('bygone'), await take('departed')]).toEqual([422, 422]);
    api.ctx.clock.forward(1);
    expect([await take('bygone'), await take('departed')]).toEqual([201, 201]);
  });

  it('are renamed, and addresses of their repositories lead on; nobody else takes the name for 90 days', async () => {
    const old = await api.person('oldname');
    const token = await api.token(old, ['repo']);
    const created = await api.call('POST', '/user/repos', { token, body: { name: 'things', private: true } });
    const renamed = await call('PATCH', '/admin/users/oldname', { login: 'new_name' });
    expect(renamed.statusCode).toBe(202);
    expect(renamed.json().url).toMatch(`/user/${old.id}`);
    expect((await api.get('/user', token)).json().login).toBe('new-name');
    const moved = await api.get('/repos/oldname/things', token);
    expect([moved.statusCode, moved.headers.location]).toEqual([
      301,
      expect.stringContaining(`/repositories/${created.json().id}`),
    ]);
    // What is private is not told to others by its former name either.
    expect((await api.get('/repos/oldname/things', await api.token(ada, ['repo']))).statusCode).toBe(404);
    expect(await logged('user.rename')).toContainEqual({ user_login: 'new-name', actor_login: 'boss' });
    // A repository renamed before its owner was is found by both.
    await api.call('PATCH', '/repos/new-name/things', { token, body: { name: 'stuff' } });
    expect((await api.get('/repos/oldname/things', token)).statusCode).toBe(301);
    expect((await api.get('/repos/oldname/stuff', token)).statusCode).toBe(301);
    // The name is kept for them, from people and organisations, new and renamed, until it is freed or 90 days are over.
    const heirs = () => call('POST', '/admin/users', { login: 'OldName', email: 'heir@example.com' });
    expect((await heirs()).statusCode).toBe(422);
    expect((await call('PATCH', '/admin/users/ada', { login: 'oldname' })).statusCode).toBe(422);
    const found = { login: 'oldname', admin: 'ada' };
    expect((await call('POST', '/admin/organizations', found)).statusCode).toBe(422);
    expect((await api.get('/repos/oldname/stuff', token)).statusCode).toBe(301);
    expect((await call('PATCH', '/admin/users/new-name', { login: 'oldname' })).statusCode).toBe(202);
    expect((await call('PATCH', '/admin/users/oldname', { login: 'new-name' })).statusCode).toBe(202);
    valueIn(await freeName(api.ctx, 'OLDNAME'));
    expect(wrongFields(await freeName(api.ctx, 'oldname'))).toEqual(['login']);
    expect(await logged('user.free_name')).toHaveLength(1);
    expect((await heirs()).statusCode).toBe(201);
    const [heir] = await api.ctx.db
      .selectFrom('accounts')
      .selectAll()
      .where('login_key', '=', 'oldname')
      .execute();
    if (heir === undefined) throw new Error('nobody took the name');
    const theirs = await api.token({ ...old, id: heir.id }, ['repo']);
    await api.call('POST', '/user/repos', { token: theirs, body: { name: 'stuff' } });
    expect((await api.get('/repos/oldname/stuff', theirs)).statusCode).toBe(200);
    expect((await api.get('/repos/oldname/things', token)).statusCode).toBe(301);
    // Back to a name that is taken: no.
    expect((await call('PATCH', '/admin/users/new-name', { login: 'oldname' })).statusCode).toBe(422);
    expect((await call('PATCH', '/admin/users/new-name', { login: 'settings' })).statusCode).toBe(422);
    expect((await call('PATCH', '/admin/users/nobody', { login: 'x' })).statusCode).toBe(404);
  });

  it('are suspended and let in again, promoted and demoted, each without a body', async () => {
    const bob = await api.person('bob');
    const token = await api.token(bob, ['site_admin']);
    const empty = (method: Method, path: string) =>
      api.call(method, path, { token: admin, headers: { 'content-length': '0' } });
    expect((await empty('PUT', '/users/bob/suspended')).statusCode).toBe(204);
    expect((await api.get('/user', token)).statusCode).toBe(403);
    expect((await call('DELETE', '/users/bob/suspended', { reason: 'a mistake' })).statusCode).toBe(204);
    expect((await api.get('/admin/tokens', token)).statusCode).toBe(403);
    expect((await empty('PUT', '/users/bob/site_admin')).statusCode).toBe(204);
    expect((await api.get('/admin/tokens', token)).statusCode).toBe(200);
    expect((await empty('DELETE', '/users/bob/site_admin')).statusCode).toBe(204);
    expect((await api.get('/admin/tokens', token)).statusCode).toBe(403);
    expect(await logged('user.promote')).toEqual([{ user_login: 'bob', actor_login: 'boss' }]);
    expect(await logged('user.demote')).toEqual([{ user_login: 'bob', actor_login: 'boss' }]);
  });

  it('can’t do any of it to themselves, and the last site admin stays one whoever tries', async () => {
    for (const [method, path] of [
      ['PUT', '/users/boss/suspended'],
      ['DELETE', '/users/boss/site_admin'],
      ['DELETE', '/admin/users/boss'],
    ] as const) {
      expect((await call(method, path)).statusCode, path).toBe(403);
    }
    // Another admin may, but not with the one who would be left.
    const second = await api.person('second', { siteAdmin: true });
    const token = await api.token(second, ['site_admin']);
    expect((await call('PUT', '/users/second/suspended')).statusCode).toBe(204);
    expect((await api.get('/user', token)).statusCode).toBe(403);
    const { demote } = await import('./people.ts');
    expect(await demote(api.ctx, boss.id)).toMatchObject({ ok: false });
    await call('DELETE', '/users/second/suspended');
    expect((await call('DELETE', '/users/boss/site_admin', undefined, token)).statusCode).toBe(204);
    expect(await demote(api.ctx, second.id)).toMatchObject({ ok: false });
    expect((await call('PUT', '/users/boss/site_admin', undefined, token)).statusCode).toBe(204);
  });

  it('are deleted once they own nothing', async () => {
    const owner = await api.person('possessor');
    const token = await api.token(owner, ['repo', 'delete_repo']);
    await api.call('POST', '/user/repos', { token, body: { name: 'thing' } });
    expect((await call('DELETE', '/admin/users/possessor')).statusCode).toBe(422);
    await api.call('DELETE', '/repos/possessor/thing', { token });
    expect((await call('DELETE', '/admin/users/possessor')).statusCode).toBe(204);
    expect((await api.get('/user', token)).statusCode).toBe(401);
    expect((await call('DELETE', '/admin/users/possessor')).statusCode).toBe(404);
  });
});

describe('impersonation', () => {
  it('gives a token that is the person’s, marked as made by an admin; another call changes its scopes only', async () => {
    const eve = await api.person('eve');
    const path = '/admin/users/eve/authorizations';
    const made = await call('POST', path, { scopes: ['repo', 'user:email', 'user'] });
    expect(made.statusCode).toBe(201);
    const { token, id, scopes, user, expires_at } = made.json();
    expect([scopes, user.login]).toEqual([['repo', 'user'], 'eve']);
    expect(Date.parse(expires_at) - api.ctx.now()).toBe(30 * 24 * 60 * 60 * 1000);
    expect((await api.get('/user', token)).json().login).toBe('eve');
    const again = await call('POST', path, { scopes: ['gist'] });
    expect([again.statusCode, again.json().id, again.json().token]).toEqual([200, id, '']);
    expect((await api.get('/user', token)).headers['x-oauth-scopes']).toBe('gist');
    const row = await api.ctx.db
      .selectFrom('tokens')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({ account_id: eve.id, kind: 'impersonation', made_by_login: 'boss' });
    expect(await logged('oauth_access.create')).toContainEqual({ user_login: 'eve', actor_login: 'boss' });
    expect((await call('DELETE', path)).statusCode).toBe(204);
    expect((await api.get('/user', token)).statusCode).toBe(401);
    expect((await call('DELETE', path)).statusCode).toBe(404);
    expect((await call('POST', path, { scopes: ['nonsense'] })).statusCode).toBe(422);
    expect((await call('POST', '/admin/users/nobody/authorizations', { scopes: [] })).statusCode).toBe(404);
  });

  it('is not of site admins, the caller among them, and ends when somebody becomes one', async () => {
    expect((await call('POST', '/admin/users/boss/authorizations', { scopes: ['repo'] })).statusCode).toBe(
      403,
    );
    await api.person('riser');
    const made = await call('POST', '/admin/users/riser/authorizations', { scopes: ['site_admin'] });
    expect((await api.get('/user', made.json().token)).statusCode).toBe(200);
    expect((await call('PUT', '/users/riser/site_admin')).statusCode).toBe(204);
    expect((await api.get('/user', made.json().token)).statusCode).toBe(401);
  });

  it('leaves nothing behind that opens anything: keys go with the token, in the log too, and what was there stays', async () => {
    const zoe = await api.person('zoe');
    const own = await api.token(zoe, ['repo', 'admin:public_key']);
    const path = '/admin/users/zoe/authorizations';
    const scopes = ['repo', 'admin:public_key'];
    await api.call('POST', '/user/repos', { token: own, body: { name: 'plans', private: true } });
    const add = async (token: string) => {
      const at = { token, body: { title: 'key', key: newPublicKey() } };
      const made = [await api.call('POST', '/user/keys', at)];
      at.body.key = newPublicKey();
      made.push(await api.call('POST', '/repos/zoe/plans/keys', at));
      expect(made.map(({ statusCode }) => statusCode)).toEqual([201, 201]);
      return made.map((answer) => answer.json<{ readonly id: number }>().id);
    };
    const opening = async (ids: readonly number[]) => {
      const found = await Promise.all(ids.map((id) => credentialOfId(api.ctx, id)));
      return found.map((credential) => credential !== null);
    };
    const kept = await add(own);

    const planted = await add((await call('POST', path, { scopes })).json().token);
    expect(await opening(planted)).toEqual([true, true]);
    expect((await call('DELETE', path)).statusCode).toBe(204);
    expect(await opening([...planted, ...kept])).toEqual([false, false, true, true]);
    const row = { user_login: 'zoe', actor_login: 'boss' };
    expect(await logged('public_key.delete')).toContainEqual(row);

    // By itself, when its time is over: from that moment on, and then by housekeeping.
    const late = await add((await call('POST', path, { scopes })).json().token);
    api.ctx.clock.forward(30 * 24 * 60 * 60 * 1000 - 1);
    expect(await opening(late)).toEqual([true, true]);
    await clearEndedImpersonations(api.ctx);
    expect(await opening(late)).toEqual([true, true]);
    api.ctx.clock.forward(1);
    expect(await opening([...late, ...kept])).toEqual([false, false, true, true]);
    const ids = async () =>
      (await api.ctx.db.selectFrom('ssh_keys').select('id').execute()).map(({ id }) => id);
    expect(await ids()).toEqual(expect.arrayContaining([...late, ...kept]));
    await clearEndedImpersonations(api.ctx);
    expect((await ids()).filter((id) => [...late, ...kept].includes(id))).toEqual(kept);
  });

  it('ends with who made it, and so do the keys that it added', async () => {
    const rita = await api.person('rita');
    const second = await api.token(await api.person('deputy', { siteAdmin: true }), ['site_admin']);
    const scopes = { scopes: ['admin:public_key'] };
    const made = await call('POST', '/admin/users/rita/authorizations', scopes, second);
    const key = { title: 'x', key: newPublicKey() };
    const { id } = (await call('POST', '/user/keys', key, made.json().token)).json();
    expect((await credentialOfId(api.ctx, id))?.name).toBe(rita.login);
    expect((await call('DELETE', '/users/deputy/site_admin')).statusCode).toBe(204);
    expect(await credentialOfId(api.ctx, id)).toBeNull();
  });

  it('makes a new token where the former one has expired', async () => {
    await api.person('late');
    const path = '/admin/users/late/authorizations';
    const first = await call('POST', path, { scopes: ['repo'] });
    api.ctx.clock.forward(31 * 24 * 60 * 60 * 1000);
    const second = await call('POST', path, { scopes: ['repo'] });
    expect([first.statusCode, second.statusCode]).toEqual([201, 201]);
    expect(second.json().id).not.toBe(first.json().id);
    expect((await api.get('/user', second.json().token)).statusCode).toBe(200);
  });
});
