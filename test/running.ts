// What looks after the credentials of what runs, as the server puts it together.
import { createRunning, type Running } from '../src/access/running.ts';
import type { Context } from '../src/context.ts';
import { changeStamp } from '../src/db/changes.ts';
import { verifyAgain } from '../src/server/verify-again.ts';

export function testRunning(ctx: Context): Running {
  return createRunning({ ...ctx, stamp: changeStamp(ctx.db), verifyAgain: verifyAgain(ctx) });
}
