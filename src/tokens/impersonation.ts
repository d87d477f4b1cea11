// Tokens by which a site admin acts as somebody (ghes-spec 6.2). One a person at most, marked as made by an admin
// wherever tokens are listed, told to the person and logged as any other. It ends within a month, and holds only as long
// as who made it is a site admin who may sign in (access/impersonation.ts). What it planted that would outlive it, SSH
// keys and deploy keys, opens nothing from that moment on, and is deleted with it. Site admins themselves, the caller among them, can't be impersonated: that would make one admin look like another in the log,
// and a token able to make its own owner a wider one.
import { type Acting, type Context, latchkey } from '../context.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import type { Scopes } from '../scopes/scopes.ts';
import type { Secret } from '../secrets/secret.ts';
import { readSettings } from '../settings/settings.ts';
import { lastEight, newToken } from './format.ts';
import * as impersonations from './impersonation-store.ts';
import { exceedsLife, longestLife } from './lifetime.ts';
import { recordToken } from './log.ts';
import * as store from './store.ts';
import { isExpired, removeTokens, type Token } from './tokens.ts';
import { tellCreated } from './told.ts';

const LIFE_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;

const noSuchAccount: Problem = { field: 'login', code: 'custom', message: 'There is no such account.' };
const isAdmin: Problem = {
  field: 'login',
  code: 'custom',
  message: 'Site admins cannot be impersonated.',
};

export interface Impersonation {
  readonly token: Token;
  /** Null: there was such a token already, and it has these scopes now. */
  readonly secret: Secret | null;
}

/** Makes the token, or gives the one that there is other scopes. Who may do so is not asked here. */
export async function impersonate(
  ctx: Acting,
  accountId: number,
  scopes: Scopes,
): Promise<Outcome<Impersonation>> {
  const secret = newToken('ghp_', ctx.random);
  if (await hasDeadOne(ctx, accountId)) {
    await removeTokens(ctx, { impersonationOf: accountId }, 'replaced by a new one');
  }
  return ctx.db.transaction().execute(async (db): Promise<Outcome<Impersonation>> => {
    const owner = await store.ownerOf(db, accountId);
    if (owner === null) return refused(noSuchAccount);
    if (owner.siteAdmin) return refused(isAdmin);
    const now = ctx.now();
    const maxDays = longestLife(await readSettings(ctx, db), owner);
    const present = await impersonations.impersonationOf(db, accountId);
    if (present !== null) {
      const { token: before, secretHash: hash } = present;
      const token = (await store.change(db, accountId, before.id, now, { scopes })) ?? before;
      await recordToken(ctx, db, 'update', token, { hash, before });
      return done({ token, secret: null });
    }
    const madeBy = ctx.by.account?.login ?? 'an operator';
    const token = await store.insert(db, {
      accountId,
      note: `Impersonation by ${madeBy}`,
      scopes,
      secretHash: secret.hash(),
      lastEight: lastEight(secret),
      now,
      expiresAt: now + Math.min(LIFE_DAYS, maxDays ?? LIFE_DAYS) * DAY_MS,
      impersonatedBy: madeBy,
    });
    if (token === null) throw new Error('an impersonation token is there twice');
    await recordToken(ctx, db, 'create', token, { hash: secret.hash(), explanation: 'impersonation' });
    await tellCreated(ctx, db, token);
    return done({ token, secret });
  });
}

async function hasDeadOne(ctx: Acting, accountId: number): Promise<boolean> {
  const present = await impersonations.impersonationOf(ctx.db, accountId);
  if (present === null) return false;
  if (!present.makerMay) return true;
  const { issuedAt, expiresAt } = present.token;
  const maxDays = longestLife(await readSettings(ctx), { siteAdmin: false });
  return isExpired(expiresAt, ctx.now()) || exceedsLife(maxDays, issuedAt, expiresAt);
}

/**
 * Deletes those that have ended by themselves, with the keys that they added: their time is over, or who made them is
 * no site admin any more. None of it opens anything by then.
 */
export async function clearEndedImpersonations(ctx: Context): Promise<void> {
  const ids = await impersonations.endedImpersonations(ctx.db, ctx.now());
  if (ids.length > 0) await removeTokens({ ...ctx, by: latchkey }, { ids }, 'impersonation ended');
}

/** Deletes the token. @returns false when there was none */
export async function endImpersonation(ctx: Acting, accountId: number): Promise<boolean> {
  const removed = await removeTokens(ctx, { impersonationOf: accountId }, 'impersonation ended');
  return removed.length > 0;
}
