// How many git processes of requests run at once, and who is next. Callers take turns, so that one with a
// hundred requests delays another by one turn, not by a hundred.

export interface PoolLimits {
  /** How many may run at once. */
  readonly size: number;
  /** How many may wait. */
  readonly queue: number;
}

/** Thrown to whom there is no room for, not even to wait. */
export class PoolFullError extends Error {
  override name = 'PoolFullError';
}

export interface Pool {
  /**
   * Waits for a turn. Call the function it gives once, when the work is over.
   * @param caller whose turn it is: an account or an address
   * @throws PoolFullError; or the signal's reason, when the caller left while waiting
   */
  enter(caller: string, signal: AbortSignal): Promise<() => void>;
  readonly running: number;
  readonly waiting: number;
}

interface Waiter {
  readonly start: () => void;
  readonly turnAway: () => void;
}

export function createPool(limits: PoolLimits, onChange: (pool: Pool) => void = () => undefined): Pool {
  /** One caller never takes the last quarter, so that slow clones of one leave room for the others. */
  const sizeForOne = Math.max(1, limits.size - Math.floor(limits.size / 4));
  const runningOf = new Map<string, number>();
  /** Who waits, in the order of turns: whoever has had one goes to the end. */
  const lines = new Map<string, Waiter[]>();
  let running = 0;
  let waiting = 0;

  function mayRun(caller: string): boolean {
    return running < limits.size && (runningOf.get(caller) ?? 0) < sizeForOne;
  }

  function takeTurns(): void {
    while (running < limits.size) {
      const next = [...lines].find(([caller]) => mayRun(caller));
      if (next === undefined) return;
      const [caller, line] = next;
      const waiter = line.shift();
      lines.delete(caller);
      if (line.length > 0) lines.set(caller, line);
      waiting--;
      running++;
      runningOf.set(caller, (runningOf.get(caller) ?? 0) + 1);
      waiter?.start();
    }
  }

  function leave(caller: string): void {
    running--;
    const left = (runningOf.get(caller) ?? 1) - 1;
    if (left === 0) runningOf.delete(caller);
    else runningOf.set(caller, left);
    takeTurns();
    onChange(pool);
  }

  /** Takes a waiter out of the line. @returns false when it was not there any more */
  function dropOut(caller: string, waiter: Waiter): boolean {
    const line = lines.get(caller);
    const place = line?.indexOf(waiter) ?? -1;
    if (line === undefined || place === -1) return false;
    line.splice(place, 1);
    if (line.length === 0) lines.delete(caller);
    waiting--;
    return true;
  }

  /** Makes room: the newest of the longest line goes, which is the newcomer itself when its line is the longest. */
  function turnOneAway(newcomer: string): void {
    let longest = newcomer;
    const lengthOf = (caller: string) => lines.get(caller)?.length ?? 0;
    for (const caller of lines.keys()) if (lengthOf(caller) > lengthOf(longest)) longest = caller;
    const last = lines.get(longest)?.at(-1);
    if (last !== undefined && dropOut(longest, last)) last.turnAway();
  }

  const pool: Pool = {
    enter: (caller, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason);
          return;
        }
        const left = () => {
          if (dropOut(caller, waiter)) reject(signal.reason);
          onChange(pool);
        };
        const waiter: Waiter = {
          start: () => {
            signal.removeEventListener('abort', left);
            let isOver = false;
            resolve(() => {
              if (isOver) return;
              isOver = true;
              leave(caller);
            });
          },
          turnAway: () => {
            signal.removeEventListener('abort', left);
            reject(new PoolFullError('too many git operations are waiting'));
          },
        };
        signal.addEventListener('abort', left, { once: true });
        const line = lines.get(caller);
        if (line === undefined) lines.set(caller, [waiter]);
        else line.push(waiter);
        waiting++;
        takeTurns();
        if (waiting > limits.queue) turnOneAway(caller);
        onChange(pool);
      }),
    get running() {
      return running;
    },
    get waiting() {
      return waiting;
    },
  };
  return pool;
}
