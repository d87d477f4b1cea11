// The SQL of searching people and organisations.
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { countRows, rowsInWindow, type Window, type Windowed } from '../db/windows.ts';
import type { PeopleSearch } from './people-search.ts';

function chosen(db: Db, { words, kind }: PeopleSearch) {
  let query = db.selectFrom('accounts').select('accounts.id');
  if (kind !== null) query = query.where('accounts.kind', '=', kind);
  for (const word of words) {
    const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where(
      sql<boolean>`(accounts.login_key LIKE ${pattern} ESCAPE '\\' OR lower(accounts.name) LIKE ${pattern} ESCAPE '\\')`,
    );
  }
  return query;
}

export async function peopleFound(db: Db, search: PeopleSearch, window: Window): Promise<Windowed<number>> {
  const order = {
    by: sql<string>`accounts.login_key`,
    kind: 'text',
    id: sql<number>`accounts.id`,
    direction: 'asc',
  } as const;
  const { items, ...more } = await rowsInWindow(chosen(db, search), order, window);
  return { ...more, items: items.map(({ item, position }) => ({ item: item.id, position })) };
}

export function countPeopleFound(db: Db, search: PeopleSearch): Promise<number> {
  return countRows(chosen(db, search));
}
