// Bad credentials are counted, and who brings too many is told so (ghes-spec 5.2 row 2, 5.6). The look-up of a token
// always comes first, so a good one is never touched, neither from the same address nor from elsewhere: guessing at
// 178 random bits is hopeless, and a limit that shut good tokens out would let anybody behind the same address shut
// them out. It is for keeping broken scripts and guessers from filling logs, and costs two counters in memory.
import { hash } from 'node:crypto';
import { createCounters } from './counters.ts';
import { networkOf } from './networks.ts';

/** GHES: ten failures for an account from an address (ghes-spec 5.6). */
export const FREE_ATTEMPTS = 10;
/** Under all names together from one address, as from an office behind one router. */
export const FREE_ATTEMPTS_OF_ADDRESS = 100;
const ATTEMPTS_WINDOW_MS = 5 * 60_000;

/** At most this many names and addresses: some two megabytes. */
const MAX_COUNTED = 10_000;

export interface Attempts {
  /**
   * Counts a bad credential.
   * @param name the account that was named beside it; null: none
   * @returns false once there were too many of them
   */
  failed(name: string | null, address: string): boolean;
}

export function createAttempts(now: () => number): Attempts {
  const counters = createCounters({ now, windowMs: ATTEMPTS_WINDOW_MS, maxNames: MAX_COUNTED });
  return {
    failed(name, address) {
      const network = networkOf(address);
      // Names are hostile and long; what somebody typed is not kept.
      const both = hash('sha256', JSON.stringify([name?.toLowerCase() ?? null, network]), 'base64url');
      const ofBoth = counters.add(both, 1).used <= FREE_ATTEMPTS;
      return counters.add(network, 1).used <= FREE_ATTEMPTS_OF_ADDRESS && ofBoth;
    },
  };
}
