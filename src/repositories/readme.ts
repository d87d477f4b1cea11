// Rendering the README of a repository within bounds of size, time and memory, away from the thread that serves.
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { MarkdownPlace } from './markdown.ts';
import type { MarkdownJob } from './markdown-worker.ts';

/** Longer texts are not rendered, in bytes; GitHub's own bound is of this size. */
export const MAX_README_BYTES = 512 * 1024;

export interface MarkdownRenderer {
  /** Safe HTML; null when the text is too long or took too long. */
  render(source: string, place: MarkdownPlace): Promise<string | null>;
}

export interface RendererBounds {
  /** Default 3,000. */
  readonly timeoutMs?: number;
  /** The thread ends after so long without work. Default 60,000. */
  readonly idleMs?: number;
}

/** This file's own ending: `.ts` as written, `.js` as built. */
const workerFile = new URL(`./markdown-worker${extname(import.meta.url)}`, import.meta.url);

/** One thread that renders one text after the other; it starts with the first and ends when there are no more. */
export function createMarkdownRenderer(bounds: RendererBounds = {}): MarkdownRenderer {
  const { timeoutMs = 3_000, idleMs = 60_000 } = bounds;
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const stop = () => {
    const stopped = worker;
    worker = undefined;
    return stopped?.terminate();
  };
  const start = (): Worker => {
    const started = new Worker(workerFile, {
      resourceLimits: { maxOldGenerationSizeMb: 128, stackSizeMb: 4 },
      // Neither our environment nor our flags are any business of what handles foreign text.
      env: {},
      execArgv: [],
    });
    started.unref();
    return started;
  };
  const renderNow = async (job: MarkdownJob): Promise<string | null> => {
    clearTimeout(idle);
    worker ??= start();
    const answer = await ask(worker, job, timeoutMs);
    if (answer === null) await stop();
    else idle = setTimeout(stop, idleMs).unref();
    return answer;
  };

  return {
    render(source, place) {
      if (Buffer.byteLength(source) > MAX_README_BYTES) return Promise.resolve(null);
      const rendered = last.then(() => renderNow({ source, place }));
      last = rendered;
      return rendered;
    },
  };
}

/** What the thread makes of it; null when it fails, runs out of memory or takes too long. */
function ask(worker: Worker, job: MarkdownJob, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const finish = (answer: string | null) => {
      clearTimeout(timer);
      worker.off('message', finish).off('error', fail).off('exit', fail);
      resolve(answer);
    };
    const fail = () => finish(null);
    const timer = setTimeout(fail, timeoutMs);
    worker.on('message', finish).on('error', fail).on('exit', fail);
    worker.postMessage(job);
  });
}
