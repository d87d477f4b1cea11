// A stretch of an ordered list between two of its rows, as lists with cursors ask for it: found by the rows' own
// values, so that it neither repeats nor misses one when rows come and go meanwhile.
import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';

/** Where a row stands: the value that the list is ordered by, and the row's id, which breaks ties. */
export type Position = readonly [string | number, number];

export interface Window {
  /** Null: from the beginning. */
  readonly after: Position | null;
  /** Null: to the end. */
  readonly before: Position | null;
  /** At most so many… */
  readonly take: number;
  /** …counted from here; they come in the list's order all the same. */
  readonly from: 'start' | 'end';
}

export interface Windowed<T> {
  readonly items: readonly { readonly item: T; readonly position: Position }[];
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
}

export interface Order {
  readonly by: RawBuilder<string | number>;
  /** A cursor that somebody made up may hold the other. */
  readonly kind: 'text' | 'number';
  readonly id: RawBuilder<number>;
  readonly direction: 'asc' | 'desc';
}

/** @param query all rows of the list, in no order */
export async function rowsInWindow<DB, TB extends keyof DB, O>(
  query: SelectQueryBuilder<DB, TB, O>,
  order: Order,
  { after, before, take, from }: Window,
): Promise<Windowed<O>> {
  const forwards = order.direction === 'asc';
  const place = sql`(${order.by}, ${order.id})`;
  const compared = (sign: '<' | '>' | '<=' | '>=', [value, id]: Position) =>
    sql<boolean>`${place} ${sql.raw(sign)} (${order.kind === 'text' ? String(value) : Number(value) || 0}, ${id})`;
  let chosen = query.select([order.by.as('window_by'), order.id.as('window_id')]);
  if (after !== null) chosen = chosen.where(compared(forwards ? '>' : '<', after));
  if (before !== null) chosen = chosen.where(compared(forwards ? '<' : '>', before));
  const way = forwards === (from === 'start') ? sql.raw('ASC') : sql.raw('DESC');
  const found = await chosen
    .orderBy(sql`${order.by} ${way}, ${order.id} ${way}`)
    .limit(take + 1)
    .execute();
  const rows = found.slice(0, take);
  if (from === 'end') rows.reverse();
  const isAny = async (position: Position | null, sign: '<=' | '>=') => {
    if (position === null) return false;
    const first = query.where(compared(sign, position)).limit(1);
    return (await first.execute()).length > 0;
  };
  const more = found.length > take;
  return {
    items: rows.map((row) => {
      const { window_by, window_id } = row as unknown as { window_by: string | number; window_id: number };
      return { item: row as O, position: [window_by, window_id] };
    }),
    hasPrevious: from === 'end' ? more : await isAny(after, forwards ? '<=' : '>='),
    hasNext: from === 'start' ? more : await isAny(before, forwards ? '>=' : '<='),
  };
}

/** How many rows the list has. */
export async function countRows<DB, TB extends keyof DB, O>(
  query: SelectQueryBuilder<DB, TB, O>,
): Promise<number> {
  const counting = query.clearSelect().select(sql<number>`count(*)`.as('total'));
  const row = (await counting.executeTakeFirstOrThrow()) as { readonly total: number | string };
  return Number(row.total);
}
