// The pages of people over real connections, with a clock that the test moves.
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestContext, testContext, valueIn } from '../../test/context.ts';
import { type Answer, type FormBrowser, formBrowser } from '../../test/form-browser.ts';
import { createGuard } from '../access/guard.ts';
import { Secret } from '../secrets/secret.ts';
import { createWebWay } from '../web/way.ts';
import { createUser, findAccountByLogin, suspendAccount } from './accounts.ts';
import { createSetupLink } from './links.ts';
import { accountPages } from './pages.tsx';
import { createSessionStore, listSessions } from './sessions.ts';

const password = 'tr0mbone-under-glass';
const assets = { href: (name: string) => `/assets/${name}`, find: () => undefined };

let ctx: TestContext;
let app: FastifyInstance;
let base: string;

async function open(url: string): Promise<void> {
  ctx = await testContext({ url });
  app = Fastify();
  const guard = createGuard();
  guard.requireGuard(app);
  await app.register(async (pages) => {
    const sessions = createSessionStore(ctx);
    accountPages(createWebWay(pages, ctx, { mark: guard.mark, sessions, assets }), ctx);
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  base = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

beforeEach(() => open('http://127.0.0.1'));
afterEach(async () => {
  await app.close();
  await ctx.db.destroy();
});

const add = async (login: string, siteAdmin = false) => {
  const user = { login, email: `${login}@example.com`, siteAdmin, password: new Secret(password) };
  return valueIn(await createUser(ctx, user));
};

const signIn = async (browser: FormBrowser, login: string, text = password): Promise<Answer> =>
  browser.submit(await browser.get('/login'), '/login', { login, password: text });

async function signedIn(login: string, userAgent = 'Firefox/140.0 (X11; Linux)'): Promise<FormBrowser> {
  const browser = formBrowser(base, { userAgent });
  expect((await signIn(browser, login)).status).toBe(303);
  return browser;
}

const elsewhere = () => formBrowser(base, { localAddress: '127.0.0.2' });
const sessionCookie = (browser: FormBrowser) => browser.cookies.get('latchkey_session');

describe('signing in', () => {
  beforeEach(async () => {
    await add('mona', true);
    await add('hubot');
  });

  it('sets a cookie that scripts and other sites do not get', async () => {
    const browser = formBrowser(base);
    const answer = await signIn(browser, 'mona@example.com');
    expect(answer.headers.location).toBe('/');
    const cookie = answer.setCookies.find((line) => line.startsWith('latchkey_session='));
    expect(cookie).toMatch(/^latchkey_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
    expect((await browser.get('/settings/profile')).heading).toBe('Profile');
  });

  it('leads back to where one wanted to go, on this site only', async () => {
    const browser = formBrowser(base);
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
    const browser = formBrowser(base);
    const form = await browser.get(`/login?return_to=${encodeURIComponent(returnTo)}`);
    const fields = { login: 'mona', password, return_to: returnTo };
    for (const more of [{}, { return_to: returnTo }]) {
      const answer = await browser.submit(form, '/login', { ...fields, ...more });
      const to = new URL(String(answer.headers.location ?? '/'), base);
      expect(to.origin).toBe(base);
    }
  });

  it('says the same of a wrong password and of nobody, and keeps the name that was typed', async () => {
    const browser = formBrowser(base);
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
    const guesser = formBrowser(base);
    for (let n = 0; n < 10; n++) await signIn(guesser, 'mona', `wrong-trombone-${n}`);
    const refused = await signIn(guesser, 'mona');
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('30');
    expect(refused.notices).toEqual(['Too many failed attempts. Try again in 30 seconds.']);
    expect((await signIn(formBrowser(base), 'hubot')).status).toBe(303);
    expect((await signIn(elsewhere(), 'mona')).status).toBe(303);
    ctx.clock.forward(30_000);
    expect((await signIn(guesser, 'mona')).status).toBe(303);
  });

  it('gives the browser a new secret, and the old one is dead', async () => {
    const browser = await signedIn('mona');
    const before = sessionCookie(browser) ?? '';
    expect((await signIn(browser, 'hubot')).status).toBe(303);
    expect(sessionCookie(browser)).not.toBe(before);
    const thief = formBrowser(base);
    thief.cookies.set('latchkey_session', before);
    expect((await thief.get('/settings/profile')).status).toBe(302);
  });

  it('never takes a session that somebody planted beforehand', async () => {
    const browser = formBrowser(base);
    browser.cookies.set('latchkey_session', 'x'.repeat(43));
    await signIn(browser, 'mona');
    expect(sessionCookie(browser)).not.toBe('x'.repeat(43));
    expect((await browser.get('/settings/profile')).status).toBe(200);
  });

  it('tells a suspended person so, and nothing to who does not know the password', async () => {
    const { id } = await add('eve');
    valueIn(await suspendAccount(ctx, id));
    const suspended = await signIn(formBrowser(base), 'eve');
    expect(suspended).toMatchObject({ status: 403, heading: 'Your account is suspended' });
    expect(suspended.setCookies.join()).not.toMatch(/latchkey_session=[\w-]/);
    expect((await signIn(formBrowser(base), 'eve', 'wrong-trombone')).status).toBe(422);
  });

  it.each([
    ['no fields', ''],
    ['a name of a megabyte', `login=${'x'.repeat(200_000)}&password=y`],
    ['fields that repeat', 'login=mona&login=hubot&password=a&password=b'],
    ['bytes that are no text', 'login=%00%01&password=%ff%00'],
  ])('takes a form with %s for what it is: wrong', async (_what, body) => {
    const browser = formBrowser(base);
    const form = await browser.get('/login');
    const token = /name="authenticity_token" value="([^"]+)"/.exec(form.text)?.[1] ?? '';
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
    await add('mona');
    const browser = await signedIn('mona');
    const secret = sessionCookie(browser) ?? '';
    const page = await browser.get('/logout');
    expect(page.heading).toBe('Sign out?');
    expect((await browser.post('/logout', {})).status).toBe(422);
    expect((await browser.get('/settings/profile')).status).toBe(200);
    expect((await browser.submit(page, '/logout')).headers.location).toBe('/login');
    const thief = formBrowser(base);
    thief.cookies.set('latchkey_session', secret);
    expect((await thief.get('/settings/profile')).status).toBe(302);
    expect((await browser.get('/login')).notices).toEqual(['You have signed out.']);
  });
});

describe('forms', () => {
  it('are refused when they come from another site, or from another browser', async () => {
    await add('mona');
    const browser = await signedIn('mona');
    const page = await browser.get('/settings/profile');
    const token = /name="authenticity_token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
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
      await (await signedIn('mona')).post('/settings/profile', { ...change, authenticity_token: token }),
      await browser.post(
        '/settings/profile',
        { ...change, authenticity_token: token },
        { 'content-type': 'text/plain' },
      ),
    ];
    expect(refused.map((answer) => answer.status)).toEqual([422, 422, 422, 422, 422, 422]);
    expect(await findAccountByLogin(ctx, 'mona')).toMatchObject({ name: null, email: 'mona@example.com' });
    expect((await browser.submit(page, '/settings/profile', change)).status).toBe(303);
    expect(await findAccountByLogin(ctx, 'mona')).toMatchObject({ name: 'Eve', email: 'eve@example.com' });
  });

  it('of signing in are bound to the browser too', async () => {
    await add('mona');
    expect((await formBrowser(base).post('/login', { login: 'mona', password })).status).toBe(422);
  });
});

describe('setting up', () => {
  const first = { login: 'mona', email: 'mona@example.com', password };

  it('moves the code into a cookie and leads to a clean address, which nothing else opens', async () => {
    const link = new URL((await createSetupLink(ctx))?.expose() ?? '');
    const browser = formBrowser(base);
    const opened = await browser.get(`${link.pathname}${link.search}`);
    expect(opened).toMatchObject({
      status: 303,
      headers: { location: '/setup', 'referrer-policy': 'no-referrer' },
    });
    expect(opened.setCookies.join()).toMatch(/latchkey_setup=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax/);
    expect((await browser.get('/setup')).heading).toBe('Set up Latchkey');
    expect(await formBrowser(base).get('/setup')).toMatchObject({
      status: 404,
      heading: 'This server is not set up yet',
    });
    // Opening it elsewhere, as a preview does, has used nothing up.
    const done = await browser.submit(await browser.get('/setup'), '/setup', first);
    expect(done.status).toBe(303);
    expect(browser.cookies.has('latchkey_setup')).toBe(false);
    expect((await browser.get('/settings/people')).heading).toBe('People');
    expect((await formBrowser(base).visit(`${link.pathname}${link.search}`)).heading).toBe(
      'Latchkey is set up already',
    );
    expect((await signIn(formBrowser(base), 'mona')).status).toBe(303);
  });

  it('keeps what was typed but the password, and tells what is wrong beside each field', async () => {
    const link = new URL((await createSetupLink(ctx))?.expose() ?? '');
    const browser = formBrowser(base);
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
    const link = new URL((await createSetupLink(ctx))?.expose() ?? '');
    const guesser = formBrowser(base);
    for (let n = 10; n < 20; n++) await guesser.visit(`/setup?code=${'x'.repeat(41)}${n}`);
    const refused = await guesser.visit(`/setup?code=${'x'.repeat(43)}`);
    expect(refused.status).toBe(429);
    expect((await elsewhere().visit(`${link.pathname}${link.search}`)).heading).toBe('Set up Latchkey');
    ctx.clock.forward(30_000);
    expect((await guesser.visit(`${link.pathname}${link.search}`)).heading).toBe('Set up Latchkey');
  });

  it.each(['/setup?code=', '/setup?code=a&code=b', '/setup?code=%00', `/setup?code=${'x'.repeat(5000)}`])(
    'answers a link that never was like none at all: %#',
    async (path) => {
      await createSetupLink(ctx);
      expect(await formBrowser(base).visit(path)).toMatchObject({ status: 404 });
    },
  );
});

describe('a person', () => {
  beforeEach(async () => {
    await add('mona', true);
  });

  it('sees where one is signed in, and ends sessions one by one or all others', async () => {
    const mine = await signedIn('mona');
    const [phone, office] = [
      await signedIn('mona', 'Safari/604.1 (iPhone)'),
      await signedIn('mona', 'Edg/140 (Windows NT)'),
    ];
    const page = await mine.get('/settings/sessions');
    for (const text of [
      'Firefox on Linux',
      'Safari on iOS',
      'Edge on Windows',
      'This session',
      '127.0.0.1',
    ]) {
      expect(page.text).toContain(text);
    }
    const [, phoneId = ''] = /session-(\d+)" title="Safari/.exec(page.text) ?? [];
    expect((await mine.submit(page, `/settings/sessions/${phoneId}/revoke`)).status).toBe(303);
    expect((await phone.get('/settings/profile')).status).toBe(302);
    expect((await office.get('/settings/profile')).status).toBe(200);
    expect((await mine.submit(page, '/settings/sessions/revoke-others')).status).toBe(303);
    expect((await office.get('/settings/profile')).status).toBe(302);
    expect((await mine.get('/settings/profile')).status).toBe(200);
  });

  it('cannot end another person’s session', async () => {
    const { id } = await add('hubot');
    const hubot = await signedIn('hubot');
    const mona = await signedIn('mona');
    const session = (await listSessions(ctx, id))[0]?.id ?? 0;
    const token =
      /name="authenticity_token" value="([^"]+)"/.exec((await mona.get('/settings/profile')).text)?.[1] ?? '';
    for (const which of [String(session), '0', 'x', '9'.repeat(90), '%00']) {
      const path = `/settings/sessions/${which}/revoke`;
      expect((await mona.post(path, { authenticity_token: token })).status).toBe(404);
    }
    expect((await hubot.get('/settings/profile')).status).toBe(200);
  });

  it('changes the password, which ends the other sessions and gives this one a new secret', async () => {
    const mine = await signedIn('mona');
    const other = await signedIn('mona');
    const before = sessionCookie(mine);
    const page = await mine.get('/settings/security');
    const wrong = await mine.submit(page, '/settings/security', {
      current_password: 'wrong',
      password: 'an-other-trombone',
    });
    expect(wrong).toMatchObject({ status: 422, notices: ["Current password isn't valid."] });
    const good = { current_password: password, password: 'an-other-trombone' };
    expect((await mine.submit(page, '/settings/security', good)).status).toBe(303);
    expect(sessionCookie(mine)).not.toBe(before);
    expect((await mine.get('/settings/security')).notices).toEqual([
      'Password changed. All your other sessions have ended.',
    ]);
    expect((await other.get('/settings/profile')).status).toBe(302);
    expect((await signIn(formBrowser(base), 'mona')).status).toBe(422);
    expect((await signIn(formBrowser(base), 'mona', 'an-other-trombone')).status).toBe(303);
  });

  it('invites another, who chooses a password by a link that works once', async () => {
    const admin = await signedIn('mona');
    const page = await admin.get('/settings/people');
    const made = await admin.submit(page, '/settings/people', { login: 'hubot', email: 'hubot@example.com' });
    expect(made.status).toBe(201);
    const link = new URL(/<code id="one-time-link">([^<]+)</.exec(made.text)?.[1] ?? '');
    expect((await admin.get('/settings/people')).text).not.toContain(link.searchParams.get('code'));
    const hubot = formBrowser(base);
    const form = await hubot.visit(`${link.pathname}${link.search}`);
    expect(form.path).toBe('/password');
    expect((await hubot.submit(form, '/password', { password: 'short' })).status).toBe(422);
    expect((await hubot.submit(form, '/password', { password })).status).toBe(303);
    expect((await hubot.get('/settings/profile')).text).toContain('<strong>hubot</strong>');
    expect(await formBrowser(base).visit(`${link.pathname}${link.search}`)).toMatchObject({ status: 410 });
    expect((await signIn(formBrowser(base), 'HUBOT@example.com')).status).toBe(303);
    const twice = await admin.submit(page, '/settings/people', { login: 'Hubot', email: 'h@example.com' });
    expect(twice).toMatchObject({ status: 422, notices: ['Username has already been taken.'] });
    expect(await findAccountByLogin(ctx, 'hubot')).toMatchObject({ siteAdmin: false });
  });

  it('is suspended and let in again by a site admin, who cannot suspend oneself', async () => {
    const { id } = await add('hubot');
    const hubot = await signedIn('hubot');
    const admin = await signedIn('mona');
    const suspend = `/settings/people/${id}/suspend`;
    const page = await admin.get('/settings/people');
    expect((await admin.submit(page, suspend)).status).toBe(303);
    expect((await hubot.get('/settings/profile')).status).toBe(302);
    expect((await signIn(hubot, 'hubot')).status).toBe(403);
    const after = await admin.get('/settings/people');
    expect((await admin.submit(after, `/settings/people/${id}/unsuspend`)).status).toBe(303);
    expect((await signIn(formBrowser(base), 'hubot')).status).toBe(303);
    const token = /name="authenticity_token" value="([^"]+)"/.exec(after.text)?.[1] ?? '';
    const own = (await findAccountByLogin(ctx, 'mona'))?.id;
    expect((await admin.post(`/settings/people/${own}/suspend`, { authenticity_token: token })).status).toBe(
      422,
    );
  });

  it('who is no site admin sees nothing of other people and changes nothing', async () => {
    const { id } = await add('hubot');
    const hubot = await signedIn('hubot');
    const token =
      /name="authenticity_token" value="([^"]+)"/.exec((await hubot.get('/settings/profile')).text)?.[1] ??
      '';
    const list = await hubot.get('/settings/people');
    expect(list.status).toBe(403);
    expect(list.text).not.toContain('mona');
    const fields = { authenticity_token: token, login: 'eve', email: 'eve@example.com' };
    for (const path of ['', `/${id}/suspend`, `/${id}/password-link`, '/1/suspend', '/1/password-link']) {
      expect((await hubot.post(`/settings/people${path}`, fields)).status).toBe(403);
    }
    expect(await findAccountByLogin(ctx, 'eve')).toBeNull();
  });
});

describe('under TLS', () => {
  beforeEach(async () => {
    await app.close();
    await ctx.db.destroy();
    await open('https://git.example.com');
    await add('mona');
  });

  it('all cookies are bound to the host and to TLS', async () => {
    const browser = formBrowser(base);
    const form = await browser.get('/login');
    const answer = await browser.submit(form, '/login', { login: 'mona', password });
    const set = [...form.setCookies, ...answer.setCookies];
    expect(set.length).toBeGreaterThan(1);
    for (const line of set)
      expect(line).toMatch(/^__Host-latchkey_\w+=[\w-]*; Path=\/; HttpOnly; SameSite=Lax; Secure/);
    expect((await browser.get('/settings/profile')).status).toBe(200);
    const plain = formBrowser(base);
    plain.cookies.set('latchkey_session', browser.cookies.get('__Host-latchkey_session') ?? '');
    expect((await plain.get('/settings/profile')).status).toBe(302);
  });
});
