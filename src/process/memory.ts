// How much memory a child and all that it started hold: nothing limits what a hostile peer makes git keep in memory.
import { readFile } from 'node:fs/promises';

/**
 * Memory of a process and its descendants that can't be read back from a file, in bytes.
 * @returns null where the system does not tell (it is Linux that does, proc(5))
 */
export async function memoryOfTree(pid: number): Promise<number | null> {
  const status = await read(`/proc/${pid}/status`);
  const [, kib] = /^RssAnon:\s+(\d+) kB$/m.exec(status) ?? [];
  if (kib === undefined) return null;
  let bytes = Number(kib) * 1024;
  for (const child of (await read(`/proc/${pid}/task/${pid}/children`)).split(' ')) {
    if (/^\d+$/.test(child)) bytes += (await memoryOfTree(Number(child))) ?? 0;
  }
  return bytes;
}

/** Empty when the process is gone, or there is no such file system. */
async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
