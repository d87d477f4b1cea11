// Whoever can own repositories: a person or an organisation. They share one namespace; where only people will do, such
// as signing in, tokens and collaborators, accounts.ts finds people alone.
import type { Context } from '../context.ts';
import type { Account } from './accounts.ts';
import { isLogin, loginKey } from './logins.ts';
import * as store from './store.ts';

export type OwnerKind = 'user' | 'organization';

export type Owner = Account & { readonly kind: OwnerKind };

/** Letter case does not matter. */
export async function findOwnerByLogin(ctx: Context, login: string): Promise<Owner | null> {
  return isLogin(login) ? store.ownerByLoginKey(ctx.db, loginKey(login)) : null;
}

export async function findOwner(ctx: Context, id: number): Promise<Owner | null> {
  return store.ownerById(ctx.db, id);
}
