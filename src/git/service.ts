// One run of upload-pack or receive-pack, for one request of HTTP or one session of SSH: what the client sends goes in,
// the answer comes out, both as streams with back-pressure, so that memory stays the same for any size; and no child
// outlives its client.
import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { endGit, type Grace, spawnGit } from '../process/git.ts';
import type { Part } from './observer.ts';
import type { ProtocolVersion, Service } from './protocol.ts';
import { GitFailed } from './stops.ts';

/** How long a child may take to tidy up when it is ended. A push that is cut off ends with its input. */
const grace: Readonly<Record<Service, Grace>> = {
  'upload-pack': { inputEndMs: 0, terminateMs: 5_000 },
  'receive-pack': { inputEndMs: 1_000, terminateMs: 5_000 },
};

/** git-upload-pack(1), git-receive-pack(1). */
const flags: Readonly<Record<Part, readonly string[]>> = {
  advertisement: ['--stateless-rpc', '--http-backend-info-refs'],
  exchange: ['--stateless-rpc'],
  session: [],
};

/** How long a client is still listened to when git failed at once, so that it gets to read the answer. */
const LINGER_MS = 2_000;

export interface ServiceRequest {
  readonly service: Service;
  readonly part: Part;
  /** The bare repository's directory. */
  readonly repository: string;
  readonly version: ProtocolVersion;
  /** Settings for git, `name=value`. */
  readonly config: readonly string[];
  /** How many bytes git may ask the system for at once; null: it is not bounded. */
  readonly allocationBytes: number | null;
  /** What the client sends, inflated; null for an advertisement. It throws BadInput. */
  readonly input: AsyncIterable<Buffer> | null;
  /** Ends the run; its reason is a Stop. */
  readonly signal: AbortSignal;
  /** Where a push is judged before it takes effect; null: it need not be. */
  readonly gate: { readonly hooksPath: string; attend(child: ChildProcess): void } | null;
}

export interface Ended {
  readonly status: number;
  /** Was it ended before its time? It may have left files then. */
  readonly isCutOff: boolean;
}

export interface Run {
  /**
   * What git says, piece by piece. It throws before the first piece when there is none to come: BadInput, GitFailed
   * or the signal's reason. After that it throws only when the run was ended from outside.
   */
  readonly output: AsyncGenerator<Buffer, void, undefined>;
  /** Settles when the child and all that it started are gone. Never rejects. */
  readonly ended: Promise<Ended>;
}

/** Starts git and feeds it. */
export function runService(request: ServiceRequest): Run {
  const { service, part, repository, version, config, allocationBytes, input, signal, gate } = request;
  const child = spawnGit([service, ...flags[part], repository], {
    repository,
    config,
    env: {
      ...(version === 0 ? {} : { GIT_PROTOCOL: `version=${version}` }),
      ...(allocationBytes === null ? {} : { GIT_ALLOC_LIMIT: String(allocationBytes) }),
    },
    ...(gate === null ? {} : { hooksPath: gate.hooksPath, talks: true }),
  });
  gate?.attend(child);
  let stderr = '';
  child.stderr.on('data', (piece: Buffer) => {
    stderr = (stderr + piece.toString('utf8')).slice(-4096);
  });
  // Pipes break when the child ends first: its status tells what happened, not the pipe.
  child.stdin.on('error', () => child.stdin.destroy());
  child.stdout.on('error', () => child.stdout.destroy());

  let isCutOff = false;
  let inputFault: { readonly error: unknown } | undefined;
  const end = async () => {
    isCutOff = true;
    await endGit(child, grace[service]);
    // Nobody may be reading any more, and a pipe with bytes left in it would never close.
    child.stdout.destroy();
  };
  const stopped = () => void end();
  signal.addEventListener('abort', stopped, { once: true });
  if (signal.aborted) stopped();

  const fed = feed(child, input, service).catch((error: unknown) => {
    inputFault = { error };
    return end();
  });
  const ended = waitFor(child).then((status) => {
    signal.removeEventListener('abort', stopped);
    return { status, isCutOff };
  });

  async function* output(): AsyncGenerator<Buffer, void, undefined> {
    let hasSpoken = false;
    try {
      for await (const piece of child.stdout) {
        // What git says of an input that we cut off is no answer: the client gets our reason instead.
        if (!hasSpoken && isCutOff) continue;
        hasSpoken = true;
        yield piece as Buffer;
      }
    } catch (error) {
      if (!signal.aborted && inputFault === undefined) throw error;
    }
    const { status } = await ended;
    // A client of HTTP may still be sending what git no longer wants; it reads the answer when it is done. In a
    // session it has read all that came by now, and its input ends when the channel does.
    if (part !== 'session') await settledOrAborted(hasSpoken ? fed : within(fed, LINGER_MS), signal);
    if (signal.aborted) throw signal.reason;
    if (inputFault !== undefined) throw inputFault.error;
    // Once git has spoken, its own words tell the client what went wrong.
    if (status !== 0 && !hasSpoken) throw new GitFailed(status, stderr);
  }
  return { output: output(), ended };
}

function within(work: Promise<void>, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

function settledOrAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const aborted = () => resolve();
  signal.addEventListener('abort', aborted, { once: true });
  if (signal.aborted) aborted();
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', aborted));
}

/** @returns the exit status; -1 when it could not be started, or a signal ended it */
async function waitFor(child: ChildProcessWithoutNullStreams): Promise<number> {
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    return status ?? -1;
  } catch {
    // `error` came instead: the program could not be started.
    child.stdout.destroy();
    return -1;
  }
}

/**
 * Writes what the client sends to the child, never faster than it reads. Of a push, what git does not want is read and dropped:
 * clients read the answer only when they have sent all.
 */
async function feed(
  { stdin }: ChildProcessWithoutNullStreams,
  input: AsyncIterable<Buffer> | null,
  service: Service,
): Promise<void> {
  if (input !== null) {
    for await (const piece of input) {
      if (stdin.writable && !stdin.write(piece)) await drained(stdin);
      if (!stdin.writable && service === 'upload-pack') break;
    }
  }
  stdin.end();
}

function drained(stdin: ChildProcessWithoutNullStreams['stdin']): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      stdin.off('drain', go);
      stdin.off('close', go);
      resolve();
    };
    stdin.on('drain', go);
    stdin.on('close', go);
    if (stdin.destroyed) go();
  });
}
