// Who was about to be suspended invited a friend as an owner of the organisation, and to repositories: the invitations
// held all the same, and what they had done before went on by other hands.
import { describe, expect, it } from 'vitest';
import { startServer } from '../server.ts';

describe('An invitation', () => {
  it('is none as long as who sent it is suspended, into an organisation or to a repository', async () => {
    await using server = await startServer();
    for (const login of ['ada', 'mallory', 'eve']) await server.person(login);
    await server.cli(['org', 'create', 'acme', '--owner', 'mallory']);
    await server.repository('mallory', 'loot', 'private');
    const send = async (login: string, method: string, path: string, body: object = {}) => {
      const token = await server.token(login, ['repo', 'admin:org']);
      const headers = { 'content-type': 'application/json' };
      const answer = await server.fetch(`/api/v3${path}`, {
        method,
        token,
        headers,
        body: JSON.stringify(body),
      });
      return {
        status: answer.status,
        json: (await answer.json().catch(() => null)) as { id: number } | null,
      };
    };
    const role = { role: 'admin' };
    expect((await send('mallory', 'PUT', '/orgs/acme/memberships/eve', role)).status).toBe(200);
    const invited = await send('mallory', 'PUT', '/repos/mallory/loot/collaborators/eve', {
      permission: 'admin',
    });
    expect(invited.status).toBe(201);
    const accept = async () => [
      (await send('eve', 'PATCH', '/user/memberships/orgs/acme', { state: 'active' })).status,
      (await send('eve', 'PATCH', `/user/repository_invitations/${invited.json?.id}`)).status,
    ];
    const reached = async () => (await send('eve', 'POST', '/repos/mallory/loot/keys')).status;

    await server.cli(['user', 'suspend', 'mallory']);
    for (const status of await accept()) expect(status).toBeGreaterThanOrEqual(400);
    expect(await reached()).toBe(404);
    await server.cli(['user', 'unsuspend', 'mallory']);
    expect(await accept()).toEqual([200, 204]);
    expect(await reached()).toBe(422);
  });
});
