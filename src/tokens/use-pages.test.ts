import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valueIn } from '../../test/context.ts';
import { type TestBrowser, type TestPages, testPages } from '../../test/pages.ts';
import type { Account } from '../accounts/accounts.ts';
import type { Scope, Scopes } from '../scopes/scopes.ts';
import { createToken, findToken, type Token } from './tokens.ts';
import { tellExpiries } from './told.ts';
import { createUseCounter, rememberCounting } from './uses.ts';

const DAY = 24 * 60 * 60_000;

let pages: TestPages;
let ada: Account;
beforeAll(async () => {
  pages = await testPages();
  await rememberCounting(pages.ctx);
  ada = (await pages.person('ada')).account;
});
afterAll(() => pages.close());

let notes = 0;
async function make(scopes: Scopes, expiresAt: number | null = null): Promise<Token> {
  const request = { accountId: ada.id, note: `note ${++notes}`, scopes, expiresAt };
  return valueIn(await createToken(pages.ctx, request)).token;
}
async function use(token: Token, ...scopes: readonly Scope[]): Promise<void> {
  const counter = createUseCounter(pages.ctx);
  counter.used({ tokenId: token.id, scopes, first: true, address: '192.0.2.7', userAgent: 'git/2.39.5' });
  await counter.flush();
}
/** Signed in at this moment of the test's clock. */
const browser = (): Promise<TestBrowser> => pages.signIn(ada);
const pageOf = (token: Token) => `/settings/tokens/${token.id}`;
const text = async (token: Token) => {
  const { body } = await (await browser()).get(pageOf(token));
  return body
    .slice(body.indexOf('What it is used for'))
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
};
const now = (token: Token) => findToken(pages.ctx, ada.id, token.id);

describe('the page of a token', () => {
  it('shows what it was granted beside what it was used for', async () => {
    const token = await make(['gist', 'repo', 'user']);
    pages.ctx.clock.forward(30 * DAY);
    await use(token, 'public_repo');
    await use(token, 'public_repo', 'read:user');
    const shown = await text(token);
    expect(shown).toContain('Uses are counted in the last 30 days, since Jan 15, 2026.');
    expect(shown).toMatch(/gist not used/);
    expect(shown).toMatch(/repo public_repo would do: 2 times, last/);
    expect(shown).toMatch(/user read:user would do: once, last/);
    expect(shown).toMatch(/192\.0\.2\.7 2 times/);
    expect(shown).toMatch(/git\/2\.39 2 times/);
  });

  it('narrows it to what was used in one click', async () => {
    const token = await make(['repo', 'user']);
    await use(token, 'repo');
    expect(await text(token)).toContain('Narrow to what was used: repo');
    const answer = await (await browser()).submit(pageOf(token), `${pageOf(token)}/narrow`, {
      scopes: ['repo'],
    });
    expect(answer.headers.location).toBe(pageOf(token));
    expect(await now(token)).toMatchObject({ scopes: ['repo'], lastEight: token.lastEight });
    expect(await text(token)).not.toContain('Narrow to');
  });

  it('narrows one that needed no scope to none', async () => {
    const token = await make(['repo']);
    await use(token);
    expect(await text(token)).toContain('Narrow to what was used: no scopes');
    await (await browser()).submit(pageOf(token), `${pageOf(token)}/narrow`, {});
    expect(await now(token)).toMatchObject({ scopes: [] });
  });

  it('never widens it that way', async () => {
    const token = await make(['public_repo']);
    for (const scopes of [['repo'], ['public_repo', 'gist'], ['site_admin']]) {
      await (await browser()).forge('/settings/tokens', `${pageOf(token)}/narrow`, { scopes });
      expect(await now(token)).toMatchObject({ scopes: ['public_repo'] });
    }
    const eve = await pages.person('eve');
    for (const verb of ['narrow', 'shorten']) {
      const answer = await eve.browser.forge('/settings/tokens', `${pageOf(token)}/${verb}`, {});
      expect(answer.statusCode).toBe(404);
    }
    expect(await now(token)).toMatchObject({ scopes: ['public_repo'], expiresAt: null });
  });

  it('lets one that nobody uses expire in a week, of which its owner is told a day ahead', async () => {
    const token = await make(['repo']);
    pages.ctx.clock.forward(100 * DAY);
    expect(await text(token)).toContain('It was not used in the last 90 days');
    await (await browser()).submit(pageOf(token), `${pageOf(token)}/shorten`, {});
    const end = (await now(token))?.expiresAt ?? 0;
    expect(end - pages.ctx.now()).toBe(7 * DAY);
    expect(await text(token)).not.toContain('Let it expire');
    const told = async () => {
      await tellExpiries(pages.ctx);
      const { body } = await (await browser()).get('/settings/notices');
      return body.includes(`“${token.note}” expires`);
    };
    expect(await told()).toBe(false);
    pages.ctx.clock.forward(6 * DAY);
    expect(await told()).toBe(true);
  });

  it('does not offer to shorten one that is used, or ends earlier anyway, nor lengthens it', async () => {
    const used = await make(['repo']);
    await use(used, 'repo');
    expect(await text(used)).not.toContain('Let it expire');
    const expiresAt = pages.ctx.now() + 3 * DAY;
    const short = await make(['repo'], expiresAt);
    expect(await text(short)).not.toContain('Let it expire');
    await (await browser()).forge('/settings/tokens', `${pageOf(short)}/shorten`, {});
    expect(await now(short)).toMatchObject({ expiresAt });
  });

  it('says when it is too early to tell', async () => {
    const token = await make(['repo']);
    expect(await text(token)).toMatch(/not used so far.*less than a day.*too early to say/);
    pages.ctx.clock.forward(13 * DAY);
    expect(await text(token)).toMatch(/13 days only, which is too early/);
    pages.ctx.clock.forward(DAY);
    expect(await text(token)).not.toContain('too early');
  });

  it('deletes it in one click', async () => {
    const token = await make(['repo']);
    await (await browser()).submit(pageOf(token), `${pageOf(token)}/delete`, {});
    expect(await now(token)).toBe(null);
  });
});
