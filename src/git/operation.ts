// One git request from its turn in the pool to the end of its answer: the only place where the parts meet.
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { checkpoint } from '../process/checkpoint.ts';
import { noCacheHeaders, sendWords } from './answers.ts';
import { requestBody } from './body.ts';
import { isUnexpected, outcomeOf, wordsFor } from './failures.ts';
import type { GitObserver, GitOutcome, Part } from './observer.ts';
import { flushPkt, pktLine } from './pkt-line.ts';
import type { Pool } from './pool.ts';
import type { ProtocolVersion, Service } from './protocol.ts';
import { createPktLineCheck, createPushHead, hasChangedRefs, type PushHead } from './push.ts';
import { type Run, runService } from './service.ts';
import { pushAllowance, settingsFor } from './settings.ts';
import { GitFailed, Stop } from './stops.ts';
import { createTidier } from './sweep.ts';
import { watchClient } from './watch.ts';

/** Wants and haves of the largest fetch, inflated: three hundred thousand of them. */
const MAX_FETCH_REQUEST_BYTES = 16 * 1024 * 1024;
/** What a push may hold beside its pack: its commands and options. */
const MAX_PUSH_OVERHEAD_BYTES = 32 * 1024 * 1024;
/** A connection on which nothing moves for this long is given up. git itself sends a sign of life every 5 s. */
export const STALL_MS = 5 * 60_000;

export interface Operations {
  /** Answers one allowed request. */
  answer(operation: OperationRequest): Promise<unknown>;
  /** Ends all that runs; resolves when nothing does any more. */
  close(): Promise<void>;
}

export interface OperationRequest {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly service: Service;
  readonly part: Part;
  readonly version: ProtocolVersion;
  /** Who takes turns in the pool: an account or an address. */
  readonly caller: string;
  /** The bare repository's directory. */
  readonly repository: string;
  /** As of the last push. */
  readonly sizeKib: number;
  /** Tells the client that waits for it to send the body. */
  readonly continueBody: () => void;
  /** Called after a push that changed something, before the answer ends. */
  readonly onPushed: () => Promise<void>;
}

export interface OperationsOptions {
  readonly pool: Pool;
  readonly observer: GitObserver;
  readonly stallMs: number;
}

export function createOperations(
  { config, log }: Pick<Context, 'config' | 'log'>,
  { pool, observer, stallMs }: OperationsOptions,
): Operations {
  const closing = new AbortController();
  const lifetimes = new Set<Promise<void>>();
  const tidier = createTidier();

  /** All that has to happen once the child is gone, whether or not anybody still listens. */
  async function settle(
    operation: OperationRequest,
    run: Run,
    head: PushHead,
    startedAt: number,
  ): Promise<void> {
    const { repository } = operation;
    const { status, isCutOff } = await run.ended;
    if (operation.service !== 'receive-pack' || operation.part !== 'exchange') return;
    checkpoint('push.received');
    try {
      await tidier.ended(repository, isCutOff ? startedAt : null);
      if (await hasChangedRefs(repository, head.commands, status === 0)) await operation.onPushed();
    } catch (error) {
      log.error({ err: error, repository }, 'what a push changed could not be recorded');
    }
    checkpoint('push.recorded');
  }

  async function answer(operation: OperationRequest): Promise<unknown> {
    const { request, reply, service, part, repository, version } = operation;
    const begin = performance.now();
    const startedAt = Date.now();
    const counts = { in: 0, out: 0 };
    const watch = watchClient(reply.raw, { wholeMs: config.limits.gitRequestMs, stallMs }, closing.signal);
    let isFinished = false;
    const finish = (outcome: GitOutcome) => {
      if (isFinished) return;
      isFinished = true;
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
    const fail = (error: unknown) => {
      finish(outcomeOf(error));
      if (error instanceof Stop && error.because === 'client-gone') return reply.hijack();
      const stderr = error instanceof GitFailed ? error.stderr : undefined;
      if (isUnexpected(error, part)) log.error({ err: error, repository, stderr }, 'git failed');
      else if (stderr !== undefined) log.info({ repository, stderr }, 'git did not understand a request');
      return sendWords(request, reply, wordsFor(error, part));
    };

    let leavePool: () => void;
    try {
      leavePool = await pool.enter(operation.caller, watch.signal);
    } catch (error) {
      return fail(error);
    }
    const head = createPushHead();
    const allowance = pushAllowance(config.limits, operation.sizeKib);
    const check = service === 'receive-pack' ? head : createPktLineCheck();
    const isPush = service === 'receive-pack' && part === 'exchange';
    const input =
      part === 'advertisement'
        ? null
        : requestBody(request.raw, {
            maxBytes:
              service === 'receive-pack' ? allowance + MAX_PUSH_OVERHEAD_BYTES : MAX_FETCH_REQUEST_BYTES,
            onPiece: (piece) => {
              counts.in += piece.length;
              watch.moved();
              check.read(piece);
            },
            onEnd: () => check.end(),
          });
    if (input !== null) operation.continueBody();
    if (isPush) await tidier.began(repository);
    let run: Run;
    try {
      run = runService({
        service,
        repository,
        version,
        config: settingsFor(service, allowance),
        input,
        signal: watch.signal,
      });
    } catch (error) {
      if (isPush) await tidier.ended(repository, null);
      leavePool();
      return fail(error);
    }
    if (isPush) checkpoint('push.started');
    const settled = settle(operation, run, head, startedAt).finally(() => {
      leavePool();
      // Ended from outside, it may be that nobody ever reads the answer to its end.
      if (watch.signal.aborted) finish(outcomeOf(watch.signal.reason));
    });
    lifetimes.add(settled);
    void settled.finally(() => lifetimes.delete(settled));

    const first = await run.output.next().catch((error: unknown) => ({ error }));
    if ('error' in first) {
      await settled;
      return fail(first.error);
    }
    async function* body(): AsyncGenerator<Buffer, void, undefined> {
      let outcome: GitOutcome = 'client-gone';
      try {
        if (part === 'advertisement' && (version !== 2 || service === 'receive-pack')) {
          yield Buffer.concat([pktLine(`# service=git-${service}\n`), flushPkt]);
        }
        if (first !== undefined && 'done' in first && first.done !== true) yield count(first.value);
        for await (const piece of run.output) yield count(piece);
        // The answer ends when all is recorded: who has it whole may rely on it.
        await settled;
        outcome = (await run.ended).status === 0 ? 'done' : 'failed';
      } catch (error) {
        outcome = outcomeOf(error);
        throw error;
      } finally {
        watch.leave();
        finish(outcome);
      }
    }
    const count = (piece: Buffer) => {
      counts.out += piece.length;
      watch.moved();
      return piece;
    };
    reply
      .code(200)
      .headers(noCacheHeaders)
      .type(`application/x-git-${service}-${part === 'advertisement' ? 'advertisement' : 'result'}`);
    return reply.send(Readable.from(body(), { objectMode: false }));
  }

  return {
    answer,
    async close() {
      closing.abort(new Stop('closing'));
      await Promise.all(lifetimes);
    },
  };
}
