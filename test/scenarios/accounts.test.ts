// People and how they sign in, told with the real server: set-up, invitation, throttling, sessions, passwords.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { describe, expect, it } from 'vitest';
import { authenticityToken, signIn } from '../account-pages.ts';
import { type FormBrowser, type FormBrowserOptions, formBrowser } from '../form-browser.ts';
import { startServer, type TestServer } from './server.ts';

const password = 'tr0mbone-under-glass';
const signedInAs = (browser: FormBrowser) =>
  browser
    .get('/settings/profile')
    .then((page) => /username is <strong>([\w-]+)/.exec(page.text)?.[1] ?? null);

async function signedIn(
  server: TestServer,
  login: string,
  options?: FormBrowserOptions,
): Promise<FormBrowser> {
  const browser = formBrowser(server.url, options);
  expect((await signIn(browser, login, password)).status).toBe(303);
  return browser;
}

describe('People', () => {
  it('set up the server by its link, once, and invite each other', async () => {
    await using server = await startServer();
    const link = server.setupLink ?? '';
    const mona = formBrowser(server.url);
    const form = await mona.visit(link.slice(server.url.length));
    expect(form.path).toBe('/setup');
    const first = { login: 'mona', email: 'mona@example.com', password };
    const eve = formBrowser(server.url);
    const eves = await eve.visit(link.slice(server.url.length));
    const both = await Promise.all([
      mona.submit(form, '/setup', first),
      eve.submit(eves, '/setup', { ...first, login: 'eve', email: 'eve@example.com' }),
    ]);
    expect(both.map((answer) => answer.status).sort()).toEqual([303, 410]);
    const admin = both[0]?.status === 303 ? mona : eve;
    expect((await formBrowser(server.url).visit(link.slice(server.url.length))).status).toBe(410);

    const people = await admin.get('/settings/people');
    const made = await admin.submit(people, '/settings/people', {
      login: 'hubot',
      email: 'hubot@example.com',
    });
    const invitation = /<code id="one-time-link">([^<]+)</.exec(made.text)?.[1] ?? '';
    const hubot = formBrowser(server.url);
    const choose = await hubot.visit(invitation.slice(server.url.length));
    expect((await hubot.submit(choose, '/password', { password })).status).toBe(303);
    expect(await signedInAs(hubot)).toBe('hubot');
    expect(await signedInAs(await signedIn(server, 'HUBOT'))).toBe('hubot');
    expect(await signedInAs(await signedIn(server, 'hubot@Example.com'))).toBe('hubot');
    for (const secret of [link, invitation, password]) {
      expect(server.log()).not.toContain(secret.split('code=').at(-1));
    }
  });

  it('who guess at a password are slowed down; neighbours and the person elsewhere are not', async () => {
    await using server = await startServer();
    await server.person('mona', { password });
    await server.person('hubot', { password });
    const guesser = formBrowser(server.url);
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++) statuses.push((await signIn(guesser, 'mona', `wrong-trombone-${n}`)).status);
    expect(statuses).toEqual([...Array(10).fill(422), 429, 429]);
    const refused = await signIn(guesser, 'mona', password);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(30);
    expect(await signedInAs(await signedIn(server, 'hubot'))).toBe('hubot');
    expect(await signedInAs(await signedIn(server, 'mona', { localAddress: '127.0.0.2' }))).toBe('mona');
  });

  it('who guess many times at once get no more tries', async () => {
    await using server = await startServer();
    await server.person('mona', { password });
    const guesser = formBrowser(server.url);
    const page = await guesser.get('/login');
    const tries = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        guesser.submit(page, '/login', { login: 'mona', password: `wrong-trombone-${n}` }),
      ),
    );
    expect(tries.filter((answer) => answer.status === 422)).toHaveLength(10);
    expect(tries.filter((answer) => answer.status === 429)).toHaveLength(30);
  });

  it('see their sessions, end them, and end all others by a new password', async () => {
    await using server = await startServer();
    await server.person('mona', { password });
    const mine = await signedIn(server, 'mona', {
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
    });
    const phone = await signedIn(server, 'mona', {
      userAgent: 'Mozilla/5.0 (iPhone) Version/18 Safari/604.1',
    });
    const office = await signedIn(server, 'mona');
    const page = await mine.get('/settings/sessions');
    const [, id = ''] = /id="session-(\d+)" title="[^"]*iPhone/.exec(page.text) ?? [];
    await mine.submit(page, `/settings/sessions/${id}/revoke`);
    expect(await signedInAs(phone)).toBeNull();
    expect(await signedInAs(office)).toBe('mona');

    const token = await server.token('mona');
    const before = mine.cookies.get('latchkey_session') ?? '';
    const form = await mine.get('/settings/security');
    const change = { current_password: password, password: 'an-other-trombone' };
    expect((await mine.submit(form, '/settings/security', change)).status).toBe(303);
    expect(await signedInAs(mine)).toBe('mona');
    expect(await signedInAs(office)).toBeNull();
    const thief = formBrowser(server.url);
    thief.cookies.set('latchkey_session', before);
    expect(await signedInAs(thief)).toBeNull();
    expect((await signIn(formBrowser(server.url), 'mona', password)).status).toBe(422);
    // A token is a credential of its own (ghes-spec 3).
    expect((await server.fetch('/api/v3/meta', { token })).status).toBe(200);
  });

  it('who are suspended are out at once, on the web and with their tokens, until they are let in again', async () => {
    await using server = await startServer();
    await server.person('mona', { password, siteAdmin: true });
    await server.person('hubot', { password });
    const token = await server.token('hubot');
    const hubot = await signedIn(server, 'hubot');
    expect((await server.cli(['user', 'suspend', 'hubot'])).status).toBe(0);
    expect(await signedInAs(hubot)).toBeNull();
    expect((await server.fetch('/api/v3/meta', { token })).status).toBe(403);
    expect((await signIn(formBrowser(server.url), 'hubot', password)).status).toBe(403);
    expect((await server.cli(['user', 'suspend', 'mona'])).status).toBe(1);
    expect((await server.cli(['user', 'unsuspend', 'hubot'])).status).toBe(0);
    expect((await server.fetch('/api/v3/meta', { token })).status).toBe(200);
    expect(await signedInAs(await signedIn(server, 'hubot'))).toBe('hubot');
  });

  it('choose a new password by a link of the command line, which ends what was open', async () => {
    await using server = await startServer();
    await server.person('mona', { password });
    const before = await signedIn(server, 'mona');
    const { stdout, status } = await server.cli(['user', 'reset-password', 'mona']);
    expect(status).toBe(0);
    const path = /\/password\?code=[\w-]{43}/.exec(stdout)?.[0] ?? '';
    const browser = formBrowser(server.url);
    const form = await browser.visit(path);
    expect((await browser.submit(form, '/password', { password: 'an-other-trombone' })).status).toBe(303);
    expect(await signedInAs(browser)).toBe('mona');
    expect(await signedInAs(before)).toBeNull();
    expect((await formBrowser(server.url).visit(path)).status).toBe(410);
  });

  it('are protected from forms of other sites and from links that lead elsewhere', async () => {
    await using server = await startServer();
    await server.person('mona', { password });
    const mona = await signedIn(server, 'mona');
    const page = await mona.get('/settings/profile');
    const fields = { authenticity_token: authenticityToken(page), name: 'Eve', email: 'eve@example.com' };
    const forged = [
      await mona.post('/settings/profile', { name: 'Eve', email: 'eve@example.com' }),
      await mona.post('/settings/profile', fields, { origin: 'https://evil.example' }),
      await mona.post('/settings/profile', fields, { 'sec-fetch-site': 'cross-site' }),
      await (await signedIn(server, 'mona')).post('/settings/profile', fields),
    ];
    for (const answer of forged) expect(answer.status).toBe(422);
    expect((await mona.get('/settings/profile')).text).toContain('mona@example.com');
    for (const to of ['https://evil.example/', '//evil.example', '/\\evil.example']) {
      const browser = formBrowser(server.url);
      const form = await browser.get(`/login?return_to=${encodeURIComponent(to)}`);
      const answer = await browser.submit(form, '/login', { login: 'mona', password, return_to: to });
      expect(answer.headers.location).toBe('/');
    }
  });

  it('are signed in on pages only: the session opens neither API nor git', async () => {
    await using server = await startServer();
    await server.person('mona', { password });
    const mona = await signedIn(server, 'mona');
    const stranger = formBrowser(server.url);
    for (const path of ['/api/v3/user', '/mona/nothing.git/info/refs?service=git-upload-pack']) {
      const [answer, toStranger] = [await mona.get(path), await stranger.get(path)];
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect({ status: answer.status, text: answer.text }).toEqual({
        status: toStranger.status,
        text: toStranger.text,
      });
    }
  });

  it('get cookies that stay with host and TLS', async () => {
    const certificate = await generate([{ name: 'commonName', value: 'localhost' }], {
      keySize: 2048,
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    });
    await using holder = await startServer();
    const [certFile, keyFile] = [join(holder.directory, 'cert.pem'), join(holder.directory, 'key.pem')];
    await writeFile(certFile, certificate.cert);
    await writeFile(keyFile, certificate.private, { mode: 0o600 });
    await using server = await startServer({ args: ['--tls-cert', certFile, '--tls-key', keyFile] });
    await server.person('mona', { password });
    const browser = formBrowser(server.url, { certificate: await readFile(certFile, 'utf8') });
    const form = await browser.get('/login');
    const answer = await browser.submit(form, '/login', { login: 'mona', password });
    const cookies = [...form.setCookies, ...answer.setCookies];
    expect(cookies.some((line) => /^__Host-latchkey_session=[\w-]{43};/.test(line))).toBe(true);
    for (const line of cookies)
      expect(line).toMatch(/^__Host-[^;]*; Path=\/; HttpOnly; SameSite=Lax; Secure/);
    expect(cookies.join()).not.toMatch(/Domain=/i);
    expect(form.headers['strict-transport-security']).toBe('max-age=31536000');
    expect(await signedInAs(browser)).toBe('mona');
  });
});
