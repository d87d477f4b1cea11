// The SQL of commit statuses: the only place that touches their table.
import type { Db } from '../db/database.ts';
import type { NewStatus, Status } from './statuses.ts';

interface StatusRow {
  readonly id: number;
  readonly sha: string;
  readonly context: string;
  readonly state: Status['state'];
  readonly description: string | null;
  readonly target_url: string | null;
  readonly created_at: number;
  readonly creator_id: number | null;
  readonly creator_login: string | null;
  readonly creator_site_admin: number | null;
}

function toStatus(row: StatusRow): Status {
  return {
    id: row.id,
    sha: row.sha,
    context: row.context,
    state: row.state,
    description: row.description,
    targetUrl: row.target_url,
    createdAt: row.created_at,
    creator:
      row.creator_id === null || row.creator_login === null
        ? null
        : { id: row.creator_id, login: row.creator_login, siteAdmin: row.creator_site_admin === 1 },
  };
}

const statuses = (db: Db) =>
  db
    .selectFrom('commit_statuses')
    .leftJoin('accounts', 'accounts.id', 'commit_statuses.creator_id')
    .select([
      'commit_statuses.id',
      'commit_statuses.sha',
      'commit_statuses.context',
      'commit_statuses.state',
      'commit_statuses.description',
      'commit_statuses.target_url',
      'commit_statuses.created_at',
      'commit_statuses.creator_id',
      'accounts.login as creator_login',
      'accounts.site_admin as creator_site_admin',
    ]);

/** Null when there are `most` of this context already. */
export async function insertStatus(
  db: Db,
  repositoryId: number,
  status: NewStatus & { readonly creatorId: number | null; readonly at: number },
  most: number,
): Promise<Status | null> {
  const { count } = await db
    .selectFrom('commit_statuses')
    .where('repository_id', '=', repositoryId)
    .where('sha', '=', status.sha)
    .where('context', '=', status.context)
    .select((eb) => eb.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  if (Number(count) >= most) return null;
  const { id } = await db
    .insertInto('commit_statuses')
    .values({
      repository_id: repositoryId,
      sha: status.sha,
      context: status.context,
      state: status.state,
      description: status.description,
      target_url: status.targetUrl,
      creator_id: status.creatorId,
      created_at: status.at,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return toStatus(await statuses(db).where('commit_statuses.id', '=', id).executeTakeFirstOrThrow());
}

/** All of a commit, the newest first. */
export async function statusesPage(
  db: Db,
  repositoryId: number,
  sha: string,
  offset: number,
  limit: number,
): Promise<{ readonly items: readonly Status[]; readonly total: number }> {
  const rows = await statuses(db)
    .where('commit_statuses.repository_id', '=', repositoryId)
    .where('commit_statuses.sha', '=', sha)
    .orderBy('commit_statuses.id', 'desc')
    .offset(offset)
    .limit(limit)
    .execute();
  const { count } = await db
    .selectFrom('commit_statuses')
    .where('repository_id', '=', repositoryId)
    .where('sha', '=', sha)
    .select((eb) => eb.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return { items: rows.map(toStatus), total: Number(count) };
}

/** The newest of each context of these commits. */
export async function latestStatuses(
  db: Db,
  repositoryId: number,
  shas: readonly string[],
): Promise<readonly Status[]> {
  if (shas.length === 0) return [];
  const rows = await statuses(db)
    .where('commit_statuses.id', 'in', (eb) =>
      eb
        .selectFrom('commit_statuses as newest')
        .where('newest.repository_id', '=', repositoryId)
        .where('newest.sha', 'in', shas)
        .groupBy(['newest.sha', 'newest.context'])
        .select((inner) => inner.fn.max('newest.id').as('id')),
    )
    .orderBy('commit_statuses.id')
    .execute();
  return rows.map(toStatus);
}
