// The main story, as a person lives it: only what the contract names is clicked.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, launchBrowser, type TestBrowser } from '../browser.ts';
import { createGitClient } from '../git-client.ts';
import { startServer } from './server.ts';

let browsers: TestBrowser;
beforeAll(async () => {
  browsers = await launchBrowser();
});
afterAll(() => browsers.close());

const password = 'a harmless squirrel';

describe('A person with a browser and git', () => {
  it('sets up, makes a token, copies it, clones and pushes with it, deletes it, and is locked out at once', async () => {
    await using server = await startServer();
    const { context, page, faults } = await browsers.open(server.url);
    const click = (role: 'button' | 'link', name: string) =>
      page.getByRole(role, { name, exact: true }).click();

    // Set up by the link that the server printed.
    await page.goto(server.setupLink ?? '');
    expect(page.url()).toBe(`${server.url}/setup`);
    await page.getByLabel('Username').fill('mona');
    await page.getByLabel('Email address').fill('mona@example.com');
    await page.getByLabel('Password').fill(password);
    await click('button', 'Create account');

    // Sign out and in again.
    await click('button', 'Open user menu');
    await click('button', 'Sign out');
    await page.getByLabel('Username or email address').fill('mona');
    await page.getByLabel('Password').fill(password);
    await click('button', 'Sign in');

    // Make a token.
    await click('button', 'Open user menu');
    await click('link', 'Settings');
    await click('link', 'Developer settings');
    await click('link', 'Personal access tokens');
    await click('link', 'Generate new token');
    await page.getByLabel('Note').fill('my laptop');
    await page.getByLabel('Expiration', { exact: true }).selectOption('30 days');
    await page.getByRole('checkbox', { name: 'repo', exact: true }).check();
    await click('button', 'Generate token');
    await expectAccessible(page);

    // Copy it, and read the clipboard back.
    await click('button', 'Copy token');
    await page.getByText('Copied!').waitFor({ state: 'attached' });
    const token = String(await page.evaluate('navigator.clipboard.readText()'));
    expect(token).toMatch(/^ghp_[0-9A-Za-z]{36}$/);
    expect(await page.locator('body').textContent()).toContain(token);
    await page.goto(`${server.url}/settings/tokens`);
    expect(await page.content()).not.toContain(token);
    expect(await page.getByRole('listitem').filter({ hasText: 'my laptop' }).textContent()).toMatch(
      /repo.*Expires on \w+ \d+, \d{4}.*Never used/s,
    );

    // Clone a private repository with it as the password, commit, push.
    const { cloneUrl } = await server.repository('mona', 'plans', 'private');
    const client = await createGitClient();
    try {
      await client.git(['config', '--global', 'credential.helper', 'cache']);
      const typed = server.credential(token, 'mona');
      await client.git(['clone', cloneUrl, 'plans'], { env: typed });
      await client.git(['commit', '--allow-empty', '--message', 'Write the first plan'], { in: 'plans' });
      // git remembers the password by now: nobody types it again.
      await client.git(['push', 'origin', 'HEAD'], { in: 'plans' });
      const { host } = new URL(server.url);
      const asked = { input: `protocol=http\nhost=${host}\n\n` };
      expect(await client.git(['credential', 'fill'], asked)).toContain(`password=${token}`);
      const callApi = () => server.fetch('/api/v3/user', { token });
      expect((await callApi()).status).toBe(200);

      // The commit shows on the page.
      await page.goto(`${server.url}/mona/plans`);
      await page.getByText('Write the first plan').first().waitFor();

      // Delete the token: from then on it opens nothing.
      await page.goto(`${server.url}/settings/tokens`);
      await page
        .getByRole('listitem')
        .filter({ hasText: 'my laptop' })
        .getByRole('button', { name: 'Delete' })
        .click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'I understand, delete this token', exact: true }).click();
      await page.getByText('Deleted the token').waitFor();
      expect((await callApi()).status).toBe(401);
      const fetched = await client.try(['fetch'], { in: 'plans' });
      expect(fetched.status).not.toBe(0);
      expect(fetched.stderr).toContain('Invalid username or password.');
      expect((await client.try(['credential', 'fill'], asked)).stdout).not.toContain('password=');
    } finally {
      await client.try(['credential-cache', 'exit']);
      await client.close();
    }
    expect(faults).toEqual([]);
    expect(server.log()).not.toContain(token);
    await context.close();
  });

  it('makes and deletes a token without any script', async () => {
    await using server = await startServer();
    await server.person('mona', { password });
    const { context, page, faults } = await browsers.open(server.url, { javaScriptEnabled: false });
    await page.goto('/settings/tokens/new?scopes=repo&description=no%20script');
    await page.getByLabel('Username or email address').fill('mona');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await page.getByLabel('Note').inputValue()).toBe('no script');
    expect(await page.getByLabel('Expiration date').isVisible()).toBe(false);
    await page.getByLabel('Expiration', { exact: true }).selectOption('Custom…');
    await page.getByLabel('Expiration date').fill('2099-12-31');
    await page.getByRole('button', { name: 'Generate token' }).click();
    const token = /ghp_\w{36}/.exec(await page.content())?.[0] ?? '';
    expect((await server.fetch('/api/v3/user', { token })).headers.get('x-oauth-scopes')).toBe('repo');
    await page.getByText('Expires on Dec 31, 2099').waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'I understand, delete this token' }).click();
    await page.getByText('You have no personal access tokens').waitFor();
    expect((await server.fetch('/api/v3/user', { token })).status).toBe(401);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('makes and deletes a token with the keyboard alone', async () => {
    await using server = await startServer();
    await server.person('mona', { password });
    const { context, page } = await browsers.open(server.url);
    const { keyboard } = page;
    /** Goes on by Tab until the element has the focus, as it must within a page's worth of stops. */
    const tabTo = async (role: 'button' | 'link' | 'checkbox' | 'combobox', name: string) => {
      const wanted = page.getByRole(role, { name, exact: true });
      for (let stops = 0; stops < 60; stops++) {
        await keyboard.press('Tab');
        if (await wanted.evaluate((element) => element.matches(':focus'))) {
          await expectVisibleFocus();
          return;
        }
      }
      throw new Error(`Tab does not reach the ${role} ${name}`);
    };
    const expectVisibleFocus = async () => {
      const look = await page.evaluate(`(() => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
        return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1 || boxShadow !== 'none';
      })()`);
      expect(look, 'the focus shows').toBe(true);
    };

    await page.goto('/login');
    await page.locator('input:focus').waitFor();
    await keyboard.type('mona');
    await keyboard.press('Tab');
    await keyboard.type(password);
    await keyboard.press('Enter');
    await page.waitForURL(`${server.url}/`);
    await page.goto('/settings/profile');

    await keyboard.press('Tab');
    await keyboard.press('Enter');
    expect(await page.evaluate('location.hash')).toBe('#content');
    await page.goto('/settings/profile');
    await tabTo('button', 'Open user menu');
    await keyboard.press('Enter');
    await tabTo('link', 'Settings');
    await keyboard.press('Escape');
    expect(await page.getByRole('link', { name: 'Settings', exact: true }).isVisible()).toBe(false);
    await tabTo('link', 'Developer settings');
    await keyboard.press('Enter');
    await page.waitForURL('**/settings/developers');
    await tabTo('link', 'Personal access tokens');
    await keyboard.press('Enter');
    await page.waitForURL('**/settings/tokens');
    await tabTo('link', 'Generate new token');
    await keyboard.press('Enter');
    await page.waitForURL('**/settings/tokens/new');
    await page.getByLabel('Note').focus();
    await keyboard.type('keys');
    await tabTo('combobox', 'Expiration');
    await keyboard.type('90');
    await tabTo('checkbox', 'repo');
    await keyboard.press('Space');
    expect(await page.getByRole('checkbox', { name: 'repo:status' }).isDisabled()).toBe(true);
    await tabTo('button', 'Generate token');
    await keyboard.press('Enter');
    await page.getByText('It will not be shown again.').waitFor();
    await tabTo('button', 'Copy token');
    await keyboard.press('Enter');
    await page.getByText('Copied!').waitFor({ state: 'attached' });
    await tabTo('button', 'Delete');
    await keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await keyboard.press('Enter');
    await tabTo('button', 'I understand, delete this token');
    await keyboard.press('Enter');
    await page.getByText('You have no personal access tokens').waitFor();
    await context.close();
  });
});
