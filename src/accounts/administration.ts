// What site admins do to accounts beyond making and suspending them (ghes-spec 6.2): renaming, promoting, demoting.
import { record } from '../audit/audit.ts';
import type { Acting } from '../context.ts';
import type { Db } from '../db/database.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import { type Account, isLastAdmin, lastAdmin, loginTaken, noSuchAccount } from './accounts.ts';
import * as names from './administration-store.ts';
import { claimName, keepName } from './kept-names.ts';
import { loginKey, loginProblem } from './logins.ts';
import * as store from './store.ts';

/** A name as GHES makes it of whatever was sent: `octo_cat` becomes `octo-cat` (ghes-spec 6.2). */
export function normalizedLogin(text: string): string {
  return text.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '');
}

/** Makes a site admin of a person, or an ordinary one again. Refused for the last site admin who can sign in. */
export function setSiteAdmin(ctx: Acting, id: number, siteAdmin: boolean): Promise<Outcome<Account>> {
  return ctx.db.transaction().execute(async (db) => {
    const account = await store.accountById(db, id);
    if (account === null) return refused(noSuchAccount);
    if (account.siteAdmin === siteAdmin) return done(account);
    if (await isLastAdmin(db, account)) return refused(lastAdmin(account, 'demoted'));
    const at = ctx.now();
    await names.setSiteAdmin(db, id, siteAdmin, at);
    const action = siteAdmin ? 'user.promote' : 'user.demote';
    await record(ctx, db, { action, operation: 'modify', user: account });
    return done({ ...account, siteAdmin, updatedAt: at });
  });
}

/** Gives a person another name. Addresses of their repositories by the former one lead to the new one. */
export function renameUser(ctx: Acting, id: number, login: string): Promise<Outcome<Account>> {
  return ctx.db.transaction().execute(async (db) => {
    const account = await store.accountById(db, id);
    if (account === null) return refused(noSuchAccount);
    if (account.login === login) return done(account);
    const at = ctx.now();
    const problem = await renameAccount(db, id, login, at);
    if (problem !== null) return refused(problem);
    const renamed = { ...account, login, updatedAt: at };
    const data = { old_login: account.login };
    await record(ctx, db, { action: 'user.rename', operation: 'modify', user: renamed, data });
    return done(renamed);
  });
}

/**
 * Renames an account of a person or an organisation; the caller logs it.
 * @param db the transaction
 * @returns what is wrong with the new name; null: nothing, and it is done
 */
export async function renameAccount(db: Db, id: number, login: string, at: number): Promise<Problem | null> {
  const problem = loginProblem(login);
  if (problem !== null) return problem;
  const key = loginKey(login);
  const holder = await names.holderOf(db, key);
  if (holder !== null && holder !== id) return loginTaken;
  const kept = await claimName(db, { login, accountId: id, at });
  if (kept !== null) return kept;
  const before = await names.rename(db, id, { login, loginKey: key, at });
  if (before !== null && loginKey(before) !== key) await keepName(db, { login: before, accountId: id, at });
  return null;
}
