// The security log as a file, JSON or CSV: streamed row by row, however long it is, up to a bound. Hashes of tokens
// are left out (ghes-spec 12.2), and what others may not know is left out as it is on the pages.
import type { Context } from '../context.ts';
import { type EventJson, eventJson } from './json.ts';
import { type Search, walk } from './search.ts';

/** Who wants more says from when to when. */
export const MAX_EXPORTED = 100_000;
/** Characters that are handed on at once. */
const CHUNK = 32 * 1024;

export type Format = 'json' | 'csv';

export type Exported = Pick<Search, 'scope' | 'phrase' | 'include' | 'notBefore'>;

/** The file's text, piece by piece, the newest row first. */
export async function* exportLog(
  ctx: Pick<Context, 'db' | 'now'>,
  wanted: Exported,
  format: Format,
): AsyncGenerator<string> {
  const search: Search = { ...wanted, order: 'desc', after: null, before: null, limit: MAX_EXPORTED };
  const write = format === 'json' ? jsonWriter() : csvWriter();
  let chunk = write.start;
  for await (const row of walk(ctx, search)) {
    chunk += write.row(eventJson(row, wanted.scope, { hashes: false }));
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk + write.end;
}

interface Writer {
  readonly start: string;
  row(event: EventJson): string;
  readonly end: string;
}

function jsonWriter(): Writer {
  let separator = '\n';
  return {
    start: '[',
    row: (event) => {
      const text = `${separator}${JSON.stringify(event)}`;
      separator = ',\n';
      return text;
    },
    end: '\n]\n',
  };
}

const csvColumns = [
  'created_at',
  'action',
  'operation_type',
  'actor',
  'user',
  'org',
  'repo',
  'actor_ip',
  'user_agent',
  'request_id',
  'token_id',
] as const;

/** RFC 4180; what has no column of its own stands in the last one, as JSON. */
function csvWriter(): Writer {
  return {
    start: `${[...csvColumns, 'more'].join(',')}\r\n`,
    row: (event) => {
      const rest = Object.entries(event).filter(([name]) => !known.has(name));
      const cells = csvColumns.map((name) =>
        name === 'created_at' ? new Date(Number(event.created_at)).toISOString() : event[name],
      );
      return `${[...cells, JSON.stringify(Object.fromEntries(rest))].map(csvCell).join(',')}\r\n`;
    },
    end: '',
  };
}

const known: ReadonlySet<string> = new Set([
  ...csvColumns,
  '@timestamp',
  'repository',
  'business',
  'business_id',
]);

/**
 * A cell of text. What a spreadsheet would take for a formula begins with an apostrophe instead: names and notes are
 * chosen by others (OWASP, CSV injection).
 */
export function csvCell(value: unknown): string {
  const text = value === undefined || value === null ? '' : String(value);
  const harmless = /^[\s]*[=+\-@|%\t\r\n]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
