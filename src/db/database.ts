// Opening the database: connect, migrate, hand out one Kysely instance.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely, sql } from 'kysely';
import type { ColumnTypes, Migration } from './migration.ts';
import { migrations as allMigrations } from './migrations.ts';
import type { Schema } from './schema.ts';
import { openSqlite, sqliteDialect } from './sqlite.ts';

export type Db = Kysely<Schema>;

/** Thrown when the database was written by a newer Latchkey; its message is fit for the operator's eyes. */
export class DatabaseTooNewError extends Error {
  override name = 'DatabaseTooNewError';
}

const sqliteTypes: ColumnTypes = {
  dialect: 'sqlite',
  id: (c) => c.primaryKey().autoIncrement(),
  idType: 'integer',
  integer: 'integer',
  bytes: 'blob',
};

/**
 * Opens (and makes, if missing) the SQLite database and brings it to the newest version.
 * @param file path, or `:memory:` in tests
 * @throws DatabaseTooNewError
 */
export async function openDatabase(file: string, migrations = allMigrations): Promise<Db> {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const db = new Kysely<Schema>({ dialect: sqliteDialect(openSqlite(file)) });
  try {
    await migrate(db, migrations, sqliteTypes);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
}

/**
 * Brings the database to the newest version: all missing migrations in one transaction, so that they happen
 * once, whole or not at all, however many processes start at the same time.
 */
async function migrate(db: Db, migrations: readonly Migration[], types: ColumnTypes): Promise<void> {
  await sql`CREATE TABLE IF NOT EXISTS migrations (version integer PRIMARY KEY, name text NOT NULL)`.execute(
    db,
  );
  const newest = migrations.at(-1)?.version ?? 0;
  if ((await versionOf(db)) === newest) return;
  await db.transaction().execute(async (transaction) => {
    const version = await versionOf(transaction);
    if (version > newest) {
      throw new DatabaseTooNewError(
        `The database is of version ${version}, made by a newer Latchkey; this one knows versions up to ` +
          `${newest}. Install the newer Latchkey again, or restore a backup made before the upgrade.`,
      );
    }
    for (const migration of migrations) {
      if (migration.version <= version) continue;
      await migration.up(transaction as unknown as Kysely<unknown>, types);
      await sql`INSERT INTO migrations (version, name) VALUES (${migration.version}, ${migration.name})`.execute(
        transaction,
      );
    }
  });
}

async function versionOf(db: Db): Promise<number> {
  const result = await sql<{
    version: number | null;
  }>`SELECT max(version) AS version FROM migrations`.execute(db);
  return result.rows[0]?.version ?? 0;
}
