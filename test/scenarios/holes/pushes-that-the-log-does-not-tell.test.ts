// Pushes took effect of which neither the security log nor a webhook was told: written with capital letters, to refs with
// unusual names, or of more than a thousand refs and broken off before the end.
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createGitClient } from '../../git-client.ts';
import { packOf, pushBody, pushHeaders, type RawCommand } from '../../raw-push.ts';
import { startServer } from '../server.ts';

describe('The security log', () => {
  it('tells of every push that changed something, however it was written', async () => {
    await using server = await startServer();
    const client = await createGitClient();
    await server.person('eve');
    const token = await server.token('eve', ['repo', 'workflow']);
    const { path } = await server.repository('eve', 'plans', 'private');
    await client.git(['init', '-q', 'work']);
    await client.git(['commit', '-qm', 'x', '--allow-empty'], { in: 'work' });
    const head = await client.git(['rev-parse', 'HEAD'], { in: 'work' });
    const pack = await packOf(client.path('work', '.git'), [head]);
    const told = async () => {
      const rows = server.ctx.db.selectFrom('audit_events').where('action', '=', 'git.push');
      return (await rows.select('id').execute()).length;
    };
    let expected = 0;
    const names: readonly (readonly [string, RawCommand])[] = [
      ['as usual', { to: head, ref: 'refs/heads/main' }],
      ['in capital letters', { to: head.toUpperCase(), ref: 'refs/heads/capital' }],
      ['a control character of Unicode', { to: head, ref: 'refs/heads/a\u0085' }],
      ['bytes that are no text', { to: head, ref: Buffer.from('refs/heads/\xff', 'latin1') }],
      ['a very long name', { to: head, ref: `refs/heads/${`${'a'.repeat(200)}/`.repeat(6)}z` }],
    ];
    for (const [what, command] of names) {
      const answer = await server.fetch('/eve/plans.git/git-receive-pack', {
        method: 'POST',
        token,
        headers: pushHeaders,
        body: new Uint8Array(pushBody([command], pack)),
      });
      expect(await answer.text(), what).toContain('ok refs/heads/');
      expect(await told(), what).toBe(++expected);
    }

    const many = Array.from({ length: 3000 }, (_, at) => ({ to: head, ref: `refs/heads/m/${at}` }));
    const body = pushBody(many, pack);
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `POST /eve/plans.git/git-receive-pack HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n` +
        `Content-Type: ${pushHeaders['content-type']}\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    socket.write(body);
    const made = () => readdir(join(path, 'refs/heads/m')).catch(() => []);
    await expect.poll(async () => (await made()).length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(0);
    socket.destroy();
    await expect.poll(told, { timeout: 20_000 }).toBe(++expected);
    await client.close();
  });
});
