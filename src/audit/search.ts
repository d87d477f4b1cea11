// Finding rows of the security log, newest or oldest first, page by page behind a cursor, or all of them as a stream.
// A search reads the log in pieces and lets others have the database in between, however large the log is.
import type { Context } from '../context.ts';
import type { Phrase } from './phrase.ts';
import * as found from './search-store.ts';
import type { EventRow } from './store.ts';

export type { Include, Scope } from './search-store.ts';

/** Without a word about dates, a search goes back so far (GitHub's three months; ghes-spec 1.1). */
const DEFAULT_AGE_MS = 90 * 24 * 60 * 60_000;
/** Rows that are looked at in one go. */
const PIECE = 10_000;

export interface Search extends Omit<found.Wanted, 'since'> {
  readonly order: 'asc' | 'desc';
  /** The ids between which to look, both without; null: from the beginning, or to the end, of the list. */
  readonly after: number | null;
  readonly before: number | null;
  readonly limit: number;
  /** Nothing older is told, whatever the phrase says; milliseconds since 1970. */
  readonly notBefore?: number;
}

export interface LogPage {
  readonly rows: readonly EventRow[];
  /** Are there further ones in the listing's direction, and in the other? */
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
}

/** One page of the log. With `before` alone: the last ones before it. */
export async function searchLog(ctx: Pick<Context, 'db' | 'now'>, search: Search): Promise<LogPage> {
  const { order, after, before, limit } = search;
  const isBackwards = after === null && before !== null;
  const direction = isBackwards ? opposite(order) : order;
  const rows: EventRow[] = [];
  for await (const row of walk(ctx, { ...search, order: direction, limit: limit + 1 })) rows.push(row);
  const hasMore = rows.length > limit;
  const shown = rows.slice(0, limit);
  return isBackwards
    ? { rows: shown.toReversed(), hasNext: true, hasPrevious: hasMore }
    : { rows: shown, hasNext: hasMore, hasPrevious: after !== null };
}

/** All that fits, one by one, at most `limit`. */
export async function* walk(ctx: Pick<Context, 'db' | 'now'>, search: Search): AsyncGenerator<EventRow> {
  const { order, limit } = search;
  const { notBefore = null } = search;
  const since = saysWhen(search) ? notBefore : Math.max(ctx.now() - DEFAULT_AGE_MS, notBefore ?? 0);
  const wanted: found.Wanted = { ...search, since };
  const range = await found.idRange(ctx.db, Math.max(earliest(search) ?? 0, since ?? 0));
  if (range === null) return;
  let { lowest, highest } = within(range, search);
  let count = 0;
  while (lowest <= highest && count < limit) {
    const piece =
      order === 'desc'
        ? { lowest: Math.max(lowest, highest - PIECE + 1), highest }
        : { lowest, highest: Math.min(highest, lowest + PIECE - 1) };
    const size = Math.min(limit - count, BATCH);
    const rows = await found.find(ctx.db, wanted, piece, order, size);
    yield* rows;
    count += rows.length;
    const last = rows.at(-1);
    const end = rows.length === size && last !== undefined ? last.id : null;
    if (order === 'desc') highest = (end ?? piece.lowest) - 1;
    else lowest = (end ?? piece.highest) + 1;
    // Others' turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Rows that are held in memory at once. */
const BATCH = 200;

/** The part of the range that lies between the cursors. */
function within(
  { lowest, highest }: { readonly lowest: number; readonly highest: number },
  { order, after, before }: Search,
): { lowest: number; highest: number } {
  // `after` and `before` are places of the list; the walk may go the other way.
  const isDescending = (before === null || after !== null ? order : opposite(order)) === 'desc';
  const [above, below] = isDescending ? [before, after] : [after, before];
  return {
    lowest: Math.max(lowest, (above ?? 0) + 1),
    highest: Math.min(highest, (below ?? Number.MAX_SAFE_INTEGER) - 1),
  };
}

/** What a search asks for that is not told to who searches; null: nothing. */
export function untoldTerm(phrase: Phrase, scope: found.Scope): string | null {
  const asked = [...phrase.groups.flat(), ...phrase.excluded];
  const isUntold = scope.kind === 'organization' && asked.some(({ kind }) => kind === 'ip');
  return isUntold ? 'Addresses are told to site admins only: leave out ip.' : null;
}

function saysWhen({ phrase }: Search): boolean {
  return [...phrase.groups.flat(), ...phrase.excluded].some(({ kind }) => kind === 'created');
}

/** The first instant of which the phrase speaks. */
function earliest({ phrase }: Search): number | null {
  const starts = phrase.groups.flatMap(([test]) =>
    test?.kind === 'created' && test.from !== null ? [test.from] : [],
  );
  return starts.length === 0 ? null : Math.max(...starts);
}

function opposite(order: 'asc' | 'desc'): 'asc' | 'desc' {
  return order === 'asc' ? 'desc' : 'asc';
}
