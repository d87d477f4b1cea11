// What happens to a repository while somebody else is at work in it.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sweepStorage, UNFINISHED_KEPT_MS } from '../../src/repositories/trash.ts';
import { createGitClient } from '../git-client.ts';
import { gitIn, makeLongHistory, makeSource, reachable } from '../git-source.ts';
import { startServer } from './server.ts';

describe('Two at once', () => {
  it('who make a repository of the same name, by the API and the command line, make one', async () => {
    await using server = await startServer();
    await server.person('ada');
    const token = await server.token('ada', ['repo']);
    const body = JSON.stringify({ name: 'tool' });
    const [command, ...answers] = await Promise.all([
      server.cli(['repo', 'create', 'ada/tool']),
      ...Array.from({ length: 8 }, () => server.fetch('/api/v3/user/repos', { method: 'POST', token, body })),
    ]);
    const made = answers.map(({ status }) => status === 201).concat(command.status === 0);
    expect(made.filter(Boolean)).toHaveLength(1);
    expect(answers.map(({ status }) => status).filter((status) => status !== 201 && status !== 422)).toEqual(
      [],
    );
    expect(await readdir(server.ctx.config.repositoriesDirectory)).toHaveLength(1);
  });

  it('one who renames and one who clones do not get in each other’s way', async () => {
    await using server = await startServer();
    const client = await createGitClient();
    try {
      await server.person('ada');
      const token = await server.token('ada', ['repo']);
      const history = await makeLongHistory(join(server.directory, 'history.git'), {
        commits: 400,
        bytesPerFile: 65_536,
      });
      await server.cli(['repo', 'create', 'ada/old', '--import', history]);
      const env = server.credential(token);
      const clone = client.start(
        ['clone', '--progress', '--mirror', `${server.url}/ada/old.git`, 'copy.git'],
        {
          env,
        },
      );
      let said = '';
      clone.stderr?.on('data', (piece: Buffer) => {
        said += piece.toString('utf8');
      });
      const done = once(clone, 'close');
      while (!said.includes('Receiving') && clone.exitCode === null)
        await once(clone.stderr ?? clone, 'data');
      const rename = { method: 'PATCH', token, body: JSON.stringify({ name: 'new' }) };
      expect((await server.fetch('/api/v3/repos/ada/old', rename)).status).toBe(200);
      expect(await done, said).toEqual([0, null]);
      expect(reachable(client.path('copy.git'))).toBe(reachable(history));
      // The clone's remote has the old address still: it leads to the new one, for fetching and for pushing.
      await client.git(['fetch', '--quiet', 'origin'], { in: 'copy.git', env });
      await client.git(['push', '--quiet', `${server.url}/ada/old.git`, 'main:refs/heads/more'], {
        in: 'copy.git',
        env,
      });
    } finally {
      await client.close();
    }
  });

  it('one who deletes amid a push of another ends it, and nothing comes back', async () => {
    await using server = await startServer();
    await server.person('ada');
    const token = await server.token('ada', ['repo', 'delete_repo']);
    const { id, path } = await server.repository('ada', 'tool', 'private');
    const source = makeSource(join(server.directory, 'source.git'));
    const tip = gitIn(source, ['rev-parse', 'trunk']);
    const pack = execFileSync('git', [`--git-dir=${source}`, 'pack-objects', '--revs', '--stdout', '-q'], {
      input: `${tip}\n`,
    });
    const line = `${'0'.repeat(40)} ${tip} refs/heads/trunk\0 report-status\n`;
    const outgoing = request(`${server.url}/ada/tool.git/git-receive-pack`, {
      method: 'POST',
      agent: false,
      headers: {
        authorization: `Basic ${btoa(`x:${token}`)}`,
        'content-type': 'application/x-git-receive-pack-request',
      },
    });
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    answered.catch(() => undefined);
    outgoing.write(`${(line.length + 4).toString(16).padStart(4, '0')}${line}0000`);
    outgoing.write(pack.subarray(0, pack.length - 30));
    // receive-pack has begun once it keeps what arrives apart from the rest.
    while (!(await readdir(join(path, 'objects'))).some((name) => name.includes('incoming'))) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect((await server.fetch('/api/v3/repos/ada/tool', { method: 'DELETE', token })).status).toBe(204);
    outgoing.end(pack.subarray(pack.length - 30));
    const [answer] = await answered;
    const chunks: Buffer[] = [];
    for await (const piece of answer) chunks.push(piece as Buffer);
    expect(Buffer.concat(chunks).toString()).not.toContain('ok refs/heads/trunk');

    expect((await server.fetch('/api/v3/repos/ada/tool', { token })).status).toBe(404);
    await sweepStorage({ ...server.ctx, now: () => Date.now() + UNFINISHED_KEPT_MS });
    expect(existsSync(path)).toBe(false);
    expect(await readdir(server.ctx.config.trashDirectory)).toEqual(
      expect.arrayContaining([expect.stringContaining(`${id}.git-`)]),
    );
    const body = JSON.stringify({ name: 'tool' });
    expect((await server.fetch('/api/v3/user/repos', { method: 'POST', token, body })).status).toBe(201);
  });
});
