// What git-lfs asks for, and what it is told by whom: its own words are JSON, and its own challenge a header.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GitServer, startGitServer } from '../../test/git-server.ts';
import { ask, basic } from '../../test/http.ts';

const batch = 'objects/batch';
const verify = 'locks/verify';
const none = 'Git LFS is not available on this server.';

let server: GitServer;
let owner: string;
let reader: string;
let weak: string;

beforeAll(async () => {
  server = await startGitServer();
  const mona = await server.person('mona');
  const hubot = await server.person('hubot');
  [owner, weak, reader] = await Promise.all([
    server.token(mona),
    server.token(mona, []),
    server.token(hubot),
  ]);
  await server.repository(mona, 'open');
  await server.repository(mona, 'secret', { visibility: 'private', roles: [[hubot, 'read']] });
});

afterAll(async () => {
  await server.close();
});

async function post(repository: string, address: string, token: string | null, method = 'POST') {
  const answer = await ask(`${server.url}/mona/${repository}.git/info/lfs/${address}`, {
    method,
    headers: {
      accept: 'application/vnd.git-lfs+json',
      'content-type': 'application/vnd.git-lfs+json; charset=utf-8',
      ...(token === null ? {} : basic('mona', token)),
    },
    ...(method === 'GET' ? {} : { body: '{"operation":"upload","transfers":["basic"],"objects":[]}' }),
  });
  expect(answer.headers['content-type']).toMatch(/^application\/vnd\.git-lfs\+json\b/);
  return { ...answer, message: JSON.parse(answer.text).message as string };
}

describe('Git LFS', () => {
  it('is told that there is none, by who may ask', async () => {
    for (const repository of ['open', 'secret']) {
      for (const [address, method] of [
        [batch, 'POST'],
        [verify, 'POST'],
        ['locks', 'GET'],
        ['locks', 'POST'],
        ['locks/7/unlock', 'POST'],
        ['anything', 'PUT'],
      ] as const) {
        const answer = await post(repository, address, owner, method);
        expect([answer.status, answer.message], `${repository} ${address}`).toEqual([404, none]);
      }
    }
    expect((await post('open', batch, null)).message).toBe(none);
    expect((await post('secret', batch, reader)).message).toBe(none);
  });

  it('is asked for a credential by its own header, for what may or may not exist alike', async () => {
    for (const [repository, address] of [
      ['secret', batch],
      ['nothing', batch],
      ['secret', verify],
      ['open', verify],
    ] as const) {
      const answer = await post(repository, address, null);
      expect([answer.status, answer.message], address).toEqual([401, 'Authentication required.']);
      expect(answer.headers['lfs-authenticate']).toBe('Basic realm="GitHub"');
      expect(answer.headers['www-authenticate']).toBe('Basic realm="GitHub"');
    }
    const dead = await post('open', batch, `ghp_${'0'.repeat(36)}`);
    expect([dead.status, dead.message]).toEqual([401, 'Invalid username or password.']);
  });

  it('is refused as git is', async () => {
    const missing = await post('nothing', batch, owner);
    expect([missing.status, missing.message]).toEqual([404, 'Repository not found.']);
    const unseen = await post('secret', batch, weak);
    expect([unseen.status, unseen.message]).toEqual([404, 'Repository not found.']);
    const reading = await post('secret', verify, reader);
    expect(reading.status).toBe(403);
    expect(reading.message).toBe('Permission to mona/secret.git denied to hubot.');
    expect(reading.headers['lfs-authenticate']).toBeUndefined();
  });
});
