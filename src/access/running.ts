// What runs for longer than a moment by a credential: clones, pushes, SSH sessions. When anything was written to the
// database, each is verified and decided anew, and ends when it may no longer be (design: within a second, whoever
// wrote). While nothing runs, nothing is asked; while nothing is written, one small question a tenth of a second.
import type { Logger } from 'pino';
import type { ChangeStamp } from '../db/changes.ts';
import type { Actor } from './actor.ts';
import type { Authenticated } from './authenticate.ts';

/** How often it is asked whether anything was written. */
const EVERY_MS = 100;

export type Lost =
  /** The credential is dead: deleted, regenerated, expired, or its owner suspended. */
  | 'credential-lost'
  /** The credential lives, but this is no longer allowed to it. */
  | 'access-lost';

export interface RunsByCredential {
  readonly actor: Actor;
  /** May it go on? Decides anew. @param actor the same caller as of now */
  mayGoOn(actor: Actor): Promise<boolean> | boolean;
  /** Ends it. Called at most once. */
  end(because: Lost): void;
}

/** Verifies a caller's credential again, by what the actor tells of it. */
export type VerifyAgain = (actor: Actor) => Promise<Authenticated>;

export interface Running {
  /** Begins to look after something. Call what it gives when that has ended by itself. */
  begin(what: RunsByCredential): () => void;
  readonly count: number;
}

export interface RunningOptions {
  readonly stamp: ChangeStamp;
  readonly verifyAgain: VerifyAgain;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Logger;
}

interface Entry {
  readonly what: RunsByCredential;
  /** As of the last verification: a token's life may have been shortened. */
  actor: Actor;
  /** The stamp of when it was last verified; null: not since it began, and much may have happened on its way here. */
  stamp: string | null;
}

/** One for the whole server. */
export function createRunning({ stamp, verifyAgain, now, log }: RunningOptions): Running {
  const entries = new Set<Entry>();
  let timer: NodeJS.Timeout | undefined;

  function lose(entry: Entry, because: Lost): void {
    if (entries.delete(entry)) entry.what.end(because);
  }

  async function verify(entry: Entry): Promise<void> {
    const { actor } = await verifyAgain(entry.actor);
    if (actor === undefined) return lose(entry, 'credential-lost');
    entry.actor = actor;
    if (!(await entry.what.mayGoOn(actor))) lose(entry, 'access-lost');
  }

  async function look(): Promise<void> {
    for (const entry of [...entries]) {
      if (hasExpired(entry.actor, now())) lose(entry, 'credential-lost');
    }
    const present = await stamp();
    for (const entry of [...entries]) {
      if (entry.stamp === present || !entries.has(entry)) continue;
      await verify(entry);
      entry.stamp = present;
    }
  }

  function lookLater(): void {
    timer = setTimeout(() => {
      look()
        .catch((error: unknown) => log.error({ err: error }, 'what runs could not be verified; tried again'))
        .finally(() => {
          if (entries.size > 0) lookLater();
          else timer = undefined;
        });
    }, EVERY_MS).unref();
  }

  return {
    begin(what) {
      const entry: Entry = { what, actor: what.actor, stamp: null };
      entries.add(entry);
      if (timer === undefined) lookLater();
      return () => void entries.delete(entry);
    },
    get count() {
      return entries.size;
    },
  };
}

/** Time passes without anything being written. */
function hasExpired(actor: Actor, now: number): boolean {
  if (actor.kind !== 'user' || actor.grant.kind !== 'scopes') return false;
  return actor.grant.expiresAt !== null && actor.grant.expiresAt <= now;
}
