// Promoting somebody took sudo mode; inviting somebody as a site admin did not, and showed the link for the password:
// an admin's browser left open was enough to have an admin account of one's own.
import { describe, expect, it } from 'vitest';
import { findAccountByLogin } from '../../../src/accounts/accounts.ts';
import { signIn } from '../../account-pages.ts';
import { formBrowser } from '../../form-browser.ts';
import { startServer } from '../server.ts';

const password = 'bass-clef-and-tide';
const PEOPLE = '/settings/people';

describe('A site admin', () => {
  it('is not made by who merely found the browser of one open; ordinary people are, and after a proof admins too', async () => {
    await using server = await startServer();
    await server.person('ada', { siteAdmin: true, password });
    const browser = formBrowser(server.url);
    await signIn(browser, 'ada', password);
    await server.ctx.db.updateTable('sessions').set({ sudo_at: 0 }).execute();
    const page = await browser.get(PEOPLE);
    const invite = (login: string, more: Readonly<Record<string, string>> = {}) =>
      browser.submit(page, PEOPLE, { login, email: `${login}@example.com`, ...more });

    const asked = await invite('mallory', { site_admin: '1' });
    expect([asked.status, asked.heading]).toEqual([401, 'Confirm access']);
    expect(asked.text).not.toContain('one-time-link');
    expect(await findAccountByLogin(server.ctx, 'mallory')).toBeNull();
    expect((await invite('mona')).status).toBe(201);

    const confirmed = await browser.submit(asked, '/login/confirm', { password });
    const made = await browser.submit(confirmed, PEOPLE);
    expect(made.text).toContain('one-time-link');
    expect((await findAccountByLogin(server.ctx, 'mallory'))?.siteAdmin).toBe(true);
  });
});
