// What is noted of a repository when its content grows: by a push, or by objects stored through the API.
import { record } from '../audit/audit.ts';
import type { Context, Doer } from '../context.ts';
import { settleHead } from './head.ts';
import { concerning } from './log.ts';
import type { Repository } from './repositories.ts';
import * as storage from './storage.ts';
import * as store from './store.ts';

/** Who pushed, as the log will know it. */
export interface Push {
  readonly by: Doer;
  /** The repository as it was called then. */
  readonly repository: Repository;
  readonly transport: 'http' | 'ssh';
}

/**
 * Notes that something was pushed: when, how large the repository is now, and its default branch; and in the log who
 * did it. Nothing happens when it was deleted meanwhile.
 */
export async function recordPush(ctx: Context, id: number, push?: Push): Promise<void> {
  const directory = storage.repositoryDirectory(ctx.config, id);
  if (!storage.isPlaced(ctx.config, id)) return;
  const defaultBranch = await settleHead(directory);
  const sizeKib = await storage.sizeOnDiskKib(directory);
  await ctx.db.transaction().execute(async (db) => {
    await store.updateAfterPush(db, id, { at: ctx.now(), sizeKib, defaultBranch });
    if (push === undefined) return;
    await record({ ...ctx, by: push.by }, db, {
      action: 'git.push',
      operation: 'modify',
      ...(await concerning(db, push.repository)),
      data: { transport_protocol_name: push.transport },
    });
  });
}

/** Notes that objects were stored without a push, so that the limit of its size counts them. */
export async function recordGrowth(ctx: Context, id: number, kib: number): Promise<void> {
  await store.addSize(ctx.db, id, kib);
}
