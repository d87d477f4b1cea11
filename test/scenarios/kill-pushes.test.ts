// The server dies, as by `kill -9`, amid pushes: what was acknowledged is there afterwards, what was not is there
// whole or not at all, the repository is sound, and the next push goes through.

import { execFileSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { sweepGitLeftovers } from '../../src/git/sweep.ts';
import { createGitClient, type GitClient } from '../git-client.ts';
import { startServer, type TestServer } from './server.ts';

const rounds = process.env.LATCHKEY_LONG === '1' ? 50 : 1;

let client: GitClient;

beforeAll(async () => {
  client = await createGitClient();
});

afterAll(() => client?.close());

interface Story {
  readonly server: TestServer;
  readonly name: string;
  readonly token: string;
  readonly path: string;
  /** The commit of each branch whose push was acknowledged. */
  readonly acknowledged: Map<string, string>;
}

/** A server with a repository to which one branch was pushed; it is stopped. */
async function begin(name: string): Promise<Story> {
  const server = await startServer();
  await server.person('mona');
  const token = await server.token('mona', ['repo']);
  const { cloneUrl, path } = await server.repository('mona', 'project', 'private');
  await client.git(['init', '-q', name]);
  await client.git(['remote', 'add', 'origin', cloneUrl], { in: name });
  const story = { server, name, token, path, acknowledged: new Map<string, string>() };
  await commit(story, 'first');
  await push(story, server, ['main']);
  await server.stop();
  return story;
}

/** A commit with enough files that it travels as a pack. */
async function commit({ name }: Story, text: string): Promise<string> {
  for (let i = 0; i < 30; i++) await writeFile(client.path(name, `file-${i}`), `${text} ${i}\n`.repeat(200));
  await client.git(['add', '.'], { in: name });
  await client.git(['commit', '-qm', text], { in: name });
  return client.git(['rev-parse', 'HEAD'], { in: name });
}

/** Pushes HEAD to branches, and notes them when that was acknowledged. */
async function push(story: Story, server: TestServer, branches: readonly string[]): Promise<boolean> {
  const { name, token, acknowledged } = story;
  const head = await client.git(['rev-parse', 'HEAD'], { in: name });
  const { status } = await client.try(
    ['push', '-q', '--force', 'origin', ...branches.map((branch) => `HEAD:refs/heads/${branch}`)],
    { in: name, env: server.credential(token) },
  );
  if (status === 0) for (const branch of branches) acknowledged.set(branch, head);
  return status === 0;
}

/** Waits until no git works in the repository any more: those of the dead server end when they notice. */
async function calm(path: string): Promise<void> {
  const isBusy = () => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes(path);
  while (isBusy()) await wait(20);
}

/** What only a git at work may have in a repository. */
async function leftIn(path: string): Promise<readonly string[]> {
  return (await readdir(path, { recursive: true })).filter((file) => /incoming|tmp_|\.lock$/.test(file));
}

/** Starts again on what the dead server left, and holds it to what was acknowledged. */
async function judge(story: Story, attempted: ReadonlyMap<string, string>): Promise<void> {
  const { server, path, acknowledged, name, token } = story;
  await calm(path);
  const inside = { in: '.', env: { GIT_DIR: path } };
  expect(await client.git(['fsck', '--strict', '--full'], inside)).toBe('');
  // git clears its quarantine away when it ends; where it was interrupted in that, the sweep does, in its time.
  const left = await leftIn(path);
  expect(left.filter((file) => !/^objects\/(tmp_objdir-)?incoming-/.test(file))).toEqual([]);
  const config = loadConfig({ data: join(server.directory, 'data') }, {});
  const log = pino({ level: 'silent' });
  await sweepGitLeftovers({ config, now: () => Date.now() + 24 * 60 * 60_000, log }, Date.now());
  expect(await leftIn(path)).toEqual([]);
  const lines = await client.git(
    ['for-each-ref', '--format=%(refname:strip=2) %(objectname)', 'refs/heads'],
    inside,
  );
  const refs = new Map(lines.split('\n').map((line) => line.split(' ') as [string, string]));
  for (const [branch, head] of acknowledged)
    expect([head, attempted.get(branch)]).toContain(refs.get(branch));
  for (const [branch, head] of refs)
    expect([acknowledged.get(branch), attempted.get(branch)]).toContain(head);

  await using again = await startServer({ directory: server.directory, listen: server.address });
  const env = again.credential(token);
  for (const branch of [...acknowledged.keys(), ...attempted.keys()]) {
    expect(await push(story, again, [branch]), branch).toBe(true);
  }
  await client.git(['fetch', '-q', 'origin'], { in: name, env });
  const answer = await again.fetch('/api/v3/repos/mona/project', { token });
  const { pushed_at: pushedAt } = (await answer.json()) as { readonly pushed_at: string | null };
  expect(pushedAt).not.toBeNull();
  await again.stop();
}

describe('A server that dies', () => {
  it.each(['push.started', 'push.received', 'push.recorded'])(
    'at %s keeps every push that was acknowledged, and no half of one',
    async (point) => {
      const story = await begin(point);
      await using _ = story.server;
      const { directory, address } = story.server;
      await using server = await startServer({
        directory,
        listen: address,
        env: { LATCHKEY_CRASH_AT: point },
      });
      const head = await commit(story, 'second');
      await push(story, server, ['main', 'topic']);
      expect(await server.ended).toBe('SIGKILL');
      expect(server.log()).toContain(`{"crashed_at":"${point}"}`);
      await judge(
        story,
        new Map([
          ['main', head],
          ['topic', head],
        ]),
      );
    },
  );

  it(`at a random moment (${rounds} of them) keeps every push that was acknowledged`, async () => {
    const story = await begin('random');
    await using _ = story.server;
    const { directory, address } = story.server;
    let count = 0;
    for (let round = 0; round < rounds; round++) {
      await using server = await startServer({ directory, listen: address });
      const dieSoon = () => setTimeout(() => server.process.kill('SIGKILL'), 100 + Math.random() * 1500);
      // The first is not to die before there is something to lose.
      let killer = round === 0 ? undefined : dieSoon();
      let attempted = new Map<string, string>();
      for (let isAlive = true; isAlive; ) {
        const head = await commit(story, `round ${round} commit ${count++}`);
        const branches = ['main', `b${count % 3}`];
        attempted = new Map(branches.map((branch) => [branch, head]));
        isAlive = await push(story, server, branches);
        killer ??= dieSoon();
      }
      clearTimeout(killer);
      expect(await server.ended).toBe('SIGKILL');
      await judge(story, attempted);
    }
    expect(story.acknowledged.size).toBeGreaterThan(0);
  });
});
