// Looks at a database without changing it: its version and its integrity, for `latchkey doctor`.
import { DatabaseSync } from 'node:sqlite';
import { migrations } from './migrations.ts';

export interface DatabaseState {
  /** The last migration that ran; 0: none. */
  readonly version: number;
  /** The version that this Latchkey brings a database to. */
  readonly newest: number;
  /** What SQLite finds damaged, a line each; empty: nothing. */
  readonly damage: readonly string[];
}

/** Enough to see that there is damage. */
const MAX_LINES = 10;

/** @throws Error when the file is no SQLite database or can't be read */
export function inspectDatabase(file: string): DatabaseState {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
  try {
    const hasHistory =
      database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'migrations'").get() !== undefined;
    const row = hasHistory
      ? database.prepare('SELECT max(version) AS version FROM migrations').get()
      : undefined;
    const integrity = database.prepare(`PRAGMA integrity_check(${MAX_LINES})`).all();
    const references = database.prepare('PRAGMA foreign_key_check').all().slice(0, MAX_LINES);
    return {
      version: Number(row?.version ?? 0),
      newest: migrations.at(-1)?.version ?? 0,
      damage: [
        ...integrity.map((line) => String(line.integrity_check)).filter((line) => line !== 'ok'),
        ...references.map(
          (line) => `row ${line.rowid} of ${line.table} names a missing row of ${line.parent}`,
        ),
      ],
    };
  } finally {
    database.close();
  }
}
