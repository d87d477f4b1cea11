// A name that an account had, of a person or an organisation, is kept for that account for 90 days after it was renamed
// or deleted: whoever took it at once would be sent the pushes, and serve the clones, that were meant for the one before
// (docs/decisions/0026-names-are-kept.md). Addresses by it lead to the new name meanwhile. Site admins free it earlier.
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import * as store from './kept-names-store.ts';
import { isLogin, loginKey } from './logins.ts';

export type { KeptName } from './kept-names-store.ts';

export const NAME_KEPT_DAYS = 90;
const DAY_MS = 24 * 60 * 60_000;
/** More are not listed; each can be freed by its name all the same. */
const MAX_LISTED = 200;

/**
 * Keeps the name that an account has had until now.
 * @param accountId null: the account is deleted
 * @param db the transaction that renames or deletes it
 */
export function keepName(
  db: Db,
  {
    login,
    accountId,
    at,
  }: { readonly login: string; readonly accountId: number | null; readonly at: number },
): Promise<void> {
  const until = at + NAME_KEPT_DAYS * DAY_MS;
  return store.keep(db, { loginKey: loginKey(login), login, accountId, until });
}

/**
 * Is the name kept for somebody else? Whoever takes back their own has it again, and it is kept no more.
 * @param accountId who wants it; null: an account that is being made
 * @param db the transaction that gives it
 */
export async function claimName(
  db: Db,
  {
    login,
    accountId,
    at,
  }: { readonly login: string; readonly accountId: number | null; readonly at: number },
): Promise<Problem | null> {
  const key = loginKey(login);
  const kept = await store.find(db, key, at);
  if (kept !== null && (accountId === null || kept.accountId !== accountId)) return keptForAnother(kept);
  await store.free(db, key);
  return null;
}

/** Those that are kept now, the latest first. */
export function listKeptNames(ctx: Context): Promise<readonly store.KeptName[]> {
  return store.list(ctx.db, ctx.now(), MAX_LISTED);
}

/** Lets everybody have the name from now on. */
export function freeName(ctx: Acting, login: string): Promise<Outcome<store.KeptName>> {
  return ctx.db.transaction().execute(async (db) => {
    const kept = isLogin(login) ? await store.find(db, loginKey(login), ctx.now()) : null;
    if (kept === null) return refused(notKept);
    await store.free(db, loginKey(login));
    const data = { login: kept.login };
    await record(ctx, db, { action: 'user.free_name', operation: 'remove', data });
    return done(kept);
  });
}

/** Forgets those whose time is over. */
export function forgetOldNames(ctx: Context): Promise<void> {
  return store.freeOld(ctx.db, ctx.now());
}

function keptForAnother({ until }: store.KeptName): Problem {
  const day = new Date(until).toISOString().slice(0, 10);
  const message = `Username was somebody's until lately, and is kept for them until ${day}. A site admin can free it earlier.`;
  return { field: 'login', code: 'already_exists', message };
}

const notKept: Problem = { field: 'login', code: 'custom', message: 'No such name is kept for anybody.' };
