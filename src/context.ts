// What a running Latchkey is made of; given to every feature, so that nothing is global and two servers can run
// in one process, each with its own clock.
import type { KeyObject } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import type { Db } from './db/database.ts';
import type { RandomBytes } from './secrets/secret.ts';

export interface Context {
  readonly config: Config;
  readonly db: Db;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly random: RandomBytes;
  readonly log: Logger;
  readonly node: Node;
}

/** Who signs what is logged: the processes that share a data directory are one node. */
export interface Node {
  readonly id: string;
  /** Kept outside of the database (audit/node.ts). */
  readonly key: KeyObject;
}

/**
 * A context in which somebody does something. Every rule that changes anything takes it, so that no change can be
 * written without saying who made it.
 */
export interface Acting extends Context {
  readonly by: Doer;
}

/** Who does something, by which credential, and from where. */
export interface Doer {
  /** Null: nobody who has an account; the operator at the command line, a deploy key, or Latchkey itself. */
  readonly account: { readonly id: number; readonly login: string } | null;
  readonly credential: DoersCredential;
  /** Null where nothing came over a network. */
  readonly address: string | null;
  readonly userAgent: string | null;
  /** Of the request; null outside of one. */
  readonly requestId: string | null;
}

export type DoersCredential =
  | { readonly kind: 'none' }
  | { readonly kind: 'session'; readonly sessionId: number }
  /** `hash`: SHA-256 of the token; `application`: the name of who holds it, missing for personal access tokens. */
  | {
      readonly kind: 'token';
      readonly tokenId: number;
      readonly hash: Uint8Array;
      readonly application?: string;
    }
  | { readonly kind: 'key'; readonly keyId: number }
  | { readonly kind: 'deploy-key'; readonly keyId: number; readonly repositoryId: number }
  /** An OAuth application by its own credentials. */
  | { readonly kind: 'application'; readonly name: string; readonly clientId: string }
  /** Who may run commands on the server's machine. */
  | { readonly kind: 'operator' }
  /** Latchkey by itself: expiry, housekeeping. */
  | { readonly kind: 'latchkey' };

const outsideOfRequests = { account: null, address: null, userAgent: null, requestId: null } as const;

/** Who runs a command of `latchkey`. */
export const operator: Doer = { ...outsideOfRequests, credential: { kind: 'operator' } };

/** Latchkey by itself. */
export const latchkey: Doer = { ...outsideOfRequests, credential: { kind: 'latchkey' } };
