import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestPages, testPages } from '../../test/pages.ts';
import { notify, pageNotices } from './notices.ts';

let pages: TestPages;
beforeAll(async () => {
  pages = await testPages();
});
afterAll(() => pages.close());

const tell = (accountId: number, text: string) =>
  pages.ctx.db
    .transaction()
    .execute((db) =>
      notify(pages.ctx, db, { accountId, subject: 's', text, path: '/settings/tokens', urgent: true }),
    );

describe('a notice on the pages', () => {
  it('stands on top of the settings and in the bell, until it is dismissed there', async () => {
    const { account, browser } = await pages.person('ada');
    const none = await browser.get('/settings/tokens');
    expect(none.body).not.toContain('Dismiss');
    expect(none.body).not.toContain('notice-bell');
    await tell(account.id, 'Something <b>happened</b>.');
    const { body } = await browser.get('/settings/tokens');
    expect(body).toContain('Something &lt;b>happened&lt;/b>.');
    expect(body).toContain('aria-label="1 notice"');
    const [notice] = await pageNotices(pages.ctx, account.id);
    const dismiss = `/settings/notices/${notice?.id}/dismiss`;
    const answer = await browser.submit('/settings/tokens', dismiss, { return_to: '/settings/tokens' });
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/settings/tokens']);
    expect((await browser.get('/settings/tokens')).body).not.toContain('happened');
  });

  it('stands behind the bell only where there is nothing to do', async () => {
    const { account, browser } = await pages.person('dora');
    const plain = { accountId: account.id, subject: 's', text: 'Just so.', path: '/settings/tokens' };
    await pages.ctx.db.transaction().execute((db) => notify(pages.ctx, db, plain));
    const { body } = await browser.get('/settings/tokens');
    expect(body).not.toContain('Just so.');
    expect(body).toContain('aria-label="1 notice"');
    expect((await browser.get('/settings/notices')).body).toContain('Just so.');
  });

  it('is one of many on a page of their own, where all go at once', async () => {
    const { account, browser } = await pages.person('bob');
    for (let at = 1; at <= 5; at++) await tell(account.id, `Number ${at}.`);
    const top = (await browser.get('/settings/profile')).body;
    expect(top).toContain('All 5 notices');
    expect(top).not.toContain('Number 2.');
    const own = (await browser.get('/settings/notices')).body;
    for (let at = 1; at <= 5; at++) expect(own.split(`Number ${at}.`)).toHaveLength(2);
    await browser.submit('/settings/notices', '/settings/notices/dismiss-all', {});
    expect((await browser.get('/settings/notices')).body).toContain('nothing to tell');
  });

  it('is nobody else’s to see or to dismiss, and leads nowhere else', async () => {
    const eve = await pages.person('eve');
    const { account } = await pages.person('carol');
    await tell(account.id, 'For carol.');
    await tell(eve.account.id, 'For eve.');
    expect((await eve.browser.get('/settings/notices')).body).not.toContain('For carol.');
    const [notice] = await pageNotices(pages.ctx, account.id);
    const forged = (path: string, fields = {}) => eve.browser.forge('/settings/notices', path, fields);
    await forged(`/settings/notices/${notice?.id}/dismiss`);
    await forged('/settings/notices/dismiss-all');
    expect(await pageNotices(pages.ctx, account.id)).toHaveLength(1);
    expect(await pageNotices(pages.ctx, eve.account.id)).toHaveLength(0);
    expect((await forged('/settings/notices/nonsense/dismiss')).statusCode).toBe(404);
    const away = await forged('/settings/notices/1/dismiss', { return_to: '//evil.example' });
    expect(away.headers.location).toBe('/settings/notices');
  });
});
