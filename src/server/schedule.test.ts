import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startSchedule, type Task } from './schedule.ts';

const log = pino({ level: 'silent' });

describe('Periodic work', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function counted(run: () => Promise<unknown>, more: Partial<Task> = {}) {
    const task = { name: 'counted', everyMs: 1_000, runs: 0, ...more };
    return Object.assign(task, {
      run: async () => {
        task.runs++;
        await run();
      },
    });
  }

  it('runs once an interval, and at the start where that is wanted', async () => {
    const [late, early] = [counted(async () => undefined), counted(async () => undefined, { atStart: true })];
    const schedule = startSchedule([late, early], log);
    await vi.advanceTimersByTimeAsync(0);
    expect([late.runs, early.runs]).toEqual([0, 1]);
    await vi.advanceTimersByTimeAsync(3_000);
    expect([late.runs, early.runs]).toEqual([3, 4]);
    await schedule.stop();
  });

  it('never runs twice at a time', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow = counted(() => promise);
    const schedule = startSchedule([slow], log);
    await vi.advanceTimersByTimeAsync(5_000);
    void schedule.runAll();
    expect(slow.runs).toBe(1);
    resolve();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(slow.runs).toBe(2);
    await schedule.stop();
  });

  it('goes on after a failure', async () => {
    const failing = counted(() => Promise.reject(new Error('disk full')));
    const schedule = startSchedule([failing], log);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(failing.runs).toBe(2);
    await schedule.stop();
  });

  it('stops when what runs is done, and starts nothing more', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow = counted(() => promise);
    const schedule = startSchedule([slow], log);
    await vi.advanceTimersByTimeAsync(1_000);
    let stopped = false;
    const stopping = schedule.stop().then(() => {
      stopped = true;
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(stopped).toBe(false);
    resolve();
    await stopping;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(slow.runs).toBe(1);
  });
});
