import { h } from 'preact';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestPages, testPages, tokenIn } from '../../test/pages.ts';
import { instance } from '../access/targets.ts';
import { listTokens } from '../tokens/tokens.ts';
import { renderPage } from './page.tsx';
import { safeReturnTo } from './return-to.ts';

let pages: TestPages;
beforeAll(async () => {
  pages = await testPages();
});
afterAll(() => pages.close());

const form = { note: 'laptop', expiration: '30d', scopes: 'repo' };

describe('a stranger', () => {
  it('is led to the sign-in page, and back from it', async () => {
    const stranger = pages.browser();
    const asked = '/settings/tokens/new?scopes=repo&description=CI';
    const response = await stranger.get(asked);
    expect(response.statusCode).toBe(302);
    const { location } = response.headers;
    expect(location).toBe(`/login?return_to=${encodeURIComponent(asked)}`);
    await pages.person('returning');
    const signedIn = await stranger.submit(String(location), '/login', {
      login: 'returning',
      password: 'correct horse 7',
      return_to: asked,
    });
    expect(signedIn.headers.location).toBe(asked);
    expect((await stranger.get(asked)).statusCode).toBe(200);
  });

  it('who sends a form is told to sign in again, and nothing is changed', async () => {
    const response = await pages.browser().post('/settings/tokens', form);
    expect(response.statusCode).toBe(401);
    expect(response.body).toContain('Nothing was changed');
  });

  it.each([
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '/\t/evil.example',
    '/\n/evil.example',
    '/./\\evil.example',
    '/.//evil.example',
    '/a/..//evil.example',
    ' /settings',
    '',
    undefined,
    ['/settings'],
  ])('is never sent elsewhere by return_to=%j', (text) => {
    expect(safeReturnTo(text)).toBe('/');
  });

  it('is not sent to an endless return_to', () => {
    expect(safeReturnTo(`/${'a'.repeat(5000)}`)).toBe('/');
  });

  it.each(['/', '/settings/tokens', '/octocat/hello?tab=a%2Fb', '/a/b/tree/main/ü'])(
    'may return to %s',
    (text) => {
      const path = safeReturnTo(text);
      expect(new URL(path, 'http://here.invalid')).toEqual(new URL(text, 'http://here.invalid'));
    },
  );
});

describe('in private mode', () => {
  it('strangers come to the sign-in page only, whether or not there is what they ask for', async () => {
    const closed = await testPages({
      config: { privateMode: true },
      more: (routes) =>
        routes.route({
          method: 'GET',
          url: '/explore',
          action: 'home.read',
          target: () => instance,
          handler: (call) => renderPage(call, { title: 'Explore' }, h('p', null, 'All that is public')),
        }),
    });
    try {
      const stranger = closed.browser();
      for (const path of ['/explore', '/nowhere', '/settings/tokens']) {
        const { statusCode, headers } = await stranger.get(path);
        expect([statusCode, headers.location]).toEqual([302, `/login?return_to=${encodeURIComponent(path)}`]);
      }
      expect((await stranger.get('/login')).statusCode).toBe(200);
      const { browser } = await closed.person('inside');
      expect((await browser.get('/explore')).body).toContain('All that is public');
    } finally {
      await closed.close();
    }
  });
});

describe('a form', () => {
  it('is taken from our own page', async () => {
    const { account, browser } = await pages.person('own-page');
    const token = tokenIn((await browser.get('/settings/tokens/new')).body);
    const headers = { origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-origin' };
    const response = await browser.post('/settings/tokens', { ...form, authenticity_token: token }, headers);
    expect(response.statusCode).toBe(200);
    expect(await listTokens(pages.ctx, account.id)).toHaveLength(1);
  });

  it.each([
    ['without a token', {}, { 'sec-fetch-site': 'same-origin' }],
    ['with a made-up token', { authenticity_token: 'A'.repeat(86) }, {}],
    ['from another site, by Fetch Metadata', null, { 'sec-fetch-site': 'cross-site' }],
    ['from a neighbouring host', null, { 'sec-fetch-site': 'same-site' }],
    ['from another site, by Origin', null, { origin: 'https://evil.example' }],
    ['from a hidden origin', null, { origin: 'null' }],
    ['from another port of this host', null, { origin: 'http://127.0.0.1:3001' }],
  ] as const)('is refused %s', async (_, token, headers) => {
    const { account, browser } = await pages.person(`refused-${crypto.randomUUID().slice(0, 8)}`);
    const authentic = { authenticity_token: tokenIn((await browser.get('/settings/tokens/new')).body) };
    const response = await browser.post('/settings/tokens', { ...form, ...(token ?? authentic) }, headers);
    expect(response.statusCode).toBe(422);
    expect(await listTokens(pages.ctx, account.id)).toHaveLength(0);
  });

  it("is refused with somebody else's token", async () => {
    const alice = await pages.person('alice');
    const mallory = await pages.person('mallory');
    const token = tokenIn((await mallory.browser.get('/settings/tokens/new')).body);
    const response = await alice.browser.post('/settings/tokens', { ...form, authenticity_token: token });
    expect(response.statusCode).toBe(422);
    expect(await listTokens(pages.ctx, alice.account.id)).toHaveLength(0);
  });

  it('is refused in any other content type', async () => {
    const { account, browser } = await pages.person('other-types');
    const authentic = tokenIn((await browser.get('/settings/tokens/new')).body);
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x']) {
      const fields = { ...form, authenticity_token: authentic };
      const response = await browser.post('/settings/tokens', fields, { 'content-type': type });
      expect(response.statusCode).toBeGreaterThanOrEqual(400);
      expect(response.statusCode).toBeLessThan(500);
    }
    expect(await listTokens(pages.ctx, account.id)).toHaveLength(0);
  });

  it('that has grown stale can be sent again without typing anything twice', async () => {
    const { account, browser } = await pages.person('stale');
    const stale = { ...form, note: 'typed <with> care', scopes: ['repo', 'gist'], authenticity_token: 'old' };
    const refused = await browser.post('/settings/tokens', stale);
    expect(refused.body).toContain('Send it again');
    expect(refused.body).toContain('value="typed &lt;with> care"');
    const kept = [...refused.body.matchAll(/type="hidden" name="scopes" value="(\w+)"/g)].map(
      ([, value]) => value,
    );
    expect(kept).toEqual(['repo', 'gist']);
    const again = { ...stale, authenticity_token: tokenIn(refused.body) };
    expect((await browser.post('/settings/tokens', again)).statusCode).toBe(200);
    expect(await listTokens(pages.ctx, account.id)).toHaveLength(1);
  });

  it('with a password in it is never written back', async () => {
    const refused = await pages.browser().post('/login', { login: 'alice', password: 'hunter2 hunter2' });
    expect(refused.statusCode).toBe(422);
    expect(refused.body).not.toContain('hunter2');
  });

  it('from another site is not offered to be sent again', async () => {
    const { browser } = await pages.person('not-offered');
    const response = await browser.post('/settings/tokens', form, { 'sec-fetch-site': 'cross-site' });
    expect(response.body).not.toContain('Send it again');
    expect(response.body).not.toContain('laptop');
  });

  it('that is too large or has too many fields is refused with a page', async () => {
    const { browser } = await pages.person('large');
    const large = await browser.post('/settings/tokens', { note: 'a'.repeat(300 * 1024) });
    expect(large.statusCode).toBe(413);
    const many = await browser.post('/settings/tokens', {
      scopes: Array.from({ length: 2000 }, () => 'repo'),
    });
    expect(many.statusCode).toBe(400);
    for (const { headers } of [large, many]) expect(headers['content-type']).toContain('text/html');
  });
});

describe('every page', () => {
  it('allows nothing inline and nothing from elsewhere, and is not kept', async () => {
    const { browser } = await pages.person('headers');
    for (const path of ['/settings/tokens', '/settings/tokens/new', '/login', '/nowhere/at/all']) {
      const { body, headers } = await browser.get(path);
      const policy = String(headers['content-security-policy']);
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; /);
      expect(policy).toContain("frame-ancestors 'none'; base-uri 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(body).not.toMatch(/ style=| on\w+="|<script(?! type="module" src="\/)|<style/);
      expect(body.match(/(?:src|action|<link[^>]* href)="(?!\/(?!\/))/g)).toBeNull();
    }
  });

  it('that does not exist is 404, and offers strangers no hint whether it might', async () => {
    const { browser } = await pages.person('lost');
    for (const path of ['/nowhere', '/settings/tokens/4711', '/settings/tokens/abc', '/settings/tokens/0']) {
      expect((await browser.get(path)).statusCode).toBe(404);
    }
  });

  it('shows what people typed as text', async () => {
    const { browser } = await pages.person('typed');
    const { body } = await browser.get(
      '/settings/tokens/new?description=%3Cscript%3Ealert(1)%3C/script%3E%22x',
    );
    expect(body).not.toContain('<script>alert');
    expect(body).toContain('&lt;script>alert(1)&lt;/script>&quot;x');
  });
});

describe('cookies', () => {
  it('are host-only, unreadable to scripts, and bound to https where that is how we are reached', async () => {
    const secure = await testPages({ config: { url: 'https://git.example.com' } });
    try {
      await secure.person('octocat');
      const browser = secure.browser();
      const page = await browser.get('/login', { host: 'git.example.com' });
      expect([page.headers['set-cookie']].flat().join()).toMatch(
        /^__Host-latchkey_visitor=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
      );
      const fields = {
        login: 'octocat',
        password: 'correct horse 7',
        authenticity_token: tokenIn(page.body),
      };
      const signedIn = await browser.post('/login', fields, { origin: 'https://git.example.com' });
      const session = [signedIn.headers['set-cookie']].flat().find((cookie) => cookie?.includes('_session='));
      expect(session).toMatch(
        /^__Host-latchkey_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=/,
      );
      expect(session).not.toContain('Domain');
    } finally {
      await secure.close();
    }
  });

  it('of a session are never enough without one in the database', async () => {
    const browser = pages.browser();
    for (const value of ['', 'A'.repeat(43), '..', 'x'.repeat(5000)]) {
      browser.cookies.set('latchkey_session', value);
      expect((await browser.get('/settings/tokens')).statusCode).toBe(302);
    }
  });
});

describe('a notice', () => {
  it('is shown once, on the next page', async () => {
    const { browser } = await pages.person('noticed');
    await browser.submit('/settings/tokens/new', '/settings/tokens', form);
    const id = /\/settings\/tokens\/(\d+)\/delete/.exec((await browser.get('/settings/tokens')).body)?.[1];
    await browser.submit('/settings/tokens', `/settings/tokens/${id}/delete`, {});
    expect((await browser.get('/settings/tokens')).body).toContain('Deleted the token “laptop”.');
    expect((await browser.get('/settings/tokens')).body).not.toContain('Deleted the token');
  });

  it('of somebody else’s making is not shown', async () => {
    const { browser } = await pages.person('spoofed');
    const forged = Buffer.from(JSON.stringify(['success', 'Send me your password'])).toString('base64url');
    browser.cookies.set('latchkey_flash', `${forged}.${'A'.repeat(43)}`);
    expect((await browser.get('/settings/tokens')).body).not.toContain('Send me');
  });
});
