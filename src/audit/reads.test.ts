// Reads in the security log: gathered, written in one go, bounded.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type TestContext, testContext } from '../../test/context.ts';
import { type Doer, operator } from '../context.ts';
import { createReads } from './reads.ts';

let ctx: TestContext;
beforeEach(async () => {
  ctx = await testContext();
});
afterEach(() => ctx.db.destroy());

const fetched = { action: 'git.fetch', operation: 'access' } as const;
const rows = () => ctx.db.selectFrom('audit_events').selectAll().orderBy('id').execute();

it('A fetch is in the log after the next flush, with the moment at which it happened', async () => {
  const reads = createReads(ctx);
  const by: Doer = {
    ...operator,
    account: { id: 7, login: 'mona' },
    credential: { kind: 'token', tokenId: 3, hash: new Uint8Array([1, 2, 3]) },
  };
  const at = ctx.now();
  reads.note(by, { ...fetched, repository: { id: 4, name: 'mona/tool' } });
  expect(await rows()).toEqual([]);
  ctx.clock.forward(900);
  await reads.flush();
  expect(await rows()).toMatchObject([
    { at, action: 'git.fetch', actor_login: 'mona', token_id: 3, repository_name: 'mona/tool' },
  ]);
  await reads.flush();
  expect(await rows()).toHaveLength(1);
});

it('Reads that find no room are counted, and the log says how many are missing', async () => {
  const reads = createReads(ctx);
  for (let count = 0; count < 20_005; count++) reads.note(operator, fetched);
  await reads.flush();
  const written = await rows();
  expect(written).toHaveLength(20_001);
  expect(written.at(-1)).toMatchObject({
    action: 'audit_log.reads_dropped',
    data: expect.stringContaining('"count":5'),
  });
});

it('Reads that could not be written are written later, once', async () => {
  const reads = createReads(ctx);
  for (let count = 0; count < 450; count++) reads.note(operator, fetched);
  await ctx.db.schema.alterTable('audit_events').renameTo('elsewhere').execute();
  await expect(reads.flush()).rejects.toThrow();
  reads.note(operator, fetched);
  await ctx.db.schema.alterTable('elsewhere').renameTo('audit_events').execute();
  await reads.flush();
  expect(await rows()).toHaveLength(451);
});
