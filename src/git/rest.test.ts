import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGitClient, type GitClient, withToken } from '../../test/git-client.ts';
import { type GitServer, startGitServer } from '../../test/git-server.ts';
import type { Account } from '../accounts/accounts.ts';

let server: GitServer;
let client: GitClient;
let mona: Account;
let token: string;

beforeAll(async () => {
  server = await startGitServer();
  client = await createGitClient();
  mona = await server.person('mona');
  token = await server.token(mona);
});

afterAll(async () => {
  await server.close();
  await client.close();
});

/** A work tree with one commit, and the repository it was pushed to. */
async function pushed(name: string, options = {}) {
  const repository = await server.repository(mona, name, options);
  const url = withToken(repository.url, token);
  const format =
    'objectFormat' in options ? `--object-format=${options.objectFormat}` : '--object-format=sha1';
  await client.git(['init', '-q', format, name]);
  await writeFile(client.path(name, 'README.md'), `# ${name}\n`);
  await client.git(['add', '.'], { in: name });
  await client.git(['commit', '-qm', 'First'], { in: name });
  await client.git(['push', '-q', url, 'main'], { in: name });
  return { ...repository, url, name };
}

describe('git over HTTPS', () => {
  it.each([0, 1, 2])('clones what was pushed, by protocol version %i', async (version) => {
    const { url, name } = await pushed(`version-${version}`);
    await client.git(['-c', `protocol.version=${version}`, 'clone', '-q', url, `${name}-clone`]);
    expect(await readFile(client.path(`${name}-clone`, 'README.md'), 'utf8')).toBe(`# ${name}\n`);
  });
});
