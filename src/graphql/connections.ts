// Lists of the schema, GitHub's connections: nodes, edges and pageInfo are read when they are asked for, and cursors
// say where a row stands, so that paging goes on from there whatever has changed.
import type { Position, Window, Windowed } from '../db/windows.ts';
import { Fault } from './faults.ts';

export interface ConnectionArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

/** As GitHub. */
export const MAX_PER_PAGE = 100;

const MAX_CURSOR_LENGTH = 1000;

export interface ConnectionSource<T> {
  /** The rows; each is asked about by who shows it. */
  page(window: Window): Promise<Windowed<T>>;
  count(): Promise<number>;
}

/** What the fields of a connection are read from. */
export function connection<T, More extends object = object>(
  args: ConnectionArguments,
  source: ConnectionSource<T>,
  /** Further fields of the connection, and of each edge. */
  more?: { readonly fields?: More; readonly edge?: (item: T) => object },
) {
  let read: Promise<Windowed<T>> | undefined;
  // Inside of a function that is async, so that a bad cursor is an error of the field and no other.
  const page = () => {
    read ??= (async () => source.page(windowOf(args)))();
    return read;
  };
  return {
    ...more?.fields,
    nodes: async () => (await page()).items.map(({ item }) => item),
    edges: async () =>
      (await page()).items.map(({ item, position }) => ({
        node: item,
        cursor: cursorOf(position),
        ...more?.edge?.(item),
      })),
    pageInfo: async () => {
      const { items, hasNext, hasPrevious } = await page();
      const cursor = (at: (typeof items)[number] | undefined) =>
        at === undefined ? null : cursorOf(at.position);
      return {
        startCursor: cursor(items[0]),
        endCursor: cursor(items.at(-1)),
        hasNextPage: hasNext,
        hasPreviousPage: hasPrevious,
      };
    },
    totalCount: () => source.count(),
  };
}

/** A list of what Latchkey has nothing of. */
export function emptyConnection(args: ConnectionArguments) {
  const nothing = { items: [], hasNext: false, hasPrevious: false };
  return connection<never>(args, { page: async () => nothing, count: async () => 0 });
}

/** A list that is in memory already, by an order of its own. */
export function listConnection<T>(
  args: ConnectionArguments,
  read: () => Promise<readonly { readonly item: T; readonly position: Position }[]>,
) {
  let all: ReturnType<typeof read> | undefined;
  const items = () => {
    all ??= read();
    return all;
  };
  return connection<T>(args, {
    count: async () => (await items()).length,
    page: async ({ after, before, take, from }) => {
      const every = await items();
      const at = (position: Position | null) =>
        position === null
          ? -1
          : every.findIndex(({ position: [by, id] }) => by === position[0] && id === position[1]);
      const begin = at(after) + 1;
      const end = before === null || at(before) === -1 ? every.length : at(before);
      const between = every.slice(begin, Math.max(begin, end));
      const chosen =
        from === 'start' ? between.slice(0, take) : between.slice(Math.max(0, between.length - take));
      const start = from === 'start' ? begin : begin + between.length - chosen.length;
      return { items: chosen, hasPrevious: start > 0, hasNext: start + chosen.length < every.length };
    },
  });
}

/** The stretch that the arguments ask for. @throws Fault where they make no sense */
function windowOf({ first, after, last, before }: ConnectionArguments): Window {
  // Checked before the query is run (limits.ts); what gets by is bounded here.
  const take = first ?? last ?? 0;
  if (take < 0 || take > MAX_PER_PAGE)
    throw new Fault('EXCESSIVE_PAGINATION', 'first or last is out of range');
  return {
    after: positionIn(after),
    before: positionIn(before),
    take,
    from: first == null && last != null ? 'end' : 'start',
  };
}

const PREFIX = 'cursor:v2:';

export function cursorOf(position: Position): string {
  return Buffer.from(`${PREFIX}${JSON.stringify(position)}`).toString('base64');
}

/** Null where none is given. @throws Fault when it is no cursor of ours */
function positionIn(cursor: string | null | undefined): Position | null {
  if (cursor == null || cursor === '') return null;
  const position = cursor.length > MAX_CURSOR_LENGTH ? null : parsed(cursor);
  if (position !== null) return position;
  throw new Fault(
    'INVALID_CURSOR_ARGUMENTS',
    `\`${cursor.slice(0, 100)}\` does not appear to be a valid cursor.`,
  );
}

function parsed(cursor: string): Position | null {
  const text = Buffer.from(cursor, 'base64').toString('utf8');
  if (!text.startsWith(PREFIX)) return null;
  try {
    const value: unknown = JSON.parse(text.slice(PREFIX.length));
    if (!Array.isArray(value) || value.length !== 2) return null;
    const [by, id] = value as readonly unknown[];
    if (typeof by !== 'string' && !Number.isSafeInteger(by)) return null;
    return Number.isSafeInteger(id) ? [by as string | number, id as number] : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
