// The names of the clients that every instance knows were kept from others letter by letter: with an invisible letter, one
// of another alphabet, or a word behind, anybody's application asked for everything in the name of gh.
import { describe, expect, it } from 'vitest';
import { signIn } from '../../account-pages.ts';
import { formBrowser } from '../../form-browser.ts';
import { startServer } from '../server.ts';

const password = 'bass-clef-and-tide';
const LIST = '/settings/developers';

const disguised = [
  'GitHub CLI\u3164',
  'GitHub\u2800CLI',
  'GitHub CLI\u034f',
  'GitHub CLI\ufe0f',
  'G\u0456tHub CLI',
  'G\u0131tHub CLI',
  'GitHub CLl',
  'GitHub-CLI',
  'GitH\u00fcb CLI',
  'Git Credential Manager.',
  'GitHub CLI, known to this server from the start',
];
const honest = [
  'Builder for GitHub',
  'Git hub',
  'Сборка CI',
  '構築 CI',
  'Café \u2764\ufe0f',
  'CLI of GitHub',
];

describe('An application', () => {
  it('takes no name that people may read as the one of a client that every server knows; any other it takes', async () => {
    await using server = await startServer();
    await server.person('mallory', { password });
    const browser = formBrowser(server.url);
    await signIn(browser, 'mallory', password);
    const form = await browser.get('/settings/applications/new');
    const register = async (name: string) => {
      const fields = { name, url: 'https://a.example.com/', callback_url: 'https://a.example.com/cb' };
      return [name, (await browser.submit(form, LIST, fields)).status];
    };
    for (const name of disguised) expect(await register(name)).toEqual([name, 422]);
    for (const name of honest) expect(await register(name)).toEqual([name, 303]);
  });
});
