// The SQL of repositories and of their former names. Nothing else touches these tables; collaborators and the
// numbers of repositories and their lists have files of their own: collaborator-store.ts, ids-store.ts, list-store.ts.
import { sql } from 'kysely';
import type { RepositoryRole } from '../access/actions.ts';
import { type Actor, accountId } from '../access/actor.ts';
import { roleOfRank, standingRank } from '../access/standing.ts';
import type { Visibility } from '../access/targets.ts';
import type { OwnerKind } from '../accounts/owners.ts';
import type { Db } from '../db/database.ts';
import type { Repository } from './repositories.ts';

/** A repository and the role that one caller has in it. */
export interface RepositoryForCaller {
  readonly repository: Repository;
  readonly role: RepositoryRole | null;
  /** Does the organisation that owns it keep classic tokens away? */
  readonly isClosedToTokens: boolean;
}

const columns = [
  'repositories.id',
  'repositories.owner_id',
  'accounts.login as owner_login',
  'accounts.kind as owner_kind',
  'repositories.name',
  'repositories.description',
  'repositories.visibility',
  'repositories.default_branch',
  'repositories.size_kib',
  'repositories.created_at',
  'repositories.updated_at',
  'repositories.pushed_at',
] as const;

interface RepositoryRow {
  readonly id: number;
  readonly owner_id: number;
  readonly owner_login: string;
  readonly owner_kind: OwnerKind;
  readonly name: string;
  readonly description: string | null;
  readonly visibility: Visibility;
  readonly default_branch: string;
  readonly size_kib: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly pushed_at: number | null;
}

function toRepository(row: RepositoryRow): Repository {
  return {
    id: row.id,
    ownerId: row.owner_id,
    ownerLogin: row.owner_login,
    ownerKind: row.owner_kind,
    name: row.name,
    description: row.description,
    visibility: row.visibility,
    defaultBranch: row.default_branch,
    sizeKib: row.size_kib,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    pushedAt: row.pushed_at,
  };
}

const withOwner = (db: Db) =>
  db.selectFrom('repositories').innerJoin('accounts', 'accounts.id', 'repositories.owner_id').select(columns);

/** With the rank of the caller's role (access/standing.ts), and what its organisation lets in. */
export const forCaller = (db: Db, actor: Actor) =>
  withOwner(db)
    .leftJoin('organizations', 'organizations.account_id', 'repositories.owner_id')
    .select([standingRank(accountId(actor) ?? 0).as('standing'), 'organizations.allows_classic_tokens']);

type RowForCaller = RepositoryRow & {
  readonly standing: number;
  /** Null: the owner is no organisation. */
  readonly allows_classic_tokens: number | null;
};

const orNull = (row: RowForCaller | undefined): RepositoryForCaller | null =>
  row === undefined ? null : ofRow(row);

export const ofRow = (row: RowForCaller): RepositoryForCaller => ({
  repository: toRepository(row),
  role: roleOfRank(Number(row.standing)),
  isClosedToTokens: row.allows_classic_tokens === 0,
});

/**
 * By owner and name: one look-up in three indexes, at every request. Written as text, since putting the same query
 * together from parts costs several times what SQLite takes to answer it.
 */
export async function repositoryByName(
  db: Db,
  actor: Actor,
  loginKey: string,
  nameKey: string,
): Promise<RepositoryForCaller | null> {
  const caller = accountId(actor) ?? 0;
  const { rows } = await sql<RowForCaller>`
    SELECT repositories.id, repositories.owner_id, accounts.login AS owner_login,
      accounts.kind AS owner_kind, repositories.name,
      repositories.description, repositories.visibility, repositories.default_branch, repositories.size_kib,
      repositories.created_at, repositories.updated_at, repositories.pushed_at,
      ${standingRank(caller)} AS standing, organizations.allows_classic_tokens
    FROM accounts
    INNER JOIN repositories ON repositories.owner_id = accounts.id
    LEFT JOIN organizations ON organizations.account_id = accounts.id
    WHERE accounts.login_key = ${loginKey} AND repositories.name_key = ${nameKey}`.execute(db);
  return orNull(rows[0]);
}

export async function repositoryById(db: Db, actor: Actor, id: number): Promise<RepositoryForCaller | null> {
  return orNull(await forCaller(db, actor).where('repositories.id', '=', id).executeTakeFirst());
}

/** By a name that it had before. */
export async function repositoryByFormerName(
  db: Db,
  actor: Actor,
  loginKey: string,
  nameKey: string,
): Promise<RepositoryForCaller | null> {
  const query = forCaller(db, actor).where('repositories.id', 'in', (eb) =>
    eb
      .selectFrom('repository_redirects')
      .innerJoin('accounts as former_owners', 'former_owners.id', 'repository_redirects.owner_id')
      .where('former_owners.login_key', '=', loginKey)
      .where('repository_redirects.name_key', '=', nameKey)
      .select('repository_redirects.repository_id'),
  );
  return orNull(await query.executeTakeFirst());
}

/** By a login that its owner had before, and its name, present or former. */
export async function repositoryByFormerLogin(
  db: Db,
  actor: Actor,
  loginKey: string,
  nameKey: string,
): Promise<RepositoryForCaller | null> {
  const owners = db
    .selectFrom('former_logins')
    .where('former_logins.login_key', '=', loginKey)
    .select('former_logins.account_id');
  const present = await forCaller(db, actor)
    .where('repositories.owner_id', 'in', owners)
    .where('repositories.name_key', '=', nameKey)
    .executeTakeFirst();
  if (present !== undefined) return ofRow(present);
  const former = forCaller(db, actor).where('repositories.id', 'in', (eb) =>
    eb
      .selectFrom('repository_redirects')
      .where('repository_redirects.owner_id', 'in', owners)
      .where('repository_redirects.name_key', '=', nameKey)
      .select('repository_redirects.repository_id'),
  );
  return orNull(await former.executeTakeFirst());
}

export async function isNameTaken(db: Db, ownerId: number, nameKey: string): Promise<boolean> {
  const row = await db
    .selectFrom('repositories')
    .where('owner_id', '=', ownerId)
    .where('name_key', '=', nameKey)
    .select('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Is its owner a person or an organisation? */
export async function ownerKind(db: Db, ownerId: number): Promise<'user' | 'organization' | null> {
  const row = await db.selectFrom('accounts').select('kind').where('id', '=', ownerId).executeTakeFirst();
  return row?.kind ?? null;
}

/** For the operator, who sees everything. */
export async function everyRepository(db: Db, offset: number, limit: number): Promise<readonly Repository[]> {
  const rows = await withOwner(db)
    .orderBy('accounts.login_key')
    .orderBy('repositories.name_key')
    .offset(offset)
    .limit(limit)
    .execute();
  return rows.map(toRepository);
}

export async function countRepositories(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('repositories')
    .select((eb) => eb.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

export interface NewRepositoryRow {
  readonly id: number;
  readonly ownerId: number;
  readonly name: string;
  readonly nameKey: string;
  readonly description: string | null;
  readonly visibility: Visibility;
  readonly defaultBranch: string;
  readonly sizeKib: number;
  readonly at: number;
  readonly pushedAt: number | null;
}

/** @returns false when the name is taken */
export async function insertRepository(db: Db, row: NewRepositoryRow): Promise<boolean> {
  const inserted = await db
    .insertInto('repositories')
    .values({
      id: row.id,
      owner_id: row.ownerId,
      name: row.name,
      name_key: row.nameKey,
      description: row.description,
      visibility: row.visibility,
      default_branch: row.defaultBranch,
      size_kib: row.sizeKib,
      created_at: row.at,
      updated_at: row.at,
      pushed_at: row.pushedAt,
    })
    .onConflict((conflict) => conflict.columns(['owner_id', 'name_key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted !== undefined;
}

export interface RepositoryChange {
  readonly ownerId?: number;
  readonly name?: string;
  readonly nameKey?: string;
  readonly description?: string | null;
  readonly visibility?: Visibility;
  readonly defaultBranch?: string;
  readonly at: number;
}

export async function updateRepositoryRow(db: Db, id: number, change: RepositoryChange): Promise<void> {
  await db
    .updateTable('repositories')
    .set({
      updated_at: change.at,
      ...(change.ownerId === undefined ? {} : { owner_id: change.ownerId }),
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.nameKey === undefined ? {} : { name_key: change.nameKey }),
      ...(change.description === undefined ? {} : { description: change.description }),
      ...(change.visibility === undefined ? {} : { visibility: change.visibility }),
      ...(change.defaultBranch === undefined ? {} : { default_branch: change.defaultBranch }),
    })
    .where('id', '=', id)
    .execute();
}

export async function updateAfterPush(
  db: Db,
  id: number,
  push: { readonly at: number; readonly sizeKib: number; readonly defaultBranch: string | null },
): Promise<void> {
  await db
    .updateTable('repositories')
    .set({
      pushed_at: push.at,
      updated_at: push.at,
      size_kib: push.sizeKib,
      ...(push.defaultBranch === null ? {} : { default_branch: push.defaultBranch }),
    })
    .where('id', '=', id)
    .execute();
}

/** The next push counts anew. */
export async function addSize(db: Db, id: number, kib: number): Promise<void> {
  await db
    .updateTable('repositories')
    .set((eb) => ({ size_kib: eb('size_kib', '+', kib) }))
    .where('id', '=', id)
    .execute();
}

/** Its collaborators and former names go with it. @returns false when there was none */
export async function deleteRepositoryRow(db: Db, id: number): Promise<boolean> {
  const row = await db.deleteFrom('repositories').where('id', '=', id).returning('id').executeTakeFirst();
  return row !== undefined;
}

/** No team has a role in it any more. */
export async function endTeamRoles(db: Db, repositoryId: number): Promise<void> {
  await db.deleteFrom('team_repositories').where('repository_id', '=', repositoryId).execute();
}

/** From now on the former name leads to the repository. */
export async function putRedirect(
  db: Db,
  ownerId: number,
  nameKey: string,
  repositoryId: number,
): Promise<void> {
  await db
    .insertInto('repository_redirects')
    .values({ owner_id: ownerId, name_key: nameKey, repository_id: repositoryId })
    .onConflict((conflict) =>
      conflict.columns(['owner_id', 'name_key']).doUpdateSet({ repository_id: repositoryId }),
    )
    .execute();
}

/** Somebody has the name now: it leads nowhere else any more. */
export async function endRedirect(db: Db, ownerId: number, nameKey: string): Promise<void> {
  await db
    .deleteFrom('repository_redirects')
    .where('owner_id', '=', ownerId)
    .where('name_key', '=', nameKey)
    .execute();
}
