// The SQL of lists of repositories: what the caller may see, narrowed and in order. Single ones: store.ts.
import { type Expression, type SqlBool, sql } from 'kysely';
import type { Actor } from '../access/actor.ts';
import type { Where } from '../access/visible.ts';
import type { Db } from '../db/database.ts';
import type { RepositoryList } from './repositories.ts';
import { forCaller, ofRow, type RepositoryForCaller } from './store.ts';

/**
 * One page of what the caller may see, and how many there are in all.
 * @param visible from `listVisible`
 */
export async function repositoriesPage(
  db: Db,
  actor: Actor,
  list: RepositoryList,
  visible: Where,
): Promise<{ readonly items: readonly RepositoryForCaller[]; readonly total: number }> {
  const { ownerId, collaboratorId, memberId, teamId, visibility, updatedAfter, updatedBefore } = list;
  const chosen = db
    .selectFrom('repositories')
    .select('repositories.id')
    .where(visible)
    .$if(
      [ownerId, collaboratorId, memberId].some((id) => id !== undefined),
      (query) =>
        query.where((eb) => {
          const any: Expression<SqlBool>[] = [];
          if (ownerId !== undefined) any.push(eb('repositories.owner_id', '=', ownerId));
          if (collaboratorId !== undefined) {
            const theirs = eb
              .selectFrom('collaborators')
              .where('collaborators.account_id', '=', collaboratorId)
              .select('collaborators.repository_id');
            any.push(eb('repositories.id', 'in', theirs));
          }
          if (memberId !== undefined) {
            const organizations = eb
              .selectFrom('organization_members')
              .where('organization_members.account_id', '=', memberId)
              .select('organization_members.organization_id');
            any.push(eb('repositories.owner_id', 'in', organizations));
          }
          return eb.or(any);
        }),
    )
    .$if(teamId !== undefined, (query) =>
      query.where('repositories.id', 'in', (eb) =>
        eb
          .selectFrom('team_repositories')
          .where('team_repositories.team_id', '=', teamId ?? 0)
          .select('team_repositories.repository_id'),
      ),
    )
    .$if(visibility !== undefined, (query) =>
      query.where('repositories.visibility', '=', visibility ?? 'public'),
    )
    .$if(updatedAfter !== undefined, (query) =>
      query.where('repositories.updated_at', '>', updatedAfter ?? 0),
    )
    .$if(updatedBefore !== undefined, (query) =>
      query.where('repositories.updated_at', '<', updatedBefore ?? 0),
    );
  const { total } = await db
    .selectFrom(chosen.as('chosen'))
    .select((eb) => eb.fn.countAll().as('total'))
    .executeTakeFirstOrThrow();
  const rows = await inOrder(
    forCaller(db, actor).where('repositories.id', 'in', chosen),
    list.sort,
    list.direction,
  )
    .offset((list.page - 1) * list.perPage)
    .limit(list.perPage)
    .execute();
  return {
    items: rows.map(ofRow),
    total: Number(total),
  };
}

/** Ties are broken by id, so that pages neither repeat nor miss one. What was never pushed to counts as oldest. */
function inOrder(
  query: ReturnType<typeof forCaller>,
  sort: RepositoryList['sort'],
  direction: 'asc' | 'desc',
) {
  switch (sort) {
    case 'created':
      return query.orderBy('repositories.created_at', direction).orderBy('repositories.id', direction);
    case 'updated':
      return query.orderBy('repositories.updated_at', direction).orderBy('repositories.id', direction);
    case 'pushed':
      return query
        .orderBy((eb) => eb.fn.coalesce('repositories.pushed_at', sql.lit(0)), direction)
        .orderBy('repositories.id', direction);
    case 'full_name':
      return query.orderBy('accounts.login_key', direction).orderBy('repositories.name_key', direction);
  }
}
