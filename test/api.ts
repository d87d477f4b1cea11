// The REST API by itself, for tests of its rooms: a real database in memory, real tokens, a directory of its own,
// and a clock that the test moves. Requests go in by `inject`, without a socket.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyInstance, type InjectOptions, type LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { createGuard, type GuardedRoutes } from '../src/access/guard.ts';
import { type Account, createUser } from '../src/accounts/accounts.ts';
import { createRestWay } from '../src/api/way.ts';
import { type Config, defaultLimits } from '../src/config/config.ts';
import type { Context } from '../src/context.ts';
import { openDatabase } from '../src/db/database.ts';
import type { Outcome } from '../src/problems.ts';
import type { Scopes } from '../src/scopes/scopes.ts';
import { createToken, tokenVerifier } from '../src/tokens/tokens.ts';

/** Registers the routes of a room. */
export type Rest = (routes: GuardedRoutes, ctx: Context) => void;

export interface TestApi {
  readonly ctx: Context;
  readonly app: FastifyInstance;
  /** Moves the clock. */
  pass(ms: number): void;
  person(login: string, more?: { readonly siteAdmin?: boolean }): Promise<Account>;
  /** A new token's plain text. */
  token(account: Account, scopes?: Scopes, expiresAt?: number | null): Promise<string>;
  get(path: string, token?: string | null, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  send(
    method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    path: string,
    token: string | null,
    body?: object,
  ): Promise<LightMyRequestResponse>;
  request(options: InjectOptions): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

export const testUrl = 'https://git.example.com';

/** @param rooms registers what the test is about */
export async function startApi(rooms: readonly Rest[], config: Partial<Config> = {}): Promise<TestApi> {
  const directory = await mkdtemp(join(tmpdir(), 'latchkey-api-'));
  let now = Date.UTC(2026, 0, 15, 12, 0, 0);
  const ctx: Context = {
    config: {
      dataDirectory: directory,
      repositoriesDirectory: join(directory, 'repositories'),
      trashDirectory: join(directory, 'trash'),
      databaseFile: ':memory:',
      listen: { host: '127.0.0.1', port: 0 },
      url: testUrl,
      tls: null,
      trustedProxies: [],
      privateMode: false,
      importFromPrivateAddresses: false,
      limits: defaultLimits,
      smtpUrl: null,
      mailFrom: null,
      ...config,
    },
    db: await openDatabase(':memory:'),
    now: () => now,
    random: randomBytes,
    log: pino({ level: 'silent' }),
  };
  const app = Fastify({ genReqId: () => randomUUID() });
  const guard = createGuard();
  guard.requireGuard(app);
  await app.register(
    async (api) => {
      const routes = createRestWay(api, ctx, { mark: guard.mark, verifier: tokenVerifier(ctx) });
      for (const room of rooms) room(routes, ctx);
    },
    { prefix: '/api/v3' },
  );
  const bearer = (token: string | null | undefined) =>
    token == null ? {} : { authorization: `Bearer ${token}` };
  let notes = 0;
  return {
    ctx,
    app,
    pass: (ms) => {
      now += ms;
    },
    person: async (login, { siteAdmin = false } = {}) =>
      mustHave(await createUser(ctx, { login, email: `${login}@example.com`, siteAdmin, password: null })),
    token: async (account, scopes = [], expiresAt = null) => {
      const note = `token ${++notes}`;
      const { secret } = mustHave(await createToken(ctx, { accountId: account.id, note, scopes, expiresAt }));
      return secret.expose();
    },
    get: async (path, token, headers = {}) =>
      app.inject({ method: 'GET', url: `/api/v3${path}`, headers: { ...bearer(token), ...headers } }),
    send: async (method, path, token, body) =>
      app.inject({
        method,
        url: `/api/v3${path}`,
        headers: bearer(token),
        ...(body === undefined ? {} : { payload: body }),
      }),
    request: async (options) => app.inject(options),
    close: async () => {
      await app.close();
      await ctx.db.destroy();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What came of an attempt that a test takes to be good. */
export function mustHave<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.problems.map((problem) => problem.message).join(' '));
  return outcome.value;
}
