import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestContext, testContext, valueIn } from '../../test/context.ts';
import { type MailServer, startMailServer } from '../../test/mail-server.ts';
import { suspendAccount, unsuspendAccount } from '../accounts/accounts.ts';
import type { Acting } from '../context.ts';
import { pageNotices, rememberMail } from '../mail/notices.ts';
import { createOutbox } from '../mail/outbox.ts';
import { Secret } from '../secrets/secret.ts';
import {
  createToken,
  deleteAllTokens,
  deleteToken,
  type IssuedToken,
  regenerateToken,
  revokeTokenBySecret,
  updateToken,
} from './tokens.ts';
import { tellExpiries } from './told.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let ctx: TestContext;
let ada: Acting;
let server: MailServer;

beforeEach(async () => {
  server = await startMailServer();
  ctx = await testContext({ url: 'https://git.example.com', smtpUrl: new Secret(server.url) });
  for (const [at, login] of ['ada', 'root'].entries()) {
    const email = `${login}@example.com`;
    const row = { login, login_key: login, email, email_key: email, site_admin: at };
    const instants = { created_at: ctx.now(), updated_at: ctx.now() };
    await ctx.db
      .insertInto('accounts')
      .values({ id: at + 1, kind: 'user', ...row, ...instants })
      .execute();
  }
  const account = { id: 1, login: 'ada' };
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  ada = {
    ...ctx,
    by: {
      account,
      credential: { kind: 'session', sessionId: 1 },
      address: '192.0.2.7',
      userAgent: firefox,
      requestId: null,
    },
  };
  await rememberMail(ctx);
});

afterEach(async () => {
  await ctx.db.destroy();
  await server[Symbol.asyncDispose]();
});

const make = async (note: string, lifeMs: number | null): Promise<IssuedToken> =>
  valueIn(
    await createToken(ada, {
      accountId: 1,
      note,
      scopes: ['gist', 'repo'],
      expiresAt: lifeMs === null ? null : ctx.now() + lifeMs,
    }),
  );

/** What arrived since the last look: the subjects without the instance's name. */
async function subjects(): Promise<readonly string[]> {
  const before = server.mails.length;
  await tellExpiries(ctx);
  await createOutbox(ctx).send();
  return server.mails.slice(before).map((mail) => mail.subject.replace('[git.example.com] ', ''));
}

const week = (note: string) => `Your token “${note}” expires in a week`;
const day = (note: string) => `Your token “${note}” expires within a day`;

describe('the owner of a token is told', () => {
  it('that it was made: by whom, when, from where, what it opens and how it ends, and not its secret', async () => {
    const { secret, token } = await make('laptop ü', 30 * DAY);
    expect(await subjects()).toEqual(['The token “laptop ü” was created']);
    const [mail] = server.mails;
    expect(mail?.to).toEqual(['ada@example.com']);
    for (const line of [
      'Note:    laptop ü',
      'Scopes:  gist, repo',
      `Ends in: ${token.lastEight}`,
      'Expires: 2026-02-14 12:00 UTC',
      'By:      ada',
      'At:      2026-01-15 12:00 UTC',
      'From:    192.0.2.7, Firefox on Linux',
      `https://git.example.com/settings/tokens/${token.id}`,
    ]) {
      expect(mail?.text).toContain(line);
    }
    expect(mail?.raw).not.toContain(secret.expose().slice(0, 20));
  });

  it('that it was regenerated, and that it was deleted, by an operator too', async () => {
    const { token } = await make('ci', null);
    valueIn(await regenerateToken(ada, 1, token.id, { expiresAt: null }));
    const { secret } = await make('leaked', null);
    await deleteToken(ada, 1, token.id);
    await revokeTokenBySecret(ctx, secret);
    expect(await subjects()).toEqual([
      'The token “ci” was created',
      'The token “ci” was regenerated',
      'The token “leaked” was created',
      'The token “ci” was deleted',
      'The token “leaked” was deleted',
    ]);
    expect(server.mails[3]?.text).toContain('By:      ada');
    expect(server.mails[4]?.text).toContain('By:      an operator, at the command line of the server');
    expect(await subjects()).toEqual([]);
  });

  it('of all that were deleted at once in one mail', async () => {
    for (const note of ['one', 'two', 'three']) await make(note, null);
    await subjects();
    await deleteAllTokens(ada, 1);
    expect(await subjects()).toEqual(['3 of your tokens were deleted']);
    for (const note of ['one', 'two', 'three']) expect(server.mails.at(-1)?.text).toContain(`“${note}”`);
  });

  it('of nothing when nothing happened', async () => {
    const { token } = await make('ci', null);
    await subjects();
    expect((await createToken(ada, { accountId: 1, note: 'ci', scopes: [], expiresAt: null })).ok).toBe(
      false,
    );
    expect((await regenerateToken(ada, 1, token.id, { expiresAt: null, replaces: 'another.' })).ok).toBe(
      false,
    );
    await deleteToken(ada, 2, token.id);
    valueIn(await updateToken(ada, 1, token.id, { note: 'cd', scopes: [] }));
    expect(await subjects()).toEqual([]);
  });
});

describe('the expiry of a token', () => {
  it('is told a week and a day ahead, each once, and no more after it', async () => {
    await make('laptop', 30 * DAY);
    expect(await subjects()).toEqual(['The token “laptop” was created']);
    ctx.clock.forward(23 * DAY - MINUTE);
    expect(await subjects()).toEqual([]);
    ctx.clock.forward(MINUTE);
    expect(await subjects()).toEqual([week('laptop')]);
    expect(server.mails.at(-1)?.text).toContain('expires on 2026-02-14 12:00 UTC');
    expect(await subjects()).toEqual([]);
    ctx.clock.forward(6 * DAY - MINUTE);
    expect(await subjects()).toEqual([]);
    ctx.clock.forward(MINUTE);
    expect(await subjects()).toEqual([day('laptop')]);
    for (let hour = 0; hour < 48; hour++) {
      ctx.clock.forward(HOUR);
      expect(await subjects()).toEqual([]);
    }
  });

  it.each([
    ['8 days', 8 * DAY, [week('x'), day('x')]],
    ['a week', 7 * DAY, [day('x')]],
    ['two days', 2 * DAY, [day('x')]],
    ['a day', DAY, []],
    ['an hour', HOUR, []],
  ])('of one that lives for %s is told only where that makes sense', async (_, life, expected) => {
    await make('x', life);
    await subjects();
    const told: string[] = [];
    for (let at = 0; at < life + DAY; at += HOUR) {
      ctx.clock.forward(HOUR);
      told.push(...(await subjects()));
    }
    expect(told).toEqual(expected);
  });

  it('that is never is never told', async () => {
    await make('endless', null);
    await subjects();
    ctx.clock.forward(10_000 * DAY);
    expect(await subjects()).toEqual([]);
  });

  it('that came near while no server ran is told once, as near as it is', async () => {
    await make('missed', 30 * DAY);
    await make('dead', 25 * DAY);
    await subjects();
    ctx.clock.forward(29.5 * DAY);
    expect(await subjects()).toEqual([day('missed')]);
    expect(await subjects()).toEqual([]);
  });

  it('is told once by several servers', async () => {
    await make('shared', 30 * DAY);
    await subjects();
    ctx.clock.forward(24 * DAY);
    await Promise.all([tellExpiries(ctx), tellExpiries(ctx), tellExpiries(ctx)]);
    expect(await subjects()).toEqual([week('shared')]);
  });

  it('is told anew of one that was regenerated', async () => {
    const { token } = await make('ci', 30 * DAY);
    await subjects();
    ctx.clock.forward(29 * DAY);
    expect(await subjects()).toEqual([day('ci')]);
    expect(await pageNotices(ctx, 1)).toHaveLength(1);
    valueIn(await regenerateToken(ada, 1, token.id, { expiresAt: ctx.now() + 30 * DAY }));
    expect(await pageNotices(ctx, 1)).toEqual([]);
    expect(await subjects()).toEqual(['The token “ci” was regenerated']);
    ctx.clock.forward(23 * DAY);
    expect(await subjects()).toEqual([week('ci')]);
  });

  it('is not told of one that was deleted, nor to whom is suspended, but is when let in again', async () => {
    const { token } = await make('gone', 30 * DAY);
    await make('kept', 30 * DAY);
    await subjects();
    await deleteToken(ada, 1, token.id);
    await suspendAccount(ctx, 1);
    ctx.clock.forward(24 * DAY);
    expect(await subjects()).toEqual([]);
    await unsuspendAccount(ctx, 1);
    expect(await subjects()).toEqual([week('kept')]);
  });

  it('stands on the pages too, until the token is gone', async () => {
    const { token } = await make('laptop', 30 * DAY);
    expect(await pageNotices(ctx, 1)).toEqual([]);
    ctx.clock.forward(24 * DAY);
    await tellExpiries(ctx);
    const [notice] = await pageNotices(ctx, 1);
    expect(notice).toMatchObject({ path: `/settings/tokens/${token.id}` });
    expect(notice?.text).toContain('“laptop” expires on 2026-02-14 12:00 UTC');
    ctx.clock.forward(5.5 * DAY);
    await tellExpiries(ctx);
    expect(await pageNotices(ctx, 1)).toHaveLength(1);
    await deleteToken(ada, 1, token.id);
    expect(await pageNotices(ctx, 1)).toEqual([]);
  });

  it('of hundreds of tokens is told of each', async () => {
    for (let i = 0; i < 250; i++) {
      await ctx.db
        .insertInto('tokens')
        .values({
          account_id: 1,
          kind: 'classic',
          note: `token ${i}`,
          scopes: '',
          secret_hash: new TextEncoder().encode(`hash ${i}`),
          last_eight: '12345678',
          created_at: ctx.now() - 30 * DAY,
          updated_at: ctx.now() - 30 * DAY,
          issued_at: ctx.now() - 30 * DAY,
          expires_at: ctx.now() + 3 * DAY,
        })
        .execute();
    }
    await tellExpiries(ctx);
    const { count } = await ctx.db
      .selectFrom('token_notices')
      .select((e) => e.fn.countAll().as('count'))
      .executeTakeFirstOrThrow();
    expect(Number(count)).toBe(250);
  });
});
