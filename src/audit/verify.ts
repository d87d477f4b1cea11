// Reads the whole chain of this node, a few hundred rows at a time, and tells which rows were altered, removed or put
// there by somebody else. Changes nothing; works beside a running server.
import type { Context } from '../context.ts';
import {
  type ChainRow,
  type Checkpoint,
  checkpointOf,
  genesis,
  type Head,
  headOf,
  isSame,
  macOf,
  signCheckpoint,
  signHead,
} from './chain.ts';
import * as store from './store.ts';
import { readWitness, stillHas } from './witness.ts';

const BATCH = 500;
/** Of so many faults each is told; of more, only how many there are. */
const MAX_TOLD = 20;
/** ECMA-262 §21.4.1.1. */
const MAX_DATE = 8.64e15;

export interface Fault {
  readonly kind: 'altered' | 'removed' | 'inserted' | 'moved' | 'signature' | 'witness';
  /** The number of the first row that it is about; null: of none. */
  readonly number: number | null;
  /** A sentence for the operator. */
  readonly message: string;
}

export interface Verdict {
  /** How many rows were looked at. */
  readonly rows: number;
  /** The first ones, in the order of the rows. */
  readonly faults: readonly Fault[];
  readonly faultCount: number;
  /** Null: nothing was removed because of its age yet. */
  readonly checkpoint: Checkpoint | null;
  /** Is there a witness outside of the database? */
  readonly hasWitness: boolean;
  /** Nodes whose rows can't be looked at here, since their keys lie elsewhere. */
  readonly otherNodes: readonly string[];
}

type Looking = Pick<Context, 'config' | 'db' | 'node'>;

export async function verifyLog(ctx: Looking): Promise<Verdict> {
  const { db, node, config } = ctx;
  const faults = faultList();
  // The witness first: what is logged meanwhile only brings the log further than it.
  const witness = await readWitness(config, node);
  const chain = await store.chainOf(db, node.id);
  const rows = chain === null ? await verifyWithout(ctx, faults) : await verifyRows(ctx, chain, faults);
  if (witness === 'damaged') {
    faults.add('witness', null, 'the witness of the log, audit-head.json, was not signed by this node');
  } else if (witness !== null) {
    await verifyWitness(ctx, witness, chain, faults);
  }
  return {
    rows,
    ...faults.told(),
    checkpoint: chain === null ? null : checkpointOf(chain),
    hasWitness: witness !== null,
    otherNodes: await store.otherNodes(db, node.id),
  };
}

interface Faults {
  add(kind: Fault['kind'], number: number | null, message: string): void;
  told(): { readonly faults: readonly Fault[]; readonly faultCount: number };
}

function faultList(): Faults {
  const faults: Fault[] = [];
  let faultCount = 0;
  return {
    add: (kind, number, message) => {
      faultCount++;
      if (faults.length < MAX_TOLD) faults.push({ kind, number, message });
    },
    told: () => ({ faults, faultCount }),
  };
}

/** Rows need a chain; without one there can't be any of ours. */
async function verifyWithout({ db, node }: Looking, faults: Faults): Promise<number> {
  const [first] = await store.rowsAfter(db, node.id, Number.MIN_SAFE_INTEGER, 1);
  if (first !== undefined) {
    faults.add('removed', first.number, 'the record of where the log begins and ends was removed');
  }
  return 0;
}

async function verifyRows(
  ctx: Looking,
  chain: ChainRow & { readonly beyond: number },
  faults: Faults,
): Promise<number> {
  const { db, node } = ctx;
  const head = headOf(chain);
  const checkpoint = checkpointOf(chain);
  if (checkpoint !== null) {
    await verifyCheckpoint(ctx, { ...checkpoint, signature: chain.pruned_signature }, faults);
  } else {
    const before = await store.countUpTo(db, node.id, 0);
    if (before > 0) faults.add('inserted', 0, `${said(before)} put before the first of ours`);
  }
  const rows = await walk(db, node, checkpoint, head, faults);
  if (!isSame(chain.signature, signHead(node, head))) {
    faults.add('signature', head.number, `the signature of the newest row, ${head.number}, is wrong`);
  }
  if (chain.beyond > 0) {
    faults.add(
      'inserted',
      head.number + 1,
      `${said(chain.beyond)} put behind row ${head.number}, the newest of ours`,
    );
  }
  return rows;
}

async function verifyCheckpoint(
  { db, node }: Looking,
  { signature, ...checkpoint }: Checkpoint & { readonly signature: Uint8Array | null },
  faults: Faults,
): Promise<void> {
  const { number } = checkpoint;
  if (signature === null || !isSame(signature, signCheckpoint(node, checkpoint))) {
    faults.add('signature', number, `the signature under the removal of the rows up to ${number} is wrong`);
  }
  const left = await store.countUpTo(db, node.id, number);
  if (left > 0) {
    faults.add('inserted', number, `${said(left)} put among those up to ${number}, which age had removed`);
  }
}

/** Every row from the checkpoint to the head. @returns how many there were */
async function walk(
  db: Context['db'],
  node: Context['node'],
  checkpoint: Head | null,
  head: Head,
  faults: Faults,
): Promise<number> {
  let { number, mac } = checkpoint ?? { number: 0, mac: genesis(node) };
  let lastId = 0;
  let count = 0;
  while (number < head.number) {
    const rows = await store.rowsAfter(db, node.id, number, BATCH);
    for (const row of rows) {
      // Anything may stand there, text too: what is not up to the head is behind it.
      if (!(row.number <= head.number)) break;
      let isFollowing = row.number === number + 1;
      if (!isFollowing) {
        const pruned = await prunedMeanwhile(db, node.id, row.number);
        if (pruned === null) tellRemoved(faults, number + 1, row.number - 1);
        else ({ mac, isFollowing } = { mac: pruned, isFollowing: true });
      }
      const { id, mac: written, ...columns } = row;
      // Behind a gap it can't be told whether this very row is as it was: the one before it is missing.
      if (isFollowing && !isSame(written, macOf(node, mac, columns))) tellAltered(faults, row);
      else if (id <= lastId) faults.add('moved', row.number, `row ${row.number} was moved in the order`);
      ({ number, mac } = row);
      lastId = Math.max(lastId, id);
      count++;
    }
    const isEnd = rows.length < BATCH || (rows.at(-1)?.number ?? 0) >= head.number;
    if (isEnd) break;
  }
  if (number < head.number) tellRemoved(faults, number + 1, head.number);
  else if (!isSame(mac, head.mac)) {
    faults.add('altered', head.number, `row ${head.number} is not the one that was written last`);
  }
  return count;
}

/** Old rows may have been removed while we were reading: then the hash before this row is the checkpoint's. */
async function prunedMeanwhile(db: Context['db'], node: string, number: number): Promise<Uint8Array | null> {
  const chain = await store.chainOf(db, node);
  const checkpoint = chain === null ? null : checkpointOf(chain);
  return checkpoint !== null && checkpoint.number === number - 1 ? checkpoint.mac : null;
}

async function verifyWitness(
  ctx: Looking,
  witness: Head,
  chain: ChainRow | null,
  faults: Faults,
): Promise<void> {
  const head = chain === null ? 0 : headOf(chain).number;
  if (witness.number > head) {
    const rows = `rows ${head + 1} to ${witness.number}`;
    faults.add(
      'removed',
      head + 1,
      `the newest rows are gone: the log had ${rows} when its witness was written`,
    );
  } else if (!(await stillHas(ctx, witness, chain))) {
    const message = `row ${witness.number} is not the one that the witness saw: an older log was put in its place`;
    faults.add('witness', witness.number, message);
  }
}

function tellRemoved(faults: Faults, from: number, to: number): void {
  const rows = from === to ? `row ${from} was` : `rows ${from} to ${to} were`;
  faults.add('removed', from, `${rows} removed`);
}

function tellAltered(faults: Faults, row: store.EventRow): void {
  const isDate = Number.isSafeInteger(row.at) && Math.abs(row.at) < MAX_DATE;
  const at = isDate ? new Date(row.at).toISOString() : 'no date';
  const what = `${at}, ${shown(row.action)}, by ${shown(row.actor_login ?? 'nobody')}`;
  faults.add('altered', row.number, `row ${row.number} (${what}) was altered, or written by somebody else`);
}

/** Goes to a terminal, and may be anything. */
function shown(text: unknown): string {
  return String(text)
    .slice(0, 60)
    .replace(/[^\x20-\x7e]/g, '?');
}

const said = (count: number) => (count === 1 ? 'a row was' : `${count} rows were`);
