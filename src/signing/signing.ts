// The keys by which people sign commits and tags: OpenPGP and SSH. They are kept and shown, so that others can check
// signatures by them; they open nothing, and no signature is checked here (ghes-spec 7.3).
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import { parsePublicKey } from '../keys/public-key.ts';
import { notify } from '../mail/notices.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import type { OpenPgpPart, ReadKey } from './openpgp.ts';
import * as store from './store.ts';

export interface GpgPart extends OpenPgpPart {
  readonly id: number;
}

export interface GpgKey extends GpgPart {
  readonly name: string | null;
  readonly fingerprint: string;
  /** As it was given. */
  readonly rawKey: string;
  readonly emails: readonly string[];
  readonly subkeys: readonly GpgPart[];
}

export interface SigningKey {
  readonly id: number;
  readonly title: string;
  /** `TYPE BASE64`. */
  readonly key: string;
  readonly fingerprint: string;
  readonly createdAt: number;
}

type Person = { readonly id: number; readonly login: string };

const MAX_TITLE_LENGTH = 255;
/** Of each kind. */
const MAX_KEYS = 100;

/** @param read what openpgp-reader.ts made of it */
export async function addGpgKey(
  ctx: Acting,
  account: Person,
  { name, armored, read }: { readonly name: string | null; readonly armored: string; readonly read: ReadKey },
): Promise<Outcome<GpgKey>> {
  if (!read.ok) return refused(custom('armored_public_key', read.why));
  const problem = name === null ? null : titleProblem('name', name);
  if (problem !== null) return refused(problem);
  return ctx.db.transaction().execute(async (db) => {
    const { total } = await store.gpgKeysPage(db, account.id, { page: 1, perPage: 1 });
    if (total >= MAX_KEYS) return refused(custom('base', `There are ${MAX_KEYS} keys already.`));
    const row = { ...read.key, name: name === '' ? null : name, rawKey: armored.trim() };
    const key = await store.insertGpgKey(db, account.id, row, ctx.now());
    if (key === null) return refused(custom('key_id', 'key_id already exists'));
    await recordKey(ctx, db, account, 'gpg_key.create', { key_id: key.keyId, fingerprint: key.fingerprint });
    await tell(ctx, db, account, `A GPG key (${key.keyId}) was added to your account.`);
    return done(key);
  });
}

export async function addSigningKey(
  ctx: Acting,
  account: Person,
  wanted: { readonly title: string; readonly key: string },
): Promise<Outcome<SigningKey>> {
  const parsed = parsePublicKey(wanted.key);
  if (!parsed.ok) return parsed;
  const title =
    wanted.title.trim() === '' ? parsed.value.comment.slice(0, MAX_TITLE_LENGTH) : wanted.title.trim();
  const problem = titleProblem('title', title);
  if (problem !== null) return refused(problem);
  return ctx.db.transaction().execute(async (db) => {
    const { total } = await store.signingKeysPage(db, account.id, { page: 1, perPage: 1 });
    if (total >= MAX_KEYS) return refused(custom('base', `There are ${MAX_KEYS} keys already.`));
    const { text, fingerprint } = parsed.value;
    const key = await store.insertSigningKey(db, account.id, { title, key: text, fingerprint }, ctx.now());
    if (key === null) return refused(custom('key', 'key is already in use'));
    await recordKey(ctx, db, account, 'ssh_signing_key.create', { title, fingerprint });
    await tell(ctx, db, account, `An SSH signing key (${fingerprint}) was added to your account.`);
    return done(key);
  });
}

/** @returns false when there was none */
export async function deleteGpgKey(ctx: Acting, account: Person, id: number): Promise<boolean> {
  return ctx.db.transaction().execute(async (db) => {
    const key = await store.gpgKeyById(db, account.id, id);
    if (key === null) return false;
    await store.deleteGpgKey(db, id);
    await recordKey(ctx, db, account, 'gpg_key.delete', { key_id: key.keyId, fingerprint: key.fingerprint });
    return true;
  });
}

/** @returns false when there was none */
export async function deleteSigningKey(ctx: Acting, account: Person, id: number): Promise<boolean> {
  return ctx.db.transaction().execute(async (db) => {
    const key = await store.signingKeyById(db, account.id, id);
    if (key === null) return false;
    await store.deleteSigningKey(db, id);
    const { title, fingerprint } = key;
    await recordKey(ctx, db, account, 'ssh_signing_key.delete', { title, fingerprint });
    return true;
  });
}

export const listGpgKeys = (ctx: Context, accountId: number, page: store.PageOf) =>
  store.gpgKeysPage(ctx.db, accountId, page);
export const findGpgKey = (ctx: Context, accountId: number, id: number) =>
  store.gpgKeyById(ctx.db, accountId, id);
export const listSigningKeys = (ctx: Context, accountId: number, page: store.PageOf) =>
  store.signingKeysPage(ctx.db, accountId, page);
export const findSigningKey = (ctx: Context, accountId: number, id: number) =>
  store.signingKeyById(ctx.db, accountId, id);

async function recordKey(
  ctx: Acting,
  db: Db,
  user: Person,
  action: string,
  data: Readonly<Record<string, string>>,
): Promise<void> {
  await record(ctx, db, { action, operation: action.endsWith('create') ? 'create' : 'remove', user, data });
}

async function tell(ctx: Acting, db: Db, account: Person, text: string): Promise<void> {
  await notify(ctx, db, {
    accountId: account.id,
    subject: 'A key that signs was added to your account',
    text,
    path: '/settings/keys',
    advice: 'If that was not you, remove the key, and delete the token that made it.',
  });
}

function titleProblem(field: string, title: string): Problem | null {
  if (title.length > MAX_TITLE_LENGTH) {
    return custom(field, `${field} is too long (maximum is ${MAX_TITLE_LENGTH} characters)`);
  }
  return /[\p{Cc}\p{Cs}]/u.test(title) ? custom(field, `${field} can't hold control characters`) : null;
}

function custom(field: string, message: string): Problem {
  return { field, code: 'custom', message };
}
