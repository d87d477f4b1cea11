// What a token was really used for, by real clients, stands on its page, and narrowing it to that breaks nothing.
import { expect, it } from 'vitest';
import { enoughFor, usesOf } from '../../src/tokens/uses.ts';
import { createGitClient } from '../git-client.ts';
import { startServer } from './server.ts';

it('A token that clones and pushes privately can be narrowed to repo, and goes on', async () => {
  await using server = await startServer();
  const client = await createGitClient();
  try {
    const ada = await server.person('ada');
    const { cloneUrl } = await server.repository('ada', 'plans', 'private');
    const secret = await server.token('ada', ['repo', 'user', 'admin:org']);
    const env = server.credential(secret);
    const work = async (name: string) => {
      await client.git(['clone', '--quiet', cloneUrl, name], { env });
      await client.git(['commit', '--quiet', '--allow-empty', '-m', name], { in: name });
      await client.git(['push', '--quiet', 'origin', 'HEAD:main'], { in: name, env });
      expect((await server.fetch('/api/v3/repos/ada/plans', { token: secret })).status).toBe(200);
    };
    await work('before');
    // What was gathered is written when the server stops.
    await server.stop();
    const token = await server.ctx.db.selectFrom('tokens').selectAll().executeTakeFirstOrThrow();
    const uses = await usesOf(server.ctx, { id: token.id, createdAt: token.created_at });
    expect(enoughFor(uses, ['admin:org', 'repo', 'user'])).toEqual(['repo']);
    expect(uses.addresses.map(({ name }) => name)).toEqual(['127.0.0.1']);
    const programs = uses.clients.map(({ name }) => name);
    expect(programs).toContainEqual(expect.stringMatching(/^git\/\d+\.\d+$/));
    expect(programs).toContain('Node program');
    await server.ctx.db
      .updateTable('tokens')
      .set({ scopes: 'repo' })
      .where('account_id', '=', ada.id)
      .execute();
    await using again = await startServer({ directory: server.directory, listen: server.address });
    await work('after');
    await again.stop();
  } finally {
    await client.close();
  }
});
