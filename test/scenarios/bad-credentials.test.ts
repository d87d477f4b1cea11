// Too many bad credentials from one place (ghes-spec 5.2 row 2, 5.6; 15 row 30): refused in words of their own, while
// good ones are never touched. Git is told by 401 and not by the API's 403, or it would keep the dead token for ever.
import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createGitClient } from '../git-client.ts';
import { startServer } from './server.ts';

const bad = `ghp_${'a'.repeat(36)}`;
const text = 'Maximum number of login attempts exceeded. Please try again later.';

describe('Guessing at tokens', () => {
  it('is turned away by the API and by git alike, and hinders nobody who has one', async () => {
    await using server = await startServer();
    await server.person('mona');
    const { cloneUrl } = await server.repository('mona', 'closed', 'private');
    const good = await server.token('mona', ['repo']);
    const client = await createGitClient();
    try {
      const authorization = `Basic ${Buffer.from(`mona:${bad}`).toString('base64')}`;
      for (let n = 0; n < 10; n += 1) {
        const answer = await server.fetch('/api/v3/user', { headers: { authorization } });
        expect([answer.status, (await answer.json()).message]).toEqual([401, 'Bad credentials']);
      }
      const refused = await server.fetch('/api/v3/user', { headers: { authorization } });
      expect([refused.status, (await refused.json()).message]).toEqual([403, text]);

      // Git counts with it, says so, and forgets what it had stored.
      const stored = client.path('credentials');
      const { host } = new URL(server.url);
      await writeFile(stored, `http://mona:${bad}@${host}\n`, { mode: 0o600 });
      const helper = `credential.helper=store --file=${stored}`;
      const stranger = await client.try(['-c', helper, 'clone', cloneUrl, 'one']);
      expect(stranger.status).toBe(128);
      expect(stranger.stderr).toContain(`remote: ${text}`);
      expect(stranger.stderr).toContain('Authentication failed');
      const left = await client.git(['-c', helper, 'credential-store', `--file=${stored}`, 'get'], {
        input: `protocol=http\nhost=${host}\n\n`,
      });
      expect(left).toBe('');

      // The same name at the same address, with a good token.
      const env = server.credential(good, 'mona');
      await client.git(['clone', '--quiet', cloneUrl, 'two'], { env });
      const basic = `Basic ${Buffer.from(`mona:${good}`).toString('base64')}`;
      expect((await server.fetch('/api/v3/user', { headers: { authorization: basic } })).status).toBe(200);
      expect((await server.fetch('/api/v3/user', { token: good })).status).toBe(200);
      // Another name has its own count.
      const other = `Basic ${Buffer.from(`hubot:${bad}`).toString('base64')}`;
      expect((await server.fetch('/api/v3/user', { headers: { authorization: other } })).status).toBe(401);
    } finally {
      await client.close();
    }
  });
});
