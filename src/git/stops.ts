// Why an operation ends before git is done, as values of one type; each way that it can be said is in answers.ts.

import type { Lost } from '../access/running.ts';

/** Ends an operation from outside. Never shown with a stack: it is no fault of the program. */
export class Stop extends Error {
  override name = 'Stop';
  readonly because: StopReason;

  constructor(because: StopReason) {
    super(because);
    this.because = because;
  }
}

export type StopReason =
  | 'client-gone'
  /** The whole operation took too long. */
  | 'time-up'
  /** Nothing came from or went to the client for too long. */
  | 'stalled'
  /** The server stops. */
  | 'closing'
  | Lost;

/** What a client sent can't be taken. The message is one sentence for that client. */
export class BadInput extends Error {
  override name = 'BadInput';
  readonly status: 400 | 413;

  constructor(status: 400 | 413, message: string) {
    super(message);
    this.status = status;
  }
}

/** git itself failed before it said anything to the client. */
export class GitFailed extends Error {
  override name = 'GitFailed';
  /** -1: it could not be started, or a signal ended it. */
  readonly status: number;
  /** For the log only: it may hold paths of the server. */
  readonly stderr: string;

  constructor(status: number, stderr: string) {
    super(`git ended with status ${status}`);
    this.status = status;
    this.stderr = stderr;
  }
}
