// Who could write to the database put rows into the security log that the pages showed and the doctor never looked at:
// their numbers were below the first one.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { startServer } from '../server.ts';

describe('A row put before the first of the security log', () => {
  it('is told by the doctor, with rows of ours and without', async () => {
    await using server = await startServer();
    await server.person('eve');
    const doctor = async () => {
      const { status, stdout } = await server.cli(['doctor', '--json']);
      const findings = JSON.parse(stdout) as readonly { readonly name: string; readonly message: string }[];
      return [status, findings.find(({ name }) => name === 'security log')?.message];
    };
    expect(await doctor()).toEqual([0, expect.stringContaining('none altered or removed')]);
    const database = new DatabaseSync(join(server.dataDirectory, 'latchkey.db'));
    const columns = database
      .prepare("SELECT name FROM pragma_table_info('audit_events') WHERE name NOT IN ('id', 'number')")
      .all()
      .map(({ name }) => String(name))
      .join(', ');
    const forge = `INSERT INTO audit_events (number, ${columns}) SELECT -5, ${columns} FROM audit_events LIMIT 1`;
    database.exec(forge);
    expect(await doctor()).toEqual([1, 'a row was put before the first of ours']);
    database.exec('DROP TRIGGER audit_events_kept; DELETE FROM audit_events WHERE number > 0');
    database.exec('DELETE FROM audit_chains');
    expect(await doctor()).toEqual([
      1,
      expect.stringContaining('the record of where the log begins and ends was removed'),
    ]);
    database.close();
  });
});
