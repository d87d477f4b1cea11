import { describe, expect, it } from 'vitest';
import { createGitClient } from '../git-client.ts';
import { startServer } from './server.ts';

describe('A server in private mode', () => {
  it('shows nothing to strangers, public repositories included, and everything to people with a token', async () => {
    await using server = await startServer({ args: ['--private-mode'] });
    await server.person('mona');
    await server.person('hubot');
    const repository = await server.repository('mona', 'hello', 'public');
    const token = await server.token('hubot');
    const client = await createGitClient();
    try {
      // The API (ghes-spec 5.2 row 4); /meta is asked by Git Credential Manager before it has a credential.
      for (const path of ['/api/v3/repos/mona/hello', '/api/v3/users/mona', '/api/v3/no/such/thing']) {
        const answer = await server.fetch(path);
        expect(answer.status, path).toBe(401);
        expect(await answer.json()).toMatchObject({ message: 'Must authenticate to access this API.' });
      }
      expect((await server.fetch('/api/v3/meta')).status).toBe(200);
      expect((await server.fetch('/api/v3/repos/mona/hello', { token })).status).toBe(200);

      // Git.
      const stranger = await client.try(['clone', repository.cloneUrl, 'one']);
      expect(stranger.status).toBe(128);
      expect((await server.fetch('/mona/hello.git/info/refs?service=git-upload-pack')).status).toBe(401);
      await client.git(['clone', '--quiet', repository.cloneUrl, 'two'], { env: server.credential(token) });

      // Pages: existing or not, they lead to the same place.
      for (const path of [
        '/',
        '/mona',
        '/mona/hello',
        '/mona/nothing',
        '/nobody',
        '/docs/rest',
        '/settings/tokens',
      ]) {
        const answer = await server.fetch(path);
        const text = await answer.text();
        expect(text, path).not.toContain('hello.git');
        if (path !== '/docs/rest')
          expect(answer.headers.get('location') ?? text, path).toMatch(/\/login|Sign in/);
      }
      expect((await server.fetch('/mona/hello')).status).toBe((await server.fetch('/mona/nothing')).status);
      expect((await server.fetch('/login')).status).toBe(200);
      expect((await server.fetch('/healthz')).status).toBe(200);
    } finally {
      await client.close();
    }
  });

  it('is not the default: strangers clone what is public', async () => {
    await using server = await startServer();
    await server.person('mona');
    const repository = await server.repository('mona', 'hello', 'public');
    const client = await createGitClient();
    try {
      await client.git(['clone', '--quiet', repository.cloneUrl, 'one']);
      expect((await server.fetch('/mona/hello')).status).toBe(200);
      expect((await server.fetch('/api/v3/repos/mona/hello')).status).toBe(200);
    } finally {
      await client.close();
    }
  });
});
