import { describe, expect, it } from 'vitest';
import { createTurns, TooManyWaitingError } from './turns.ts';

/** Work that ends when told to. */
function work() {
  const { promise, resolve } = Promise.withResolvers<void>();
  let begun = false;
  return {
    end: resolve,
    hasBegun: () => begun,
    run: () => {
      begun = true;
      return promise;
    },
  };
}

describe('taking turns', () => {
  it('lets no more run at once than it may, the others in their order, and turns away who would wait too long', async () => {
    const turns = createTurns({ running: 2, waiting: 2 });
    const works = [work(), work(), work(), work()];
    const runs = works.map(({ run }) => turns.run(run));
    const begun = () => works.map(({ hasBegun }) => hasBegun());
    expect(begun()).toEqual([true, true, false, false]);
    await expect(turns.run(work().run)).rejects.toThrow(TooManyWaitingError);
    works[1]?.end();
    await runs[1];
    await Promise.resolve();
    expect(begun()).toEqual([true, true, true, false]);
    for (const { end } of works) end();
    await Promise.all(runs);
    expect(begun()).toEqual([true, true, true, true]);
    const late = work();
    late.end();
    await turns.run(late.run);
    expect(late.hasBegun()).toBe(true);
  });

  it('gives the place on when the work fails', async () => {
    const turns = createTurns({ running: 1, waiting: 1 });
    const failing = turns.run(() => Promise.reject(new Error('no')));
    const next = turns.run(() => Promise.resolve('yes'));
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });
});
