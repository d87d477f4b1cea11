import { hash, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { passingNode } from '../audit/node.ts';
import type { Config } from '../config/config.ts';
import { type Acting, operator } from '../context.ts';
import { openDatabase } from '../db/database.ts';
import type { Outcome } from '../problems.ts';
import { Secret } from '../secrets/secret.ts';
import { expiryFrom } from './expiry.ts';
import { checksum, hasTokenForm, newToken } from './format.ts';
import { createLastUsed } from './last-used.ts';
import {
  createToken,
  deleteAllTokens,
  deleteToken,
  findToken,
  listTokens,
  regenerateToken,
  revokeTokenBySecret,
  updateToken,
} from './tokens.ts';
import { tokenVerifier } from './verifying.ts';

const DAY = 24 * 60 * 60 * 1000;
const start = Date.UTC(2026, 0, 15, 12, 0, 0);

let ctx: Acting;
let now: number;

beforeEach(async () => {
  now = start;
  const db = await openDatabase(':memory:');
  ctx = {
    config: { url: 'http://127.0.0.1:3000' } as Config,
    db,
    now: () => now,
    random: randomBytes,
    log: pino({ level: 'silent' }),
    by: operator,
    node: passingNode(),
  };
  for (const id of [1, 2]) {
    await db
      .insertInto('accounts')
      .values({ id, kind: 'user', login: `p${id}`, login_key: `p${id}`, created_at: now, updated_at: now })
      .execute();
  }
});

afterEach(() => ctx.db.destroy());

function value<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.problems.map((problem) => problem.message).join(' '));
  return outcome.value;
}

const make = async (note = 'laptop', more: { expiresAt?: number | null; accountId?: number } = {}) =>
  value(await createToken(ctx, { accountId: 1, scopes: ['repo'], note, expiresAt: null, ...more }));

const verify = (secret: Secret) => tokenVerifier(ctx).verify(secret);
const bad = { refused: { because: 'bad-credential' } };

describe('the form of a token', () => {
  it('has the checksum of the published sample', () => {
    expect(checksum('zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ')).toBe('0mLq17');
  });

  it('is ghp_ and 36 characters whose last six are the checksum of the thirty before', () => {
    for (let i = 0; i < 200; i++) {
      const text = newToken('ghp_', randomBytes).expose();
      expect(text).toMatch(/^ghp_[0-9A-Za-z]{36}$/);
      expect(text.slice(34)).toBe(checksum(text.slice(4, 34)));
    }
  });

  it('draws every character equally often', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 2000; i++) {
      for (const char of newToken('ghp_', randomBytes).expose().slice(4, 34)) {
        counts.set(char, (counts.get(char) ?? 0) + 1);
      }
    }
    expect(counts.size).toBe(62);
    // 60,000 draws over 62 characters: 968 expected, with a standard deviation of 31.
    for (const count of counts.values()) expect(Math.abs(count - 968)).toBeLessThan(7 * 31);
  });

  it('is recognised for every kind of token, and for nothing else', () => {
    for (const kind of ['ghp', 'gho', 'ghu', 'ghs'])
      expect(hasTokenForm(`${kind}_${'a'.repeat(36)}`)).toBe(true);
    expect(hasTokenForm(`ghr_${'a'.repeat(76)}`)).toBe(true);
    expect(hasTokenForm(`github_pat_${'a'.repeat(22)}_${'a'.repeat(59)}`)).toBe(true);
    expect(hasTokenForm('0123456789abcdef0123456789abcdef01234567')).toBe(true);
    for (const text of [
      '',
      'hunter2',
      `ghp_${'a'.repeat(35)}`,
      `ghp_${'a'.repeat(37)}`,
      `ghp_${'-'.repeat(36)}`,
    ]) {
      expect(hasTokenForm(text)).toBe(false);
    }
  });
});

describe('a secret', () => {
  it('shows its text to nobody who merely prints it', () => {
    const secret = new Secret('hunter2');
    expect(`${secret} ${String(secret)} ${JSON.stringify({ secret })} ${inspect({ secret })}`).not.toContain(
      'hunter2',
    );
    expect(secret.expose()).toBe('hunter2');
  });
});

describe('a token', () => {
  it('is kept as its SHA-256 and its last eight characters only', async () => {
    const { token, secret } = await make();
    const text = secret.expose();
    const row = await ctx.db.selectFrom('tokens').selectAll().executeTakeFirstOrThrow();
    expect(Buffer.from(row.secret_hash)).toEqual(hash('sha256', text, 'buffer'));
    expect(row.last_eight).toBe(text.slice(-8));
    expect(inspect(row, { depth: 5 })).not.toContain(text);
    expect(token.lastEight).toBe(text.slice(-8));
  });

  it('tells who calls and what it grants', async () => {
    const { token, secret } = await make();
    expect(await verify(secret)).toEqual({
      actor: {
        kind: 'user',
        account: { id: 1, login: 'p1', siteAdmin: false },
        grant: {
          kind: 'scopes',
          tokenId: token.id,
          tokenHash: secret.hash(),
          scopes: ['repo'],
          expiresAt: null,
        },
      },
    });
    expect(await verify(newToken('ghp_', randomBytes))).toEqual(bad);
  });

  it('needs a note that is its own among the owner’s tokens', async () => {
    await make('laptop');
    const again = (note: string, accountId = 1) =>
      createToken(ctx, { accountId, note, scopes: [], expiresAt: null });
    expect(await again('laptop')).toMatchObject({
      ok: false,
      problems: [{ field: 'note', code: 'already_exists' }],
    });
    expect(await again(' laptop ')).toMatchObject({ ok: false, problems: [{ code: 'already_exists' }] });
    expect(await again('  ')).toMatchObject({
      ok: false,
      problems: [{ field: 'note', code: 'missing_field' }],
    });
    expect(await again('x'.repeat(256))).toMatchObject({ ok: false, problems: [{ code: 'invalid' }] });
    expect(await again('a\u0000b')).toMatchObject({ ok: false, problems: [{ code: 'invalid' }] });
    expect(await again('desktop')).toMatchObject({ ok: true });
    expect(await again('laptop', 2)).toMatchObject({ ok: true });
  });

  it('is good until the very instant of its expiry, and dead from then on', async () => {
    const expiresAt = value(expiryFrom('7d', now));
    const { secret } = await make('short', { expiresAt });
    now = start + 7 * DAY - 1;
    expect(await verify(secret)).toHaveProperty('actor');
    now = start + 7 * DAY;
    expect(await verify(secret)).toEqual(bad);
    expect(await listTokens(ctx, 1)).toHaveLength(1);
  });

  it('is dead as soon as it is deleted, and only then', async () => {
    const { token, secret } = await make('one');
    const { secret: kept } = await make('two');
    expect(await deleteToken(ctx, 2, token.id)).toBe(false);
    expect(await verify(secret)).toHaveProperty('actor');
    expect(await deleteToken(ctx, 1, token.id)).toBe(true);
    expect(await deleteToken(ctx, 1, token.id)).toBe(false);
    expect(await verify(secret)).toEqual(bad);
    expect(await verify(kept)).toHaveProperty('actor');
  });

  it('keeps its id, note and scopes when regenerated, and its old secret is dead', async () => {
    const { token, secret } = await make('ci', { expiresAt: start + DAY });
    now += DAY * 2;
    const again = value(await regenerateToken(ctx, 1, token.id, { expiresAt: null }));
    expect(again.token).toMatchObject({ id: token.id, note: 'ci', scopes: ['repo'], expiresAt: null });
    expect(await verify(secret)).toEqual(bad);
    expect(await verify(again.secret)).toHaveProperty('actor');
    expect(await regenerateToken(ctx, 2, token.id, { expiresAt: null })).toMatchObject({ ok: false });
  });

  it('has its new scopes from the next request on when edited, under the same secret', async () => {
    const { token, secret } = await make('ci');
    await make('other');
    value(await updateToken(ctx, 1, token.id, { note: 'build', scopes: ['gist'] }));
    expect(await verify(secret)).toMatchObject({ actor: { grant: { scopes: ['gist'] } } });
    expect(await updateToken(ctx, 1, token.id, { note: 'other', scopes: [] })).toMatchObject({
      ok: false,
      problems: [{ code: 'already_exists' }],
    });
    expect(await updateToken(ctx, 1, token.id, { note: 'build', scopes: [] })).toMatchObject({ ok: true });
    expect(await updateToken(ctx, 2, token.id, { note: 'stolen', scopes: [] })).toMatchObject({ ok: false });
  });

  it('goes with all the others when its owner revokes all', async () => {
    const mine = await make('one');
    const theirs = await make('two', { accountId: 2 });
    expect(await deleteAllTokens(ctx, 1)).toBe(1);
    expect(await verify(mine.secret)).toEqual(bad);
    expect(await verify(theirs.secret)).toHaveProperty('actor');
  });

  it('can be revoked by whoever holds its secret', async () => {
    const { token, secret } = await make();
    expect(await revokeTokenBySecret(ctx, newToken('ghp_', randomBytes))).toBe(null);
    expect(await revokeTokenBySecret(ctx, secret)).toBe(token.id);
    expect(await findToken(ctx, 1, token.id)).toBe(null);
  });

  it('of a suspended person is refused as such, unless it is dead anyway', async () => {
    const { secret } = await make('one');
    const { secret: dead } = await make('two', { expiresAt: start - 1 });
    await ctx.db.updateTable('accounts').set({ suspended_at: now }).where('id', '=', 1).execute();
    expect(await verify(secret)).toEqual({ refused: { because: 'suspended' } });
    expect(await verify(dead)).toEqual(bad);
  });
});

describe('when a token was last used', () => {
  it('is written later, and at most once a minute', async () => {
    const { token, secret } = await make();
    const lastUsed = createLastUsed(ctx);
    const verifier = tokenVerifier(ctx, { used: lastUsed.used });
    const recorded = async () => (await findToken(ctx, 1, token.id))?.lastUsedAt;
    await verifier.verify(secret);
    expect(await recorded()).toBe(null);
    await lastUsed.flush();
    expect(await recorded()).toBe(start);
    now += 59_000;
    await verifier.verify(secret);
    await lastUsed.flush();
    expect(await recorded()).toBe(start);
    now += 1_000;
    await verifier.verify(secret);
    await lastUsed.flush();
    expect(await recorded()).toBe(start + 60_000);
  });

  it('is not told of a secret that was replaced since', async () => {
    const { token, secret } = await make();
    const lastUsed = createLastUsed(ctx);
    await tokenVerifier(ctx, { used: lastUsed.used }).verify(secret);
    now += 1;
    value(await regenerateToken(ctx, 1, token.id, { expiresAt: null }));
    await lastUsed.flush();
    expect((await findToken(ctx, 1, token.id))?.lastUsedAt).toBe(null);
  });
});

describe('the choice of an expiration', () => {
  it('counts days to the second, and takes a date as its midnight', () => {
    expect(value(expiryFrom('30d', start + 250))).toBe(start + 30 * DAY);
    expect(value(expiryFrom('2026-01-16', start))).toBe(Date.UTC(2026, 0, 16));
    expect(value(expiryFrom('never', start))).toBe(null);
  });

  it('refuses what is past, what is no date, and what is no choice', () => {
    const past = ['2026-01-15', '2025-12-31', '0001-01-01'];
    for (const text of [
      ...past,
      '2026-02-30',
      '2026-13-01',
      '0d',
      '-1d',
      '1e3d',
      'soon',
      '',
      ' 7d',
      '12026-01-01',
    ]) {
      expect([text, expiryFrom(text, start).ok]).toEqual([text, false]);
    }
  });

  it('is an instant of four-digit years, whatever text was accepted: clients read no other', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.integer({ min: 1, max: 99_999 }).map((days) => `${days}d`),
          fc.string(),
        ),
        (text) => {
          const outcome = expiryFrom(text, start);
          if (outcome.ok && outcome.value !== null) {
            expect(new Date(outcome.value).toISOString()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
          }
        },
      ),
    );
  });
});
