// What tests of repositories share: a context on a real directory, with two accounts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActorAccount } from '../src/access/actor.ts';
import type { Config } from '../src/config/config.ts';
import { type TestContext, testContext } from './context.ts';

export interface RepositoriesContext extends TestContext {
  readonly root: string;
  readonly ann: ActorAccount;
  readonly bob: ActorAccount;
  /** Closes the database and removes the directory. */
  close(): Promise<void>;
}

export async function repositoriesContext(config: Partial<Config> = {}): Promise<RepositoriesContext> {
  const root = mkdtempSync(join(tmpdir(), 'latchkey-repositories-'));
  const ctx = await testContext({
    dataDirectory: root,
    repositoriesDirectory: join(root, 'repositories'),
    trashDirectory: join(root, 'trash'),
    ...config,
  });
  const account = async (login: string): Promise<ActorAccount> => {
    const { id } = await ctx.db
      .insertInto('accounts')
      .values({ kind: 'user', login, login_key: login.toLowerCase(), created_at: 0, updated_at: 0 })
      .returning('id')
      .executeTakeFirstOrThrow();
    return { id, login, siteAdmin: false };
  };
  const ann = await account('Ann');
  const bob = await account('bob');
  return {
    ...ctx,
    root,
    ann,
    bob,
    async close() {
      await ctx.db.destroy();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
