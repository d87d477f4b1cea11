// Rendering the README of a repository within bounds of size, time and memory, away from the process that serves: a
// thread of it that runs out of memory can take all of it along.
import { type ChildProcess, fork } from 'node:child_process';
import { hash } from 'node:crypto';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MarkdownPlace } from './markdown.ts';
import type { MarkdownAnswer, MarkdownJob } from './markdown-worker.ts';

/** Longer texts are not rendered, in bytes; GitHub's own bound is of this size. */
export const MAX_README_BYTES = 512 * 1024;

export interface MarkdownRenderer {
  /** Safe HTML; null when the text is too long, took too long, or too many others are waiting. */
  render(source: string, place: MarkdownPlace): Promise<string | null>;
}

export interface RendererOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Default 5,000. */
  readonly timeoutMs?: number;
  /** The process ends after so long without work. Default 60,000. */
  readonly idleMs?: number;
}

/** How many texts may wait for the one process. */
const MAX_WAITING = 16;
/** What was rendered lately is kept, and so is what could not be, so that nobody can keep the process busy with it. */
const MAX_KEPT = 128;
const MAX_KEPT_LENGTH = 128 * 1024;
const FAILURE_KEPT_MS = 10 * 60_000;

interface Kept {
  readonly html: string | null;
  readonly until: number;
}

/** This file's own ending: `.ts` as written, `.js` as built. */
const workerFile = fileURLToPath(new URL(`./markdown-worker${extname(import.meta.url)}`, import.meta.url));
const MAX_HEAP_MIB = 128;

/** One process that renders one text after the other; it starts with the first and ends when there are no more. */
export function createMarkdownRenderer(options: RendererOptions): MarkdownRenderer {
  const { now, timeoutMs = 5_000, idleMs = 60_000 } = options;
  const kept = new Map<string, Kept>();
  let worker: ChildProcess | undefined;
  let idle: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  const stop = () => {
    worker?.kill('SIGKILL');
    worker = undefined;
  };
  const start = (): ChildProcess => {
    const started = fork(workerFile, [], {
      execArgv: [`--max-old-space-size=${MAX_HEAP_MIB}`],
      // Our environment is no business of what handles foreign text, nor are its last words any of the log's.
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const ended = () => {
      if (worker === started) worker = undefined;
    };
    // Also between two texts, when nobody waits for an answer.
    started.on('error', ended).on('exit', ended);
    started.unref();
    started.channel?.unref();
    return started;
  };
  const renderNow = async (job: MarkdownJob): Promise<string | null> => {
    clearTimeout(idle);
    worker ??= start();
    const answer = await ask(worker, job, timeoutMs);
    if (answer === null) stop();
    else idle = setTimeout(stop, idleMs).unref();
    return answer;
  };
  const keep = (key: string, html: string | null) => {
    if (html !== null && html.length > MAX_KEPT_LENGTH) return;
    kept.delete(key);
    kept.set(key, { html, until: html === null ? now() + FAILURE_KEPT_MS : Number.POSITIVE_INFINITY });
    const [oldest] = kept.keys();
    if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
  };

  return {
    async render(source, place) {
      if (Buffer.byteLength(source) > MAX_README_BYTES) return null;
      const key = hash('sha256', JSON.stringify([source, place]));
      const known = kept.get(key);
      if (known !== undefined && known.until > now()) return known.html;
      if (waiting >= MAX_WAITING) return null;
      waiting += 1;
      const rendered = last.then(() => renderNow({ source, place }));
      last = rendered.catch(() => null);
      const html = await rendered.finally(() => {
        waiting -= 1;
      });
      keep(key, html);
      return html;
    },
  };
}

/** What the process makes of it; null when it fails, runs out of memory or takes too long. */
function ask(worker: ChildProcess, job: MarkdownJob, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const finish = (html: string | null) => {
      clearTimeout(timer);
      worker.off('message', answered).off('error', fail).off('exit', fail);
      resolve(html);
    };
    const fail = () => finish(null);
    const answered = (answer: unknown) => finish((answer as MarkdownAnswer).html);
    const timer = setTimeout(fail, timeoutMs);
    worker.on('message', answered).on('error', fail).on('exit', fail);
    // One that has just ended can't be written to; its end is told by `exit`.
    worker.send(job, () => undefined);
  });
}
