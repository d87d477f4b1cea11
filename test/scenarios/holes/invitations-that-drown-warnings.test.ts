// Anybody can invite anybody, take it back, and invite again: fifty times, and every line about the person's own account
// (a token that a thief made, say) was pushed off their pages; with a mail server, as many mails went to them.
import { describe, expect, it } from 'vitest';
import { writeSetting } from '../../../src/db/settings.ts';
import { startServer, type TestServer } from '../server.ts';

/** Invites mona into acme, and takes it back, again and again. */
async function pester(server: TestServer, rounds: number, afterEach?: () => Promise<void>): Promise<void> {
  const token = await server.token('eve', ['admin:org']);
  const path = '/api/v3/orgs/acme/memberships/mona';
  for (let round = 0; round < rounds; round++) {
    expect((await server.fetch(path, { method: 'PUT', token, body: '{}' })).status).toBe(200);
    expect((await server.fetch(path, { method: 'DELETE', token })).status).toBe(204);
    await afterEach?.();
  }
}

async function withMonaAndEve(): Promise<TestServer> {
  const server = await startServer();
  await server.person('mona');
  await server.person('eve');
  expect((await server.cli(['org', 'create', 'acme', '--owner', 'eve'])).status).toBe(0);
  return server;
}

describe('Being invited over and over', () => {
  it('takes no line about the own account off the pages', async () => {
    await using server = await withMonaAndEve();
    const mona = await server.ctx.db
      .selectFrom('accounts')
      .select('id')
      .where('login', '=', 'mona')
      .executeTakeFirstOrThrow();
    await server.token('mona', ['repo']);
    const lines = () =>
      server.ctx.db.selectFrom('notices').select('path').where('account_id', '=', mona.id).execute();
    const warning = await lines();
    expect(warning).toHaveLength(1);
    await pester(server, 60);
    const left = await lines();
    expect(left).toContainEqual(warning[0]);
    expect(left.length).toBeGreaterThan(1);
  });

  it('fills no mailbox, however fast mails are sent', async () => {
    await using server = await withMonaAndEve();
    await writeSetting(server.ctx.db, 'mail', 'on');
    let mails = 0;
    await pester(server, 30, async () => {
      const sent = await server.ctx.db.deleteFrom('outbox').executeTakeFirst();
      mails += Number(sent.numDeletedRows);
    });
    expect(mails).toBeGreaterThan(0);
    expect(mails).toBeLessThan(15);
  });
});
