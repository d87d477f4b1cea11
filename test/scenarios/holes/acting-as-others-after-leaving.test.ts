// A token by which a site admin acts as somebody went on opening everything of that person after the admin had been
// suspended, demoted or deleted.
import { describe, expect, it } from 'vitest';
import { startServer } from '../server.ts';

describe('A token by which an admin acts as somebody', () => {
  it.each([
    ['suspended', ['user', 'suspend', 'eve']],
    ['demoted', ['user', 'demote', 'eve']],
    ['deleted', ['user', 'delete', 'eve']],
  ])('opens nothing once that admin is %s, and another admin makes a new one', async (_what, command) => {
    await using server = await startServer();
    await server.person('mona');
    await server.person('ada', { siteAdmin: true });
    await server.person('eve', { siteAdmin: true });
    await server.repository('mona', 'diary', 'private');
    const impersonate = async (admin: string) => {
      const token = await server.token(admin, ['site_admin']);
      const path = '/api/v3/admin/users/mona/authorizations';
      const body = JSON.stringify({ scopes: ['repo'] });
      const answer = await server.fetch(path, { method: 'POST', token, body });
      expect(answer.status).toBe(201);
      return ((await answer.json()) as { readonly token: string }).token;
    };
    const status = async (token: string) =>
      (await server.fetch('/api/v3/repos/mona/diary', { token })).status;

    const token = await impersonate('eve');
    expect(await status(token)).toBe(200);
    expect((await server.cli(command)).status).toBe(0);
    expect(await status(token)).toBe(401);
    const next = await impersonate('ada');
    expect([await status(next), await status(token)]).toEqual([200, 401]);
  });
});
