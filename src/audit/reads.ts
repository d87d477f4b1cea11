// What was only read (git.clone, git.fetch): gathered in memory and written each second, so that a fetch never waits
// for the log. A second's worth may be lost with the process; what changes something never comes this way.
import type { Context, Doer } from '../context.ts';
import { latchkey } from '../context.ts';
import { type AuditEvent, recordAt } from './audit.ts';

/** How often the server calls `flush`. */
export const FLUSH_READS_EVERY_MS = 1_000;

/** As many reads as are kept in memory; more, as while the database does not answer, are counted only. */
const MAX_PENDING = 20_000;
/** Rows of one transaction: others wait for the database no longer than these take. */
const BATCH = 200;

export interface Reads {
  /** Notes a read that has happened now. Cheap; never waits, never throws. */
  note(by: Doer, event: AuditEvent): void;
  /** Writes what was gathered: called each second, and once when the server stops. */
  flush(): Promise<void>;
}

interface Read {
  readonly by: Doer;
  readonly at: number;
  readonly event: AuditEvent;
}

/** One for the whole server. */
export function createReads(ctx: Context): Reads {
  let pending: Read[] = [];
  let dropped = 0;
  return {
    note(by, event) {
      if (pending.length < MAX_PENDING) pending.push({ by, at: ctx.now(), event });
      else dropped++;
    },
    async flush() {
      const reads = pending;
      pending = [];
      let written = 0;
      try {
        for (; written < reads.length; written += BATCH) {
          const batch = reads.slice(written, written + BATCH);
          await ctx.db.transaction().execute(async (db) => {
            for (const { by, at, event } of batch) await recordAt(ctx, db, by, at, event);
          });
        }
      } catch (error) {
        // Tried again next time, as far as there is room.
        const room = Math.max(0, MAX_PENDING - pending.length);
        const rest = reads.slice(written);
        dropped += Math.max(0, rest.length - room);
        pending = [...rest.slice(0, room), ...pending];
        throw error;
      }
      if (dropped > 0) await tellDropped();
    },
  };

  /** The gap is told in the log itself. */
  async function tellDropped(): Promise<void> {
    const count = dropped;
    await ctx.db.transaction().execute((db) =>
      recordAt(ctx, db, latchkey, ctx.now(), {
        action: 'audit_log.reads_dropped',
        operation: 'remove',
        data: { count },
      }),
    );
    dropped -= count;
    ctx.log.warn({ count }, 'reads are missing in the security log: there were more than memory is kept for');
  }
}
