// The SQL of the security log: the only place that touches its tables. Reading it for people: search-store.ts.
import type { Insertable, Selectable } from 'kysely';
import type { Db } from '../db/database.ts';
import type { AuditEventsTable } from '../db/schema.ts';
import type { ChainRow, Checkpoint } from './chain.ts';

export type EventRow = Selectable<AuditEventsTable>;

/**
 * Takes the next number of the chain. The row of the chain stays locked until the transaction ends, so that whoever
 * comes next sees the hash that `seal` has written.
 * @returns the number taken and the hash of the row before it; null: there is no such chain yet
 */
export async function takeNumber(
  db: Db,
  node: string,
): Promise<{ number: number; previous: Uint8Array } | null> {
  const row = await db
    .updateTable('audit_chains')
    .set((eb) => ({ number: eb('number', '+', 1) }))
    .where('node', '=', node)
    .returning(['number', 'mac'])
    .executeTakeFirst();
  return row === undefined ? null : { number: row.number, previous: row.mac };
}

/** The person or organisation that owns a repository: their log is to be whole, whoever writes the row. */
export async function ownerOf(
  db: Db,
  repositoryId: number,
): Promise<{ readonly id: number; readonly login: string; readonly kind: 'user' | 'organization' } | null> {
  const row = await db
    .selectFrom('repositories')
    .innerJoin('accounts', 'accounts.id', 'repositories.owner_id')
    .where('repositories.id', '=', repositoryId)
    .select(['accounts.id', 'accounts.login', 'accounts.kind'])
    .executeTakeFirst();
  return row ?? null;
}

/** Begins a chain, unless somebody else has just done so. */
export async function beginChain(
  db: Db,
  node: string,
  mac: Uint8Array,
  signature: Uint8Array,
): Promise<void> {
  await db
    .insertInto('audit_chains')
    .values({ node, number: 0, mac, signature, pruned_number: 0 })
    .onConflict((conflict) => conflict.column('node').doNothing())
    .execute();
}

/** Writes a row, and that it is the newest of its chain. */
export async function append(
  db: Db,
  row: Insertable<AuditEventsTable>,
  signature: Uint8Array,
): Promise<void> {
  await db.insertInto('audit_events').values(row).execute();
  await db
    .updateTable('audit_chains')
    .set({ mac: row.mac, signature })
    .where('node', '=', row.node)
    .execute();
}

/** A chain and how many rows stand behind its newest, read at one moment. */
export async function chainOf(
  db: Db,
  node: string,
): Promise<(ChainRow & { readonly beyond: number }) | null> {
  const row = await db
    .selectFrom('audit_chains')
    .selectAll()
    .select((eb) =>
      eb
        .selectFrom('audit_events')
        .select((inner) => inner.fn.countAll().as('count'))
        .where('audit_events.node', '=', node)
        .whereRef('audit_events.number', '>', 'audit_chains.number')
        .as('beyond'),
    )
    .where('node', '=', node)
    .executeTakeFirst();
  return row === undefined ? null : { ...row, beyond: Number(row.beyond) };
}

/** The rows of a chain after that number, in order. */
export function rowsAfter(db: Db, node: string, number: number, limit: number): Promise<EventRow[]> {
  return db
    .selectFrom('audit_events')
    .selectAll()
    .where('node', '=', node)
    .where('number', '>', number)
    .orderBy('number')
    .limit(limit)
    .execute();
}

export async function macAt(db: Db, node: string, number: number): Promise<Uint8Array | null> {
  const row = await db
    .selectFrom('audit_events')
    .select('mac')
    .where('node', '=', node)
    .where('number', '=', number)
    .executeTakeFirst();
  return row?.mac ?? null;
}

/** How many rows stand at or before that number. */
export async function countUpTo(db: Db, node: string, number: number): Promise<number> {
  const { count } = await db
    .selectFrom('audit_events')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('node', '=', node)
    .where('number', '<=', number)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The nodes that have rows or a chain, without this one. */
export async function otherNodes(db: Db, node: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('audit_events')
    .select('node')
    .distinct()
    .where('node', '!=', node)
    .union(db.selectFrom('audit_chains').select('node').where('node', '!=', node))
    .orderBy('node')
    .execute();
  return rows.map((row) => row.node);
}

/** Removes the rows up to the checkpoint's: first it is written, then they go (the table refuses anything else). */
export async function prune(
  db: Db,
  node: string,
  { number, mac, at }: Checkpoint,
  signature: Uint8Array,
): Promise<void> {
  await db
    .updateTable('audit_chains')
    .set({ pruned_number: number, pruned_mac: mac, pruned_at: at, pruned_signature: signature })
    .where('node', '=', node)
    .execute();
  await db.deleteFrom('audit_events').where('node', '=', node).where('number', '<=', number).execute();
}
