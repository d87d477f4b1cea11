// The SQL of lists of repositories with cursors: what the caller may see, narrowed, between two rows.
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { Actor } from '../access/actor.ts';
import type { Where } from '../access/visible.ts';
import type { Db } from '../db/database.ts';
import type { Schema } from '../db/schema.ts';
import { type Order, rowsInWindow, type Window, type Windowed } from '../db/windows.ts';
import { forCaller, ofRow, type RepositoryForCaller } from './store.ts';
import type { Affiliation, RepositoriesAsked } from './windows.ts';

export interface Sum {
  readonly count: number;
  readonly sizeKib: number;
}

export async function repositoriesInWindow(
  db: Db,
  actor: Actor,
  asked: RepositoriesAsked,
  window: Window,
  visible: Where,
): Promise<Windowed<RepositoryForCaller>> {
  const query = forCaller(db, actor).where('repositories.id', 'in', chosen(db, asked, visible));
  const { items, ...more } = await rowsInWindow(query, orderOf(asked), window);
  return { ...more, items: items.map(({ item, position }) => ({ item: ofRow(item), position })) };
}

export async function sumRepositories(db: Db, asked: RepositoriesAsked, visible: Where): Promise<Sum> {
  const { count, size } = await chosen(db, asked, visible)
    .clearSelect()
    .select((eb) => [eb.fn.countAll().as('count'), eb.fn.sum('repositories.size_kib').as('size')])
    .executeTakeFirstOrThrow();
  return { count: Number(count), sizeKib: Number(size ?? 0) };
}

const chosen = (db: Db, { affiliation, alsoAffiliation, visibilities }: RepositoriesAsked, visible: Where) =>
  db
    .selectFrom('repositories')
    .select('repositories.id')
    .where(visible)
    .where((eb) => affiliated(eb, affiliation))
    .$if(alsoAffiliation !== undefined, (query) => query.where((eb) => affiliated(eb, alsoAffiliation ?? {})))
    .$if(visibilities !== undefined, (query) =>
      query.where((eb) => eb.or((visibilities ?? []).map((one) => eb('repositories.visibility', '=', one)))),
    );

function affiliated(
  eb: ExpressionBuilder<Schema, 'repositories'>,
  { ownerId, collaboratorId, publicCollaboratorId, memberId }: Affiliation,
): Expression<SqlBool> {
  const collaborates = (id: number) =>
    eb(
      'repositories.id',
      'in',
      eb
        .selectFrom('collaborators')
        .where('collaborators.account_id', '=', id)
        .select('collaborators.repository_id'),
    );
  return eb.or([
    ...(ownerId === undefined ? [] : [eb('repositories.owner_id', '=', ownerId)]),
    ...(collaboratorId === undefined ? [] : [collaborates(collaboratorId)]),
    ...(publicCollaboratorId === undefined
      ? []
      : [eb.and([eb('repositories.visibility', '=', 'public'), collaborates(publicCollaboratorId)])]),
    ...(memberId === undefined
      ? []
      : [
          eb(
            'repositories.owner_id',
            'in',
            eb
              .selectFrom('organization_members')
              .where('organization_members.account_id', '=', memberId)
              .select('organization_members.organization_id'),
          ),
        ]),
  ]);
}

/** What was never pushed to counts as oldest. */
function orderOf({ sort, direction }: RepositoriesAsked): Order {
  const by = {
    created: sql<number>`repositories.created_at`,
    updated: sql<number>`repositories.updated_at`,
    pushed: sql<number>`coalesce(repositories.pushed_at, 0)`,
    name: sql<string>`repositories.name_key`,
    id: sql<number>`repositories.id`,
  }[sort];
  return { by, kind: sort === 'name' ? 'text' : 'number', id: sql<number>`repositories.id`, direction };
}
