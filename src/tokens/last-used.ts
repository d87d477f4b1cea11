// When tokens were last used: collected in memory and written at most once a minute a token, never on a
// request's path. What is collected may be lost with the process; it is a hint for people, not a log.
import type { Context } from '../context.ts';
import { noteUses } from './last-used-store.ts';

/** A token's last use is written again only when the one on record is older than this. */
const GRAIN_MS = 60_000;

/** How often the server calls `flush`. */
export const FLUSH_EVERY_MS = 5_000;

export interface LastUsed {
  /** Notes a use; cheap, does not touch the database. */
  used(tokenId: number, at: number, lastUsedAt: number | null): void;
  /** Writes what was collected. Called every `FLUSH_EVERY_MS`, and once when the server stops. */
  flush(): Promise<void>;
}

export function createLastUsed(ctx: Context): LastUsed {
  let collected = new Map<number, number>();
  return {
    used(tokenId, at, lastUsedAt) {
      if (lastUsedAt === null || at - lastUsedAt >= GRAIN_MS) collected.set(tokenId, at);
    },
    async flush() {
      if (collected.size === 0) return;
      const uses = collected;
      collected = new Map();
      await noteUses(ctx.db, uses);
    },
  };
}
