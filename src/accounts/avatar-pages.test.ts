import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ServedPages, servePages } from '../../test/account-pages.ts';

let pages: ServedPages;
beforeEach(async () => {
  pages = await servePages();
});
afterEach(() => pages.close());

it('shows everybody’s picture, to strangers too, and runs nothing in it', async () => {
  const { id } = await pages.person('mona');
  const answer = await pages.browser().get(`/avatars/u/${id}?s=64`);
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('image/svg+xml');
  expect(answer.headers['content-security-policy']).toContain('sandbox');
  expect(answer.text).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"[^>]* width="64" height="64"/);
  expect((await pages.browser().get(`/avatars/u/${id}?s=9999999`)).text).toContain('width="80"');
});

it('has no picture of nobody', async () => {
  for (const id of ['99', '0', 'x', '1e3', '-1', '1%2f2']) {
    expect((await pages.browser().get(`/avatars/u/${id}`)).status).toBe(404);
  }
});
