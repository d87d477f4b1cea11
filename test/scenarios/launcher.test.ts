// The launcher bin/latchkey.js: on whatever Node it is started, the program runs on the packaged one, and
// arguments, streams, signals and exit status pass through. The program is a stand-in here that tells what it got.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const project = join(import.meta.dirname, '../..');

/** A Node that is not the packaged one as far as the launcher can tell: the same program at another place. */
let otherNode: string;
let directory: string;

const program = `
import { createInterface } from 'node:readline';
const [, , command, ...rest] = process.argv;
if (command === 'tell') {
  console.log(JSON.stringify({ rest, exec: process.execPath, pid: process.pid }));
  for await (const line of createInterface({ input: process.stdin })) console.log('read ' + line);
  console.error('on the other stream');
  process.exitCode = 7;
} else if (command === 'wait') {
  process.on('SIGTERM', () => { console.log('asked to stop'); process.exit(3); });
  setInterval(() => {}, 1000);
  console.log('waiting');
} else if (command === 'abort') {
  process.kill(process.pid, 'SIGKILL');
}
`;

beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'latchkey-launcher-')));
  otherNode = join(directory, 'other-node');
  await cp(await realpath(process.execPath), otherNode);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** An installed package: as npm puts it beside its runtime (hoisted), or with the runtime inside it. */
async function install(
  name: string,
  layout: 'hoisted' | 'nested' | 'no-runtime' | 'not-built',
): Promise<string> {
  const modules = join(directory, name, 'node_modules');
  const home = join(modules, 'latchkey');
  await mkdir(join(home, 'dist'), { recursive: true });
  await cp(join(project, 'bin'), join(home, 'bin'), { recursive: true });
  await writeFile(join(home, 'package.json'), '{"type":"module"}');
  if (layout !== 'not-built') await writeFile(join(home, 'dist/main.js'), program);
  if (layout !== 'no-runtime') {
    const runtime = {
      linux: 'node-linux',
      darwin: process.arch === 'arm64' ? 'node-bin-darwin' : 'node-darwin',
    };
    const packageName = `${runtime[process.platform as 'linux' | 'darwin']}-${process.arch}`;
    const place = layout === 'nested' ? join(home, 'node_modules') : modules;
    await mkdir(place, { recursive: true });
    await symlink(await realpath(join(project, 'node_modules', packageName)), join(place, packageName));
  }
  // Where npm's link points from: PREFIX/bin/latchkey.
  const link = join(directory, name, 'latchkey');
  await symlink(join(home, 'bin/latchkey.js'), link);
  return link;
}

function start(link: string, args: readonly string[], node = otherNode): ChildProcess {
  return spawn(node, [link, ...args], { cwd: directory, env: { PATH: '/usr/bin:/bin' } });
}

async function finish(child: ChildProcess, input = '') {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (piece: Buffer) => {
    stdout += piece.toString('utf8');
  });
  child.stderr?.on('data', (piece: Buffer) => {
    stderr += piece.toString('utf8');
  });
  child.stdin?.end(input);
  const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { status, signal, stdout, stderr };
}

describe('the latchkey command', () => {
  it.each(['hoisted', 'nested'] as const)('runs on the packaged Node when that is %s', async (layout) => {
    const link = await install(layout, layout);
    const child = start(link, ['tell', 'a b', '--flag', '']);
    const { status, stdout, stderr } = await finish(child, 'one\ntwo\n');
    const [first = '', ...others] = stdout.trim().split('\n');
    const told = JSON.parse(first);
    expect(told.rest).toEqual(['a b', '--flag', '']);
    expect(told.exec).not.toBe(otherNode);
    expect(told.pid).not.toBe(child.pid);
    expect(others).toEqual(['read one', 'read two']);
    expect(stderr).toBe('on the other stream\n');
    expect(status).toBe(7);
  });

  it('starts no second process when it already runs on the packaged Node', async () => {
    const link = await install('direct', 'hoisted');
    const child = start(link, ['tell'], await realpath(join(project, 'node_modules/.bin/node')));
    const { stdout } = await finish(child);
    expect(JSON.parse(stdout.split('\n', 1)[0] ?? '').pid).toBe(child.pid);
  });

  it('hands on a signal, and ends as the program ends', async () => {
    const link = await install('signals', 'hoisted');
    const child = start(link, ['wait']);
    if (child.stdout === null) throw new Error('no pipe');
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('waiting');
    child.kill('SIGTERM');
    expect((await lines.next()).value).toBe('asked to stop');
    expect(await once(child, 'exit')).toEqual([3, null]);
  });

  it('dies of the signal that the program died of', async () => {
    const link = await install('killed', 'hoisted');
    expect(await finish(start(link, ['abort']))).toMatchObject({ status: null, signal: 'SIGKILL' });
  });

  it('says what to do when its runtime was left out', async () => {
    const link = await install('bare', 'no-runtime');
    expect(await finish(start(link, ['tell']))).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^latchkey: its runtime is missing \(package node-\S+\); install again.*\n$/,
      ),
    });
  });

  it('says what to do when the package holds no program', async () => {
    const link = await install('unbuilt', 'not-built');
    expect(await finish(start(link, ['tell']))).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^latchkey: the package is incomplete .*install it again\.\n$/),
    });
  });
});
