import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestContext, testContext, valueIn, wrongFields } from '../../test/context.ts';
import { Secret } from '../secrets/secret.ts';
import { createUser, suspendAccount } from './accounts.ts';
import { hashPassword } from './passwords.ts';
import { createSession, createSessionStore } from './sessions.ts';
import { changePassword, signIn } from './sign-in.ts';
import { setPasswordHash } from './store.ts';
import { beginTry, FREE_TRIES, FREE_TRIES_OF_ADDRESS, LONGEST_WAIT_MS } from './throttle.ts';

const password = 'tr0mbone-under-glass';
let ctx: TestContext;
let mona: number;

beforeEach(async () => {
  ctx = await testContext();
  const add = async (login: string) => {
    const user = { login, email: `${login}@Example.com`, siteAdmin: false, password: new Secret(password) };
    return valueIn(await createUser(ctx, user)).id;
  };
  mona = await add('Mona');
  await add('hubot');
});
afterEach(() => ctx.db.destroy());

const home = '192.0.2.1';
const elsewhere = '198.51.100.7';
const attempt = (login: string, text = password, address = home) =>
  signIn(ctx, { login, password: new Secret(text) }, { address, userAgent: 'Firefox' });

describe('signing in', () => {
  it.each(['mona', 'MONA', ' Mona ', 'mona@example.com', 'MONA@EXAMPLE.COM'])(
    'works as %j',
    async (login) => {
      const outcome = await attempt(login);
      if (!outcome.ok) throw new Error(outcome.because);
      expect(outcome.account.id).toBe(mona);
      expect(await createSessionStore(ctx).verify(outcome.secret)).toMatchObject({
        account: { login: 'Mona' },
      });
    },
  );

  it('gives the same answer for a wrong password and for nobody', async () => {
    const wrong = { ok: false, because: 'wrong' };
    expect(await attempt('mona', 'wrong-trombone')).toEqual(wrong);
    expect(await attempt('nobody-here')).toEqual(wrong);
    expect(await attempt('nobody@example.com')).toEqual(wrong);
    expect(await attempt('')).toEqual(wrong);
    expect(await attempt('mona', '')).toEqual(wrong);
    expect(await attempt("mona' --", 'x'.repeat(1_000_000))).toEqual(wrong);
    expect(await attempt('x@'.repeat(500_000))).toEqual(wrong);
  });

  it('ends the session that the browser had', async () => {
    const sessions = createSessionStore(ctx);
    const before = await attempt('mona');
    if (!before.ok) throw new Error(before.because);
    const replaces = { accountId: mona, sessionId: before.sessionId };
    const origin = { address: home, userAgent: '' };
    const after = await signIn(ctx, { login: 'hubot', password: new Secret(password) }, origin, replaces);
    if (!after.ok) throw new Error(after.because);
    expect(await sessions.verify(before.secret)).toBeNull();
    expect(await sessions.verify(after.secret)).toMatchObject({ account: { login: 'hubot' } });
  });

  it('tells that an account is suspended only to who knows its password', async () => {
    valueIn(await suspendAccount(ctx, mona));
    expect(await attempt('mona')).toEqual({ ok: false, because: 'suspended' });
    expect(await attempt('mona', 'wrong-trombone')).toEqual({ ok: false, because: 'wrong' });
  });

  it('stores the password anew when the parameters have grown, and it still works', async () => {
    const hashOf = async () =>
      (
        await ctx.db
          .selectFrom('accounts')
          .select('password_hash')
          .where('id', '=', mona)
          .executeTakeFirstOrThrow()
      ).password_hash;
    const weak = { memory: 8192, passes: 1, parallelism: 1 };
    await setPasswordHash(ctx.db, mona, await hashPassword(ctx, new Secret(password), weak));
    expect((await attempt('mona', 'wrong-trombone')).ok).toBe(false);
    expect(await hashOf()).toContain('m=8192');
    expect((await attempt('mona')).ok).toBe(true);
    expect(await hashOf()).toContain(`m=${ctx.config.passwordCost.memory},t=1`);
    expect((await attempt('mona')).ok).toBe(true);
  });
});

describe('guessing', () => {
  const fail = async (count: number, login = 'mona', address = home) => {
    for (let n = 0; n < count; n++) await beginTry(ctx, { at: login, address });
  };
  const guessAtMona = async (count: number) => {
    for (let n = 0; n < count; n++) await attempt('mona', `wrong-trombone-${n}`);
  };

  it('is slowed down after ten failures, even for the right password, and only there', async () => {
    await guessAtMona(FREE_TRIES);
    expect(await attempt('mona')).toMatchObject({ ok: false, because: 'throttled' });
    expect(await attempt(' MONA ')).toMatchObject({ ok: false, because: 'throttled' });
    expect((await attempt('hubot')).ok).toBe(true);
    expect((await attempt('mona', password, elsewhere)).ok).toBe(true);
  });

  it('does not tell which name and which e-mail address are one person’s', async () => {
    await guessAtMona(FREE_TRIES);
    expect(await attempt('mona@example.com', 'wrong-trombone')).toEqual({ ok: false, because: 'wrong' });
    expect(await attempt('hubot@example.com', 'wrong-trombone')).toEqual({ ok: false, because: 'wrong' });
  });

  it('does not hinder who signs in before the tenth failure, and begins anew then', async () => {
    await guessAtMona(FREE_TRIES - 1);
    expect((await attempt('mona')).ok).toBe(true);
    await guessAtMona(FREE_TRIES - 1);
    expect((await attempt('mona')).ok).toBe(true);
  });

  it('is allowed again after the wait, however much was tried in between', async () => {
    await guessAtMona(FREE_TRIES);
    const first = await attempt('mona');
    expect(first).toMatchObject({ retryAfterMs: 30_000 });
    ctx.clock.forward(29_999);
    await guessAtMona(50);
    expect(await attempt('mona')).toMatchObject({ retryAfterMs: 1 });
    ctx.clock.forward(1);
    expect((await attempt('mona')).ok).toBe(true);
    expect((await attempt('mona', 'wrong-trombone')).ok).toBe(false);
    expect((await attempt('mona')).ok).toBe(true);
  });

  it('waits twice as long after each further failure, but never more than five minutes', async () => {
    await fail(FREE_TRIES);
    const waits: number[] = [];
    for (let round = 0; round < 6; round++) {
      const outcome = await beginTry(ctx, { at: 'mona', address: home });
      if (outcome.allowed) throw new Error('was allowed');
      waits.push(outcome.retryAfterMs);
      ctx.clock.forward(outcome.retryAfterMs);
      await fail(1);
    }
    expect(waits).toEqual([30_000, 60_000, 120_000, 240_000, LONGEST_WAIT_MS, LONGEST_WAIT_MS]);
    ctx.clock.forward(60 * 60_000);
    await fail(FREE_TRIES - 1);
    expect((await beginTry(ctx, { at: 'mona', address: home })).allowed).toBe(true);
  });

  it('does not slip through by many tries at once', async () => {
    const tries = Array.from({ length: 30 }, () => beginTry(ctx, { at: 'mona', address: home }));
    expect((await Promise.all(tries)).filter((one) => one.allowed)).toHaveLength(FREE_TRIES);
  });

  it('at many names from one address is slowed down for that address', async () => {
    for (let n = 0; n < FREE_TRIES_OF_ADDRESS; n++) await fail(1, `name-${n}`);
    expect(await attempt('mona')).toMatchObject({ because: 'throttled' });
    expect((await attempt('mona', password, elsewhere)).ok).toBe(true);
    ctx.clock.forward(30_000);
    expect((await attempt('mona')).ok).toBe(true);
  });

  it('is not paid for by people who know their passwords', async () => {
    for (let n = 0; n < FREE_TRIES_OF_ADDRESS + 10; n++) {
      const outcome = await beginTry(ctx, { at: `name-${n}`, address: home });
      if (outcome.allowed) await outcome.succeeded();
    }
    expect((await attempt('mona')).ok).toBe(true);
  });

  it('from one IPv6 network counts as from one address', async () => {
    for (let n = 0; n < FREE_TRIES; n++) await fail(1, 'mona', `2001:db8:1:2::${n + 1}`);
    expect((await beginTry(ctx, { at: 'mona', address: '2001:db8:1:2:ffff::1' })).allowed).toBe(false);
    expect((await beginTry(ctx, { at: 'mona', address: '2001:db8:1:3::1' })).allowed).toBe(true);
    await fail(FREE_TRIES, 'mona', '::ffff:192.0.2.1');
    expect((await beginTry(ctx, { at: 'mona', address: home })).allowed).toBe(false);
    expect((await beginTry(ctx, { at: 'mona', address: 'not an address' })).allowed).toBe(true);
  });

  it('fills no more than a bounded table, and what is under attack stays counted', async () => {
    await fail(FREE_TRIES);
    const rows = Array.from({ length: 10_500 }, (_, n) => ({
      bucket: `b${n}`,
      failures: 1,
      since: ctx.now(),
    }));
    for (let at = 0; at < rows.length; at += 500) {
      await ctx.db
        .insertInto('sign_in_failures')
        .values(rows.slice(at, at + 500))
        .execute();
    }
    await fail(1, 'hubot', elsewhere);
    const count = ctx.db.selectFrom('sign_in_failures').select((e) => e.fn.countAll<number>().as('count'));
    expect((await count.executeTakeFirstOrThrow()).count).toBeLessThanOrEqual(10_000);
    expect((await beginTry(ctx, { at: 'mona', address: home })).allowed).toBe(false);
  });
});

describe('changing the password', () => {
  const change = (sessionId: number, current: string, next: string, address = home) =>
    changePassword(
      ctx,
      { accountId: mona, sessionId, address },
      { current: new Secret(current), next: new Secret(next) },
    );

  it('ends the other sessions and keeps this one under a new secret', async () => {
    const sessions = createSessionStore(ctx);
    const origin = { address: home, userAgent: '' };
    const [mine, other] = [await createSession(ctx, mona, origin), await createSession(ctx, mona, origin)];
    const secret = valueIn(await change(mine.sessionId, password, 'an-other-trombone'));
    expect(await sessions.verify(secret)).toMatchObject({ grant: { sessionId: mine.sessionId } });
    expect(await sessions.verify(mine.secret)).toBeNull();
    expect(await sessions.verify(other.secret)).toBeNull();
    expect((await attempt('mona')).ok).toBe(false);
    expect((await attempt('mona', 'an-other-trombone')).ok).toBe(true);
  });

  it('takes the present password and a good new one', async () => {
    const { sessionId } = await createSession(ctx, mona, { address: home, userAgent: '' });
    expect(wrongFields(await change(sessionId, 'wrong-trombone', 'an-other-trombone'))).toEqual([
      'current_password',
    ]);
    expect(wrongFields(await change(sessionId, password, 'password'))).toEqual(['password']);
    expect((await attempt('mona')).ok).toBe(true);
  });

  it('is no way around the throttle for who found a browser open', async () => {
    const { sessionId } = await createSession(ctx, mona, { address: home, userAgent: '' });
    for (let n = 0; n < FREE_TRIES; n++) await change(sessionId, `guess-${n}`, 'an-other-trombone');
    const refusal = await change(sessionId, password, 'an-other-trombone');
    expect(refusal).toMatchObject({ problems: [{ message: expect.stringMatching(/Too many/) }] });
    expect((await change(sessionId, password, 'an-other-trombone', elsewhere)).ok).toBe(true);
  });
});
