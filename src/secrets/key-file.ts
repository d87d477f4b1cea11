// Keys that the server makes for itself at first need and keeps in DATA/keys, readable by nobody else.
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RandomBytes } from './secret.ts';

const KEY_BYTES = 32;

/**
 * The key in this file; made, once, if there is none. Of several processes that make it at the same time, one wins,
 * and all get its key. On the disk before it is used, so that nothing is ever sealed with a key that gets lost.
 * @throws when the file can't be read or made, or holds no key
 */
export async function keyFile(path: string, random: RandomBytes): Promise<Uint8Array> {
  const found = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (found !== null) return checked(path, found);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${Buffer.from(random(8)).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(random(KEY_BYTES));
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await syncFolder(dirname(path));
  } finally {
    await rm(draft, { force: true });
  }
  return checked(path, await readFile(path));
}

function checked(path: string, bytes: Uint8Array): Uint8Array {
  if (bytes.length !== KEY_BYTES) throw new Error(`${path} holds no key of ${KEY_BYTES} bytes`);
  return bytes;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
