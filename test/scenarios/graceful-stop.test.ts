import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createGitClient } from '../git-client.ts';
import { startServer } from './server.ts';

const MEGABYTE = 1024 * 1024;
/** Random bytes don't get smaller; trying takes longer than all the rest. */
const uncompressed = ['-c', 'core.compression=0', '-c', 'pack.window=0'];

describe('Stopping while people work', () => {
  it('lets a running clone finish, takes no new one, and ends with nothing left behind', async () => {
    await using server = await startServer();
    const client = await createGitClient();
    try {
      await server.person('mona');
      const token = await server.token('mona', ['repo']);
      const repository = await server.repository('mona', 'large', 'private');
      const env = server.credential(token);
      await client.git(['init', '--quiet', 'work']);
      for (let file = 0; file < 40; file++)
        await writeNoise(client.path('work', `file-${file}`), 2 * MEGABYTE);
      await client.git([...uncompressed, 'add', '.'], { in: 'work' });
      await client.git(['commit', '--quiet', '-m', 'Noise'], { in: 'work' });
      await client.git([...uncompressed, 'push', '--quiet', repository.cloneUrl, 'HEAD:main'], {
        in: 'work',
        env,
      });

      const clone = client.start(['clone', '--progress', repository.cloneUrl, 'copy'], { env });
      let said = '';
      clone.stderr?.on('data', (piece: Buffer) => {
        said += piece.toString('utf8');
      });
      const done = once(clone, 'close') as Promise<[number | null]>;
      await waitFor(() => said.includes('Receiving objects') || clone.exitCode !== null);
      const stopped = server.stop();
      expect(await done, said).toEqual([0, null]);
      expect(await stopped).toBe(0);
      const head = await client.git(['rev-parse', 'HEAD'], { in: 'work' });
      expect(await client.git(['rev-parse', 'HEAD'], { in: 'copy' })).toBe(head);
      // It was asked to stop while the clone ran, not after.
      const log = server.log();
      const cloned = log.lastIndexOf('git-upload-pack","status":200');
      expect(cloned).toBeGreaterThan(log.indexOf('"msg":"stopping"'));
      expect(log).toContain('"msg":"stopped"');
      await expect(server.fetch('/healthz')).rejects.toThrow();
    } finally {
      await client.close();
    }
  });
});

async function writeNoise(path: string, bytes: number): Promise<void> {
  await writeFile(path, randomBytes(bytes));
}

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
