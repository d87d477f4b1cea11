// The SQL of counting failed attempts. Nothing else touches the table.
import type { Db } from '../db/database.ts';

export interface Bucket {
  readonly bucket: string;
  readonly failures: number;
  /** When the latest failure was. */
  readonly since: number;
}

export async function readBuckets(db: Db, names: readonly string[]): Promise<readonly Bucket[]> {
  return db.selectFrom('sign_in_failures').where('bucket', 'in', names).selectAll().execute();
}

export async function writeBucket(db: Db, bucket: Bucket): Promise<void> {
  const { failures, since } = bucket;
  await db
    .insertInto('sign_in_failures')
    .values(bucket)
    .onConflict((conflict) => conflict.column('bucket').doUpdateSet({ failures, since }))
    .execute();
}

/** Takes one failure back; a bucket without any goes. */
export async function takeBack(db: Db, name: string): Promise<void> {
  await db
    .updateTable('sign_in_failures')
    .set((e) => ({ failures: e('failures', '-', 1) }))
    .where('bucket', '=', name)
    .execute();
  await db.deleteFrom('sign_in_failures').where('bucket', '=', name).where('failures', '<=', 0).execute();
}

export async function deleteBucket(db: Db, name: string): Promise<void> {
  await db.deleteFrom('sign_in_failures').where('bucket', '=', name).execute();
}

export async function countBuckets(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('sign_in_failures')
    .select((e) => e.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

export async function deleteBucketsUntil(db: Db, since: number): Promise<void> {
  await db.deleteFrom('sign_in_failures').where('since', '<=', since).execute();
}

/** Deletes those with the fewest failures, the oldest first: what is really under attack stays counted. */
export async function deleteFaintestBuckets(db: Db, count: number): Promise<void> {
  const faintest = db
    .selectFrom('sign_in_failures')
    .select('bucket')
    .orderBy('failures')
    .orderBy('since')
    .limit(count);
  await db.deleteFrom('sign_in_failures').where('bucket', 'in', faintest).execute();
}
