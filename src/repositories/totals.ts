// What an account's repositories come to, for the account itself to see.
import type { Context } from '../context.ts';
import * as store from './totals-store.ts';

export interface OwnedTotals {
  readonly privateRepositories: number;
  /** Of all repositories that it owns. */
  readonly diskUsageKib: number;
  /** How many others may work on the private ones. */
  readonly collaborators: number;
}

/** Who may see it is not asked here: it is the account's own business. */
export function ownedTotals(ctx: Context, ownerId: number): Promise<OwnedTotals> {
  return store.ownedTotals(ctx.db, ownerId);
}
