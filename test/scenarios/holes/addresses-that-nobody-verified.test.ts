// A primary address has to be verified by a mailed link; the profile page took any, unseen. Notices with texts of one's
// own then went to strangers, and who invites an address into an organisation invited who merely claims it. And adding
// an address and removing it again sent as many mails to it as one liked.
import { describe, expect, it } from 'vitest';
import { findAccountByLogin } from '../../../src/accounts/accounts.ts';
import { writeSetting } from '../../../src/db/settings.ts';
import { signIn } from '../../account-pages.ts';
import { formBrowser } from '../../form-browser.ts';
import { startServer } from '../server.ts';

const password = 'bass-clef-and-tide';
const PROFILE = '/settings/profile';

describe('An address that nobody verified', () => {
  it('does not become the primary one by the profile page where there is mail; the name still changes', async () => {
    await using server = await startServer();
    await server.person('eve', { password });
    await writeSetting(server.ctx.db, 'mail', 'on');
    const browser = formBrowser(server.url);
    await signIn(browser, 'eve', password);
    const page = await browser.get(PROFILE);
    const refused = await browser.submit(page, PROFILE, { name: 'Eve', email: 'ceo@example.org' });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('/settings/emails');
    expect((await browser.submit(page, PROFILE, { name: 'Eve' })).status).toBe(303);
    const eve = await findAccountByLogin(server.ctx, 'eve');
    expect([eve?.name, eve?.email]).toEqual(['Eve', 'eve@example.com']);
  });

  it('gets no mail after mail by being added again and again', async () => {
    await using server = await startServer();
    await server.person('eve');
    await writeSetting(server.ctx.db, 'mail', 'on');
    const token = await server.token('eve', ['user']);
    const body = JSON.stringify({ emails: ['victim@example.org'] });
    const send = async (method: 'POST' | 'DELETE') =>
      (await server.fetch('/api/v3/user/emails', { method, token, body })).status;
    const added: number[] = [];
    for (let round = 0; round < 25; round++) {
      added.push(await send('POST'));
      await send('DELETE');
    }
    expect(added[0]).toBe(201);
    expect(added.filter((status) => status === 201).length).toBeLessThan(20);
    expect(added.at(-1)).toBe(422);
  });
});
