// The SQL of the instance's settings: the only place that touches their table.
import { createQueryId } from 'kysely';
import type { Db } from '../db/database.ts';

type Row = { readonly name: string; readonly value: string };

const rowsQuery = (db: Db) => db.selectFrom('instance_settings').select(['name', 'value']);
const toMap = (rows: readonly Row[]): ReadonlyMap<string, string> =>
  new Map(rows.map(({ name, value }) => [name, value]));

export async function allRows(db: Db): Promise<ReadonlyMap<string, string>> {
  return toMap(await rowsQuery(db).execute());
}

/** The same, compiled once. */
export function preparedRows(db: Db): () => Promise<ReadonlyMap<string, string>> {
  const { query, sql } = rowsQuery(db).compile();
  return async () => {
    const { rows } = await db.executeQuery<Row>({ query, sql, parameters: [], queryId: createQueryId() });
    return toMap(rows);
  };
}

/** @param value JSON */
export async function write(db: Db, name: string, value: string): Promise<void> {
  await db
    .insertInto('instance_settings')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}
