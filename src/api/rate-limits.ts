// Optional limits on the rate of requests, off unless a site admin switches them on (ghes-spec 5.6): so many an hour
// by each person or address, so many searches a minute, and, against bursts, so many at once and so many points a
// minute. Counted in memory, by each process for itself.
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../access/actor.ts';
import { createCounters } from '../access/counters.ts';
import { networkOf } from '../access/networks.ts';
import { ApiError } from './errors.ts';

export interface RateLimitSettings {
  /** By all tokens of one person together, or by an application's own credentials. */
  readonly perHour: number;
  /** By one address, without a good credential. */
  readonly anonymousPerHour: number;
  readonly searchesPerMinute: number;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Secondary limits: the documented ones of GitHub's two APIs (ghes-spec 5.6). */
const MAX_CONCURRENT = 100;
const MAX_POINTS_PER_MINUTE = { rest: 900, graphql: 2000 };
const POINTS_OF_READING = 1;
const POINTS_OF_WRITING = 5;

/** Callers that are remembered; who comes after them is counted anew. */
const MAX_CALLERS = 50_000;

const resources = ['core', 'search', 'graphql'] as const;
type Resource = (typeof resources)[number];

export interface RateLimit {
  readonly limit: number;
  readonly used: number;
  readonly remaining: number;
  /** Seconds since 1970. */
  readonly reset: number;
}

/** What a request was counted as. */
export interface Charge {
  readonly resource: Resource;
  /** What stands there now. */
  state(resource?: Resource): RateLimit;
  /** Takes the request back: what the client has already costs nothing (ghes-spec 5.5). */
  refund(): void;
  /** The request is over. */
  end(): void;
}

export interface RateLimits {
  /**
   * Counts a request; null while limits are off.
   * @param isFree asking for the limits themselves costs nothing
   * @throws ApiError when there were too many
   */
  charge(request: FastifyRequest, caller: Caller): Promise<Charge | null>;
}

interface Caller {
  /** Null: the credential is bad. It counts as anonymous, and is told so whatever the count (ghes-spec 5.2 row 1). */
  readonly actor: Actor | null;
  /** Below the API's root. */
  readonly path: string;
  readonly speaks: 'rest' | 'graphql';
}

const chargeKey = Symbol('rate limit');
type Charged = FastifyRequest & { [chargeKey]?: Charge };

/** What this request was counted as; undefined where limits are off. */
export function chargeOf(request: FastifyRequest): Charge | undefined {
  return (request as Charged)[chargeKey];
}

export function createRateLimits(
  now: () => number,
  read: () => Promise<RateLimitSettings | null>,
): RateLimits {
  const maxNames = MAX_CALLERS;
  const counters = {
    core: createCounters({ now, windowMs: HOUR_MS, maxNames }),
    search: createCounters({ now, windowMs: MINUTE_MS, maxNames }),
    graphql: createCounters({ now, windowMs: HOUR_MS, maxNames }),
  };
  const points = {
    rest: createCounters({ now, windowMs: MINUTE_MS, maxNames }),
    graphql: createCounters({ now, windowMs: MINUTE_MS, maxNames }),
  };
  const running = new Map<string, number>();

  /** @returns what ends it */
  function begin(name: string): () => void {
    running.set(name, (running.get(name) ?? 0) + 1);
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      const left = (running.get(name) ?? 1) - 1;
      if (left > 0) running.set(name, left);
      else running.delete(name);
    };
  }

  return {
    async charge(request, { actor, path, speaks }) {
      const settings = await read();
      if (settings === null) return null;
      const known = knownCaller(actor);
      const name = known?.name ?? `network ${networkOf(request.ip)}`;
      const ofRest: Resource = path.startsWith('/search/') ? 'search' : 'core';
      const resource: Resource = speaks === 'graphql' ? 'graphql' : ofRest;
      const isFree = path === '/rate_limit';
      const limits: Readonly<Record<Resource, number>> = {
        core: known !== null ? settings.perHour : settings.anonymousPerHour,
        search: settings.searchesPerMinute,
        // As many again, as on GitHub.
        graphql: known !== null ? settings.perHour : settings.anonymousPerHour,
      };
      const state = (of: Resource = resource): RateLimit => {
        const { used, endsAt } = counters[of].read(name);
        const limit = limits[of];
        return { limit, used, remaining: Math.max(0, limit - used), reset: Math.ceil(endsAt / 1000) };
      };
      let cost = isFree ? 0 : 1;
      const charge: Charge = {
        resource,
        state,
        refund: () => {
          counters[resource].add(name, -cost);
          cost = 0;
        },
        end: begin(name),
      };
      (request as Charged)[chargeKey] = charge;
      if (isFree) return charge;
      const isTold = actor !== null;
      if (isTold && state().remaining === 0) {
        const who = known?.said ?? request.ip;
        cost = 0;
        throw new ApiError('rate-limited', { message: `API rate limit exceeded for ${who}.` });
      }
      counters[resource].add(name, cost);
      if (!isTold) return charge;
      if ((running.get(name) ?? 0) > MAX_CONCURRENT) throw secondary(1);
      const isCheap = speaks === 'graphql' || isReading(request.method);
      const spent = points[speaks].add(name, isCheap ? POINTS_OF_READING : POINTS_OF_WRITING);
      if (spent.used > MAX_POINTS_PER_MINUTE[speaks])
        throw secondary(Math.ceil((spent.endsAt - now()) / 1000));
      return charge;
    },
  };
}

/** Who is counted by name: people, and applications that call by their own credentials (ghes-spec 5.1). */
function knownCaller(actor: Actor | null): { readonly name: string; readonly said: string } | null {
  switch (actor?.kind) {
    case 'user':
      return { name: `account ${actor.account.id}`, said: `user ID ${actor.account.id}` };
    case 'application':
      return {
        name: `application ${actor.application.id}`,
        said: `client ID ${actor.application.clientId}`,
      };
    default:
      return null;
  }
}

function secondary(retryAfterSeconds: number): ApiError {
  return new ApiError('secondary-rate-limited', { retryAfterSeconds: Math.max(1, retryAfterSeconds) });
}

function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/** The headers that tell how much is left (ghes-spec 5.6). */
export function rateLimitHeaders(charge: Charge): Readonly<Record<string, string>> {
  const { limit, remaining, used, reset } = charge.state();
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-used': String(used),
    'x-ratelimit-reset': String(reset),
    'x-ratelimit-resource': charge.resource,
  };
}

/** The answer of `GET /rate_limit`. */
export function rateLimitJson(charge: Charge) {
  const core = charge.state('core');
  const resources = { core, search: charge.state('search'), graphql: charge.state('graphql') };
  return { resources, rate: core };
}
