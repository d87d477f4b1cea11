// The SQL of collaborations on all repositories of one owner; that of one repository's is in collaborator-store.ts.
import type { RepositoryRole } from '../access/actions.ts';
import { rankOf } from '../access/standing.ts';
import type { Db } from '../db/database.ts';
import type { OutsideCollaborator } from './outside.ts';

export async function outsidePage(
  db: Db,
  organizationId: number,
  { page, perPage }: { readonly page: number; readonly perPage: number },
): Promise<{ readonly items: readonly OutsideCollaborator[]; readonly total: number }> {
  const outside = db
    .selectFrom('accounts')
    .where('accounts.id', 'in', (eb) =>
      eb
        .selectFrom('collaborators')
        .innerJoin('repositories', 'repositories.id', 'collaborators.repository_id')
        .where('repositories.owner_id', '=', organizationId)
        .select('collaborators.account_id'),
    )
    .where('accounts.id', 'not in', (eb) =>
      eb
        .selectFrom('organization_members')
        .where('organization_members.organization_id', '=', organizationId)
        .select('organization_members.account_id'),
    );
  const { total } = await outside.select((eb) => eb.fn.countAll().as('total')).executeTakeFirstOrThrow();
  const rows = await outside
    .select(['accounts.id', 'accounts.login', 'accounts.site_admin'])
    .orderBy('accounts.id')
    .offset((page - 1) * perPage)
    .limit(perPage)
    .execute();
  return {
    items: rows.map(({ id, login, site_admin }) => ({ id, login, siteAdmin: site_admin === 1 })),
    total: Number(total),
  };
}

const repositoriesOf = (db: Db, ownerId: number) =>
  db.selectFrom('repositories').where('repositories.owner_id', '=', ownerId).select('repositories.id');

export interface Ended {
  readonly ended: readonly { readonly repositoryId: number; readonly role: RepositoryRole }[];
  /** Were there invitations? */
  readonly invited: boolean;
}

export async function endCollaborations(db: Db, ownerId: number, accountId: number): Promise<Ended> {
  const ended = await db
    .deleteFrom('collaborators')
    .where('account_id', '=', accountId)
    .where('repository_id', 'in', repositoriesOf(db, ownerId))
    .returning(['repository_id', 'role'])
    .execute();
  const { numDeletedRows } = await db
    .deleteFrom('repository_invitations')
    .where('account_id', '=', accountId)
    .where('repository_id', 'in', repositoriesOf(db, ownerId))
    .executeTakeFirst();
  return {
    ended: ended.map(({ repository_id: repositoryId, role }) => ({ repositoryId, role })),
    invited: numDeletedRows > 0n,
  };
}

export async function keepTeamAccess(db: Db, ownerId: number, accountId: number, at: number): Promise<void> {
  const given = await db
    .selectFrom('team_repositories')
    .innerJoin('team_members', 'team_members.team_id', 'team_repositories.team_id')
    .where('team_members.account_id', '=', accountId)
    .where('team_repositories.repository_id', 'in', repositoriesOf(db, ownerId))
    .leftJoin('collaborators', (join) =>
      join
        .onRef('collaborators.repository_id', '=', 'team_repositories.repository_id')
        .on('collaborators.account_id', '=', accountId),
    )
    .select(['team_repositories.repository_id', 'team_repositories.role', 'collaborators.role as present'])
    .execute();
  const lowestFirst = given.toSorted((a, b) => rankOf(a.role) - rankOf(b.role));
  for (const { repository_id, role, present } of lowestFirst) {
    if (rankOf(present) >= rankOf(role)) continue;
    await db
      .insertInto('collaborators')
      .values({ repository_id, account_id: accountId, role, created_at: at })
      .onConflict((conflict) => conflict.columns(['repository_id', 'account_id']).doUpdateSet({ role }))
      .execute();
  }
}
