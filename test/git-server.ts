// Git over HTTPS by itself, on a real socket, for tests of its room: a real database in memory, real tokens, real
// bare repositories in a directory of its own.
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { RepositoryRole } from '../src/access/actions.ts';
import { createGuard } from '../src/access/guard.ts';
import type { Visibility } from '../src/access/targets.ts';
import { type Account, createUser } from '../src/accounts/accounts.ts';
import { createReads } from '../src/audit/reads.ts';
import { type Config, defaultLimits, type Limits } from '../src/config/config.ts';
import type { GitOperation } from '../src/git/observer.ts';
import { createOperations, type Operations } from '../src/git/operation.ts';
import { gitRoutes } from '../src/git/rest.ts';
import { putCollaborator } from '../src/repositories/collaborators.ts';
import { createRepository } from '../src/repositories/repositories.ts';
import { repositoryDirectory } from '../src/repositories/storage.ts';
import type { Scopes } from '../src/scopes/scopes.ts';
import { createToken } from '../src/tokens/tokens.ts';
import { tokenVerifier } from '../src/tokens/verifying.ts';
import { type TestContext, testContext, valueIn } from './context.ts';
import { testRunning } from './running.ts';

export interface GitServer {
  readonly ctx: TestContext;
  readonly app: FastifyInstance;
  /** `http://127.0.0.1:PORT`, without a slash. */
  readonly url: string;
  readonly operations: readonly GitOperation[];
  /** Writes the fetches to the log. */
  flushReads(): Promise<void>;
  /** What runs git, for ways to it other than HTTP. */
  readonly git: Operations;
  running(): number;
  waiting(): number;
  person(login: string): Promise<Account>;
  token(account: Account, scopes?: Scopes, expiresAt?: number | null): Promise<string>;
  repository(owner: Account, name: string, more?: RepositoryOptions): Promise<TestRepository>;
  close(): Promise<void>;
}

export interface RepositoryOptions {
  /** Default: public. */
  readonly visibility?: Visibility;
  readonly objectFormat?: 'sha1' | 'sha256';
  readonly roles?: readonly (readonly [Account, RepositoryRole])[];
}

export interface TestRepository {
  readonly id: number;
  readonly directory: string;
  readonly url: string;
}

export interface GitServerOptions {
  readonly config?: Partial<Config>;
  readonly limits?: Partial<Limits>;
  readonly stallMs?: number;
}

export async function startGitServer(options: GitServerOptions = {}): Promise<GitServer> {
  const directory = await mkdtemp(join(tmpdir(), 'latchkey-git-'));
  const ctx = await testContext({
    dataDirectory: directory,
    repositoriesDirectory: join(directory, 'repositories'),
    trashDirectory: join(directory, 'trash'),
    url: 'https://git.example.com',
    limits: { ...defaultLimits, ...options.limits },
    ...options.config,
  });
  const operations: GitOperation[] = [];
  let processes = { running: 0, waiting: 0 };
  const app: FastifyInstance = Fastify({ loggerInstance: ctx.log as FastifyBaseLogger });
  const guard = createGuard();
  guard.requireGuard(app);
  const reads = createReads(ctx);
  const git = createOperations(ctx, {
    running: testRunning(ctx),
    noteRead: reads.note,
    ...(options.stallMs === undefined ? {} : { stallMs: options.stallMs }),
    observer: {
      onProcess: (counts) => {
        processes = counts;
      },
      onOperation: (operation) => operations.push(operation),
    },
  });
  gitRoutes(app, ctx, { mark: guard.mark, verifier: tokenVerifier(ctx), operations: git });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  let notes = 0;
  return {
    ctx,
    app,
    url,
    operations,
    git,
    flushReads: reads.flush,
    running: () => processes.running,
    waiting: () => processes.waiting,
    person: async (login) =>
      valueIn(
        await createUser(ctx, { login, email: `${login}@example.com`, siteAdmin: false, password: null }),
      ),
    token: async (account, scopes = ['repo'], expiresAt = null) => {
      const note = `token ${++notes}`;
      const { secret } = valueIn(await createToken(ctx, { accountId: account.id, note, scopes, expiresAt }));
      return secret.expose();
    },
    repository: async (owner, name, { visibility = 'public', objectFormat, roles = [] } = {}) => {
      const { id } = valueIn(
        await createRepository(ctx, {
          owner,
          name,
          description: null,
          visibility,
          ...(objectFormat === undefined ? {} : { objectFormat }),
        }),
      );
      for (const [account, role] of roles) {
        valueIn(await putCollaborator(ctx, { id, ownerId: owner.id }, account.id, role));
      }
      return { id, directory: repositoryDirectory(ctx.config, id), url: `${url}/${owner.login}/${name}.git` };
    },
    close: async () => {
      app.server.closeAllConnections();
      await app.close();
      await ctx.db.destroy();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
