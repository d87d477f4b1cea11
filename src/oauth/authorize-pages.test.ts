import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  authorizePath,
  consent,
  pkce,
  type Registered,
  startOAuth,
  type TestOAuth,
} from '../../test/oauth.ts';
import { type TestBrowser, tokenIn } from '../../test/pages.ts';
import { type Account, suspendAccount } from '../accounts/accounts.ts';
import { setApplicationEnabled } from './applications.ts';
import { findAuthorization, revokeAuthorization } from './authorizations.ts';

const gh = '178c6fc778ccc68e1d6a';
const hours = 60 * 60_000;

describe('The page that asks whether an application may act for a person', () => {
  let oauth: TestOAuth;
  let ada: Account;
  let browser: TestBrowser;
  let builder: Registered;
  let asks: Readonly<Record<string, string>>;
  let turn = 0;
  beforeAll(async () => {
    oauth = await startOAuth();
  });
  afterAll(() => oauth.close());
  /** Everybody anew, in the same server. */
  const begin = async () => {
    turn += 1;
    ada = await oauth.person(`ada${turn}`);
    browser = await oauth.signIn(ada);
    builder = await oauth.register(ada, { name: `builder ${turn}` });
    asks = { client_id: builder.application.clientId, scope: 'repo gist', state: 'xyz' };
  };

  it('says who asks, for what in plain words, and where it leads', async () => {
    await begin();
    const { body, statusCode, headers } = await browser.get(authorizePath(asks));
    expect(statusCode).toBe(200);
    expect(body).toContain(`<h1>Authorize builder ${turn}</h1>`);
    expect(body).toContain(`registered by <a href="/ada${turn}">`);
    expect(body).toContain('Read and change everything in all repositories');
    expect(body).toContain('https://builder.example.com</strong>');
    expect(headers['content-security-policy']).toContain("form-action 'self' https://builder.example.com");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'cache-control': 'no-store' });
  });

  it('leads on with a code and the state, and the code is worth a token with these scopes', async () => {
    await begin();
    const to = await consent(browser, asks);
    expect(to.href).toMatch(/^https:\/\/builder\.example\.com\/callback\?code=/);
    expect(to.searchParams.get('state')).toBe('xyz');
    expect(to.searchParams.get('iss')).toBe(oauth.ctx.config.url);
    const { access_token: token, ...rest } = await oauth.token({
      client_id: builder.application.clientId,
      client_secret: builder.secret,
      code: to.searchParams.get('code') ?? '',
    });
    expect(rest).toEqual({ scope: 'gist,repo', token_type: 'bearer' });
    expect(await oauth.statusOf(token)).toBe(200);
    const { headers } = await oauth.ask({
      url: '/api/v3/user',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(headers['x-oauth-client-id']).toBe(builder.application.clientId);
  });

  it('lets people grant less than is asked for, and nobody more', async () => {
    await begin();
    const scopesOf = async (granted: readonly string[]) => {
      const to = await consent(browser, { ...asks, prompt: 'select_account' }, granted);
      const { scope } = await oauth.token({
        client_id: builder.application.clientId,
        client_secret: builder.secret,
        code: to.searchParams.get('code') ?? '',
      });
      return scope;
    };
    expect(await scopesOf(['gist'])).toBe('gist');
    expect(await scopesOf(['public_repo'])).toBe('public_repo');
    expect(await scopesOf(['site_admin', 'delete_repo', 'none'])).toBe('');
    expect(await scopesOf([])).toBe('');
  });

  it('drops names that are no scopes, and reads commas too', async () => {
    await begin();
    const page = await browser.get(authorizePath({ ...asks, scope: 'user:email,none user,gist REPO' }));
    const offered = [...page.body.matchAll(/name="scopes" value="([^"]*)"/g)].map(([, name]) => name);
    expect(offered).toEqual(['gist', 'user']);
  });

  it('asks once: the same or less is then granted without a word, more is asked for', async () => {
    await begin();
    await consent(browser, asks);
    const again = await browser.get(authorizePath({ ...asks, scope: 'public_repo' }));
    expect(again.statusCode).toBe(302);
    expect(again.headers.location).toMatch(/^https:\/\/builder\.example\.com\/callback\?code=.*&state=xyz/);
    // Without a word of scopes: all that were granted.
    const { scope: _, ...silent } = asks;
    const { access_token: __, ...rest } = await oauth.token({
      client_id: builder.application.clientId,
      client_secret: builder.secret,
      code: (await consent(browser, silent)).searchParams.get('code') ?? '',
    });
    expect(rest.scope).toBe('gist,repo');
    for (const more of [{ scope: 'user' }, { prompt: 'select_account' }, { login: 'bob' }]) {
      expect((await browser.get(authorizePath({ ...asks, ...more }))).statusCode).toBe(200);
    }
    expect((await browser.get(authorizePath({ ...asks, login: ada.login.toUpperCase() }))).statusCode).toBe(
      302,
    );
    // Once revoked, it is asked again.
    await revokeAuthorization(oauth.ctx, ada, builder.application, 'test');
    expect((await browser.get(authorizePath(asks))).statusCode).toBe(200);
  });

  it('asks each time for an application that can not prove who it is', async () => {
    await begin();
    const ofGh = { client_id: gh, scope: 'repo', redirect_uri: 'http://127.0.0.1:49152/callback' };
    expect((await consent(browser, ofGh)).href).toMatch(/^http:\/\/127\.0\.0\.1:49152\/callback\?code=/);
    const { statusCode, body } = await browser.get(authorizePath(ofGh));
    expect(statusCode).toBe(200);
    expect(body).toContain('can&#39;t prove who it is'.replace('&#39;', "'"));
  });

  it('refuses in the application’s own place when the person does', async () => {
    await begin();
    const { body } = await browser.get(authorizePath(asks));
    const cancel = /<a class="btn" href="([^"]*)">Cancel/.exec(body)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const to = new URL(cancel);
    expect(to.origin + to.pathname).toBe('https://builder.example.com/callback');
    expect(Object.fromEntries(to.searchParams)).toMatchObject({ error: 'access_denied', state: 'xyz' });
    expect(to.searchParams.has('code')).toBe(false);
  });

  it('has strangers sign in first, and loses nothing that was asked', async () => {
    await begin();
    const full = {
      ...asks,
      login: 'grace',
      state: `a b&c=d/é${'s'.repeat(1_500)}`,
      redirect_uri: 'https://builder.example.com/callback/deep?x=1&y=2',
      code_challenge: pkce().challenge,
      code_challenge_method: 'S256',
      allow_signup: 'false',
    };
    const stranger = oauth.browser();
    const { statusCode, headers } = await stranger.get(authorizePath(full));
    expect(statusCode).toBe(302);
    const to = new URL(String(headers.location), 'http://here');
    expect([to.pathname, to.searchParams.get('login')]).toEqual(['/login', 'grace']);
    const back = new URL(to.searchParams.get('return_to') ?? '', 'http://here');
    expect(back.pathname).toBe('/login/oauth/authorize');
    expect(Object.fromEntries(back.searchParams)).toEqual(full);
    expect((await stranger.get(String(headers.location))).body).toContain('value="grace"');
  });

  it('takes a proof before it grants, and none where nothing new is granted', async () => {
    await begin();
    await consent(browser, { ...asks, scope: 'gist' });
    oauth.ctx.clock.forward(3 * hours);
    const path = authorizePath(asks);
    const page = await browser.get(path);
    expect(page.statusCode).toBe(200);
    const asked = path.slice(path.indexOf('?') + 1);
    const fields = { authenticity_token: tokenIn(page.body), asked, scopes: ['repo', 'gist'] };
    const held = await browser.post('/login/oauth/authorize', fields);
    expect([held.statusCode, held.body.includes('Confirm access')]).toEqual([401, true]);
    // Nothing is lost on the way.
    expect(held.body).toContain('name="held.asked"');
    expect((await browser.get(authorizePath({ ...asks, scope: 'gist' }))).statusCode).toBe(302);
  });

  it('is left by a page in between where the form of another page led to it', async () => {
    await begin();
    await consent(browser, asks);
    const host = '127.0.0.1:3000';
    const from = (referer: string) => browser.get(authorizePath(asks), { referer });
    for (const path of ['/login?return_to=x', '/login/confirm', '/login/two-factor']) {
      const { statusCode, headers, body } = await from(`http://${host}${path}`);
      expect(statusCode).toBe(200);
      expect(headers.refresh).toMatch(
        /^0; url=https:\/\/builder\.example\.com\/callback\?code=\w+&state=xyz&iss=/,
      );
      expect(body).toContain('You are being led to');
    }
    for (const elsewhere of ['https://builder.example.com/start', `http://${host}/login/oauth/authorize`]) {
      expect((await from(elsewhere)).statusCode).toBe(302);
    }
  });

  it('lets people sign in as somebody else, and comes back', async () => {
    await begin();
    const path = authorizePath({ ...asks, login: 'grace' });
    const page = await browser.get(path);
    expect(page.body).toContain('It expects the account <strong>grace</strong>');
    const { statusCode, headers } = await browser.post('/login/oauth/switch', {
      authenticity_token: tokenIn(page.body),
      asked: path.slice(path.indexOf('?') + 1),
    });
    expect(statusCode).toBe(303);
    expect(headers.location).toBe(path);
    const signIn = await browser.get(path);
    expect(signIn.headers.location).toMatch(/^\/login\?login=grace&return_to=%2Flogin%2Foauth%2Fauthorize/);
    expect((await browser.get('/settings/profile')).statusCode).toBe(302);
  });

  it('tells on a page what nobody could be told elsewhere: no such application, twice the same, too much', async () => {
    await begin();
    for (const [path, status] of [
      [authorizePath({ ...asks, client_id: 'f'.repeat(20) }), 404],
      [authorizePath({}), 404],
      ['/login/oauth/authorize', 404],
      [`${authorizePath(asks)}&client_id=${gh}`, 400],
      [`${authorizePath(asks)}&state=other`, 400],
      [`${authorizePath(asks)}&x=${'x'.repeat(5_000)}`, 400],
    ] as const) {
      for (const who of [browser, oauth.browser()]) {
        const { statusCode, headers } = await who.get(path);
        expect([path, statusCode, headers.location]).toEqual([path, status, undefined]);
      }
    }
  });

  it('tells the application what is wrong at its registered callback, and leads strangers nowhere', async () => {
    await begin();
    const registered = 'https://builder.example.com/callback';
    for (const [more, error] of [
      [{ redirect_uri: 'https://evil.example/callback' }, 'redirect_uri_mismatch'],
      [{ response_type: 'token' }, 'unsupported_response_type'],
      [{ code_challenge: 'x'.repeat(43) }, 'invalid_request'],
      [{ code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' }, 'invalid_request'],
      [{ code_challenge: 'short', code_challenge_method: 'S256' }, 'invalid_request'],
      [{ code_challenge_method: 'S256' }, 'invalid_request'],
    ] as const) {
      const path = authorizePath({ ...asks, ...more });
      const { statusCode, headers } = await browser.get(path);
      expect(statusCode).toBe(302);
      const to = new URL(String(headers.location));
      expect(to.origin + to.pathname).toBe(registered);
      expect(Object.fromEntries(to.searchParams)).toMatchObject({ error, state: 'xyz' });
      const stranger = await oauth.browser().get(path);
      expect([stranger.statusCode, stranger.headers.location]).toEqual([400, undefined]);
    }
    // A program on the person's machine listens at a port that only it knows.
    const mismatch = authorizePath({ client_id: gh, redirect_uri: 'http://127.0.0.1:1/other' });
    expect((await browser.get(mismatch)).statusCode).toBe(400);
  });

  it('demands PKCE of an application without a secret that is led elsewhere than to the machine', async () => {
    await begin();
    const app = await oauth.register(ada, {
      name: 'phone',
      isPublic: true,
      callbackUrl: 'com.example.phone:/cb',
    });
    const of = { client_id: app.application.clientId };
    const { headers } = await browser.get(authorizePath(of));
    expect(headers.location).toMatch(/^com\.example\.phone:\/cb\?error=invalid_request/);
    const { challenge, verifier } = pkce();
    const to = await consent(browser, { ...of, code_challenge: challenge, code_challenge_method: 'S256' });
    const code = to.searchParams.get('code') ?? '';
    expect(await oauth.token({ ...of, code, code_verifier: verifier })).toHaveProperty('access_token');
  });

  it('leads nobody to an application that is switched off, and its tokens are dead meanwhile', async () => {
    await begin();
    const code = (await consent(browser, asks)).searchParams.get('code') ?? '';
    const client = { client_id: builder.application.clientId, client_secret: builder.secret };
    const { access_token: token } = await oauth.token({ ...client, code });
    await setApplicationEnabled(oauth.ctx, builder.application, false);
    const { headers } = await browser.get(authorizePath(asks));
    expect(headers.location).toMatch(/\?error=application_suspended&/);
    expect(await oauth.token({ ...client, code })).toMatchObject({ error: 'application_suspended' });
    expect(await oauth.statusOf(token)).toBe(401);
    await setApplicationEnabled(oauth.ctx, builder.application, true);
    expect(await oauth.statusOf(token)).toBe(200);
  });

  it('is not for suspended people, whose codes are worth nothing', async () => {
    await begin();
    const code = (await consent(browser, asks)).searchParams.get('code') ?? '';
    await suspendAccount(oauth.ctx, ada.id);
    expect((await browser.get(authorizePath(asks))).headers.location).toMatch(/^\/login\?/);
    const client = { client_id: builder.application.clientId, client_secret: builder.secret };
    expect(await oauth.token({ ...client, code })).toMatchObject({ error: 'bad_verification_code' });
  });

  it('believes no form that comes from elsewhere', async () => {
    await begin();
    const path = authorizePath(asks);
    const asked = path.slice(path.indexOf('?') + 1);
    const without = await browser.post('/login/oauth/authorize', { asked, scopes: ['repo'] });
    expect(without.statusCode).toBe(422);
    const page = await browser.get(path);
    const fields = { authenticity_token: tokenIn(page.body), asked, scopes: ['repo'] };
    const forged = await browser.post('/login/oauth/authorize', fields, { origin: 'https://evil.example' });
    expect(forged.statusCode).toBe(422);
    const which = { accountId: ada.id, applicationId: builder.application.id };
    expect(await findAuthorization(oauth.ctx, which)).toBeNull();
    expect((await browser.post('/login/oauth/authorize', fields)).statusCode).toBe(303);
  });
});
