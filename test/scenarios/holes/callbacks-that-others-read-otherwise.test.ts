// A callback's host could hold `;` and `,`, by which it wrote on in the policy of the consent page; and `..;` below a
// callback, which servlets take for `..`, led codes out of it.
import { describe, expect, it } from 'vitest';
import { signIn } from '../../account-pages.ts';
import { formBrowser } from '../../form-browser.ts';
import { startServer } from '../server.ts';

const password = 'bass-clef-and-tide';
const LIST = '/settings/developers';

describe('A callback', () => {
  it('has a host that is nothing else in a policy, and nothing below it that leads out of it', async () => {
    await using server = await startServer();
    await server.person('mallory', { password });
    const browser = formBrowser(server.url);
    await signIn(browser, 'mallory', password);
    const form = await browser.get('/settings/applications/new');
    const register = (callback: string) =>
      browser.submit(form, LIST, {
        name: 'Builder',
        url: 'https://a.example.com/',
        callback_url: callback,
      });
    for (const host of ['a.example;sandbox', 'a.example,script-src', '*', '*.example', "a'b.example"]) {
      expect([host, (await register(`https://${host}/cb`)).status]).toEqual([host, 422]);
    }
    const made = await register('https://a.example.com/cb');
    expect(made.status).toBe(303);
    const page = await browser.get(String(made.headers.location));
    const clientId = /\b[0-9a-f]{20}\b/.exec(page.text)?.[0] ?? '';
    const ledTo = async (address: string) => {
      const query = new URLSearchParams({ client_id: clientId, redirect_uri: address });
      const answer = await browser.get(`/login/oauth/authorize?${query}`);
      return answer.status === 200 ? answer.heading : String(answer.headers.location);
    };
    const prefix = 'https://a.example.com/cb';
    expect(await ledTo(`${prefix}/..;/evil`)).toContain(`${prefix}?error=redirect_uri_mismatch`);
    expect(await ledTo(`${prefix}/..%3b/evil`)).toContain(`${prefix}?error=redirect_uri_mismatch`);
    expect(await ledTo(`${prefix}/a..;b/c;d`)).toBe('Authorize Builder');
  });
});
