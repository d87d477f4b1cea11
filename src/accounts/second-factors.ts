// The second factors of an account: adding, renaming, removing, and their recovery codes. With the first one, the
// password alone stops to suffice anywhere; with the last one gone, it suffices again. Each change ends all other
// sessions, since one of them may be the reason for it.
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import type { Secret, SecretHash } from '../secrets/secret.ts';
import type { Account } from './accounts.ts';
import * as store from './factor-store.ts';
import { deleteHalfSignIns } from './half-sign-in-store.ts';
import { type PasskeyKind, readNewPasskey, relyingParty } from './passkeys.ts';
import { makeRecoveryCodes } from './recovery-codes.ts';
import { deleteSessions, setSessionFactor } from './session-store.ts';
import type { SecondFactor } from './sessions.ts';
import { accountById } from './store.ts';
import { beginTry } from './throttle.ts';
import { tellSecurity } from './told.ts';
import { type NewApp, type Owner, sealApp, stepOfCode } from './totp.ts';

const MAX_PASSKEYS = 50;
const MAX_NAME_LENGTH = 100;

export interface Passkey {
  readonly id: number;
  readonly kind: PasskeyKind;
  readonly name: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

export interface SecondFactors {
  readonly app: { readonly createdAt: number; readonly lastUsedAt: number | null } | null;
  readonly passkeys: readonly Passkey[];
  /** How many recovery codes are left. */
  readonly recoveryCodes: number;
}

/** What the account has. */
export async function secondFactorsOf(ctx: Context, accountId: number): Promise<SecondFactors> {
  const app = await store.appOf(ctx.db, accountId);
  return {
    app: app === null ? null : { createdAt: app.createdAt, lastUsedAt: app.lastUsedAt },
    passkeys: await store.passkeysOf(ctx.db, accountId),
    recoveryCodes: await store.countRecoveryCodes(ctx.db, accountId),
  };
}

/** Which of these accounts have one? */
export function withSecondFactor(ctx: Context, accountIds: readonly number[]): Promise<ReadonlySet<number>> {
  return store.withSecondFactor(ctx.db, accountIds);
}

/** What comes of adding one: the recovery codes, when it is the first; they are shown this once. */
export interface Added {
  readonly recoveryCodes: readonly Secret[] | null;
}

const noSuchAccount: Problem = { field: 'login', code: 'custom', message: 'There is no such account.' };

/**
 * Sets up the authenticator app, in place of the one there was, once a code of it shows that it works.
 * Refused with a problem of the field `app_code`.
 */
export async function addApp(
  ctx: Acting,
  owner: Owner,
  app: { readonly made: NewApp; readonly code: string; readonly address: string },
): Promise<Outcome<Added>> {
  const { accountId } = owner;
  const at = `new authenticator app of ${accountId}`;
  const attempt = await beginTry(ctx, { at, address: app.address });
  const step = attempt.allowed ? stepOfCode(ctx, app.made.secret, app.code) : null;
  if (!attempt.allowed || step === null) {
    const message = 'This is not the code that the app shows now. Look at the clock of your device, too.';
    return refused({ field: 'app_code', code: 'custom', message });
  }
  await attempt.succeeded();
  const sealedSecret = await sealApp(ctx, accountId, app.made.secret);
  return add(ctx, owner, 'app', async (db) => {
    await store.writeApp(db, { accountId, sealedSecret, step, at: ctx.now() });
    return null;
  });
}

/**
 * Adds a passkey or a security key that the browser has made.
 * Refused with a problem of the field `name` or `response`.
 */
export async function addPasskey(
  ctx: Acting,
  owner: Owner,
  key: {
    readonly kind: PasskeyKind;
    readonly name: string;
    readonly response: string;
    readonly boundTo: SecretHash;
  },
): Promise<Outcome<Added>> {
  const { kind, name } = key;
  const problem = nameProblem(name);
  if (problem !== null) return refused(problem);
  const party = relyingParty(ctx.config);
  const made = party === null ? null : await readNewPasskey(ctx, party, key);
  if (made === null) return refused(notAdded);
  const { accountId } = owner;
  return add(ctx, owner, kind, async (db) => {
    const known = await store.passkeysOf(db, accountId);
    if (known.length >= MAX_PASSKEYS) {
      const message = `An account can have ${MAX_PASSKEYS} passkeys and security keys: remove one first.`;
      return { field: 'response', code: 'custom', message };
    }
    const row = { ...made, accountId, kind, name: name.trim(), at: ctx.now() };
    return (await store.insertPasskey(db, row)) ? null : notAdded;
  });
}

const notAdded: Problem = {
  field: 'response',
  code: 'custom',
  message: 'Your browser did not give a key that can be used here. Try again.',
};

function nameProblem(name: string): Problem | null {
  const text = name.trim();
  if (text === '') return { field: 'name', code: 'missing_field', message: "Name can't be blank." };
  if (text.length > MAX_NAME_LENGTH) {
    const message = `Name is too long (at most ${MAX_NAME_LENGTH} characters).`;
    return { field: 'name', code: 'invalid', message };
  }
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(text)) {
    return { field: 'name', code: 'invalid', message: 'Name contains characters that cannot be shown.' };
  }
  return null;
}

/** What all ways of adding share: the first one's recovery codes, the end of other sessions, the log. */
async function add(
  ctx: Acting,
  { accountId, sessionId }: Owner,
  factor: SecondFactor,
  write: (db: Db) => Promise<Problem | null>,
): Promise<Outcome<Added>> {
  return ctx.db.transaction().execute(async (db): Promise<Outcome<Added>> => {
    const user = await accountById(db, accountId);
    if (user === null) return refused(noSuchAccount);
    const isFirst = !(await store.hasSecondFactor(db, accountId));
    const problem = await write(db);
    if (problem !== null) return refused(problem);
    const recoveryCodes = isFirst ? await makeRecoveryCodes(ctx, db, accountId) : null;
    await endOthers(db, accountId, sessionId);
    await setSessionFactor(db, sessionId, factor);
    const data = { second_factor: factor };
    await record(ctx, db, { action: added[factor], operation: 'create', user, data });
    await tellSecurity(ctx, db, accountId, 'factor-added', { facts: [['Factor', factorNames[factor]]] });
    if (isFirst) {
      await record(ctx, db, { action: 'two_factor_authentication.enabled', operation: 'create', user, data });
    }
    return done({ recoveryCodes });
  });
}

const factorNames: Readonly<Record<SecondFactor, string>> = {
  app: 'authenticator app',
  'recovery-code': 'recovery codes',
  passkey: 'passkey',
  'security-key': 'security key',
};
const added: Readonly<Record<SecondFactor, string>> = {
  app: 'two_factor_authentication.add_factor',
  'recovery-code': 'two_factor_authentication.add_factor',
  passkey: 'passkey.register',
  'security-key': 'security_key.register',
};
const removed: Readonly<Record<SecondFactor, string>> = {
  app: 'two_factor_authentication.remove_factor',
  'recovery-code': 'two_factor_authentication.remove_factor',
  passkey: 'passkey.remove',
  'security-key': 'security_key.remove',
};

/** What was begun elsewhere under other rules ends. */
async function endOthers(db: Db, accountId: number, sessionId?: number): Promise<void> {
  await deleteSessions(db, accountId, sessionId === undefined ? {} : { except: sessionId });
  await deleteHalfSignIns(db, { accountId });
}

/** False: the account has no such passkey or security key. */
export async function renamePasskey(
  ctx: Acting,
  accountId: number,
  passkey: { readonly id: number; readonly name: string },
): Promise<Outcome<boolean>> {
  const problem = nameProblem(passkey.name);
  if (problem !== null) return refused(problem);
  const { id } = passkey;
  const name = passkey.name.trim();
  return ctx.db.transaction().execute(async (db): Promise<Outcome<boolean>> => {
    const user = await accountById(db, accountId);
    const before = (await store.passkeysOf(db, accountId)).find((one) => one.id === id);
    if (user === null || before === undefined) return done(false);
    await store.renamePasskey(db, { id, accountId, name });
    const action = before.kind === 'passkey' ? 'passkey.update' : 'security_key.update';
    const data = { name, previous_name: before.name };
    await record(ctx, db, { action, operation: 'modify', user, data });
    return done(true);
  });
}

/** Removes the authenticator app. False: there is none. */
export async function removeApp(ctx: Acting, owner: Owner): Promise<boolean> {
  return remove(ctx, owner, async (db) => ((await store.deleteApp(db, owner.accountId)) ? ['app'] : []));
}

/** Removes a passkey or security key. False: the account has no such one. */
export async function removePasskey(ctx: Acting, owner: Owner, id: number): Promise<boolean> {
  return remove(ctx, owner, async (db) =>
    (await store.deletePasskeys(db, owner.accountId, id)).map(({ kind }) => kind),
  );
}

async function remove(
  ctx: Acting,
  { accountId, sessionId }: Owner,
  write: (db: Db) => Promise<readonly SecondFactor[]>,
): Promise<boolean> {
  return ctx.db.transaction().execute(async (db) => {
    const user = await accountById(db, accountId);
    const factors = await write(db);
    if (user === null || factors.length === 0) return false;
    await endOthers(db, accountId, sessionId);
    await recordRemovals(ctx, db, user, factors);
    return true;
  });
}

/** Logs what went; with the last one, what hangs on them goes too. */
async function recordRemovals(
  ctx: Acting,
  db: Db,
  user: Account,
  factors: readonly SecondFactor[],
): Promise<void> {
  for (const factor of factors) {
    const data = { second_factor: factor };
    await record(ctx, db, { action: removed[factor], operation: 'remove', user, data });
    const facts = [['Factor', factorNames[factor]]] as const;
    await tellSecurity(ctx, db, user.id, 'factor-removed', { facts });
  }
  if (await store.hasSecondFactor(db, user.id)) return;
  await store.writeRecoveryCodes(db, user.id, []);
  await record(ctx, db, { action: 'two_factor_authentication.disabled', operation: 'remove', user });
  await tellSecurity(ctx, db, user.id, 'two-factor-disabled');
}

/** Replaces all recovery codes. Refused for who has no second factor: there would be nothing to recover. */
export async function newRecoveryCodes(ctx: Acting, accountId: number): Promise<Outcome<readonly Secret[]>> {
  return ctx.db.transaction().execute(async (db): Promise<Outcome<readonly Secret[]>> => {
    const user = await accountById(db, accountId);
    if (user === null) return refused(noSuchAccount);
    if (!(await store.hasSecondFactor(db, accountId))) {
      const message = 'Recovery codes come with the first second factor.';
      return refused({ field: 'recovery_codes', code: 'custom', message });
    }
    const codes = await makeRecoveryCodes(ctx, db, accountId);
    const action = 'two_factor_authentication.recovery_codes_regenerated';
    await record(ctx, db, { action, operation: 'modify', user });
    await tellSecurity(ctx, db, accountId, 'recovery-codes-replaced');
    return done(codes);
  });
}

/**
 * Takes all second factors away from who has lost them, recovery codes too: for operators and site admins. All
 * sessions end. False: the account had none.
 */
export async function resetSecondFactors(ctx: Acting, accountId: number): Promise<Outcome<boolean>> {
  return ctx.db.transaction().execute(async (db): Promise<Outcome<boolean>> => {
    const user = await accountById(db, accountId);
    if (user === null) return refused(noSuchAccount);
    const factors: SecondFactor[] = (await store.deleteApp(db, accountId)) ? ['app'] : [];
    for (const { kind } of await store.deletePasskeys(db, accountId)) factors.push(kind);
    if (factors.length === 0) return done(false);
    await endOthers(db, accountId);
    await recordRemovals(ctx, db, user, factors);
    return done(true);
  });
}
