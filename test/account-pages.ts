// The pages of people over real connections, with a clock that the test moves. Call `servePages` in `beforeEach`.
import { expect } from 'vitest';
import { type Account, createUser } from '../src/accounts/accounts.ts';
import { Secret } from '../src/secrets/secret.ts';
import { type TestContext, valueIn } from './context.ts';
import { type Answer, type FormBrowser, formBrowser } from './form-browser.ts';
import { testPages } from './pages.ts';

/** Everybody's. */
export const password = 'tr0mbone-under-glass';

export interface ServedPages {
  readonly ctx: TestContext;
  readonly base: string;
  /** A browser that nobody has used. */
  browser(): FormBrowser;
  /** The same, from another address. */
  elsewhere(): FormBrowser;
  person(login: string, siteAdmin?: boolean): Promise<Account>;
  /** A browser in which somebody is signed in. */
  signedIn(login: string, userAgent?: string): Promise<FormBrowser>;
  close(): Promise<void>;
}

/** @param url the address by which the server believes to be known */
export async function servePages(url = 'http://127.0.0.1'): Promise<ServedPages> {
  const { ctx, app, close } = await testPages({ config: { url } });
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    ctx,
    base,
    browser: () => formBrowser(base),
    elsewhere: () => formBrowser(base, { localAddress: '127.0.0.2' }),
    person: async (login, siteAdmin = false) => {
      const user = { login, email: `${login}@example.com`, siteAdmin, password: new Secret(password) };
      return valueIn(await createUser(ctx, user));
    },
    signedIn: async (login, userAgent = 'Firefox/140.0 (X11; Linux)') => {
      const browser = formBrowser(base, { userAgent });
      expect((await signIn(browser, login)).status).toBe(303);
      return browser;
    },
    close,
  };
}

/** Fills and sends the form of the sign-in page. */
export async function signIn(browser: FormBrowser, login: string, text = password): Promise<Answer> {
  return browser.submit(await browser.get('/login'), '/login', { login, password: text });
}

export function sessionCookie(browser: FormBrowser): string | undefined {
  return browser.cookies.get('latchkey_session');
}

/** The token of the page's forms, by which they show themselves to be ours. */
export function authenticityToken(page: Answer): string {
  return /name="authenticity_token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
}
