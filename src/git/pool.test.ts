import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPool, PoolFullError } from './pool.ts';

/** Asks for turns and notes who got them, in order. */
function start(size: number, queue = 1000) {
  const pool = createPool({ size, queue });
  const order: string[] = [];
  const leave: (() => void)[] = [];
  const enter = (caller: string, signal = new AbortController().signal) =>
    pool.enter(caller, signal).then((done) => {
      order.push(caller);
      leave.push(done);
    });
  /** Ends the one that has run longest. */
  const next = async () => {
    leave.shift()?.();
    await settle();
  };
  return { pool, order, enter, next };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the pool', () => {
  it('lets at most so many run at once', async () => {
    const { pool, enter, next } = start(2);
    for (const caller of ['a', 'b', 'c', 'd']) void enter(caller);
    await settle();
    expect([pool.running, pool.waiting]).toEqual([2, 2]);
    await next();
    expect([pool.running, pool.waiting]).toEqual([2, 1]);
  });

  it('gives callers turns, however many requests one of them has', async () => {
    const { order, enter, next } = start(1);
    for (let i = 0; i < 5; i++) void enter('busy');
    void enter('b');
    void enter('c');
    for (let i = 0; i < 7; i++) await next();
    expect(order).toEqual(['busy', 'busy', 'b', 'c', 'busy', 'busy', 'busy']);
  });

  it('keeps a quarter for others than the busiest', async () => {
    const { pool, order, enter } = start(8);
    for (let i = 0; i < 20; i++) void enter('busy');
    await settle();
    expect(pool.running).toBe(6);
    void enter('b');
    await settle();
    expect(order.at(-1)).toBe('b');
  });

  it('drops a request whose client leaves while it waits, and only that', async () => {
    const { pool, order, enter, next } = start(1);
    void enter('a');
    const leaver = new AbortController();
    const left = enter('a', leaver.signal);
    void enter('b');
    leaver.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    expect(pool.waiting).toBe(1);
    await next();
    await next();
    expect(order).toEqual(['a', 'b']);
    expect([pool.running, pool.waiting]).toEqual([0, 0]);
  });

  it('turns away who finds no room, beginning with whom most wait for', async () => {
    const { pool, enter, order, next } = start(1, 3);
    void enter('busy');
    const waiting = [enter('busy'), enter('busy'), enter('busy')];
    await expect(enter('busy')).rejects.toThrow(PoolFullError);
    // A newcomer takes the place of the last of the longest line.
    const newcomer = enter('b');
    await expect(waiting[2]).rejects.toThrow(PoolFullError);
    expect(pool.waiting).toBe(3);
    for (let i = 0; i < 5; i++) await next();
    await newcomer;
    expect(order).toContain('b');
    expect(pool.running).toBe(0);
  });

  it('counts a turn that was left twice once', async () => {
    const pool = createPool({ size: 1, queue: 10 });
    const signal = new AbortController().signal;
    const leave = await pool.enter('a', signal);
    leave();
    leave();
    expect(pool.running).toBe(0);
  });

  it('never runs more than it may, loses nobody and comes to rest, whatever happens', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('enter' as const), caller: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ kind: fc.constantFrom('leave' as const, 'abort' as const), at: fc.nat(20) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.nat(6),
        fc.array(step),
        async (size, queue, steps) => {
          const pool = createPool({ size, queue });
          const inside: (() => void)[] = [];
          const aborts: AbortController[] = [];
          let entered = 0;
          let ended = 0;
          for (const one of steps) {
            if (one.kind === 'enter') {
              const controller = new AbortController();
              aborts.push(controller);
              entered++;
              pool.enter(one.caller, controller.signal).then(
                (leave) => inside.push(leave),
                () => ended++,
              );
            } else if (one.kind === 'leave') {
              const [leave] = inside.splice(one.at % Math.max(1, inside.length), 1);
              if (leave !== undefined) {
                leave();
                ended++;
              }
            } else aborts[one.at]?.abort(new Error('gone'));
            await settle();
            expect(pool.running).toBeLessThanOrEqual(size);
            expect(pool.waiting).toBeLessThanOrEqual(queue);
            expect(pool.running).toBe(inside.length);
            expect(entered).toBe(ended + pool.running + pool.waiting);
          }
          while (inside.length > 0) {
            inside.shift()?.();
            await settle();
          }
          expect([pool.running, pool.waiting]).toEqual([0, 0]);
        },
      ),
      { numRuns: 50 },
    );
  });
});
