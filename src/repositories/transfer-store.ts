// The SQL of transfers that wait for the answer of who is to own the repository.
import type { Db } from '../db/database.ts';
import { presentRepository } from './present.ts';
import type { PendingTransfer } from './transfer-requests.ts';

const every = (db: Db) =>
  db
    .selectFrom('repository_transfers')
    .innerJoin('accounts as receivers', 'receivers.id', 'repository_transfers.account_id')
    .innerJoin('accounts as requesters', 'requesters.id', 'repository_transfers.requester_id')
    .select([
      'repository_transfers.id',
      'repository_transfers.repository_id',
      'repository_transfers.new_name',
      'repository_transfers.created_at',
      'repository_transfers.expires_at',
      'receivers.id as receiver_id',
      'receivers.login as receiver_login',
      'requesters.id as requester_id',
      'requesters.login as requester_login',
    ]);

type Row = Awaited<ReturnType<ReturnType<typeof every>['executeTakeFirstOrThrow']>>;

async function toTransfers(db: Db, rows: readonly Row[]): Promise<readonly PendingTransfer[]> {
  const transfers: PendingTransfer[] = [];
  for (const row of rows) {
    const repository = await presentRepository(db, row.repository_id);
    if (repository === null) continue;
    transfers.push({
      id: row.id,
      repository,
      receiver: { id: row.receiver_id, login: row.receiver_login },
      requester: { id: row.requester_id, login: row.requester_login },
      newName: row.new_name,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
    });
  }
  return transfers;
}

async function first(db: Db, row: Promise<Row | undefined>): Promise<PendingTransfer | null> {
  const found = await row;
  return found === undefined ? null : ((await toTransfers(db, [found]))[0] ?? null);
}

/** Over or not. */
export const ofRepository = (db: Db, repositoryId: number) =>
  first(db, every(db).where('repository_transfers.repository_id', '=', repositoryId).executeTakeFirst());

export const byId = (db: Db, id: number) =>
  first(db, every(db).where('repository_transfers.id', '=', id).executeTakeFirst());

/** Those that are not over, the oldest first. */
export async function ofReceiver(
  db: Db,
  accountId: number,
  now: number,
  limit: number,
): Promise<readonly PendingTransfer[]> {
  const rows = await every(db)
    .where('repository_transfers.account_id', '=', accountId)
    .where('repository_transfers.expires_at', '>', now)
    .orderBy('repository_transfers.id')
    .limit(limit)
    .execute();
  return toTransfers(db, rows);
}

export async function idsOver(db: Db, now: number, limit: number): Promise<readonly number[]> {
  const rows = await db
    .selectFrom('repository_transfers')
    .select('id')
    .where('expires_at', '<=', now)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

export interface TransferRow {
  readonly repositoryId: number;
  readonly receiverId: number;
  readonly requesterId: number;
  readonly newName: string | null;
  readonly at: number;
  readonly expiresAt: number;
}

/** A repository is offered to one person at a time: what was before goes. */
export async function put(db: Db, row: TransferRow): Promise<void> {
  await removeOf(db, row.repositoryId);
  await db
    .insertInto('repository_transfers')
    .values({
      repository_id: row.repositoryId,
      account_id: row.receiverId,
      requester_id: row.requesterId,
      new_name: row.newName,
      created_at: row.at,
      expires_at: row.expiresAt,
    })
    .execute();
}

export async function removeOf(db: Db, repositoryId: number): Promise<void> {
  await db.deleteFrom('repository_transfers').where('repository_id', '=', repositoryId).execute();
}
