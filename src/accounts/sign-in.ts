// Signing in by user name or e-mail address, and proving once more who one is to change the password. Whether
// an account exists can't be learned here: unknown and wrong give the same answer after the same work.
import { record } from '../audit/audit.ts';
import type { Acting } from '../context.ts';
import { done, type Outcome, refused } from '../problems.ts';
import { randomSecret, type Secret } from '../secrets/secret.ts';
import { type Admission, admit, type SessionAtHand } from './admission.ts';
import { emailKey } from './emails.ts';
import { deleteHalfSignIns } from './half-sign-in-store.ts';
import { isLogin, loginKey } from './logins.ts';
import { hashPassword, passwordProblem, type Verified, verifyPassword } from './passwords.ts';
import { deleteSessions, replaceSessionSecret } from './session-store.ts';
import type { Origin } from './sessions.ts';
import * as store from './store.ts';
import { beginTry } from './throttle.ts';
import { tellSecurity } from './told.ts';

/**
 * `wrong`: no such account, or not its password. `suspended` and `second-factor` are told only to who knows the
 * password.
 */
export type SignIn = Admission | Throttled;

export interface Throttled {
  readonly ok: false;
  readonly because: 'throttled';
  readonly retryAfterMs: number;
}

export interface Credentials {
  /** User name or e-mail address, as typed. */
  readonly login: string;
  readonly password: Secret;
}

/**
 * Signs in and begins a session, or half a sign-in where there is a second factor to be asked for. `replaces` is the
 * session that the browser had until now; it ends when another begins.
 * @throws PasswordsBusyError
 */
export async function signIn(
  ctx: Acting,
  credentials: Credentials,
  origin: Origin,
  replaces: SessionAtHand | null = null,
): Promise<SignIn> {
  const name = credentials.login.trim();
  const row = await find(ctx, name);
  // Counted by what was typed: were name and e-mail address counted as one, guessing would tell who has which.
  const checked = await check(ctx, `typed:${name.toLowerCase()}`, origin.address, credentials.password, row);
  if (!checked.ok) {
    if (checked.because === 'wrong' && row !== null) await recordFailure(ctx, row.account);
    return checked;
  }
  const { account, passwordHash } = checked.row;
  // Somebody may have changed the password while it was checked, as one does when it has leaked.
  const still = (now: store.PasswordRow) => now.passwordHash === passwordHash;
  return admit(ctx, { accountId: account.id, origin, replaces, still, proof: null });
}

/** Logs that somebody tried to sign in to an account that there is. */
export async function recordFailure(
  ctx: Acting,
  user: { readonly id: number; readonly login: string },
  data: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const event = { action: 'user.failed_login', operation: 'authentication', user, data } as const;
  await ctx.db.transaction().execute((db) => record(ctx, db, event));
}

async function find(ctx: Acting, name: string): Promise<store.PasswordRow | null> {
  if (isLogin(name)) return store.passwordByLoginKey(ctx.db, loginKey(name));
  return name.length <= 254 && name.includes('@') ? store.passwordByEmailKey(ctx.db, emailKey(name)) : null;
}

type Checked =
  | { readonly ok: true; readonly row: store.PasswordRow }
  | { readonly ok: false; readonly because: 'wrong' }
  | Throttled;

async function check(
  ctx: Acting,
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
  if (verified !== 'rehash') return { ok: true, row };
  const passwordHash = await hashPassword(ctx, password);
  await store.setPasswordHash(ctx.db, row.account.id, passwordHash, row.passwordHash);
  return { ok: true, row: { ...row, passwordHash } };
}

/** Is this the account's password? Throttled as signing in is. @throws PasswordsBusyError */
export async function checkOwnPassword(
  ctx: Acting,
  who: { readonly accountId: number; readonly address: string },
  password: Secret,
): Promise<Checked> {
  const row = await store.passwordById(ctx.db, who.accountId);
  return check(ctx, `account:${who.accountId}`, who.address, password, row);
}

/**
 * Changes the password. All other sessions end; this one lives on under a new secret.
 * @returns the new secret of the session, for the cookie; problems of the fields `current_password` and `password`
 * @throws PasswordsBusyError
 */
export async function changePassword(
  ctx: Acting,
  who: { readonly accountId: number; readonly sessionId: number; readonly address: string },
  passwords: { readonly current: Secret; readonly next: Secret },
): Promise<Outcome<Secret>> {
  const checked = await checkOwnPassword(ctx, who, passwords.current);
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
    await deleteHalfSignIns(db, { accountId: who.accountId });
    await record(ctx, db, { action: 'user.change_password', operation: 'modify', user: account });
    await tellSecurity(ctx, db, account.id, 'password-changed');
    return done(secret);
  });
}

/** The sentence for who has to wait. */
export function tooManyTries(retryAfterMs: number): string {
  const seconds = Math.ceil(retryAfterMs / 1000);
  const time = seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return `Too many failed attempts. Try again in ${time}.`;
}
