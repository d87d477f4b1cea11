import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  authenticityToken,
  password,
  type ServedPages,
  servePages,
  sessionCookie,
  signIn,
} from '../../test/account-pages.ts';
import { valueIn } from '../../test/context.ts';
import { findAccountByLogin, suspendAccount } from './accounts.ts';

let pages: ServedPages;
beforeEach(async () => {
  pages = await servePages();
});
afterEach(() => pages.close());

describe('signing in', () => {
  beforeEach(async () => {
    await pages.person('mona', true);
    await pages.person('hubot');
  });

  it('sets a cookie that scripts and other sites do not get', async () => {
    const browser = pages.browser();
    const answer = await signIn(browser, 'mona@example.com');
    expect(answer.headers.location).toBe('/');
    const cookie = answer.setCookies.find((line) => line.startsWith('latchkey_session='));
    expect(cookie).toMatch(/^latchkey_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
    expect((await browser.get('/settings/profile')).heading).toBe('Profile');
  });

  it('leads back to where one wanted to go, on this site only', async () => {
    const browser = pages.browser();
    const redirect = await browser.get('/settings/sessions');
    expect(redirect).toMatchObject({
      status: 302,
      headers: { location: '/login?return_to=%2Fsettings%2Fsessions' },
    });
    const form = await browser.get(String(redirect.headers.location));
    const answer = await browser.submit(form, '/login', { login: 'mona', password });
    expect(answer.headers.location).toBe('/settings/sessions');
  });

  it.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    '/%5c/evil.example/..//evil.example',
    '',
  ])('never leads to another site: %j', async (returnTo) => {
    const browser = pages.browser();
    const form = await browser.get(`/login?return_to=${encodeURIComponent(returnTo)}`);
    const fields = { login: 'mona', password, return_to: returnTo };
    for (const more of [{}, { return_to: returnTo }]) {
      const answer = await browser.submit(form, '/login', { ...fields, ...more });
      const to = new URL(String(answer.headers.location ?? '/'), pages.base);
      expect(to.origin).toBe(pages.base);
    }
  });

  it('says the same of a wrong password and of nobody, and keeps the name that was typed', async () => {
    const browser = pages.browser();
    const wrong = await signIn(browser, 'mona', 'wrong-trombone');
    const nobody = await signIn(browser, 'nobody', 'wrong-trombone');
    expect([wrong.status, nobody.status]).toEqual([422, 422]);
    expect(wrong.notices).toEqual(['Incorrect username or password.']);
    expect(nobody.notices).toEqual(wrong.notices);
    expect(wrong.text).toMatch(/<input[^>]*name="login"[^>]*value="mona"/);
    expect(wrong.text).toMatch(/aria-describedby="password-error"/);
    expect(wrong.text).not.toContain('wrong-trombone');
  });

  it('is slowed down for who guesses, while neighbours and the person elsewhere sign in', async () => {
    const guesser = pages.browser();
    for (let n = 0; n < 10; n++) await signIn(guesser, 'mona', `wrong-trombone-${n}`);
    const refused = await signIn(guesser, 'mona');
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('30');
    expect(refused.notices).toEqual(['Too many failed attempts. Try again in 30 seconds.']);
    expect((await signIn(pages.browser(), 'hubot')).status).toBe(303);
    expect((await signIn(pages.elsewhere(), 'mona')).status).toBe(303);
    pages.ctx.clock.forward(30_000);
    expect((await signIn(guesser, 'mona')).status).toBe(303);
  });

  it('gives the browser a new secret, and the old one is dead', async () => {
    const browser = await pages.signedIn('mona');
    const before = sessionCookie(browser) ?? '';
    expect((await signIn(browser, 'hubot')).status).toBe(303);
    expect(sessionCookie(browser)).not.toBe(before);
    const thief = pages.browser();
    thief.cookies.set('latchkey_session', before);
    expect((await thief.get('/settings/profile')).status).toBe(302);
  });

  it('never takes a session that somebody planted beforehand', async () => {
    const browser = pages.browser();
    browser.cookies.set('latchkey_session', 'x'.repeat(43));
    await signIn(browser, 'mona');
    expect(sessionCookie(browser)).not.toBe('x'.repeat(43));
    expect((await browser.get('/settings/profile')).status).toBe(200);
  });

  it('tells a suspended person so, and nothing to who does not know the password', async () => {
    const { id } = await pages.person('eve');
    valueIn(await suspendAccount(pages.ctx, id));
    const suspended = await signIn(pages.browser(), 'eve');
    expect(suspended).toMatchObject({ status: 403, heading: 'Your account is suspended' });
    expect(suspended.setCookies.join()).not.toMatch(/latchkey_session=[\w-]/);
    expect((await signIn(pages.browser(), 'eve', 'wrong-trombone')).status).toBe(422);
  });

  it.each([
    ['no fields', ''],
    ['a name of a megabyte', `login=${'x'.repeat(200_000)}&password=y`],
    ['fields that repeat', 'login=mona&login=hubot&password=a&password=b'],
    ['bytes that are no text', 'login=%00%01&password=%ff%00'],
  ])('takes a form with %s for what it is: wrong', async (_what, body) => {
    const browser = pages.browser();
    const form = await browser.get('/login');
    const token = authenticityToken(form);
    const answer = await browser.post('/login', {
      authenticity_token: token,
      ...Object.fromEntries(new URLSearchParams(body)),
    });
    expect(answer.status).toBe(422);
    expect(answer.heading).toBe('Sign in to Latchkey');
  });
});

describe('signing out', () => {
  it('ends the session, not only the cookie, and only when posted by our own form', async () => {
    await pages.person('mona');
    const browser = await pages.signedIn('mona');
    const secret = sessionCookie(browser) ?? '';
    const page = await browser.get('/logout');
    expect(page.heading).toBe('Sign out?');
    expect((await browser.post('/logout', {})).status).toBe(422);
    expect((await browser.get('/settings/profile')).status).toBe(200);
    expect((await browser.submit(page, '/logout')).headers.location).toBe('/login');
    const thief = pages.browser();
    thief.cookies.set('latchkey_session', secret);
    expect((await thief.get('/settings/profile')).status).toBe(302);
    expect((await browser.get('/login')).notices).toEqual(['You have signed out.']);
  });
});

describe('forms', () => {
  it('are refused when they come from another site, or from another browser', async () => {
    await pages.person('mona');
    const browser = await pages.signedIn('mona');
    const page = await browser.get('/settings/profile');
    const token = authenticityToken(page);
    const change = { name: 'Eve', email: 'eve@example.com' };
    const refused = [
      await browser.post('/settings/profile', change),
      await browser.post('/settings/profile', { ...change, authenticity_token: 'x'.repeat(86) }),
      await browser.post(
        '/settings/profile',
        { ...change, authenticity_token: token },
        { origin: 'https://evil.example' },
      ),
      await browser.post(
        '/settings/profile',
        { ...change, authenticity_token: token },
        { 'sec-fetch-site': 'cross-site' },
      ),
      await (await pages.signedIn('mona')).post('/settings/profile', {
        ...change,
        authenticity_token: token,
      }),
      await browser.post(
        '/settings/profile',
        { ...change, authenticity_token: token },
        { 'content-type': 'text/plain' },
      ),
    ];
    expect(refused.map((answer) => answer.status)).toEqual([422, 422, 422, 422, 422, 422]);
    expect(await findAccountByLogin(pages.ctx, 'mona')).toMatchObject({
      name: null,
      email: 'mona@example.com',
    });
    expect((await browser.submit(page, '/settings/profile', change)).status).toBe(303);
    expect(await findAccountByLogin(pages.ctx, 'mona')).toMatchObject({
      name: 'Eve',
      email: 'eve@example.com',
    });
  });

  it('of signing in are bound to the browser too', async () => {
    await pages.person('mona');
    expect((await pages.browser().post('/login', { login: 'mona', password })).status).toBe(422);
  });
});

describe('under TLS', () => {
  beforeEach(async () => {
    await pages.close();
    pages = await servePages({ url: () => 'https://git.example.com' });
    await pages.person('mona');
  });

  it('all cookies are bound to the host and to TLS', async () => {
    const browser = pages.browser();
    const form = await browser.get('/login');
    const answer = await browser.submit(form, '/login', { login: 'mona', password });
    const set = [...form.setCookies, ...answer.setCookies];
    expect(set.length).toBeGreaterThan(1);
    for (const line of set)
      expect(line).toMatch(/^__Host-latchkey_\w+=[\w-]*; Path=\/; HttpOnly; SameSite=Lax; Secure/);
    expect((await browser.get('/settings/profile')).status).toBe(200);
    const plain = pages.browser();
    plain.cookies.set('latchkey_session', browser.cookies.get('__Host-latchkey_session') ?? '');
    expect((await plain.get('/settings/profile')).status).toBe(302);
  });
});
