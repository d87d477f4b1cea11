// The SQL of SSH keys: the only place that touches their table.
import { sql } from 'kysely';
import { impersonationEnded } from '../access/impersonation.ts';
import type { Db } from '../db/database.ts';
import type { Key, KeyMaker, KeyPage, KeysListed } from './keys.ts';
import type { PublicKey } from './public-key.ts';

/** Whose keys: a person's, a repository's, or with neither, anybody's. */
export interface Holder {
  readonly accountId?: number;
  readonly repositoryId?: number;
}

const keys = (db: Db) =>
  db
    .selectFrom('ssh_keys')
    .leftJoin('accounts as holders', 'holders.id', 'ssh_keys.account_id')
    .leftJoin('accounts as adders', 'adders.id', 'ssh_keys.added_by')
    .leftJoin('repositories', 'repositories.id', 'ssh_keys.repository_id')
    .leftJoin('accounts as owners', 'owners.id', 'repositories.owner_id')
    .selectAll('ssh_keys')
    .select([
      'holders.login as holder_login',
      'adders.login as adder_login',
      'owners.login as owner_login',
      'repositories.name as repository_name',
    ]);

type Row = Awaited<ReturnType<ReturnType<typeof keys>['execute']>>[number];

function toKey(row: Row): Key {
  return {
    id: row.id,
    title: row.title,
    type: row.type,
    key: row.key,
    fingerprint: row.fingerprint,
    readOnly: row.read_only === 1,
    verified: row.verified === 1,
    enabled: row.enabled === 1,
    madeBy: row.made_by,
    addedBy: row.adder_login,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    holder:
      row.repository_id === null
        ? { kind: 'person', account: { id: row.account_id ?? 0, login: row.holder_login ?? '' } }
        : {
            kind: 'repository',
            repository: { id: row.repository_id, name: `${row.owner_login}/${row.repository_name}` },
          },
  };
}

export interface NewRow extends Pick<PublicKey, 'type' | 'fingerprint'> {
  readonly accountId: number | null;
  readonly repositoryId: number | null;
  readonly title: string;
  /** `TYPE BASE64`. */
  readonly key: string;
  readonly readOnly: boolean;
  readonly maker: KeyMaker;
  readonly addedBy: number | null;
  readonly now: number;
}

/** @returns null when the key is somebody's already */
export async function insert(db: Db, row: NewRow): Promise<Key | null> {
  const made = await db
    .insertInto('ssh_keys')
    .values({
      account_id: row.accountId,
      repository_id: row.repositoryId,
      title: row.title,
      type: row.type,
      key: row.key,
      fingerprint: row.fingerprint,
      read_only: row.readOnly ? 1 : 0,
      verified: 1,
      enabled: 1,
      may_change_workflows: row.maker.mayChangeWorkflows ? 1 : 0,
      added_by: row.addedBy,
      made_by: row.maker.madeBy,
      token_id: row.maker.tokenId,
      application_id: row.maker.applicationId,
      created_at: row.now,
      last_used_at: null,
    })
    .onConflict((conflict) => conflict.column('fingerprint').doNothing())
    .returning('id')
    .executeTakeFirst();
  return made === undefined ? null : find(db, {}, made.id);
}

export async function find(db: Db, { accountId, repositoryId }: Holder, id: number): Promise<Key | null> {
  let query = keys(db).where('ssh_keys.id', '=', id);
  if (accountId !== undefined) query = query.where('ssh_keys.account_id', '=', accountId);
  if (repositoryId !== undefined) query = query.where('ssh_keys.repository_id', '=', repositoryId);
  const row = await query.executeTakeFirst();
  return row === undefined ? null : toKey(row);
}

/** The oldest first. */
export async function page(
  db: Db,
  { accountId, repositoryId }: Holder,
  { page, perPage, sort = 'created', direction = 'asc', since }: KeyPage,
): Promise<KeysListed> {
  let query = keys(db);
  let count = db.selectFrom('ssh_keys').select(({ fn }) => fn.countAll<number>().as('total'));
  if (accountId !== undefined) {
    query = query.where('ssh_keys.account_id', '=', accountId);
    count = count.where('account_id', '=', accountId);
  }
  if (repositoryId !== undefined) {
    query = query.where('ssh_keys.repository_id', '=', repositoryId);
    count = count.where('repository_id', '=', repositoryId);
  }
  if (since !== undefined) {
    query = query.where('ssh_keys.created_at', '>=', since);
    count = count.where('created_at', '>=', since);
  }
  // Keys never change after they were made, so "updated" is "created".
  if (sort === 'accessed')
    query = query.orderBy((eb) => eb.fn.coalesce('ssh_keys.last_used_at', sql.lit(0)), direction);
  const rows = await query
    .orderBy('ssh_keys.id', direction)
    .limit(perPage)
    .offset((page - 1) * perPage)
    .execute();
  const { total } = await count.executeTakeFirstOrThrow();
  return { items: rows.map(toKey), total: Number(total) };
}

/** All keys, people's too, that one of these tokens added. */
export async function keysOfTokens(db: Db, tokenIds: readonly number[]): Promise<readonly Key[]> {
  if (tokenIds.length === 0) return [];
  const rows = await keys(db).where('ssh_keys.token_id', 'in', tokenIds).execute();
  return rows.map(toKey);
}

/** Deploy keys that one of these tokens made. */
export async function deployKeysOfTokens(db: Db, tokenIds: readonly number[]): Promise<readonly Key[]> {
  if (tokenIds.length === 0) return [];
  const rows = await keys(db)
    .where('ssh_keys.repository_id', 'is not', null)
    .where('ssh_keys.token_id', 'in', tokenIds)
    .execute();
  return rows.map(toKey);
}

/** Keys, people's and deploy keys, that an application made: for one person, or for anybody. */
export async function madeByApplication(
  db: Db,
  { applicationId, accountId }: { readonly applicationId: number; readonly accountId?: number },
): Promise<readonly Key[]> {
  let query = keys(db).where('ssh_keys.application_id', '=', applicationId);
  if (accountId !== undefined) query = query.where('ssh_keys.added_by', '=', accountId);
  const rows = await query.execute();
  return rows.map(toKey);
}

/** Deploy keys that any token of the account made. */
export async function madeByTokensOf(db: Db, accountId: number): Promise<readonly Key[]> {
  const rows = await keys(db)
    .where('ssh_keys.repository_id', 'is not', null)
    .where('ssh_keys.added_by', '=', accountId)
    .where('ssh_keys.token_id', 'is not', null)
    .execute();
  return rows.map(toKey);
}

export async function remove(db: Db, ids: readonly number[]): Promise<void> {
  if (ids.length > 0) await db.deleteFrom('ssh_keys').where('id', 'in', ids).execute();
}

export async function setVerified(db: Db, id: number): Promise<void> {
  await db.updateTable('ssh_keys').set({ verified: 1 }).where('id', '=', id).execute();
}

/** Notes when keys were last used; never moves an instant back. */
export async function noteUses(db: Db, uses: ReadonlyMap<number, number>): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    for (const [id, at] of uses) {
      await transaction
        .updateTable('ssh_keys')
        .set({ last_used_at: at })
        .where('id', '=', id)
        .where((where) => where.or([where('last_used_at', 'is', null), where('last_used_at', '<', at)]))
        .execute();
    }
  });
}

/** What an SSH connection is decided by. */
export interface CredentialRow {
  readonly id: number;
  readonly type: PublicKey['type'];
  readonly key: string;
  readonly read_only: number;
  readonly may_change_workflows: number;
  readonly last_used_at: number | null;
  readonly repository_id: number | null;
  readonly account_id: number | null;
  readonly login: string | null;
  readonly site_admin: number | null;
  readonly suspended_at: number | null;
  readonly owner_login: string | null;
  readonly owner_suspended_at: number | null;
  readonly repository_name: string | null;
}

/** The key, if it may authenticate: verified, enabled, and not left by an impersonation that has ended. */
export async function credential(
  db: Db,
  by: { readonly fingerprint: string } | { readonly id: number },
  now: number,
): Promise<CredentialRow | undefined> {
  const query = db
    .selectFrom('ssh_keys')
    .leftJoin('accounts', 'accounts.id', 'ssh_keys.account_id')
    .leftJoin('repositories', 'repositories.id', 'ssh_keys.repository_id')
    .leftJoin('accounts as owners', 'owners.id', 'repositories.owner_id')
    .where('ssh_keys.verified', '=', 1)
    .where('ssh_keys.enabled', '=', 1)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('tokens')
            .select('tokens.id')
            .whereRef('tokens.id', '=', 'ssh_keys.token_id')
            .where(impersonationEnded(now), '=', 1),
        ),
      ),
    )
    .select([
      'ssh_keys.id',
      'ssh_keys.type',
      'ssh_keys.key',
      'ssh_keys.read_only',
      'ssh_keys.may_change_workflows',
      'ssh_keys.last_used_at',
      'ssh_keys.repository_id',
      'ssh_keys.account_id',
      'accounts.login',
      'accounts.site_admin',
      'accounts.suspended_at',
      'owners.login as owner_login',
      'owners.suspended_at as owner_suspended_at',
      'repositories.name as repository_name',
    ]);
  return 'id' in by
    ? query.where('ssh_keys.id', '=', by.id).executeTakeFirst()
    : query.where('ssh_keys.fingerprint', '=', by.fingerprint).executeTakeFirst();
}
