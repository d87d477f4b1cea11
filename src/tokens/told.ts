// What owners are told of their tokens: that one was made, regenerated or deleted, and a week and a day ahead that it
// expires (ghes-spec 3). Each once, in the transaction that changes what it tells of. Never the secret.
import type { Acting, Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import { doneBy } from '../mail/doers.ts';
import { type Fact, instantText, oneLine } from '../mail/letters.ts';
import { notify, withdrawTokenNotices } from '../mail/notices.ts';
import * as notices from './notice-store.ts';
import type { Token } from './tokens.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long ahead each is told. A token that never lived so long is not told of it. */
const ahead = { week: 7 * DAY_MS, day: DAY_MS } as const;
/** How often the server looks for what is to be told. */
export const EXPIRIES_EVERY_MS = 60_000;
const PER_TRANSACTION = 100;
const MAX_LISTED = 50;
const MAX_NOTE_LENGTH = 80;

const ifNotYou =
  'If this was not you, delete the token on the page above, change your password, and look at your sessions.';

export async function tellCreated(ctx: Acting, db: Db, token: Token): Promise<void> {
  await notify(ctx, db, {
    accountId: token.accountId,
    subject: `The token ${quoted(token)} was created`,
    text: `A personal access token was created for your account: ${quoted(token)}.`,
    facts: [...factsOf(token), ...doneBy(ctx)],
    path: pageOf(token),
    advice: ifNotYou,
    tokenId: token.id,
  });
}

/** What was told of the former secret is taken back, and the new one's expiry will be told anew. */
export async function tellRegenerated(ctx: Acting, db: Db, token: Token): Promise<void> {
  await notices.forget(db, token.id);
  await withdrawTokenNotices(db, token.id);
  await notify(ctx, db, {
    accountId: token.accountId,
    subject: `The token ${quoted(token)} was regenerated`,
    text: `Your personal access token ${quoted(token)} has a new secret. The old one is dead.`,
    facts: [...factsOf(token), ...doneBy(ctx)],
    path: pageOf(token),
    advice: ifNotYou,
    tokenId: token.id,
  });
}

/** Its owner has just ended its life on a day of their choice: only the day before is left to tell. */
export async function tellShortened(ctx: Context, db: Db, token: Token): Promise<void> {
  await notices.forget(db, token.id);
  await notices.claim(db, token.id, 'week', ctx.now());
  await withdrawTokenNotices(db, token.id);
}

/** One notice for all that were deleted at once. @param tokens of one account, all gone already */
export async function tellDeleted(ctx: Acting, db: Db, tokens: readonly Token[]): Promise<void> {
  const [first] = tokens;
  if (first === undefined) return;
  const isOne = tokens.length === 1;
  const listed = tokens.slice(0, MAX_LISTED).map((token, at): Fact => {
    const scopes = token.scopes.length === 0 ? 'no scopes' : token.scopes.join(', ');
    return [`Token ${at + 1}`, `${quoted(token)}, ending in ${token.lastEight}, ${scopes}`];
  });
  const rest = tokens.length - listed.length;
  const list: readonly Fact[] = rest === 0 ? listed : [...listed, ['And', `${rest} more`]];
  await notify(ctx, db, {
    accountId: first.accountId,
    subject: isOne
      ? `The token ${quoted(first)} was deleted`
      : `${tokens.length} of your tokens were deleted`,
    text: isOne
      ? `Your personal access token ${quoted(first)} was deleted. Whatever used it is refused from now on.`
      : `${tokens.length} of your personal access tokens were deleted. Whatever used them is refused from now on.`,
    facts: [...(isOne ? factsOf(first) : list), ...doneBy(ctx)],
    path: '/settings/tokens',
    advice: 'If this was not you, change your password, and look at your sessions.',
  });
}

/**
 * Tells owners whose tokens expire within a week, or within a day. What was missed while no server ran is told late,
 * and a week's notice not at all once the day's is due. Suspended people, and dead tokens, get none.
 */
export async function tellExpiries(ctx: Context): Promise<void> {
  for (const kind of ['day', 'week'] as const) {
    while ((await tellSome(ctx, kind)) === PER_TRANSACTION);
  }
}

/** @returns how many were looked at */
async function tellSome(ctx: Context, kind: 'day' | 'week'): Promise<number> {
  const due = (db: Db) =>
    notices.expiring(db, { kind, now: ctx.now(), within: ahead[kind], limit: PER_TRANSACTION });
  if ((await due(ctx.db)).length === 0) return 0;
  return ctx.db.transaction().execute(async (db) => {
    const tokens = await due(db);
    for (const token of tokens) {
      if (!(await notices.claim(db, token.id, kind, ctx.now()))) continue;
      if (kind === 'day') {
        await notices.claim(db, token.id, 'week', ctx.now());
        await withdrawTokenNotices(db, token.id);
      }
      await notify(ctx, db, {
        accountId: token.accountId,
        subject: `Your token ${quoted(token)} expires ${kind === 'day' ? 'within a day' : 'in a week'}`,
        text:
          `Your personal access token ${quoted(token)} expires on ${instantText(token.expiresAt ?? 0)}. ` +
          'Regenerate it before, if it is still needed.',
        facts: factsOf(token),
        path: pageOf(token),
        urgent: true,
        tokenId: token.id,
      });
    }
    return tokens.length;
  });
}

function factsOf(token: Token): readonly Fact[] {
  return [
    ['Note', token.note],
    ['Scopes', token.scopes.length === 0 ? 'none' : token.scopes.join(', ')],
    ['Ends in', token.lastEight],
    ['Expires', token.expiresAt === null ? 'never' : instantText(token.expiresAt)],
  ];
}

function quoted(token: Token): string {
  return `“${oneLine(token.note, MAX_NOTE_LENGTH)}”`;
}

function pageOf(token: Token): string {
  return `/settings/tokens/${token.id}`;
}
