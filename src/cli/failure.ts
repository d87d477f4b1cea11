// How a command says no. Exit status 1: refused or failed; 2: wrong usage. Either way one sentence on standard
// error that says what to do, never a stack trace.
import type { Outcome } from '../problems.ts';

/** Refused or failed; the message is the sentence that the person reads. Exit status 1. */
export class Failure extends Error {
  override name = 'Failure';
}

/** The command was not written as it has to be. Exit status 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Ends the command with this exit status; all that there is to say has been said. */
export class ExitStatus extends Error {
  override name = 'ExitStatus';
  readonly status: number;

  constructor(status: number) {
    super(`exit status ${status}`);
    this.status = status;
  }
}

/** The value of an attempt that went well. @throws Failure with all that is wrong with the input */
export function expectDone<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Failure(outcome.problems.map((problem) => problem.message).join(' '));
}
