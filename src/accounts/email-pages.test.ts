import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRepositoryPages, type RepositoryPages } from '../../test/repository-pages.ts';
import { writeSetting } from '../db/settings.ts';

let the: RepositoryPages;
const page = '/settings/emails';

beforeAll(async () => {
  the = await openRepositoryPages();
});

afterAll(() => the.close());

describe('the page of addresses', () => {
  it('adds one, verifies it by the mailed link, makes it the primary one and removes the other', async () => {
    const { browser, account } = the.ann;
    const { db } = the.pages.ctx;
    await writeSetting(db, 'mail', 'on');
    const added = await browser.submit(page, page, { email: 'new@example.com' });
    expect(added.statusCode, added.body).toBe(303);
    expect((await browser.get(page)).body).toContain('Not verified');
    const mail = await db
      .selectFrom('outbox')
      .selectAll()
      .where('recipient', '=', 'new@example.com')
      .executeTakeFirstOrThrow();
    const link = /\/settings\/emails\/verify\?code=[\w-]+/.exec(mail.body)?.[0] ?? '';
    const opened = await browser.get(link);
    expect([opened.statusCode, opened.headers.location]).toEqual([303, `${page}/verify`]);
    await browser.submit(`${page}/verify`, `${page}/verify`, {});
    await browser.submit(page, `${page}/primary`, { email: 'new@example.com' });
    await browser.submit(page, `${page}/delete`, { email: String(account.email) });
    const { email } = await db
      .selectFrom('accounts')
      .select('email')
      .where('id', '=', account.id)
      .executeTakeFirstOrThrow();
    expect(email).toBe('new@example.com');
    expect((await browser.get(page)).body).not.toContain(String(account.email));
  });

  it('says what is wrong with an address', async () => {
    const wrong = await the.bob.browser.submit(page, page, { email: 'nothing' });
    expect(wrong.statusCode).toBe(422);
    expect(wrong.body).toContain('id="email-error"');
  });
});
