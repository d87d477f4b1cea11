// The chain that makes the security log tell when it was tampered with: every row carries a keyed hash over itself
// and the row before it, and the newest of these hashes is signed as the chain's head. The key lies outside of the
// database (node.ts), so that who can write there can break the chain, and never mend it.
// What that finds and what it can't: docs/decisions, "The security log is a chain".
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Node } from '../context.ts';
import type { AuditChainsTable, AuditEventsTable } from '../db/schema.ts';

/** A row as it was meant to be: all of it but its place in the database and its hash. */
export type SealedColumns = Omit<AuditEventsTable, 'id' | 'mac'>;

/**
 * The columns in the order in which they are hashed, all of them. Never reorder them; where one is added, the form
 * below gets a new name, and the old one stays for the rows that have it.
 */
const columns = {
  node: true,
  number: true,
  at: true,
  action: true,
  operation: true,
  actor_id: true,
  actor_login: true,
  user_id: true,
  user_login: true,
  organization_id: true,
  organization_login: true,
  repository_id: true,
  repository_name: true,
  token_id: true,
  hashed_token: true,
  about_token_id: true,
  about_hashed_token: true,
  address: true,
  user_agent: true,
  request_id: true,
  data: true,
} as const satisfies Record<keyof SealedColumns, true>;

const order = Object.keys(columns) as readonly (keyof SealedColumns)[];

/** One text for one row, whatever database it was read from; no two different rows have the same. */
function canonicalForm(row: SealedColumns): string {
  return JSON.stringify(['row 1', ...order.map((name) => plain(row[name]))]);
}

function plain(value: string | number | bigint | Uint8Array | null): string | number | null {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return typeof value === 'bigint' ? Number(value) : value;
}

/** What stands before the first row. */
export function genesis(node: Node): Uint8Array {
  return hmac(node, `latchkey genesis ${node.id}`);
}

/** The hash of a row that follows the one with the hash `previous`. */
export function macOf(node: Node, previous: Uint8Array, row: SealedColumns): Uint8Array {
  return hmac(node, previous, canonicalForm(row));
}

/** The newest row of a chain: as many were ever written, and the hash of the last. */
export interface Head {
  readonly number: number;
  readonly mac: Uint8Array;
}

/** Signs that this was the newest row at some moment. */
export function signHead(node: Node, { number, mac }: Head): Uint8Array {
  return hmac(node, `latchkey head ${node.id} ${number} `, mac);
}

/** Where a chain begins, since the rows before were removed because of their age. */
export interface Checkpoint extends Head {
  /** When they were removed, in milliseconds since 1970. */
  readonly at: number;
}

/** Signs that the rows up to this one were removed by Latchkey itself. */
export function signCheckpoint(node: Node, { number, mac, at }: Checkpoint): Uint8Array {
  return hmac(node, `latchkey checkpoint ${node.id} ${number} ${at} `, mac);
}

/** The record of a chain. */
export type ChainRow = Selectable<AuditChainsTable>;

export function headOf(chain: ChainRow): Head {
  return { number: Number(chain.number), mac: chain.mac };
}

/** Null: nothing was removed from it yet. */
export function checkpointOf(chain: ChainRow): (Checkpoint & { readonly signature: Uint8Array }) | null {
  const { pruned_number: number, pruned_mac: mac, pruned_at: at, pruned_signature: signature } = chain;
  if (Number(number) === 0) return null;
  const none = new Uint8Array();
  return { number: Number(number), mac: mac ?? none, at: Number(at ?? 0), signature: signature ?? none };
}

/** Whoever has written to the database may have put anything there: what is no bytes is not the same. */
export function isSame(a: unknown, b: unknown): boolean {
  if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array)) return false;
  return a.length === b.length && timingSafeEqual(a, b);
}

function hmac({ key }: Node, ...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const hash = createHmac('sha256', key);
  for (const part of parts) hash.update(part);
  return hash.digest();
}
