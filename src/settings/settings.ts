// What site admins decide for the whole instance, while it runs: a table of settings, each with its default and what
// it may be. Kept in the database, so that all processes know a change from the next request on.
import type { RateLimitSettings } from '../api/rate-limits.ts';
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import * as store from './store.ts';

export interface InstanceSettings {
  /** The longest life of a classic token in days; null: any, and without an end too (ghes-spec 1.6). */
  readonly tokenMaxDays: number | null;
  /** Are site admins' tokens exempt from that? */
  readonly tokenMaxDaysExemptsAdmins: boolean;
  /** Are requests to the API limited at all (ghes-spec 5.6)? */
  readonly rateLimits: boolean;
  /** By one person, in an hour. */
  readonly rateLimitPerHour: number;
  /** By one address, without a credential, in an hour. */
  readonly rateLimitAnonymousPerHour: number;
  readonly rateLimitSearchesPerMinute: number;
  /** May webhooks go to addresses that the internet can't reach? Who may make them could look around there. */
  readonly hooksToPrivateAddresses: boolean;
}

export type SettingName = keyof InstanceSettings;

interface Rule<T> {
  readonly default: T;
  readonly accepts: (value: unknown) => value is T;
  /** What is said to who gives anything else. */
  readonly problem: string;
}

const MAX_TOKEN_MAX_DAYS = 3_650;
const MAX_RATE_LIMIT = 1_000_000;

/** A new setting is a row here and a line above. */
const settingRules: { readonly [K in SettingName]: Rule<InstanceSettings[K]> } = {
  tokenMaxDays: {
    default: null,
    accepts: (value): value is number | null => value === null || isWhole(value, 1, MAX_TOKEN_MAX_DAYS),
    problem: `The longest life of a token must be a number of days from 1 to ${MAX_TOKEN_MAX_DAYS}.`,
  },
  tokenMaxDaysExemptsAdmins: {
    default: false,
    accepts: (value): value is boolean => typeof value === 'boolean',
    problem: 'Whether site admins are exempt must be yes or no.',
  },
  rateLimits: {
    default: false,
    accepts: (value): value is boolean => typeof value === 'boolean',
    problem: 'Whether the rate of requests is limited must be yes or no.',
  },
  rateLimitPerHour: rateLimit(5_000, 'requests of a person in an hour'),
  rateLimitAnonymousPerHour: rateLimit(60, 'requests of an address in an hour'),
  rateLimitSearchesPerMinute: rateLimit(30, 'searches in a minute'),
  hooksToPrivateAddresses: {
    default: false,
    accepts: (value): value is boolean => typeof value === 'boolean',
    problem: 'Whether webhooks may go to private addresses must be yes or no.',
  },
};

/** GitHub's own number as default (ghes-spec 5.6). */
function rateLimit(usual: number, what: string): Rule<number> {
  return {
    default: usual,
    accepts: (value): value is number => isWhole(value, 1, MAX_RATE_LIMIT),
    problem: `The number of ${what} must be from 1 to ${MAX_RATE_LIMIT}.`,
  };
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

export const settingNames = Object.keys(settingRules) as readonly SettingName[];

/** The settings at this moment. @param db a transaction, where it is to be the same until its end */
export async function readSettings(ctx: Pick<Context, 'db'>, db: Db = ctx.db): Promise<InstanceSettings> {
  return toSettings(await store.allRows(db));
}

/** For what asks at every request: prepared once. */
export function settingsReader(ctx: Pick<Context, 'db'>): () => Promise<InstanceSettings> {
  const rows = store.preparedRows(ctx.db);
  return async () => toSettings(await rows());
}

/** The limits on the rate of requests, null while they are off; for what asks at every request. */
export function rateLimitsReader(ctx: Pick<Context, 'db'>): () => Promise<RateLimitSettings | null> {
  const read = settingsReader(ctx);
  return async () => {
    const settings = await read();
    if (!settings.rateLimits) return null;
    return {
      perHour: settings.rateLimitPerHour,
      anonymousPerHour: settings.rateLimitAnonymousPerHour,
      searchesPerMinute: settings.rateLimitSearchesPerMinute,
    };
  };
}

/** Changes those that are named; refused as a whole when one is not acceptable. The problems' fields are names. */
export async function changeSettings(
  ctx: Acting,
  changes: Partial<InstanceSettings>,
): Promise<Outcome<InstanceSettings>> {
  const named = settingNames.filter((name) => changes[name] !== undefined);
  const problems = named
    .filter((name) => !settingRules[name].accepts(changes[name]))
    .map((name): Problem => ({ field: name, code: 'invalid', message: settingRules[name].problem }));
  if (problems.length > 0) return refused(...problems);
  return ctx.db.transaction().execute(async (db) => {
    const before = await readSettings(ctx, db);
    for (const name of named) {
      if (before[name] === changes[name]) continue;
      await store.write(db, name, JSON.stringify(changes[name]));
      const data = { setting: name, before: before[name], after: changes[name] };
      await record(ctx, db, { action: 'instance_settings.update', operation: 'modify', data });
    }
    return done(await readSettings(ctx, db));
  });
}

const defaults = Object.freeze(
  Object.fromEntries(settingNames.map((name) => [name, settingRules[name].default])),
) as unknown as InstanceSettings;

function toSettings(rows: ReadonlyMap<string, string>): InstanceSettings {
  if (rows.size === 0) return defaults;
  const read = <K extends SettingName>(name: K): InstanceSettings[K] => {
    const text = rows.get(name);
    const rule = settingRules[name] as Rule<InstanceSettings[K]>;
    if (text === undefined) return rule.default;
    const value: unknown = JSON.parse(text);
    return rule.accepts(value) ? value : rule.default;
  };
  return Object.fromEntries(settingNames.map((name) => [name, read(name)])) as unknown as InstanceSettings;
}
