import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { openDatabase } from './database.ts';
import { migrations } from './migrations.ts';

const text = readFileSync(new URL('schema.ts', import.meta.url), 'utf8');

/** `tokens: TokensTable;` of `Schema`. */
const described = [...text.matchAll(/^ {2}(\w+): (\w+Table);$/gm)];

function columnsOf(table: string): string[] {
  const [, body = ''] = new RegExp(`^export interface ${table} \\{\\n([^]*?)^\\}`, 'm').exec(text) ?? [];
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+): /gm)].map(([, name = '']) => name).sort();
}

describe('the schema', () => {
  it('describes the tables and columns that the migrations make, and no others', async () => {
    const db = await openDatabase(':memory:');
    const { rows } = await sql<{ name: string; column: string }>`
      SELECT tables.name, columns.name AS column FROM pragma_table_list AS tables, pragma_table_info(tables.name) AS columns
      WHERE tables.schema = 'main' AND tables.name NOT LIKE 'sqlite_%' AND tables.name <> 'migrations'`.execute(
      db,
    );
    await db.destroy();
    const made = Object.entries(Object.groupBy(rows, ({ name }) => name)).map(([name, columns = []]) => [
      name,
      columns.map(({ column }) => column).sort(),
    ]);
    expect(Object.fromEntries(described.map(([, name, type = '']) => [name, columnsOf(type)]))).toEqual(
      Object.fromEntries(made),
    );
  });

  it('counts its versions without a gap: what comes with a lower one later would never run', () => {
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
  });
});
