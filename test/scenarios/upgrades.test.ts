import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { migrations } from '../../src/db/migrations.ts';
import { runCli, startServer } from './server.ts';

describe('Upgrading', () => {
  it('back to an older Latchkey is refused with a sentence, by the server and by every command', async () => {
    await using server = await startServer();
    await server.person('mona');
    await server.stop();
    await sql`INSERT INTO migrations (version, name) VALUES (999, 'of the future')`.execute(server.ctx.db);
    const refused = /^latchkey: The database is of version 999, made by a newer Latchkey; [^\n]+\.\n$/;
    const env = { LATCHKEY_DATA: server.dataDirectory };
    for (const args of [
      ['serve', '--listen', '127.0.0.1:0'],
      ['user', 'list'],
      ['token', 'list', '--user', 'mona'],
    ]) {
      const { status, stdout, stderr } = await runCli(args, { cwd: server.directory, env });
      expect({ status, stdout }, args.join(' ')).toEqual({ status: 1, stdout: '' });
      expect(
        stderr
          .split('\n')
          .filter((line) => !line.startsWith('{'))
          .join('\n'),
      ).toMatch(refused);
    }
    await sql`DELETE FROM migrations WHERE version = 999`.execute(server.ctx.db);
    await using again = await startServer({ directory: server.directory });
    expect((await again.fetch('/api/v3/users/mona')).status).toBe(200);
  });

  it('happens once when two servers start at the same time', async () => {
    await using holder = await startServer();
    const fresh = `${holder.directory}/fresh`;
    const servers = await Promise.all([startServer({ directory: fresh }), startServer({ directory: fresh })]);
    await using one = servers[0];
    await using two = servers[1];
    const { rows } = await sql<{ version: number }>`SELECT version FROM migrations`.execute(one.ctx.db);
    expect(rows).toHaveLength(migrations.length);
    // What one of them does, the other knows at once.
    await one.person('mona');
    const token = await one.token('mona');
    expect((await two.fetch('/api/v3/user', { token })).status).toBe(200);
  });
});
