// Giving a token less: fewer scopes, or less time. Offered on its page beside what it was used for.
import type { Acting } from '../context.ts';
import type { Db } from '../db/database.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import { normalForm, type Scopes, satisfies } from '../scopes/scopes.ts';
import { recordToken } from './log.ts';
import * as store from './store.ts';
import { type Token, tokenMissing } from './tokens.ts';
import { tellShortened } from './told.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

const notNarrower: Problem = {
  field: 'scopes',
  code: 'invalid',
  message: 'The token has no longer all of these scopes. Nothing was changed.',
};
const notShorter: Problem = {
  field: 'expires_at',
  code: 'invalid',
  message: 'The token expires earlier than that already. Nothing was changed.',
};

/** Takes scopes away. Refused where one of these isn't included in what the token has. */
export async function narrowToken(
  ctx: Acting,
  accountId: number,
  id: number,
  scopes: Scopes,
): Promise<Outcome<Token>> {
  return changeToken(ctx, accountId, id, (token) =>
    scopes.every((scope) => satisfies(token.scopes, [scope])) ? { scopes: normalForm(scopes) } : notNarrower,
  );
}

/** How long a token lives on whose life was shortened. */
export const SHORTENED_DAYS = 7;

/** Lets the token expire in a week. Refused where it would expire earlier anyway. */
export async function shortenToken(ctx: Acting, accountId: number, id: number): Promise<Outcome<Token>> {
  const expiresAt = Math.floor(ctx.now() / 1000) * 1000 + SHORTENED_DAYS * DAY_MS;
  const shortened = (token: Token) =>
    token.expiresAt === null || token.expiresAt > expiresAt ? { expiresAt } : notShorter;
  return changeToken(ctx, accountId, id, shortened, tellShortened);
}

/** Changes what the present token tells to change, or refuses, in one transaction. */
function changeToken(
  ctx: Acting,
  accountId: number,
  id: number,
  decide: (token: Token) => Pick<store.TokenChange, 'scopes' | 'expiresAt'> | Problem,
  tell?: (ctx: Acting, db: Db, token: Token) => Promise<void>,
): Promise<Outcome<Token>> {
  return ctx.db.transaction().execute(async (db): Promise<Outcome<Token>> => {
    const before = await store.find(db, accountId, id);
    const hash = await store.hashOf(db, id);
    if (before === null || hash === null) return refused(tokenMissing);
    const decided = decide(before);
    if ('message' in decided) return refused(decided);
    const token = await store.change(db, accountId, id, ctx.now(), decided);
    if (token === null) return refused(tokenMissing);
    await recordToken(ctx, db, 'update', token, { hash, before });
    await tell?.(ctx, db, token);
    return done(token);
  });
}
