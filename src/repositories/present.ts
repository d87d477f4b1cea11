// A repository as it stands at this moment, for rules that are in the middle of a transaction.
import { anonymous } from '../access/actor.ts';
import type { Db } from '../db/database.ts';
import type { Repository } from './repositories.ts';
import * as store from './store.ts';

/** Who may see it is not asked here. Null: there is none of this number. */
export async function presentRepository(db: Db, id: number): Promise<Repository | null> {
  return (await store.repositoryById(db, anonymous, id))?.repository ?? null;
}
