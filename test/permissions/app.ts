// The whole product in one process, as the server puts it together, without a socket: for tests that walk every
// route of every way in.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { createSessionStore } from '../../src/accounts/sessions.ts';
import type { Config } from '../../src/config/config.ts';
import type { Acting } from '../../src/context.ts';
import { createOperations } from '../../src/git/operation.ts';
import { createApp, type RegisteredRoute } from '../../src/server/app.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import { tokenVerifier } from '../../src/tokens/verifying.ts';
import { type TestContext, testContext } from '../context.ts';
import { testRunning } from '../running.ts';

/** What is asked, of whatever serves it. */
interface Asked {
  /** Default: GET. */
  readonly method?: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object goes as JSON. */
  readonly payload?: object | string;
}

interface Answered {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Where the product runs: in this process, or in one of its own behind a socket. */
export interface Place {
  readonly ctx: Acting;
  readonly routes: readonly RegisteredRoute[];
  ask(asked: Asked): Promise<Answered>;
  close(): Promise<void>;
}

export interface WholeApp extends Place {
  readonly ctx: TestContext;
  readonly app: FastifyInstance;
}

/** By a name, not an address: passkeys are for names. */
const url = 'http://localhost:3000';

/** @param db of another one in the same process, on which this one looks in another way */
export async function startWholeApp({
  db,
  ...config
}: Partial<Config> & { readonly db?: TestContext['db'] } = {}): Promise<WholeApp> {
  const directory = await mkdtemp(join(tmpdir(), 'latchkey-whole-'));
  const own = await testContext({
    dataDirectory: directory,
    repositoriesDirectory: join(directory, 'repositories'),
    trashDirectory: join(directory, 'trash'),
    url,
    ...config,
  });
  const ctx = db === undefined ? own : { ...own, db };
  const routes: RegisteredRoute[] = [];
  const app = await createApp(ctx, {
    visits: new WeakMap(),
    metrics: createMetrics(),
    verifier: tokenVerifier(ctx),
    sessions: createSessionStore(ctx),
    uses: { used: () => undefined },
    git: createOperations(ctx, { running: testRunning(ctx), noteRead: () => undefined }),
    hostKeys: [],
    onRoute: (route) => routes.push(route),
  });
  return {
    ctx,
    app,
    routes,
    ask: async ({ method = 'GET', url: path, headers = {}, payload }) =>
      app.inject({
        method: method as 'GET',
        url: path,
        headers: { host: new URL(url).host, ...headers },
        ...(payload === undefined ? {} : { payload }),
      }),
    close: async () => {
      await app.close();
      await own.db.destroy();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
