// Importing: a new repository whose history comes from elsewhere, from a directory of this machine (the command
// line only) or over http(s). Nothing is recorded before all of it is there, checked as a push is checked.
import { join } from 'node:path';
import type { Acting, Context } from '../context.ts';
import { type Resolve, systemResolve } from '../network/addresses.ts';
import { done, type Outcome, refused } from '../problems.ts';
import { checkpoint } from '../process/checkpoint.ts';
import {
  DEFAULT_BRANCH,
  finishRepository,
  type NewRepository,
  newRepositoryProblems,
  type Repository,
} from '../repositories/repositories.ts';
import { makeUnfinished, removeDirectory, sizeOnDiskKib, touch } from '../repositories/storage.ts';
import { type Credentials, checkUrl } from './address.ts';
import { adopt, type CloneFrom, type CloneOptions, cloneMirror } from './clone.ts';
import { makeView } from './local.ts';
import type { ImportProgress } from './progress.ts';

/** The sweep takes what was not touched for ten minutes for a leftover. */
const TOUCH_EVERY_MS = 30_000;

export type ImportSource =
  | { readonly kind: 'url'; readonly url: string; readonly credentials: Credentials | null }
  /** For the operator alone, never for what came over the network. */
  | {
      readonly kind: 'path';
      readonly path: string;
      /** Follow symbolic links and borrowed objects (alternates) in the source. */
      readonly allowLinks: boolean;
    };

export interface ImportOptions {
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Aborting it ends the import and leaves nothing; the promise then rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Default: what one git request may take. */
  readonly timeoutMs?: number;
  /** How names are resolved. Default: as the system does. */
  readonly resolve?: Resolve;
}

export type ImportedRepository = Omit<NewRepository, 'defaultBranch' | 'objectFormat'>;

/** Takes what an operator typed: an address has a scheme, everything else is a path. */
export function importSourceIn(text: string, options: { readonly allowLinks: boolean }): ImportSource {
  return /^[a-z][a-z0-9+.-]*:(?:\/\/|:)/i.test(text)
    ? { kind: 'url', url: text, credentials: null }
    : { kind: 'path', path: text, allowLinks: options.allowLinks };
}

/**
 * Makes a repository with the source's branches, tags and other refs, and its default branch. Who may do so is not
 * asked here. What is wrong with the source is told as a problem of the field `source`.
 */
export async function importRepository(
  ctx: Acting,
  wanted: ImportedRepository,
  source: ImportSource,
  options: ImportOptions = {},
): Promise<Outcome<Repository>> {
  const problems = await newRepositoryProblems(ctx, wanted);
  if (problems.length > 0) return refused(...problems);
  const clone: CloneOptions = {
    signal: options.signal ?? new AbortController().signal,
    timeoutMs: options.timeoutMs ?? ctx.config.limits.gitRequestMs,
    maxBytes: ctx.config.limits.repositoryBytes,
    onProgress: options.onProgress ?? (() => undefined),
  };
  clone.signal.throwIfAborted();
  clone.onProgress({ phase: 'connecting', percent: null });
  const work = await makeUnfinished(ctx);
  const alive = setInterval(() => void touch(ctx, work).catch(() => undefined), TOUCH_EVERY_MS);
  try {
    checkpoint('import.started');
    const from = await checkSource(ctx, source, join(work, 'view'), clone.signal, options.resolve);
    if (!from.ok) return from;
    const unfinished = join(work, 'repository');
    const cloned = await cloneMirror(ctx, from.value, unfinished, clone);
    if (!cloned.ok) return cloned;
    checkpoint('import.fetched');
    clone.onProgress({ phase: 'finishing', percent: null });
    const { defaultBranch } = await adopt(unfinished);
    const sizeKib = await sizeOnDiskKib(unfinished);
    clone.signal.throwIfAborted();
    return await finishRepository(ctx, wanted, unfinished, {
      defaultBranch: defaultBranch ?? DEFAULT_BRANCH,
      sizeKib,
      pushedAt: ctx.now(),
      imported: true,
    });
  } finally {
    clearInterval(alive);
    await removeDirectory(work);
  }
}

/** @param view where the view of a path is to be made */
async function checkSource(
  ctx: Context,
  source: ImportSource,
  view: string,
  signal: AbortSignal,
  resolve: Resolve = systemResolve,
): Promise<Outcome<CloneFrom>> {
  if (source.kind === 'path') {
    const made = await makeView(source.path, view, { allowLinks: source.allowLinks, signal });
    return made.ok ? done({ kind: 'view', directory: view }) : made;
  }
  const { url, credentials } = source;
  const allowPrivate = ctx.config.importFromPrivateAddresses;
  const checked = await checkUrl(url, { credentials, allowPrivate, resolve });
  return checked.ok ? done({ kind: 'url', ...checked.value, credentials }) : checked;
}
