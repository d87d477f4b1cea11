// People's accounts: making, finding, changing, suspending and deleting them. There is no open sign-up: the first
// account is made by the set-up link, all others by a site admin.
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import { isForeignKeyViolation } from '../db/constraints.ts';
import { deleteKeysOfAccount } from '../keys/keys.ts';
import { isMailOn } from '../mail/notices.ts';
import { deleteApplicationsOf } from '../oauth/applications.ts';
import { soleOwnerships } from '../organizations/ownership.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import type { Secret } from '../secrets/secret.ts';
import { holderOf, profileOf, putProfile } from './email-store.ts';
import { emailKey, emailProblem } from './emails.ts';
import { deleteHalfSignIns } from './half-sign-in-store.ts';
import { claimName, keepName } from './kept-names.ts';
import { isLogin, loginKey, loginProblem } from './logins.ts';
import { hashPassword, passwordProblem } from './passwords.ts';
import { deleteSessions } from './session-store.ts';
import * as store from './store.ts';
import { tellSecurity } from './told.ts';

export interface Account {
  readonly id: number;
  /** As it was chosen; unique without regard to case. */
  readonly login: string;
  readonly name: string | null;
  /** Null for no one today; applications may come without one. */
  readonly email: string | null;
  readonly siteAdmin: boolean;
  /** Milliseconds since 1970, as all instants; null: not suspended. */
  readonly suspendedAt: number | null;
  /** Null: none was given. */
  readonly suspensionReason: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

const MAX_NAME_LENGTH = 255;

/** Letter case does not matter. Suspended accounts are found too. */
export async function findAccountByLogin(ctx: Context, login: string): Promise<Account | null> {
  return isLogin(login) ? store.accountByLoginKey(ctx.db, loginKey(login)) : null;
}

export async function findAccount(ctx: Context, id: number): Promise<Account | null> {
  return store.accountById(ctx.db, id);
}

/** Is there such an account, and not suspended? What who is suspended offered to others doesn't hold. */
export async function isLetIn(ctx: Pick<Context, 'db'>, id: number): Promise<boolean> {
  const account = await store.accountById(ctx.db, id);
  return account !== null && account.suspendedAt === null;
}

/** In order of making. Pages count from 1. */
export async function listAccounts(
  ctx: Context,
  paging: { readonly page: number; readonly perPage: number },
): Promise<{ readonly items: readonly Account[]; readonly total: number }> {
  const items = await store.accountsPage(ctx.db, (paging.page - 1) * paging.perPage, paging.perPage);
  return { items, total: await store.countAccounts(ctx.db) };
}

/** Does anybody have an account? If not, the server offers to be set up. */
export async function hasAccounts(ctx: Context): Promise<boolean> {
  return (await store.countAccounts(ctx.db)) > 0;
}

export interface NewUser {
  readonly login: string;
  readonly email: string;
  readonly siteAdmin: boolean;
  /** Null: the person will choose one by a one-time link (links.ts). */
  readonly password: Secret | null;
}

/** Makes an account. Who may do so is not asked here. */
export async function createUser(ctx: Acting, user: NewUser): Promise<Outcome<Account>> {
  const problems = newUserProblems(user);
  if (problems.length > 0) return refused(...problems);
  const passwordHash = user.password === null ? null : await hashPassword(ctx, user.password);
  return ctx.db.transaction().execute((db) => addUser(ctx, db, user, passwordHash));
}

/** All that is wrong with the input by itself; whether names are taken, `addUser` tells. */
export function newUserProblems(user: NewUser): readonly Problem[] {
  const names = [user.login, user.email];
  return [
    loginProblem(user.login),
    emailProblem(user.email),
    user.password === null ? null : passwordProblem(user.password, names),
  ].filter((problem) => problem !== null);
}

/** The part of making an account that happens inside a transaction; the input has been checked. */
export async function addUser(
  ctx: Acting,
  db: Context['db'],
  user: NewUser,
  passwordHash: string | null,
): Promise<Outcome<Account>> {
  const keys = { loginKey: loginKey(user.login), emailKey: emailKey(user.email) };
  // The address may be a further one of somebody else (further-emails.ts).
  if ((await holderOf(db, keys.emailKey)) !== null) return refused(emailTaken);
  const kept = await claimName(db, { login: user.login, accountId: null, at: ctx.now() });
  if (kept !== null) return refused(kept);
  const account = await store.insertAccount(db, {
    login: user.login,
    email: user.email,
    siteAdmin: user.siteAdmin,
    passwordHash,
    at: ctx.now(),
    ...keys,
  });
  if (account !== null) {
    // Who makes the account vouches for its address; one that the person puts in its place has to be verified.
    const profile = await profileOf(db, account.id);
    await putProfile(db, account.id, { ...profile, verifiedEmailKey: keys.emailKey });
    const data = { email: account.email, site_admin: account.siteAdmin };
    await record(ctx, db, { action: 'user.create', operation: 'create', user: account, data });
    return done(account);
  }
  const problems: Problem[] = [];
  if (await store.isLoginKeyTaken(db, keys.loginKey)) problems.push(loginTaken);
  if ((await store.accountByEmailKey(db, keys.emailKey)) !== null) problems.push(emailTaken);
  return refused(...problems);
}

export const loginTaken: Problem = {
  field: 'login',
  code: 'already_exists',
  message: 'Username has already been taken.',
};
export const emailTaken: Problem = {
  field: 'email',
  code: 'already_exists',
  message: 'Email address has already been taken.',
};
export const noSuchAccount: Problem = {
  field: 'login',
  code: 'custom',
  message: 'There is no such account.',
};

const unverified: Problem = {
  field: 'email',
  code: 'custom',
  message:
    'Add the address under Settings → Emails (/settings/emails) and verify it: then make it the primary one.',
};

/**
 * Changes what others see (`name`; empty: none) and, where there is no mail server by which an address could be
 * verified, the address (further-emails.ts).
 */
export async function updateProfile(
  ctx: Acting,
  id: number,
  profile: { readonly name: string; readonly email: string },
): Promise<Outcome<Account>> {
  const name = profile.name.trim();
  const problems = [nameProblem(name), emailProblem(profile.email)].filter((problem) => problem !== null);
  if (problems.length > 0) return refused(...problems);
  return ctx.db.transaction().execute(async (db) => {
    const key = emailKey(profile.email);
    const holder = await store.accountByEmailKey(db, key);
    if (holder !== null && holder.id !== id) return refused(emailTaken);
    if ((await holderOf(db, key)) !== null) return refused(emailTaken);
    const before = await store.accountById(db, id);
    const isOther = before?.email === null || (before !== null && emailKey(before.email) !== key);
    if (isOther && (await isMailOn(db))) return refused(unverified);
    const change = { name: name === '' ? null : name, email: profile.email, emailKey: key, at: ctx.now() };
    const account = await store.updateProfileRow(db, id, change);
    if (before === null || account === null) return refused(noSuchAccount);
    const changed = (['name', 'email'] as const).filter((field) => before[field] !== account[field]);
    if (changed.length > 0) {
      const data = Object.fromEntries(changed.map((field) => [field, account[field]]));
      await record(ctx, db, { action: 'user.update', operation: 'modify', user: account, data });
      const to = changed.includes('email') ? before.email : null;
      if (to !== null) await tellSecurity(ctx, db, id, 'email-changed', { to });
    }
    return done(account);
  });
}

export function nameProblem(name: string): Problem | null {
  if (name.length > MAX_NAME_LENGTH) {
    return {
      field: 'name',
      code: 'invalid',
      message: `Name is too long (at most ${MAX_NAME_LENGTH} characters).`,
    };
  }
  // Nothing that hides or reorders the text around it (bidirectional controls, line breaks, NUL).
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(name)) {
    return { field: 'name', code: 'invalid', message: 'Name contains characters that cannot be shown.' };
  }
  return null;
}

/**
 * Shuts an account out: its sessions end at once, its tokens are refused as long as it is suspended.
 * Refused for the last site admin who could sign in.
 * @param reason for the log and the other site admins; blank: none
 */
export async function suspendAccount(
  ctx: Acting,
  id: number,
  reason?: string | null,
): Promise<Outcome<Account>> {
  const given = reasonIn(reason);
  if (!given.ok) return given;
  return ctx.db.transaction().execute(async (db) => {
    const account = await store.accountById(db, id);
    if (account === null) return refused(noSuchAccount);
    if (account.suspendedAt !== null) return done(account);
    if (await isLastAdmin(db, account)) return refused(lastAdmin(account, 'suspended'));
    const now = ctx.now();
    await store.setSuspended(db, id, { at: now, reason: given.value }, now);
    await deleteSessions(db, id);
    await deleteHalfSignIns(db, { accountId: id });
    const data = given.value === null ? {} : { reason: given.value };
    await record(ctx, db, { action: 'user.suspend', operation: 'modify', user: account, data });
    return done({ ...account, suspendedAt: now, suspensionReason: given.value, updatedAt: now });
  });
}

/** Lets an account in again; its tokens work as before. @param reason for the log; blank: none */
export async function unsuspendAccount(
  ctx: Acting,
  id: number,
  reason?: string | null,
): Promise<Outcome<Account>> {
  const given = reasonIn(reason);
  if (!given.ok) return given;
  return ctx.db.transaction().execute(async (db) => {
    const account = await store.accountById(db, id);
    if (account === null) return refused(noSuchAccount);
    if (account.suspendedAt === null) return done(account);
    const now = ctx.now();
    await store.setSuspended(db, id, null, now);
    const data = given.value === null ? {} : { reason: given.value };
    await record(ctx, db, { action: 'user.unsuspend', operation: 'modify', user: account, data });
    return done({ ...account, suspendedAt: null, suspensionReason: null, updatedAt: now });
  });
}

const MAX_REASON_LENGTH = 1000;

/** One line or several, as it was typed. */
function reasonIn(text: string | null | undefined): Outcome<string | null> {
  const reason = (text ?? '').trim().replaceAll('\r\n', '\n');
  const refuse = (message: string) => refused({ field: 'reason', code: 'invalid', message });
  if (reason.length > MAX_REASON_LENGTH) {
    return refuse(`Reason is too long (at most ${MAX_REASON_LENGTH} characters).`);
  }
  if (/(?!\n)\p{Cc}|\p{Cs}|[\u202A-\u202E\u2066-\u2069]/u.test(reason)) {
    return refuse('Reason contains characters that cannot be shown.');
  }
  return done(reason === '' ? null : reason);
}

/**
 * Removes an account with its sessions, tokens, keys, applications, links and collaborations.
 * Refused for the last site admin, for the only owner of an organisation, and as long as the account owns
 * repositories: whether those are to be deleted or handed over is for a person to say, one by one.
 */
export async function deleteAccount(ctx: Acting, id: number): Promise<Outcome<Account>> {
  try {
    return await ctx.db.transaction().execute(async (db) => {
      const account = await store.accountById(db, id);
      if (account === null) return refused(noSuchAccount);
      if (await isLastAdmin(db, account)) return refused(lastAdmin(account, 'deleted'));
      const [organization] = await soleOwnerships(db, id);
      if (organization !== undefined) return refused(onlyOwner(account, organization));
      await record(ctx, db, { action: 'user.delete', operation: 'remove', user: account });
      await deleteApplicationsOf(ctx, db, id);
      await deleteKeysOfAccount(ctx, db, id);
      await store.deleteAccountRow(db, id);
      await keepName(db, { login: account.login, accountId: null, at: ctx.now() });
      return done(account);
    });
  } catch (error) {
    // The database itself keeps a repository's owner, whatever happens at the same time.
    if (!isForeignKeyViolation(error)) throw error;
    const message = 'The account still owns repositories: delete them first.';
    return refused({ field: 'login', code: 'custom', message });
  }
}

/** The context in which this person acts: who has just proved who they are, but has no session yet. */
export function actingAs(ctx: Acting, account: Pick<Account, 'id' | 'login'>): Acting {
  return { ...ctx, by: { ...ctx.by, account: { id: account.id, login: account.login } } };
}

export async function isLastAdmin(db: Context['db'], account: Account): Promise<boolean> {
  if (!account.siteAdmin || account.suspendedAt !== null) return false;
  return (await store.countOtherActiveAdmins(db, account.id)) === 0;
}

function onlyOwner({ login }: Account, organization: string): Problem {
  const message = `${login} is the only owner of ${organization}: make somebody else an owner of it first.`;
  return { field: 'login', code: 'custom', message };
}

export function lastAdmin(account: Account, what: string): Problem {
  const message = `${account.login} is the only site admin who can sign in, and cannot be ${what}.`;
  return { field: 'login', code: 'custom', message };
}
