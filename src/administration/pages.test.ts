import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valueIn } from '../../test/context.ts';
import { type TestBrowser, type TestPages, testPages } from '../../test/pages.ts';
import { type Account, createUser } from '../accounts/accounts.ts';
import { createToken } from '../tokens/tokens.ts';
import { promote } from './people.ts';

let pages: TestPages;
let admin: TestBrowser;
let ada: Account;
let stranger: TestBrowser;
beforeAll(async () => {
  pages = await testPages();
  const boss = await pages.person('boss');
  valueIn(await promote(pages.ctx, boss.account.id));
  admin = boss.browser;
  ({ account: ada, browser: stranger } = await pages.person('ada'));
});
afterAll(() => pages.close());

describe('the site admins’ pages', () => {
  it('are for nobody else', async () => {
    for (const path of ['/admin/tokens', '/admin/keys', `/admin/people/${ada.id}`]) {
      expect((await admin.get(path)).statusCode, path).toBe(200);
      expect((await stranger.get(path)).statusCode, path).toBe(403);
      expect((await pages.browser().get(path)).statusCode, path).toBe(302);
    }
    for (const path of ['/admin/people/9999', '/admin/people/x']) {
      expect((await admin.get(path)).statusCode, path).toBe(404);
    }
  });

  it('rename, promote, demote and delete', async () => {
    const user = { login: 'short', email: 'short@example.com', siteAdmin: false, password: null };
    const { id } = valueIn(await createUser(pages.ctx, user));
    const page = `/admin/people/${id}`;
    const taken = await admin.submit(page, `${page}/rename`, { login: 'ADA' });
    expect([taken.statusCode, taken.body.includes('has already been taken')]).toEqual([422, true]);
    expect((await admin.submit(page, `${page}/rename`, { login: 'longer' })).headers.location).toBe(page);
    expect((await admin.submit(page, `${page}/promote`, {})).statusCode).toBe(303);
    expect((await admin.get(page)).body).toContain('Site admin');
    expect((await admin.submit(page, `${page}/demote`, {})).statusCode).toBe(303);
    expect((await admin.submit(page, `${page}/delete`, {})).headers.location).toBe('/settings/people');
    expect((await admin.get(page)).statusCode).toBe(404);
    const own = `/admin/people/${ada.id - 1}`;
    for (const what of ['demote', 'delete']) {
      expect((await admin.forge(own, `${own}/${what}`, {})).statusCode).toBe(422);
      expect((await stranger.forge('/settings/tokens', `${page}/${what}`, {})).statusCode).toBe(403);
    }
  });

  it('suspend for a reason, which other site admins find there', async () => {
    const user = { login: 'eve', email: 'eve@example.com', siteAdmin: false, password: null };
    const { id } = valueIn(await createUser(pages.ctx, user));
    const page = `/admin/people/${id}`;
    const suspend = `/settings/people/${id}/suspend`;
    expect((await admin.submit(page, suspend, { reason: 'x'.repeat(1001) })).statusCode).toBe(422);
    expect((await admin.submit(page, suspend, { reason: 'Left <b>us</b>' })).statusCode).toBe(303);
    const { body } = await admin.get(page);
    expect(body).toContain('Left &lt;b>us&lt;/b>');
    const log = await admin.get(`/admin/audit-log?q=${encodeURIComponent('action:user.suspend user:eve')}`);
    expect(log.body).toContain('Left &lt;b>us');
    expect((await admin.submit(page, `/settings/people/${id}/unsuspend`, {})).statusCode).toBe(303);
    expect((await admin.get(page)).body).not.toContain('Left');
  });

  it('say in plain words that they are for site admins, and who is signed in', async () => {
    const { body } = await stranger.get('/admin/keys');
    expect(body).toContain('Only site admins can do this');
    expect(body).toContain('You are signed in as <strong>ada</strong>');
    expect(body).not.toContain('Resource not accessible');
    expect(body).toContain('href="/"');
  });

  it('find tokens by note, person and last characters, and revoke them', async () => {
    const request = { accountId: ada.id, note: 'Robot 100%', scopes: [], expiresAt: null };
    const { token } = valueIn(await createToken(pages.ctx, request));
    const finds = async (q: string) =>
      (await admin.get(`/admin/tokens?q=${encodeURIComponent(q)}`)).body.includes('Robot 100%');
    expect(await finds('robot 100%')).toBe(true);
    expect(await finds('ADA')).toBe(true);
    expect(await finds(token.lastEight)).toBe(true);
    expect(await finds('0%0')).toBe(false);
    const path = `/admin/tokens/${token.id}/delete`;
    expect((await stranger.forge('/settings/tokens', path, {})).statusCode).toBe(403);
    expect((await admin.submit('/admin/tokens', path, {})).statusCode).toBe(303);
    expect(await finds('robot')).toBe(false);
    expect((await admin.forge('/admin/tokens', path, {})).statusCode).toBe(404);
  });
});
