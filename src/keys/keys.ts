// The rules of SSH keys (ghes-spec 7): people's keys here, deploy keys in deploy-keys.ts. One public key has one
// owner on the whole instance, a person or a repository.
import type { Actor } from '../access/actor.ts';
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import { announceDeployKey } from '../hooks/events.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import { satisfies } from '../scopes/scopes.ts';
import { deployKeyJson } from './json.ts';
import { type KeyType, type PublicKey, parsePublicKey } from './public-key.ts';
import * as store from './store.ts';
import { tellAdded } from './told.ts';

export interface Key {
  readonly id: number;
  readonly title: string;
  readonly type: KeyType;
  /** `TYPE BASE64`, without a comment. */
  readonly key: string;
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  readonly readOnly: boolean;
  /** An unverified key does not authenticate until it is approved. */
  readonly verified: boolean;
  readonly enabled: boolean;
  readonly madeBy: KeyMaker['madeBy'];
  /** Login of who added it; null: the operator, or somebody whose account is gone. */
  readonly addedBy: string | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Exact to a minute; null: never. */
  readonly lastUsedAt: number | null;
  readonly holder: KeyHolder;
}

/** Whom a key opens the door for. */
export type KeyHolder =
  | { readonly kind: 'person'; readonly account: { readonly id: number; readonly login: string } }
  | { readonly kind: 'repository'; readonly repository: { readonly id: number; readonly name: string } };

/** Who made a key, and what goes with it: a token's deploy keys are deleted with the token (ghes-spec 3). */
export interface KeyMaker {
  readonly madeBy: 'person' | 'token' | 'application';
  readonly tokenId: number | null;
  /** Null: none made it. When a person revokes what an application may, the keys it made go (ghes-spec 3). */
  readonly applicationId: number | null;
  /** False for what a token without `workflow` made: it may do no more than that token (ghes-spec 15 row 27). */
  readonly mayChangeWorkflows: boolean;
}

const person: KeyMaker = Object.freeze({
  madeBy: 'person',
  tokenId: null,
  applicationId: null,
  mayChangeWorkflows: true,
});

export function makerOf(actor: Actor): KeyMaker {
  if (actor.kind !== 'user' || actor.grant.kind !== 'scopes') return person;
  const { tokenId, scopes, application } = actor.grant;
  const madeBy = application === undefined ? 'token' : 'application';
  return {
    madeBy,
    tokenId,
    applicationId: application?.id ?? null,
    mayChangeWorkflows: satisfies(scopes, ['workflow']),
  };
}

export interface NewKey {
  /** Blank: the key's comment. */
  readonly title: string;
  /** One line of an OpenSSH public key. */
  readonly key: string;
  readonly maker: KeyMaker;
}

const MAX_TITLE_LENGTH = 255;
const keyInUse: Problem = { field: 'key', code: 'custom', message: 'key is already in use' };

/** Adds a key of a person. Verified at once: who adds it has signed in, or has a token that may. */
export async function addKey(
  ctx: Acting,
  account: { readonly id: number; readonly login: string },
  wanted: NewKey,
): Promise<Outcome<Key>> {
  return insertKey(ctx, wanted, { accountId: account.id, repositoryId: null, readOnly: false });
}

/** What both kinds of key have in common: read, checked, written down and logged. */
export async function insertKey(
  ctx: Acting,
  { title, key: line, maker }: NewKey,
  holder: Pick<store.NewRow, 'accountId' | 'repositoryId' | 'readOnly'>,
): Promise<Outcome<Key>> {
  const parsed = parsePublicKey(line);
  if (!parsed.ok) return parsed;
  const named = readTitle(title, parsed.value);
  if (!named.ok) return named;
  const { type, text, fingerprint } = parsed.value;
  return ctx.db.transaction().execute(async (db) => {
    const row = { ...holder, type, key: text, fingerprint, title: named.value, maker };
    const key = await store.insert(db, { ...row, addedBy: ctx.by.account?.id ?? null, now: ctx.now() });
    if (key === null) return refused(keyInUse);
    await recordKey(ctx, db, 'create', key);
    await tellAdded(ctx, db, key);
    return done(key);
  });
}

function readTitle(given: string, { comment, fingerprint }: PublicKey): Outcome<string> {
  const title = given.trim().normalize('NFC');
  if (title.length > MAX_TITLE_LENGTH) {
    const message = `title is too long (maximum is ${MAX_TITLE_LENGTH} characters)`;
    return refused({ field: 'title', code: 'custom', message });
  }
  if (/\p{Cc}/u.test(title)) {
    return refused({ field: 'title', code: 'custom', message: "title can't hold control characters" });
  }
  if (title !== '') return done(title);
  const spoken = comment
    .replaceAll(/\p{Cc}/gu, '')
    .trim()
    .slice(0, MAX_TITLE_LENGTH);
  return done(spoken === '' ? fingerprint : spoken);
}

/** Logs what was done to a key (ghes-spec 12.1 `public_key.*`), and tells the webhooks of its repository. */
export async function recordKey(
  ctx: Acting,
  db: Db,
  what: 'create' | 'delete' | 'verify',
  key: Key,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const { holder } = key;
  await record(ctx, db, {
    action: `public_key.${what}`,
    operation: what === 'create' ? 'create' : what === 'delete' ? 'remove' : 'modify',
    ...(holder.kind === 'person' ? { user: holder.account } : { repository: holder.repository }),
    data: {
      public_key_id: key.id,
      title: key.title,
      fingerprint: key.fingerprint,
      ...(holder.kind === 'repository' ? { read_only: key.readOnly } : {}),
      ...more,
    },
  });
  if (holder.kind !== 'repository' || what === 'verify') return;
  const action = what === 'create' ? 'created' : 'deleted';
  await announceDeployKey(ctx, db, holder.repository.id, action, (name) =>
    deployKeyJson(ctx.config, name, key),
  );
}

export interface KeyPage {
  /** From 1. */
  readonly page: number;
  readonly perPage: number;
  /** Default: created. */
  readonly sort?: 'created' | 'accessed' | undefined;
  /** Default: ascending. */
  readonly direction?: 'asc' | 'desc' | undefined;
  /** Only those that were made then or later: milliseconds since 1970. */
  readonly since?: number | undefined;
}

export interface KeysListed {
  readonly items: readonly Key[];
  readonly total: number;
}

/** A person's keys, the oldest first, as GHES lists them. */
export function listKeys(ctx: Context, accountId: number, page: KeyPage): Promise<KeysListed> {
  return store.page(ctx.db, { accountId }, page);
}

/** Every key of the instance, for operators and site admins. */
export function listAllKeys(ctx: Context, page: KeyPage): Promise<KeysListed> {
  return store.page(ctx.db, {}, page);
}

export function findKey(ctx: Context, accountId: number, id: number): Promise<Key | null> {
  return store.find(ctx.db, { accountId }, id);
}

/** Deletes a person's key. What runs by it ends within a second. @returns null when there was none */
export function deleteKey(ctx: Acting, accountId: number, id: number): Promise<Key | null> {
  return removeKey(ctx, { accountId }, id);
}

/** Deletes a key of anybody, for operators and site admins. @returns null when there was none */
export function deleteAnyKey(ctx: Acting, id: number): Promise<Key | null> {
  return removeKey(ctx, {}, id);
}

/** Lets an unverified key in; who may do so is decided before. @returns null when there is no such key */
export async function verifyKey(ctx: Acting, accountId: number, id: number): Promise<Key | null> {
  return approve(ctx, { accountId }, id);
}

export async function approve(ctx: Acting, holder: store.Holder, id: number): Promise<Key | null> {
  return ctx.db.transaction().execute(async (db) => {
    const key = await store.find(db, holder, id);
    if (key === null || key.verified) return key;
    await store.setVerified(db, id);
    await recordKey(ctx, db, 'verify', key);
    return { ...key, verified: true };
  });
}

/** Deletes one key and logs it. */
export async function removeKey(ctx: Acting, holder: store.Holder, id: number): Promise<Key | null> {
  return ctx.db.transaction().execute(async (db) => {
    const key = await store.find(db, holder, id);
    if (key === null) return null;
    await store.remove(db, [id]);
    await recordKey(ctx, db, 'delete', key);
    return key;
  });
}

/**
 * Deletes the keys of an account that is about to go, and the deploy keys that its tokens made.
 * @param db the transaction that deletes the account
 */
export async function deleteKeysOfAccount(ctx: Acting, db: Db, accountId: number): Promise<void> {
  const keys = [
    ...(await store.page(db, { accountId }, everything)).items,
    ...(await store.madeByTokensOf(db, accountId)),
  ];
  await store.remove(
    db,
    keys.map((key) => key.id),
  );
  for (const key of keys) await recordKey(ctx, db, 'delete', key, { explanation: 'account_deleted' });
}

/** The keys, people's and deploy keys, that an application made for this person. */
export function keysOfApplication(
  ctx: Context,
  which: { readonly applicationId: number; readonly accountId: number },
): Promise<readonly Key[]> {
  return store.madeByApplication(ctx.db, which);
}

/**
 * Deletes the keys that an application made, for this person or, without one, for everybody: people's and deploy keys
 * (ghes-spec 3, "user revokes an OAuth app").
 * @param db the transaction that ends the authorization
 */
export async function deleteKeysOfApplication(
  ctx: Acting,
  db: Db,
  which: { readonly applicationId: number; readonly accountId?: number },
): Promise<void> {
  const keys = await store.madeByApplication(db, which);
  await store.remove(
    db,
    keys.map((key) => key.id),
  );
  for (const key of keys) await recordKey(ctx, db, 'delete', key, { explanation: 'application_revoked' });
}

const everything: KeyPage = { page: 1, perPage: Number.MAX_SAFE_INTEGER };
