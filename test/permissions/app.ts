// The whole product in one process, as the server puts it together, without a socket: for tests that walk every
// route of every way in.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { createSessionStore } from '../../src/accounts/sessions.ts';
import type { Config } from '../../src/config/config.ts';
import { createOperations } from '../../src/git/operation.ts';
import { createApp, type RegisteredRoute } from '../../src/server/app.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import { tokenVerifier } from '../../src/tokens/tokens.ts';
import { type TestContext, testContext } from '../context.ts';
import { testRunning } from '../running.ts';

export interface WholeApp {
  readonly ctx: TestContext;
  readonly app: FastifyInstance;
  readonly routes: readonly RegisteredRoute[];
  close(): Promise<void>;
}

const url = 'http://127.0.0.1:3000';

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
    close: async () => {
      await app.close();
      await own.db.destroy();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
