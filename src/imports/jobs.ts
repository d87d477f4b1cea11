// Imports that run on while pages tell how far they are. They live in this process alone: when it ends they end
// with it, and leave nothing.
import type { Context, Doer } from '../context.ts';
import type { Problem } from '../problems.ts';
import type { Repository } from '../repositories/repositories.ts';
import { type ImportedRepository, type ImportSource, importRepository } from './imports.ts';
import type { ImportProgress } from './progress.ts';

export interface ImportJob {
  /** Unguessable. */
  readonly id: string;
  /** Who asked for it. */
  readonly accountId: number;
  readonly wanted: ImportedRepository;
  readonly url: string;
  readonly progress: ImportProgress;
  /** Null: it still runs. */
  readonly end: ImportEnd | null;
}

export type ImportEnd =
  | { readonly kind: 'done'; readonly repository: Repository }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }
  | { readonly kind: 'cancelled' }
  /** Through a fault of ours, which was logged. */
  | { readonly kind: 'failed' };

export interface ImportJobs {
  /** @param by who asked for it, in whose name it is done. Null: too many run already. */
  start(
    by: Doer,
    wanted: ImportedRepository,
    source: ImportSource & { readonly kind: 'url' },
  ): ImportJob | null;
  find(id: string, accountId: number): ImportJob | null;
  /** Waits until it has ended, at most so long. */
  settle(job: ImportJob, ms: number): Promise<void>;
  cancel(job: ImportJob): Promise<void>;
  /** Ends all that run. */
  close(): Promise<void>;
}

/** Of one account at once, and of all. */
const MAX_OF_ACCOUNT = 2;
const MAX_RUNNING = 8;
/** How long the end of an import is remembered. */
const KEPT_MS = 60 * 60_000;

interface Running {
  job: ImportJob;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
  endedAt: number | null;
}

export function createImportJobs(ctx: Context): ImportJobs {
  const jobs = new Map<string, Running>();

  const forgetOld = () => {
    for (const [id, { endedAt }] of jobs) {
      if (endedAt !== null && endedAt + KEPT_MS < ctx.now()) jobs.delete(id);
    }
  };

  return {
    start(by, wanted, source) {
      forgetOld();
      const accountId = by.account?.id ?? 0;
      const running = [...jobs.values()].filter(({ endedAt }) => endedAt === null);
      const own = running.filter(({ job }) => job.accountId === accountId);
      if (running.length >= MAX_RUNNING || own.length >= MAX_OF_ACCOUNT) return null;

      const abort = new AbortController();
      const id = Buffer.from(ctx.random(16)).toString('hex');
      const update = (change: Partial<ImportJob>) => {
        entry.job = { ...entry.job, ...change };
      };
      const run = async (): Promise<ImportEnd> => {
        try {
          const outcome = await importRepository({ ...ctx, by }, wanted, source, {
            signal: abort.signal,
            onProgress: (progress) => update({ progress }),
          });
          if (outcome.ok) return { kind: 'done', repository: outcome.value };
          return { kind: 'refused', problems: outcome.problems };
        } catch (error) {
          if (abort.signal.aborted) return { kind: 'cancelled' };
          ctx.log.error({ err: error }, 'an import failed');
          return { kind: 'failed' };
        }
      };
      const entry: Running = {
        job: {
          id,
          accountId,
          wanted,
          url: source.url,
          progress: { phase: 'connecting', percent: null },
          end: null,
        },
        abort,
        // On the next turn: `entry` is whole by then.
        ended: Promise.resolve()
          .then(run)
          .then((end) => {
            update({ end });
            entry.endedAt = ctx.now();
          }),
        endedAt: null,
      };
      jobs.set(id, entry);
      return entry.job;
    },
    find(id, accountId) {
      forgetOld();
      const job = jobs.get(id)?.job;
      return job?.accountId === accountId ? job : null;
    },
    async settle({ id }, ms) {
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), ms);
      const waited = new Promise<void>((resolve) => late.signal.addEventListener('abort', () => resolve()));
      await Promise.race([jobs.get(id)?.ended, waited]).finally(() => clearTimeout(timer));
    },
    async cancel({ id }) {
      const entry = jobs.get(id);
      entry?.abort.abort();
      await entry?.ended;
    },
    async close() {
      const entries = [...jobs.values()];
      for (const { abort } of entries) abort.abort();
      await Promise.all(entries.map(({ ended }) => ended));
    },
  };
}
