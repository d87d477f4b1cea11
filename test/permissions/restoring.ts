// Puts the rows and the repositories of a sample world back as they were, after a call that changed something.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Context } from '../../src/context.ts';
import { repositoryDirectory } from '../../src/repositories/storage.ts';

/** Numbers are handed out once, and the log is only ever added to: these are not put back. */
const leftAlone = /^(sqlite_|sequences$|audit_|settings$|migrations?$|schema)/;

/**
 * Remembers all rows and these repositories.
 * @returns what puts them back as they are now, whoever changed them
 */
export async function rememberRows(
  { db, config }: Context,
  repositories: readonly { readonly id: number }[],
): Promise<() => Promise<void>> {
  const { rows: tables } = await sql<{
    name: string;
  }>`SELECT name FROM sqlite_master WHERE type = 'table'`.execute(db);
  const names = tables.map(({ name }) => name).filter((name) => !leftAlone.test(name));
  for (const name of names) {
    await sql`CREATE TEMP TABLE ${sql.ref(`kept_${name}`)} AS SELECT * FROM ${sql.ref(`main.${name}`)}`.execute(
      db,
    );
  }
  const directories = repositories.map(({ id }) => repositoryDirectory(config, id));
  const copy = (directory: string) => join(config.dataDirectory, 'kept', directory.replaceAll('/', '_'));
  for (const directory of directories) cpSync(directory, copy(directory), { recursive: true });
  const marks = directories.map(markOf);
  return async () => {
    await sql`PRAGMA foreign_keys = OFF`.execute(db);
    await db.transaction().execute(async (tx) => {
      for (const name of names) {
        await sql`DELETE FROM ${sql.ref(`main.${name}`)}`.execute(tx);
        await sql`INSERT INTO ${sql.ref(`main.${name}`)} SELECT * FROM ${sql.ref(`kept_${name}`)}`.execute(
          tx,
        );
      }
    });
    await sql`PRAGMA foreign_keys = ON`.execute(db);
    for (const [index, directory] of directories.entries()) {
      if (markOf(directory) === marks[index]) continue;
      rmSync(directory, { recursive: true, force: true });
      cpSync(copy(directory), directory, { recursive: true });
    }
    rmSync(config.trashDirectory, { recursive: true, force: true });
    mkdirSync(config.trashDirectory, { recursive: true });
  };
}

/** Where the refs of a repository point: what a push or a deletion changes. */
function markOf(directory: string): string {
  if (!existsSync(directory)) return 'gone';
  const refs = readdirSync(join(directory, 'refs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const packed = join(directory, 'packed-refs');
  const files = [...refs, join(directory, 'HEAD'), ...(existsSync(packed) ? [packed] : [])];
  return files.map((file) => `${file} ${readFileSync(file, 'utf8')}`).join('\n');
}
