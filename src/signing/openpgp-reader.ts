// Reads OpenPGP keys within bounds of time and memory, each in a process of its own, a few at a time.
import { fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { armorProblem } from './armor.ts';
import type { OpenPgpAnswer } from './openpgp-worker.ts';

export interface OpenPgpReader {
  read(armored: string): Promise<OpenPgpAnswer>;
}

/** This file's own ending: `.ts` as written, `.js` as built. */
const workerFile = fileURLToPath(new URL(`./openpgp-worker${extname(import.meta.url)}`, import.meta.url));
const MAX_HEAP_MIB = 96;
const AT_ONCE = 2;
const MAX_WAITING = 16;

/** @param timeoutMs how long one may take, the start of its process included */
export function createOpenPgpReader({ timeoutMs = 8_000 } = {}): OpenPgpReader {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    async read(armored) {
      const problem = armorProblem(armored);
      if (problem !== null) return { ok: false, why: problem };
      if (waiting.length >= MAX_WAITING) {
        return { ok: false, why: 'Too many keys are being added just now: try again in a while.' };
      }
      if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
      running += 1;
      try {
        return await readApart(armored, timeoutMs);
      } finally {
        running -= 1;
        waiting.shift()?.();
      }
    },
  };
}

function readApart(armored: string, timeoutMs: number): Promise<OpenPgpAnswer> {
  const worker = fork(workerFile, [], {
    execArgv: [`--max-old-space-size=${MAX_HEAP_MIB}`],
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  return new Promise((resolve) => {
    const finish = (answer: OpenPgpAnswer) => {
      clearTimeout(timer);
      worker.kill('SIGKILL');
      resolve(answer);
    };
    const fail = () => finish({ ok: false, why: 'It takes too long to read.' });
    const timer = setTimeout(fail, timeoutMs);
    worker.once('message', (answer: unknown) => finish(answer as OpenPgpAnswer));
    worker.once('error', fail).once('exit', fail);
    worker.send(armored, () => undefined);
  });
}
