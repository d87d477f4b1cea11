import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Authenticator, createAuthenticator, type Lies } from '../../test/authenticator.ts';
import { type TestContext, testContext, valueIn, wrongFields } from '../../test/context.ts';
import { randomSecret, Secret } from '../secrets/secret.ts';
import { type Account, createUser, suspendAccount } from './accounts.ts';
import { completeSignIn, signInByPasskey } from './half-sign-in.ts';
import {
  askForNewPasskey,
  askForPasskey,
  CHALLENGE_MS,
  type PasskeyKind,
  type RelyingParty,
  relyingParty,
} from './passkeys.ts';
import { addPasskey, removePasskey, renamePasskey, secondFactorsOf } from './second-factors.ts';
import { createSession, createSessionStore } from './sessions.ts';
import { signIn } from './sign-in.ts';
import { confirmAccess } from './sudo.ts';
import { FREE_TRIES } from './throttle.ts';

const origin = 'https://git.example.com';
const password = 'tr0mbone-under-glass';
const home = { address: '192.0.2.1', userAgent: 'Firefox' };
const from = { origin: home, replaces: null };
const wrong = { ok: false, because: 'wrong' };
let ctx: TestContext;
let party: RelyingParty;
let mona: Account;
let hubot: Account;

beforeEach(async () => {
  ctx = await testContext({ url: origin });
  party = relyingParty(ctx.config) ?? { id: '', origin: '' };
  const add = async (login: string) => {
    const user = { login, email: `${login}@Example.com`, siteAdmin: false, password: new Secret(password) };
    return valueIn(await createUser(ctx, user));
  };
  mona = await add('mona');
  hubot = await add('hubot');
});
afterEach(() => ctx.db.destroy());

/** Lets somebody add one, the authenticator telling lies or not. */
async function register(account: Account, kind: PasskeyKind = 'passkey', lies: Lies = {}) {
  const { sessionId, secret } = await createSession(ctx, account.id, home);
  const owner = { accountId: account.id, sessionId };
  const boundTo = secret.hash();
  const authenticator = createAuthenticator(origin);
  const options = await askForNewPasskey(ctx, party, { kind, boundTo, account });
  const response = authenticator.create(options, lies);
  const outcome = await addPasskey(ctx, owner, { kind, name: ' Laptop ', response, boundTo });
  return { outcome, authenticator, owner, boundTo, response, secret };
}

/** A stranger's browser asks to sign in by a passkey. */
async function ask() {
  const boundTo = randomSecret(ctx.random).hash();
  return {
    boundTo,
    options: await askForPasskey(ctx, party, { purpose: 'sign in', boundTo, accountId: null }),
  };
}

async function come(authenticator: Authenticator, lies: Lies = {}) {
  const { boundTo, options } = await ask();
  return signInByPasskey(ctx, { response: authenticator.get(options, lies), boundTo }, from);
}

describe('a passkey', () => {
  it('signs in without a password, as both factors', async () => {
    const { authenticator, outcome } = await register(mona);
    expect(valueIn(outcome).recoveryCodes).toHaveLength(10);
    const signedIn = await come(authenticator);
    if (!signedIn.ok) throw new Error(signedIn.because);
    expect(signedIn.account.login).toBe('mona');
    expect(await createSessionStore(ctx).verify(signedIn.secret)).toMatchObject({ account: { id: mona.id } });
    expect((await come(authenticator)).ok).toBe(true);
    const { passkeys } = await secondFactorsOf(ctx, mona.id);
    expect(passkeys).toMatchObject([{ kind: 'passkey', name: 'Laptop', lastUsedAt: ctx.now() }]);
  });

  it.each<[string, Lies]>([
    ['made for another site', { origin: 'https://git.example.com.evil.example' }],
    ['made on plain http', { origin: 'http://git.example.com' }],
    ['bound to another name', { party: 'evil.example' }],
    ['that did not check its owner', { verified: false }],
    ['to a challenge that nobody gave', { challenge: 'x'.repeat(43) }],
    ['for another account', { userHandle: 'b3RoZXI' }],
    ['from a copy of the key, whose counter lags', { counter: 1 }],
  ])('does not sign in by an answer %s', async (_what, lies) => {
    const { authenticator } = await register(mona);
    expect((await come(authenticator)).ok).toBe(true);
    expect(await come(authenticator, lies)).toEqual(wrong);
    expect((await come(authenticator, { counter: 100 })).ok).toBe(true);
  });

  // Many passkeys count nothing: then the challenge alone tells one answer from the next.
  it('that counts nothing does not sign in twice by one answer, not even at once', async () => {
    const { authenticator } = await register(mona, 'passkey', { counter: 0 });
    const { boundTo, options } = await ask();
    const answer = { response: authenticator.get(options, { counter: 0 }), boundTo };
    const outcomes = await Promise.all([1, 2, 3].map(() => signInByPasskey(ctx, answer, from)));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    expect(await signInByPasskey(ctx, answer, from)).toEqual(wrong);
    expect((await come(authenticator, { counter: 0 })).ok).toBe(true);
  });

  it('shown at once by itself and by a copy of its key, which counts the same, signs in once', async () => {
    const { authenticator } = await register(mona);
    const shown = async () => {
      const { boundTo, options } = await ask();
      return { response: authenticator.get(options, { counter: 7 }), boundTo };
    };
    const answers = [await shown(), await shown()];
    const outcomes = await Promise.all(answers.map((answer) => signInByPasskey(ctx, answer, from)));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    expect((await come(authenticator, { counter: 8 })).ok).toBe(true);
  });

  it('that counts nothing confirms access once by one answer', async () => {
    const { authenticator, owner, boundTo } = await register(mona, 'passkey', { counter: 0 });
    const asked = { purpose: 'confirm access', boundTo, accountId: mona.id } as const;
    const options = await askForPasskey(ctx, party, asked);
    const shown = { kind: 'passkey', response: authenticator.get(options, { counter: 0 }), boundTo } as const;
    const who = { ...owner, address: home.address };
    const outcomes = await Promise.all([1, 2].map(() => confirmAccess(ctx, who, shown)));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    expect(await confirmAccess(ctx, who, shown)).toEqual(wrong);
  });

  it('does not sign in twice by one answer, from another browser, or after five minutes', async () => {
    const { authenticator } = await register(mona);
    const { boundTo, options } = await ask();
    const answer = { response: authenticator.get(options), boundTo };
    const elsewhere = randomSecret(ctx.random).hash();
    expect(await signInByPasskey(ctx, { ...answer, boundTo: elsewhere }, from)).toEqual(wrong);
    expect((await signInByPasskey(ctx, answer, from)).ok).toBe(true);
    expect(await signInByPasskey(ctx, answer, from)).toEqual(wrong);
    const late = await ask();
    ctx.clock.forward(CHALLENGE_MS);
    const response = authenticator.get(late.options);
    expect(await signInByPasskey(ctx, { response, boundTo: late.boundTo }, from)).toEqual(wrong);
    expect((await come(authenticator)).ok).toBe(true);
  });

  it('is not let in by a challenge that was given for something else', async () => {
    const { authenticator } = await register(mona);
    const boundTo = randomSecret(ctx.random).hash();
    const asked = { purpose: 'confirm access', boundTo, accountId: mona.id } as const;
    const response = authenticator.get(await askForPasskey(ctx, party, asked));
    expect(await signInByPasskey(ctx, { response, boundTo }, from)).toEqual(wrong);
  });

  it('of a suspended account is told so, and one that was removed is unknown', async () => {
    const removed = await register(mona);
    const [key] = (await secondFactorsOf(ctx, mona.id)).passkeys;
    expect(await removePasskey(ctx, { ...removed.owner, accountId: hubot.id }, key?.id ?? 0)).toBe(false);
    expect(await removePasskey(ctx, removed.owner, key?.id ?? 0)).toBe(true);
    expect(await come(removed.authenticator)).toEqual(wrong);
    const { authenticator } = await register(hubot);
    valueIn(await suspendAccount(ctx, hubot.id));
    expect(await come(authenticator)).toEqual({ ok: false, because: 'suspended' });
  });

  it.each([
    '',
    '{}',
    'null',
    '[]',
    '{"id":"x","response":{}}',
    '{"id":1,"response":null}',
    `{"id":"${'a'.repeat(9000)}","response":{}}`,
    'x'.repeat(100_000),
  ])('that is no passkey lets nobody in: %.20s', async (response) => {
    await register(mona);
    const { boundTo } = await ask();
    expect(await signInByPasskey(ctx, { response, boundTo }, from)).toEqual(wrong);
  });

  it('that answers with rubbish lets nobody in', async () => {
    const { authenticator } = await register(mona);
    for (const part of ['clientDataJSON', 'authenticatorData', 'signature']) {
      for (const rubbish of ['', 'AAAA', '!', 7, null, {}, 'A'.repeat(4000)]) {
        ctx.clock.forward(60 * 60_000);
        const { boundTo, options } = await ask();
        const answer = JSON.parse(authenticator.get(options));
        const response = JSON.stringify({ ...answer, response: { ...answer.response, [part]: rubbish } });
        expect(await signInByPasskey(ctx, { response, boundTo }, from)).toEqual(wrong);
      }
    }
    expect((await come(authenticator)).ok).toBe(true);
  });

  it('slows down who tries many from one address, and nobody elsewhere', async () => {
    const { authenticator } = await register(mona);
    for (let n = 0; n < FREE_TRIES; n++) await come(authenticator, { verified: false });
    expect(await come(authenticator)).toMatchObject({ because: 'throttled' });
    const { boundTo, options } = await ask();
    const elsewhere = { ...from, origin: { ...home, address: '198.51.100.7' } };
    const response = authenticator.get(options);
    expect((await signInByPasskey(ctx, { response, boundTo }, elsewhere)).ok).toBe(true);
  });
});

describe('adding', () => {
  it.each<[string, Lies]>([
    ['another site', { origin: 'https://evil.example' }],
    ['another name', { party: 'evil.example' }],
    ['another challenge', { challenge: 'x'.repeat(43) }],
    ['an owner that was not checked', { verified: false }],
  ])('a passkey for %s is refused', async (_what, lies) => {
    const { outcome } = await register(mona, 'passkey', lies);
    expect(wrongFields(outcome)).toEqual(['response']);
    expect((await signIn(ctx, { login: 'mona', password: new Secret(password) }, home)).ok).toBe(true);
  });

  it('the same one twice, or with a name that can not be shown, is refused', async () => {
    const { owner, boundTo, response, authenticator } = await register(mona);
    const again = { kind: 'passkey', name: 'Again', response, boundTo } as const;
    expect(wrongFields(await addPasskey(ctx, owner, again))).toEqual(['response']);
    const options = await askForNewPasskey(ctx, party, { kind: 'passkey', boundTo, account: hubot });
    const stolen = { ...again, response: authenticator.create(options) };
    expect(wrongFields(await addPasskey(ctx, { ...owner, accountId: hubot.id }, stolen))).toEqual([
      'response',
    ]);
    for (const name of ['', '  ', 'x'.repeat(101), 'a\u202eb']) {
      expect(wrongFields(await addPasskey(ctx, owner, { ...again, name }))).toEqual(['name']);
    }
    const [key] = (await secondFactorsOf(ctx, mona.id)).passkeys;
    const id = key?.id ?? 0;
    expect(wrongFields(await renamePasskey(ctx, mona.id, { id, name: ' ' }))).toEqual(['name']);
    expect(valueIn(await renamePasskey(ctx, hubot.id, { id, name: 'Mine' }))).toBe(false);
    expect(valueIn(await renamePasskey(ctx, mona.id, { id, name: 'Desk' }))).toBe(true);
  });
});

describe('a security key', () => {
  const half = async (login = 'mona') => {
    const outcome = await signIn(ctx, { login, password: new Secret(password) }, home);
    if (outcome.ok || outcome.because !== 'second-factor') throw new Error('was not asked');
    return outcome.half;
  };
  const show = async (authenticator: Authenticator, account: Account, lies: Lies = {}) => {
    const started = await half(account.login);
    const boundTo = started.hash();
    const asked = { purpose: 'second factor', boundTo, accountId: account.id } as const;
    const response = authenticator.get(await askForPasskey(ctx, party, asked), lies);
    return completeSignIn(ctx, started, { kind: 'passkey', response, boundTo }, from);
  };

  it('counts beside the password, without a check of its owner, and never alone', async () => {
    const { authenticator } = await register(mona, 'security-key', { verified: false });
    expect((await show(authenticator, mona, { verified: false })).ok).toBe(true);
    expect(await come(authenticator)).toEqual(wrong);
  });

  it('of somebody else does not count, a passkey of one’s own does', async () => {
    const [mine, others] = [await register(mona), await register(hubot, 'security-key')];
    expect(await show(others.authenticator, mona)).toEqual(wrong);
    expect((await show(mine.authenticator, mona)).ok).toBe(true);
    expect((await show(others.authenticator, hubot)).ok).toBe(true);
  });
});

describe('passkeys are bound to', () => {
  it.each([
    ['https://git.example.com', { id: 'git.example.com', origin: 'https://git.example.com' }],
    ['https://git.example.com:8443', { id: 'git.example.com', origin: 'https://git.example.com:8443' }],
    ['http://localhost:3000', { id: 'localhost', origin: 'http://localhost:3000' }],
    ['http://127.0.0.1:3000', { id: 'localhost', origin: 'http://localhost:3000' }],
    ['http://[::1]:3000', { id: 'localhost', origin: 'http://localhost:3000' }],
    ['http://git.example.com', null],
    ['https://192.0.2.7', null],
    ['https://[2001:db8::1]', null],
  ])('the name of %s', (url, expected) => {
    expect(relyingParty({ url })).toEqual(expected);
  });
});

it('challenges fill no more than a bounded table', async () => {
  const rows = Array.from({ length: 20_500 }, (_, n) => ({
    challenge: `c${n}`,
    bound_to: Uint8Array.from(Buffer.from(`b${n}`)),
    purpose: 'sign in',
    expires_at: ctx.now() + n,
  }));
  for (let at = 0; at < rows.length; at += 500) {
    await ctx.db
      .insertInto('passkey_challenges')
      .values(rows.slice(at, at + 500))
      .execute();
  }
  await ask();
  const count = ctx.db.selectFrom('passkey_challenges').select((e) => e.fn.countAll<number>().as('count'));
  expect((await count.executeTakeFirstOrThrow()).count).toBeLessThanOrEqual(20_001);
});

it('A passkey that is added is in the log', async () => {
  await register(mona);
  const rows = await ctx.db
    .selectFrom('audit_events')
    .select('user_login')
    .where('action', '=', 'passkey.register')
    .execute();
  expect(rows).toEqual([{ user_login: 'mona' }]);
});
