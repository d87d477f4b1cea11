// Somebody at a browser of their own, who signs in and lets a client act for them: what clients ask people to do.
import type { Page } from 'playwright-core';
import type { TestBrowser } from '../browser.ts';

export const PASSWORD = 'correct horse 7';

export interface Person extends AsyncDisposable {
  readonly page: Page;
  /** Opens an address that a client gave, and signs in where asked; who authorized it before is led on at once. */
  open(address: string): Promise<void>;
  /** Opens an address that a client gave, and authorizes it. */
  authorize(address: string): Promise<void>;
  /** Types a client's code on the page that it named, and authorizes it. */
  typeCode(address: string, code: string): Promise<void>;
}

export async function atBrowser(browser: TestBrowser, login: string, url: string): Promise<Person> {
  // The authority of the tests is not among this browser's.
  const { context, page } = await browser.open(url, { ignoreHTTPSErrors: true });
  const open = async (address: string) => {
    await page.goto(address);
    if (new URL(page.url()).pathname !== '/login') return;
    const name = page.getByLabel('Username or email address');
    // Some clients say who is meant; the name is filled in then.
    await name.fill(login);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  };
  const agree = () => page.getByRole('button', { name: /^Authorize / }).click();
  return {
    page,
    open,
    authorize: async (address) => {
      await open(address);
      await agree();
    },
    typeCode: async (address, code) => {
      await open(address);
      await page.getByLabel('Code', { exact: true }).fill(code);
      await page.getByRole('button', { name: 'Continue' }).click();
      await agree();
    },
    [Symbol.asyncDispose]: () => context.close(),
  };
}
