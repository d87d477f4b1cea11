// A repository in a real browser, clicked by the words on its pages: made, filled by git, read, set up, shared,
// renamed and deleted; looked at by axe in both colour schemes and on the narrowest of screens.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, expectNoSidewaysScroll, launchBrowser, type TestBrowser } from '../browser.ts';
import { createGitClient, type GitClient } from '../git-client.ts';
import { startServer } from './server.ts';

const password = 'tr0mbone-under-glass';
const readme = `# Trombone

Reads [the score](score/first.txt) and loads ![nothing](https://elsewhere.example/pixel.png).

| Part | Bars |
|------|-----:|
| one  | 32   |

- [x] tuned

<img src=x onerror="document.title='taken over'"><script>document.title = 'taken over'</script>

\`\`\`sh
echo "a line of code that is so long that it has to scroll sideways on the small screen of a telephone"
\`\`\`
`;

let browser: TestBrowser;
let client: GitClient;
beforeAll(async () => {
  browser = await launchBrowser();
  client = await createGitClient();
});
afterAll(async () => {
  await browser.close();
  await client.close();
});

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

async function signIn(page: Page, login: string): Promise<void> {
  await page.goto('/login');
  await page.getByLabel('Username or email address').fill(login);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const link = (page: Page, name: string) => page.getByRole('link', { name, exact: true });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const clipboard = (page: Page) => page.evaluate<string>('navigator.clipboard.readText()');

async function commitFiles(
  folder: string,
  files: Readonly<Record<string, string>>,
  message: string,
): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(client.path(folder), path, '..'), { recursive: true });
    await writeFile(client.path(folder, path), text);
  }
  await client.git(['add', '-A'], { in: folder });
  await client.git(['commit', '-q', '-m', message], { in: folder });
}

describe('A person with a repository', () => {
  it('makes it on a page, pushes by what the page says, and sees that the push arrived', async () => {
    await using server = await startServer();
    await server.person('mona', { password });
    const { page, faults } = await browser.open(server.url, { reducedMotion: 'reduce' });
    await page.goto('/');
    await look(page);
    await signIn(page, 'mona');
    await look(page);
    await link(page, 'New repository').click();
    await look(page);
    await page.getByLabel('Repository name').fill('slide trombone');
    await page.getByLabel('Description').fill('Plays low');
    await button(page, 'Create repository').click();
    const name = page.getByLabel('Repository name');
    expect(await name.getAttribute('aria-invalid')).toBe('true');
    expect(await name.inputValue()).toBe('slide trombone');
    expect(await page.getByLabel('Description').inputValue()).toBe('Plays low');
    await look(page);
    await name.fill('trombone');
    await button(page, 'Create repository').click();
    await look(page);

    await button(page, 'Copy clone URL').click();
    const url = `${server.url}/mona/trombone.git`;
    expect(await clipboard(page)).toBe(url);
    await button(page, 'Copy commands for an existing repository').click();
    const commands = (await clipboard(page)).split('\n');
    expect(commands).toEqual([
      `git remote add origin ${url}`,
      'git branch -M main',
      'git push -u origin main',
    ]);

    const env = server.credential(await server.token('mona', ['repo']));
    await client.git(['init', '-q', 'trombone']);
    await commitFiles('trombone', { 'README.md': readme, 'score/first.txt': 'one\ntwo\n' }, 'Write it down');
    for (const command of commands) await client.git(command.split(' ').slice(1), { in: 'trombone', env });
    await client.git(['switch', '-q', '-c', 'feature/loud'], { in: 'trombone' });
    await commitFiles('trombone', { 'score/first.txt': 'one\nLOUD <b>\n' }, 'Play louder\n\nAs asked for.');
    await client.git(['push', '-q', 'origin', 'feature/loud'], { in: 'trombone', env });

    await page.reload();
    expect(await page.title()).toBe('mona/trombone · Latchkey');
    await page.getByRole('heading', { name: 'Trombone', exact: true }).waitFor();
    await page.getByText('Write it down').first().waitFor();
    await look(page);
    expect(await page.title()).toBe('mona/trombone · Latchkey');

    await link(page, 'the score').click();
    expect(new URL(page.url()).pathname).toBe('/mona/trombone/blob/main/score/first.txt');
    await look(page);
    await page.getByText('Switch branches').locator('..').click();
    await look(page);
    await link(page, 'feature/loud').click();
    expect(new URL(page.url()).pathname).toBe('/mona/trombone/blob/feature/loud/score/first.txt');
    await page.getByText('LOUD <b>').waitFor();
    await link(page, 'History').click();
    await look(page);
    await page.getByRole('link', { name: 'Play louder' }).click();
    await page.getByText('As asked for.').waitFor();
    await page.getByText('1 file changed').waitFor();
    await look(page);
    await link(page, 'Branches').click();
    await look(page);
    await link(page, 'feature/loud').click();
    await link(page, 'score').click();
    await look(page);
    expect(faults).toEqual([]);
  });

  it('names, shares, shows and deletes it, using the keyboard alone and no scripts', async () => {
    await using server = await startServer();
    await server.person('mona', { password });
    await server.person('hubot', { password });
    const { page, faults } = await browser.open(server.url, {
      javaScriptEnabled: false,
      reducedMotion: 'reduce',
    });
    /** What the keyboard can't reach is not there for some people. */
    const press = async (target: ReturnType<typeof link>) => {
      for (let steps = 0; steps < 60; steps++) {
        if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) {
          return page.keyboard.press('Enter');
        }
        await page.keyboard.press('Tab');
      }
      throw new Error('The keyboard does not reach it');
    };
    await signIn(page, 'mona');
    await press(link(page, 'New repository'));
    await page.getByLabel('Repository name').fill('trombone');
    await press(button(page, 'Create repository'));
    await press(link(page, 'Settings'));
    await page.getByLabel('Repository name').fill('sackbut');
    await press(button(page, 'Save changes'));
    await page.getByText('Settings saved.').waitFor();
    await page.getByLabel('User name').fill('hubot');
    await page.getByLabel('Role', { exact: true }).selectOption('write');
    await press(button(page, 'Add collaborator'));
    await page.getByText('hubot is invited').waitFor();

    const other = await browser.open(server.url);
    expect((await other.page.goto('/mona/trombone'))?.status()).toBe(404);
    await signIn(other.page, 'hubot');
    expect((await other.page.goto('/mona/trombone'))?.status()).toBe(404);
    await other.page.goto('/invitations');
    await button(other.page, 'Accept the invitation to mona/sackbut').click();
    await other.page.getByText('You may work on mona/sackbut now: write.').waitFor();
    expect((await other.page.goto('/mona/trombone'))?.status()).toBe(200);
    expect(new URL(other.page.url()).pathname).toBe('/mona/sackbut');

    await press(button(page, 'Make public'));
    await press(button(page, 'I understand, make it public'));
    await page.getByText('The repository is public now.').waitFor();
    const stranger = await browser.open(server.url);
    expect((await stranger.page.goto('/mona/sackbut'))?.status()).toBe(200);

    await press(page.locator('summary', { hasText: 'Delete this repository' }));
    await page.getByLabel('To confirm, type mona/sackbut').fill('sackbut');
    await press(button(page, 'I understand, delete this repository'));
    await page.getByText('Type mona/sackbut to confirm.').waitFor();
    expect(await page.getByLabel('To confirm, type mona/sackbut').inputValue()).toBe('sackbut');
    await page.getByLabel('To confirm, type mona/sackbut').fill('mona/sackbut');
    await press(button(page, 'I understand, delete this repository'));
    await page.getByText('Deleted mona/sackbut.').waitFor();
    expect((await stranger.page.goto('/mona/sackbut'))?.status()).toBe(404);
    expect(faults).toEqual([]);
  });

  it('finds the settings usable for everybody', async () => {
    await using server = await startServer();
    await server.person('mona', { password });
    await server.person('hubot', { password });
    const made = await server.cli(['repo', 'create', 'mona/trombone', '--private']);
    expect(made.status).toBe(0);
    const { page, faults } = await browser.open(server.url, { reducedMotion: 'reduce' });
    await signIn(page, 'mona');
    await page.goto('/mona/trombone/settings');
    await page.getByLabel('User name').fill('hubot');
    await button(page, 'Add collaborator').click();
    await page.getByText('hubot is invited').waitFor();
    await look(page);
    await button(page, 'Make public').click();
    await look(page);
    await page.goto('/new/import');
    await look(page);
    await page.getByLabel('Clone URL').fill('http://127.0.0.1:1/x.git');
    await page.getByLabel('Repository name').fill('x');
    await button(page, 'Begin import').click();
    expect(await page.getByLabel('Clone URL').getAttribute('aria-invalid')).toBe('true');
    await look(page);
    await page.goto('/mona');
    await look(page);
    expect(faults).toEqual([]);
  });
});
