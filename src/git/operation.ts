// One run of git for somebody who may, from its turn in the pool to its end: the only place where the parts meet. It
// knows nothing of HTTP or SSH; http.ts and channel.ts lead to it and from it.

import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Actor } from '../access/actor.ts';
import { decide } from '../access/decide.ts';
import type { Running } from '../access/running.ts';
import type { Context, Doer } from '../context.ts';
import { announcePush } from '../hooks/pushes.ts';
import { checkpoint } from '../process/checkpoint.ts';
import { pathOfGitAlone } from '../process/git.ts';
import { recordPush } from '../repositories/pushes.ts';
import { findRepositoryById, type RepositoryFound } from '../repositories/repositories.ts';
import { repositoryDirectory } from '../repositories/storage.ts';
import { accompany, type NoteRead, transportOf } from './accompany.ts';
import { type Archive, type ArchiveRequest, startArchive } from './archive.ts';
import { isUnexpected, outcomeOf } from './failures.ts';
import { type Judge, openJudge } from './judge.ts';
import { keepLastFlush } from './last-flush.ts';
import type { GitObserver, GitOutcome, Part } from './observer.ts';
import { createPool } from './pool.ts';
import type { ProtocolVersion, Service } from './protocol.ts';
import { changedRefs, createFetchRequest, createPushHead, type PushHead } from './push.ts';
import { type Run, runService } from './service.ts';
import { allocationLimit, pushAllowance, settingsFor } from './settings.ts';
import { GitFailed, Stop } from './stops.ts';
import { createTidier } from './sweep.ts';
import { type Connection, watchClient } from './watch.ts';

/** Wants and haves of the largest fetch, inflated: three hundred thousand of them. */
const MAX_FETCH_REQUEST_BYTES = 16 * 1024 * 1024;
/** What a push may hold beside its pack: its commands and options. */
const MAX_PUSH_OVERHEAD_BYTES = 32 * 1024 * 1024;
/** A connection on which nothing moves for this long is given up. git itself sends a sign of life every 5 s. */
const STALL_MS = 5 * 60_000;

/** What every way to git tells of a run. The decision was "allowed" already. */
export interface GitRequest {
  readonly actor: Actor;
  /** The same caller, as the log will know it. */
  readonly by: Doer;
  readonly target: RepositoryFound;
  readonly service: Service;
  readonly version: ProtocolVersion;
}

export interface OperationRequest extends GitRequest {
  readonly part: Part;
  readonly connection: Connection;
  /** Opens what the client sends, once its turn has come; null for an advertisement. */
  readonly input: ((reading: Reading) => AsyncIterable<Buffer>) | null;
}

/** How what a client sends is to be read. */
export interface Reading {
  /** How many bytes it may hold once inflated. More throws BadInput. */
  readonly maxBytes: number;
  /** Called with each inflated piece before git gets it; throws BadInput to refuse it. */
  readonly onPiece: (piece: Buffer) => void;
  /** Called when all has come. Throws BadInput. */
  readonly onEnd: () => void;
}

export interface Operation {
  /**
   * What git says, piece by piece; ends when all is recorded, so that who has it whole may rely on it. Throws only
   * when the run was ended from outside: a Stop, or BadInput.
   */
  readonly output: AsyncGenerator<Buffer, void, undefined>;
  /** Aborted, with a Stop as its reason, when it ends before its time, or its output has been taken to the end. */
  readonly signal: AbortSignal;
  /** git's exit status, -1 when it was ended from outside. Never rejects. */
  readonly status: Promise<number>;
}

export interface Operations {
  /**
   * Waits for a turn, starts git and waits until it says something (or ends well without a word).
   * @throws PoolFullError, BadInput, GitFailed or a Stop; failures.ts has the words for each
   */
  start(request: OperationRequest): Promise<Operation>;
  /**
   * The same for an archive of a commit.
   * @throws PoolFullError, GitFailed or a Stop
   */
  archive(request: ArchiveRequest): Promise<Archive>;
  /** Ends all that runs; resolves when nothing does any more. */
  close(): Promise<void>;
}

export interface OperationsOptions {
  /** Looks after the credentials by which git runs. */
  readonly running: Running;
  /** Notes a fetch in the security log. */
  readonly noteRead: NoteRead;
  readonly observer?: GitObserver;
  /** How long a connection may stand still, in milliseconds. Default: five minutes. */
  readonly stallMs?: number;
}

/** One for the whole server: its ways to git share the pool and the care for what pushes leave. */
export function createOperations(
  ctx: Context,
  { running, noteRead, observer = {}, stallMs = STALL_MS }: OperationsOptions,
): Operations {
  const { config, log } = ctx;
  const pool = createPool({ size: config.limits.gitProcesses, queue: config.limits.gitQueue }, (counts) =>
    observer.onProcess?.({ running: counts.running, waiting: counts.waiting }),
  );
  const closing = new AbortController();
  const lifetimes = new Set<Promise<void>>();
  const tidier = createTidier();

  /** All that has to happen once the child of a push is gone, whether or not anybody still listens. */
  async function settlePush(
    request: OperationRequest,
    judge: Judge | null,
    run: Run,
    head: PushHead,
    startedAt: number,
  ): Promise<void> {
    const { by, target } = request;
    const repository = repositoryDirectory(config, target.repositoryId);
    const push = { by, repository: target.repository, transport: transportOf(request) };
    const { isCutOff } = await run.ended;
    checkpoint('push.received');
    try {
      await judge?.close();
      await tidier.ended(repository, isCutOff ? startedAt : null);
      const changed = await changedRefs(repository, head.commands);
      if (changed.length > 0) {
        await recordPush(ctx, target.repositoryId, push);
        await announcePush({ ...ctx, by }, target.repository, changed);
      }
    } catch (error) {
      log.error({ err: error, repository }, 'what a push changed could not be recorded');
    }
    checkpoint('push.recorded');
  }

  /** What was allowed at the beginning, decided anew. */
  async function isStillAllowed(
    actor: Actor,
    { actor: before, target, service }: GitRequest,
  ): Promise<boolean> {
    const found = await findRepositoryById(ctx, actor, target.repositoryId);
    if (found === null) return false;
    if (service === 'upload-pack') return decide(actor, 'contents.read', found).allowed;
    if (!decide(actor, 'contents.write', found).allowed) return false;
    // Who might change workflows was not checked for it.
    const mightChangeWorkflows = decide(before, 'workflows.write', target).allowed;
    return !mightChangeWorkflows || decide(actor, 'workflows.write', found).allowed;
  }

  async function start(request: OperationRequest): Promise<Operation> {
    const { service, part, version, connection, target } = request;
    const repository = repositoryDirectory(config, target.repositoryId);
    const begin = performance.now();
    const startedAt = Date.now();
    const counts = { in: 0, out: 0 };
    const watch = watchClient(connection, { wholeMs: config.limits.gitRequestMs, stallMs }, closing.signal);
    const release = running.begin({
      actor: request.actor,
      mayGoOn: (actor) => isStillAllowed(actor, request),
      end: watch.stop,
    });
    let isFinished = false;
    const finish = (outcome: GitOutcome) => {
      if (isFinished) return;
      isFinished = true;
      release();
      watch.end();
      const durationMs = performance.now() - begin;
      observer.onOperation?.({
        service,
        part,
        outcome,
        durationMs,
        bytesIn: counts.in,
        bytesOut: counts.out,
      });
    };
    const failed = (error: unknown): unknown => {
      finish(outcomeOf(error));
      if (error instanceof Stop && error.because === 'client-gone') return error;
      const stderr = error instanceof GitFailed ? error.stderr : undefined;
      if (isUnexpected(error, part)) log.error({ err: error, repository, stderr }, 'git failed');
      else if (stderr !== undefined) log.info({ repository, stderr }, 'git did not understand a request');
      return error;
    };

    let leavePool: () => void;
    try {
      leavePool = await pool.enter(takerOfTurns(request), watch.signal);
    } catch (error) {
      throw failed(error);
    }
    const isPush = service === 'receive-pack' && part !== 'advertisement';
    const head = createPushHead();
    const allowance = pushAllowance(config.limits, target.repository.sizeKib);
    const fetchRequest = createFetchRequest();
    const check = service === 'receive-pack' ? head : fetchRequest;
    const input = request.input?.({
      maxBytes: service === 'receive-pack' ? allowance + MAX_PUSH_OVERHEAD_BYTES : MAX_FETCH_REQUEST_BYTES,
      onPiece: (piece) => {
        counts.in += piece.length;
        watch.moved();
        check.read(piece);
      },
      onEnd: () => check.end(),
    });
    if (isPush) await tidier.began(repository);
    let run: Run;
    let judge: Judge | null = null;
    try {
      if (isPush) {
        judge = await openJudge(request, {
          repository,
          head,
          isSession: part === 'session',
          timeoutMs: config.limits.gitRequestMs,
          signal: watch.signal,
          config,
          log,
        });
      }
      run = runService({
        service,
        part,
        repository,
        version,
        config: settingsFor(service, allowance),
        allocationBytes: service === 'receive-pack' ? allocationLimit(allowance) : null,
        input: input ?? null,
        signal: watch.signal,
        gate: judge,
      });
    } catch (error) {
      await judge?.close();
      if (isPush) await tidier.ended(repository, null);
      leavePool();
      throw failed(error);
    }
    if (isPush) checkpoint('push.started');
    const over = isPush ? settlePush(request, judge, run, head, startedAt) : run.ended.then(() => undefined);
    const settled = over.finally(() => {
      leavePool();
      // Ended from outside, it may be that nobody ever reads the answer to its end.
      if (!watch.signal.aborted) return;
      const outcome = outcomeOf(watch.signal.reason);
      finish(outcome);
      if (outcome !== 'credential-lost' && outcome !== 'access-lost') return;
      const { credential } = request.by;
      const by = {
        ...('tokenId' in credential ? { tokenId: credential.tokenId } : {}),
        ...('keyId' in credential ? { keyId: credential.keyId } : {}),
      };
      log.info({ service, because: outcome, repository, ...by }, 'git was ended: its right was withdrawn');
    });
    lifetimes.add(settled);
    void settled.finally(() => lifetimes.delete(settled));

    const judged = judge === null ? run.output : judge.inWords(run.output);
    const accompanied = accompany(ctx, noteRead, request, () => fetchRequest.hasHaves, judged);
    const said = isPush
      ? keepLastFlush(accompanied, settled, () => part === 'exchange' || head.commands.length > 0)
      : accompanied;
    const first = await said.next().catch((error: unknown) => ({ error }));
    if ('error' in first) {
      await settled;
      throw failed(first.error);
    }
    const count = (piece: Buffer) => {
      counts.out += piece.length;
      watch.moved();
      return piece;
    };
    async function* output(): AsyncGenerator<Buffer, void, undefined> {
      let outcome: GitOutcome = 'client-gone';
      try {
        if ('done' in first && first.done !== true) yield count(first.value);
        for await (const piece of said) yield count(piece);
        await settled;
        outcome = (await run.ended).status === 0 ? 'done' : 'failed';
      } catch (error) {
        outcome = outcomeOf(error);
        throw error;
      } finally {
        // Who stopped it has cut the connection too: the first reason counts.
        if (watch.signal.aborted) outcome = outcomeOf(watch.signal.reason);
        watch.leave();
        finish(outcome);
      }
    }
    return { output: output(), signal: watch.signal, status: run.ended.then(({ status }) => status) };
  }

  // Asked once, since starting git for it comes before anybody has a turn; a failure is not remembered.
  let folder: Promise<string> | undefined;
  const gitAlone = (): Promise<string> => {
    const asked =
      folder ??
      pathOfGitAlone().catch((error: unknown) => {
        folder = undefined;
        throw error;
      });
    folder = asked;
    return asked;
  };
  const closed = closing.signal;
  const shared = { pool, running, noteRead, closing: closed, lifetimes, takerOfTurns, stallMs, gitAlone };
  return {
    start,
    archive: (request) => startArchive(ctx, shared, request),
    async close() {
      closing.abort(new Stop('closing'));
      await Promise.all(lifetimes);
    },
  };
}

/**
 * Who takes turns in the pool: an account, or where somebody unknown comes from. Deploy keys take those of their
 * repository's owner: one can make as many of them as one likes.
 */
function takerOfTurns({ actor, by, target }: Pick<GitRequest, 'actor' | 'by' | 'target'>): string {
  if (actor.kind === 'user') return `account ${actor.account.id}`;
  if (actor.kind === 'deploy-key') return `account ${target.repository.ownerId}`;
  return network(by.address ?? '');
}

/** An address, or for IPv6 the network that one customer is given (RFC 6177). */
function network(address: string): string {
  if (!isIPv6(address)) return `address ${address}`;
  return `network ${ipaddr.parse(address).toNormalizedString().split(':').slice(0, 4).join(':')}`;
}
