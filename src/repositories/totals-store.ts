// The SQL of what an account's repositories come to.
import type { Db } from '../db/database.ts';
import type { OwnedTotals } from './totals.ts';

export async function ownedTotals(db: Db, ownerId: number): Promise<OwnedTotals> {
  const owned = await db
    .selectFrom('repositories')
    .where('owner_id', '=', ownerId)
    .select((eb) => [
      eb.fn.sum<number | null>('size_kib').as('size_kib'),
      eb.fn.countAll<number>().filterWhere('visibility', '!=', 'public').as('private'),
    ])
    .executeTakeFirstOrThrow();
  const others = await db
    .selectFrom('collaborators')
    .innerJoin('repositories', 'repositories.id', 'collaborators.repository_id')
    .where('repositories.owner_id', '=', ownerId)
    .where('repositories.visibility', '!=', 'public')
    .select((eb) => eb.fn.count<number>('collaborators.account_id').distinct().as('count'))
    .executeTakeFirstOrThrow();
  return {
    privateRepositories: Number(owned.private),
    diskUsageKib: Number(owned.size_kib ?? 0),
    collaborators: Number(others.count),
  };
}
