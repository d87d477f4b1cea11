// What a push may contain, for the caller whose push it is: the gate asks, the checks of what was pushed answer, the
// report says it. For who may change everything there is none of it.
import type { ChildProcess } from 'node:child_process';
import type { Logger } from 'pino';
import { decide } from '../access/decide.ts';
import type { Config } from '../config/config.ts';
import { openGate, type Ruling } from './gate.ts';
import type { GitRequest } from './operation.ts';
import type { PushHead } from './push.ts';
import { rewriteReport } from './report.ts';
import { scopeAdvice } from './scope-advice.ts';
import { changedWorkflows, workflowRefusal } from './workflows.ts';

export interface Judge {
  readonly hooksPath: string;
  attend(child: ChildProcess): void;
  /** What git says of the push, with our reasons in its report. */
  inWords(output: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined>;
  close(): Promise<void>;
}

export interface JudgeOptions {
  readonly repository: string;
  readonly head: PushHead;
  readonly isSession: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly config: Pick<Config, 'url' | 'dataDirectory'>;
  readonly log: Logger;
}

/** @returns null when nothing has to be checked */
export async function openJudge(
  { actor, target }: GitRequest,
  { repository, head, isSession, timeoutMs, signal, config, log }: JudgeOptions,
): Promise<Judge | null> {
  if (decide(actor, 'workflows.write', target).allowed) return null;
  const isApplications =
    actor.kind === 'user' && actor.grant.kind === 'scopes' && actor.grant.application !== undefined;
  const gate = await openGate(config, repository);
  let ruling: Ruling | null = null;
  return {
    hooksPath: gate.hooksPath,
    attend: (child) =>
      gate.attend(child, async ({ quarantine, commands }) => {
        try {
          const paths = await changedWorkflows({ repository, quarantine, timeoutMs, signal }, commands);
          const refused = new Map(
            [...paths].map(([ref, path]) => [ref, workflowRefusal(path, isApplications)]),
          );
          const isAll =
            refused.size > 0 && (head.capabilities.includes('atomic') || refused.size === commands.length);
          const made: Ruling = { refused, isAll };
          if (refused.size > 0) ruling = made;
          return made;
        } catch (error) {
          if (!signal.aborted) log.error({ err: error, repository }, 'a push could not be checked');
          const refused = new Map(commands.map(({ ref }) => [ref, 'the server could not check this push']));
          ruling = { refused, isAll: true, isFault: true };
          return ruling;
        }
      }),
    inWords: (output) =>
      rewriteReport(output, {
        isSession,
        ruling: () => ruling,
        advice: scopeAdvice(config, actor, ['workflow']),
      }),
    close: gate.close,
  };
}
