// Site admins switch applications off and on.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valueIn } from '../../test/context.ts';
import { authorizePath, startOAuth, type TestOAuth } from '../../test/oauth.ts';
import type { TestBrowser } from '../../test/pages.ts';
import { type Account, createUser } from '../accounts/accounts.ts';
import { Secret } from '../secrets/secret.ts';

const list = '/admin/applications';
const hours = 60 * 60 * 1000;
let oauth: TestOAuth;
let boss: Account;
let ada: Account;
let admin: TestBrowser;

beforeAll(async () => {
  oauth = await startOAuth();
  const password = new Secret('correct horse 7');
  const user = { login: 'boss', email: 'boss@example.com', siteAdmin: true, password };
  boss = valueIn(await createUser(oauth.ctx, user));
  ada = await oauth.person('ada');
  admin = await oauth.signIn(boss);
});
afterAll(() => oauth.close());

describe('All applications', () => {
  it('lists those known from the start and those that people registered, with who lets them act', async () => {
    const { application } = await oauth.register(ada);
    await oauth.code(ada, application);
    const { statusCode, body } = await admin.get(list);
    expect(statusCode).toBe(200);
    for (const text of ['GitHub CLI', '178c6fc778ccc68e1d6a', 'Git Credential Manager', 'builder']) {
      expect(body).toContain(text);
    }
    expect(body).toContain('one person lets it act for them');
    expect(body).toContain('nobody lets it act for them');
  });

  it('are switched off and on: tokens are refused meanwhile, codes and devices too, and then work again', async () => {
    const { application, secret } = await oauth.register(ada, { name: 'tool', deviceFlow: true });
    const credentials = { client_id: application.clientId, client_secret: secret };
    const exchange = async () => oauth.token({ ...credentials, code: await oauth.code(ada, application) });
    const { access_token: token } = await exchange();
    const browser = await oauth.signIn(ada);
    const asked = authorizePath({ client_id: application.clientId });
    expect(await oauth.statusOf(token)).toBe(200);

    const off = await admin.submit(list, `${list}/${application.id}/disable`, {});
    expect([off.statusCode, off.headers.location]).toEqual([303, list]);
    expect((await admin.get(list)).body).toContain('“tool” is off.');
    expect(await oauth.statusOf(token)).toBe(401);
    expect((await exchange()).error).toBe('application_suspended');
    const refused = await browser.get(asked);
    expect(refused.statusCode === 200 && refused.body.includes('Authorize tool')).toBe(false);
    const device = await oauth.ask({
      method: 'POST',
      url: '/login/device/code',
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      payload: `client_id=${application.clientId}`,
    });
    expect(JSON.parse(device.body)).not.toHaveProperty('device_code');

    await admin.submit(list, `${list}/${application.id}/enable`, {});
    expect(await oauth.statusOf(token)).toBe(200);
    expect((await exchange()).access_token).toMatch(/^gho_/);
    expect((await browser.get(asked)).statusCode).toBeLessThan(400);
    const rows = await oauth.ctx.db
      .selectFrom('audit_events')
      .select(['action', 'actor_login'])
      .where('action', 'in', ['oauth_application.enable', 'oauth_application.disable'])
      .orderBy('id')
      .execute();
    expect(rows).toEqual([
      { action: 'oauth_application.disable', actor_login: 'boss' },
      { action: 'oauth_application.enable', actor_login: 'boss' },
    ]);
  });

  it('is for site admins alone, who prove who they are before they switch anything', async () => {
    const { application } = await oauth.register(ada, { name: 'third' });
    const hers = await oauth.signIn(ada);
    expect((await hers.get(list)).statusCode).toBe(403);
    const forged = await hers.forge('/settings/applications', `${list}/${application.id}/disable`, {});
    expect(forged.statusCode).toBe(403);
    expect((await admin.forge(list, `${list}/999/disable`, {})).statusCode).toBe(404);
    oauth.ctx.clock.forward(2 * hours + 1);
    const held = await admin.submit(list, `${list}/${application.id}/disable`, {});
    expect(held.body).toContain('Confirm access');
    const row = await oauth.ctx.db
      .selectFrom('oauth_applications')
      .select('enabled')
      .where('id', '=', application.id)
      .executeTakeFirst();
    expect(row?.enabled).toBe(1);
  });
});
