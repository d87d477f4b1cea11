// A push and a clone of any size take no more of the server's own memory than small ones, and a client that is
// killed midway leaves nothing behind. The long run does it with 1 GB.
import { execFileSync } from 'node:child_process';
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGitClient, type GitClient } from '../git-client.ts';
import { startServer, type TestServer } from './server.ts';

const MIB = 1024 * 1024;
const isLong = process.env.LATCHKEY_LONG === '1';
/** As several files, so that no side has to hold one of such a size. */
const files = isLong ? 32 : 2;
const fileBytes = (isLong ? 32 : 16) * MIB;
/** How much the server itself, its children apart, may grow. */
const growthBytes = 150 * MIB;

let server: TestServer;
let client: GitClient;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  server = await startServer();
  client = await createGitClient();
  await server.person('mona');
  env = server.credential(await server.token('mona', ['repo']));
});

afterAll(async () => {
  await client?.close();
  await server?.[Symbol.asyncDispose]();
});

/** Resident memory of the server's own process, in bytes: now, and the most it ever was. */
function memory(): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8');
  const kib = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]);
  return { now: kib('VmRSS') * 1024, peak: kib('VmHWM') * 1024 };
}

/** Processor time that the server's own process has taken, in seconds. */
function cpuSeconds(): number {
  const fields = readFileSync(`/proc/${server.process.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Writes what no compression makes smaller: zeros, enciphered. */
async function writeNoise(path: string, bytes: number): Promise<void> {
  const cipher = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(MIB);
  await pipeline(async function* () {
    for (let written = 0; written < bytes; written += MIB) yield cipher.update(zeros);
  }, createWriteStream(path));
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

async function largeProject(name: string): Promise<void> {
  await client.git(['init', '-q', name]);
  // The client need not look for what noise has in common with noise.
  await client.git(['config', 'core.compression', '0'], { in: name });
  await client.git(['config', 'core.bigFileThreshold', '1m'], { in: name });
  for (let i = 0; i < files; i++) await writeNoise(client.path(name, `noise-${i}`), fileBytes);
  await client.git(['add', '.'], { in: name });
  await client.git(['commit', '-qm', 'Noise'], { in: name });
}

function gitChildren(): readonly string[] {
  return execFileSync('ps', ['-eo', 'ppid,pid,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(server.dataDirectory) && !line.includes('dist/main.js'));
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await wait(20);
}

async function leftovers(path: string): Promise<readonly string[]> {
  return (await readdir(path, { recursive: true })).filter((name) => /incoming|tmp_|\.lock$/.test(name));
}

describe.skipIf(process.platform !== 'linux')(`${(files * fileBytes) / MIB} MiB`, () => {
  it('are pushed and cloned within a bounded part of memory, and arrive the same', async () => {
    const small = await server.repository('mona', 'small', 'private');
    await client.git(['init', '-q', 'small']);
    await client.git(['commit', '-q', '--allow-empty', '-m', 'x'], { in: 'small' });
    await client.git(['push', '-q', small.cloneUrl, 'main'], { in: 'small', env });
    await client.git(['clone', '-q', small.cloneUrl, 'small-copy'], { env });
    const before = memory();

    const { cloneUrl, path } = await server.repository('mona', 'large', 'private');
    await largeProject('large');
    const push = performance.now();
    const cpu = cpuSeconds();
    await client.git(['push', '-q', cloneUrl, 'main'], { in: 'large', env });
    const clone = performance.now();
    const afterPush = memory();
    await client.git(['clone', '-q', cloneUrl, 'large-copy'], { env });
    const end = performance.now();
    const after = memory();
    for (let i = 0; i < files; i++) {
      expect(await digestOf(client.path('large-copy', `noise-${i}`))).toBe(
        await digestOf(client.path('large', `noise-${i}`)),
      );
    }
    await client.git(['fsck', '--strict'], { in: 'large-copy' });
    process.stdout.write(
      `${(files * fileBytes) / MIB} MiB: pushed in ${((clone - push) / 1000).toFixed(1)} s, ` +
        `cloned in ${((end - clone) / 1000).toFixed(1)} s; the server grew from ${mib(before.now)} to at most ` +
        `${mib(afterPush.peak)} MiB by the push, ${mib(after.peak)} MiB by the clone, ` +
        `and took ${(cpuSeconds() - cpu).toFixed(1)} s of processor time\n`,
    );
    expect(after.peak - before.now).toBeLessThan(growthBytes);
    expect(await leftovers(path)).toEqual([]);
  });

  it('of which half was pushed when the client was killed leave no trace, nor does half a clone', async () => {
    const { cloneUrl, path } = await server.repository('mona', 'killed', 'private');
    const push = client.start(['push', '-q', cloneUrl, 'main'], { in: 'large', env });
    await until(async () => (await leftovers(path)).some((name) => /tmp_(pack|obj)_/.test(name)));
    expect(gitChildren().length).toBeGreaterThan(0);
    process.kill(-(push.pid ?? 0), 'SIGKILL');
    await once(push, 'exit');
    await until(() => gitChildren().length === 0);
    await until(async () => (await leftovers(path)).length === 0);
    expect(await client.git(['for-each-ref'], { in: '.', env: { GIT_DIR: path } })).toBe('');
    const packs = await readdir(`${path}/objects/pack`);
    expect(packs).toEqual([]);

    // The neighbour: the same push, let alone, arrives; of a clone of it, killed midway, nothing stays running.
    await client.git(['push', '-q', cloneUrl, 'main'], { in: 'large', env });
    await mkdir(client.path('half'));
    const clone = client.start(['clone', '-q', cloneUrl, 'half'], { env });
    await until(() => gitChildren().some((line) => line.includes('upload-pack')));
    process.kill(-(clone.pid ?? 0), 'SIGKILL');
    await once(clone, 'exit');
    await until(() => gitChildren().length === 0);
    expect(await leftovers(path)).toEqual([]);
    await client.git(['fsck', '--strict'], { env: { GIT_DIR: path } });
  });
});

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(0);
}
