import { describe, expect, it } from 'vitest';
import { createReadingPool, TooManyWaitingError } from './turns.ts';

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
    const turns = createReadingPool({ size: 2, queue: 2 });
    const works = [work(), work(), work(), work()];
    const runs = works.map(({ run }) => turns.run('a', run));
    await new Promise(setImmediate);
    const begun = () => works.map(({ hasBegun }) => hasBegun());
    expect(begun()).toEqual([true, true, false, false]);
    await expect(turns.run('a', work().run)).rejects.toThrow(TooManyWaitingError);
    works[1]?.end();
    await runs[1];
    await new Promise(setImmediate);
    expect(begun()).toEqual([true, true, true, false]);
    for (const { end } of works) end();
    await Promise.all(runs);
    expect(begun()).toEqual([true, true, true, true]);
    const late = work();
    late.end();
    await turns.run('a', late.run);
    expect(late.hasBegun()).toBe(true);
  });

  it('gives the place on when the work fails', async () => {
    const turns = createReadingPool({ size: 1, queue: 1 });
    const failing = turns.run('a', () => Promise.reject(new Error('no')));
    const next = turns.run('a', () => Promise.resolve('yes'));
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });

  it('lets who asks for little go before the rest of who asks for very much', async () => {
    const turns = createReadingPool({ size: 1, queue: 100 });
    const order: string[] = [];
    const ask = (whose: string) => turns.run(whose, async () => order.push(whose));
    await Promise.all([...Array.from({ length: 50 }, () => ask('greedy')), ask('modest')]);
    expect(order.indexOf('modest')).toBeLessThan(3);
    expect(order).toHaveLength(51);
  });
});
