import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { password, type ServedPages, servePages, signIn } from '../../test/account-pages.ts';
import { createSetupLink } from './links.ts';

let pages: ServedPages;
beforeEach(async () => {
  pages = await servePages();
});
afterEach(() => pages.close());

describe('setting up', () => {
  const first = { login: 'mona', email: 'mona@example.com', password };

  it('moves the code into a cookie and leads to a clean address, which nothing else opens', async () => {
    const link = new URL((await createSetupLink(pages.ctx))?.expose() ?? '');
    const browser = pages.browser();
    const opened = await browser.get(`${link.pathname}${link.search}`);
    expect(opened).toMatchObject({
      status: 303,
      headers: { location: '/setup', 'referrer-policy': 'no-referrer' },
    });
    expect(opened.setCookies.join()).toMatch(/latchkey_setup=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax/);
    expect((await browser.get('/setup')).heading).toBe('Set up Latchkey');
    expect(await pages.browser().get('/setup')).toMatchObject({
      status: 404,
      heading: 'This server is not set up yet',
    });
    // Opening it elsewhere, as a preview does, has used nothing up.
    const done = await browser.submit(await browser.get('/setup'), '/setup', first);
    expect(done.status).toBe(303);
    expect(browser.cookies.has('latchkey_setup')).toBe(false);
    expect((await browser.get('/settings/people')).heading).toBe('People');
    expect((await pages.browser().visit(`${link.pathname}${link.search}`)).heading).toBe(
      'Latchkey is set up already',
    );
    expect((await signIn(pages.browser(), 'mona')).status).toBe(303);
  });

  it('keeps what was typed but the password, and tells what is wrong beside each field', async () => {
    const link = new URL((await createSetupLink(pages.ctx))?.expose() ?? '');
    const browser = pages.browser();
    const form = await browser.visit(`${link.pathname}${link.search}`);
    const fields = { login: 'settings', email: 'no "mail"', password: 'password1' };
    const wrong = await browser.submit(form, '/setup', fields);
    expect(wrong.status).toBe(422);
    expect(wrong.notices).toHaveLength(3);
    expect(wrong.text).toContain('value="settings"');
    expect(wrong.text).toContain('value="no &quot;mail&quot;"');
    expect(wrong.text).not.toContain('password1');
    expect((await browser.submit(wrong, '/setup', first)).status).toBe(303);
  });

  it('slows down who tries codes, and only there', async () => {
    const link = new URL((await createSetupLink(pages.ctx))?.expose() ?? '');
    const guesser = pages.browser();
    for (let n = 10; n < 20; n++) await guesser.visit(`/setup?code=${'x'.repeat(41)}${n}`);
    const refused = await guesser.visit(`/setup?code=${'x'.repeat(43)}`);
    expect(refused.status).toBe(429);
    expect((await pages.elsewhere().visit(`${link.pathname}${link.search}`)).heading).toBe('Set up Latchkey');
    pages.ctx.clock.forward(30_000);
    expect((await guesser.visit(`${link.pathname}${link.search}`)).heading).toBe('Set up Latchkey');
  });

  it.each(['/setup?code=', '/setup?code=a&code=b', '/setup?code=%00', `/setup?code=${'x'.repeat(5000)}`])(
    'answers a link that never was like none at all: %#',
    async (path) => {
      await createSetupLink(pages.ctx);
      expect(await pages.browser().visit(path)).toMatchObject({ status: 404 });
    },
  );
});
