// Puts the rows and the repositories of a sample world back as they were, after a call that changed something.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Context } from '../../src/context.ts';
import { repositoryDirectory } from '../../src/repositories/storage.ts';

/** Numbers are handed out once, and the log is only ever added to: these are not put back. */
const leftAlone = /^(sqlite_|sequences$|audit_|settings$|migrations?$|schema)/;

/** Where something is written in the background as well: the columns that tell of what was asked for. */
const beside: Readonly<Record<string, readonly string[]>> = {
  hook_deliveries: ['id', 'hook_id', 'guid', 'event', 'redelivery'],
  outbox: ['id', 'account_id', 'recipient', 'subject'],
  token_uses: [],
};

export interface Remembered {
  /** The tables and repositories that are not as they were, noting uses aside. */
  changed(): Promise<readonly string[]>;
  /** Puts everything back, whoever changed it. */
  restore(): Promise<void>;
}

/** Remembers all rows and these repositories. */
export async function rememberRows(
  { db, config }: Context,
  repositories: readonly { readonly id: number }[],
): Promise<Remembered> {
  const { rows: tables } = await sql<{
    name: string;
  }>`SELECT name FROM sqlite_master WHERE type = 'table'`.execute(db);
  const names = tables.map(({ name }) => name).filter((name) => !leftAlone.test(name));
  for (const name of names) {
    await sql`CREATE TEMP TABLE ${sql.ref(`kept_${name}`)} AS SELECT * FROM ${sql.ref(`main.${name}`)}`.execute(
      db,
    );
  }
  const columnsOf = new Map<string, readonly string[]>();
  for (const name of names) {
    const { rows } = await sql<{ name: string }>`SELECT name FROM pragma_table_info(${name})`.execute(db);
    columnsOf.set(
      name,
      rows.map((row) => row.name),
    );
  }
  const counted = (name: string) =>
    beside[name] ?? (columnsOf.get(name) ?? []).filter((column) => column !== 'last_used_at');
  const differing = async (columns: (name: string) => readonly string[]): Promise<readonly string[]> => {
    const each = names.flatMap((name) => {
      if (columns(name).length === 0) return [];
      const list = sql.join(columns(name).map((column) => sql.ref(column)));
      const [now, kept] = [sql.ref(`main.${name}`), sql.ref(`kept_${name}`)];
      const one = (a: typeof now, b: typeof now) =>
        sql`EXISTS (SELECT ${list} FROM ${a} EXCEPT SELECT ${list} FROM ${b})`;
      return sql`SELECT ${sql.lit(name)} AS name WHERE ${one(now, kept)} OR ${one(kept, now)}`;
    });
    const { rows } = await sql<{ name: string }>`${sql.join(each, sql` UNION ALL `)}`.execute(db);
    return rows.map(({ name }) => name);
  };
  // Other than before when this process or another one wrote anything at all.
  const stamp = async (): Promise<string> => {
    const { rows } = await sql<{
      stamp: string;
    }>`SELECT total_changes() || ' ' || data_version AS stamp FROM pragma_data_version`.execute(db);
    return rows[0]?.stamp ?? '';
  };

  const directories = repositories.map(({ id }) => repositoryDirectory(config, id));
  const copy = (directory: string) => join(config.dataDirectory, 'kept', directory.replaceAll('/', '_'));
  for (const directory of directories) cpSync(directory, copy(directory), { recursive: true });
  const marks = directories.map(markOf);
  const moved = () => directories.filter((directory, index) => markOf(directory) !== marks[index]);
  let clean = await stamp();

  return {
    async changed() {
      const now = await stamp();
      const found = now === clean ? [] : await differing(counted);
      if (found.length === 0) clean = now;
      return [...found, ...moved()];
    },
    async restore() {
      if ((await stamp()) !== clean) {
        const rewritten = await differing((name) => columnsOf.get(name) ?? []);
        await sql`PRAGMA foreign_keys = OFF`.execute(db);
        await db.transaction().execute(async (tx) => {
          for (const name of rewritten) {
            await sql`DELETE FROM ${sql.ref(`main.${name}`)}`.execute(tx);
            await sql`INSERT INTO ${sql.ref(`main.${name}`)} SELECT * FROM ${sql.ref(`kept_${name}`)}`.execute(
              tx,
            );
          }
        });
        await sql`PRAGMA foreign_keys = ON`.execute(db);
        clean = await stamp();
      }
      for (const directory of moved()) {
        rmSync(directory, { recursive: true, force: true });
        cpSync(copy(directory), directory, { recursive: true });
      }
      rmSync(config.trashDirectory, { recursive: true, force: true });
      mkdirSync(config.trashDirectory, { recursive: true });
    },
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
