// Counts per name within a window of time, in memory that has a bound: what bad credentials and optional rate
// limits are counted with. A process counts for itself, and forgets at its end; docs/decisions/0018-limits-in-memory.md says why.

export interface Count {
  /** Within the present window. */
  readonly used: number;
  /** When the present window ends: milliseconds since 1970. */
  readonly endsAt: number;
}

export interface Counters {
  /** What stands there now. */
  read(name: string): Count;
  /** Counts so many more. */
  add(name: string, amount: number): Count;
}

interface Options {
  readonly now: () => number;
  /** A window begins with the first count after the last one ended. */
  readonly windowMs: number;
  /** The longest unused name is forgotten when there are more. */
  readonly maxNames: number;
}

export function createCounters({ now, windowMs, maxNames }: Options): Counters {
  // In order of last use, since each use puts its name at the end.
  const counts = new Map<string, { used: number; endsAt: number }>();
  const read = (name: string): Count => {
    const known = counts.get(name);
    return known !== undefined && known.endsAt > now() ? known : { used: 0, endsAt: now() + windowMs };
  };
  return {
    read,
    add(name, amount) {
      const { used, endsAt } = read(name);
      const next = { used: Math.max(0, used + amount), endsAt };
      counts.delete(name);
      counts.set(name, next);
      if (counts.size > maxNames) {
        for (const oldest of counts.keys()) {
          counts.delete(oldest);
          break;
        }
      }
      return next;
    },
  };
}
