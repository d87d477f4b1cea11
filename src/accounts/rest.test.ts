import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startApi, type TestApi, testUrl } from '../../test/api.ts';
import type { Account } from './accounts.ts';

let api: TestApi;
let ada: Account;

beforeEach(async () => {
  api = await startApi();
  ada = await api.person('ada');
});

afterEach(() => api.close());

describe('people', () => {
  it('see their private fields only with the scope for it', async () => {
    const token = await api.token(ada, ['repo']);
    for (const body of [{ name: 'open' }, { name: 'shut', private: true }]) {
      await api.call('POST', '/user/repos', { token, body });
    }
    const bare = await api.get('/user', await api.token(ada));
    expect(bare.statusCode).toBe(200);
    expect(bare.headers['x-accepted-oauth-scopes']).toBe('');
    expect(bare.json()).toMatchObject({ login: 'ada', email: null, public_repos: 1 });
    expect(bare.json()).not.toHaveProperty('owned_private_repos');
    const full = (await api.get('/user', await api.token(ada, ['user']))).json();
    expect(full).toMatchObject({ email: 'ada@example.com', owned_private_repos: 1, public_repos: 1 });
    expect((await api.get('/user', await api.token(ada, ['read:user']))).json()).toMatchObject({
      email: null,
    });
    expect((await api.get('/user')).statusCode).toBe(401);
  });

  it('read their addresses only with the scope for it', async () => {
    const refused = await api.get('/user/emails', await api.token(ada, ['public_repo']));
    expect(refused.statusCode).toBe(404);
    expect(refused.headers['x-accepted-oauth-scopes']).toBe('user, user:email');
    const emails = await api.get('/user/emails', await api.token(ada, ['user:email']));
    expect(emails.json()).toMatchObject([{ email: 'ada@example.com', primary: true }]);
  });

  it('are shown to all by name and number, without their address', async () => {
    const byName = (await api.get('/users/ADA')).json();
    expect(byName).toMatchObject({ login: 'ada', id: ada.id, email: null, html_url: `${testUrl}/ada` });
    expect((await api.get(`/user/${ada.id}`)).json()).toEqual(byName);
    for (const path of [
      '/users/nobody',
      '/users/%00',
      '/user/999',
      '/user/1x',
      `/users/${'x'.repeat(5000)}`,
    ]) {
      expect((await api.get(path)).statusCode, path).toBe(404);
    }
  });
});
