// A bound on how much of one kind of short work goes on at once: those past it wait for their turn.

/** Thrown when so many wait already that one more would wait too long; answered as 503. */
export class TooManyWaitingError extends Error {
  override name = 'TooManyWaitingError';
  readonly statusCode = 503;
  constructor() {
    super('The server has too much to do just now.');
  }
}

export interface Turns {
  /** Runs the work when it is its turn. @throws TooManyWaitingError */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createTurns(limits: { readonly running: number; readonly waiting: number }): Turns {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    async run(work) {
      if (running >= limits.running) {
        if (waiting.length >= limits.waiting) throw new TooManyWaitingError();
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else {
        running += 1;
      }
      try {
        return await work();
      } finally {
        // Whoever is next takes over the place itself, so that nobody can slip in between.
        const next = waiting.shift();
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}
