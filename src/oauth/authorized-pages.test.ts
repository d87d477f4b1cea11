// What people let applications do, on the pages of their settings: seen, and ended.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valueIn } from '../../test/context.ts';
import { type Registered, startOAuth, type TestOAuth } from '../../test/oauth.ts';
import type { TestBrowser } from '../../test/pages.ts';
import { newPublicKey } from '../../test/public-key.ts';
import type { Account } from '../accounts/accounts.ts';
import type { Scopes } from '../scopes/scopes.ts';
import { createToken } from '../tokens/tokens.ts';
import { setApplicationEnabled } from './applications.ts';

let oauth: TestOAuth;
let ada: Account;
let ben: Account;
let browser: TestBrowser;
let builder: Registered;
let mirror: Registered;
const list = '/settings/applications';

beforeAll(async () => {
  oauth = await startOAuth();
  ada = await oauth.person('ada');
  ben = await oauth.person('ben');
  browser = await oauth.signIn(ada);
  builder = await oauth.register(ben);
  mirror = await oauth.register(ben, { name: 'mirror' });
});
afterAll(() => oauth.close());

const pageOf = ({ application }: Registered) => `/settings/connections/applications/${application.clientId}`;

async function tokenFor(account: Account, { application, secret }: Registered, scopes: Scopes) {
  const code = await oauth.code(account, application, { scopes });
  const fields = { client_id: application.clientId, client_secret: secret, code };
  return (await oauth.token(fields)).access_token ?? '';
}

const call = (token: string, method: string, path: string, payload?: object) =>
  oauth.ask({
    method,
    url: `/api/v3${path}`,
    headers: { authorization: `Bearer ${token}` },
    ...(payload === undefined ? {} : { payload }),
  });

const countKeys = async () =>
  (await oauth.ctx.db.selectFrom('ssh_keys').select('title').orderBy('title').execute()).map(
    ({ title }) => title,
  );

describe('Authorized OAuth Apps', () => {
  it('begins empty, and tells so', async () => {
    const { body } = await browser.get(list);
    expect(body).toContain('You have authorized no applications');
    expect(body).not.toContain('Revoke all');
  });

  it('lists each with its scopes, its owner and when it was used last, and shows one in plain words', async () => {
    const token = await tokenFor(ada, builder, ['admin:public_key', 'repo']);
    await tokenFor(ada, mirror, []);
    await call(token, 'POST', '/user/keys', { title: 'made by it', key: newPublicKey() });
    const { body } = await browser.get(list);
    expect(body).toContain(`href="${pageOf(builder)}"`);
    expect(body).toContain('admin:public_key, repo');
    expect(body).toContain('no scopes');
    expect(body).toContain('href="/ben"');
    expect(body).toContain('Never used');
    await oauth.ctx.db.updateTable('tokens').set({ last_used_at: oauth.ctx.now() }).execute();
    expect((await browser.get(list)).body).toContain('Last used');

    const one = (await browser.get(pageOf(builder))).body;
    expect(one).toContain('See, add and delete your SSH keys.');
    expect(one).toContain('It has one token of yours.');
    expect(one).toContain(`…${token.slice(-8)}`);
    expect(one).toContain('made by it');
    expect(one).not.toContain(token);
    expect((await browser.get(pageOf(mirror))).body).toContain('nothing else');
  });

  it('are not among the personal access tokens, and nothing that those pages do reaches their tokens', async () => {
    const token = await tokenFor(ada, builder, ['repo', 'user']);
    const own = await createToken(oauth.ctx, {
      accountId: ada.id,
      note: 'my laptop',
      scopes: ['gist'],
      expiresAt: null,
    });
    const { id } = valueIn(own).token;
    const page = (await browser.get('/settings/tokens')).body;
    const listed = [...page.matchAll(/class="token-note"[^>]*>([^<]*)/g)].map(([, note]) => note);
    expect(listed).toEqual(['my laptop']);
    const row = await oauth.ctx.db
      .selectFrom('tokens')
      .select('id')
      .where('last_eight', '=', token.slice(-8))
      .executeTakeFirstOrThrow();
    expect((await browser.get(`/settings/tokens/${id}`)).statusCode).toBe(200);
    expect((await browser.get(`/settings/tokens/${row.id}`)).statusCode).toBe(404);
    const found = [];
    for (const below of ['', '/narrow', '/shorten', '/regenerate', '/delete']) {
      const path = `/settings/tokens/${row.id}${below}`;
      const sent = await browser.forge(`/settings/tokens/${id}`, path, {
        note: 'taken over',
        scopes: 'gist',
        expiration: '7d',
      });
      found.push(`${below}: ${sent.statusCode}`);
    }
    expect(found).toEqual([': 404', '/narrow: 404', '/shorten: 404', '/regenerate: 404', '/delete: 404']);
    await browser.submit('/settings/tokens', '/settings/tokens/revoke-all', {});
    expect(await oauth.statusOf(valueIn(own).secret.expose())).toBe(401);
    expect(await oauth.statusOf(token)).toBe(200);
  });

  it('shows nobody what others let applications do, nor lets them end it', async () => {
    const his = await oauth.signIn(ben);
    expect((await his.get(pageOf(builder))).statusCode).toBe(404);
    const forged = await his.forge(list, `${pageOf(builder)}/revoke`, {});
    expect(forged.statusCode).toBe(404);
    await his.forge(list, `${list}/revoke-all`, {});
    expect((await browser.get(pageOf(builder))).statusCode).toBe(200);
    const sent = await browser.post(`${pageOf(builder)}/revoke`, {});
    expect(sent.statusCode).toBeGreaterThanOrEqual(400);
    expect((await browser.get(pageOf(builder))).statusCode).toBe(200);
    const stranger = await oauth.browser().get(list);
    expect(stranger.headers.location).toMatch(/^\/login\?/);
  });

  it('ends one at once: its tokens, its codes and the keys that it made, and nothing else', async () => {
    const hers = await tokenFor(ada, builder, ['admin:public_key', 'repo']);
    const his = await tokenFor(ben, builder, ['admin:public_key']);
    const another = await tokenFor(ada, mirror, ['admin:public_key']);
    await call(his, 'POST', '/user/keys', { title: 'of ben', key: newPublicKey() });
    await call(another, 'POST', '/user/keys', { title: 'by another', key: newPublicKey() });
    await call(hers, 'POST', '/user/repos', { name: 'site', private: true });
    await call(hers, 'POST', '/repos/ada/site/keys', { title: 'deploy', key: newPublicKey() });
    const code = await oauth.code(ada, builder.application);
    expect(await countKeys()).toEqual(['by another', 'deploy', 'made by it', 'of ben']);

    // Two hours later, without a proof: ending takes none.
    oauth.ctx.clock.forward(3 * 60 * 60 * 1000);
    browser = await oauth.signIn(ada);
    const answer = await browser.submit(list, `${pageOf(builder)}/revoke`, {});
    expect([answer.statusCode, answer.headers.location]).toEqual([303, list]);
    expect((await browser.get(list)).body).toContain('Revoked “builder”');
    expect(await Promise.all([hers, his, another].map(oauth.statusOf))).toEqual([401, 200, 200]);
    expect(await countKeys()).toEqual(['by another', 'of ben']);
    const { application, secret } = builder;
    const late = await oauth.token({ client_id: application.clientId, client_secret: secret, code });
    expect(late.error).toBe('bad_verification_code');
    expect((await browser.get(pageOf(builder))).statusCode).toBe(404);
    const rows = await oauth.ctx.db
      .selectFrom('audit_events')
      .select(['action', 'actor_login'])
      .where('action', 'in', ['oauth_authorization.destroy', 'public_key.delete'])
      .execute();
    expect(rows.map(({ action, actor_login }) => `${action} by ${actor_login}`).sort()).toEqual([
      'oauth_authorization.destroy by ada',
      'public_key.delete by ada',
      'public_key.delete by ada',
    ]);
  });

  it('ends all at once, those too that are switched off', async () => {
    const tokens = [await tokenFor(ada, builder, ['gist']), await tokenFor(ada, mirror, ['gist'])];
    const his = await tokenFor(ben, mirror, ['gist']);
    await setApplicationEnabled(oauth.ctx, builder.application, false);
    expect((await browser.get(pageOf(builder))).body).toContain('switched this application off');
    await browser.submit(list, `${list}/revoke-all`, {});
    await setApplicationEnabled(oauth.ctx, builder.application, true);
    expect(await Promise.all([...tokens, his].map(oauth.statusOf))).toEqual([401, 401, 200]);
    expect((await browser.get(list)).body).toContain('You have authorized no applications');
  });
});
