// When keys were last used: collected in memory and written at most once a minute a key, as for tokens.
import type { Context } from '../context.ts';
import type { KeyCredential } from './credentials.ts';
import { noteUses } from './store.ts';

/** A key's last use is written again only when the one on record is older than this. */
const GRAIN_MS = 60_000;

export interface KeysLastUsed {
  /** Notes a use; cheap, does not touch the database. */
  used(credential: Pick<KeyCredential, 'keyId' | 'lastUsedAt'>): void;
  /** Writes what was collected. */
  flush(): Promise<void>;
}

export function createKeysLastUsed(ctx: Context): KeysLastUsed {
  let collected = new Map<number, number>();
  return {
    used({ keyId, lastUsedAt }) {
      const now = ctx.now();
      if (lastUsedAt === null || now - lastUsedAt >= GRAIN_MS) collected.set(keyId, now);
    },
    async flush() {
      if (collected.size === 0) return;
      const uses = collected;
      collected = new Map();
      await noteUses(ctx.db, uses);
    },
  };
}
