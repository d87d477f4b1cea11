// One-time links: the set-up link, which makes the first account, and password links, by which a person chooses a
// password (invitation and reset are the same). 256 random bits, stored hashed. Opening one uses nothing up.
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import { done, type Outcome, refused } from '../problems.ts';
import { randomSecret, Secret } from '../secrets/secret.ts';
import { type Account, actingAs, addUser, hasAccounts, newUserProblems } from './accounts.ts';
import { deleteHalfSignIns } from './half-sign-in-store.ts';
import { hashPassword, passwordProblem } from './passwords.ts';
import { deleteSessions } from './session-store.ts';
import * as store from './store.ts';
import { tellSecurity } from './told.ts';

export const PASSWORD_LINK_MS = 60 * 60_000;

/** What can be the code of a link; anything else needs no look-up. */
export function isLinkCode(text: string): boolean {
  return /^[\w-]{43}$/.test(text);
}

/**
 * The link that makes the first account, for the server to print at start: valid until it is used or the next
 * start makes another. Null once an account exists; what links there were are dead then.
 */
export async function createSetupLink(ctx: Context): Promise<Secret | null> {
  const code = randomSecret(ctx.random);
  const needed = !(await hasAccounts(ctx));
  await ctx.db.transaction().execute(async (db) => {
    await store.deleteLinks(db, { purpose: 'setup' });
    if (!needed) return;
    const link = { purpose: 'setup', accountId: null, at: ctx.now(), expiresAt: null } as const;
    await store.insertLink(db, { ...link, codeHash: code.hash() });
  });
  return needed ? linkTo(ctx, '/setup', code) : null;
}

/** Is it the set-up link's, and is there still something to set up? */
export async function isSetupCode(ctx: Context, code: Secret): Promise<boolean> {
  return (
    isLinkCode(code.expose()) && (await store.isSetupLink(ctx.db, code.hash())) && !(await hasAccounts(ctx))
  );
}

/**
 * A link by which the person chooses a password, valid for an hour; an earlier one of the account is dead.
 * Made by whoever may: the command line, or a site admin.
 */
export async function createPasswordLink(ctx: Acting, accountId: number): Promise<Secret> {
  const code = randomSecret(ctx.random);
  const now = ctx.now();
  await ctx.db.transaction().execute(async (db) => {
    await store.deleteExpiredLinks(db, now);
    await store.deleteLinks(db, { purpose: 'password', accountId });
    const link = { purpose: 'password', accountId, at: now, expiresAt: now + PASSWORD_LINK_MS } as const;
    await store.insertLink(db, { ...link, codeHash: code.hash() });
    const user = await store.accountById(db, accountId);
    if (user !== null) await record(ctx, db, { action: 'user.forgot_password', operation: 'create', user });
  });
  return linkTo(ctx, '/password', code);
}

/** Whose password does the code set? Null: no live link has it. */
export async function accountOfPasswordCode(ctx: Context, code: Secret): Promise<Account | null> {
  return isLinkCode(code.expose()) ? store.passwordLinkAccount(ctx.db, code.hash(), ctx.now()) : null;
}

const linkIsDead = refused({
  field: 'code',
  code: 'invalid',
  message: 'This link is not valid any more.',
});

/**
 * Makes the first account, a site admin. One transaction: of several set-ups at once, one wins, and none does
 * once an account exists. Refused with a problem of the field `code` when the link is dead.
 */
export async function completeSetup(
  ctx: Acting,
  code: Secret,
  input: { readonly login: string; readonly email: string; readonly password: Secret },
): Promise<Outcome<Account>> {
  if (!(await isSetupCode(ctx, code))) return linkIsDead;
  const user = { ...input, siteAdmin: true };
  const problems = newUserProblems(user);
  if (problems.length > 0) return refused(...problems);
  const passwordHash = await hashPassword(ctx, input.password);
  return ctx.db.transaction().execute(async (db) => {
    // Deleting comes first: on PostgreSQL it makes the second of two transactions wait for the first.
    const won = (await store.deleteLinks(db, { purpose: 'setup', codeHash: code.hash() })) > 0;
    if (!won || (await store.countAccounts(db)) > 0) return linkIsDead;
    return addUser(ctx, db, user, passwordHash);
  });
}

/**
 * Sets the password by a link, which is used up; all sessions of the account end. Refused with a problem of the
 * field `code` when the link is dead.
 */
export async function choosePassword(ctx: Acting, code: Secret, password: Secret): Promise<Outcome<Account>> {
  const account = await accountOfPasswordCode(ctx, code);
  if (account === null) return linkIsDead;
  const problem = passwordProblem(password, [account.login, account.email ?? '', account.name ?? '']);
  if (problem !== null) return refused(problem);
  const passwordHash = await hashPassword(ctx, password);
  return ctx.db.transaction().execute(async (db) => {
    const won = (await store.deleteLinks(db, { purpose: 'password', codeHash: code.hash() })) > 0;
    if (!won) return linkIsDead;
    const before = await store.passwordById(db, account.id);
    await store.setPasswordHash(db, account.id, passwordHash);
    await deleteSessions(db, account.id);
    await deleteHalfSignIns(db, { accountId: account.id });
    const event = { action: 'user.reset_password', operation: 'modify', user: account } as const;
    await record(actingAs(ctx, account), db, event);
    const isFirst = before?.passwordHash === null;
    if (!isFirst) await tellSecurity(actingAs(ctx, account), db, account.id, 'password-changed');
    return done(account);
  });
}

/** The link holds the code: it is a secret as a whole. */
function linkTo(ctx: Context, path: string, code: Secret): Secret {
  return new Secret(`${ctx.config.url}${path}?code=${code.expose()}`);
}
