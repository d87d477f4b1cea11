// Tables for people: columns aligned by spaces, no tabs, nothing after the last column. Scripts take --json.
import { stripVTControlCharacters } from 'node:util';

export type Row = readonly (string | number | null)[];

/** @returns the lines, the headings first; a missing value shows as `-` */
export function tableLines(headings: readonly string[], rows: readonly Row[]): readonly string[] {
  const lines = [headings, ...rows].map((row) => row.map(cell));
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => width(line[column] ?? ''))));
  return lines.map((line) =>
    line
      .map((text, column) => pad(text, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** `2026-01-31 09:30 UTC`, or `-` for never. */
export function minute(instant: number | null): string | null {
  return instant === null ? null : `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `2026-01-31T09:30:00Z`, as the API writes instants; null for never. */
export function isoInstant(instant: number | null): string | null {
  return instant === null ? null : new Date(instant).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** Whatever people called things, it can neither start another line nor steer the terminal. */
function cell(value: string | number | null): string {
  if (value === null || value === '') return '-';
  return stripVTControlCharacters(String(value)).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
}

function pad(text: string, columns: number): string {
  return text + ' '.repeat(columns - width(text));
}

function width(text: string): number {
  return [...text].length;
}
