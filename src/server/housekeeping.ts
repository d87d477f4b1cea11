// The periodic work of a server: notes of last uses written down, the storage swept, what killed processes left
// cleared away.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { removeOldLeftovers } from '../git/sweep.ts';
import { sweepStorage } from '../repositories/trash.ts';
import { FLUSH_EVERY_MS } from '../tokens/last-used.ts';
import type { Task } from './schedule.ts';

const MINUTE = 60_000;

export interface Notes {
  flush(): Promise<void>;
}

/** @param notes what gathers last uses in memory: it is written every few seconds */
export function housekeeping(ctx: Context, notes: readonly Notes[]): readonly Task[] {
  return [
    { name: 'last uses', everyMs: FLUSH_EVERY_MS, run: () => flushAll(notes) },
    { name: 'storage', everyMs: 10 * MINUTE, atStart: true, run: () => sweepStorage(ctx) },
    { name: 'leftovers of git', everyMs: 60 * MINUTE, atStart: true, run: clearLeftovers(ctx) },
  ];
}

export async function flushAll(notes: readonly Notes[]): Promise<void> {
  for (const { flush } of notes) await flush();
}

/**
 * The first time, everything that is older than this server goes: a lock that a killed one left would keep people
 * from pushing. Later, only what no git process of a request can still be using.
 */
function clearLeftovers(ctx: Context): () => Promise<void> {
  const { repositoriesDirectory, limits } = ctx.config;
  const startedAt = Date.now();
  let first = true;
  return async () => {
    const before = first ? startedAt : Date.now() - 2 * limits.gitRequestMs;
    first = false;
    for (const entry of await readdir(repositoriesDirectory)) {
      if (!/^\d+\.git$/.test(entry)) continue;
      const removed = await removeOldLeftovers(join(repositoriesDirectory, entry), before);
      if (removed.length > 0) ctx.log.info({ removed: removed.length, entry }, 'cleared leftovers of git');
    }
  };
}
