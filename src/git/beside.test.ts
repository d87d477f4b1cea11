// What is said and logged beside fetches and pushes: the line about a token that expires soon, the security log.
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGitClient, type GitClient, withToken } from '../../test/git-client.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../test/git-server.ts';
import { ask, basic } from '../../test/http.ts';
import type { Account } from '../accounts/accounts.ts';
import { Secret } from '../secrets/secret.ts';
import { listTokens } from '../tokens/tokens.ts';
import { flushPkt, pktLine } from './pkt-line.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

let server: GitServer;
let client: GitClient;
let mona: Account;
let repository: TestRepository;
let work = 0;

beforeAll(async () => {
  server = await startGitServer();
  client = await createGitClient();
  mona = await server.person('mona');
  repository = await server.repository(mona, 'project', { visibility: 'private' });
  const token = await server.token(mona);
  await client.git(['init', '-q', 'first']);
  await writeFile(client.path('first', 'a'), 'a\n');
  await client.git(['add', '.'], { in: 'first' });
  await client.git(['commit', '-qm', 'a'], { in: 'first' });
  await client.git(['push', '-q', withToken(repository.url, token), 'main'], { in: 'first' });
});

afterAll(async () => {
  await server.close();
  await client.close();
});

/** A token that expires so long from now, and the line that git is to show. */
async function expiring(ms: number, words: string) {
  const secret = await server.token(mona, ['repo'], server.ctx.now() + ms);
  const [token] = await listTokens(server.ctx, mona.id);
  const { note = '', id = 0 } = token ?? {};
  const page = `https://git.example.com/settings/tokens/${id}/regenerate`;
  return {
    url: withToken(repository.url, secret),
    secret,
    line: `remote: Your token "${note}" expires ${words}: ${page}`,
  };
}

const remote = (stderr: string) => stderr.split('\n').filter((line) => line.startsWith('remote: Your token'));
const shown = (stderr: string) => remote(stderr).map((line) => line.trimEnd());

describe('in the last week of a token', () => {
  it.each([0, 1, 2])('git shows it once a day on fetch and push, by version %i', async (version) => {
    const by = ['-c', `protocol.version=${version}`];
    const { url, line } = await expiring(3 * DAY_MS + HOUR_MS, 'in 3 days');
    const name = `clone-${++work}`;
    const cloned = await client.try([...by, 'clone', url, name]);
    expect(cloned.status).toBe(0);
    expect(shown(cloned.stderr)).toEqual([line]);
    await client.git(['fsck', '--strict'], { in: name });
    // Not again the same day.
    const again = await client.try([...by, 'clone', '-q', url, `${name}-again`]);
    expect([again.status, shown(again.stderr)]).toEqual([0, []]);
    server.ctx.clock.forward(DAY_MS);
    await client.git(['commit', '-q', '--allow-empty', '-m', `x ${version}`], { in: name });
    const pushed = await client.try([...by, 'push', '-q', 'origin', `HEAD:refs/heads/${name}`], { in: name });
    expect([pushed.status, shown(pushed.stderr)]).toEqual([0, [line.replace('3 days', '2 days')]]);
    const pushedAgain = await client.try([...by, 'push', '-q', 'origin', 'HEAD:refs/tags/x'], { in: name });
    expect(shown(pushedAgain.stderr)).toEqual([]);
    await client.git(['push', '-q', 'origin', ':refs/tags/x'], { in: name });
    server.ctx.clock.forward(DAY_MS + 12 * HOUR_MS);
    const fetched = await client.try([...by, 'fetch', url, 'main', `${name}:other`], { in: `${name}-again` });
    expect([fetched.status, shown(fetched.stderr)]).toEqual([0, [line.replace('3 days', '13 hours')]]);
  });

  it('is not yet, or never: nothing is shown', async () => {
    for (const ms of [7 * DAY_MS + 1000, 90 * DAY_MS]) {
      const { url } = await expiring(ms, '');
      expect(shown((await client.try(['clone', url, `clone-${++work}`])).stderr)).toEqual([]);
    }
    const url = withToken(repository.url, await server.token(mona));
    expect(shown((await client.try(['clone', url, `clone-${++work}`])).stderr)).toEqual([]);
  });

  it('a client without bands gets its pack as it is, and the line stays for the next', async () => {
    const { secret, url, line } = await expiring(30 * 60_000, 'within the hour');
    const head = await client.git(['rev-parse', 'HEAD'], { in: 'first' });
    const answer = await ask(`${repository.url}/git-upload-pack`, {
      method: 'POST',
      headers: { ...basic('x', secret), 'content-type': 'application/x-git-upload-pack-request' },
      body: Buffer.concat([pktLine(`want ${head}\n`), flushPkt, pktLine('done\n')]),
    });
    expect(answer.body.toString('latin1')).toMatch(/^0008NAK\nPACK/);
    const cloned = await client.try(['clone', url, `clone-${++work}`]);
    expect(shown(cloned.stderr)).toEqual([line]);
  });

  it('the smaller kind of band is not made too long by a long note and strange characters', async () => {
    const { secret } = await expiring(2 * DAY_MS + 1, 'in 2 days');
    const [token] = await listTokens(server.ctx, mona.id);
    await server.ctx.db
      .updateTable('tokens')
      .set({ note: '\u{1F511}'.repeat(255) })
      .where('id', '=', token?.id ?? 0)
      .execute();
    const head = await client.git(['rev-parse', 'HEAD'], { in: 'first' });
    const answer = await ask(`${repository.url}/git-upload-pack`, {
      method: 'POST',
      headers: { ...basic('x', secret), 'content-type': 'application/x-git-upload-pack-request' },
      body: Buffer.concat([pktLine(`want ${head} side-band\n`), flushPkt, pktLine('done\n')]),
    });
    const text = answer.body.toString('latin1');
    expect(text.slice(12)).toMatch(/^.Your token/);
    const length = text.slice(8, 12);
    expect(Number.parseInt(length, 16)).toBeLessThanOrEqual(1000);
    expect(Number.parseInt(length, 16)).toBeGreaterThan(5);
  });
});

describe('the security log', () => {
  const rows = async (secret: string) => {
    await server.flushReads();
    return server.ctx.db
      .selectFrom('audit_events')
      .select(['action', 'operation', 'actor_login', 'user_login', 'repository_name', 'address', 'data'])
      .where('hashed_token', '=', new Secret(secret).hash())
      .orderBy('id')
      .execute();
  };

  it('has a row for each clone, fetch and push of a token, and none for asking what there is', async () => {
    const secret = await server.token(mona);
    const url = withToken(repository.url, secret);
    const name = `clone-${++work}`;
    await client.git(['ls-remote', url]);
    expect(await rows(secret)).toEqual([]);
    await client.git(['clone', '-q', url, name]);
    await rows(secret);
    await client.git(['commit', '-q', '--allow-empty', '-m', 'y'], { in: 'first' });
    await client.git(['push', '-q', url, 'main'], { in: 'first' });
    // Nothing changes: there is nothing to log.
    await client.git(['push', '-q', url, 'main'], { in: 'first' });
    await client.git(['fetch', '-q'], { in: name });
    await client.git(['fetch', '-q'], { in: name });
    const found = await rows(secret);
    expect(found.map(({ action, operation }) => [action, operation])).toEqual([
      ['git.clone', 'access'],
      ['git.push', 'modify'],
      ['git.fetch', 'access'],
    ]);
    for (const row of found) {
      expect(row).toMatchObject({
        actor_login: 'mona',
        user_login: 'mona',
        repository_name: 'mona/project',
        address: '127.0.0.1',
      });
      expect(JSON.parse(row.data)).toMatchObject({
        transport_protocol_name: 'http',
        programmatic_access_type: 'Personal access token (classic)',
      });
    }
  });
});
