// One run of `git clone --mirror`, watched: its time, the room it takes on the disk, its memory, and whether it is
// still wanted. What it leaves is then made a repository of ours: nothing but objects, refs and our configuration.
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Context } from '../context.ts';
import { fsckSettings } from '../git/fsck.ts';
import { done, type Outcome, refused } from '../problems.ts';
import { git, killGit, spawnGit } from '../process/git.ts';
import { usageOfTree } from '../process/usage.ts';
import { settleHead } from '../repositories/head.ts';
import * as storage from '../repositories/storage.ts';
import { type Credentials, sourceProblem } from './address.ts';
import { createProgressReader, failureIn, type ImportProgress } from './progress.ts';

const WATCH_EVERY_MS = 500;
/** What a source may make git hold in memory before it has begun to send objects: its list of refs, mostly. */
const MAX_MEMORY_BEFORE = 512 * 1024 ** 2;
/** For indexing the largest repositories. */
const MAX_MEMORY = 4 * 1024 ** 3;
/** What a transfer holds beside the pack: refs, progress, framing. */
const OVERHEAD_BYTES = 64 * 1024 ** 2;

/** What is cloned, and by which way git may go. */
export type CloneFrom =
  | { readonly kind: 'view'; readonly directory: string }
  | {
      readonly kind: 'url';
      readonly url: string;
      readonly pin: string | null;
      readonly credentials: Credentials | null;
    };

export interface CloneOptions {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ImportProgress) => void;
}

const common: readonly string[] = [
  ...fsckSettings('fetch'),
  // What is acknowledged survives a loss of power.
  'core.fsync=committed,loose-object,reference',
  'core.bigFileThreshold=64m',
  'pack.threads=2',
  'init.defaultBranch=main',
  'fetch.recurseSubmodules=false',
];

const overHttp: readonly string[] = [
  'http.followRedirects=false',
  'http.proxy=',
  'http.emptyAuth=false',
  'http.sslVerify=true',
  // A source on which nothing moves at all for two minutes is given up.
  'http.lowSpeedLimit=1',
  'http.lowSpeedTime=120',
];

/** Answers git's question for a password from the environment; git adds `get`, `store` or `erase`. */
const credentialHelper =
  'credential.helper=!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" ' +
  '"$LATCHKEY_IMPORT_USERNAME" "$LATCHKEY_IMPORT_PASSWORD"; }; f';

/**
 * Clones into a directory that does not exist yet; the one around it is ours.
 * @throws the signal's reason when it is aborted
 */
export async function cloneMirror(
  ctx: Context,
  from: CloneFrom,
  directory: string,
  options: CloneOptions,
): Promise<Outcome<null>> {
  options.signal.throwIfAborted();
  const reader = createProgressReader(options.onProgress);
  const trace = join(dirname(directory), 'trace');
  const source = from.kind === 'view' ? from.directory : from.url;
  const child = spawnGit(
    ['clone', '--mirror', '--no-local', '--template=', '--progress', '--', source, directory],
    { cwd: '/', env: { ...environmentFor(from), GIT_TRACE2_EVENT: trace }, config: settingsFor(from) },
  );
  child.stdin.end();
  child.stdout.resume();
  child.stderr.on('data', reader.read);
  let stopped: string | undefined;
  const stop = (why: string): void => {
    stopped ??= why;
    killGit(child, 'SIGKILL');
  };
  const abort = (): void => stop('The import was cancelled.');
  options.signal.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(stop, options.timeoutMs, 'The import took longer than this server allows.');
  const watching = watch(ctx, child.pid, directory, { ...options, hasReceived: reader.hasReceived, stop });
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    options.signal.throwIfAborted();
    if (stopped !== undefined) return refused(sourceProblem(stopped));
    if (status !== 0) {
      const stderr = reader.messages();
      ctx.log.warn({ status, stderr: stderr.slice(-2000) }, 'an import failed');
      return refused(failureIn(stderr) ?? sourceProblem('Git could not read the source.'));
    }
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', abort);
    await watching.end();
  }
  // The dumb protocol hands out files as they are: nothing would have checked what is in them. Any web page passes
  // for an empty repository.
  if (!(await hasNegotiated(trace))) {
    const message = 'No Git server answers at this address, or only by the dumb HTTP protocol.';
    return refused(sourceProblem(message));
  }
  if ((await storage.sizeOnDiskKib(directory)) * 1024 > options.maxBytes) return refused(tooLarge);
  return done(null);
}

const tooLarge = sourceProblem('The source is larger than a repository may be on this server.');

function environmentFor(from: CloneFrom): Record<string, string> {
  if (from.kind === 'view') return { GIT_ALLOW_PROTOCOL: 'file' };
  const { credentials } = from;
  return {
    GIT_ALLOW_PROTOCOL: 'http:https',
    ...(credentials === null
      ? {}
      : {
          LATCHKEY_IMPORT_USERNAME: credentials.username,
          LATCHKEY_IMPORT_PASSWORD: credentials.password.expose(),
        }),
  };
}

function settingsFor(from: CloneFrom): readonly string[] {
  if (from.kind === 'view') return common;
  return [
    ...common,
    ...overHttp,
    ...(from.pin === null ? [] : [`http.curloptResolve=${from.pin}`]),
    ...(from.credentials === null ? [] : [credentialHelper]),
  ];
}

/** Looks after a clone from time to time, until it has ended. */
function watch(
  ctx: Context,
  pid: number | undefined,
  directory: string,
  {
    maxBytes,
    hasReceived,
    stop,
  }: { readonly maxBytes: number; hasReceived(): boolean; stop(why: string): void },
): { end(): Promise<void> } {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  let looking = Promise.resolve();

  async function look(): Promise<void> {
    if ((await storage.sizeOnDiskKib(directory)) * 1024 > maxBytes) stop(tooLarge.message);
    const usage = pid === undefined ? null : await usageOfTree(pid);
    if (usage === null) return;
    if (usage.memoryBytes > (hasReceived() ? MAX_MEMORY : MAX_MEMORY_BEFORE)) {
      stop('The source makes git hold more in memory than this server allows.');
    }
    // Talk ("remote: …") takes no room on the disk, and need not end.
    if (usage.mostWrittenBytes > maxBytes + OVERHEAD_BYTES) stop(tooLarge.message);
  }
  const plan = (): void => {
    if (isOver) return;
    timer = setTimeout(() => {
      looking = look()
        .catch((error: unknown) => ctx.log.error({ err: error }, 'an import could not be watched'))
        .then(plan);
    }, WATCH_EVERY_MS);
  };
  plan();
  return {
    async end() {
      isOver = true;
      clearTimeout(timer);
      await looking;
    },
  };
}

/** Did both sides agree on a version of the smart protocol? git notes it in its trace (api-trace2). */
async function hasNegotiated(trace: string): Promise<boolean> {
  return (await readFile(trace, 'utf8')).includes('"key":"negotiated-version"');
}

/** All that a repository of ours consists of. */
const parts: ReadonlySet<string> = new Set(['HEAD', 'config', 'objects', 'packed-refs', 'refs']);

/**
 * Makes of a clone a repository of ours, durably: no hooks, no borrowed objects, no remotes, our configuration, and
 * HEAD on a branch that exists.
 * @returns the default branch; null: there is no branch
 */
export async function adopt(directory: string): Promise<{ readonly defaultBranch: string | null }> {
  const { stdout } = await git(['rev-parse', '--show-object-format'], { repository: directory });
  const format = stdout.toString('utf8').trim() === 'sha256' ? 'sha256' : 'sha1';
  for (const entry of await readdir(directory)) {
    if (!parts.has(entry)) await storage.removeDirectory(join(directory, entry));
  }
  await storage.removeDirectory(join(directory, 'objects/info'));
  await storage.writeConfiguration(directory, format);
  await removeOwnRefs(directory);
  const defaultBranch = await settleHead(directory);
  for (const folder of ['objects/pack', 'objects', 'refs/heads', 'refs/tags', 'refs', '']) {
    await storage.syncExisting(join(directory, folder));
  }
  return { defaultBranch };
}

/** What a server keeps for itself under `refs/latchkey` can't come from elsewhere. */
async function removeOwnRefs(directory: string): Promise<void> {
  const { stdout } = await git(['for-each-ref', '--format=delete %(refname)', 'refs/latchkey/'], {
    repository: directory,
  });
  if (stdout.length > 0) await git(['update-ref', '--stdin'], { repository: directory, input: stdout });
}
