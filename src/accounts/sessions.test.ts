import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestContext, testContext, valueIn } from '../../test/context.ts';
import { Secret } from '../secrets/secret.ts';
import { createUser, suspendAccount, unsuspendAccount } from './accounts.ts';
import {
  createSession,
  createSessionStore,
  listSessions,
  revokeOtherSessions,
  revokeSession,
  SESSION_IDLE_MS,
  type SessionStore,
} from './sessions.ts';

const DAY = 24 * 60 * 60_000;
const origin = { address: '192.0.2.1', userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' };

let ctx: TestContext;
let sessions: SessionStore;
let mona: number;
let hubot: number;

beforeEach(async () => {
  ctx = await testContext();
  sessions = createSessionStore(ctx);
  const add = async (login: string, siteAdmin: boolean) =>
    valueIn(await createUser(ctx, { login, email: `${login}@example.com`, siteAdmin, password: null })).id;
  mona = await add('mona', true);
  hubot = await add('hubot', false);
});
afterEach(() => ctx.db.destroy());

describe('a session', () => {
  it('tells who is signed in, and nothing for a secret that is not one', async () => {
    const { secret, sessionId } = await createSession(ctx, mona, origin);
    expect(await sessions.verify(secret)).toEqual({
      kind: 'user',
      account: { id: mona, login: 'mona', siteAdmin: true },
      grant: { kind: 'session', sessionId, sudo: true },
    });
    expect(await sessions.verify(new Secret(`${secret.expose()}x`))).toBeNull();
    expect(await sessions.verify(new Secret(''))).toBeNull();
  });

  it('is kept as a hash only', async () => {
    const { secret } = await createSession(ctx, mona, origin);
    expect(secret.expose()).toMatch(/^[\w-]{43}$/);
    const row = await ctx.db.selectFrom('sessions').selectAll().executeTakeFirstOrThrow();
    expect(Buffer.from(row.secret_hash)).toEqual(Buffer.from(secret.hash()));
    expect(Object.values(row).join(' ')).not.toContain(secret.expose());
  });

  it('lives as long as it is used, and ends two weeks after its last use', async () => {
    const { secret } = await createSession(ctx, mona, origin);
    for (let use = 0; use < 5; use++) {
      ctx.clock.forward(SESSION_IDLE_MS - 60_000);
      expect(await sessions.verify(secret)).not.toBeNull();
      await sessions.flush();
    }
    ctx.clock.forward(SESSION_IDLE_MS);
    expect(await sessions.verify(secret)).toBeNull();
    expect(await listSessions(ctx, mona)).toEqual([]);
  });

  it('notes its use at most once a minute, and not while the request waits', async () => {
    const { secret } = await createSession(ctx, mona, origin);
    const lastUsed = async () => (await listSessions(ctx, mona))[0]?.lastUsedAt;
    const begun = ctx.now();
    ctx.clock.forward(59_000);
    await sessions.verify(secret);
    await sessions.flush();
    expect(await lastUsed()).toBe(begun);
    ctx.clock.forward(1000);
    await sessions.verify(secret);
    expect(await lastUsed()).toBe(begun);
    await sessions.flush();
    expect(await lastUsed()).toBe(begun + 60_000);
  });

  it('is not brought back by a use that was noted before it was revoked', async () => {
    const { secret, sessionId } = await createSession(ctx, mona, origin);
    ctx.clock.forward(DAY);
    await sessions.verify(secret);
    expect(await revokeSession(ctx, mona, sessionId)).toBe(true);
    await sessions.flush();
    expect(await sessions.verify(secret)).toBeNull();
  });

  it('can be revoked by its own account only', async () => {
    const { secret, sessionId } = await createSession(ctx, mona, origin);
    const other = await createSession(ctx, mona, origin);
    expect(await revokeSession(ctx, hubot, sessionId)).toBe(false);
    expect(await sessions.verify(secret)).not.toBeNull();
    expect(await revokeSession(ctx, mona, sessionId)).toBe(true);
    expect(await revokeSession(ctx, mona, sessionId)).toBe(false);
    expect(await sessions.verify(other.secret)).not.toBeNull();
  });

  it('outlives the others when those are ended, as do other people’s', async () => {
    const [keep, other, theirs] = [
      await createSession(ctx, mona, origin),
      await createSession(ctx, mona, origin),
      await createSession(ctx, hubot, origin),
    ];
    expect(await revokeOtherSessions(ctx, mona, keep.sessionId)).toBe(1);
    expect(await sessions.verify(keep.secret)).not.toBeNull();
    expect(await sessions.verify(other.secret)).toBeNull();
    expect(await sessions.verify(theirs.secret)).not.toBeNull();
  });

  it('keeps no more of browser and address than fits a line, and no control characters', async () => {
    await createSession(ctx, mona, {
      address: '9'.repeat(1000),
      userAgent: `Fire\u0007fox\n${'x'.repeat(100_000)}`,
    });
    const [session] = await listSessions(ctx, mona);
    expect(session?.address).toHaveLength(45);
    expect(session?.userAgent).toHaveLength(255);
    expect(session?.userAgent).toMatch(/^Firefoxx/);
  });

  it('opens nothing for a suspended account, even when it began at that very moment', async () => {
    valueIn(await suspendAccount(ctx, hubot));
    const { secret } = await createSession(ctx, hubot, origin);
    expect(await sessions.verify(secret)).toBeNull();
    valueIn(await unsuspendAccount(ctx, hubot));
    expect(await sessions.verify(secret)).not.toBeNull();
  });

  it('makes room by ending the longest unused one past a hundred', async () => {
    const first = await createSession(ctx, mona, origin);
    for (let count = 1; count < 100; count++) {
      ctx.clock.forward(1);
      await createSession(ctx, mona, origin);
    }
    expect(await sessions.verify(first.secret)).not.toBeNull();
    await createSession(ctx, mona, origin);
    expect(await listSessions(ctx, mona)).toHaveLength(100);
    expect(await sessions.verify(first.secret)).toBeNull();
  });
});
