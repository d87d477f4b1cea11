// The server, or a command, dies as by `kill -9` amid making, importing and deleting repositories: what was
// acknowledged holds afterwards, what was not is there whole or not at all, and nothing half stays on the disk.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listAllRepositories, type Repository } from '../../src/repositories/repositories.ts';
import { repositoryDirectory } from '../../src/repositories/storage.ts';
import { sweepStorage, UNFINISHED_KEPT_MS } from '../../src/repositories/trash.ts';
import { type FormBrowser, formBrowser } from '../form-browser.ts';
import {
  type GitServer,
  gitIn,
  makeLongHistory,
  reachable,
  serveRepositories,
  startServer as startSource,
} from '../git-source.ts';
import { runCli, startServer, type TestServer } from './server.ts';

const rounds = process.env.LATCHKEY_LONG === '1' ? 50 : 1;
const password = 'a long enough passphrase';
const allowed = { LATCHKEY_IMPORT_FROM_PRIVATE_ADDRESSES: 'yes' };

let home: string;
let source: GitServer;
let history: string;
let objects: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'latchkey-sources-'));
  const folder = join(home, 'sources');
  history = await makeLongHistory(join(folder, 'history.git'), { commits: 400, bytesPerFile: 8_192 });
  objects = reachable(history);
  source = await startSource(serveRepositories(folder));
});
afterAll(async () => {
  await source.close();
  await rm(home, { recursive: true });
});

const startAgain = (server: TestServer) =>
  startServer({ directory: server.directory, listen: server.address, env: allowed });

async function signedIn(server: TestServer): Promise<FormBrowser> {
  const browser = formBrowser(server.url);
  const answer = await browser.submit(await browser.get('/login'), '/login', { login: 'ada', password });
  expect(answer.status).toBe(303);
  return browser;
}

/** @returns the status; rejects when the server is gone */
async function create(server: TestServer, token: string, name: string): Promise<number> {
  const body = JSON.stringify({ name });
  return (await server.fetch('/api/v3/user/repos', { method: 'POST', token, body })).status;
}

async function remove(server: TestServer, token: string, name: string): Promise<number> {
  return (await server.fetch(`/api/v3/repos/ada/${name}`, { method: 'DELETE', token })).status;
}

/** Starts an import on the web and follows it until it is done. */
async function importByPage(browser: FormBrowser, name: string): Promise<void> {
  const form = await browser.get('/new/import');
  const fields = { source: `${source.url}/history.git`, name, visibility: 'private' };
  let answer = await browser.submit(form, '/new/import', fields);
  while (answer.status !== 303 || !String(answer.headers.location).endsWith(`/ada/${name}`)) {
    expect([200, 303], answer.notices.join(' ')).toContain(answer.status);
    await wait(20);
    answer = await browser.get(String(answer.headers.location ?? answer.path));
  }
}

/** Every repository that there is: whole, and by its record. */
async function everyRepository(server: TestServer): Promise<readonly Repository[]> {
  const { items } = await listAllRepositories(server.ctx, { page: 1, perPage: 10_000 });
  for (const { id, name } of items) {
    const directory = repositoryDirectory(server.ctx.config, id);
    expect(gitIn(directory, ['fsck', '--strict', '--no-dangling'])).toBe('');
    if (name.startsWith('import')) expect([name, reachable(directory) === objects]).toEqual([name, true]);
  }
  return items;
}

/** Once the sweep has had its time, the disk holds the repositories that have a record, and nothing else. */
async function nothingIsLeft(server: TestServer): Promise<void> {
  while (execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes(`${server.directory}/data`)) {
    await wait(50);
  }
  const later = { ...server.ctx, now: () => Date.now() + UNFINISHED_KEPT_MS };
  await sweepStorage(later);
  const items = await everyRepository(server);
  const names = items.map(({ id }) => `${id}.git`).sort();
  expect((await readdir(server.ctx.config.repositoriesDirectory)).sort()).toEqual(names);
}

const creation = ['repository.create.prepared', 'repository.create.placed', 'repository.create.recorded'];

describe('A server that dies', () => {
  it.each(creation)('at %s has the new repository whole, or not at all', async (point) => {
    await using server = await startServer({ env: { LATCHKEY_CRASH_AT: point } });
    await server.person('ada');
    const token = await server.token('ada', ['repo']);
    await expect(create(server, token, 'tool')).rejects.toThrow();
    expect(await server.ended).toBe('SIGKILL');
    expect(server.log()).toContain(`{"crashed_at":"${point}"}`);

    await using again = await startAgain(server);
    const isThere = point === 'repository.create.recorded';
    expect((await again.fetch('/api/v3/repos/ada/tool', { token })).status).toBe(isThere ? 200 : 404);
    expect(await create(again, token, 'tool')).toBe(isThere ? 422 : 201);
    await again.stop();
    await nothingIsLeft(again);
  });

  it.each(['repository.delete.unrecorded', 'repository.delete.moved'])(
    'at %s has the deleted repository nowhere but in the trash',
    async (point) => {
      await using server = await startServer({ env: { LATCHKEY_CRASH_AT: point } });
      await server.person('ada');
      const token = await server.token('ada', ['repo', 'delete_repo']);
      const { id, path } = await server.repository('ada', 'tool', 'private');
      await expect(remove(server, token, 'tool')).rejects.toThrow();
      expect(await server.ended).toBe('SIGKILL');
      expect(server.log()).toContain(`{"crashed_at":"${point}"}`);

      await using again = await startAgain(server);
      expect((await again.fetch('/api/v3/repos/ada/tool', { token })).status).toBe(404);
      expect(await create(again, token, 'tool')).toBe(201);
      await again.stop();
      await nothingIsLeft(again);
      expect(existsSync(path)).toBe(false);
      const [trashed = ''] = await readdir(again.ctx.config.trashDirectory);
      expect(trashed).toMatch(new RegExp(`^${id}\\.git-`));
    },
  );

  it.each(['import.started', 'import.fetched', ...creation.slice(1)])(
    'at %s has the import whole, or not at all',
    async (point) => {
      await using server = await startServer({ env: { ...allowed, LATCHKEY_CRASH_AT: point } });
      await server.person('ada', { password });
      const browser = await signedIn(server);
      await expect(importByPage(browser, 'import')).rejects.toThrow();
      expect(await server.ended).toBe('SIGKILL');
      expect(server.log()).toContain(`{"crashed_at":"${point}"}`);

      await using again = await startAgain(server);
      const isThere = point === 'repository.create.recorded';
      expect(await everyRepository(again)).toHaveLength(isThere ? 1 : 0);
      if (!isThere) await importByPage(await signedIn(again), 'import');
      await again.stop();
      await nothingIsLeft(again);
      expect(await everyRepository(again)).toHaveLength(1);
    },
  );

  it(`at a random moment (${rounds} of them) keeps what was acknowledged, and no half of anything`, async () => {
    await using first = await startServer();
    await first.person('ada', { password });
    const token = await first.token('ada', ['repo', 'delete_repo']);
    await first.stop();
    const there = new Set<string>();
    const gone = new Set<string>();
    let imports = 0;
    for (let round = 0; round < rounds; round++) {
      await using server = await startAgain(first);
      const browser = await signedIn(server);
      const dieSoon = () => setTimeout(() => server.process.kill('SIGKILL'), 100 + Math.random() * 900);
      // The first is not to die before there is something to lose.
      let killer = round === 0 ? undefined : dieSoon();
      const work = async () => {
        for (let count = 0; ; count++) {
          const name = `r${round}n${count}`;
          expect(await create(server, token, name)).toBe(201);
          there.add(name);
          killer ??= dieSoon();
          if (count % 2 === 0) continue;
          there.delete(name);
          expect(await remove(server, token, name)).toBe(204);
          gone.add(name);
        }
      };
      const bringIn = async () => {
        for (let count = 0; ; count++) {
          const name = `import-r${round}n${count}`;
          await importByPage(browser, name);
          there.add(name);
          imports += 1;
        }
      };
      for (const end of await Promise.allSettled([work(), bringIn()])) {
        expect(end).toMatchObject({
          status: 'rejected',
          reason: { name: expect.not.stringMatching('Assert') },
        });
      }
      clearTimeout(killer);
      expect(await server.ended).toBe('SIGKILL');

      await using again = await startAgain(first);
      const names = new Set((await everyRepository(again)).map(({ name }) => name));
      expect([...there].filter((name) => !names.has(name))).toEqual([]);
      expect([...gone].filter((name) => names.has(name))).toEqual([]);
      await again.stop();
      await nothingIsLeft(again);
    }
    // The run is worth something only if there was something to lose.
    expect(there.size).toBeGreaterThan(0);
    if (rounds > 3) expect(imports).toBeGreaterThan(0);
  });
});

describe('A command that dies', () => {
  it('amid an import leaves a whole repository, or none', async () => {
    await using server = await startServer();
    await server.person('ada');
    const env = { LATCHKEY_DATA: server.dataDirectory };
    const args = (name: string) => ['repo', 'create', `ada/${name}`, '--import', history];
    for (const point of ['import.started', 'import.fetched', ...creation.slice(1)]) {
      const died = await runCli(args('import'), {
        cwd: server.directory,
        env: { ...env, LATCHKEY_CRASH_AT: point },
      });
      expect(died.stderr).toContain(`{"crashed_at":"${point}"}`);
      const there = await everyRepository(server);
      expect([point, there.length]).toEqual([point, point === 'repository.create.recorded' ? 1 : 0]);
    }
    await nothingIsLeft(server);
    expect((await runCli(args('import-2'), { cwd: server.directory, env })).status).toBe(0);
    await nothingIsLeft(server);
  });
});
