// Removes what is older than the log is kept, behind a signed checkpoint from which the chain goes on. Rows that were
// tampered with are never removed: the checkpoint would vouch for them.
import type { Context } from '../context.ts';
import { checkpointOf, genesis, isSame, macOf, signCheckpoint } from './chain.ts';
import * as store from './store.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Rows of one transaction: others wait for the database no longer than these take. */
const BATCH = 500;

/** Removes the rows of this node that are older than `config.auditDays`. @returns how many there were */
export async function pruneLog(ctx: Context): Promise<number> {
  const { db, node, config, log } = ctx;
  const oldest = ctx.now() - config.auditDays * DAY_MS;
  let count = 0;
  for (;;) {
    const removed = await db.transaction().execute((transaction) => pruneBatch(ctx, transaction, oldest));
    if (removed === 'tampered') {
      log.error({ node: node.id }, 'old rows of the security log were tampered with: they are not removed');
      return count;
    }
    count += removed;
    if (removed < BATCH) return count;
    // Others' turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function pruneBatch(ctx: Context, db: Context['db'], oldest: number): Promise<number | 'tampered'> {
  const { node } = ctx;
  const chain = await store.chainOf(db, node.id);
  if (chain === null) return 0;
  const checkpoint = checkpointOf(chain);
  if (checkpoint !== null && !isSame(checkpoint.signature, signCheckpoint(node, checkpoint)))
    return 'tampered';
  let { number, mac } = checkpoint ?? { number: 0, mac: genesis(node) };
  const start = number;
  for (const row of await store.rowsAfter(db, node.id, number, BATCH)) {
    // Rows stand in the order of their writing; the first that is young enough ends it.
    if (row.at >= oldest) break;
    const { id: _, mac: written, ...columns } = row;
    if (row.number !== number + 1 || !isSame(written, macOf(node, mac, columns))) return 'tampered';
    ({ number, mac } = row);
  }
  if (number === start) return 0;
  const next = { number, mac, at: ctx.now() };
  await store.prune(db, node.id, next, signCheckpoint(node, next));
  return number - start;
}
