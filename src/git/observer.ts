// What the server may want to know of git's work, for its metrics.
import type { Lost } from '../access/running.ts';
import type { Service } from './protocol.ts';

export interface GitObserver {
  /** Called whenever one of these changes: git processes of requests that run, and requests that wait for one. */
  readonly onProcess?: (counts: { readonly running: number; readonly waiting: number }) => void;
  /** Called once for each request or session that was allowed to use git, when it is over. */
  readonly onOperation?: (operation: GitOperation) => void;
}

export interface GitOperation {
  readonly service: Service;
  readonly part: Part;
  readonly outcome: GitOutcome;
  readonly durationMs: number;
  /** Of what the client sent, inflated. */
  readonly bytesIn: number;
  /** Of the answer that was handed to the connection. */
  readonly bytesOut: number;
}

/**
 * Over HTTP: listing the refs and what the server can do, or the exchange itself (gitprotocol-http(5)). Over a channel
 * of SSH both happen in one session (gitprotocol-pack(5)).
 */
export type Part = 'advertisement' | 'exchange' | 'session';

export type GitOutcome =
  | 'done'
  /** No room, not even to wait. */
  | 'turned-away'
  /** What the client sent can't be taken. */
  | 'bad-input'
  /** git said no or broke. */
  | 'failed'
  | 'client-gone'
  | 'time-up'
  | 'stalled'
  | 'closing'
  | Lost;
