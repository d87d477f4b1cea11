// The pages in one process, for unit tests: real way in, accounts and sessions, a database in memory, and a
// browser's memory for cookies, but no browser and no listening server.
import type { Server } from 'node:http';
import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify';
import { createGuard, type GuardedRoutes } from '../src/access/guard.ts';
import { type Account, createUser } from '../src/accounts/accounts.ts';
import { accountPages } from '../src/accounts/pages.tsx';
import { createSession, createSessionStore } from '../src/accounts/sessions.ts';
import { sudoMode } from '../src/accounts/sudo-pages.tsx';
import { administrationPages } from '../src/administration/pages.tsx';
import { auditPages } from '../src/audit/pages.tsx';
import type { Config } from '../src/config/config.ts';
import { gitSetupPages } from '../src/git-setup/pages.tsx';
import { pageNotices } from '../src/mail/notices.ts';
import { noticePages } from '../src/mail/pages.tsx';
import { Secret } from '../src/secrets/secret.ts';
import { settingsPages } from '../src/settings/pages.tsx';
import { tokenPages } from '../src/tokens/pages.tsx';
import type { Assets } from '../src/web/assets.ts';
import { cookieName } from '../src/web/cookies.ts';
import { createWebWay } from '../src/web/way.ts';
import { type TestContext, testContext, valueIn } from './context.ts';

export interface TestPages {
  readonly ctx: TestContext;
  readonly app: FastifyInstance;
  /** A browser in which nobody is signed in. */
  browser(): TestBrowser;
  /** A new account, and a browser in which it is signed in. */
  person(
    login: string,
    more?: { readonly siteAdmin?: boolean },
  ): Promise<{ readonly account: Account; readonly browser: TestBrowser }>;
  /** Another browser in which the person is signed in, as of now: where the clock went on, the first one is not. */
  signIn(account: Account): Promise<TestBrowser>;
  close(): Promise<void>;
}

export type Fields = Readonly<Record<string, string | readonly string[]>>;
type Headers = Readonly<Record<string, string>>;

/** Keeps cookies as a browser does; sends forms with the token of the page that it was last shown. */
export interface TestBrowser {
  readonly cookies: Map<string, string>;
  get(path: string, headers?: Headers): Promise<LightMyRequestResponse>;
  /** Opens the page `from`, and sends its form that is posted to `to`: with the token that it holds. */
  submit(from: string, to: string, fields: Fields): Promise<LightMyRequestResponse>;
  /** Sends by hand what no page of theirs offers, with the token of the page `from`. */
  forge(from: string, to: string, fields: Fields): Promise<LightMyRequestResponse>;
  post(path: string, fields: Fields, headers?: Headers): Promise<LightMyRequestResponse>;
}

/** Pages are tested for what they say: the built style sheets are not needed. */
const noAssets: Assets = { href: (name) => `/assets/${name}`, find: () => undefined };

export interface TestPagesOptions {
  readonly config?: Partial<Config>;
  /** Further pages to put beside those of people and tokens. */
  readonly more?: (routes: GuardedRoutes, ctx: TestContext) => void;
  /** One that listens already. */
  readonly server?: Server;
  /** The built ones, where pages are looked at. */
  readonly assets?: Assets;
}

export async function testPages(options: TestPagesOptions = {}): Promise<TestPages> {
  const { config = {}, more, server, assets = noAssets } = options;
  const ctx = await testContext(config);
  const app = Fastify(
    server === undefined ? {} : { serverFactory: (handler) => server.on('request', handler) },
  );
  const { mark, requireGuard } = createGuard();
  requireGuard(app);
  await app.register(async (pages) => {
    const sessions = createSessionStore(ctx);
    const way = createWebWay(pages, ctx, {
      mark,
      sessions,
      sudo: sudoMode(ctx),
      notices: (accountId) => pageNotices(ctx, accountId),
      assets,
    });
    app.setNotFoundHandler(way.notFound);
    accountPages(way, ctx);
    auditPages(way, ctx);
    tokenPages(way, ctx);
    settingsPages(way, ctx);
    gitSetupPages(way, ctx);
    noticePages(way, ctx);
    administrationPages(way, ctx);
    more?.(way, ctx);
  });
  await app.ready();
  const signIn = async (account: Account): Promise<TestBrowser> => {
    const { secret } = await createSession(ctx, account.id, { address: '127.0.0.1', userAgent: 'test' });
    const browser = testBrowser(app);
    const secure = ctx.config.url.startsWith('https:');
    browser.cookies.set(cookieName('session', secure), secret.expose());
    return browser;
  };
  return {
    ctx,
    app,
    browser: () => testBrowser(app),
    async person(login, { siteAdmin = false } = {}) {
      const account = valueIn(
        await createUser(ctx, {
          login,
          email: `${login}@example.com`,
          siteAdmin,
          password: new Secret('correct horse 7'),
        }),
      );
      return { account, browser: await signIn(account) };
    },
    signIn,
    async close() {
      await app.close();
      await ctx.db.destroy();
    },
  };
}

/** A browser in which nobody is signed in. */
export function testBrowser(app: Pick<FastifyInstance, 'inject'>): TestBrowser {
  const cookies = new Map<string, string>();
  async function ask(
    method: 'GET' | 'POST',
    url: string,
    headers: Headers,
    payload?: string,
  ): Promise<LightMyRequestResponse> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await app.inject({
      method,
      url,
      headers: { host: '127.0.0.1:3000', ...(cookie === '' ? {} : { cookie }), ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
    for (const { name, value, maxAge } of response.cookies) {
      if (maxAge === 0) cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  }
  const browser: TestBrowser = {
    cookies,
    get: (path, headers = {}) => ask('GET', path, headers),
    async submit(from, to, fields) {
      const page = await browser.get(from);
      if (!actionsOf(page.body).includes(to)) throw new Error(`${from} has no form for ${to}`);
      return browser.post(to, { ...fields, authenticity_token: tokenIn(page.body) });
    },
    async forge(from, to, fields) {
      const page = await browser.get(from);
      return browser.post(to, { ...fields, authenticity_token: tokenIn(page.body) });
    },
    post(path, fields, headers = {}) {
      const form = new URLSearchParams();
      for (const [name, value] of Object.entries(fields)) {
        for (const text of typeof value === 'string' ? [value] : value) form.append(name, text);
      }
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      return ask('POST', path, { ...type, ...headers }, form.toString());
    },
  };
  return browser;
}

/** Where the page's forms are posted to. */
function actionsOf(html: string): readonly string[] {
  return [...html.matchAll(/<form\b[^>]*\saction="([^"]*)"/g)].map(([, action = '']) =>
    action.replaceAll('&amp;', '&'),
  );
}

/** The authenticity token of the first form of the page, often the user menu's: any of the browser's will do. */
export function tokenIn(html: string): string {
  const token = /name="authenticity_token" value="([^"]+)"/.exec(html)?.[1];
  if (token === undefined) throw new Error('The page has no form');
  return token;
}
