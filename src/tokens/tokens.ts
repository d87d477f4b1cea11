// The rules of classic personal access tokens: issue, edit, regenerate, delete (ghes-spec 1.2, 1.3, 3).
// The plain token exists only in the answer that hands it over; the database keeps its SHA-256.
import type { Acting, Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import { deleteKeysOfTokens } from '../keys/deploy-keys.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import { checkpoint } from '../process/checkpoint.ts';
import type { Scopes } from '../scopes/scopes.ts';
import type { Secret } from '../secrets/secret.ts';
import { readSettings } from '../settings/settings.ts';
import { lastEight, newToken } from './format.ts';
import { lifeProblem, longestLife } from './lifetime.ts';
import { recordToken } from './log.ts';
import * as store from './store.ts';
import { tellCreated, tellDeleted, tellRegenerated } from './told.ts';

export interface Token {
  readonly id: number;
  readonly accountId: number;
  readonly note: string;
  readonly scopes: Scopes;
  readonly lastEight: string;
  /** This and all other instants: milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When the present secret was made. */
  readonly issuedAt: number;
  /** Null: never. */
  readonly expiresAt: number | null;
  /** Exact to a minute; null: the present secret was never used. */
  readonly lastUsedAt: number | null;
  /** Login of the site admin who made it to act as its owner; null: the owner made it. */
  readonly madeBy: string | null;
  /** The application that holds it for its owner; null: a personal access token. */
  readonly applicationId: number | null;
}

/** The application that holds a token, as lists of tokens show it. */
export interface TokenApplication {
  readonly clientId: string;
  readonly name: string;
  /** Of its homepage. */
  readonly url: string;
}

export type TokenOfPerson = store.TokenWithLogin;

/** A token just made: the only moment at which its secret is known. */
export interface IssuedToken {
  readonly token: Token;
  readonly secret: Secret;
}

export const MAX_NOTE_LENGTH = 255;

const noteMissing: Problem = { field: 'note', code: 'missing_field', message: "Note can't be blank." };
const noteTooLong: Problem = {
  field: 'note',
  code: 'invalid',
  message: `Note can have ${MAX_NOTE_LENGTH} characters at most.`,
};
const noteUnprintable: Problem = {
  field: 'note',
  code: 'invalid',
  message: "Note can't hold control characters.",
};
const noteTaken: Problem = { field: 'note', code: 'already_exists', message: 'Note has already been taken.' };
const tokenReplaced: Problem = {
  field: 'replaces',
  code: 'invalid',
  message: 'This token has been regenerated or deleted since the form was opened. Nothing was changed.',
};
export const tokenMissing: Problem = { field: 'id', code: 'invalid', message: 'There is no such token.' };

export interface TokenRequest {
  readonly accountId: number;
  readonly note: string;
  readonly scopes: Scopes;
  /** From `expiryFrom`; null: never. */
  readonly expiresAt: number | null;
}

/**
 * Makes a token. Refused when the note is missing, too long, or taken by another token of the account, and when its
 * life would be longer than the instance allows.
 */
export async function createToken(ctx: Acting, request: TokenRequest): Promise<Outcome<IssuedToken>> {
  const note = readNote(request.note);
  if (!note.ok) return note;
  const secret = newToken('ghp_', ctx.random);
  checkpoint('token.create.asked');
  const made = await ctx.db.transaction().execute(async (db): Promise<Outcome<IssuedToken>> => {
    const now = ctx.now();
    const tooLong = await tooLongLife(ctx, db, request);
    if (tooLong !== null) return refused(tooLong);
    const token = await store.insert(db, {
      accountId: request.accountId,
      note: note.value,
      scopes: request.scopes,
      secretHash: secret.hash(),
      lastEight: lastEight(secret),
      now,
      expiresAt: request.expiresAt,
    });
    if (token === null) return refused(noteTaken);
    await recordToken(ctx, db, 'create', token, { hash: secret.hash() });
    await tellCreated(ctx, db, token);
    return done({ token, secret });
  });
  checkpoint('token.create.stored');
  return made;
}

async function tooLongLife(
  ctx: Context,
  db: Db,
  { accountId, expiresAt }: Pick<TokenRequest, 'accountId' | 'expiresAt'>,
): Promise<Problem | null> {
  const owner = await store.ownerOf(db, accountId);
  if (owner === null) return null;
  return lifeProblem(longestLife(await readSettings(ctx, db), owner), ctx.now(), expiresAt);
}

/** All tokens of the account, the newest first, expired ones included. */
export function listTokens(ctx: Context, accountId: number): Promise<readonly Token[]> {
  return store.listOf(ctx.db, accountId);
}

/** Every token of the instance, for operators. */
export function listAllTokens(ctx: Context): Promise<readonly TokenOfPerson[]> {
  return store.listAll(ctx.db);
}

export type TokenOfAnyone = store.TokenOfAnyone;

/** One page of every token of the instance, for site admins. @param search of notes, logins, or last eight characters */
export function pageOfAllTokens(
  ctx: Context,
  page: { readonly page: number; readonly perPage: number; readonly search?: string },
): Promise<{ readonly items: readonly TokenOfAnyone[]; readonly total: number }> {
  return store.pageOfAll(ctx.db, page);
}

/** SHA-256 of a token's secret, as the log and site admins know it; null: there is no such token. */
export function tokenHash(ctx: Context, id: number): Promise<Uint8Array | null> {
  return store.hashOf(ctx.db, id);
}

export function findToken(ctx: Context, accountId: number, id: number): Promise<Token | null> {
  return store.find(ctx.db, accountId, id);
}

/** Changes note and scopes; the secret stays, and the scopes hold from the next request on. */
export async function updateToken(
  ctx: Acting,
  accountId: number,
  id: number,
  changes: { readonly note: string; readonly scopes: Scopes },
): Promise<Outcome<Token>> {
  const note = readNote(changes.note);
  if (!note.ok) return note;
  return ctx.db.transaction().execute(async (db) => {
    if (await store.noteTaken(db, accountId, note.value, id)) return refused(noteTaken);
    const before = await store.find(db, accountId, id);
    const hash = await store.hashOf(db, id);
    const token = await store.change(db, accountId, id, ctx.now(), {
      note: note.value,
      scopes: changes.scopes,
    });
    if (token === null || before === null || hash === null) return refused(tokenMissing);
    await recordToken(ctx, db, 'update', token, { hash, before });
    return done(token);
  });
}

export interface Regeneration {
  /** From `expiryFrom`; null: never. */
  readonly expiresAt: number | null;
  /**
   * The last eight characters of the secret to be replaced. Told by forms, so that one sent twice (a reload, a
   * double click) doesn't kill the secret that the first one made.
   */
  readonly replaces?: string;
}

/**
 * Gives the token a new secret and expiration; the old secret is dead at once. Note, scopes and id stay.
 * Refused when its life would be longer than the instance allows.
 */
export async function regenerateToken(
  ctx: Acting,
  accountId: number,
  id: number,
  { expiresAt, replaces }: Regeneration,
): Promise<Outcome<IssuedToken>> {
  const secret = newToken('ghp_', ctx.random);
  return ctx.db.transaction().execute(async (db): Promise<Outcome<IssuedToken>> => {
    const tooLong = await tooLongLife(ctx, db, { accountId, expiresAt });
    if (tooLong !== null) return refused(tooLong);
    const formerHash = await store.hashOf(db, id);
    const token = await store.change(db, accountId, id, ctx.now(), {
      secret: { hash: secret.hash(), lastEight: lastEight(secret), expiresAt, replaces },
    });
    if (token === null || formerHash === null) {
      return refused(replaces === undefined ? tokenMissing : tokenReplaced);
    }
    await recordToken(ctx, db, 'regenerate', token, { hash: secret.hash(), formerHash });
    await tellRegenerated(ctx, db, token);
    return done({ token, secret });
  });
}

/** Deletes a token: it is dead everywhere at once. @returns false when there was none */
export async function deleteToken(ctx: Acting, accountId: number, id: number): Promise<boolean> {
  checkpoint('token.delete.asked');
  const removed = await removeTokens(ctx, { accountId, id }, 'deleted by its owner');
  checkpoint('token.delete.stored');
  return removed.length > 0;
}

/** @returns how many there were */
export async function deleteAllTokens(ctx: Acting, accountId: number): Promise<number> {
  return (await removeTokens(ctx, { accountId }, 'deleted by its owner, with all of theirs')).length;
}

/** Deletes tokens of anybody, for operators. @returns the ids that existed */
export async function revokeTokens(ctx: Acting, ids: readonly number[]): Promise<readonly number[]> {
  return (await removeTokens(ctx, { ids }, 'revoked by an administrator')).map((token) => token.id);
}

/** Deletes the token that has this secret. @returns its id, null when it is unknown */
export async function revokeTokenBySecret(ctx: Acting, secret: Secret): Promise<number | null> {
  const [token] = await removeTokens(ctx, { secretHash: secret.hash() }, 'revoked by who presented it');
  return token?.id ?? null;
}

/** Deletes tokens with the deploy keys they made: logged, and told to their owners. */
export function removeTokens(
  ctx: Acting,
  which: store.TokensToRemove,
  explanation: string,
): Promise<readonly Token[]> {
  return ctx.db.transaction().execute((db) => removeTokensIn(ctx, db, which, explanation));
}

/** The one way in which tokens are deleted. @param db the transaction of what they are deleted with */
export async function removeTokensIn(
  ctx: Acting,
  db: Db,
  which: store.TokensToRemove,
  explanation: string,
): Promise<readonly Token[]> {
  const rows = await store.remove(db, which);
  for (const { token, secretHash } of rows) {
    await recordToken(ctx, db, 'destroy', token, { hash: secretHash, explanation });
  }
  const removed = rows.map(({ token }) => token);
  const idsOf = (tokens: readonly Token[]) => tokens.map((token) => token.id);
  await deleteKeysOfTokens(ctx, db, {
    personal: idsOf(removed.filter((token) => token.madeBy === null)),
    impersonating: idsOf(removed.filter((token) => token.madeBy !== null)),
  });
  const personal = removed.filter((token) => token.applicationId === null);
  for (const tokens of Map.groupBy(personal, (token) => token.accountId).values()) {
    await tellDeleted(ctx, db, tokens);
  }
  return removed;
}

/** Expired from the very instant on that was told (ghes-spec 3). */
export function isExpired(expiresAt: number | null, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

function readNote(text: string): Outcome<string> {
  const note = text.trim().normalize('NFC');
  if (note === '') return refused(noteMissing);
  if (note.length > MAX_NOTE_LENGTH) return refused(noteTooLong);
  if (/\p{Cc}/u.test(note)) return refused(noteUnprintable);
  return done(note);
}
