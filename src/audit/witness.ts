// The witness of the security log: a small signed file in DATA/keys that says how far the log had come, a second ago
// at most. Who can write the database but not this folder can't cut off the newest rows, nor put back an older
// database as a whole, without the witness contradicting it.
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Context, Node } from '../context.ts';
import { type ChainRow, checkpointOf, genesis, type Head, headOf, isSame, signHead } from './chain.ts';
import { keysDirectory, writeDurably } from './node.ts';
import * as store from './store.ts';

/** How often the server calls `keep`. */
export const WITNESS_EVERY_MS = 1_000;

export function witnessFile(config: Pick<Config, 'dataDirectory'>): string {
  return join(keysDirectory(config), 'audit-head.json');
}

export interface Witness {
  /** Writes down how far the log has come, if it has come further and nothing contradicts. */
  keep(): Promise<void>;
}

/** One for each process; several may keep the same file. */
export function createWitness(ctx: Context): Witness {
  const { node, config } = ctx;
  let written: Head | null = null;
  let isAlarmed = false;

  /** Told once a process: `latchkey doctor` tells the rest. */
  const alarm = (message: string): void => {
    if (!isAlarmed) ctx.log.error({ node: node.id }, `the security log was tampered with: ${message}`);
    isAlarmed = true;
  };

  return {
    async keep() {
      const chain = await store.chainOf(ctx.db, node.id);
      const head: Head = chain === null ? { number: 0, mac: genesis(node) } : headOf(chain);
      if (written !== null && written.number === head.number && isSame(written.mac, head.mac)) return;
      if (chain !== null && !isSame(chain.signature, signHead(node, head))) {
        return alarm('the signature of its newest row is wrong');
      }
      const witness = await readWitness(config, node);
      if (witness === 'damaged') ctx.log.warn('the witness of the security log was damaged; it is made anew');
      else if (witness !== null) {
        if (witness.number > head.number) return alarm('its newest rows are gone');
        if (!(await stillHas(ctx, witness, chain))) return alarm('rows were replaced');
      } else if (chain === null) return;
      await writeWitness(config, node, head);
      written = head;
    },
  };
}

/** Does the log still have the row that the witness saw? What was removed because of its age is taken on trust. */
export async function stillHas(
  { db, node }: Pick<Context, 'db' | 'node'>,
  witness: Head,
  chain: ChainRow | null,
): Promise<boolean> {
  const checkpoint = chain === null ? null : checkpointOf(chain);
  if (checkpoint !== null && witness.number < checkpoint.number) return true;
  if (checkpoint !== null && witness.number === checkpoint.number) {
    return isSame(checkpoint.mac, witness.mac);
  }
  if (witness.number === 0) return isSame(genesis(node), witness.mac);
  const mac = await store.macAt(db, node.id, witness.number);
  return mac !== null && isSame(mac, witness.mac);
}

/** Null: there is none. `damaged`: it is not one that this node has signed. */
export async function readWitness(
  config: Pick<Config, 'dataDirectory'>,
  node: Node,
): Promise<Head | 'damaged' | null> {
  let text: string;
  try {
    text = await readFile(witnessFile(config), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { number, mac, signature } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const head = { number: Number(number), mac: Buffer.from(String(mac), 'base64') };
    const isOurs = isSame(Buffer.from(String(signature), 'base64'), signHead(node, head));
    return isOurs ? head : 'damaged';
  } catch {
    return 'damaged';
  }
}

async function writeWitness(config: Pick<Config, 'dataDirectory'>, node: Node, head: Head): Promise<void> {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const text = {
    node: node.id,
    number: head.number,
    mac: base64(head.mac),
    signature: base64(signHead(node, head)),
  };
  const unfinished = `${witnessFile(config)}.${process.pid}`;
  await writeDurably(unfinished, `${JSON.stringify(text)}\n`);
  await rename(unfinished, witnessFile(config));
}
