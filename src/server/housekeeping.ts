// The periodic work of a server: notes of last uses written down, mails sent, expiring tokens told, the storage swept,
// what killed processes left cleared away.
import { forgetOldNames } from '../accounts/kept-names.ts';
import { pruneLog } from '../audit/prune.ts';
import { FLUSH_READS_EVERY_MS } from '../audit/reads.ts';
import { WITNESS_EVERY_MS, type Witness } from '../audit/witness.ts';
import { type Context, latchkey } from '../context.ts';
import { sweepGitLeftovers } from '../git/sweep.ts';
import { forgetOldDeliveries } from '../hooks/deliveries.ts';
import { DELIVER_EVERY_MS, type Deliverer } from '../hooks/sending.ts';
import { forgetOldNotices } from '../mail/notices.ts';
import { forgetGivenUp, type Outbox, SEND_EVERY_MS } from '../mail/outbox.ts';
import { forgetOldCodes } from '../oauth/codes.ts';
import { forgetOldDevices } from '../oauth/device.ts';
import { endUnanswered } from '../repositories/transfer-requests.ts';
import { sweepStorage } from '../repositories/trash.ts';
import { clearEndedImpersonations } from '../tokens/impersonation.ts';
import { FLUSH_EVERY_MS } from '../tokens/last-used.ts';
import { EXPIRIES_EVERY_MS, tellExpiries } from '../tokens/told.ts';
import { forgetOldUses } from '../tokens/uses.ts';
import type { Task } from './schedule.ts';

const MINUTE = 60_000;

const DAY = 24 * 60 * MINUTE;

export interface Notes {
  flush(): Promise<void>;
}

/** What the parts of a server have gathered that is written by and by. */
export interface Gathered {
  /** Last uses: written every few seconds. */
  readonly notes: readonly Notes[];
  /** Reads for the security log: written every second. */
  readonly reads: Notes;
  readonly outbox: Outbox;
  readonly witness: Witness;
  readonly deliverer: Deliverer;
}

export function housekeeping(
  ctx: Context,
  { notes, reads, outbox, witness, deliverer }: Gathered,
): readonly Task[] {
  const startedAt = ctx.now();
  return [
    { name: 'last uses', everyMs: FLUSH_EVERY_MS, run: () => flushAll(notes) },
    { name: 'reads', everyMs: FLUSH_READS_EVERY_MS, run: () => reads.flush() },
    { name: 'witness of the security log', everyMs: WITNESS_EVERY_MS, run: () => witness.keep() },
    { name: 'old rows of the security log', everyMs: DAY, atStart: true, run: () => pruneLog(ctx) },
    { name: 'mails', everyMs: SEND_EVERY_MS, run: () => outbox.send() },
    { name: 'webhooks', everyMs: DELIVER_EVERY_MS, run: () => deliverer.deliver() },
    { name: 'expiring tokens', everyMs: EXPIRIES_EVERY_MS, atStart: true, run: () => tellExpiries(ctx) },
    {
      name: 'impersonations that have ended',
      everyMs: MINUTE,
      atStart: true,
      run: () => clearEndedImpersonations(ctx),
    },
    {
      name: 'old notices, names, uses, deliveries and codes',
      everyMs: DAY,
      atStart: true,
      run: async () => {
        await forgetOldNotices(ctx);
        await forgetOldNames(ctx);
        await forgetGivenUp(ctx);
        await forgetOldUses(ctx);
        await forgetOldDeliveries(ctx);
        await forgetOldCodes(ctx);
        await forgetOldDevices(ctx);
      },
    },
    {
      name: 'transfers that nobody answered',
      everyMs: 10 * MINUTE,
      atStart: true,
      run: () => endUnanswered({ ...ctx, by: latchkey }),
    },
    { name: 'storage', everyMs: 10 * MINUTE, atStart: true, run: () => sweepStorage(ctx) },
    {
      name: 'leftovers of git',
      everyMs: 60 * MINUTE,
      atStart: true,
      run: () => sweepGitLeftovers(ctx, startedAt),
    },
  ];
}

export async function flushAll(notes: readonly Notes[]): Promise<void> {
  for (const { flush } of notes) await flush();
}
