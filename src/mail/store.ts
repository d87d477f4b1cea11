// The SQL of mails that wait and of notices on the pages: the only place that touches their tables.
import type { Db } from '../db/database.ts';

/** Who a notice is for. */
export interface Reader {
  readonly login: string;
  readonly email: string | null;
  readonly suspended: boolean;
}

export async function readerOf(db: Db, accountId: number): Promise<Reader | null> {
  const row = await db
    .selectFrom('accounts')
    .select(['login', 'email', 'suspended_at'])
    .where('id', '=', accountId)
    .where('kind', '=', 'user')
    .executeTakeFirst();
  return row === undefined
    ? null
    : { login: row.login, email: row.email, suspended: row.suspended_at !== null };
}

export interface NewMail {
  readonly accountId: number;
  readonly recipient: string;
  readonly subject: string;
  readonly body: string;
  readonly messageId: string;
  readonly now: number;
}

export async function insertMail(db: Db, mail: NewMail): Promise<void> {
  await db
    .insertInto('outbox')
    .values({
      account_id: mail.accountId,
      recipient: mail.recipient,
      subject: mail.subject,
      body: mail.body,
      message_id: mail.messageId,
      created_at: mail.now,
      next_try_at: mail.now,
    })
    .execute();
}

/** How many mails of this account, or of all, wait; given-up ones don't. */
export async function countWaiting(db: Db, accountId?: number): Promise<number> {
  let query = db
    .selectFrom('outbox')
    .select((e) => e.fn.countAll().as('count'))
    .where('given_up_at', 'is', null);
  if (accountId !== undefined) query = query.where('account_id', '=', accountId);
  return Number((await query.executeTakeFirstOrThrow()).count);
}

/** A mail that was claimed to be sent. */
export interface Mail {
  readonly id: number;
  readonly recipient: string;
  readonly subject: string;
  readonly body: string;
  readonly messageId: string;
  readonly createdAt: number;
  readonly tries: number;
  /** Since then its reader was suspended. */
  readonly suspended: boolean;
}

/**
 * Takes the mail that has waited longest of those that are due, so that nobody else sends it until then.
 * The update asks again whether it is due: two processes never take the same one.
 */
export async function claimMail(
  db: Db,
  now: number,
  claim: { readonly by: string; readonly until: number },
): Promise<Mail | null> {
  const due = await db
    .selectFrom('outbox')
    .select('id')
    .where('given_up_at', 'is', null)
    .where('next_try_at', '<=', now)
    .orderBy('next_try_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  if (due === undefined) return null;
  const row = await db
    .updateTable('outbox')
    .set((e) => ({ claim: claim.by, next_try_at: claim.until, tries: e('tries', '+', 1) }))
    .where('id', '=', due.id)
    .where('next_try_at', '<=', now)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) return null;
  const reader = await readerOf(db, row.account_id);
  return {
    id: row.id,
    recipient: row.recipient,
    subject: row.subject,
    body: row.body,
    messageId: row.message_id,
    createdAt: row.created_at,
    tries: row.tries,
    suspended: reader?.suspended === true,
  };
}

/** The mail is on its way: nothing of it is kept. */
export async function removeMail(db: Db, id: number, claimedBy: string): Promise<void> {
  await db.deleteFrom('outbox').where('id', '=', id).where('claim', '=', claimedBy).execute();
}

/** The mail could not be sent: it is tried again, or given up. */
export async function postponeMail(
  db: Db,
  id: number,
  claimedBy: string,
  outcome: { readonly error: string; readonly nextTryAt: number; readonly givenUpAt: number | null },
): Promise<void> {
  await db
    .updateTable('outbox')
    .set({
      claim: null,
      last_error: outcome.error,
      next_try_at: outcome.nextTryAt,
      given_up_at: outcome.givenUpAt,
    })
    .where('id', '=', id)
    .where('claim', '=', claimedBy)
    .execute();
}

/** Forgets what was given up before then. */
export async function removeGivenUp(db: Db, before: number): Promise<void> {
  await db.deleteFrom('outbox').where('given_up_at', '<', before).execute();
}

export interface OutboxState {
  readonly waiting: number;
  /** When the oldest of them was written; null: none waits. */
  readonly oldestAt: number | null;
  readonly givenUp: number;
  /** What the mail server said last to any of them. */
  readonly lastError: string | null;
}

export async function outboxState(db: Db): Promise<OutboxState> {
  const waiting = await db
    .selectFrom('outbox')
    .select((e) => [e.fn.countAll().as('count'), e.fn.min('created_at').as('oldest')])
    .where('given_up_at', 'is', null)
    .executeTakeFirstOrThrow();
  const givenUp = await db
    .selectFrom('outbox')
    .select((e) => e.fn.countAll().as('count'))
    .where('given_up_at', 'is not', null)
    .executeTakeFirstOrThrow();
  const failed = await db
    .selectFrom('outbox')
    .select('last_error')
    .where('last_error', 'is not', null)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return {
    waiting: Number(waiting.count),
    oldestAt: waiting.oldest === null ? null : Number(waiting.oldest),
    givenUp: Number(givenUp.count),
    lastError: failed?.last_error ?? null,
  };
}

export async function insertNotice(
  db: Db,
  notice: {
    readonly accountId: number;
    readonly tokenId: number | null;
    readonly text: string;
    readonly path: string;
    readonly urgent: boolean;
    readonly now: number;
  },
): Promise<void> {
  await db
    .insertInto('notices')
    .values({
      account_id: notice.accountId,
      token_id: notice.tokenId,
      text: notice.text,
      path: notice.path,
      urgent: notice.urgent ? 1 : 0,
      created_at: notice.now,
    })
    .execute();
}

/** A line on a person's pages. */
export interface StoredNotice {
  readonly id: number;
  readonly text: string;
  readonly path: string;
  readonly urgent: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export async function noticesOf(db: Db, accountId: number, limit: number): Promise<readonly StoredNotice[]> {
  const rows = await db
    .selectFrom('notices')
    .select(['id', 'text', 'path', 'urgent', 'created_at'])
    .where('account_id', '=', accountId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ created_at, urgent, ...row }) => ({
    ...row,
    urgent: urgent === 1,
    createdAt: created_at,
  }));
}

/** How many lines about that page were written since then? */
export async function countNotices(
  db: Db,
  accountId: number,
  { path, since }: { readonly path: string; readonly since: number },
): Promise<number> {
  const { count } = await db
    .selectFrom('notices')
    .select((e) => e.fn.countAll().as('count'))
    .where('account_id', '=', accountId)
    .where('path', '=', path)
    .where('created_at', '>', since)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Keeps only the newest ones of the account. @param path of those alone that are about this page */
export async function trimNotices(db: Db, accountId: number, keep: number, path?: string): Promise<void> {
  let newest = db.selectFrom('notices').select('id').where('account_id', '=', accountId);
  if (path !== undefined) newest = newest.where('path', '=', path);
  const last = await newest.orderBy('id', 'desc').offset(keep).limit(1).executeTakeFirst();
  if (last === undefined) return;
  let older = db.deleteFrom('notices').where('account_id', '=', accountId).where('id', '<=', last.id);
  if (path !== undefined) older = older.where('path', '=', path);
  await older.execute();
}

export async function removeNotices(db: Db, accountId: number, id?: number): Promise<number> {
  let query = db.deleteFrom('notices').where('account_id', '=', accountId);
  if (id !== undefined) query = query.where('id', '=', id);
  return Number((await query.executeTakeFirst()).numDeletedRows);
}

export async function removeNoticesOfToken(db: Db, tokenId: number): Promise<void> {
  await db.deleteFrom('notices').where('token_id', '=', tokenId).execute();
}

export async function removeNoticesBefore(db: Db, before: number): Promise<void> {
  await db.deleteFrom('notices').where('created_at', '<', before).execute();
}
