// One person held all turns of git by slow clones: each deploy key counted as somebody of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createGitClient } from '../../git-client.ts';
import { hasProgram, newKeyFile, type SshKeyFile, sshOptions } from '../../openssh.ts';
import { startServer } from '../server.ts';

const runs = hasProgram('ssh', 'openssh-client') && hasProgram('ssh-keygen', 'openssh-client');

describe.skipIf(!runs)('Slow clones by the deploy keys of one person', () => {
  it('leave turns to others', async () => {
    await using server = await startServer({ ssh: true, env: { LATCHKEY_LIMIT_GIT_PROCESSES: '4' } });
    const client = await createGitClient();
    await server.person('eve');
    await server.person('bob');
    const token = await server.token('eve', ['repo']);
    const { cloneUrl } = await server.repository('eve', 'plans', 'public');
    await client.git(['init', '-q', 'work']);
    // More than lies in pipes and buffers on the way to who does not read.
    await writeFile(client.path('work', 'noise'), randomBytes(24 * 1024 * 1024));
    await client.git(['-c', 'core.compression=0', 'add', '.'], { in: 'work' });
    await client.git(['commit', '-qm', 'x'], { in: 'work' });
    const eve = { in: 'work', env: server.credential(token) };
    await client.git(['push', '-q', cloneUrl, 'main'], eve);
    const head = await client.git(['rev-parse', 'HEAD'], { in: 'work' });

    const at = { port: server.sshPort, knownHosts: client.path('known_hosts') };
    const slow = (key: SshKeyFile): ChildProcess => {
      const words = [...sshOptions(at, key), 'git@127.0.0.1', "git-upload-pack '/eve/plans.git'"];
      const clone = spawn('ssh', words, { stdio: ['pipe', 'pipe', 'ignore'] });
      const want = `want ${head} side-band-64k\n`;
      clone.stdin.write(`${(want.length + 4).toString(16).padStart(4, '0')}${want}00000009done\n`);
      return clone;
    };
    const keys = await Promise.all(['one', 'two'].map((name) => newKeyFile(client.path(), name)));
    const clones: ChildProcess[] = [];
    try {
      for (const key of keys) {
        const body = JSON.stringify({ key: key.publicKey, read_only: true });
        const added = await server.fetch('/api/v3/repos/eve/plans/keys', { method: 'POST', token, body });
        expect(added.status).toBe(201);
        clones.push(slow(key), slow(key));
      }
      const gauge = async (name: string) =>
        Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await (await server.fetch('/metrics')).text())?.[1]);
      const counts = async () => [
        await gauge('latchkey_child_processes'),
        await gauge('latchkey_git_requests_waiting'),
      ];
      await expect.poll(async () => (await counts()).reduce((a, b) => a + b), { timeout: 15_000 }).toBe(4);
      expect(await counts()).toEqual([3, 1]);
      const bob = { env: server.credential(await server.token('bob')) };
      expect(await client.git(['ls-remote', cloneUrl, 'HEAD'], bob)).toContain(head);
    } finally {
      for (const clone of clones) {
        const over = once(clone, 'exit');
        clone.kill();
        await over;
      }
    }
    await client.close();
  });
});
