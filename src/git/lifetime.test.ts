import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGitClient, type GitClient, withToken } from '../../test/git-client.ts';
import {
  type GitServer,
  type GitServerOptions,
  startGitServer,
  type TestRepository,
} from '../../test/git-server.ts';
import { ask, basic } from '../../test/http.ts';
import { flushPkt, pktLine } from './pkt-line.ts';
import { createTidier, sweepGitLeftovers } from './sweep.ts';

let client: GitClient;

beforeAll(async () => {
  client = await createGitClient();
});

afterAll(() => client.close());

/** A server with one repository, and a token of its owner. */
async function start(options: GitServerOptions = {}) {
  const server = await startGitServer(options);
  const mona = await server.person('mona');
  const repository = await server.repository(mona, 'project');
  return { server, repository, token: await server.token(mona) };
}

/** Until it is so, or the test's own time is up. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await wait(10);
}

/** The git processes that work in a directory. */
function childrenIn(directory: string): readonly string[] {
  return execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(directory) && !line.includes('ps -eo'));
}

/** Everything in a repository that only a running git may have. */
async function leftovers({ directory }: TestRepository): Promise<readonly string[]> {
  const names = await readdir(directory, { recursive: true });
  return names.filter((name) => /incoming|tmp_|\.lock$/.test(name));
}

/** Opens a push and sends its commands and the beginning of its pack, no more. */
async function beginPush(server: GitServer, token: string): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => socket.destroy());
  const head = [
    'POST /mona/project.git/git-receive-pack HTTP/1.1',
    `Host: ${hostname}:${port}`,
    'Content-Type: application/x-git-receive-pack-request',
    `Authorization: ${basic('x', token).authorization}`,
    'Transfer-Encoding: chunked',
    '',
    '',
  ].join('\r\n');
  const command = pktLine(`${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/main\0report-status side-band-64k`);
  // A pack of 1000 objects, of which none comes.
  const pack = Buffer.from('PACK\0\0\0\x02\0\0\x03\xe8', 'latin1');
  const body = Buffer.concat([command, flushPkt, pack]);
  socket.write(head);
  socket.write(Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]));
  return socket;
}

describe('a child', () => {
  it('ends when its client goes away, and leaves nothing', async () => {
    const { server, repository, token } = await start();
    try {
      const socket = await beginPush(server, token);
      await until(async () => (await leftovers(repository)).length > 0);
      expect(childrenIn(repository.directory).length).toBeGreaterThan(0);
      socket.destroy();
      await until(() => server.running() === 0);
      expect(childrenIn(repository.directory)).toEqual([]);
      expect(await leftovers(repository)).toEqual([]);
      expect(server.operations.at(-1)).toMatchObject({ service: 'receive-pack', outcome: 'client-gone' });
    } finally {
      await server.close();
    }
  });

  it.each([
    ['stalled', { stallMs: 300 }, 408, 'The request did not arrive in time.'],
    ['time-up', { limits: { gitRequestMs: 300 } }, 503, 'The operation took longer than this server allows.'],
  ] as const)('ends when it %s, and the client is told', async (outcome, options, status, text) => {
    const { server, repository, token } = await start(options);
    try {
      const socket = await beginPush(server, token);
      let answer = '';
      socket.on('data', (piece) => {
        answer += piece.toString('latin1');
      });
      await once(socket, 'close');
      expect(answer).toContain(`HTTP/1.1 ${status}`);
      expect(answer).toContain(text);
      expect(server.operations.at(-1)?.outcome).toBe(outcome);
      expect(childrenIn(repository.directory)).toEqual([]);
      expect(await leftovers(repository)).toEqual([]);
    } finally {
      await server.close();
    }
  });

  it('that does not heed the first call is killed, with all that it started, and swept up after', async () => {
    const { server, repository, token } = await start();
    try {
      await client.git(['init', '-q', 'stubborn']);
      await client.git(['commit', '-q', '--allow-empty', '-m', 'x'], { in: 'stubborn' });
      await mkdir(join(repository.directory, 'hooks'), { recursive: true });
      const hook = join(repository.directory, 'hooks', 'pre-receive');
      const marker = client.path('hook-runs');
      await writeFile(
        hook,
        `#!/bin/sh\ntrap '' TERM\ntouch '${marker}'\nwhile :; do sleep 0.1; done # ${repository.directory}\n`,
      );
      await chmod(hook, 0o755);
      const push = client.start(['push', withToken(repository.url, token), 'main'], { in: 'stubborn' });
      await until(async () => (await readdir(client.home)).includes('hook-runs'));
      process.kill(-(push.pid ?? 0), 'SIGKILL');
      await until(() => server.running() === 0);
      expect(childrenIn(repository.directory)).toEqual([]);
      expect(await leftovers(repository)).toEqual([]);
    } finally {
      await server.close();
    }
  });

  it('ends when the server closes, and close waits for it', async () => {
    const { server, repository, token } = await start();
    await beginPush(server, token);
    await until(async () => (await leftovers(repository)).length > 0);
    await server.app.close();
    expect(childrenIn(repository.directory)).toEqual([]);
    expect(await leftovers(repository)).toEqual([]);
    await server.close();
  });
});

describe('the limit of what runs at once', () => {
  it('turns away with a sentence that git prints, and lets in again afterwards', async () => {
    const { server, repository, token } = await start({ limits: { gitProcesses: 1, gitQueue: 0 } });
    try {
      const socket = await beginPush(server, token);
      await until(() => server.running() === 1);
      const url = `${repository.url}/info/refs?service=git-upload-pack`;
      const answer = await ask(url);
      expect(answer.status).toBe(503);
      expect(answer.headers['retry-after']).toBe('10');
      const { stderr } = await client.try(['ls-remote', repository.url]);
      expect(stderr).toContain('remote: The server is busy: too many git operations are waiting.');
      expect(stderr).toContain('The requested URL returned error: 503');
      expect(server.operations.at(-1)?.outcome).toBe('turned-away');
      socket.destroy();
      await until(() => server.running() === 0);
      expect((await ask(url)).status).toBe(200);
    } finally {
      await server.close();
    }
  });

  it('forgets who leaves while waiting', async () => {
    const { server, repository, token } = await start({ limits: { gitProcesses: 1, gitQueue: 5 } });
    try {
      const first = await beginPush(server, token);
      await until(() => server.running() === 1);
      const second = await beginPush(server, token);
      await until(() => server.waiting() === 1);
      second.destroy();
      await until(() => server.waiting() === 0);
      expect(server.operations.at(-1)?.outcome).toBe('client-gone');
      first.destroy();
      await until(() => server.running() === 0);
      expect(await leftovers(repository)).toEqual([]);
    } finally {
      await server.close();
    }
  });
});

describe('what a killed git left behind', () => {
  it('is removed when it is old enough, and nothing else is', async () => {
    const { server, repository } = await start();
    try {
      const at = (...parts: string[]) => join(repository.directory, ...parts);
      const left = [
        at('objects', 'tmp_objdir-incoming-abc123', 'pack', 'tmp_pack_x'),
        at('objects', 'pack', 'tmp_pack_abc123'),
        at('objects', 'pack', '.tmp-1-pack-x.idx'),
        at('objects', 'ab', 'tmp_obj_abc123'),
        at('refs', 'heads', 'topic', 'x.lock'),
        at('packed-refs.lock'),
        at('HEAD.lock'),
      ];
      const kept = [at('objects', 'pack', 'pack-1.pack'), at('refs', 'heads', 'topic', 'y'), at('config')];
      for (const file of [...left, ...kept]) {
        await mkdir(join(file, '..'), { recursive: true });
        await writeFile(file, 'x');
      }
      const now = Date.now() / 1000;
      const young = at('refs', 'heads', 'young.lock');
      await writeFile(young, '');
      for (const file of [...left, at('objects', 'tmp_objdir-incoming-abc123')])
        await utimes(file, now - 7200, now - 7200);
      const ctx = { ...server.ctx, now: Date.now };
      expect(await sweepGitLeftovers(ctx, 0)).toBe(left.length);
      const names = await readdir(repository.directory, { recursive: true });
      expect(names.filter((name) => /tmp|\.lock$/.test(name))).toEqual([join('refs', 'heads', 'young.lock')]);
      for (const file of kept) expect(names.map((name) => at(name))).toContain(file);
      // A lock from before the server started goes, however young.
      const other = at('refs', 'heads', 'other.lock');
      await writeFile(other, '');
      await utimes(other, now - 60, now - 60);
      expect(await sweepGitLeftovers(ctx, 0)).toBe(0);
      expect(await sweepGitLeftovers(ctx, Date.now() - 30_000)).toBe(1);
      // After a child that was killed, what it made goes, however young.
      const tidier = createTidier();
      await tidier.began(repository.directory);
      await tidier.began(repository.directory);
      await tidier.ended(repository.directory, Date.now() - 60_000);
      expect(await leftovers(repository)).toEqual([join('refs', 'heads', 'young.lock')]);
      await tidier.ended(repository.directory, null);
      expect(await leftovers(repository)).toEqual([]);
    } finally {
      await server.close();
    }
  });
});
