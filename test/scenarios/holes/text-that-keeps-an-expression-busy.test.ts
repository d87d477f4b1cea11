// A commit message of 120 KB of line ends, or a `.gitmodules` of 100 KB of spaces, kept regular expressions busy for
// half a minute to hours, and everybody else waiting.
import { describe, expect, it } from 'vitest';
import { commitTo } from '../../hostile.ts';
import { startServer, type TestServer } from '../server.ts';

/** The worst of these took 30 seconds and more. */
const PATIENCE_MS = 5000;

async function quickly(server: TestServer, path: string): Promise<string> {
  const begin = performance.now();
  const answer = await server.fetch(path);
  const body = await answer.text();
  expect(answer.status, path).toBe(200);
  expect(performance.now() - begin, path).toBeLessThan(PATIENCE_MS);
  return body;
}

describe('What people push', () => {
  it('is shown without delay when a commit’s message is all line ends or spaces, and whole', async () => {
    await using server = await startServer();
    await server.person('eve');
    const repository = await server.repository('eve', 'evil', 'public');
    for (const filler of ['\n', ' ']) {
      const message = `Subject\n\nbefore\n${filler.repeat(120_000)}after\n\n`;
      const sha = await commitTo(repository.path, { files: { a: 'a' }, message });
      const shown = JSON.parse(await quickly(server, `/api/v3/repos/eve/evil/commits/${sha}`));
      expect(shown.commit.message).toBe(message.trimEnd());
      await quickly(server, '/api/v3/repos/eve/evil/commits');
      expect(await quickly(server, `/eve/evil/commit/${sha}`)).toContain('before');
      await quickly(server, '/eve/evil/commits/main');
    }
  });

  it('tells a submodule’s address without delay when `.gitmodules` is mostly spaces', async () => {
    await using server = await startServer();
    await server.person('eve');
    const repository = await server.repository('eve', 'evil', 'public');
    const spaces = ' '.repeat(100_000);
    const modules = `[submodule "b"]\n\tpath = a${spaces}\r${spaces}b\n\turl = https://example.com/c\n[submodule "a"]\n\tpath = a\n\turl = https://example.com/a\n`;
    const submodules = { a: '1'.repeat(40) };
    await commitTo(repository.path, { files: { '.gitmodules': modules }, submodules });
    const shown = JSON.parse(await quickly(server, '/api/v3/repos/eve/evil/contents/a'));
    expect(shown).toMatchObject({ type: 'submodule', submodule_git_url: 'https://example.com/a' });
  });

  it('is found without delay by addresses full of slashes', async () => {
    await using server = await startServer();
    await server.person('eve');
    const repository = await server.repository('eve', 'evil', 'public');
    await commitTo(repository.path, { files: { a: 'a' } });
    const begin = performance.now();
    for (const path of ['/eve/evil/tree/main', '/api/v3/repos/eve/evil/contents']) {
      expect((await server.fetch(`${path}/a${'/'.repeat(15_000)}b`)).status).toBe(404);
    }
    expect(performance.now() - begin).toBeLessThan(1000);
    expect(await quickly(server, '/eve/evil/blob/main/a/')).toContain('a');
  });
});
