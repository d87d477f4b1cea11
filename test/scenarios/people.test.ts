// The pages of people in a real browser, clicked by the words on them; looked at by axe in both colour schemes
// and on the narrowest of screens.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, expectNoSidewaysScroll, launchBrowser, type TestBrowser } from '../browser.ts';
import { startServer } from './server.ts';

const password = 'tr0mbone-under-glass';
let browser: TestBrowser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Fails if the page can't be used by everybody: wide or narrow, light or dark. */
async function look(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 320]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}

async function signIn(page: Page, login: string, text = password): Promise<void> {
  await page.getByLabel('Username or email address').fill(login);
  await page.getByLabel('Password').fill(text);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const heading = (page: Page) => page.getByRole('heading', { level: 1 });

describe('A person at the browser', () => {
  it('sets up, signs out and in, and finds profile, password, sessions and people by clicking', async () => {
    await using server = await startServer();
    const { page, faults } = await browser.open(server.url, { reducedMotion: 'reduce' });
    await page.goto(server.setupLink ?? '');
    expect(page.url()).toBe(`${server.url}/setup`);
    await look(page);
    await page.getByLabel('Username').fill('settings');
    await page.getByLabel('Email address').fill('mona@example.com');
    await page.getByLabel('Password').fill('password');
    await page.getByRole('button', { name: 'Create account' }).click();
    await expectProblem(page, 'Username', /reserved/);
    await expectProblem(page, 'Password', /too easy/);
    await look(page);
    await page.getByLabel('Username').fill('mona');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Create account' }).click();

    await page.getByRole('button', { name: 'Open user menu' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    expect(await heading(page).textContent()).toBe('Sign in to Latchkey');
    await look(page);
    await signIn(page, 'mona', 'wrong-trombone');
    await expectProblem(page, 'Password', /^Incorrect username or password\.$/);
    expect(await page.getByLabel('Username or email address').inputValue()).toBe('mona');
    await look(page);
    await signIn(page, 'mona@example.com');

    await page.getByRole('button', { name: 'Open user menu' }).click();
    await page.getByRole('link', { name: 'Settings' }).click();
    expect(await heading(page).textContent()).toBe('Profile');
    await page.getByLabel('Name', { exact: true }).fill('Mona Lisa');
    await page.getByRole('button', { name: 'Update profile' }).click();
    expect(await page.getByRole('status').textContent()).toContain('Profile updated.');
    await look(page);

    await page.getByRole('link', { name: 'Password and authentication', exact: true }).click();
    await page.getByLabel('Current password').fill('wrong-trombone');
    await page.getByLabel('New password').fill('an-other-trombone');
    await page.getByRole('button', { name: 'Update password' }).click();
    await expectProblem(page, 'Current password', /isn't valid/);
    await look(page);

    await page.getByRole('link', { name: 'Sessions' }).click();
    await page.getByText('This session').waitFor();
    await look(page);

    await page.getByRole('link', { name: 'People' }).click();
    await page.getByLabel('Username').fill('hubot');
    await page.getByLabel('Email address').fill('hubot@example.com');
    await page.getByRole('button', { name: 'Invite' }).click();
    const link = (await page.locator('#one-time-link').textContent()) ?? '';
    expect(link).toMatch(new RegExp(`^${server.url}/password\\?code=[\\w-]{43}$`));
    await look(page);
    await page.getByRole('button', { name: 'Copy link' }).click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(link);
    expect(faults).toEqual([]);
  });

  it('without scripts is invited, chooses a password, and signs out by the page for it', async () => {
    await using server = await startServer();
    await server.person('mona', { siteAdmin: true });
    const { stdout } = await server.cli(['user', 'create', 'hubot', '--email', 'hubot@example.com']);
    const link = /http\S+\/password\?code=[\w-]+/.exec(stdout)?.[0] ?? '';
    const { page } = await browser.open(server.url, { javaScriptEnabled: false });
    await page.goto(link);
    expect(page.url()).toBe(`${server.url}/password`);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Set password' }).click();
    await page.goto(`${server.url}/logout`);
    await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click();
    await signIn(page, 'hubot');
    await page.goto(`${server.url}/settings`);
    expect(await page.getByText('Your username is hubot').count()).toBe(1);
    await page.goto(link);
    expect(await heading(page).textContent()).toBe('This link is not valid any more');
  });
});

/** Fails unless the field is told to be wrong, in words that belong to it for every tool. */
async function expectProblem(page: Page, label: string, words: RegExp): Promise<void> {
  const field = page.getByLabel(label, { exact: true });
  expect(await field.getAttribute('aria-invalid')).toBe('true');
  const [id = ''] = ((await field.getAttribute('aria-describedby')) ?? '').split(' ');
  expect((await page.locator(`#${id}`).textContent())?.trim()).toMatch(words);
}
