// The SQL of applications and their client secrets.
import type { Db } from '../db/database.ts';
import type { SecretHash } from '../secrets/secret.ts';
import type { Application, ClientSecret } from './applications.ts';

const applications = (db: Db) =>
  db
    .selectFrom('oauth_applications')
    .leftJoin('accounts', 'accounts.id', 'oauth_applications.owner_id')
    .selectAll('oauth_applications')
    .select(['accounts.login as owner_login', 'accounts.kind as owner_kind']);

type Row = Awaited<ReturnType<ReturnType<typeof applications>['executeTakeFirstOrThrow']>>;

export async function find(
  db: Db,
  by: { readonly id: number } | { readonly clientId: string },
): Promise<Application | null> {
  const query =
    'id' in by
      ? applications(db).where('oauth_applications.id', '=', by.id)
      : applications(db).where('oauth_applications.client_id', '=', by.clientId);
  const row = await query.executeTakeFirst();
  return row === undefined ? null : toApplication(row);
}

/** @param ownerId null: those known from the start */
export async function listOf(db: Db, ownerId: number | null): Promise<readonly Application[]> {
  const query =
    ownerId === null
      ? applications(db).where('oauth_applications.owner_id', 'is', null)
      : applications(db).where('oauth_applications.owner_id', '=', ownerId);
  return (await query.orderBy('oauth_applications.name').orderBy('oauth_applications.id').execute()).map(
    toApplication,
  );
}

export async function listAll(db: Db): Promise<readonly Application[]> {
  const rows = await applications(db)
    .orderBy('oauth_applications.owner_id')
    .orderBy('oauth_applications.name')
    .orderBy('oauth_applications.id')
    .execute();
  return rows.map(toApplication);
}

export async function listByIds(db: Db, ids: readonly number[]): Promise<readonly Application[]> {
  if (ids.length === 0) return [];
  return (await applications(db).where('oauth_applications.id', 'in', ids).execute()).map(toApplication);
}

export type ApplicationColumns = Pick<
  Application,
  'name' | 'url' | 'description' | 'callbacks' | 'isPublic' | 'deviceFlow'
>;

export async function insert(
  db: Db,
  made: ApplicationColumns & {
    readonly ownerId: number;
    readonly clientId: string;
    readonly now: number;
  },
): Promise<number> {
  const { id } = await db
    .insertInto('oauth_applications')
    .values({
      owner_id: made.ownerId,
      client_id: made.clientId,
      enabled: 1,
      created_at: made.now,
      updated_at: made.now,
      ...columns(made),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function update(db: Db, id: number, now: number, changed: ApplicationColumns): Promise<void> {
  await db
    .updateTable('oauth_applications')
    .set({ ...columns(changed), updated_at: now })
    .where('id', '=', id)
    .execute();
}

export async function setEnabled(db: Db, id: number, enabled: boolean, now: number): Promise<void> {
  await db
    .updateTable('oauth_applications')
    .set({ enabled: enabled ? 1 : 0, updated_at: now })
    .where('id', '=', id)
    .execute();
}

export async function remove(db: Db, id: number): Promise<void> {
  await db.deleteFrom('oauth_applications').where('id', '=', id).execute();
}

/** Of the application, the newest first. */
export async function secretsOf(db: Db, applicationId: number): Promise<readonly ClientSecret[]> {
  const rows = await db
    .selectFrom('oauth_client_secrets')
    .leftJoin('accounts', 'accounts.id', 'oauth_client_secrets.added_by')
    .selectAll('oauth_client_secrets')
    .select('accounts.login as added_by_login')
    .where('application_id', '=', applicationId)
    .orderBy('oauth_client_secrets.id', 'desc')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    lastEight: row.last_eight,
    addedBy: row.added_by_login,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  }));
}

export async function insertSecret(
  db: Db,
  secret: {
    readonly applicationId: number;
    readonly hash: SecretHash;
    readonly lastEight: string;
    readonly addedBy: number | null;
    readonly now: number;
  },
): Promise<void> {
  await db
    .insertInto('oauth_client_secrets')
    .values({
      application_id: secret.applicationId,
      secret_hash: secret.hash,
      last_eight: secret.lastEight,
      added_by: secret.addedBy,
      created_at: secret.now,
      last_used_at: null,
    })
    .execute();
}

export async function removeSecret(
  db: Db,
  applicationId: number,
  id: number,
): Promise<{ readonly lastEight: string } | null> {
  const row = await db
    .deleteFrom('oauth_client_secrets')
    .where('application_id', '=', applicationId)
    .where('id', '=', id)
    .returning('last_eight')
    .executeTakeFirst();
  return row === undefined ? null : { lastEight: row.last_eight };
}

/** The secret of this application that has this hash. */
export async function secretBy(
  db: Db,
  applicationId: number,
  hash: SecretHash,
): Promise<{ readonly id: number; readonly lastUsedAt: number | null } | null> {
  const row = await db
    .selectFrom('oauth_client_secrets')
    .select(['id', 'last_used_at'])
    .where('secret_hash', '=', hash)
    .where('application_id', '=', applicationId)
    .executeTakeFirst();
  return row === undefined ? null : { id: row.id, lastUsedAt: row.last_used_at };
}

export async function noteSecretUse(db: Db, id: number, now: number): Promise<void> {
  await db.updateTable('oauth_client_secrets').set({ last_used_at: now }).where('id', '=', id).execute();
}

function columns(of: ApplicationColumns) {
  return {
    name: of.name,
    url: of.url,
    description: of.description,
    callback_urls: of.callbacks.join(' '),
    is_public: of.isPublic ? 1 : 0,
    device_flow: of.deviceFlow ? 1 : 0,
  } as const;
}

function toApplication(row: Row): Application {
  const { owner_id: ownerId, owner_login: login, owner_kind: kind } = row;
  return {
    id: row.id,
    owner: ownerId === null || login === null || kind === null ? null : { id: ownerId, login, kind },
    clientId: row.client_id,
    name: row.name,
    url: row.url,
    description: row.description,
    callbacks: row.callback_urls.split(' ') as unknown as Application['callbacks'],
    isPublic: row.is_public === 1,
    deviceFlow: row.device_flow === 1,
    enabled: row.enabled === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
