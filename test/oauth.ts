// The whole product with people and applications in it, for tests of OAuth: what applications send, and what they get.
import { createHash, randomBytes } from 'node:crypto';
import { type Account, createUser } from '../src/accounts/accounts.ts';
import { createSession } from '../src/accounts/sessions.ts';
import type { Config } from '../src/config/config.ts';
import {
  type Application,
  type ApplicationFields,
  generateClientSecret,
  registerApplication,
} from '../src/oauth/applications.ts';
import { type CodeRequest, grantCode } from '../src/oauth/codes.ts';
import { Secret } from '../src/secrets/secret.ts';
import { cookieName } from '../src/web/cookies.ts';
import { valueIn } from './context.ts';
import { type TestBrowser, testBrowser, tokenIn } from './pages.ts';
import { startWholeApp, type WholeApp } from './permissions/app.ts';

export interface Registered {
  readonly application: Application;
  /** A client secret in plain text. */
  readonly secret: string;
}

export interface TestOAuth extends WholeApp {
  person(login: string): Promise<Account>;
  /** A browser in which the person is signed in, and has just proved who they are. */
  signIn(account: Account): Promise<TestBrowser>;
  browser(): TestBrowser;
  /** An application, and a secret of its. */
  register(owner: Account, fields?: Partial<ApplicationFields>): Promise<Registered>;
  /** A code, as the consent page would have given it. */
  code(account: Account, application: Application, more?: Partial<CodeRequest>): Promise<string>;
  /** Asks for a token, and reads the answer, which is to be JSON. */
  token(
    fields: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<TokenAnswer>;
  /** What the API says of a token: its status. */
  statusOf(token: string | undefined): Promise<number>;
}

export interface TokenAnswer {
  readonly access_token?: string;
  readonly scope?: string;
  readonly token_type?: string;
  readonly error?: string;
  readonly error_description?: string;
  readonly error_uri?: string;
}

export async function startOAuth(config: Partial<Config> = {}): Promise<TestOAuth> {
  const app = await startWholeApp(config);
  const { ctx } = app;
  return {
    ...app,
    person: async (login) =>
      valueIn(
        await createUser(ctx, {
          login,
          email: `${login}@example.com`,
          siteAdmin: false,
          password: new Secret('correct horse 7'),
        }),
      ),
    signIn: async (account) => {
      const { secret } = await createSession(ctx, account.id, { address: '127.0.0.1', userAgent: 'test' });
      const browser = testBrowser(app.app);
      browser.cookies.set(cookieName('session', ctx.config.url.startsWith('https:')), secret.expose());
      return browser;
    },
    browser: () => testBrowser(app.app),
    async register(owner, fields = {}) {
      const application = valueIn(
        await registerApplication(
          ctx,
          { id: owner.id, login: owner.login, kind: 'user' },
          {
            name: 'builder',
            url: 'https://builder.example.com',
            description: '',
            callbackUrl: 'https://builder.example.com/callback',
            deviceFlow: false,
            isPublic: false,
            ...fields,
          },
        ),
      );
      return { application, secret: valueIn(await generateClientSecret(ctx, application)).expose() };
    },
    code: async ({ id, login }, application, more = {}) =>
      (
        await grantCode(ctx, {
          account: { id, login },
          application,
          scopes: ['repo'],
          redirectUri: null,
          codeChallenge: null,
          ...more,
        })
      ).expose(),
    token: async (fields, headers = {}) => {
      const answer = await app.ask({
        method: 'POST',
        url: '/login/oauth/access_token',
        headers: {
          accept: 'application/json',
          'content-type': 'application/x-www-form-urlencoded',
          ...headers,
        },
        payload: new URLSearchParams(fields).toString(),
      });
      return JSON.parse(answer.body) as TokenAnswer;
    },
    statusOf: async (token) =>
      (await app.ask({ url: '/api/v3/user', headers: { authorization: `Bearer ${token}` } })).statusCode,
  };
}

/** The address at which a browser is asked. */
export function authorizePath(fields: Readonly<Record<string, string>>): string {
  return `/login/oauth/authorize?${new URLSearchParams(fields)}`;
}

/** The person grants what the page asks for; or these scopes alone. @returns where the browser is led */
export async function consent(
  browser: TestBrowser,
  fields: Readonly<Record<string, string>>,
  scopes: readonly string[] = (fields.scope ?? '').split(' ').filter((scope) => scope !== ''),
): Promise<URL> {
  const path = authorizePath(fields);
  const page = await browser.get(path);
  const answer =
    page.statusCode === 302
      ? page
      : await browser.post('/login/oauth/authorize', {
          authenticity_token: tokenIn(page.body),
          asked: path.slice(path.indexOf('?') + 1),
          scopes,
        });
  if (answer.headers.location === undefined)
    throw new Error(`not led on: ${answer.statusCode} ${answer.body}`);
  return new URL(answer.headers.location);
}

/** A verifier of PKCE and its challenge (RFC 7636 §4). */
export function pkce(): { readonly verifier: string; readonly challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}
