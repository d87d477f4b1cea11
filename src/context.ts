// What a running Latchkey is made of; given to every feature, so that nothing is global and two servers can run
// in one process, each with its own clock.
import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import type { Db } from './db/database.ts';
import type { RandomBytes } from './secrets/secret.ts';

export interface Context {
  readonly config: Config;
  readonly db: Db;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly random: RandomBytes;
  readonly log: Logger;
}
