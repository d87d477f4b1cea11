// The REST API by itself, for tests of its rooms: a real database in memory, real tokens, a directory of its own,
// and a clock that the test moves. Requests go in by `inject`, without a socket; every answer is held to the
// published description of the API.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyInstance, type InjectOptions, type LightMyRequestResponse } from 'fastify';
import { createAttempts } from '../src/access/attempts.ts';
import { createGuard, type GuardedRoutes } from '../src/access/guard.ts';
import { type Account, createUser } from '../src/accounts/accounts.ts';
import { createRateLimits } from '../src/api/rate-limits.ts';
import { createRestWay } from '../src/api/way.ts';
import type { Config } from '../src/config/config.ts';
import type { Context } from '../src/context.ts';
import { createOperations } from '../src/git/operation.ts';
import { graphqlRest } from '../src/graphql/rest.ts';
import { clientVerifier } from '../src/oauth/client-verifier.ts';
import type { Scopes } from '../src/scopes/scopes.ts';
import { restRooms } from '../src/server/rest-rooms.ts';
import { rateLimitsReader } from '../src/settings/settings.ts';
import { createToken } from '../src/tokens/tokens.ts';
import { createUseCounter, type UseCounter } from '../src/tokens/uses.ts';
import { tokenVerifier } from '../src/tokens/verifying.ts';
import { type TestContext, testContext, valueIn } from './context.ts';
import { checkContract } from './contract.ts';
import { testRunning } from './running.ts';

/** Registers the routes of a room. */
export type Rest = (routes: GuardedRoutes, ctx: Context) => void;

export type Method = 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

export interface Call {
  /** A token's plain text; null or left out: anonymous. */
  readonly token?: string | null;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Asked {
  /** A token's plain text; null or left out: anonymous. */
  readonly token?: string | null;
  readonly variables?: object;
  readonly operationName?: string;
}

export interface TestApi {
  readonly ctx: TestContext;
  readonly app: FastifyInstance;
  /** Counts what tokens are used for; written by its `flush`. */
  readonly uses: UseCounter;
  /** Every registered route, as `GET /repos/:owner/:repo`. */
  readonly routes: readonly string[];
  person(login: string, more?: { readonly siteAdmin?: boolean }): Promise<Account>;
  /** A new token's plain text. */
  token(account: Account, scopes?: Scopes, expiresAt?: number | null): Promise<string>;
  /** Calls the API and holds the answer to its description. @param path below `/api/v3` */
  call(method: Method, path: string, call?: Call): Promise<LightMyRequestResponse>;
  get(path: string, token?: string | null, headers?: Call['headers']): Promise<LightMyRequestResponse>;
  /** Sends a query to GraphQL. */
  graphql(query: string, asked?: Asked): Promise<LightMyRequestResponse>;
  /** Any request, its answer unchecked. */
  request(options: InjectOptions): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

export const testUrl = 'https://git.example.com';
const prefix = '/api/v3';
const graphqlPath = '/api/graphql';

export interface ApiOptions {
  readonly config?: Partial<Config>;
  /** Routes of the test's own, beside those of the API. */
  readonly more?: readonly Rest[];
}

export async function startApi({ config = {}, more = [] }: ApiOptions = {}): Promise<TestApi> {
  const directory = await mkdtemp(join(tmpdir(), 'latchkey-api-'));
  const ctx = await testContext({
    dataDirectory: directory,
    repositoriesDirectory: join(directory, 'repositories'),
    trashDirectory: join(directory, 'trash'),
    url: testUrl,
    ...config,
  });
  const app = Fastify({ genReqId: () => randomUUID(), routerOptions: { maxParamLength: 16 * 1024 } });
  const uses = createUseCounter(ctx);
  const guard = createGuard();
  guard.requireGuard(app);
  const routes: string[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    if (!url.startsWith(prefix)) return;
    for (const one of [method].flat()) routes.push(`${one} ${url.slice(prefix.length)}`);
  });
  const rateLimits = createRateLimits(ctx.now, rateLimitsReader(ctx));
  const attempts = createAttempts(ctx.now);
  const shared = {
    mark: guard.mark,
    verifier: tokenVerifier(ctx),
    clients: clientVerifier(ctx),
    uses,
    rateLimits,
    attempts,
  };
  await app.register(async (api) => graphqlRest(createRestWay(api, ctx, { ...shared, speaks: 'graphql' })), {
    prefix: graphqlPath,
  });
  await app.register(
    async (api) => {
      const way = createRestWay(api, ctx, shared);
      const running = testRunning(ctx);
      restRooms(way, ctx, createOperations(ctx, { running, noteRead: () => undefined }));
      for (const room of more) room(way, ctx);
    },
    { prefix },
  );
  const call: TestApi['call'] = async (method, path, { token, body, headers = {} } = {}) => {
    const answer = await app.inject({
      method,
      url: `${prefix}${path}`,
      headers: { ...(token == null ? {} : { authorization: `Bearer ${token}` }), ...headers },
      ...(body === undefined ? {} : { payload: body }),
    });
    const json = String(answer.headers['content-type']).startsWith('application/json') && answer.body !== '';
    if (json || answer.body === '') {
      checkContract(method, path, answer.statusCode, json ? answer.json() : '');
    }
    return answer;
  };
  let notes = 0;
  return {
    ctx,
    app,
    uses,
    routes,
    person: async (login, { siteAdmin = false } = {}) =>
      valueIn(await createUser(ctx, { login, email: `${login}@example.com`, siteAdmin, password: null })),
    token: async (account, scopes = [], expiresAt = null) => {
      const note = `token ${++notes}`;
      const { secret } = valueIn(await createToken(ctx, { accountId: account.id, note, scopes, expiresAt }));
      return secret.expose();
    },
    call,
    get: (path, token = null, headers = {}) => call('GET', path, { token, headers }),
    graphql: async (query, { token, ...asked } = {}) =>
      app.inject({
        method: 'POST',
        url: graphqlPath,
        headers: token == null ? {} : { authorization: `bearer ${token}` },
        payload: { query, ...asked },
      }),
    request: async (options) => app.inject(options),
    close: async () => {
      await app.close();
      await ctx.db.destroy();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
