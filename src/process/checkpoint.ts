// Named moments at which the crash tests kill a process, to show that what was acknowledged is kept and that
// nothing is left half done. Without LATCHKEY_CRASH_AT in the environment they do nothing.
import { writeSync } from 'node:fs';

/** The moments, each named by what has just been done. Add one wherever dying would be worst. */
export type Checkpoint =
  | 'token.create.asked'
  | 'token.create.stored'
  | 'token.delete.asked'
  | 'token.delete.stored'
  | 'repository.create.prepared'
  | 'repository.create.placed'
  | 'repository.create.recorded'
  | 'repository.delete.unrecorded'
  | 'repository.delete.moved'
  | 'import.started'
  | 'import.fetched'
  | 'push.started'
  | 'push.received'
  | 'push.recorded'
  | 'mail.taken';

/** Ends the process as `kill -9` would if this is the moment that LATCHKEY_CRASH_AT names; says so first. */
export function checkpoint(name: Checkpoint): void {
  if (process.env.LATCHKEY_CRASH_AT !== name) return;
  writeSync(process.stderr.fd, `{"crashed_at":"${name}"}\n`);
  process.kill(process.pid, 'SIGKILL');
}
