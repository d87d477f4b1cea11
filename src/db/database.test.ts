import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseTooNewError, type Db, openDatabase } from './database.ts';
import type { Migration } from './migration.ts';
import { migrations } from './migrations.ts';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'latchkey-db-'));
  file = join(directory, 'latchkey.db');
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** A database for the length of `work`. */
async function withDatabase<T>(
  work: (db: Db) => Promise<T>,
  known: readonly Migration[] = migrations,
): Promise<T> {
  const db = await openDatabase(file, known);
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}

function put(db: Db, name: string, value: string) {
  return db.insertInto('settings').values({ name, value }).execute();
}

async function names(db: Db): Promise<readonly string[]> {
  return (await db.selectFrom('settings').select('name').orderBy('name').execute()).map(({ name }) => name);
}

/** Runs a module in a process of its own. `openDatabase`, `migrations`, `sql` and `file` are there for it. */
async function inProcess(
  code: string,
): Promise<{ readonly end: number | NodeJS.Signals; readonly said: string }> {
  const module = `
    import { sql } from 'kysely';
    import { openDatabase } from ${JSON.stringify(join(import.meta.dirname, 'database.ts'))};
    import { migrations } from ${JSON.stringify(join(import.meta.dirname, 'migrations.ts'))};
    const file = ${JSON.stringify(file)};
    ${code}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', module], { cwd: import.meta.dirname });
  let said = '';
  child.stdout.on('data', (piece: Buffer) => {
    said += piece.toString('utf8');
  });
  child.stderr.on('data', (piece: Buffer) => {
    said += piece.toString('utf8');
  });
  const [status, signal] = (await once(child, 'close')) as [number, NodeJS.Signals | null];
  return { end: signal ?? status, said };
}

describe('A transaction', () => {
  it('is kept whole, also by the next process', async () => {
    await withDatabase((db) =>
      db.transaction().execute(async (transaction) => {
        await put(transaction, 'a', '1');
        await put(transaction, 'b', '2');
      }),
    );
    expect(await withDatabase(names)).toEqual(['a', 'b']);
  });

  it('leaves nothing when it fails, and the database goes on', async () => {
    await withDatabase(async (db) => {
      const failing = db.transaction().execute(async (transaction) => {
        await put(transaction, 'a', '1');
        throw new Error('changed my mind');
      });
      await expect(failing).rejects.toThrow('changed my mind');
      const clashing = db.transaction().execute(async (transaction) => {
        await put(transaction, 'b', '1');
        await put(transaction, 'b', '2');
      });
      await expect(clashing).rejects.toThrow(/UNIQUE/);
      expect(await names(db)).toEqual([]);
      await put(db, 'c', '3');
      expect(await names(db)).toEqual(['c']);
    });
  });

  it('is never seen half done by others of the same process', async () => {
    await withDatabase(async (db) => {
      const { promise: told, resolve: tell } = Promise.withResolvers<void>();
      const writing = db.transaction().execute(async (transaction) => {
        await put(transaction, 'a', '1');
        tell();
        // Many turns of the event loop, all of them by the database.
        for (let turn = 0; turn < 50; turn++) await names(transaction);
        await put(transaction, 'b', '2');
      });
      await told;
      expect(await names(db)).toEqual(['a', 'b']);
      await writing;
    });
  });

  it('waits for the others: of a hundred that count up at once, none is lost', async () => {
    await withDatabase(async (db) => {
      await put(db, 'count', '0');
      const countUp = () =>
        db.transaction().execute(async (transaction) => {
          const { value } = await transaction
            .selectFrom('settings')
            .select('value')
            .executeTakeFirstOrThrow();
          await transaction
            .updateTable('settings')
            .set({ value: String(Number(value) + 1) })
            .execute();
        });
      await Promise.all(Array.from({ length: 100 }, countUp));
      const { value } = await db.selectFrom('settings').select('value').executeTakeFirstOrThrow();
      expect(value).toBe('100');
    });
  });

  it('waits for those of other processes', async () => {
    await withDatabase((db) => put(db, 'count', '0'));
    const countUp = `
      const db = await openDatabase(file);
      for (let n = 0; n < 50; n++) {
        await db.transaction().execute(async (t) => {
          const { value } = await t.selectFrom('settings').select('value').executeTakeFirstOrThrow();
          await t.updateTable('settings').set({ value: String(Number(value) + 1) }).execute();
        });
      }
      await db.destroy();`;
    const ends = await Promise.all(Array.from({ length: 3 }, () => inProcess(countUp)));
    expect(ends).toEqual([
      { end: 0, said: '' },
      { end: 0, said: '' },
      { end: 0, said: '' },
    ]);
    const read = (db: Db) => db.selectFrom('settings').select('value').executeTakeFirstOrThrow();
    expect(await withDatabase(read)).toEqual({ value: '150' });
  });

  it('that a kill -9 cut off has left nothing', async () => {
    await withDatabase((db) => put(db, 'before', '1'));
    const { end } = await inProcess(`
      const db = await openDatabase(file);
      await db.transaction().execute(async (t) => {
        await t.insertInto('settings').values({ name: 'half', value: '1' }).execute();
        process.kill(process.pid, 'SIGKILL');
        await new Promise(() => undefined);
      });`);
    expect(end).toBe('SIGKILL');
    expect(await withDatabase(names)).toEqual(['before']);
  });
});

describe('A database', () => {
  it('is durable and keeps its references', async () => {
    await withDatabase(async (db) => {
      const pragma = async (name: string) =>
        Object.values(
          (await sql.raw<Record<string, unknown>>(`PRAGMA ${name}`).execute(db)).rows[0] ?? {},
        )[0];
      expect(await pragma('journal_mode')).toBe('wal');
      // 2: FULL, every commit is on the disk before it is acknowledged.
      expect(await pragma('synchronous')).toBe(2);
      expect(await pragma('foreign_keys')).toBe(1);
      const orphan = { repository_id: 1, account_id: 1, role: 'read', created_at: 0 } as const;
      await expect(db.insertInto('collaborators').values(orphan).execute()).rejects.toThrow(/FOREIGN KEY/);
    });
  });

  it('takes more different statements than it keeps prepared', async () => {
    await withDatabase(async (db) => {
      for (let n = 0; n < 1_200; n++) {
        const { rows } = await sql.raw<{ n: number }>(`SELECT ${n} AS n`).execute(db);
        expect(rows).toEqual([{ n }]);
      }
    });
  });

  it('of a newer version is refused with a sentence, and left as it is', async () => {
    await withDatabase((db) =>
      sql`INSERT INTO migrations (version, name) VALUES (999, 'future')`.execute(db),
    );
    const opening = openDatabase(file);
    await expect(opening).rejects.toThrow(DatabaseTooNewError);
    await expect(opening).rejects.toThrow(
      /version 999, made by a newer Latchkey.*Install the newer Latchkey/,
    );
    const future = { version: 999, name: 'future', up: async () => undefined };
    expect(await withDatabase(names, [...migrations, future])).toEqual([]);
  });
});

describe('A migration', () => {
  const next: Migration = {
    version: 900,
    name: 'next',
    up: async (db) => {
      await db.schema.createTable('next').addColumn('id', 'integer').execute();
    },
  };
  const tables = (db: Db) =>
    sql<{ name: string }>`SELECT name FROM sqlite_master WHERE name IN ('next', 'last')`.execute(db);

  it('runs once', async () => {
    await withDatabase(async () => undefined);
    for (let start = 0; start < 3; start++) {
      await withDatabase(
        async (db) => {
          expect((await tables(db)).rows).toEqual([{ name: 'next' }]);
        },
        [...migrations, next],
      );
    }
  });

  it('that fails leaves nothing of itself and of those before it', async () => {
    const last = { version: 901, name: 'last', up: () => Promise.reject(new Error('disk full')) };
    await expect(openDatabase(file, [...migrations, next, last])).rejects.toThrow('disk full');
    await withDatabase(async (db) => {
      expect((await tables(db)).rows).toEqual([]);
    });
  });

  it('that a kill -9 cut off has left nothing', async () => {
    await withDatabase((db) => put(db, 'before', '1'));
    const { end } = await inProcess(`
      await openDatabase(file, [...migrations, { version: 900, name: 'next', up: async (db) => {
        await db.schema.createTable('next').addColumn('id', 'integer').execute();
        process.kill(process.pid, 'SIGKILL');
        await new Promise(() => undefined);
      } }]);`);
    expect(end).toBe('SIGKILL');
    await withDatabase(async (db) => {
      expect((await tables(db)).rows).toEqual([]);
      expect(await names(db)).toEqual(['before']);
    });
  });

  it('runs once when several processes start at the same time on nothing', async () => {
    for (let round = 0; round < 3; round++) {
      const starts = await Promise.all(
        Array.from({ length: 4 }, () => inProcess('await (await openDatabase(file)).destroy();')),
      );
      expect(starts).toEqual(Array.from({ length: 4 }, () => ({ end: 0, said: '' })));
      const versions = (db: Db) => sql<{ version: number }>`SELECT version FROM migrations`.execute(db);
      expect((await withDatabase(versions)).rows).toHaveLength(migrations.length);
      await rm(file, { force: true });
      await rm(`${file}-wal`, { force: true });
      await rm(`${file}-shm`, { force: true });
    }
  });
});
