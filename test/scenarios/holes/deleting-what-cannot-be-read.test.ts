// A token with `delete_repo` alone could delete private repositories that it could not even read, and tell by the
// answer which names exist.
import { expect, it } from 'vitest';
import { startServer } from '../server.ts';

it('deletes a private repository only with a token that may read it too', async () => {
  await using server = await startServer();
  await server.person('ada');
  for (const name of ['plans', 'notes']) await server.repository('ada', name, 'private');
  await server.repository('ada', 'site', 'public');
  const remove = async (token: string, name: string) =>
    (await server.fetch(`/api/v3/repos/ada/${name}`, { method: 'DELETE', token })).status;

  const narrow = await server.token('ada', ['delete_repo']);
  expect(await remove(narrow, 'plans')).toBe(404);
  expect(await remove(narrow, 'missing')).toBe(404);
  const reader = await server.token('ada', ['repo']);
  expect((await server.fetch('/api/v3/repos/ada/plans', { token: reader })).status).toBe(200);

  expect(await remove(narrow, 'site')).toBe(204);
  expect(await remove(await server.token('ada', ['delete_repo', 'repo']), 'plans')).toBe(204);
  expect(await remove(reader, 'notes')).toBe(403);
});
