// What a child and all that it started use: nothing else limits what a hostile peer makes git keep in memory, or read
// and throw away.
import { readFile } from 'node:fs/promises';

export interface Usage {
  /** Of all of them together, without what can be read back from files. */
  readonly memoryBytes: number;
  /** What the one of them that wrote most has written, to files and pipes. */
  readonly mostWrittenBytes: number;
}

/**
 * Usage of a process and its descendants.
 * @returns null where the system does not tell (it is Linux that does, proc(5)), or the process is gone
 */
export async function usageOfTree(pid: number): Promise<Usage | null> {
  const memory = /^RssAnon:\s+(\d+) kB$/m.exec(await read(`/proc/${pid}/status`))?.[1];
  if (memory === undefined) return null;
  const written = /^wchar: (\d+)$/m.exec(await read(`/proc/${pid}/io`))?.[1] ?? 0;
  let memoryBytes = Number(memory) * 1024;
  let mostWrittenBytes = Number(written);
  for (const child of (await read(`/proc/${pid}/task/${pid}/children`)).split(' ')) {
    const usage = /^\d+$/.test(child) ? await usageOfTree(Number(child)) : null;
    if (usage === null) continue;
    memoryBytes += usage.memoryBytes;
    mostWrittenBytes = Math.max(mostWrittenBytes, usage.mostWrittenBytes);
  }
  return { memoryBytes, mostWrittenBytes };
}

/** Empty when the process is gone, or there is no such file system. */
async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
