// A primary address has to be verified by a mailed link; the profile page took any, unseen. Notices with texts of one's
// own then went to strangers, and who invites an address into an organisation invited who merely claims it. And adding
// an address and removing it again sent as many mails to it as one liked.
import { describe, expect, it } from 'vitest';
import { findAccountByLogin } from '../../../src/accounts/accounts.ts';
import { writeSetting } from '../../../src/db/settings.ts';
import { createOrganization } from '../../../src/organizations/organizations.ts';
import { signIn } from '../../account-pages.ts';
import { valueIn } from '../../context.ts';
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

  it('lets nobody in who is invited by it, where there is no mail; one that an admin vouches for does', async () => {
    await using server = await startServer();
    const owner = await server.person('ada', { password });
    await server.person('eve', { password });
    const ada = await server.token('ada', ['admin:org']);
    valueIn(await createOrganization(server.ctx, { login: 'acme', name: null, owner }));
    for (const email of ['ceo@example.org', 'newcomer@example.com']) {
      const body = JSON.stringify({ email });
      const asked = await server.fetch('/api/v3/orgs/acme/invitations', { method: 'POST', token: ada, body });
      expect(asked.status).toBe(201);
    }
    const browser = formBrowser(server.url);
    await signIn(browser, 'eve', password);
    const page = await browser.get(PROFILE);
    expect((await browser.submit(page, PROFILE, { name: 'Eve', email: 'ceo@example.org' })).status).toBe(303);
    expect((await findAccountByLogin(server.ctx, 'eve'))?.email).toBe('ceo@example.org');
    const come = async (login: string) => {
      const token = await server.token(login, ['write:org']);
      const body = JSON.stringify({ state: 'active' });
      const path = '/api/v3/user/memberships/orgs/acme';
      return (await server.fetch(path, { method: 'PATCH', token, body })).status;
    };
    expect(await come('eve')).toBe(404);
    await server.person('newcomer');
    expect(await come('newcomer')).toBe(200);
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
