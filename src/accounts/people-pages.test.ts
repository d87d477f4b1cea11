import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  authenticityToken,
  password,
  type ServedPages,
  servePages,
  signIn,
} from '../../test/account-pages.ts';
import { findAccountByLogin } from './accounts.ts';

let pages: ServedPages;
beforeEach(async () => {
  pages = await servePages();
});
afterEach(() => pages.close());

describe('a person', () => {
  beforeEach(async () => {
    await pages.person('mona', true);
  });

  it('invites another, who chooses a password by a link that works once', async () => {
    const admin = await pages.signedIn('mona');
    const page = await admin.get('/settings/people');
    const made = await admin.submit(page, '/settings/people', { login: 'hubot', email: 'hubot@example.com' });
    expect(made.status).toBe(201);
    const link = new URL(/<code id="one-time-link">([^<]+)</.exec(made.text)?.[1] ?? '');
    expect((await admin.get('/settings/people')).text).not.toContain(link.searchParams.get('code'));
    const hubot = pages.browser();
    const form = await hubot.visit(`${link.pathname}${link.search}`);
    expect(form.path).toBe('/password');
    expect((await hubot.submit(form, '/password', { password: 'short' })).status).toBe(422);
    expect((await hubot.submit(form, '/password', { password })).status).toBe(303);
    expect((await hubot.get('/settings/profile')).text).toContain('<strong>hubot</strong>');
    expect(await pages.browser().visit(`${link.pathname}${link.search}`)).toMatchObject({ status: 410 });
    expect((await signIn(pages.browser(), 'HUBOT@example.com')).status).toBe(303);
    const twice = await admin.submit(page, '/settings/people', { login: 'Hubot', email: 'h@example.com' });
    expect(twice).toMatchObject({ status: 422, notices: ['Username has already been taken.'] });
    expect(await findAccountByLogin(pages.ctx, 'hubot')).toMatchObject({ siteAdmin: false });
  });

  it('is suspended and let in again by a site admin, who cannot suspend oneself', async () => {
    const { id } = await pages.person('hubot');
    const hubot = await pages.signedIn('hubot');
    const admin = await pages.signedIn('mona');
    const suspend = `/settings/people/${id}/suspend`;
    const page = await admin.get('/settings/people');
    expect((await admin.submit(page, suspend)).status).toBe(303);
    expect((await hubot.get('/settings/profile')).status).toBe(302);
    expect((await signIn(hubot, 'hubot')).status).toBe(403);
    const after = await admin.get('/settings/people');
    expect((await admin.submit(after, `/settings/people/${id}/unsuspend`)).status).toBe(303);
    expect((await signIn(pages.browser(), 'hubot')).status).toBe(303);
    const token = authenticityToken(after);
    const own = (await findAccountByLogin(pages.ctx, 'mona'))?.id;
    expect((await admin.post(`/settings/people/${own}/suspend`, { authenticity_token: token })).status).toBe(
      422,
    );
  });

  it('who is no site admin sees nothing of other people and changes nothing', async () => {
    const { id } = await pages.person('hubot');
    const hubot = await pages.signedIn('hubot');
    const token =
      /name="authenticity_token" value="([^"]+)"/.exec((await hubot.get('/settings/profile')).text)?.[1] ??
      '';
    const list = await hubot.get('/settings/people');
    expect(list.status).toBe(403);
    expect(list.text).not.toContain('mona');
    const fields = { authenticity_token: token, login: 'eve', email: 'eve@example.com' };
    for (const path of ['', `/${id}/suspend`, `/${id}/password-link`, '/1/suspend', '/1/password-link']) {
      expect((await hubot.post(`/settings/people${path}`, fields)).status).toBe(403);
    }
    expect(await findAccountByLogin(pages.ctx, 'eve')).toBeNull();
  });
});
