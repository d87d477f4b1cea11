import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  authenticityToken,
  password,
  type ServedPages,
  servePages,
  sessionCookie,
  signIn,
} from '../../test/account-pages.ts';
import { listSessions } from './sessions.ts';

let pages: ServedPages;
beforeEach(async () => {
  pages = await servePages();
});
afterEach(() => pages.close());

describe('a person', () => {
  beforeEach(async () => {
    await pages.person('mona', true);
  });

  it('sees where one is signed in, and ends sessions one by one or all others', async () => {
    const mine = await pages.signedIn('mona');
    const [phone, office] = [
      await pages.signedIn('mona', 'Safari/604.1 (iPhone)'),
      await pages.signedIn('mona', 'Edg/140 (Windows NT)'),
    ];
    const page = await mine.get('/settings/sessions');
    for (const text of [
      'Firefox on Linux',
      'Safari on iOS',
      'Edge on Windows',
      'This session',
      '127.0.0.1',
    ]) {
      expect(page.text).toContain(text);
    }
    const [, phoneId = ''] = /session-(\d+)" title="Safari/.exec(page.text) ?? [];
    expect((await mine.submit(page, `/settings/sessions/${phoneId}/revoke`)).status).toBe(303);
    expect((await phone.get('/settings/profile')).status).toBe(302);
    expect((await office.get('/settings/profile')).status).toBe(200);
    expect((await mine.submit(page, '/settings/sessions/revoke-others')).status).toBe(303);
    expect((await office.get('/settings/profile')).status).toBe(302);
    expect((await mine.get('/settings/profile')).status).toBe(200);
  });

  it('cannot end another person’s session', async () => {
    const { id } = await pages.person('hubot');
    const hubot = await pages.signedIn('hubot');
    const mona = await pages.signedIn('mona');
    const session = (await listSessions(pages.ctx, id))[0]?.id ?? 0;
    const token = authenticityToken(await mona.get('/settings/profile'));
    for (const which of [String(session), '0', 'x', '9'.repeat(90), '%00']) {
      const path = `/settings/sessions/${which}/revoke`;
      expect((await mona.post(path, { authenticity_token: token })).status).toBe(404);
    }
    expect((await hubot.get('/settings/profile')).status).toBe(200);
  });

  it('changes the password, which ends the other sessions and gives this one a new secret', async () => {
    const mine = await pages.signedIn('mona');
    const other = await pages.signedIn('mona');
    const before = sessionCookie(mine);
    const page = await mine.get('/settings/security');
    const wrong = await mine.submit(page, '/settings/security', {
      current_password: 'wrong',
      password: 'an-other-trombone',
    });
    expect(wrong).toMatchObject({ status: 422, notices: ["Current password isn't valid."] });
    const good = { current_password: password, password: 'an-other-trombone' };
    expect((await mine.submit(page, '/settings/security', good)).status).toBe(303);
    expect(sessionCookie(mine)).not.toBe(before);
    expect((await mine.get('/settings/security')).notices).toEqual([
      'Password changed. All your other sessions have ended.',
    ]);
    expect((await other.get('/settings/profile')).status).toBe(302);
    expect((await signIn(pages.browser(), 'mona')).status).toBe(422);
    expect((await signIn(pages.browser(), 'mona', 'an-other-trombone')).status).toBe(303);
  });
});
