// `latchkey demo` shows the main job in under ten seconds, hands no secret to anybody, and leaves nothing behind,
// also when it is interrupted.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from './server.ts';

const project = join(import.meta.dirname, '../..');

let directory: string;
let temporary: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'latchkey-demo-test-'));
  temporary = join(directory, 'tmp');
  await mkdir(temporary);
});

afterEach(() => rm(directory, { recursive: true, force: true }));

/** The processes whose environment or arguments tell of the demo's directory. */
async function processesOfDemo(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const text = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    if (text.includes(temporary)) found.push(pid);
  }
  return found;
}

describe('the demo', () => {
  it('goes as told from the first token to its end, and leaves nothing', async () => {
    const begun = performance.now();
    const { status, stdout, stderr } = await runCli(['demo'], { cwd: directory, env: { TMPDIR: temporary } });
    const seconds = (performance.now() - begun) / 1000;
    expect({ status, stdout, stderr }).toMatchObject({ status: 0, stderr: '' });
    expect(stdout).toMatch(/ada\$ git clone .*\/ada\/notes\.git/);
    expect(stdout).toMatch(/ben notes\$ git push origin HEAD\n.*403/s);
    expect(stdout).toMatch(/ada plans\$ git fetch\n.*Authentication failed/s);
    expect(stdout).toMatch(/All \d+ steps went as told/);
    expect(stdout).not.toMatch(/gh[a-z]_\w{36}/);
    // Three times what it has to keep on an idle machine: here it runs beside other tests.
    expect(seconds).toBeLessThan(30);
    expect(await readdir(directory)).toEqual(['tmp']);
    expect(await readdir(temporary)).toEqual([]);
  });

  it('tells the same as JSON', async () => {
    const { status, stdout } = await runCli(['demo', '--json'], {
      cwd: directory,
      env: { TMPDIR: temporary },
    });
    expect(status).toBe(0);
    const { steps } = JSON.parse(stdout) as { steps: readonly { readonly as_told: boolean }[] };
    expect(steps.length).toBeGreaterThan(15);
    expect(steps.every((step) => step.as_told)).toBe(true);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'leaves nothing when %s interrupts it',
    async (signal) => {
      const node = join(project, 'node_modules/.bin/node');
      const env = { PATH: process.env.PATH ?? '', TMPDIR: temporary };
      const child = spawn(node, [join(project, 'dist/main.js'), 'demo'], { cwd: directory, env });
      const ended = once(child, 'exit');
      for await (const piece of child.stdout) {
        if (String(piece).includes('git clone')) break;
      }
      child.kill(signal);
      const [status] = (await ended) as [number | null];
      expect(status).not.toBe(0);
      expect(await readdir(temporary)).toEqual([]);
      // A killed process needs a moment until the system has taken it away.
      const deadline = Date.now() + 10_000;
      while ((await processesOfDemo()).length > 0 && Date.now() < deadline) await later(20);
      expect(await processesOfDemo()).toEqual([]);
    },
  );
});
