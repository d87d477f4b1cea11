import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valueIn } from '../../test/context.ts';
import { type Fields, type TestBrowser, type TestPages, testPages } from '../../test/pages.ts';
import { Secret } from '../secrets/secret.ts';
import { createToken, findToken, listTokens } from './tokens.ts';
import { tokenVerifier } from './verifying.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const NEW = '/settings/tokens/new';
const LIST = '/settings/tokens';

let pages: TestPages;
beforeAll(async () => {
  pages = await testPages();
});
afterAll(() => pages.close());

const made = (browser: TestBrowser, fields: Fields) =>
  browser.submit(NEW, LIST, { expiration: '30d', ...fields });

/** The tokens in plain text on a page. */
function tokensIn(html: string): readonly string[] {
  return html.match(/ghp_[0-9A-Za-z]{36}/g) ?? [];
}

function textOf(html: string): string {
  return html
    .replace(/<(script|style|svg)\b.*?<\/\1>/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
}

async function isAlive(token: string): Promise<boolean> {
  return (await tokenVerifier(pages.ctx).verify(new Secret(token))).actor !== undefined;
}

describe('generating a token', () => {
  it('shows it once, and never again', async () => {
    const { browser } = await pages.person('once');
    const answer = await made(browser, { note: 'laptop', scopes: ['repo', 'gist'] });
    expect(answer.statusCode).toBe(200);
    const [token = '', ...others] = tokensIn(answer.body);
    expect(others).toEqual([]);
    expect(await isAlive(token)).toBe(true);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(tokensIn((await browser.get(LIST)).body)).toEqual([]);
  });

  it('does not make a second one when the answer is reloaded', async () => {
    const { account, browser } = await pages.person('reload');
    const fields = { note: 'laptop', scopes: 'repo' };
    const [token = ''] = tokensIn((await made(browser, fields)).body);
    const again = await made(browser, fields);
    expect(again.statusCode).toBe(422);
    expect(again.body).toContain('Note has already been taken.');
    expect(await isAlive(token)).toBe(true);
    expect(await listTokens(pages.ctx, account.id)).toHaveLength(1);
  });

  it('stores the normal form of the ticked scopes', async () => {
    const { account, browser } = await pages.person('normal');
    await made(browser, {
      note: 'a',
      scopes: ['user:email', 'repo:status', 'user', 'repo', 'no-such-scope'],
    });
    await made(browser, { note: 'b' });
    const tokens = await listTokens(pages.ctx, account.id);
    expect(tokens.map((token) => token.scopes)).toEqual([[], ['repo', 'user']]);
  });

  it.each([
    ['7d', '', 7 * DAY_MS],
    ['90d', '', 90 * DAY_MS],
    ['never', '', null],
    ['never', '2020-01-01', null],
  ])('with the expiration %s gives that', async (expiration, date, ms) => {
    const { account, browser } = await pages.person(`lives-${crypto.randomUUID().slice(0, 8)}`);
    await made(browser, { note: 'n', expiration, expiration_date: date });
    const [token] = await listTokens(pages.ctx, account.id);
    expect(token?.expiresAt).toBe(ms === null ? null : pages.ctx.now() + ms);
  });

  it('with a custom date ends as that day begins in UTC, and says so', async () => {
    const { account, browser } = await pages.person('custom');
    const answer = await made(browser, { note: 'n', expiration: 'custom', expiration_date: '2027-02-28' });
    const [token] = await listTokens(pages.ctx, account.id);
    expect(token?.expiresAt).toBe(Date.UTC(2027, 1, 28));
    expect(textOf(answer.body)).toContain('Expires on Feb 28, 2027');
    expect((await browser.get(NEW)).body).toContain('00:00 UTC');
  });

  it.each([
    [{ note: '' }, 'note', 'blank'],
    [{ note: 'a'.repeat(256) }, 'note', '255 characters'],
    [{ expiration: 'custom' }, 'expiration_date', 'Choose the date'],
    [{ expiration: 'custom', expiration_date: '2020-01-01' }, 'expiration_date', 'future'],
    [{ expiration: 'custom', expiration_date: '2027-02-30' }, 'expiration_date', 'no date'],
    [{ expiration: '365000d' }, 'expiration', 'one of the expirations'],
  ])('is refused for %j beside the field, keeping what was typed', async (fields, field, words) => {
    const { account, browser } = await pages.person(`wrong-${crypto.randomUUID().slice(0, 8)}`);
    const answer = await made(browser, { note: 'typed', scopes: ['gist', 'user'], ...fields });
    expect(answer.statusCode).toBe(422);
    const error = new RegExp(`<p class="field-error" id="${field}-error">(.*?)</p>`, 's').exec(
      answer.body,
    )?.[1];
    expect(textOf(error ?? '')).toContain(words);
    expect(answer.body).toMatch(
      new RegExp(`id="${field}" name="${field}"[^>]* aria-describedby="${field}-error`),
    );
    expect(answer.body).toMatch(/value="gist" checked/);
    expect(answer.body).toMatch(/value="user" checked/);
    expect(answer.body).not.toMatch(/value="repo" checked/);
    expect(await listTokens(pages.ctx, account.id)).toHaveLength(0);
  });

  it('can be prefilled by a link', async () => {
    const { browser } = await pages.person('prefilled');
    const { body } = await browser.get(`${NEW}?scopes=repo,read:org%20gist,nonsense&description=For%20gh`);
    expect(body).toContain('name="note" required aria-describedby="note-help" type="text" value="For gh"');
    const ticked = [...body.matchAll(/value="([^"]+)" checked/g)].map(([, scope]) => scope);
    expect(ticked).toEqual(['repo', 'read:org', 'gist']);
  });
});

describe('editing a token', () => {
  it('can be prefilled by a link, as refusals give it, beside the scopes it has; nothing is granted by looking', async () => {
    const { account, browser } = await pages.person('linked');
    const request = {
      accountId: account.id,
      note: 'narrow',
      scopes: ['gist', 'repo:status'],
      expiresAt: null,
    } as const;
    const { token } = valueIn(await createToken(pages.ctx, request));
    const { body } = await browser.get(`${LIST}/${token.id}?scopes=public_repo,nonsense`);
    const ticked = [...body.matchAll(/value="([^"]+)" checked/g)].map(([, scope]) => scope);
    expect(ticked).toEqual(['repo:status', 'public_repo', 'gist']);
    expect((await findToken(pages.ctx, account.id, token.id))?.scopes).toEqual(token.scopes);
  });
});

describe('the list', () => {
  it('tells unused, expired and never-expiring tokens apart in words', async () => {
    const { account, browser } = await pages.person('words');
    const now = pages.ctx.now();
    const make = (note: string, expiresAt: number | null) =>
      createToken(pages.ctx, { accountId: account.id, note, scopes: [], expiresAt });
    await make('dead', now + 1000);
    await make('endless', null);
    await make('mortal', now + 30 * DAY_MS);
    pages.ctx.clock.forward(2000);
    const rows = textOf((await browser.get(LIST)).body).split('Delete this token?');
    expect(rows[0]).toContain('Expires on');
    expect(rows[1]).toContain('No expiration');
    expect(rows[2]).toContain('Expired on');
    for (const row of rows.slice(0, 3)) expect(row).toContain('Never used');
  });

  it('shows nobody else’s tokens, nor lets them be touched', async () => {
    const alice = await pages.person('alice');
    const mallory = await pages.person('mallory');
    await made(alice.browser, { note: 'private note' });
    const [token] = await listTokens(pages.ctx, alice.account.id);
    expect((await mallory.browser.get(LIST)).body).not.toContain('private note');
    for (const path of [`${LIST}/${token?.id}`, `${LIST}/${token?.id}/regenerate`]) {
      expect((await mallory.browser.get(path)).statusCode).toBe(404);
      expect((await mallory.browser.forge(NEW, path, { note: 'x', expiration: 'never' })).statusCode).toBe(
        404,
      );
      expect((await alice.browser.get(path)).statusCode).toBe(200);
    }
    expect((await mallory.browser.forge(NEW, `${LIST}/${token?.id}/delete`, {})).statusCode).toBe(404);
    await mallory.browser.forge(NEW, `${LIST}/revoke-all`, {});
    expect(await listTokens(pages.ctx, alice.account.id)).toEqual([token]);
  });
});

describe('a token', () => {
  async function withToken(login: string) {
    const { account, browser } = await pages.person(login);
    const [token = ''] = tokensIn((await made(browser, { note: 'laptop', scopes: 'repo' })).body);
    const [row] = await listTokens(pages.ctx, account.id);
    if (row === undefined) throw new Error('no token was made');
    const now = async () => (await listTokens(pages.ctx, account.id))[0];
    return { account, browser, token, row, now, path: `${LIST}/${row.id}` };
  }

  it('keeps its secret when note and scopes are changed', async () => {
    const { browser, token, path, now } = await withToken('edits');
    const answer = await browser.submit(path, path, { note: 'desktop', scopes: ['gist'] });
    expect(answer.headers.location).toBe(LIST);
    expect(await now()).toMatchObject({ note: 'desktop', scopes: ['gist'] });
    expect(await isAlive(token)).toBe(true);
  });

  it('gets a new secret when regenerated; the old one is dead at once', async () => {
    const { browser, token, row, path, now } = await withToken('regenerates');
    const fields = { expiration: '7d', replaces: row.lastEight };
    const answer = await browser.submit(`${path}/regenerate`, `${path}/regenerate`, fields);
    const [next = ''] = tokensIn(answer.body);
    expect([await isAlive(token), await isAlive(next)]).toEqual([false, true]);
    expect(await now()).toMatchObject({ id: row.id, note: 'laptop', scopes: ['repo'] });
  });

  it('is not regenerated again when the answer is reloaded', async () => {
    const { browser, row, path } = await withToken('regenerates-once');
    const fields = { expiration: '7d', replaces: row.lastEight };
    const [next = ''] = tokensIn(
      (await browser.submit(`${path}/regenerate`, `${path}/regenerate`, fields)).body,
    );
    const again = await browser.submit(`${path}/regenerate`, `${path}/regenerate`, fields);
    expect(again.statusCode).toBe(422);
    expect(again.body).toContain('Nothing was changed.');
    expect(await isAlive(next)).toBe(true);
  });

  it('is dead once deleted', async () => {
    const { browser, token, path } = await withToken('deletes');
    expect((await browser.submit(LIST, `${path}/delete`, {})).statusCode).toBe(303);
    expect(await isAlive(token)).toBe(false);
    expect((await browser.get(path)).statusCode).toBe(404);
  });

  it('is dead once all are revoked', async () => {
    const { browser, token } = await withToken('revokes');
    const [other = ''] = tokensIn((await made(browser, { note: 'other' })).body);
    await browser.submit(LIST, `${LIST}/revoke-all`, {});
    expect([await isAlive(token), await isAlive(other)]).toEqual([false, false]);
    expect((await browser.get(LIST)).body).toContain('Revoked 2 tokens.');
  });
});
