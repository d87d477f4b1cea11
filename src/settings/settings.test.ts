import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valueIn } from '../../test/context.ts';
import { type TestBrowser, type TestPages, testPages, tokenIn } from '../../test/pages.ts';
import type { Account } from '../accounts/accounts.ts';
import type { Secret } from '../secrets/secret.ts';
import { createToken, regenerateToken } from '../tokens/tokens.ts';
import { tokenVerifier } from '../tokens/verifying.ts';
import { changeSettings, readSettings } from './settings.ts';

const DAY = 24 * 60 * 60_000;
const PAGE = '/admin/settings';

let pages: TestPages;
let root: { readonly account: Account; readonly browser: TestBrowser };
let ada: typeof root;
beforeAll(async () => {
  pages = await testPages();
  root = await pages.person('grace', { siteAdmin: true });
  ada = await pages.person('ada');
});
afterAll(() => pages.close());

const set = async (tokenMaxDays: number | null, tokenMaxDaysExemptsAdmins = false) =>
  valueIn(await changeSettings(pages.ctx, { tokenMaxDays, tokenMaxDaysExemptsAdmins }));
let notes = 0;
const make = (account: Account, days: number | null) =>
  createToken(pages.ctx, {
    accountId: account.id,
    note: `note ${++notes}`,
    scopes: [],
    expiresAt: days === null ? null : pages.ctx.now() + days * DAY,
  });
const verify = (secret: Secret) => tokenVerifier(pages.ctx).verify(secret);

describe('the settings of the instance', () => {
  it('are changed by a site admin on their page, in the log, and by nobody else', async () => {
    const { browser } = root;
    const fields = { tokenMaxDays: '90', tokenMaxDaysExemptsAdmins: '1' };
    expect((await ada.browser.get(PAGE)).statusCode).toBe(403);
    expect((await ada.browser.forge('/settings/tokens', PAGE, fields)).statusCode).toBe(403);
    expect(await readSettings(pages.ctx)).toMatchObject({ tokenMaxDays: null });
    expect((await browser.submit(PAGE, PAGE, fields)).statusCode).toBe(303);
    expect(await readSettings(pages.ctx)).toMatchObject({
      tokenMaxDays: 90,
      tokenMaxDaysExemptsAdmins: true,
    });
    const { body } = await browser.get(PAGE);
    expect(body).toContain('value="90"');
    const events = await pages.ctx.db
      .selectFrom('audit_events')
      .selectAll()
      .where('action', '=', 'instance_settings.update')
      .execute();
    expect(events.map(({ actor_login, data }) => [actor_login, JSON.parse(data)])).toEqual([
      ['grace', { setting: 'tokenMaxDays', before: null, after: 90 }],
      ['grace', { setting: 'tokenMaxDaysExemptsAdmins', before: false, after: true }],
    ]);
    await browser.submit(PAGE, PAGE, { tokenMaxDays: '' });
    expect(await readSettings(pages.ctx)).toMatchObject({
      tokenMaxDays: null,
      tokenMaxDaysExemptsAdmins: false,
    });
  });

  it.each(['0', '-1', '3651', '1.5', 'ten', '1e3', '99999999999'])(
    'refuse a longest life of %s days beside its field, keeping what was typed',
    async (tokenMaxDays) => {
      const answer = await root.browser.submit(PAGE, PAGE, { tokenMaxDays });
      expect(answer.statusCode).toBe(422);
      expect(answer.body).toMatch(/id="tokenMaxDays-error".*from 1 to 3650/s);
      expect(answer.body).toContain(`value="${tokenMaxDays}"`);
      expect(await readSettings(pages.ctx)).toMatchObject({ tokenMaxDays: null });
    },
  );
});

describe('the longest life of a token', () => {
  it('is held to when one is made or regenerated', async () => {
    await set(30);
    expect((await make(ada.account, 30)).ok).toBe(true);
    for (const days of [31, null]) {
      expect(await make(ada.account, days)).toMatchObject({
        ok: false,
        problems: [{ field: 'expires_at', message: expect.stringContaining('within 30 days') }],
      });
    }
    const { token } = valueIn(await make(ada.account, 7));
    const again = (days: number) =>
      regenerateToken(pages.ctx, ada.account.id, token.id, { expiresAt: pages.ctx.now() + days * DAY });
    expect((await again(31)).ok).toBe(false);
    expect((await again(30)).ok).toBe(true);
    await set(null);
    expect((await make(ada.account, null)).ok).toBe(true);
  });

  it('is shown and held to at the field of the form', async () => {
    await set(45);
    const NEW = '/settings/tokens/new';
    const { body } = await ada.browser.get(NEW);
    const offered = [...body.matchAll(/<option[^>]* value="([^"]*)"|<option value="([^"]*)"/g)].map(
      ([, a, b]) => a ?? b,
    );
    expect(offered).toEqual(['7d', '30d', 'custom']);
    expect(body).toContain('45 days at most');
    expect(body).toContain('max="2026-03-01"');
    const fields = { note: 'long', expiration: 'custom', expiration_date: '2026-03-02' };
    const answer = await ada.browser.submit(NEW, '/settings/tokens', fields);
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toMatch(/id="expiration_date-error".*within 45 days/s);
    const never = { note: 'long', expiration: 'never' };
    const refused = await ada.browser.submit(NEW, '/settings/tokens', never);
    expect(refused.body).toMatch(/id="expiration-error".*within 45 days/s);
    const allowed = { ...fields, expiration_date: '2026-03-01' };
    expect((await ada.browser.submit(NEW, '/settings/tokens', allowed)).statusCode).toBe(200);
    await set(3);
    expect((await ada.browser.get(NEW)).body).toMatch(/value="custom" selected/);
    await set(null);
  });

  it('refuses those that were given longer, and lets them in again when it is lifted', async () => {
    const long = valueIn(await make(ada.account, 60));
    const endless = valueIn(await make(ada.account, null));
    const short = valueIn(await make(ada.account, 30));
    await set(30);
    const refusal = (tokenId: number, expiresAt: number | null) => ({
      refused: { because: 'token-lives-too-long', maxDays: 30, tokenId, expiresAt },
    });
    expect(await verify(long.secret)).toEqual(refusal(long.token.id, long.token.expiresAt));
    expect(await verify(endless.secret)).toEqual(refusal(endless.token.id, null));
    expect(await verify(short.secret)).toHaveProperty('actor');
    // Its whole life counts, not what is left of it.
    pages.ctx.clock.forward(40 * DAY);
    expect(await verify(long.secret)).toEqual(refusal(long.token.id, long.token.expiresAt));
    expect(await verify(short.secret)).toEqual({ refused: { because: 'bad-credential' } });
    await set(60);
    expect(await verify(long.secret)).toHaveProperty('actor');
    expect(await verify(endless.secret)).not.toHaveProperty('actor');
    await set(null);
    expect(await verify(endless.secret)).toHaveProperty('actor');
  });

  it('leaves site admins alone where they are exempt', async () => {
    const { secret } = valueIn(await make(root.account, null));
    await set(30);
    expect(await verify(secret)).toMatchObject({ refused: { because: 'token-lives-too-long' } });
    expect((await make(root.account, null)).ok).toBe(false);
    await set(30, true);
    expect(await verify(secret)).toHaveProperty('actor');
    expect((await make(root.account, null)).ok).toBe(true);
    expect((await make(ada.account, null)).ok).toBe(false);
    await set(null);
  });
});

it('The settings take a proof after two idle hours, and nothing that was typed is lost by it', async () => {
  const other = await testPages();
  try {
    const { browser } = await other.person('grace', { siteAdmin: true });
    const { body } = await browser.get(PAGE);
    other.ctx.clock.forward(2 * 60 * 60_000 + 1);
    expect((await browser.get(PAGE)).statusCode).toBe(401);
    const asked = await browser.post(PAGE, { tokenMaxDays: '77', authenticity_token: tokenIn(body) });
    expect([asked.statusCode, asked.body.includes('Confirm access')]).toEqual([401, true]);
    expect(await readSettings(other.ctx)).toMatchObject({ tokenMaxDays: null });
    expect(asked.body).toMatch(/tokenMaxDays.*77/);
  } finally {
    await other.close();
  }
});
