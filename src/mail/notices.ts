// Telling people what happened to their account. A notice is written in the same transaction as what it tells of:
// as a mail that waits in the outbox (outbox.ts sends it), and as a line on the person's settings pages where there
// is no mail server, or where it should be seen there too.
import type { Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import { readSetting, writeSetting } from '../db/settings.ts';
import { randomSecret } from '../secrets/secret.ts';
import { type Fact, oneLine, writeLetter } from './letters.ts';
import * as store from './store.ts';

export interface Notice {
  /** Who is told. Suspended people are not. */
  readonly accountId: number;
  /** The mail's subject. May hold foreign text, such as a note. */
  readonly subject: string;
  /** What happened, in one or two sentences; stands on the pages too. May hold foreign text. */
  readonly text: string;
  /** For the mail: who, when, from where. Never a secret. */
  readonly facts?: readonly Fact[];
  /** The page about it, on this instance: `/settings/keys`. */
  readonly path: string;
  /** What to do if it was not the reader who did it. */
  readonly advice?: string;
  /** Another address than the account's own: the former one, say, when it was changed. */
  readonly to?: string;
  /** There is something to do: it stands on top of the person's pages, also where there is a mail server. */
  readonly urgent?: boolean;
  /**
   * Others cause it, as often as they like, such as an invitation: of a page's, only so many are told in an hour and
   * kept on the pages, so that they push away nothing else. Stands on the pages where there is a mail server, too.
   */
  readonly fromOthers?: true;
  /** Never on the pages: reading it is to prove that the reader gets the mail. */
  readonly onlyMailed?: true;
  /** The line on the pages goes with this token. */
  readonly tokenId?: number;
}

const DAY_MS = 24 * 60 * 60_000;
/** A person's latest lines; older ones go. */
const MAX_PAGE_NOTICES = 50;
const PAGE_NOTICE_LIFE_MS = 90 * DAY_MS;
/** Mails to one person, and to all, that wait at a time: nobody fills a mailbox or the disk by a loop. */
const MAX_WAITING_OF_PERSON = 100;
const MAX_WAITING = 10_000;
const MAX_FROM_OTHERS = 10;
const HOUR_MS = 60 * 60_000;
const MAX_TEXT_LENGTH = 500;

/**
 * Tells a person something. Call it inside the transaction that changes what it tells of.
 * @param db the transaction
 */
export async function notify(
  ctx: Pick<Context, 'config' | 'now' | 'random'>,
  db: Db,
  notice: Notice,
): Promise<void> {
  const reader = await store.readerOf(db, notice.accountId);
  if (reader === null || reader.suspended) return;
  const now = ctx.now();
  const { path, fromOthers = false } = notice;
  if (fromOthers) {
    const told = await store.countNotices(db, notice.accountId, { path, since: now - HOUR_MS });
    if (told >= MAX_FROM_OTHERS) return;
  }
  const recipient = notice.to ?? reader.email;
  const isMailed = recipient !== null && (await isMailOn(db)) && (await hasRoom(db, notice.accountId));
  if (isMailed) {
    const { subject, body } = writeLetter({
      login: reader.login,
      subject: notice.subject,
      text: oneLine(notice.text, MAX_TEXT_LENGTH),
      facts: notice.facts ?? [],
      link: `${ctx.config.url}${notice.path}`,
      ...(notice.advice === undefined ? {} : { advice: notice.advice }),
      url: ctx.config.url,
    });
    const { hostname } = new URL(ctx.config.url);
    const messageId = `<${randomSecret(ctx.random).expose()}@${hostname}>`;
    await store.insertMail(db, { accountId: notice.accountId, recipient, subject, body, messageId, now });
  }
  if (notice.onlyMailed !== true && (!isMailed || notice.urgent === true || fromOthers)) {
    await store.insertNotice(db, {
      accountId: notice.accountId,
      tokenId: notice.tokenId ?? null,
      text: oneLine(notice.text, MAX_TEXT_LENGTH),
      path: notice.path,
      urgent: notice.urgent === true,
      now,
    });
    if (fromOthers) await store.trimNotices(db, notice.accountId, MAX_FROM_OTHERS, path);
    await store.trimNotices(db, notice.accountId, MAX_PAGE_NOTICES);
  }
}

async function hasRoom(db: Db, accountId: number): Promise<boolean> {
  if ((await store.countWaiting(db, accountId)) >= MAX_WAITING_OF_PERSON) return false;
  return (await store.countWaiting(db)) < MAX_WAITING;
}

/** The lines that stand on the person's pages, the newest first. */
export function pageNotices(ctx: Context, accountId: number): Promise<readonly store.StoredNotice[]> {
  return store.noticesOf(ctx.db, accountId, MAX_PAGE_NOTICES);
}

/** Takes a line, or all of them, off the person's pages. @returns how many there were */
export function dismissNotices(ctx: Context, accountId: number, id?: number): Promise<number> {
  return store.removeNotices(ctx.db, accountId, id);
}

/** Takes what stands on the pages about a token off them, as when it was regenerated. */
export function withdrawTokenNotices(db: Db, tokenId: number): Promise<void> {
  return store.removeNoticesOfToken(db, tokenId);
}

/** Takes off the pages what nobody dismissed for ninety days. */
export function forgetOldNotices(ctx: Context): Promise<void> {
  return store.removeNoticesBefore(ctx.db, ctx.now() - PAGE_NOTICE_LIFE_MS);
}

/**
 * Remembers whether there is a mail server, for the processes of the command line, which do not know its address.
 * Called at every start of the server.
 */
export function rememberMail(ctx: Context): Promise<void> {
  return writeSetting(ctx.db, 'mail', ctx.config.smtpUrl === null ? 'off' : 'on');
}

/** Is there a mail server? */
export async function isMailOn(db: Db): Promise<boolean> {
  return (await readSetting(db, 'mail')) === 'on';
}
