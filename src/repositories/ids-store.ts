// The SQL of the numbers of repositories: under them the directories lie, so none is ever used again.
import type { Db } from '../db/database.ts';

/** Hands out a number that no repository ever had, and none will get again. */
export async function takeId(db: Db): Promise<number> {
  const row = await db
    .updateTable('sequences')
    .set((eb) => ({ next: eb('next', '+', 1) }))
    .where('name', '=', 'repositories')
    .returning('next')
    .executeTakeFirstOrThrow();
  return row.next - 1;
}

/** Numbers up to this one are not handed out any more. */
export async function skipIds(db: Db, upTo: number): Promise<void> {
  await db
    .updateTable('sequences')
    .set({ next: upTo + 1 })
    .where('name', '=', 'repositories')
    .where('next', '<=', upTo)
    .execute();
}

/** The number that comes next: none from it on was ever handed out by this database. */
export async function nextId(db: Db): Promise<number> {
  const row = await db
    .selectFrom('sequences')
    .where('name', '=', 'repositories')
    .select('next')
    .executeTakeFirstOrThrow();
  return row.next;
}

/** The ids among these that have a record. */
export async function recordedIds(db: Db, ids: readonly number[]): Promise<ReadonlySet<number>> {
  const rows = await db.selectFrom('repositories').where('id', 'in', ids).select('id').execute();
  return new Set(rows.map((row) => row.id));
}
