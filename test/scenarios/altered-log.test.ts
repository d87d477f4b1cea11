// Somebody edits the database by hand to hide what they did, and `latchkey doctor` tells.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { startServer, type TestServer } from './server.ts';

/** What the doctor says of the log. */
async function doctor(server: TestServer): Promise<{ readonly status: number; readonly log: string }> {
  const { status, stdout } = await server.cli(['doctor', '--data', server.dataDirectory, '--json']);
  const findings = JSON.parse(stdout) as { name: string; state: string; message: string }[];
  const found = findings.filter(({ name }) => name === 'security log');
  return { status, log: found.map(({ state, message }) => `${state}: ${message}`).join('\n') };
}

/** As anybody can who may write the file. */
function edit(server: TestServer, ...statements: readonly string[]): void {
  const database = new DatabaseSync(join(server.dataDirectory, 'latchkey.db'));
  database.exec('DROP TRIGGER IF EXISTS audit_events_unchanged; DROP TRIGGER IF EXISTS audit_events_kept');
  for (const statement of statements) database.exec(statement);
  database.close();
}

it('What was done stays on record: altering, removing or cutting off rows, or an older database, is told', async () => {
  await using server = await startServer();
  const data = ['--data', server.dataDirectory];
  await server.person('mona', { siteAdmin: true });
  const token = await server.token('mona', ['repo', 'delete_repo', 'read:audit_log']);
  const api = (method: string, path: string, body?: object) =>
    server.fetch(`/api/v3${path}`, {
      method,
      token,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  for (const name of ['one', 'two', 'three'])
    expect((await api('POST', '/user/repos', { name })).status).toBe(201);
  expect((await api('DELETE', '/repos/mona/two')).status).toBe(204);
  // The command line writes to the same chain as the server that runs.
  expect((await server.cli(['repo', 'create', 'mona/four', ...data])).status).toBe(0);

  const log = (await (
    await api('GET', '/enterprises/latchkey/audit-log?phrase=action:repo')
  ).json()) as object[];
  expect(log).toHaveLength(5);
  expect(log[0]).not.toHaveProperty('actor');
  expect(log[1]).toMatchObject({
    action: 'repo.destroy',
    actor: 'mona',
    repo: 'mona/two',
    actor_ip: '127.0.0.1',
  });

  expect(await server.stop()).toBe(0);
  const whole = await doctor(server);
  expect(whole).toMatchObject({
    status: 0,
    log: expect.stringMatching(/^ok: \d+ rows, none altered or removed$/),
  });
  for (const file of ['audit-key.json', 'audit-head.json']) {
    expect(statSync(join(server.dataDirectory, 'keys', file)).mode & 0o777).toBe(0o600);
  }

  const kept = join(server.directory, 'kept.db');
  edit(server, `VACUUM INTO '${kept}'`);
  const tables = ['audit_events', 'audit_chains'];
  const restore = () =>
    edit(
      server,
      `ATTACH '${kept}' AS kept`,
      ...tables.map((name) => `DELETE FROM ${name}; INSERT INTO ${name} SELECT * FROM kept.${name}`),
    );

  edit(server, `UPDATE audit_events SET actor_login = 'hubot' WHERE action = 'repo.destroy'`);
  const altered = await doctor(server);
  expect(altered.status).toBe(1);
  expect(altered.log).toMatch(/^wrong: row \d+ \(.*repo\.destroy, by hubot\) was altered/);

  restore();
  edit(server, `DELETE FROM audit_events WHERE action = 'repo.destroy'`);
  expect((await doctor(server)).log).toMatch(/^wrong: row \d+ was removed$/);

  restore();
  edit(server, 'DELETE FROM audit_events WHERE number = (SELECT max(number) FROM audit_events)');
  expect((await doctor(server)).log).toMatch(/^wrong: row \d+ was removed/);

  restore();
  expect((await doctor(server)).log).toBe(whole.log);
  // Something more happens, and then the older database is put back.
  expect((await server.cli(['repo', 'delete', 'mona/one', '--yes', ...data])).status).toBe(0);
  restore();
  expect((await doctor(server)).log).toContain('the newest rows are gone');
});
