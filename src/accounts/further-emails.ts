// The e-mail addresses of people, beside the one of their account. An address belongs to one account on the whole
// instance. Until it is verified by a mailed link, it is shown to its owner alone and used for nothing.
import { hash } from 'node:crypto';
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import { isMailOn, notify } from '../mail/notices.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import { randomSecret, type Secret } from '../secrets/secret.ts';
import { type Account, emailTaken } from './accounts.ts';
import * as emailStore from './email-store.ts';
import { emailKey, emailProblem } from './emails.ts';
import * as store from './store.ts';
import { beginTry } from './throttle.ts';
import { tellSecurity } from './told.ts';

export interface FurtherEmail {
  readonly id: number;
  readonly email: string;
  /** In lower case. */
  readonly key: string;
  readonly isVerified: boolean;
}

/** One of a person's addresses, as shown to that person. */
export interface OwnEmail {
  readonly email: string;
  readonly isPrimary: boolean;
  readonly isVerified: boolean;
  /** Of the primary one: may everybody see it? */
  readonly isPublic: boolean;
}

const MAX_EMAILS = 20;
const LINK_MS = 60 * 60_000;

/** The primary one first. */
export async function listEmails(
  ctx: Pick<Context, 'db'>,
  account: Pick<Account, 'id' | 'email'>,
  db: Db = ctx.db,
): Promise<readonly OwnEmail[]> {
  const profile = await emailStore.profileOf(db, account.id);
  const further = await emailStore.emailsOf(db, account.id);
  return [
    ...(account.email === null
      ? []
      : [
          {
            email: account.email,
            isPrimary: true,
            isVerified: profile.verifiedEmailKey === emailKey(account.email),
            isPublic: profile.emailIsPublic,
          },
        ]),
    ...further.map(({ email, isVerified }) => ({ email, isVerified, isPrimary: false, isPublic: false })),
  ];
}

/** In lower case. */
export async function verifiedEmails(ctx: Context, accountId: number): Promise<ReadonlySet<string>> {
  const account = await store.accountById(ctx.db, accountId);
  const emails = account === null ? [] : await listEmails(ctx, account);
  return new Set(emails.filter(({ isVerified }) => isVerified).map(({ email }) => emailKey(email)));
}

/**
 * The addresses by which others reach a person, in lower case: those that are verified. Whoever typed another's as their
 * own primary one would be invited in that one's place.
 */
export async function reachedBy(db: Db, accountId: number): Promise<readonly string[]> {
  const account = await store.accountById(db, accountId);
  const emails = account === null ? [] : await listEmails({ db }, account);
  return emails.filter(({ isVerified }) => isVerified).map(({ email }) => emailKey(email));
}

/** Who is reached by this address; null: nobody. */
export async function holderOfAddress(db: Db, email: string): Promise<number | null> {
  const key = emailKey(email);
  const holder = (await store.accountByEmailKey(db, key))?.id ?? (await emailStore.holderOf(db, key));
  return holder !== null && (await reachedBy(db, holder)).includes(key) ? holder : null;
}

/** Adds all of them, or none. @returns those that were added */
export async function addEmails(
  ctx: Acting,
  account: Account,
  emails: readonly string[],
): Promise<Outcome<readonly OwnEmail[]>> {
  const wanted = [...new Map(emails.map((email) => [emailKey(email.trim()), email.trim()])).entries()];
  const wrong = wanted.map(([, email]) => emailProblem(email)).filter((problem) => problem !== null);
  if (wrong.length > 0) return refused(...wrong);
  const wait = await waitToMail(ctx, account, wanted.length);
  if (wait > 0) return refused(custom(`Too many addresses were added. Try again in ${minutes(wait)}.`));
  return ctx.db.transaction().execute(async (db) => {
    const present = await emailStore.emailsOf(db, account.id);
    if (present.length + wanted.length > MAX_EMAILS) {
      return refused(custom(`You can have at most ${MAX_EMAILS} further addresses.`));
    }
    for (const [key] of wanted) {
      const isTaken =
        (await store.accountByEmailKey(db, key)) !== null || (await emailStore.holderOf(db, key)) !== null;
      if (isTaken) return refused({ ...emailTaken, message: 'Email is already in use' });
    }
    for (const [key, email] of wanted) {
      const code = randomSecret(ctx.random);
      await emailStore.insertEmail(db, {
        accountId: account.id,
        email,
        key,
        verifiedAt: null,
        codeHash: codeHashOf(code),
        codeExpiresAt: ctx.now() + LINK_MS,
        at: ctx.now(),
      });
      await notify(ctx, db, {
        accountId: account.id,
        to: email,
        onlyMailed: true,
        subject: 'Verify your email address',
        text: `${account.login} added this address to an account. If that was you, open the link within an hour, signed in.`,
        path: `/settings/emails/verify?code=${code.expose()}`,
      });
      await recordEmail(ctx, db, account, 'user.add_email', email);
    }
    const added = wanted.map(([, email]) => ({
      email,
      isVerified: false,
      isPrimary: false,
      isPublic: false,
    }));
    return done(added);
  });
}

/** Whoever adds and removes addresses in a loop must not have us fill somebody's mailbox. @returns milliseconds */
async function waitToMail(ctx: Acting, { id }: Account, count: number): Promise<number> {
  if (!(await isMailOn(ctx.db))) return 0;
  const guess = {
    at: `verification mail of ${id}`,
    address: ctx.by.address ?? '',
    everywhere: true,
  } as const;
  for (let mail = 0; mail < count; mail++) {
    const attempt = await beginTry(ctx, guess);
    if (!attempt.allowed) return attempt.retryAfterMs;
  }
  return 0;
}

function minutes(ms: number): string {
  const count = Math.ceil(ms / 60_000);
  return count === 1 ? 'a minute' : `${count} minutes`;
}

/** Removes all of them, or none. The primary one stays. */
export async function removeEmails(
  ctx: Acting,
  account: Account,
  emails: readonly string[],
): Promise<Outcome<null>> {
  return ctx.db.transaction().execute(async (db) => {
    const own = await emailStore.emailsOf(db, account.id);
    for (const email of emails) {
      const key = emailKey(email.trim());
      if (account.email !== null && key === emailKey(account.email)) {
        return refused(custom('The primary address cannot be removed: make another one the primary first.'));
      }
      if (!own.some((each) => each.key === key)) return refused(custom('You have no such address.'));
    }
    for (const key of new Set(emails.map((email) => emailKey(email.trim())))) {
      await emailStore.deleteEmail(db, account.id, key);
      await recordEmail(ctx, db, account, 'user.remove_email', key);
    }
    return done(null);
  });
}

/** May everybody see the primary address? */
export async function setEmailVisibility(ctx: Acting, account: Account, isPublic: boolean): Promise<void> {
  await ctx.db.transaction().execute(async (db) => {
    const profile = await emailStore.profileOf(db, account.id);
    await emailStore.putProfile(db, account.id, { ...profile, emailIsPublic: isPublic });
    const data = { email_visibility: isPublic ? 'public' : 'private' };
    await record(ctx, db, { action: 'user.update', operation: 'modify', user: account, data });
  });
}

/** Exchanges the primary address for a verified further one, which then takes its place in the list. */
export async function makePrimary(ctx: Acting, account: Account, email: string): Promise<Outcome<Account>> {
  const key = emailKey(email.trim());
  return ctx.db.transaction().execute(async (db) => {
    const chosen = (await emailStore.emailsOf(db, account.id)).find((each) => each.key === key);
    if (chosen === undefined) return refused(custom('You have no such address.'));
    if (!chosen.isVerified) return refused(custom('Only a verified address can be the primary one.'));
    const profile = await emailStore.profileOf(db, account.id);
    await emailStore.deleteEmail(db, account.id, key);
    const { name } = account;
    const change = { name, email: chosen.email, emailKey: key, at: ctx.now() };
    const after = await store.updateProfileRow(db, account.id, change);
    if (after === null) return refused(custom('There is no such account.'));
    if (account.email !== null) {
      const former = emailKey(account.email);
      await emailStore.insertEmail(db, {
        accountId: account.id,
        email: account.email,
        key: former,
        verifiedAt: profile.verifiedEmailKey === former ? ctx.now() : null,
        codeHash: null,
        codeExpiresAt: null,
        at: ctx.now(),
      });
      await tellSecurity(ctx, db, account.id, 'email-changed', { to: account.email });
    }
    await emailStore.putProfile(db, account.id, { ...profile, verifiedEmailKey: key });
    await recordEmail(ctx, db, account, 'user.primary_email', chosen.email);
    return done(after);
  });
}

/** @returns the address, or null: the code is not one that lives, or not of this account */
export async function verifyEmail(ctx: Acting, account: Account, code: Secret): Promise<string | null> {
  return ctx.db.transaction().execute(async (db) => {
    const verified = await emailStore.verifyByCode(db, account.id, codeHashOf(code), ctx.now());
    if (verified === null) return null;
    await recordEmail(ctx, db, account, 'user.verify_email', verified.email);
    return verified.email;
  });
}

function codeHashOf(code: Secret): Uint8Array {
  return hash('sha256', code.expose(), 'buffer');
}

async function recordEmail(ctx: Acting, db: Db, user: Account, action: string, email: string): Promise<void> {
  await record(ctx, db, { action, operation: 'modify', user, data: { email } });
}

function custom(message: string): Problem {
  return { field: 'email', code: 'custom', message };
}
