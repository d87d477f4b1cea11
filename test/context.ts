// A context for unit tests: a database in memory and a clock that the test moves.
import { createSecretKey, randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { type Config, defaultAuditDays, defaultLimits } from '../src/config/config.ts';
import { type Acting, operator } from '../src/context.ts';
import { openDatabase } from '../src/db/database.ts';
import type { Outcome } from '../src/problems.ts';
import { systemRandom } from '../src/secrets/secret.ts';

/** What is done in it, the operator does; `{ ...ctx, by }` is somebody else. */
export interface TestContext extends Acting {
  readonly clock: {
    /** Moves the clock on. */
    forward(ms: number): void;
  };
}

/** Close it by `ctx.db.destroy()`. */
export async function testContext(config: Partial<Config> = {}): Promise<TestContext> {
  let now = Date.UTC(2026, 0, 15, 12, 0, 0);
  return {
    config: {
      dataDirectory: '/nonexistent',
      repositoriesDirectory: '/nonexistent/repositories',
      trashDirectory: '/nonexistent/trash',
      databaseFile: ':memory:',
      listen: { host: '127.0.0.1', port: 0 },
      url: 'http://127.0.0.1:3000',
      tls: null,
      ssh: null,
      sshUrl: 'ssh://git@127.0.0.1:2222',
      trustedProxies: [],
      privateMode: false,
      importFromPrivateAddresses: false,
      auditDays: defaultAuditDays,
      limits: defaultLimits,
      // The test of passwords itself takes the real one.
      passwordCost: { memory: 64, passes: 1, parallelism: 1 },
      smtpUrl: null,
      mailFrom: null,
      ...config,
    },
    db: await openDatabase(':memory:'),
    now: () => now,
    random: systemRandom,
    log: pino({ level: process.env.TEST_LOG ?? 'silent' }),
    by: operator,
    node: { id: 'test', key: createSecretKey(randomBytes(32)) },
    clock: {
      forward: (ms) => {
        now += ms;
      },
    },
  };
}

/** The value of an attempt that must have gone well. */
export function valueIn<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Error(outcome.problems.map((problem) => problem.message).join(' '));
}

/** The fields that are said to be wrong; none when all went well. */
export function wrongFields(outcome: Outcome<unknown>): readonly string[] {
  return outcome.ok ? [] : outcome.problems.map((problem) => problem.field);
}
