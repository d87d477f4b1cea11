// The pages of people over real connections, with a clock that the test moves. Call `servePages` in `beforeEach`.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Account, createUser } from '../src/accounts/accounts.ts';
import { Secret } from '../src/secrets/secret.ts';
import type { Assets } from '../src/web/assets.ts';
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

export interface ServeOptions {
  /** The address by which the server believes to be known, with the port that it listens at. */
  readonly url?: (port: number) => string;
  /** The built ones, for real browsers. */
  readonly assets?: Assets;
}

export async function servePages(options: ServeOptions = {}): Promise<ServedPages> {
  const { url = (port) => `http://127.0.0.1:${port}`, assets } = options;
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}`;
  const dataDirectory = await mkdtemp(join(tmpdir(), 'latchkey-pages-'));
  const { ctx, close } = await testPages({
    config: { url: url(port), dataDirectory },
    server,
    ...(assets === undefined ? {} : { assets }),
  });
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
    async close() {
      server.closeAllConnections();
      server.close();
      await close();
      await rm(dataDirectory, { recursive: true, force: true });
    },
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
