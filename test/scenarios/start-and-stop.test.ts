import { chmod, mkdir, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli, startServer } from './server.ts';

describe('Starting and stopping the server', () => {
  it('says where it is ready, offers to be set up, answers, and ends well on SIGTERM', async () => {
    await using server = await startServer();
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(server.setupLink).toMatch(new RegExp(`^${server.url}/setup\\?code=[\\w-]{43}$`));
    expect((await server.fetch('/healthz')).status).toBe(200);
    expect((await server.fetch('/readyz')).status).toBe(200);
    expect(await server.stop()).toBe(0);
  });

  it('makes nothing that other users of the machine could read, even in a folder that they can', async () => {
    await using holder = await startServer();
    const directory = join(holder.directory, 'open-to-all');
    await mkdir(join(directory, 'data'), { recursive: true });
    await chmod(join(directory, 'data'), 0o755);
    await using server = await startServer({ directory });
    const made = ['latchkey.db', 'latchkey.db-wal', 'repositories', 'trash'];
    for (const name of made) {
      expect((await stat(join(server.dataDirectory, name))).mode & 0o077, name).toBe(0);
    }
  });

  it('offers no set-up once there is an account', async () => {
    await using first = await startServer();
    await first.person('mona', { siteAdmin: true });
    await first.stop();
    await using second = await startServer({ directory: first.directory, listen: first.address });
    expect(second.setupLink).toBeNull();
    expect(second.url).toBe(first.url);
  });

  it('ends at once on SIGINT though a client keeps its connection open', async () => {
    await using server = await startServer();
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => socket.destroy());
    await (await server.fetch('/healthz')).text();
    const begun = Date.now();
    expect(await server.stop('SIGINT')).toBe(0);
    expect(Date.now() - begun).toBeLessThan(5_000);
    socket.destroy();
  });

  it('says in one sentence that its port is taken', async () => {
    await using server = await startServer();
    const other = await runCli(['serve', '--listen', server.address, '--data', 'other'], {
      cwd: server.directory,
    });
    expect(other.status).toBe(1);
    expect(other.stdout).toBe('');
    expect(other.stderr).toMatch(/^latchkey: Port \d+ of 127\.0\.0\.1 is taken: .+\.\n$/);
  });
});
