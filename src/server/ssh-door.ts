// The way to git over SSH by itself, for a process that serves one command: what the server has for all its clients.
import { createRunning } from '../access/running.ts';
import { createReads } from '../audit/reads.ts';
import type { Context } from '../context.ts';
import { changeStamp } from '../db/changes.ts';
import type { GitChannel } from '../git/channel.ts';
import { createOperations } from '../git/operation.ts';
import { createKeysLastUsed } from '../keys/last-used.ts';
import { type CommandRequest, serveCommand } from '../ssh/door.ts';
import { verifyAgain } from './verify-again.ts';

export interface SshDoor {
  /** @returns the exit status */
  serve(request: CommandRequest, channel: GitChannel): Promise<number>;
  /** Ends what runs, and writes down what was gathered. */
  close(): Promise<void>;
}

export function openDoor(ctx: Context): SshDoor {
  const running = createRunning({ ...ctx, stamp: changeStamp(ctx.db), verifyAgain: verifyAgain(ctx) });
  const reads = createReads(ctx);
  const operations = createOperations(ctx, { running, noteRead: reads.note });
  const lastUsed = createKeysLastUsed(ctx);
  return {
    serve: (request, channel) => serveCommand({ ctx, operations, lastUsed }, request, channel),
    async close() {
      await operations.close();
      await lastUsed.flush();
      await reads.flush();
    },
  };
}
