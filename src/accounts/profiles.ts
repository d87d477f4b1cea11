// What people say of themselves, beside their names.
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import { type Account, nameProblem, noSuchAccount } from './accounts.ts';
import * as emailStore from './email-store.ts';
import { emailKey } from './emails.ts';
import * as store from './store.ts';

export interface Profile {
  readonly blog: string | null;
  readonly company: string | null;
  readonly location: string | null;
  readonly bio: string | null;
  readonly twitterUsername: string | null;
  readonly hireable: boolean | null;
  readonly emailIsPublic: boolean;
  /** The account's own address in lower case, as it was when it was verified. */
  readonly verifiedEmailKey: string | null;
}

/** What is left out stays; blank text takes away what stands there. */
export interface ProfileChange {
  readonly name?: string;
  readonly blog?: string;
  readonly company?: string;
  readonly location?: string;
  readonly bio?: string;
  readonly twitterUsername?: string | null;
  readonly hireable?: boolean;
  /** The account's own address: everybody may see it; blank: nobody. */
  readonly email?: string | null;
}

const texts = ['blog', 'company', 'location', 'bio'] as const;
const MAX_LENGTHS = { blog: 255, company: 255, location: 255, bio: 160 } as const;

export function profileOf(ctx: Pick<Context, 'db'>, accountId: number): Promise<Profile> {
  return emailStore.profileOf(ctx.db, accountId);
}

/** Changes all that is given, or nothing. */
export async function changeProfile(
  ctx: Acting,
  accountId: number,
  change: ProfileChange,
): Promise<Outcome<Account>> {
  const problems = problemsOf(change);
  if (problems.length > 0) return refused(...problems);
  return ctx.db.transaction().execute(async (db) => {
    const account = await store.accountById(db, accountId);
    if (account?.email == null) return refused(noSuchAccount);
    const shown = change.email ?? '';
    if (shown !== '' && emailKey(shown) !== emailKey(account.email)) {
      const message = 'email must be the primary address of the account, or blank.';
      return refused({ field: 'email', code: 'custom', message });
    }
    const name = change.name === undefined ? account.name : orNull(change.name);
    const after = await store.updateProfileRow(db, accountId, {
      name,
      email: account.email,
      emailKey: emailKey(account.email),
      at: ctx.now(),
    });
    const before = await emailStore.profileOf(db, accountId);
    await emailStore.putProfile(db, accountId, {
      ...before,
      ...Object.fromEntries(
        texts.flatMap((field) => (change[field] === undefined ? [] : [[field, orNull(change[field])]])),
      ),
      ...(change.twitterUsername === undefined
        ? {}
        : { twitterUsername: orNull(change.twitterUsername ?? '') }),
      ...(change.hireable === undefined ? {} : { hireable: change.hireable }),
      ...(change.email === undefined ? {} : { emailIsPublic: shown !== '' }),
    });
    if (after === null) return refused(noSuchAccount);
    await record(ctx, db, {
      action: 'user.update',
      operation: 'modify',
      user: after,
      data: { changed: Object.keys(change) },
    });
    return done(after);
  });
}

function orNull(text: string): string | null {
  const plain = text.trim();
  return plain === '' ? null : plain;
}

function problemsOf(change: ProfileChange): readonly Problem[] {
  const problems: Problem[] = [];
  const name = change.name === undefined ? null : nameProblem(change.name.trim());
  if (name !== null) problems.push(name);
  for (const field of texts) {
    const value = change[field] ?? '';
    if ([...value].length > MAX_LENGTHS[field]) {
      const message = `${field} is too long (maximum is ${MAX_LENGTHS[field]} characters)`;
      problems.push({ field, code: 'custom', message });
    } else if (/[\p{Cs}\p{Zl}\p{Zp}]|(?![\n\r\t])\p{Cc}/u.test(value)) {
      problems.push({
        field,
        code: 'invalid',
        message: `${field} contains characters that cannot be shown.`,
      });
    }
  }
  if (!/^@?\w{0,50}$/.test((change.twitterUsername ?? '').trim())) {
    const message = 'twitter_username is not the name of an account.';
    problems.push({ field: 'twitter_username', code: 'invalid', message });
  }
  return problems;
}
