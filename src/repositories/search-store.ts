// The SQL of searching repositories.
import { type Expression, type SqlBool, sql } from 'kysely';
import type { Actor } from '../access/actor.ts';
import type { Where } from '../access/visible.ts';
import type { Db } from '../db/database.ts';
import type { Search, SearchPage } from './search.ts';
import { forCaller, ofRow, type RepositoryForCaller } from './store.ts';

/** @param visible from `listVisible` */
export async function searchPage(
  db: Db,
  actor: Actor,
  search: Search,
  { sort, direction, offset, limit }: SearchPage,
  visible: Where,
): Promise<{ readonly items: readonly RepositoryForCaller[]; readonly total: number }> {
  let chosen = db
    .selectFrom('repositories')
    .innerJoin('accounts as owners', 'owners.id', 'repositories.owner_id')
    .select('repositories.id')
    .where(visible as never);
  for (const word of search.words) {
    const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`;
    const places: Expression<SqlBool>[] = [];
    if (search.inName) places.push(sql<SqlBool>`repositories.name_key LIKE ${pattern} ESCAPE '\\'`);
    if (search.inDescription) {
      places.push(sql<SqlBool>`lower(repositories.description) LIKE ${pattern} ESCAPE '\\'`);
    }
    chosen = chosen.where((eb) => eb.or(places));
  }
  if (search.owners.length > 0 || search.repositories.length > 0) {
    chosen = chosen.where((eb) =>
      eb.or([
        ...(search.owners.length > 0 ? [eb('owners.login_key', 'in', search.owners)] : []),
        ...(search.repositories.length > 0
          ? [
              sql<SqlBool>`owners.login_key || '/' || repositories.name_key IN (${sql.join(search.repositories)})`,
            ]
          : []),
      ]),
    );
  }
  if (search.visibility !== null) chosen = chosen.where('repositories.visibility', '=', search.visibility);
  const { total } = await db
    .selectFrom(chosen.as('chosen'))
    .select((eb) => eb.fn.countAll().as('total'))
    .executeTakeFirstOrThrow();
  let query = forCaller(db, actor).where('repositories.id', 'in', chosen);
  if (sort === 'best' && search.words.length > 0) {
    const whole = search.words.join(' ');
    const start = `${(search.words[0] ?? '').replace(/[\\%_]/g, '\\$&')}%`;
    query = query.orderBy(
      sql`CASE WHEN repositories.name_key = ${whole} THEN 0
        WHEN repositories.name_key LIKE ${start} ESCAPE '\\' THEN 1 ELSE 2 END`,
    );
  }
  const rows = await query
    .orderBy('repositories.updated_at', sort === 'updated' ? direction : 'desc')
    .orderBy('repositories.id', sort === 'updated' ? direction : 'desc')
    .offset(offset)
    .limit(limit)
    .execute();
  return { items: rows.map(ofRow), total: Number(total) };
}
