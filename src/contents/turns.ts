// A bound on how much of one kind of short work goes on at once: those past it wait for their turn, and who asks for
// very much waits for himself, not everybody for him.
import { createPool, PoolFullError, type PoolLimits } from '../git/pool.ts';

/** Thrown when so many wait already that one more would wait too long; answered as 503. */
export class TooManyWaitingError extends Error {
  override name = 'TooManyWaitingError';
  readonly statusCode = 503;
  constructor() {
    super('The server has too much to do just now.');
  }
}

export interface ReadingPool {
  /**
   * Runs the work when it is its turn.
   * @param whose works of the same take turns with works of others
   * @throws TooManyWaitingError
   */
  run<T>(whose: string, work: () => Promise<T>): Promise<T>;
}

export function createReadingPool(limits: PoolLimits): ReadingPool {
  const pool = createPool(limits);
  return {
    async run(whose, work) {
      const leave = await pool.enter(whose, new AbortController().signal).catch((error: unknown) => {
        throw error instanceof PoolFullError ? new TooManyWaitingError() : error;
      });
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
