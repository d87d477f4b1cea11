// A token without any scope: it says who somebody is, and opens nothing that is not open to everybody.
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGitClient, type GitClient } from '../git-client.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
let client: GitClient;
let token: string;
let urls: Record<'open' | 'shut', string>;

beforeAll(async () => {
  server = await startServer();
  client = await createGitClient();
  await server.person('mona');
  token = await server.token('mona');
  const open = await server.repository('mona', 'open', 'public');
  const shut = await server.repository('mona', 'shut', 'private');
  urls = { open: open.cloneUrl, shut: shut.cloneUrl };
});

afterAll(async () => {
  await client?.close();
  await server?.[Symbol.asyncDispose]();
});

const get = (path: string, by = token) => server.fetch(`/api/v3${path}`, { token: by });

describe('a token without scopes', () => {
  it('shows as present and empty in the headers', async () => {
    for (const path of ['/', '/user', '/repos/mona/open', '/repos/mona/shut', '/nowhere']) {
      const { headers } = await get(path);
      expect(headers.get('x-oauth-scopes'), path).toBe('');
      expect(headers.has('x-accepted-oauth-scopes'), path).toBe(true);
    }
  });

  it('reads a public repository, but knows nothing of a private one of its owner', async () => {
    expect((await get('/repos/mona/open')).status).toBe(200);
    const hidden = await get('/repos/mona/shut');
    expect(hidden.status).toBe(404);
    expect(hidden.headers.get('x-accepted-oauth-scopes')).toBe('repo');
    const repo = await server.token('mona', ['repo']);
    expect((await get('/repos/mona/shut', repo)).status).toBe(200);
  });

  it('clones a public repository, and is told that a private one is not there', async () => {
    const env = server.credential(token, 'mona');
    await client.git(['clone', '-q', urls.open, 'open'], { env });
    const refused = await client.try(['clone', '-q', urls.shut, 'shut'], { env });
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toMatch(/not found/i);
    await client.git(['clone', '-q', urls.shut, 'shut'], {
      env: server.credential(await server.token('mona', ['repo'])),
    });
  });

  it('does not push to the public repository', async () => {
    const work = 'pushing';
    await client.git(['init', '-q', '-b', 'main', work]);
    await writeFile(client.path(work, 'a.txt'), 'a\n');
    await client.git(['add', '.'], { in: work });
    await client.git(['commit', '-q', '-m', 'First'], { in: work });
    const push = (by: string) =>
      client.try(['push', '-q', urls.open, 'main'], { in: work, env: server.credential(by, 'mona') });
    const refused = await push(token);
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toMatch(/403/);
    expect((await push(await server.token('mona', ['public_repo']))).status).toBe(0);
  });
});
