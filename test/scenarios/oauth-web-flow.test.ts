// Signing in to applications by a browser: a person who makes one, another who uses it, and a program that listens on
// the person's own machine, as gh and Git Credential Manager do.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, launchBrowser, type TestBrowser } from '../browser.ts';
import { createGitClient } from '../git-client.ts';
import { startLoopbackClient } from '../loopback-client.ts';
import { pkce } from '../oauth.ts';
import { startServer, type TestServer } from './server.ts';

const password = 'a harmless squirrel';
const gh = '178c6fc778ccc68e1d6a';

let browsers: TestBrowser;
beforeAll(async () => {
  browsers = await launchBrowser();
});
afterAll(() => browsers.close());

/** Asks for a token as clients do. */
async function tokenFor(
  server: TestServer,
  fields: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const answer = await server.fetch('/login/oauth/access_token', {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, string>;
}

async function signIn(page: Awaited<ReturnType<TestBrowser['open']>>['page'], login: string): Promise<void> {
  await page.getByLabel('Username or email address').fill(login);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

describe('A person with a browser', () => {
  it('registers an application, and another signs in to it, grants less than it asks for, and is not asked twice', async () => {
    await using server = await startServer();
    await using client = await startLoopbackClient();
    await server.person('mona', { password });
    await server.person('ada', { password });

    // mona registers it.
    const mona = await browsers.open(server.url);
    const { page } = mona;
    await page.goto('/login');
    await signIn(page, 'mona');
    await page.getByRole('button', { name: 'Open user menu' }).click();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('link', { name: 'Developer settings' }).click();
    await page.getByRole('link', { name: 'New OAuth App' }).click();
    await page.getByLabel('Application name').fill('Builder');
    await page.getByLabel('Homepage URL').fill('https://builder.example.com');
    await page.getByLabel('Authorization callback URL').fill('http://127.0.0.1/callback');
    await page.getByRole('button', { name: 'Register application' }).click();
    const clientId = String(await page.locator('#client-id').textContent());
    expect(clientId).toMatch(/^[0-9a-f]{20}$/);
    await page.getByRole('button', { name: 'Generate a new client secret' }).click();
    const secret = String(await page.locator('#fresh-token').textContent());
    expect(secret).toMatch(/^[0-9a-f]{40}$/);
    await expectAccessible(page);
    await page.reload();
    expect(await page.content()).not.toContain(secret);
    expect(mona.faults).toEqual([]);

    // ada comes from it, signed in nowhere.
    const ada = await browsers.open(server.url);
    const { verifier, challenge } = pkce();
    const query = new URLSearchParams({
      client_id: clientId,
      redirect_uri: client.redirectUri,
      scope: 'repo gist user:email',
      state: 'a state, with & and = in it',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    await ada.page.goto(`/login/oauth/authorize?${query}`);
    await signIn(ada.page, 'ada');
    await ada.page.getByRole('heading', { name: 'Authorize Builder' }).waitFor();
    await expectAccessible(ada.page);
    await ada.page.getByRole('checkbox', { name: 'gist', exact: true }).uncheck();
    const [answer] = await Promise.all([
      client.next(),
      ada.page.getByRole('button', { name: 'Authorize Builder' }).click(),
    ]);
    await ada.page.getByText('You can close this window').waitFor();
    expect(answer.get('state')).toBe('a state, with & and = in it');
    const granted = await tokenFor(server, {
      client_id: clientId,
      client_secret: secret,
      code: answer.get('code') ?? '',
      redirect_uri: client.redirectUri,
      code_verifier: verifier,
    });
    expect(granted).toEqual({
      access_token: expect.stringMatching(/^gho_\w{36}$/),
      scope: 'repo,user:email',
      token_type: 'bearer',
    });

    // The token is as good as a personal one with these scopes.
    const { cloneUrl } = await server.repository('ada', 'plans', 'private');
    const git = await createGitClient();
    try {
      await git.git(['clone', cloneUrl, 'plans'], {
        env: server.credential(granted.access_token ?? '', 'oauth2'),
      });
    } finally {
      await git.close();
    }

    // The second time, nobody is asked: in the browser that is signed in, and after signing in.
    query.set('scope', 'repo');
    await Promise.all([client.next(), ada.page.goto(`/login/oauth/authorize?${query}`)]);
    const later = await browsers.open(server.url);
    await later.page.goto(`/login/oauth/authorize?${query}`);
    const [brought] = await Promise.all([client.next(), signIn(later.page, 'ada')]);
    expect(brought.get('code')).toMatch(/^[0-9a-f]{40}$/);
    await later.page.getByText('You can close this window').waitFor();
    // What browsers complain of would be a policy that stops one on the way to the application.
    const ours = (faults: readonly string[]) =>
      faults.filter((fault) => !fault.startsWith('asks http://127'));
    expect([...ours(ada.faults), ...ours(later.faults)]).toEqual([]);

    // No code, secret or token is in the log; nor is a query.
    for (const text of [
      secret,
      verifier,
      granted.access_token ?? '',
      answer.get('code') ?? '',
      'code_challenge',
    ]) {
      expect(server.log()).not.toContain(text);
    }
  });

  it('proves once more who they are before an application is authorized, and loses nothing on the way', async () => {
    await using server = await startServer();
    await using client = await startLoopbackClient();
    await server.person('ada', { password });
    const { page, faults } = await browsers.open(server.url);
    const query = new URLSearchParams({
      client_id: gh,
      redirect_uri: client.redirectUri,
      scope: 'repo',
      state: 's',
    });
    await page.goto('/login');
    await signIn(page, 'ada');
    await page.getByRole('button', { name: 'Open user menu' }).waitFor();
    await server.ctx.db.updateTable('sessions').set({ sudo_at: 0 }).execute();
    await page.goto(`/login/oauth/authorize?${query}`);
    await page.getByText('can’t prove').or(page.getByText("can't prove")).waitFor();
    await page.getByRole('button', { name: 'Authorize GitHub CLI' }).click();
    await page.getByRole('heading', { name: 'Confirm access' }).waitFor();
    await page.getByLabel('Password').fill(password);
    const [answer] = await Promise.all([
      client.next(),
      page.getByRole('button', { name: 'Confirm', exact: true }).click(),
    ]);
    await page.getByText('You can close this window').waitFor();
    expect(answer.get('state')).toBe('s');
    // gh sends a secret that everybody knows, and no verifier.
    const { access_token: token = '' } = await tokenFor(server, {
      client_id: gh,
      client_secret: 'whatever it says',
      code: answer.get('code') ?? '',
      state: 's',
    });
    expect((await server.fetch('/api/v3/user', { token })).status).toBe(200);
    expect(faults.filter((fault) => !fault.startsWith('asks http://127'))).toEqual([]);
  });

  it('cancels without a script, and the application is told', async () => {
    await using server = await startServer();
    await using client = await startLoopbackClient();
    await server.person('ada', { password });
    const { page } = await browsers.open(server.url, { javaScriptEnabled: false });
    const query = new URLSearchParams({
      client_id: gh,
      redirect_uri: client.redirectUri,
      scope: 'repo',
      state: 's',
    });
    await page.goto(`/login/oauth/authorize?${query}`);
    await signIn(page, 'ada');
    const [answer] = await Promise.all([
      client.next(),
      page.getByRole('link', { name: 'Cancel', exact: true }).click(),
    ]);
    expect(Object.fromEntries(answer)).toMatchObject({ error: 'access_denied', state: 's' });
    // And grants without one.
    await page.goto(`/login/oauth/authorize?${query}`);
    const [second] = await Promise.all([
      client.next(),
      page.getByRole('button', { name: 'Authorize GitHub CLI' }).click(),
    ]);
    expect(second.get('code')).toMatch(/^[0-9a-f]{40}$/);
  });
});
