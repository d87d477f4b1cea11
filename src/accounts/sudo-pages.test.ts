import { generateSync } from 'otplib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { password, type ServedPages, servePages, signIn } from '../../test/account-pages.ts';
import { valueIn } from '../../test/context.ts';
import type { Answer, FormBrowser } from '../../test/form-browser.ts';
import { listTokens } from '../tokens/tokens.ts';
import { addApp } from './second-factors.ts';
import { createSession, SUDO_MS } from './sessions.ts';
import { newApp } from './totp.ts';

let pages: ServedPages;
let mona: { readonly id: number };
beforeEach(async () => {
  pages = await servePages();
  mona = await pages.person('mona');
});
afterEach(() => pages.close());

const CONFIRM = '/login/confirm';
const newToken = { note: 'laptop & “desk”', expiration: '30d', scopes: 'repo' };

/** Gives mona an authenticator app; tells what it shows. */
async function withApp(): Promise<() => string> {
  const { ctx } = pages;
  const { sessionId } = await createSession(ctx, mona.id, { address: '192.0.2.1', userAgent: '' });
  const owner = { accountId: mona.id, sessionId };
  const made = await newApp(ctx, owner, 'mona');
  const code = () => generateSync({ secret: made.secret.expose(), epoch: Math.floor(ctx.now() / 1000) });
  valueIn(await addApp(ctx, owner, { made, code: code(), address: '192.0.2.1' }));
  ctx.clock.forward(30_000);
  return code;
}

const confirm = (browser: FormBrowser, asked: Answer, fields = { password } as Record<string, string>) =>
  browser.submit(asked, CONFIRM, fields);

describe('after two hours', () => {
  it('a page for something sensitive asks for the password first, and then goes on', async () => {
    const browser = await pages.signedIn('mona');
    expect((await browser.get('/settings/tokens/new?scopes=repo')).heading).toBe('New personal access token');
    pages.ctx.clock.forward(SUDO_MS);
    const asked = await browser.get('/settings/tokens/new?scopes=repo');
    expect(asked).toMatchObject({ status: 401, heading: 'Confirm access' });
    expect(asked.text).toMatch(/<label[^>]*for="password"[^>]*>\s*Password/);
    expect(asked.text).toMatch(/<button type="submit"[^>]*>\s*Confirm\s*</);
    const wrong = await confirm(browser, asked, { password: 'wrong-trombone' });
    expect(wrong).toMatchObject({ status: 422, notices: ['Incorrect password.'] });
    const gone = await confirm(browser, wrong);
    expect(gone).toMatchObject({ status: 303, headers: { location: '/settings/tokens/new?scopes=repo' } });
    expect((await browser.get('/settings/tokens/new')).heading).toBe('New personal access token');
    expect((await browser.get('/settings/tokens')).heading).toBe('Personal access tokens');
  });

  it('of nothing sensitive; each such thing begins the two hours anew', async () => {
    const browser = await pages.signedIn('mona');
    for (let n = 0; n < 3; n++) {
      pages.ctx.clock.forward(SUDO_MS - 1);
      expect((await browser.get('/settings/tokens/new')).status).toBe(200);
    }
    for (let n = 0; n < 2; n++) {
      pages.ctx.clock.forward(SUDO_MS / 2);
      expect((await browser.get('/settings/tokens')).status).toBe(200);
    }
    expect((await browser.get('/settings/tokens/new')).status).toBe(401);
  });

  it('a form is held up, and sent with all that was typed once the password is there', async () => {
    const browser = await pages.signedIn('mona');
    const form = await browser.get('/settings/tokens/new');
    pages.ctx.clock.forward(SUDO_MS);
    const asked = await browser.submit(form, '/settings/tokens', newToken);
    expect(asked).toMatchObject({ status: 401, heading: 'Confirm access' });
    expect(await listTokens(pages.ctx, mona.id)).toEqual([]);
    const wrong = await confirm(browser, asked, { password: 'wrong-trombone' });
    const goingOn = await confirm(browser, wrong);
    expect(goingOn).toMatchObject({ status: 200, heading: 'Access confirmed' });
    expect(goingOn.text).toMatch(/<form[^>]*data-goes-on/);
    const made = await browser.submit(goingOn, '/settings/tokens');
    expect(made.text).toMatch(/ghp_\w{36}/);
    expect(await listTokens(pages.ctx, mona.id)).toMatchObject([{ note: newToken.note, scopes: ['repo'] }]);
  });

  it('secrets of a form are not held: its page is shown again', async () => {
    const browser = await pages.signedIn('mona');
    const form = await browser.get('/settings/security');
    pages.ctx.clock.forward(SUDO_MS);
    const token = /name="authenticity_token" value="([^"]+)"/.exec(form.text)?.[1] ?? '';
    const fields = { current_password: password, password: 'an-other-trombone', authenticity_token: token };
    const referer = `${pages.base}/settings/security?x=1`;
    const asked = await browser.post('/settings/security', fields, { referer });
    expect(asked.heading).toBe('Confirm access');
    expect(asked.text).not.toContain('trombone');
    expect((await confirm(browser, asked)).headers.location).toBe('/settings/security?x=1');
    const foreign = await pages.signedIn('mona');
    pages.ctx.clock.forward(SUDO_MS);
    const page = await foreign.get('/settings/profile');
    const own = /name="authenticity_token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const from = { referer: 'https://evil.example/settings/security' };
    const held = await foreign.post('/settings/security', { ...fields, authenticity_token: own }, from);
    expect((await confirm(foreign, held)).headers.location).toBe('/');
  });

  it('a form of another site gets no question to answer', async () => {
    const browser = await pages.signedIn('mona');
    pages.ctx.clock.forward(SUDO_MS);
    const forged = await browser.post('/settings/tokens', newToken);
    expect(forged).toMatchObject({ status: 422, heading: 'This form is out of date' });
    const crossSite = await browser.post('/settings/tokens', newToken, { 'sec-fetch-site': 'cross-site' });
    expect(crossSite.heading).toBe('This form came from somewhere else');
    expect((await browser.post(CONFIRM, { password, to: '/settings/tokens' })).status).toBe(422);
    expect((await browser.get('/settings/tokens/new')).status).toBe(401);
  });

  it.each(['https://evil.example', '//evil.example', '/\\evil.example', '/login/confirm?to=/'])(
    'the question never leads to %s',
    async (to) => {
      const browser = await pages.signedIn('mona');
      const asked = await browser.get(`${CONFIRM}?to=${encodeURIComponent(to)}`);
      expect((await confirm(browser, asked)).headers.location).toBe('/');
      expect((await confirm(browser, asked, { password, to })).headers.location).toBe('/');
    },
  );

  it('another session, and another person, is none the wiser', async () => {
    const [browser, other] = [await pages.signedIn('mona'), await pages.signedIn('mona')];
    pages.ctx.clock.forward(SUDO_MS);
    await confirm(browser, await browser.get('/settings/tokens/new'));
    expect((await browser.get('/settings/tokens/new')).status).toBe(200);
    expect((await other.get('/settings/tokens/new')).status).toBe(401);
  });

  it('who guesses at the password is slowed down', async () => {
    const browser = await pages.signedIn('mona');
    pages.ctx.clock.forward(SUDO_MS);
    const asked = await browser.get('/settings/tokens/new');
    for (let n = 0; n < 10; n++) await confirm(browser, asked, { password: `wrong-${n}` });
    const refused = await confirm(browser, asked);
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '30' } });
    pages.ctx.clock.forward(30_000);
    expect((await confirm(browser, asked)).status).toBe(303);
  });

  it('who is signed out is led to the sign-in page, not to the question', async () => {
    const { headers } = await pages.browser().get('/settings/tokens/new');
    expect(headers.location).toBe('/login?return_to=%2Fsettings%2Ftokens%2Fnew');
  });

  it('a new e-mail address takes the password again, a new name does not', async () => {
    const browser = await pages.signedIn('mona');
    pages.ctx.clock.forward(SUDO_MS);
    const profile = await browser.get('/settings/profile');
    const change = (fields: Record<string, string>) => browser.submit(profile, '/settings/profile', fields);
    expect((await change({ name: 'Mona L.' })).status).toBe(303);
    const asked = await change({ name: 'Mona L.', email: 'new@example.com' });
    expect(asked.heading).toBe('Confirm access');
    const goingOn = await confirm(browser, asked);
    expect((await browser.submit(goingOn, '/settings/profile')).status).toBe(303);
    expect((await browser.get('/settings/profile')).text).toContain('new@example.com');
  });
});

describe('who has a second factor', () => {
  it('is asked for a code of it, once each; the password does not count', async () => {
    const code = await withApp();
    const browser = pages.browser();
    await browser.submit(await signedInHalf(browser), '/login/two-factor', { app_code: code() });
    pages.ctx.clock.forward(SUDO_MS);
    const asked = await browser.get('/settings/tokens/new');
    expect(asked.heading).toBe('Confirm access');
    expect(asked.text).not.toContain('name="password"');
    expect((await confirm(browser, asked, { password, app_code: '' })).status).toBe(422);
    expect((await browser.post(CONFIRM, { ...hidden(asked), password })).status).toBe(422);
    const now = code();
    expect((await confirm(browser, asked, { app_code: now })).status).toBe(303);
    pages.ctx.clock.forward(SUDO_MS);
    const again = await browser.get('/settings/tokens/new');
    expect((await confirm(browser, again, { app_code: now })).status).toBe(422);
    expect((await confirm(browser, again, { app_code: code() })).status).toBe(303);
  });

  it('goes on to where they wanted after both, and half-way nothing opens', async () => {
    const code = await withApp();
    const browser = pages.browser();
    const half = await signedInHalf(browser, '/settings/sessions');
    expect(half.path).toBe('/login/two-factor?return_to=%2Fsettings%2Fsessions');
    expect(half.heading).toBe('Two-factor authentication');
    expect(browser.cookies.has('latchkey_session')).toBe(false);
    expect((await browser.get('/settings/profile')).status).toBe(302);
    const cookie = browser.cookies.get('latchkey_half_sign_in') ?? '';
    const thief = pages.browser();
    thief.cookies.set('latchkey_session', cookie);
    expect((await thief.get('/settings/profile')).status).toBe(302);
    const wrong = await browser.submit(half, '/login/two-factor', { app_code: '000000' });
    expect(wrong).toMatchObject({
      status: 422,
      notices: ['This code is not right, or was used before.'],
    });
    const done = await browser.submit(wrong, '/login/two-factor', { app_code: code() });
    expect(done).toMatchObject({ status: 303, headers: { location: '/settings/sessions' } });
    expect(browser.cookies.has('latchkey_half_sign_in')).toBe(false);
    expect((await browser.get('/settings/sessions')).text).toContain('By password and authenticator app');
    thief.cookies.set('latchkey_half_sign_in', cookie);
    expect((await thief.get('/login/two-factor')).headers.location).toBe('/login');
  });

  it('has ten minutes between the two, and is told when they are over', async () => {
    const code = await withApp();
    const browser = pages.browser();
    const half = await signedInHalf(browser);
    pages.ctx.clock.forward(10 * 60_000);
    const late = await browser.submit(half, '/login/two-factor', { app_code: code() });
    expect(late.headers.location).toBe('/login');
    expect((await browser.get('/login')).notices).toEqual(['That took too long. Sign in again.']);
  });
});

/** Types the password; comes to the page that asks for more. */
async function signedInHalf(browser: FormBrowser, to = '/'): Promise<Answer> {
  const form = await browser.get(`/login?return_to=${encodeURIComponent(to)}`);
  const answer = await browser.submit(form, '/login', { login: 'mona', password });
  expect(answer.status).toBe(303);
  return browser.get(String(answer.headers.location));
}

/** The hidden fields of the form that asks. */
function hidden(page: Answer): Record<string, string> {
  const inputs = [...page.text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
  return Object.fromEntries(inputs.map(([, name = '', value = '']) => [name, value]));
}

it('signing in by password proves it, too', async () => {
  const browser = await pages.signedIn('mona');
  pages.ctx.clock.forward(SUDO_MS);
  expect((await browser.get('/settings/tokens/new')).status).toBe(401);
  expect((await signIn(browser, 'mona')).status).toBe(303);
  expect((await browser.get('/settings/tokens/new')).status).toBe(200);
});
