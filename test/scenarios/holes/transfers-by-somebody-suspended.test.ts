// Who was about to be suspended offered a repository to a friend: for a day the offer held all the same, and took the
// repository out of everybody else's hands.
import { describe, expect, it } from 'vitest';
import { signIn } from '../../account-pages.ts';
import { formBrowser } from '../../form-browser.ts';
import { startServer } from '../server.ts';

const password = 'bass-clef-and-tide';

describe('A repository', () => {
  it('is not taken from the hands of who is suspended, and is once they are back', async () => {
    await using server = await startServer();
    await server.person('mallory');
    await server.person('eve', { password });
    await server.repository('mallory', 'loot', 'private');
    const token = await server.token('mallory', ['repo']);
    const asked = await server.fetch('/api/v3/repos/mallory/loot/transfer', {
      method: 'POST',
      token,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ new_owner: 'eve' }),
    });
    expect(asked.status).toBe(202);
    const eve = formBrowser(server.url);
    await signIn(eve, 'eve', password);
    const accept = async () => {
      const page = await eve.get('/invitations');
      const action = /action="(\/invitations\/transfers\/\d+\/accept)"/.exec(page.text)?.[1] ?? '';
      return (await eve.submit(page, action)).headers.location;
    };

    await server.cli(['user', 'suspend', 'mallory']);
    expect(await accept()).toBe('/invitations');
    expect((await eve.get('/eve/loot')).status).toBe(404);
    await server.cli(['user', 'unsuspend', 'mallory']);
    expect(await accept()).toBe('/eve/loot');
    expect((await eve.get('/eve/loot')).status).toBe(200);
  });
});
