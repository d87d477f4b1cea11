import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestContext, testContext, valueIn, wrongFields } from '../../test/context.ts';
import { Secret } from '../secrets/secret.ts';
import { createUser, listAccounts } from './accounts.ts';
import {
  accountOfPasswordCode,
  choosePassword,
  completeSetup,
  createPasswordLink,
  createSetupLink,
  isSetupCode,
  PASSWORD_LINK_MS,
} from './links.ts';
import { createSession, createSessionStore } from './sessions.ts';
import { signIn } from './sign-in.ts';

let ctx: TestContext;
beforeEach(async () => {
  ctx = await testContext({ url: 'https://git.example.com' });
});
afterEach(() => ctx.db.destroy());

const password = new Secret('tr0mbone-under-glass');
const mona = { login: 'mona', email: 'mona@example.com', password };
const origin = { address: '192.0.2.1', userAgent: '' };

function codeOf(link: Secret | null): Secret {
  if (link === null) throw new Error('no link');
  return new Secret(new URL(link.expose()).searchParams.get('code') ?? '');
}

describe('the set-up link', () => {
  it('makes the first account, a site admin, once', async () => {
    const link = await createSetupLink(ctx);
    expect(link?.expose()).toMatch(/^https:\/\/git\.example\.com\/setup\?code=[\w-]{43}$/);
    const code = codeOf(link);
    expect(await isSetupCode(ctx, code)).toBe(true);
    expect(valueIn(await completeSetup(ctx, code, mona))).toMatchObject({ login: 'mona', siteAdmin: true });
    expect(await isSetupCode(ctx, code)).toBe(false);
    const again = await completeSetup(ctx, code, { ...mona, login: 'eve', email: 'eve@example.com' });
    expect(wrongFields(again)).toEqual(['code']);
    expect(await createSetupLink(ctx)).toBeNull();
  });

  it('is not used up by a mistake in the form', async () => {
    const code = codeOf(await createSetupLink(ctx));
    expect(wrongFields(await completeSetup(ctx, code, { ...mona, email: 'nowhere' }))).toEqual(['email']);
    valueIn(await completeSetup(ctx, code, mona));
  });

  it('lets one of two set-ups at once win', async () => {
    const code = codeOf(await createSetupLink(ctx));
    const eve = { login: 'eve', email: 'eve@example.com', password };
    const both = await Promise.all([completeSetup(ctx, code, mona), completeSetup(ctx, code, eve)]);
    expect(both.filter((outcome) => outcome.ok)).toHaveLength(1);
    expect(both.flatMap(wrongFields)).toEqual(['code']);
    expect((await listAccounts(ctx, { page: 1, perPage: 10 })).total).toBe(1);
  });

  it('fails when an account came to be by another way in the meantime', async () => {
    const code = codeOf(await createSetupLink(ctx));
    const cli = { login: 'cli', email: 'cli@example.com', siteAdmin: true, password: null };
    let other: Promise<unknown> | undefined;
    const atHashing = (count: number) => {
      other ??= createUser(ctx, cli);
      return ctx.random(count);
    };
    const race = await completeSetup({ ...ctx, random: atHashing }, code, mona);
    expect(wrongFields(race)).toEqual(['code']);
    expect(await other).toMatchObject({ ok: true });
  });

  it('is replaced at the next start, and never dies by age alone', async () => {
    const old = codeOf(await createSetupLink(ctx));
    ctx.clock.forward(400 * 24 * 60 * 60_000);
    expect(await isSetupCode(ctx, old)).toBe(true);
    const now = codeOf(await createSetupLink(ctx));
    expect(await isSetupCode(ctx, old)).toBe(false);
    expect(wrongFields(await completeSetup(ctx, old, mona))).toEqual(['code']);
    valueIn(await completeSetup(ctx, now, mona));
  });

  it.each(['', 'x', 'x'.repeat(43), 'x'.repeat(1_000_000), "' OR 1=1 --"])(
    'is not guessed as %.20s',
    async (text) => {
      await createSetupLink(ctx);
      expect(wrongFields(await completeSetup(ctx, new Secret(text), mona))).toEqual(['code']);
    },
  );
});

describe('a password link', () => {
  let id: number;
  beforeEach(async () => {
    const user = { login: 'mona', email: 'mona@example.com', siteAdmin: false, password: null };
    id = valueIn(await createUser(ctx, user)).id;
  });

  const canSignIn = async (text: string) =>
    (await signIn(ctx, { login: 'mona', password: new Secret(text) }, origin)).ok;

  it('lets an invited person choose a password, once', async () => {
    expect(await canSignIn(password.expose())).toBe(false);
    const code = codeOf(await createPasswordLink(ctx, id));
    expect((await accountOfPasswordCode(ctx, code))?.login).toBe('mona');
    valueIn(await choosePassword(ctx, code, password));
    expect(await canSignIn(password.expose())).toBe(true);
    expect(await accountOfPasswordCode(ctx, code)).toBeNull();
    expect(wrongFields(await choosePassword(ctx, code, new Secret('an-other-trombone')))).toEqual(['code']);
  });

  it('is good for an hour', async () => {
    const code = codeOf(await createPasswordLink(ctx, id));
    ctx.clock.forward(PASSWORD_LINK_MS - 1);
    expect(await accountOfPasswordCode(ctx, code)).not.toBeNull();
    ctx.clock.forward(1);
    expect(wrongFields(await choosePassword(ctx, code, password))).toEqual(['code']);
  });

  it('is dead when a newer one was made', async () => {
    const old = codeOf(await createPasswordLink(ctx, id));
    const newer = codeOf(await createPasswordLink(ctx, id));
    expect(wrongFields(await choosePassword(ctx, old, password))).toEqual(['code']);
    valueIn(await choosePassword(ctx, newer, password));
  });

  it('is not used up by a password that is too easy', async () => {
    const code = codeOf(await createPasswordLink(ctx, id));
    expect(wrongFields(await choosePassword(ctx, code, new Secret('password')))).toEqual(['password']);
    valueIn(await choosePassword(ctx, code, password));
  });

  it('ends the sessions of who had the old password', async () => {
    const session = await createSession(ctx, id, origin);
    valueIn(await choosePassword(ctx, codeOf(await createPasswordLink(ctx, id)), password));
    expect(await createSessionStore(ctx).verify(session.secret)).toBeNull();
  });

  it('sets one password when opened twice at once', async () => {
    const code = codeOf(await createPasswordLink(ctx, id));
    const both = await Promise.all([
      choosePassword(ctx, code, password),
      choosePassword(ctx, code, new Secret('an-other-trombone')),
    ]);
    expect(both.filter((outcome) => outcome.ok)).toHaveLength(1);
  });

  it('is kept as a hash only, and cannot set the server up', async () => {
    const code = codeOf(await createPasswordLink(ctx, id));
    const rows = await ctx.db.selectFrom('one_time_links').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(code.expose());
    expect(await isSetupCode(ctx, code)).toBe(false);
  });
});
