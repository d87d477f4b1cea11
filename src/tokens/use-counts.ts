// The shape of what is counted of a token's uses, for those who gather, keep and show it.
import type { TokenUsesTable } from '../db/schema.ts';

const DAY_MS = 24 * 60 * 60_000;

export type UseKind = TokenUsesTable['kind'];

/** Counters are kept by thirty days each, so that old ones are forgotten one by one. */
export const PERIOD_MS = 30 * DAY_MS;
/** Of one kind, a token has so many counters; those that were raised the longest ago count as `others`. */
export const MAX_NAMED = 50;
export const OTHERS = 'others';
/** The use of a token where no scope was needed. */
export const NO_SCOPE = '';

/** What was gathered of one token. */
export interface GatheredUses {
  readonly counts: Readonly<Record<UseKind, Map<string, number>>>;
  lastUsedAt: number;
}

export interface Counter {
  readonly name: string;
  readonly uses: number;
  /** Milliseconds since 1970. */
  readonly lastUsedAt: number;
}
