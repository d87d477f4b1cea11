// The SQL of the counters of uses: the only place that touches their table.
import type { Db } from '../db/database.ts';
import type { TokenUsesTable } from '../db/schema.ts';
import { type Counter, type GatheredUses, MAX_NAMED, OTHERS, PERIOD_MS, type UseKind } from './use-counts.ts';

/** Asked for so many tokens at once: databases bound the parameters of a statement. */
const CHUNK = 500;

/** Adds what was gathered to the counters, of tokens that are still there. */
export async function add(db: Db, gathered: ReadonlyMap<number, GatheredUses>): Promise<void> {
  const ids = [...gathered.keys()];
  for (let at = 0; at < ids.length; at += CHUNK) {
    const chunk = ids.slice(at, at + CHUNK);
    await db.transaction().execute(async (transaction) => {
      const alive = await transaction.selectFrom('tokens').select('id').where('id', 'in', chunk).execute();
      for (const { id } of alive) {
        const uses = gathered.get(id);
        if (uses !== undefined) await addTo(transaction, id, uses);
      }
    });
  }
}

async function addTo(db: Db, tokenId: number, { counts, lastUsedAt }: GatheredUses): Promise<void> {
  const period = Math.floor(lastUsedAt / PERIOD_MS);
  for (const kind of ['scope', 'address', 'client'] as const) {
    if (counts[kind].size === 0) continue;
    for (const [value, uses] of counts[kind]) {
      await raise(db, { token_id: tokenId, kind, value, period, uses, last_used_at: lastUsedAt });
    }
    if (kind !== 'scope') await mergeOldest(db, tokenId, kind);
  }
}

function raise(db: Db, row: TokenUsesTable): Promise<unknown> {
  return db
    .insertInto('token_uses')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['token_id', 'kind', 'value', 'period']).doUpdateSet((e) => ({
        uses: e('token_uses.uses', '+', row.uses),
        last_used_at: row.last_used_at,
      })),
    )
    .execute();
}

/** Those beyond the latest fifty go into one counter. */
async function mergeOldest(db: Db, tokenId: number, kind: UseKind): Promise<void> {
  const mine = db.selectFrom('token_uses').where('token_id', '=', tokenId).where('kind', '=', kind);
  const beyond = await mine
    .where('value', '!=', OTHERS)
    .select('value')
    .groupBy('value')
    .orderBy((e) => e.fn.max('last_used_at'), 'desc')
    .orderBy((e) => e.fn.sum('uses'), 'desc')
    .orderBy('value')
    .offset(MAX_NAMED)
    .limit(MAX_NAMED + 1)
    .execute();
  if (beyond.length === 0) return;
  const values = beyond.map(({ value }) => value);
  const rows = await db
    .deleteFrom('token_uses')
    .where('token_id', '=', tokenId)
    .where('kind', '=', kind)
    .where('value', 'in', values)
    .returningAll()
    .execute();
  for (const row of rows) await raise(db, { ...row, value: OTHERS });
}

/** The counters of a token by kind, those of one value added up; the latest first. */
export async function countersOf(
  db: Db,
  tokenId: number,
  since: number,
): Promise<readonly (Counter & { readonly kind: UseKind })[]> {
  const rows = await db
    .selectFrom('token_uses')
    .select(['kind', 'value as name'])
    .select((e) => [e.fn.sum('uses').as('uses'), e.fn.max('last_used_at').as('lastUsedAt')])
    .where('token_id', '=', tokenId)
    .where('last_used_at', '>=', since)
    .groupBy(['kind', 'value'])
    .orderBy('lastUsedAt', 'desc')
    .orderBy('name')
    .execute();
  return rows.map((row) => ({ ...row, uses: Number(row.uses), lastUsedAt: Number(row.lastUsedAt) }));
}

export async function removeBefore(db: Db, before: number): Promise<void> {
  await db.deleteFrom('token_uses').where('last_used_at', '<', before).execute();
}
