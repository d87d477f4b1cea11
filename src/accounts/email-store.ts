// The SQL of people's further e-mail addresses and of their profiles: the only place that touches these tables.
import type { Db } from '../db/database.ts';
import type { FurtherEmail } from './further-emails.ts';
import type { Profile } from './profiles.ts';

const columns = ['id', 'email', 'email_key', 'verified_at'] as const;

const toEmail = (row: {
  readonly id: number;
  readonly email: string;
  readonly email_key: string;
  readonly verified_at: number | null;
}): FurtherEmail => ({
  id: row.id,
  email: row.email,
  key: row.email_key,
  isVerified: row.verified_at !== null,
});

export async function emailsOf(db: Db, accountId: number): Promise<readonly FurtherEmail[]> {
  const rows = await db
    .selectFrom('account_emails')
    .select(columns)
    .where('account_id', '=', accountId)
    .orderBy('id')
    .execute();
  return rows.map(toEmail);
}

/** Whose further address it is; null: nobody's. */
export async function holderOf(db: Db, emailKey: string): Promise<number | null> {
  const row = await db
    .selectFrom('account_emails')
    .select('account_id')
    .where('email_key', '=', emailKey)
    .executeTakeFirst();
  return row?.account_id ?? null;
}

/** @returns false when somebody has it */
export async function insertEmail(
  db: Db,
  email: {
    readonly accountId: number;
    readonly email: string;
    readonly key: string;
    readonly verifiedAt: number | null;
    readonly codeHash: Uint8Array | null;
    readonly codeExpiresAt: number | null;
    readonly at: number;
  },
): Promise<boolean> {
  const row = await db
    .insertInto('account_emails')
    .values({
      account_id: email.accountId,
      email: email.email,
      email_key: email.key,
      verified_at: email.verifiedAt,
      code_hash: email.codeHash,
      code_expires_at: email.codeExpiresAt,
      created_at: email.at,
    })
    .onConflict((conflict) => conflict.column('email_key').doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function deleteEmail(db: Db, accountId: number, emailKey: string): Promise<boolean> {
  const row = await db
    .deleteFrom('account_emails')
    .where('account_id', '=', accountId)
    .where('email_key', '=', emailKey)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Uses a live code up. @returns the address that it verifies */
export async function verifyByCode(
  db: Db,
  accountId: number,
  codeHash: Uint8Array,
  now: number,
): Promise<FurtherEmail | null> {
  const row = await db
    .updateTable('account_emails')
    .set({ verified_at: now, code_hash: null, code_expires_at: null })
    .where('account_id', '=', accountId)
    .where('code_hash', '=', codeHash)
    .where('code_expires_at', '>', now)
    .returning(columns)
    .executeTakeFirst();
  return row === undefined ? null : toEmail(row);
}

const nothing: Profile = {
  blog: null,
  company: null,
  location: null,
  bio: null,
  twitterUsername: null,
  hireable: null,
  emailIsPublic: false,
  verifiedEmailKey: null,
};

export async function profileOf(db: Db, accountId: number): Promise<Profile> {
  const row = await db
    .selectFrom('profiles')
    .selectAll()
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  if (row === undefined) return nothing;
  return {
    blog: row.blog,
    company: row.company,
    location: row.location,
    bio: row.bio,
    twitterUsername: row.twitter_username,
    hireable: row.hireable === null ? null : row.hireable === 1,
    emailIsPublic: row.email_is_public === 1,
    verifiedEmailKey: row.verified_email_key,
  };
}

export async function putProfile(db: Db, accountId: number, profile: Profile): Promise<void> {
  const values = {
    blog: profile.blog,
    company: profile.company,
    location: profile.location,
    bio: profile.bio,
    twitter_username: profile.twitterUsername,
    hireable: profile.hireable === null ? null : profile.hireable ? 1 : 0,
    email_is_public: profile.emailIsPublic ? 1 : 0,
    verified_email_key: profile.verifiedEmailKey,
  };
  await db
    .insertInto('profiles')
    .values({ account_id: accountId, ...values })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(values))
    .execute();
}
