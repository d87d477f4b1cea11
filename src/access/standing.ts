// The role that an account has in a repository, as SQL: the one place where ownership, organisations, teams,
// collaboration and internal visibility come together. `decide` is given its outcome, lists filter by it.
import { type RawBuilder, sql } from 'kysely';
import { type RepositoryRole, repositoryRoles } from './actions.ts';

/** How high a role stands: 0 none, 1 read, 2 write, 3 admin. */
export function rankOf(role: RepositoryRole | null): number {
  return role === null ? 0 : repositoryRoles.indexOf(role) + 1;
}

/** The role of a rank that `standingRank` gave. */
export function roleOfRank(rank: number): RepositoryRole | null {
  return repositoryRoles[rank - 1] ?? null;
}

const rank = (column: string) =>
  sql<number>`CASE ${sql.ref(column)} WHEN 'admin' THEN 3 WHEN 'write' THEN 2 WHEN 'read' THEN 1 ELSE 0 END`;

/**
 * The rank of the account in the row of `repositories` of the query around it. Every branch is a look-up in an
 * index; the highest counts.
 * @param account 0 for nobody, who has no rank anywhere
 */
export function standingRank(account: number): RawBuilder<number> {
  if (account === 0) return sql<number>`0`;
  return sql<number>`(SELECT max(standings.standing) FROM (
    SELECT CASE WHEN repositories.owner_id = ${account} THEN 3
      WHEN repositories.visibility = 'internal' THEN 1 ELSE 0 END AS standing
    UNION ALL
    SELECT ${rank('collaborators.role')} FROM collaborators
      WHERE collaborators.repository_id = repositories.id AND collaborators.account_id = ${account}
    UNION ALL
    SELECT CASE organization_members.role WHEN 'owner' THEN 3 ELSE ${rank('organizations.base_permission')} END
      FROM organization_members
      INNER JOIN organizations ON organizations.account_id = organization_members.organization_id
      WHERE organization_members.organization_id = repositories.owner_id
        AND organization_members.account_id = ${account}
    UNION ALL
    SELECT ${rank('team_repositories.role')} FROM team_repositories
      INNER JOIN team_members ON team_members.team_id = team_repositories.team_id
      WHERE team_repositories.repository_id = repositories.id AND team_members.account_id = ${account}
  ) AS standings)`;
}

/** A person's way to a role in a repository. */
export type Affiliation = 'organization' | 'team' | 'direct';

/**
 * Everybody who has a role in a repository, a row a way to it, as a table of `account_id`, `standing` (the rank) and
 * `affiliation`. What everybody has, by public or internal visibility, is left out.
 */
export function standingsIn(repositoryId: number): RawBuilder<{
  account_id: number;
  standing: number;
  affiliation: Affiliation;
}> {
  return sql`(
    SELECT repositories.owner_id AS account_id, 3 AS standing, 'direct' AS affiliation FROM repositories
      INNER JOIN accounts ON accounts.id = repositories.owner_id AND accounts.kind = 'user'
      WHERE repositories.id = ${repositoryId}
    UNION ALL
    SELECT collaborators.account_id, ${rank('collaborators.role')}, 'direct' FROM collaborators
      WHERE collaborators.repository_id = ${repositoryId}
    UNION ALL
    SELECT organization_members.account_id,
      CASE organization_members.role WHEN 'owner' THEN 3 ELSE ${rank('organizations.base_permission')} END,
      'organization'
      FROM repositories
      INNER JOIN organizations ON organizations.account_id = repositories.owner_id
      INNER JOIN organization_members ON organization_members.organization_id = organizations.account_id
      WHERE repositories.id = ${repositoryId}
    UNION ALL
    SELECT team_members.account_id, ${rank('team_repositories.role')}, 'team' FROM team_repositories
      INNER JOIN team_members ON team_members.team_id = team_repositories.team_id
      WHERE team_repositories.repository_id = ${repositoryId}
  )`;
}
