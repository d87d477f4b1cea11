// Slows guessing down without locking anybody out. Failures are counted per (account, address) and per address:
// whoever guesses at an account from one address hinders nobody who signs in to it from another, and a crowd
// behind one address gets far more tries than one of them alone. After the free tries each further one must wait,
// twice as long as the one before, at most five minutes; what waits is refused unread and not counted, so that the
// wait ends however much is tried in between. After a quiet hour all is forgotten.
import { hash } from 'node:crypto';
import { networkOf } from '../access/networks.ts';
import type { Context } from '../context.ts';
import * as store from './throttle-store.ts';

/** GHES: ten failures for an account from an address (ghes-spec 5.6). */
export const FREE_TRIES = 10;
/** Of all accounts and links together from one address, as from an office behind one router. */
export const FREE_TRIES_OF_ADDRESS = 100;
const FIRST_WAIT_MS = 30_000;
/** GHES: a window of five minutes (ghes-spec 5.6). */
export const LONGEST_WAIT_MS = 5 * 60_000;
const FORGOTTEN_AFTER_MS = 60 * 60_000;

/**
 * Of six digits, from everywhere: there the password is known already, and a crowd of addresses must not help. At
 * an hour a try, some 24 a day, guessing takes decades.
 */
const FREE_TRIES_EVERYWHERE = 20;
const LONGEST_WAIT_EVERYWHERE_MS = 60 * 60_000;
const FORGOTTEN_EVERYWHERE_AFTER_MS = 24 * 60 * 60_000;

/** At most this many rows: some two megabytes. */
const MAX_BUCKETS = 10_000;
const ROOM = 1000;

export interface Guess {
  /** What is guessed at: an account or a name that nobody has. The kinds of links and of what comes are names too. */
  readonly at: string;
  /** The client's address. */
  readonly address: string;
  /** Counted from all addresses together, too: for what could be guessed by a crowd. */
  readonly everywhere?: true;
}

interface Limit {
  /** Of the bucket. */
  readonly name: string;
  readonly free: number;
  readonly longestWaitMs: number;
  readonly forgottenAfterMs: number;
}

/** A try that may be made. It counts as failed from the start, so that many at once don't slip through. */
export interface Try {
  readonly allowed: true;
  /** It was right: the person is known, the count of (account, address) begins anew. */
  succeeded(): Promise<void>;
  /** It was never made. */
  withdrawn(): Promise<void>;
}

export interface Wait {
  readonly allowed: false;
  readonly retryAfterMs: number;
}

/** May this be tried now? */
export async function beginTry(ctx: Context, guess: Guess): Promise<Try | Wait> {
  const address = networkOf(guess.address);
  const both = digest('both', guess.at, address);
  const one = digest('address', address);
  const near = { longestWaitMs: LONGEST_WAIT_MS, forgottenAfterMs: FORGOTTEN_AFTER_MS };
  const limits: Limit[] = [
    { ...near, name: both, free: FREE_TRIES },
    { ...near, name: one, free: FREE_TRIES_OF_ADDRESS },
  ];
  const all = guess.everywhere === true ? digest('everywhere', guess.at) : null;
  if (all !== null) {
    limits.push({
      name: all,
      free: FREE_TRIES_EVERYWHERE,
      longestWaitMs: LONGEST_WAIT_EVERYWHERE_MS,
      forgottenAfterMs: FORGOTTEN_EVERYWHERE_AFTER_MS,
    });
  }
  const names = limits.map(({ name }) => name);
  const now = ctx.now();
  const retryAfterMs = await ctx.db.transaction().execute(async (db) => {
    const known = new Map((await store.readBuckets(db, names)).map((bucket) => [bucket.bucket, bucket]));
    const next = limits.map((limit) => {
      const bucket = known.get(limit.name);
      const forgotten = bucket === undefined || now - bucket.since >= limit.forgottenAfterMs;
      const failures = forgotten ? 0 : bucket.failures;
      return { name: limit.name, failures, wait: (bucket?.since ?? 0) + waitMs(failures, limit) - now };
    });
    const wait = Math.max(...next.map((bucket) => bucket.wait));
    if (wait > 0) return wait;
    if (known.size < limits.length) await makeRoom(db, now);
    for (const { name, failures } of next) {
      await store.writeBucket(db, { bucket: name, failures: failures + 1, since: now });
    }
    return 0;
  });
  if (retryAfterMs > 0) return { allowed: false, retryAfterMs };
  return {
    allowed: true,
    succeeded: () =>
      ctx.db.transaction().execute(async (db) => {
        await store.deleteBucket(db, both);
        if (all !== null) await store.deleteBucket(db, all);
        await store.takeBack(db, one);
      }),
    withdrawn: () =>
      ctx.db.transaction().execute(async (db) => {
        for (const name of names) await store.takeBack(db, name);
      }),
  };
}

/** How long after the latest of so many failures the next try must wait. */
function waitMs(failures: number, { free, longestWaitMs }: Limit): number {
  return failures < free ? 0 : Math.min(FIRST_WAIT_MS * 2 ** (failures - free), longestWaitMs);
}

async function makeRoom(db: Context['db'], now: number): Promise<void> {
  await store.deleteBucketsUntil(db, now - FORGOTTEN_EVERYWHERE_AFTER_MS);
  const count = await store.countBuckets(db);
  if (count >= MAX_BUCKETS) await store.deleteFaintestBuckets(db, count - MAX_BUCKETS + ROOM);
}

/** What was typed is not kept, and has a bounded length. */
function digest(...parts: readonly string[]): string {
  return hash('sha256', JSON.stringify(parts), 'base64url');
}
