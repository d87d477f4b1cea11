// Periodic work, all under one roof: each task runs by itself, never twice at a time, and a failure is logged and
// tried again next time.
import type { Logger } from 'pino';

export interface Task {
  readonly name: string;
  /** From the end of one run to the start of the next. */
  readonly everyMs: number;
  /** Does it also run at the start? */
  readonly atStart?: boolean;
  run(): Promise<unknown>;
}

export interface Schedule {
  /** Runs every task once, now; for tests, and for what must not wait. */
  runAll(): Promise<void>;
  /** No task starts any more; waits for those that run. */
  stop(): Promise<void>;
}

export function startSchedule(tasks: readonly Task[], log: Logger): Schedule {
  const timers = new Map<Task, NodeJS.Timeout>();
  const running = new Map<Task, Promise<void>>();
  let stopped = false;

  const run = (task: Task): Promise<void> => {
    const present = running.get(task);
    if (present !== undefined) return present;
    clearTimeout(timers.get(task));
    const work = task
      .run()
      .catch((error: unknown) => log.error({ err: error, task: task.name }, 'periodic work failed'))
      .then(() => {
        running.delete(task);
        plan(task);
      });
    running.set(task, work);
    return work;
  };
  const plan = (task: Task, inMs = task.everyMs): void => {
    if (stopped) return;
    const timer = setTimeout(run, inMs, task);
    timer.unref();
    timers.set(task, timer);
  };
  for (const task of tasks) plan(task, task.atStart === true ? 0 : task.everyMs);

  return {
    runAll: async () => {
      await Promise.all(tasks.map(run));
    },
    stop: async () => {
      stopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all(running.values());
    },
  };
}
