// Codes of devices are counted, fifty an hour for each application: one person who typed one of theirs fifty times kept
// everybody from signing in with gh, for as long as they liked.
import { describe, expect, it } from 'vitest';
import { signIn } from '../../account-pages.ts';
import { type FormBrowser, formBrowser } from '../../form-browser.ts';
import { startServer } from '../server.ts';

const password = 'bass-clef-and-tide';
const DEVICE = '/login/device';
const gh = '178c6fc778ccc68e1d6a';

describe('Codes of devices', () => {
  it('are refused to who typed very many within the hour, and to nobody else', async () => {
    await using server = await startServer();
    const enter = async (browser: FormBrowser, code: string) =>
      (await browser.submit(await browser.get(DEVICE), DEVICE, { user_code: code })).status;
    const browserOf = async (login: string) => {
      await server.person(login, { password });
      const browser = formBrowser(server.url);
      await signIn(browser, login, password);
      return browser;
    };
    const mallory = await browserOf('mallory');
    const mona = await browserOf('mona');
    const asked = await server.fetch(`${DEVICE}/code`, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams({ client_id: gh, scope: 'repo' }),
    });
    const { user_code: code } = (await asked.json()) as { readonly user_code: string };
    for (let times = 0; times < 50; times += 1) expect(await enter(mallory, code)).toBe(200);
    expect(await enter(mallory, code)).toBe(429);
    expect(await enter(mona, code)).toBe(200);
  });
});
