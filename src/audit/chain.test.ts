// The chain of the security log: whoever can write the database, and not DATA/keys, is found out.
import { createSecretKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestContext, testContext } from '../../test/context.ts';
import type { AuditEventsTable } from '../db/schema.ts';
import { record } from './audit.ts';
import { findNode, openNode } from './node.ts';
import { pruneLog } from './prune.ts';
import { verifyLog } from './verify.ts';
import { createWitness, witnessFile } from './witness.ts';

const DAY = 24 * 60 * 60_000;
let directory: string;
let ctx: TestContext;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-chain-'));
  const base = await testContext({ dataDirectory: directory });
  ctx = { ...base, node: await openNode(base.config) };
});
afterEach(async () => {
  await ctx.db.destroy();
  rmSync(directory, { recursive: true, force: true });
});

/** Logs so many events, a minute apart, and has them witnessed. */
async function write(count: number, isWitnessed = true): Promise<void> {
  for (let index = 0; index < count; index++) {
    ctx.clock.forward(60_000);
    await ctx.db.transaction().execute((db) =>
      record(ctx, db, {
        action: index % 3 === 0 ? 'oauth_access.create' : 'repo.create',
        operation: 'create',
        user: { id: index, login: `p${index}` },
        ...(index % 2 === 0 ? { token: { id: index, hash: new Uint8Array([index]) } } : {}),
        data: { note: `n${index}` },
      }),
    );
  }
  if (isWitnessed) await createWitness(ctx).keep();
}

/** What somebody does who can write the database: the triggers are no hindrance to them. */
async function tamper(...statements: readonly string[]): Promise<void> {
  for (const trigger of ['audit_events_unchanged', 'audit_events_kept']) {
    await sql.raw(`DROP TRIGGER IF EXISTS ${trigger}`).execute(ctx.db);
  }
  for (const statement of statements) await sql.raw(statement).execute(ctx.db);
}

const faults = async () => (await verifyLog(ctx)).faults.map(({ kind, number }) => [kind, number]);

describe('A log that nobody touched', () => {
  it('is whole, also across many rows and several writers', async () => {
    expect(await verifyLog(ctx)).toMatchObject({ rows: 0, faults: [], hasWitness: false });
    await write(1203);
    const other = { ...ctx, node: await openNode(ctx.config) };
    await ctx.db.transaction().execute(async (db) => {
      await record(other, db, { action: 'a.b', operation: 'create' });
      await record(ctx, db, { action: 'a.c', operation: 'create', data: { text: 'ü\0\ud800' } });
    });
    expect(await verifyLog(ctx)).toMatchObject({
      rows: 1205,
      faults: [],
      faultCount: 0,
      hasWitness: true,
      otherNodes: [],
    });
  });

  it('is whole when a change was rolled back', async () => {
    await write(2);
    const fails = ctx.db.transaction().execute(async (db) => {
      await record(ctx, db, { action: 'a.b', operation: 'create' });
      throw new Error('no');
    });
    await expect(fails).rejects.toThrow('no');
    await write(1);
    expect(await verifyLog(ctx)).toMatchObject({ rows: 3, faultCount: 0 });
  });

  it('is written in transactions only', async () => {
    await expect(record(ctx, ctx.db, { action: 'a.b', operation: 'create' })).rejects.toThrow('transaction');
  });

  it('does not let itself be changed by a fault of our own', async () => {
    await write(2);
    await expect(ctx.db.updateTable('audit_events').set({ action: 'x' }).execute()).rejects.toThrow(
      'not changed',
    );
    await expect(ctx.db.deleteFrom('audit_events').execute()).rejects.toThrow('kept');
  });
});

describe('Whoever alters the database is found out', () => {
  const columns: readonly (keyof AuditEventsTable)[] = [
    'at',
    'action',
    'operation',
    'actor_id',
    'actor_login',
    'user_id',
    'user_login',
    'organization_id',
    'organization_login',
    'repository_id',
    'repository_name',
    'token_id',
    'hashed_token',
    'about_token_id',
    'about_hashed_token',
    'address',
    'user_agent',
    'request_id',
    'data',
    'mac',
  ];
  const other = (column: keyof AuditEventsTable) =>
    /(_id|^at)$/.test(column) ? `coalesce(${column}, 0) + 1` : `coalesce(CAST(${column} AS text), '') || 'x'`;

  it('whichever column of whichever row it was', async () => {
    const size = 7;
    await write(size);
    await tamper('CREATE TABLE kept AS SELECT * FROM audit_events');
    for (const column of columns) {
      for (const number of [1, 4, size]) {
        await tamper(`UPDATE audit_events SET ${column} = ${other(column)} WHERE number = ${number}`);
        expect((await faults())[0], `${column} of row ${number}`).toEqual(['altered', number]);
        await tamper('DELETE FROM audit_events', 'INSERT INTO audit_events SELECT * FROM kept');
        expect(await faults()).toEqual([]);
      }
    }
  });

  it('however rows were removed, swapped, moved, copied or put in', async () => {
    const size = 9;
    await write(size);
    await tamper(
      'CREATE TABLE kept AS SELECT * FROM audit_events',
      'DROP INDEX audit_events_place',
      'CREATE TABLE kept_chain AS SELECT * FROM audit_chains',
    );
    const number = fc.integer({ min: 1, max: size });
    const names = `node, number, ${columns.join(', ')}`;
    const copied = `node, %, ${columns.join(', ')}`;
    const move = (from: number, to: number) =>
      `UPDATE audit_events SET number = ${to} WHERE number = ${from}`;
    const attack = fc.oneof(
      fc.uniqueArray(number, { minLength: 1 }).map((gone) => ({
        first: Math.min(...gone),
        steps: [`DELETE FROM audit_events WHERE number IN (${gone.join(',')})`],
      })),
      fc
        .uniqueArray(number, { minLength: 2, maxLength: 2 })
        .map(([a = 0, b = 0]) => ({ first: Math.min(a, b), steps: [move(a, -1), move(b, a), move(-1, b)] })),
      // Copied to its end, or into its midst with the later ones moved on.
      fc.tuple(number, fc.integer({ min: 1, max: size + 1 })).map(([from, to]) => ({
        first: from === to ? to + 1 : to,
        steps: [
          `CREATE TABLE copy AS SELECT * FROM audit_events WHERE number = ${from}`,
          `UPDATE audit_events SET number = number + 1 WHERE number >= ${to}`,
          `INSERT INTO audit_events (${names}) SELECT ${copied.replace('%', String(to))} FROM copy`,
          'DROP TABLE copy',
        ],
      })),
      // The places in the table swapped, the numbers left as they are: lists would show another order.
      fc.uniqueArray(number, { minLength: 2, maxLength: 2 }).map(([a = 0, b = 0]) => ({
        first: 0,
        steps: [
          [a, -1],
          [b, a],
          [-1, b],
        ].map(([x, y]) => `UPDATE audit_events SET id = ${y} WHERE id = ${x}`),
      })),
    );
    await fc.assert(
      fc.asyncProperty(attack, async ({ first, steps }) => {
        await tamper(...steps);
        const [found] = await faults();
        await tamper('DELETE FROM audit_events', 'INSERT INTO audit_events SELECT * FROM kept');
        expect(found).toBeDefined();
        if (first > 0) expect(found?.[1]).toBe(first);
      }),
      { numRuns: 150 },
    );
    expect(await faults()).toEqual([]);
  });

  it('when the newest rows are cut off, and the end is set back to a state that once was signed', async () => {
    await write(5);
    await tamper('CREATE TABLE then_chain AS SELECT * FROM audit_chains');
    await write(3);
    await tamper(
      'DELETE FROM audit_events WHERE number > 5',
      'DELETE FROM audit_chains',
      'INSERT INTO audit_chains SELECT * FROM then_chain',
    );
    expect(await faults()).toEqual([['removed', 6]]);
    // Even if the log has grown longer by now than it was: the witness is not moved on.
    await write(6);
    expect(await faults()).toEqual([['witness', 8]]);
  });

  it('when the end is set back without a signature, even before it was witnessed', async () => {
    await write(2);
    await write(3, false);
    await tamper(
      'DELETE FROM audit_events WHERE number > 3',
      'UPDATE audit_chains SET number = 3, mac = (SELECT mac FROM audit_events WHERE number = 3)',
    );
    expect(await faults()).toEqual([['signature', 3]]);
  });

  it('when all of it is removed', async () => {
    await write(4);
    await tamper('DELETE FROM audit_events', 'DELETE FROM audit_chains');
    expect(await faults()).toEqual([['removed', 1]]);
    await write(9);
    expect(await faults()).toEqual([['witness', 4]]);
  });

  it('when only the record of the chain is removed', async () => {
    await write(4);
    await tamper('DELETE FROM audit_chains');
    expect(await faults()).toEqual([
      ['removed', 1],
      ['removed', 1],
    ]);
  });

  it('when rows are put there with a key of their own', async () => {
    await write(2);
    const theirs = { ...ctx, node: { ...ctx.node, key: createSecretKey(Buffer.alloc(32)) } };
    await ctx.db.transaction().execute((db) => record(theirs, db, { action: 'a.b', operation: 'create' }));
    expect(await faults()).toEqual([
      ['altered', 3],
      ['signature', 3],
    ]);
    const stranger = { ...theirs, node: { ...theirs.node, id: 'stranger' } };
    await ctx.db.transaction().execute((db) => record(stranger, db, { action: 'a.b', operation: 'create' }));
    expect((await verifyLog(ctx)).otherNodes).toEqual(['stranger']);
  });
});

describe('Old rows', () => {
  it('are removed when they are older than the log is kept, and the rest is still whole', async () => {
    await write(700);
    ctx.clock.forward(400 * DAY - 100 * 60_000);
    expect(await pruneLog(ctx)).toBe(599);
    expect(await verifyLog(ctx)).toMatchObject({ rows: 101, faultCount: 0, checkpoint: { number: 599 } });
    await write(2);
    ctx.clock.forward(500 * DAY);
    expect(await pruneLog(ctx)).toBe(103);
    expect(await pruneLog(ctx)).toBe(0);
    await write(1);
    expect(await verifyLog(ctx)).toMatchObject({ rows: 1, faultCount: 0, checkpoint: { number: 702 } });
  });

  it('that were altered are not removed, so that no checkpoint vouches for them', async () => {
    await write(5);
    await tamper(`UPDATE audit_events SET action = 'x' WHERE number = 2`);
    ctx.clock.forward(500 * DAY);
    expect(await pruneLog(ctx)).toBe(0);
    expect(await faults()).toEqual([['altered', 2]]);
  });

  it('cannot be removed by somebody else, nor put back', async () => {
    await write(6);
    ctx.clock.forward(400 * DAY - 2.5 * 60_000);
    await tamper('CREATE TABLE kept AS SELECT * FROM audit_events');
    expect(await pruneLog(ctx)).toBe(3);
    await tamper('CREATE TABLE kept_chain AS SELECT * FROM audit_chains');
    await tamper('UPDATE audit_chains SET pruned_number = 4', 'DELETE FROM audit_events WHERE number = 4');
    expect((await faults())[0]).toEqual(['signature', 4]);
    await tamper(
      'DELETE FROM audit_chains',
      'INSERT INTO audit_chains SELECT * FROM kept_chain',
      'INSERT INTO audit_events SELECT * FROM kept WHERE number IN (2, 4)',
    );
    expect(await faults()).toEqual([['inserted', 3]]);
    await tamper('DELETE FROM audit_events WHERE number < 3');
    expect(await faults()).toEqual([]);
  });
});

describe('The key and the witness', () => {
  it('are readable by their owner alone, and stay the same', async () => {
    await write(1);
    for (const file of [join(directory, 'keys/audit-key.json'), witnessFile(ctx.config)]) {
      expect(statSync(file).mode & 0o777).toBe(0o600);
    }
    expect(statSync(join(directory, 'keys')).mode & 0o777).toBe(0o700);
    const again = await openNode(ctx.config);
    expect(again.id).toBe(ctx.node.id);
    expect(again.key.equals(ctx.node.key)).toBe(true);
  });

  it('are made once when several processes start at the same time', async () => {
    rmSync(join(directory, 'keys'), { recursive: true });
    const nodes = await Promise.all(Array.from({ length: 8 }, () => openNode(ctx.config)));
    expect(new Set(nodes.map(({ id }) => id)).size).toBe(1);
  });

  it('that are damaged are told, and not replaced silently', async () => {
    await write(3);
    writeFileSync(
      witnessFile(ctx.config),
      readFileSync(witnessFile(ctx.config), 'utf8').replace(/"number":3/, '"number":2'),
    );
    expect(await faults()).toEqual([['witness', null]]);
    writeFileSync(join(directory, 'keys/audit-key.json'), '{}');
    await expect(findNode(ctx.config)).rejects.toThrow('damaged');
  });
});
