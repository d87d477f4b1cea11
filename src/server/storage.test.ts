import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { requireOneFileSystem } from './storage.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'latchkey-storage-'));
});
afterEach(() => rm(directory, { recursive: true }));

it('refuses to start where a deleted repository could not be moved to the trash', async () => {
  const here = { repositoriesDirectory: directory, trashDirectory: directory };
  await expect(requireOneFileSystem(here)).resolves.toBeUndefined();
  // /dev is a file system of its own on Linux and macOS alike.
  await expect(requireOneFileSystem({ ...here, repositoriesDirectory: '/dev' })).rejects.toThrow(
    /--repositories/,
  );
});
