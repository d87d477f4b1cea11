// What accounts are asked before they go: an organisation is never without an owner.
import type { Db } from '../db/database.ts';
import * as store from './member-store.ts';

/** The logins of the organisations whose only owner this account is. Inside a transaction. */
export function soleOwnerships(db: Db, accountId: number): Promise<readonly string[]> {
  return store.soleOwnerships(db, accountId);
}
