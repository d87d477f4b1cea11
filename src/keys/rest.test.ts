import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi, testUrl } from '../../test/api.ts';
import { valueIn } from '../../test/context.ts';
import { newPublicKey } from '../../test/public-key.ts';
import type { Account } from '../accounts/accounts.ts';
import { createRepository } from '../repositories/repositories.ts';

let api: TestApi;
let mona: Account;
let bob: Account;
beforeAll(async () => {
  api = await startApi();
  mona = await api.person('mona');
  bob = await api.person('bob');
  for (const [name, visibility] of [
    ['plans', 'private'],
    ['open', 'public'],
  ] as const) {
    valueIn(await createRepository(api.ctx, { owner: mona, name, description: null, visibility }));
  }
});
afterAll(() => api?.close());

const post = (path: string, token: string, body: object) => api.call('POST', path, { token, body });

describe('a person’s keys', () => {
  it('are added, listed, read and deleted, without their comment', async () => {
    const token = await api.token(mona, ['admin:public_key']);
    const key = newPublicKey();
    const made = await post('/user/keys', token, { title: 'laptop', key: `${key} mona@laptop` });
    expect(made.statusCode).toBe(201);
    const { id, url, ...shown } = made.json();
    expect(made.headers.location).toBe(url);
    expect(url).toBe(`${testUrl}/api/v3/user/keys/${id}`);
    expect(shown).toEqual({
      key,
      title: 'laptop',
      verified: true,
      read_only: false,
      created_at: '2026-01-15T12:00:00Z',
      last_used: null,
    });
    expect((await api.get('/user/keys', token)).json()).toEqual([made.json()]);
    expect((await api.get(`/user/keys/${id}`, token)).json()).toEqual(made.json());
    expect((await api.get('/users/mona/keys')).json()).toEqual([{ id, key }]);
    expect((await api.get(`/user/${mona.id}/keys`)).json()).toEqual([{ id, key }]);

    const others = await api.token(bob, ['admin:public_key']);
    expect((await api.get(`/user/keys/${id}`, others)).statusCode).toBe(404);
    expect((await api.call('DELETE', `/user/keys/${id}`, { token: others })).statusCode).toBe(404);
    expect((await api.call('DELETE', `/user/keys/${id}`, { token })).statusCode).toBe(204);
    expect((await api.get('/user/keys', token)).json()).toEqual([]);
    const logged = await api.ctx.db
      .selectFrom('audit_events')
      .selectAll()
      .where('action', 'like', 'public_key.%')
      .orderBy('id')
      .execute();
    expect(logged.map(({ action, actor_login, user_login }) => [action, actor_login, user_login])).toEqual([
      ['public_key.create', 'mona', 'mona'],
      ['public_key.delete', 'mona', 'mona'],
    ]);
    expect(JSON.parse(logged[0]?.data ?? '')).toMatchObject({ title: 'laptop', public_key_id: id });
  });

  it('without a title are called by their comment', async () => {
    const token = await api.token(mona, ['write:public_key']);
    const named = await post('/user/keys', token, { key: `${newPublicKey()} mona@home` });
    expect(named.json().title).toBe('mona@home');
    const nameless = await post('/user/keys', token, { key: newPublicKey() });
    expect(nameless.json().title).toMatch(/^SHA256:/);
  });

  it('take the scope that fits: read to list, write to add, admin to delete', async () => {
    const [none, read, write] = await Promise.all([
      api.token(mona, ['repo']),
      api.token(mona, ['read:public_key']),
      api.token(mona, ['write:public_key']),
    ]);
    const refused = await api.get('/user/keys', none);
    expect(refused.statusCode).toBe(404);
    expect(refused.headers['x-accepted-oauth-scopes']).toContain('read:public_key');
    expect((await api.get('/user/keys', read)).statusCode).toBe(200);
    expect((await post('/user/keys', read, { key: newPublicKey() })).statusCode).toBe(404);
    const made = await post('/user/keys', write, { key: newPublicKey() });
    expect(made.statusCode).toBe(201);
    const path = `/user/keys/${made.json().id}`;
    expect((await api.call('DELETE', path, { token: write })).statusCode).toBe(404);
    const admin = await api.token(mona, ['admin:public_key']);
    expect((await api.call('DELETE', path, { token: admin })).statusCode).toBe(204);
  });

  it('that are no good are refused in GitHub’s words', async () => {
    const token = await api.token(mona, ['write:public_key']);
    for (const key of ['hello', '', 'ssh-rsa AAAA', 'ssh-dss AAAAB3NzaC1kc3MAAACB']) {
      const refused = await post('/user/keys', token, { key });
      expect(refused.statusCode).toBe(422);
      const [error] = refused.json().errors;
      expect(error).toMatchObject({ resource: 'PublicKey', field: 'key', code: 'custom' });
      expect(error.message).toMatch(/^key is invalid\. /);
    }
    expect(
      (await post('/user/keys', token, { title: 'a'.repeat(256), key: newPublicKey() })).statusCode,
    ).toBe(422);
    expect((await post('/user/keys', token, {})).statusCode).toBe(422);
  });
});

describe('one key', () => {
  it('has one owner on the whole instance, a person or a repository', async () => {
    const [monas, bobs] = await Promise.all([
      api.token(mona, ['repo', 'admin:public_key']),
      api.token(bob, ['admin:public_key']),
    ]);
    const key = newPublicKey();
    const first = await post('/user/keys', bobs, { key });
    expect(first.statusCode).toBe(201);
    for (const refused of [
      await post('/user/keys', monas, { key: `${key} another comment` }),
      await post('/user/keys', bobs, { key }),
      await post('/repos/mona/plans/keys', monas, { key }),
    ]) {
      expect(refused.statusCode).toBe(422);
      expect(refused.json()).toMatchObject({
        message: 'Validation Failed',
        errors: [{ resource: 'PublicKey', field: 'key', code: 'custom', message: 'key is already in use' }],
      });
    }
    await api.call('DELETE', `/user/keys/${first.json().id}`, { token: bobs });
    expect((await post('/repos/mona/plans/keys', monas, { key })).statusCode).toBe(201);
  });
});

describe('deploy keys', () => {
  it('are read and write unless said otherwise, and can be listed, read and deleted', async () => {
    const token = await api.token(mona, ['repo']);
    const key = newPublicKey();
    const made = await post('/repos/mona/open/keys', token, { title: 'ci', key: `${key} ci` });
    expect(made.statusCode).toBe(201);
    const { id, url, ...shown } = made.json();
    expect(made.headers.location).toBe(`${testUrl}/api/v3/repos/mona/open/keys/${id}`);
    expect(url).toBe(made.headers.location);
    expect(shown).toEqual({
      key,
      title: 'ci',
      verified: true,
      created_at: '2026-01-15T12:00:00Z',
      read_only: false,
      added_by: 'mona',
      last_used: null,
      enabled: true,
    });
    const readOnly = await post('/repos/mona/open/keys', token, { key: newPublicKey(), read_only: true });
    expect(readOnly.json().read_only).toBe(true);
    expect((await api.get('/repos/mona/open/keys', token)).json()).toEqual([made.json(), readOnly.json()]);
    expect((await api.get(`/repos/mona/open/keys/${id}`, token)).json()).toEqual(made.json());
    expect((await api.get(`/repos/mona/plans/keys/${id}`, token)).statusCode).toBe(404);
    expect((await api.call('DELETE', `/repos/mona/plans/keys/${id}`, { token })).statusCode).toBe(404);
    expect((await api.call('DELETE', `/repos/mona/open/keys/${id}`, { token })).statusCode).toBe(204);
    expect((await api.get(`/repos/mona/open/keys/${id}`, token)).statusCode).toBe(404);
  });

  it('are for admins of the repository, with the scope that its visibility takes', async () => {
    const bobs = await api.token(bob, ['repo']);
    expect((await post('/repos/mona/plans/keys', bobs, { key: newPublicKey() })).statusCode).toBe(404);
    const refused = await post('/repos/mona/open/keys', bobs, { key: newPublicKey() });
    expect([refused.statusCode, refused.json().message]).toEqual([
      403,
      'Must have admin rights to Repository.',
    ]);
    const publicOnly = await api.token(mona, ['public_repo']);
    expect((await post('/repos/mona/plans/keys', publicOnly, { key: newPublicKey() })).statusCode).toBe(404);
    expect((await post('/repos/mona/open/keys', publicOnly, { key: newPublicKey() })).statusCode).toBe(201);
  });
});
