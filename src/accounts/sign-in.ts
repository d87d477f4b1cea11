// Signing in by user name or e-mail address, and proving once more who one is to change the password. Whether
// an account exists can't be learned here: unknown and wrong give the same answer after the same work.
import type { Context } from '../context.ts';
import { done, type Outcome, refused } from '../problems.ts';
import { randomSecret, type Secret } from '../secrets/secret.ts';
import type { Account } from './accounts.ts';
import { emailKey } from './emails.ts';
import { isLogin, loginKey } from './logins.ts';
import { hashPassword, passwordProblem, type Verified, verifyPassword } from './passwords.ts';
import { deleteSessions, replaceSessionSecret } from './session-store.ts';
import { createSession, type Origin } from './sessions.ts';
import * as store from './store.ts';
import { beginTry } from './throttle.ts';

export type SignIn =
  | { readonly ok: true; readonly account: Account; readonly sessionId: number; readonly secret: Secret }
  /** No such account, or not its password. */
  | { readonly ok: false; readonly because: 'wrong' }
  /** Told only to who knows the password. */
  | { readonly ok: false; readonly because: 'suspended' }
  | { readonly ok: false; readonly because: 'throttled'; readonly retryAfterMs: number };

export interface Credentials {
  /** User name or e-mail address, as typed. */
  readonly login: string;
  readonly password: Secret;
}

/**
 * Signs in and begins a session; `replaces` is the session that the browser had until now, and ends.
 * @throws PasswordsBusyError
 */
export async function signIn(
  ctx: Context,
  credentials: Credentials,
  origin: Origin,
  replaces: { readonly accountId: number; readonly sessionId: number } | null = null,
): Promise<SignIn> {
  const name = credentials.login.trim();
  const row = await find(ctx, name);
  // Counted by what was typed: were name and e-mail address counted as one, guessing would tell who has which.
  const checked = await check(ctx, `typed:${name.toLowerCase()}`, origin.address, credentials.password, row);
  if (!checked.ok) return checked;
  const { account } = checked.row;
  if (account.suspendedAt !== null) return { ok: false, because: 'suspended' };
  if (replaces !== null) await deleteSessions(ctx.db, replaces.accountId, { only: replaces.sessionId });
  const session = await createSession(ctx, account.id, origin);
  return { ok: true, account, ...session };
}

async function find(ctx: Context, name: string): Promise<store.PasswordRow | null> {
  if (isLogin(name)) return store.passwordByLoginKey(ctx.db, loginKey(name));
  return name.length <= 254 && name.includes('@') ? store.passwordByEmailKey(ctx.db, emailKey(name)) : null;
}

type Checked =
  | { readonly ok: true; readonly row: store.PasswordRow }
  | { readonly ok: false; readonly because: 'wrong' }
  | { readonly ok: false; readonly because: 'throttled'; readonly retryAfterMs: number };

async function check(
  ctx: Context,
  at: string,
  address: string,
  password: Secret,
  row: store.PasswordRow | null,
): Promise<Checked> {
  const attempt = await beginTry(ctx, { at, address });
  if (!attempt.allowed) return { ok: false, because: 'throttled', retryAfterMs: attempt.retryAfterMs };
  let verified: Verified;
  try {
    verified = await verifyPassword(ctx, password, row?.passwordHash ?? null);
  } catch (error) {
    await attempt.withdrawn();
    throw error;
  }
  if (verified === 'wrong' || row === null) return { ok: false, because: 'wrong' };
  await attempt.succeeded();
  if (verified === 'rehash') {
    await store.setPasswordHash(ctx.db, row.account.id, await hashPassword(ctx, password), row.passwordHash);
  }
  return { ok: true, row };
}

/**
 * Changes the password. All other sessions end; this one lives on under a new secret.
 * @returns the new secret of the session, for the cookie; problems of the fields `current_password` and `password`
 * @throws PasswordsBusyError
 */
export async function changePassword(
  ctx: Context,
  who: { readonly accountId: number; readonly sessionId: number; readonly address: string },
  passwords: { readonly current: Secret; readonly next: Secret },
): Promise<Outcome<Secret>> {
  const row = await store.passwordById(ctx.db, who.accountId);
  const checked = await check(ctx, `account:${who.accountId}`, who.address, passwords.current, row);
  if (!checked.ok) {
    const message =
      checked.because === 'wrong' ? "Current password isn't valid." : tooManyTries(checked.retryAfterMs);
    return refused({ field: 'current_password', code: 'custom', message });
  }
  const { account } = checked.row;
  const problem = passwordProblem(passwords.next, [account.login, account.email ?? '', account.name ?? '']);
  if (problem !== null) return refused(problem);
  const passwordHash = await hashPassword(ctx, passwords.next);
  const secret = randomSecret(ctx.random);
  return ctx.db.transaction().execute(async (db) => {
    await store.setPasswordHash(db, who.accountId, passwordHash);
    await store.deleteLinks(db, { purpose: 'password', accountId: who.accountId });
    await deleteSessions(db, who.accountId, { except: who.sessionId });
    await replaceSessionSecret(db, who.sessionId, secret.hash());
    return done(secret);
  });
}

/** The sentence for who has to wait. */
export function tooManyTries(retryAfterMs: number): string {
  const seconds = Math.ceil(retryAfterMs / 1000);
  const time = seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return `Too many failed attempts. Try again in ${time}.`;
}
