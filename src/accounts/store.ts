// The SQL of accounts and one-time links. Nothing else touches these tables.
// Sessions and sign-in failures have their own: session-store.ts and throttle-store.ts.
import type { Db } from '../db/database.ts';
import type { Account } from './accounts.ts';
import type { Owner } from './owners.ts';

const accountColumns = [
  'accounts.id',
  'accounts.login',
  'accounts.name',
  'accounts.email',
  'accounts.site_admin',
  'accounts.suspended_at',
  'accounts.suspension_reason',
  'accounts.created_at',
  'accounts.updated_at',
] as const;

interface AccountRow {
  readonly id: number;
  readonly login: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly site_admin: number;
  readonly suspended_at: number | null;
  readonly suspension_reason: string | null;
  readonly created_at: number;
  readonly updated_at: number;
}

function toAccount(row: AccountRow): Account {
  return {
    id: row.id,
    login: row.login,
    name: row.name,
    email: row.email,
    siteAdmin: row.site_admin === 1,
    suspendedAt: row.suspended_at,
    suspensionReason: row.suspension_reason,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

const orNull = (row: AccountRow | undefined): Account | null => (row === undefined ? null : toAccount(row));

const people = (db: Db) =>
  db.selectFrom('accounts').where('accounts.kind', '=', 'user').select(accountColumns);

export async function accountById(db: Db, id: number): Promise<Account | null> {
  return orNull(await people(db).where('accounts.id', '=', id).executeTakeFirst());
}

export async function accountByLoginKey(db: Db, loginKey: string): Promise<Account | null> {
  return orNull(await people(db).where('accounts.login_key', '=', loginKey).executeTakeFirst());
}

export async function accountByEmailKey(db: Db, emailKey: string): Promise<Account | null> {
  return orNull(await people(db).where('accounts.email_key', '=', emailKey).executeTakeFirst());
}

const owners = (db: Db) => db.selectFrom('accounts').select([...accountColumns, 'accounts.kind']);

const ownerOrNull = (row: (AccountRow & Pick<Owner, 'kind'>) | undefined): Owner | null =>
  row === undefined ? null : { ...toAccount(row), kind: row.kind };

export async function ownerById(db: Db, id: number): Promise<Owner | null> {
  return ownerOrNull(await owners(db).where('accounts.id', '=', id).executeTakeFirst());
}

export async function ownerByLoginKey(db: Db, loginKey: string): Promise<Owner | null> {
  return ownerOrNull(await owners(db).where('accounts.login_key', '=', loginKey).executeTakeFirst());
}

/** Is the login taken, by a person or an organisation? */
export async function isLoginKeyTaken(db: Db, loginKey: string): Promise<boolean> {
  const row = await db
    .selectFrom('accounts')
    .where('login_key', '=', loginKey)
    .select('id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function accountsPage(db: Db, offset: number, limit: number): Promise<readonly Account[]> {
  return (await people(db).orderBy('accounts.id').offset(offset).limit(limit).execute()).map(toAccount);
}

export async function countAccounts(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('accounts')
    .where('kind', '=', 'user')
    .select((e) => e.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** How many site admins could sign in, this one left out? */
export async function countOtherActiveAdmins(db: Db, id: number): Promise<number> {
  const { count } = await db
    .selectFrom('accounts')
    .where('kind', '=', 'user')
    .where('site_admin', '=', 1)
    .where('suspended_at', 'is', null)
    .where('id', '!=', id)
    .select((e) => e.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

export interface NewAccount {
  readonly login: string;
  readonly loginKey: string;
  readonly email: string;
  readonly emailKey: string;
  readonly siteAdmin: boolean;
  readonly passwordHash: string | null;
  readonly at: number;
}

/** Null when the login or the address is taken. */
export async function insertAccount(db: Db, account: NewAccount): Promise<Account | null> {
  const row = await db
    .insertInto('accounts')
    .values({
      kind: 'user',
      login: account.login,
      login_key: account.loginKey,
      name: null,
      email: account.email,
      email_key: account.emailKey,
      site_admin: account.siteAdmin ? 1 : 0,
      password_hash: account.passwordHash,
      suspended_at: null,
      created_at: account.at,
      updated_at: account.at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning(accountColumns)
    .executeTakeFirst();
  return orNull(row);
}

export async function updateProfileRow(
  db: Db,
  id: number,
  profile: {
    readonly name: string | null;
    readonly email: string;
    readonly emailKey: string;
    readonly at: number;
  },
): Promise<Account | null> {
  const row = await db
    .updateTable('accounts')
    .set({ name: profile.name, email: profile.email, email_key: profile.emailKey, updated_at: profile.at })
    .where('id', '=', id)
    .where('kind', '=', 'user')
    .returning(accountColumns)
    .executeTakeFirst();
  return orNull(row);
}

export async function setSuspended(
  db: Db,
  id: number,
  suspension: { readonly at: number; readonly reason: string | null } | null,
  at: number,
): Promise<void> {
  await db
    .updateTable('accounts')
    .set({
      suspended_at: suspension?.at ?? null,
      suspension_reason: suspension?.reason ?? null,
      updated_at: at,
    })
    .where('id', '=', id)
    .execute();
}

/** Sessions, tokens, links and collaborations go with it (foreign keys); repositories make it fail. */
export async function deleteAccountRow(db: Db, id: number): Promise<void> {
  await db.deleteFrom('accounts').where('id', '=', id).execute();
}

export interface PasswordRow {
  readonly account: Account;
  readonly passwordHash: string | null;
}

async function passwordRow(db: Db, column: 'login_key' | 'email_key' | 'id', value: string | number) {
  const row = await people(db)
    .select('password_hash')
    .where(`accounts.${column}`, '=', value)
    .executeTakeFirst();
  return row === undefined ? null : { account: toAccount(row), passwordHash: row.password_hash };
}

export const passwordByLoginKey = (db: Db, key: string): Promise<PasswordRow | null> =>
  passwordRow(db, 'login_key', key);
export const passwordByEmailKey = (db: Db, key: string): Promise<PasswordRow | null> =>
  passwordRow(db, 'email_key', key);
export const passwordById = (db: Db, id: number): Promise<PasswordRow | null> => passwordRow(db, 'id', id);

/** `before`: the hash that it replaces; where another one stands by now, nothing is changed. */
export async function setPasswordHash(
  db: Db,
  id: number,
  passwordHash: string,
  before?: string | null,
): Promise<boolean> {
  let query = db.updateTable('accounts').set({ password_hash: passwordHash }).where('id', '=', id);
  if (before !== undefined) query = query.where('password_hash', before === null ? 'is' : '=', before);
  return (await query.executeTakeFirst()).numUpdatedRows > 0n;
}

export type LinkPurpose = 'setup' | 'password';

export async function insertLink(
  db: Db,
  link: {
    readonly purpose: LinkPurpose;
    readonly accountId: number | null;
    readonly codeHash: Uint8Array;
    readonly at: number;
    readonly expiresAt: number | null;
  },
): Promise<void> {
  await db
    .insertInto('one_time_links')
    .values({
      purpose: link.purpose,
      account_id: link.accountId,
      code_hash: link.codeHash,
      created_at: link.at,
      expires_at: link.expiresAt,
    })
    .execute();
}

/** The account that a live password link is for; null: there is no such link. */
export async function passwordLinkAccount(
  db: Db,
  codeHash: Uint8Array,
  now: number,
): Promise<Account | null> {
  const row = await people(db)
    .innerJoin('one_time_links', 'one_time_links.account_id', 'accounts.id')
    .where('one_time_links.purpose', '=', 'password')
    .where('one_time_links.code_hash', '=', codeHash)
    .where('one_time_links.expires_at', '>', now)
    .executeTakeFirst();
  return orNull(row);
}

export async function isSetupLink(db: Db, codeHash: Uint8Array): Promise<boolean> {
  const row = await db
    .selectFrom('one_time_links')
    .where('purpose', '=', 'setup')
    .where('code_hash', '=', codeHash)
    .select('id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function deleteLinks(
  db: Db,
  which: { readonly purpose: LinkPurpose; readonly accountId?: number; readonly codeHash?: Uint8Array },
): Promise<number> {
  let query = db.deleteFrom('one_time_links').where('purpose', '=', which.purpose);
  if (which.accountId !== undefined) query = query.where('account_id', '=', which.accountId);
  if (which.codeHash !== undefined) query = query.where('code_hash', '=', which.codeHash);
  return Number((await query.executeTakeFirst()).numDeletedRows);
}

export async function deleteExpiredLinks(db: Db, now: number): Promise<void> {
  await db.deleteFrom('one_time_links').where('expires_at', '<=', now).execute();
}
