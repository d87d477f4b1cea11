import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRepositoryPages, type RepositoryPages } from '../../test/repository-pages.ts';

let the: RepositoryPages;

beforeAll(async () => {
  the = await openRepositoryPages();
  await the.filled('demo', 'public');
});

afterAll(() => the.close());

const list = '/ann/demo/settings/hooks';

describe('the pages of webhooks', () => {
  it('make one, show it without its secret, change it, deliver once more and delete it', async () => {
    const { browser } = the.ann;
    expect((await browser.get(list)).body).toContain('There are no webhooks');
    const fields = { url: 'https://example.com/in', content_type: 'json', 'event-push': '1', active: '1' };
    const made = await browser.submit(`${list}/new`, list, { ...fields, secret: 'very secret' });
    expect(made.statusCode, made.body).toBe(303);
    const page = String(made.headers.location);
    const shown = await browser.get(page);
    expect(shown.body).toContain('https://example.com/in');
    expect(shown.body).toContain('<strong>ping</strong>');
    expect(shown.body).not.toContain('very secret');
    const saved = await browser.submit(page, page, { ...fields, 'event-status': '1' });
    expect(saved.statusCode).toBe(303);
    const hook = await the.pages.ctx.db.selectFrom('hooks').selectAll().executeTakeFirstOrThrow();
    expect([hook.secret, hook.events]).toEqual(['very secret', '["push","status"]']);
    const { id } = await the.pages.ctx.db
      .selectFrom('hook_deliveries')
      .select('id')
      .executeTakeFirstOrThrow();
    expect((await browser.submit(page, `${page}/deliveries/${id}/redeliver`, {})).statusCode).toBe(303);
    expect((await browser.get(page)).body).toContain('Redelivery');
    await browser.submit(page, `${page}/delete`, {});
    expect((await browser.get(page)).statusCode).toBe(404);
  });

  it('say what is wrong at its field', async () => {
    const wrong = await the.ann.browser.submit(`${list}/new`, list, {
      url: 'http://127.0.0.1/',
      'event-push': '1',
    });
    expect(wrong.statusCode).toBe(422);
    expect(wrong.body).toContain('id="url-error"');
  });

  it('are for admins of the repository alone', async () => {
    for (const path of [list, `${list}/new`, `${list}/1`]) {
      expect((await the.bob.browser.get(path)).statusCode, path).toBe(403);
    }
    expect((await the.stranger.get(list)).statusCode).not.toBe(200);
  });
});
