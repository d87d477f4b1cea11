import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSync } from 'otplib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestContext, testContext, valueIn, wrongFields } from '../../test/context.ts';
import { Secret } from '../secrets/secret.ts';
import { createUser, suspendAccount } from './accounts.ts';
import { HALF_SIGN_IN_MS } from './admission.ts';
import { completeSignIn } from './half-sign-in.ts';
import { RECOVERY_CODES } from './recovery-codes.ts';
import {
  addApp,
  newRecoveryCodes,
  removeApp,
  resetSecondFactors,
  secondFactorsOf,
  withSecondFactor,
} from './second-factors.ts';
import { createSession, createSessionStore } from './sessions.ts';
import { changePassword, signIn } from './sign-in.ts';
import { confirmAccess } from './sudo.ts';
import { newApp, openNewApp } from './totp.ts';

const password = 'tr0mbone-under-glass';
const STEP_MS = 30_000;
let ctx: TestContext;
let mona: number;
let hubot: number;
let data: string;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'latchkey-factors-'));
  ctx = await testContext({ dataDirectory: data });
  const add = async (login: string) => {
    const user = { login, email: `${login}@Example.com`, siteAdmin: false, password: new Secret(password) };
    return valueIn(await createUser(ctx, user)).id;
  };
  mona = await add('mona');
  hubot = await add('hubot');
});
afterEach(async () => {
  await ctx.db.destroy();
  await rm(data, { recursive: true });
});

const home = { address: '192.0.2.1', userAgent: 'Firefox' };
const from = { origin: home, replaces: null };

/** What an app with this secret shows now, or so many steps from now. */
const codeOf = (secret: Secret, steps = 0) =>
  generateSync({ secret: secret.expose(), epoch: Math.floor((ctx.now() + steps * STEP_MS) / 1000) });

async function session(accountId = mona) {
  const { sessionId, secret } = await createSession(ctx, accountId, home);
  return { accountId, sessionId, secret };
}

/** Sets up an app, as a person does. */
async function withApp(accountId = mona) {
  const owner = await session(accountId);
  const made = await newApp(ctx, owner, 'mona');
  const typed = { made, code: codeOf(made.secret), address: home.address };
  const { recoveryCodes } = valueIn(await addApp(ctx, owner, typed));
  return { owner, secret: made.secret, recoveryCodes: recoveryCodes ?? [] };
}

async function half(login = 'mona', text = password): Promise<Secret> {
  const outcome = await signIn(ctx, { login, password: new Secret(text) }, home);
  if (outcome.ok || outcome.because !== 'second-factor') throw new Error(`was not asked: ${outcome.ok}`);
  return outcome.half;
}

const complete = (started: Secret, code: string, address = home.address) =>
  completeSignIn(ctx, started, { kind: 'app', code }, { ...from, origin: { ...home, address } });
const recover = (started: Secret, code: string) =>
  completeSignIn(ctx, started, { kind: 'recovery-code', code }, from);

const logged = async () =>
  (await ctx.db.selectFrom('audit_events').select(['action', 'actor_login', 'user_login']).execute()).map(
    (row) => row.action,
  );

describe('an authenticator app', () => {
  it('is asked for after the password from then on, and its code lets in', async () => {
    const { secret } = await withApp();
    ctx.clock.forward(STEP_MS);
    const outcome = await complete(await half(), codeOf(secret));
    if (!outcome.ok) throw new Error(outcome.because);
    expect(outcome.account.login).toBe('mona');
    expect(await createSessionStore(ctx).verify(outcome.secret)).toMatchObject({
      account: { login: 'mona' },
      grant: { sudo: true },
    });
    expect((await signIn(ctx, { login: 'hubot', password: new Secret(password) }, home)).ok).toBe(true);
  });

  it('lets in by a code once, and by none from before it', async () => {
    const { secret } = await withApp();
    const wrong = { ok: false, because: 'wrong' };
    // The code that set it up is used up, too.
    expect(await complete(await half(), codeOf(secret))).toEqual(wrong);
    ctx.clock.forward(5 * STEP_MS);
    const [before, now, next] = [codeOf(secret, -1), codeOf(secret), codeOf(secret, 1)];
    expect((await complete(await half(), now)).ok).toBe(true);
    expect(await complete(await half(), now)).toEqual(wrong);
    expect(await complete(await half(), before)).toEqual(wrong);
    expect((await complete(await half(), next)).ok).toBe(true);
  });

  it('may run half a minute before or after, and no more', async () => {
    const { secret } = await withApp();
    for (const [steps, ok] of [
      [-2, false],
      [2, false],
      [-1, true],
    ] as const) {
      ctx.clock.forward(10 * STEP_MS);
      expect((await complete(await half(), codeOf(secret, steps))).ok).toBe(ok);
    }
    ctx.clock.forward(10 * STEP_MS);
    const spaced = codeOf(secret, 1).replace(/(...)/, ' $1 ');
    expect((await complete(await half(), spaced)).ok).toBe(true);
  });

  it('lets one of many in who send the same code at once', async () => {
    const { secret } = await withApp();
    ctx.clock.forward(STEP_MS);
    const started = [await half(), await half(), await half(), await half()];
    const code = codeOf(secret);
    const outcomes = await Promise.all(started.map((one) => complete(one, code)));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
  });

  it('confirms access once, of many who show the same code at once', async () => {
    const { secret } = await withApp();
    ctx.clock.forward(STEP_MS);
    const sessions = [await session(), await session(), await session()];
    const code = codeOf(secret);
    const confirm = (one: { readonly accountId: number; readonly sessionId: number }) =>
      confirmAccess(ctx, { ...one, address: home.address }, { kind: 'app', code });
    const outcomes = await Promise.all(sessions.map(confirm));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    // Nor does a code confirm that somebody has signed in by, nor the other way round.
    ctx.clock.forward(2 * STEP_MS);
    const started = await half();
    const next = codeOf(secret);
    const [one] = sessions;
    if (one === undefined) throw new Error('no session');
    const both = await Promise.all([
      complete(started, next),
      confirmAccess(ctx, { ...one, address: home.address }, { kind: 'app', code: next }),
    ]);
    expect(both.filter((outcome) => outcome.ok)).toHaveLength(1);
  });

  it('added while a password is checked makes the password worth nothing', async () => {
    const owner = await session(hubot);
    const shown = { password: new Secret(password) };
    const who = { ...owner, address: home.address };
    expect(await confirmAccess(ctx, who, shown)).toEqual({ ok: true });
    // The first look at the clock comes between the first look at the factors and the end of the check.
    let added: Promise<unknown> | undefined;
    const row = { account_id: hubot, sealed_secret: new Uint8Array(64), last_step: 0, last_used_at: null };
    const now = (): number => {
      added ??= ctx.db
        .insertInto('authenticator_apps')
        .values({ ...row, created_at: ctx.now() })
        .execute();
      return ctx.now();
    };
    expect(await confirmAccess({ ...ctx, now }, who, shown)).toEqual({ ok: false, because: 'wrong' });
    await added;
  });

  it('can not be guessed by a crowd that has the password', async () => {
    const { secret } = await withApp();
    ctx.clock.forward(STEP_MS);
    const started = await half();
    const answers = new Set<string>();
    for (let n = 0; n < 40; n++) {
      const outcome = await complete(started, String(n).padStart(6, '0'), `198.51.100.${n}`);
      answers.add(outcome.ok ? 'in' : outcome.because);
    }
    expect(answers).toEqual(new Set(['wrong', 'throttled']));
    const person = await complete(started, codeOf(secret), '203.0.113.9');
    expect(person).toMatchObject({ because: 'throttled' });
    // Another way in stays open to the person, and another person is not hindered.
    const other = await withApp(hubot);
    ctx.clock.forward(STEP_MS);
    expect((await complete(await half('hubot'), codeOf(other.secret))).ok).toBe(true);
    ctx.clock.forward(60_000);
    expect((await complete(started, codeOf(secret), '203.0.113.9')).ok).toBe(true);
  });

  it('keeps its secret sealed: in the database it is not to be found, and the key is nobody else’s', async () => {
    const { secret } = await withApp();
    const rows = await ctx.db.selectFrom('authenticator_apps').selectAll().execute();
    const stored = Buffer.concat(rows.map((row) => Buffer.from(row.sealed_secret)));
    expect(stored.length).toBeGreaterThan(32);
    expect(stored.includes(secret.expose())).toBe(false);
    const [file = '', ...others] = await readdir(join(data, 'keys'));
    expect(others).toEqual([]);
    expect((await stat(join(data, 'keys', file))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(data, 'keys', file))).toHaveLength(32);
  });

  it('of one account is worth nothing in the row of another', async () => {
    const { secret } = await withApp();
    await withApp(hubot);
    const { sealed_secret } = await ctx.db
      .selectFrom('authenticator_apps')
      .where('account_id', '=', mona)
      .select('sealed_secret')
      .executeTakeFirstOrThrow();
    await ctx.db.updateTable('authenticator_apps').set({ sealed_secret }).execute();
    ctx.clock.forward(STEP_MS);
    expect((await complete(await half('hubot'), codeOf(secret))).ok).toBe(false);
    expect((await complete(await half('mona'), codeOf(secret))).ok).toBe(true);
  });

  it('is set up only by who types a code of it, in the session and the hour that showed it', async () => {
    const owner = await session();
    const made = await newApp(ctx, owner, 'mona');
    const wrong = await addApp(ctx, owner, { made, code: '000000', address: home.address });
    expect(wrongFields(wrong)).toEqual(['app_code']);
    expect(await withSecondFactor(ctx, [mona, hubot])).toEqual(new Set());
    const sealed = { login: 'mona', sealed: made.sealed };
    expect(await openNewApp(ctx, await session(), sealed)).toBeNull();
    expect(await openNewApp(ctx, { ...owner, accountId: hubot }, sealed)).toBeNull();
    expect(await openNewApp(ctx, owner, { ...sealed, sealed: `${made.sealed.slice(0, -2)}AA` })).toBeNull();
    const opened = await openNewApp(ctx, owner, sealed);
    expect(opened?.uri.expose()).toBe(made.uri.expose());
    expect(made.uri.expose()).toMatch(/^otpauth:\/\/totp\/Latchkey.*:mona\?secret=[A-Z2-7]{32}&issuer=/);
    ctx.clock.forward(60 * 60_000);
    expect(await openNewApp(ctx, owner, sealed)).toBeNull();
  });

  it('ends all other sessions when it comes and when it goes', async () => {
    const sessions = createSessionStore(ctx);
    const [other, bystander] = [await session(), await session(hubot)];
    const { owner } = await withApp();
    expect(await sessions.verify(other.secret)).toBeNull();
    expect(await sessions.verify(owner.secret)).not.toBeNull();
    expect(await sessions.verify(bystander.secret)).not.toBeNull();
    const later = await session();
    expect(await removeApp(ctx, owner)).toBe(true);
    expect(await sessions.verify(later.secret)).toBeNull();
    expect(await sessions.verify(owner.secret)).not.toBeNull();
    expect(await removeApp(ctx, owner)).toBe(false);
    expect((await signIn(ctx, { login: 'mona', password: new Secret(password) }, home)).ok).toBe(true);
  });
});

describe('half a sign-in', () => {
  it('lasts ten minutes', async () => {
    const { secret } = await withApp();
    const started = await half();
    ctx.clock.forward(HALF_SIGN_IN_MS - 1);
    expect((await complete(started, '000000')).ok).toBe(false);
    expect(await complete(started, '000000')).toMatchObject({ because: 'wrong' });
    ctx.clock.forward(1);
    expect(await complete(started, codeOf(secret))).toEqual({ ok: false, because: 'expired' });
    expect((await complete(await half(), codeOf(secret))).ok).toBe(true);
  });

  it('is no session, and is gone once it succeeded', async () => {
    const { secret } = await withApp();
    ctx.clock.forward(STEP_MS);
    const started = await half();
    expect(await createSessionStore(ctx).verify(started)).toBeNull();
    expect((await complete(started, codeOf(secret))).ok).toBe(true);
    ctx.clock.forward(STEP_MS);
    expect(await complete(started, codeOf(secret))).toEqual({ ok: false, because: 'expired' });
  });

  it('ends when the account is suspended, the password changed, or the factors are', async () => {
    const { owner, secret, recoveryCodes } = await withApp();
    const expired = { ok: false, because: 'expired' };
    let started = await half();
    const next = new Secret('an-other-trombone');
    const change = { current: new Secret(password), next };
    valueIn(await changePassword(ctx, { ...owner, address: home.address }, change));
    expect(await complete(started, codeOf(secret, 1))).toEqual(expired);
    started = await half('mona', 'an-other-trombone');
    const made = await newApp(ctx, owner, 'mona');
    valueIn(await addApp(ctx, owner, { made, code: codeOf(made.secret), address: home.address }));
    expect(await recover(started, recoveryCodes[0]?.expose() ?? '')).toEqual(expired);
    started = await half('mona', 'an-other-trombone');
    valueIn(await suspendAccount(ctx, mona));
    expect(await recover(started, recoveryCodes[0]?.expose() ?? '')).toEqual(expired);
  });
});

describe('recovery codes', () => {
  it('come with the first factor, and each lets in once', async () => {
    const { recoveryCodes, owner } = await withApp();
    expect(recoveryCodes).toHaveLength(RECOVERY_CODES);
    const [first = new Secret(''), second = new Secret('')] = recoveryCodes;
    expect(first.expose()).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$/);
    expect((await recover(await half(), first.expose())).ok).toBe(true);
    expect((await recover(await half(), first.expose())).ok).toBe(false);
    expect((await recover(await half(), second.expose().toUpperCase().replaceAll('-', ' '))).ok).toBe(true);
    expect(await secondFactorsOf(ctx, mona)).toMatchObject({ recoveryCodes: RECOVERY_CODES - 2 });
    const made = await newApp(ctx, owner, 'mona');
    const again = { made, code: codeOf(made.secret), address: home.address };
    expect(valueIn(await addApp(ctx, owner, again)).recoveryCodes).toBeNull();
  });

  it('let one of many in who send the same one at once', async () => {
    const { recoveryCodes } = await withApp();
    const started = [await half(), await half(), await half(), await half()];
    const code = recoveryCodes[0]?.expose() ?? '';
    const outcomes = await Promise.all(started.map((one) => recover(one, code)));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    expect(await secondFactorsOf(ctx, mona)).toMatchObject({ recoveryCodes: RECOVERY_CODES - 1 });
  });

  it('of others, made up, or replaced, let nobody in', async () => {
    const { recoveryCodes } = await withApp();
    const others = await withApp(hubot);
    const fresh = valueIn(await newRecoveryCodes(ctx, mona));
    for (const code of [recoveryCodes[0], others.recoveryCodes[0], new Secret('0000-0000-0000-0000')]) {
      expect((await recover(await half(), code?.expose() ?? '')).ok).toBe(false);
    }
    expect((await recover(await half(), 'x'.repeat(100_000))).ok).toBe(false);
    expect((await recover(await half(), fresh[0]?.expose() ?? '')).ok).toBe(true);
    const rows = await ctx.db.selectFrom('recovery_codes').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(fresh[1]?.expose().replaceAll('-', ''));
  });

  it('go with the last factor, and are not made for who has none', async () => {
    const { owner } = await withApp();
    await removeApp(ctx, owner);
    expect(await secondFactorsOf(ctx, mona)).toEqual({ app: null, passkeys: [], recoveryCodes: 0 });
    expect(wrongFields(await newRecoveryCodes(ctx, mona))).toEqual(['recovery_codes']);
  });
});

describe('a site admin or operator', () => {
  it('takes the factors away from who has lost them, which ends all sessions and is logged', async () => {
    const { owner } = await withApp();
    expect(await withSecondFactor(ctx, [mona, hubot])).toEqual(new Set([mona]));
    expect(valueIn(await resetSecondFactors(ctx, mona))).toBe(true);
    expect(valueIn(await resetSecondFactors(ctx, mona))).toBe(false);
    expect(await createSessionStore(ctx).verify(owner.secret)).toBeNull();
    expect((await signIn(ctx, { login: 'mona', password: new Secret(password) }, home)).ok).toBe(true);
    expect((await logged()).slice(-3)).toEqual([
      'two_factor_authentication.remove_factor',
      'two_factor_authentication.disabled',
      'user.login',
    ]);
  });
});

it('the security log tells what became of factors and sign-ins, by the names of GHES', async () => {
  const { secret } = await withApp();
  ctx.clock.forward(STEP_MS);
  await signIn(ctx, { login: 'mona', password: new Secret('wrong-trombone') }, home);
  await complete(await half(), '000000');
  await complete(await half(), codeOf(secret));
  valueIn(await newRecoveryCodes(ctx, mona));
  expect(await logged()).toEqual([
    'user.create',
    'user.create',
    'user.login',
    'two_factor_authentication.add_factor',
    'two_factor_authentication.enabled',
    'user.failed_login',
    'user.failed_login',
    'user.login',
    'two_factor_authentication.recovery_codes_regenerated',
  ]);
  const data = await ctx.db.selectFrom('audit_events').select('data').execute();
  expect(JSON.stringify(data)).not.toContain(secret.expose());
});
