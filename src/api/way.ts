// REST, one of the ways into Latchkey: who calls is read off the Authorization header, never off a cookie; every
// refusal, error and header has the form that clients of GitHub Enterprise Server's API know (ghes-spec 5).
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ActionName, actions } from '../access/actions.ts';
import { anonymous } from '../access/actor.ts';
import { type Attempts, createAttempts } from '../access/attempts.ts';
import {
  type Authenticated,
  authenticate,
  type ClientVerifier,
  type TokenVerifier,
} from '../access/authenticate.ts';
import type { Refusal } from '../access/denied.ts';
import { type GuardedRoutes, guardRoutes, type WayIn } from '../access/guard.ts';
import type { Target } from '../access/targets.ts';
import type { UseObserver } from '../access/uses.ts';
import type { Context } from '../context.ts';
import { GitError } from '../process/git.ts';
import type { Scopes } from '../scopes/scopes.ts';
import { readJsonBodies, validatorCompiler } from './body.ts';
import { answerConditionally } from './conditional.ts';
import { ApiError, type ApiErrorName, errorBody } from './errors.ts';
import {
  acceptedScopes,
  apiVersion,
  sendPreflight,
  setCacheControl,
  setCommonHeaders,
  setExpiration,
  setTokenHeaders,
  withThoseImplying,
} from './headers.ts';
import { chargeOf, createRateLimits, type RateLimits, rateLimitHeaders } from './rate-limits.ts';
import { missingScope, refusalError } from './refusals.ts';
import { apiRoot, documentationUrl } from './urls.ts';

export interface RestWayOptions {
  /** The mark of this server's guard. */
  readonly mark: string;
  readonly verifier: TokenVerifier;
  /** Knows the credentials of applications. Default: nobody's are taken. */
  readonly clients?: ClientVerifier;
  /** Counts bad credentials, for all ways in that take tokens. Default: for this one alone. */
  readonly attempts?: Attempts;
  /** Counts requests against the limits, for all ways in that share them. Default: there are none. */
  readonly rateLimits?: RateLimits;
  /** Which of the two APIs it is. Default: REST. */
  readonly speaks?: 'rest' | 'graphql';
  /** Told what tokens are used for. */
  readonly uses?: UseObserver | undefined;
}

/** An operation of the API, as its documentation names it. */
export interface Operation {
  readonly method: string;
  /** Below the API's root: `/repos/{owner}/{repo}`. */
  readonly path: string;
  readonly action: ActionName;
}

export interface RestWay extends GuardedRoutes {
  /** What was registered until now. */
  operations(): readonly Operation[];
}

/**
 * Makes a Fastify instance speak the API's conventions, and registers routes on it.
 * @param app an instance of its own under the prefix `/api/v3`: hooks and error handling are set on it
 */
export function createRestWay(app: FastifyInstance, ctx: Context, options: RestWayOptions): RestWay {
  const { config } = ctx;
  const { mark, verifier, clients, uses, attempts = createAttempts(ctx.now), speaks = 'rest' } = options;
  const limits = options.rateLimits ?? createRateLimits(ctx.now, async () => null);
  // What the caller may know of: the target that a request named, until a refusal says that it is to be hidden.
  const targets = new WeakMap<FastifyRequest, Target>();
  // Where a further action was asked for and refused, its scopes are what the caller lacks.
  const lacking = new WeakMap<FastifyRequest, Scopes>();
  const identify = async (request: FastifyRequest, reply: FastifyReply): Promise<Authenticated> => {
    const { authorization } = request.headers;
    const source = { authorization, url: request.raw.url ?? request.url, address: request.ip };
    const authenticated = await authenticate(source, verifier, attempts, clients);
    // Known already when it is over the limit, so that its headers are told (ghes-spec 5.4).
    if (authenticated.actor !== undefined) request.actor = authenticated.actor;
    const caller = { actor: authenticated.actor ?? null, path: path(request, app.prefix), speaks };
    try {
      await limits.charge(request, caller);
    } finally {
      const charge = chargeOf(request);
      if (charge !== undefined) reply.raw.once('finish', charge.end).once('close', charge.end);
    }
    const { action } = request.routeOptions.config;
    if (authenticated.actor?.kind !== 'application' || (action && actions[action].on === 'application'))
      return authenticated;
    // Its credentials are for its own tokens; elsewhere it is counted by them, and is nobody (ghes-spec 5.1).
    request.actor = anonymous;
    if (config.privateMode && !isMeta(request, app.prefix)) throw new ApiError('private-mode');
    return { actor: anonymous };
  };
  const send = (reply: FastifyReply, error: ApiError) => {
    const { retryAfterSeconds } = error.details;
    if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
    return reply.code(error.statusCode).send(errorBody(config, error.error, error.details));
  };

  readJsonBodies(app);
  app.setValidatorCompiler(validatorCompiler);

  app.addHook('onRequest', async (request, reply) => {
    setCommonHeaders(request, reply, config);
    // ghes-spec 5.3
    if (speaks === 'graphql') reply.header('x-github-media-type', 'github.v4; format=json');
    if (request.method === 'OPTIONS') return sendPreflight(reply);
    const version = request.headers['x-github-api-version'];
    if (version !== undefined && version !== apiVersion) {
      const shown = String(version).slice(0, 40);
      return send(
        reply,
        new ApiError('unsupported-version', { message: `"${shown}" is not a supported version.` }),
      );
    }
    if (takesPasswords(request, app.prefix)) {
      const message = `Passwords are for the web alone: make a token at ${config.url}/settings/tokens.`;
      return send(reply, new ApiError('passwords-not-taken', { message }));
    }
    if (config.privateMode && request.headers.authorization === undefined && !isMeta(request, app.prefix)) {
      return send(reply, new ApiError('private-mode'));
    }
    if (hasTrailingSlash(request, app.prefix)) return answerUnknown(request, reply);
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const actor = request.actor as typeof request.actor | null;
    if (actor !== null) {
      const { action } = request.routeOptions.config;
      const ofAction = action === undefined ? [] : acceptedScopes(action, targets.get(request) ?? null);
      setTokenHeaders(reply, actor, lacking.get(request) ?? ofAction);
    }
    if (speaks === 'graphql') reply.header('cache-control', 'no-cache');
    else setCacheControl(reply, actor);
    const readable = typeof payload === 'string' || Buffer.isBuffer(payload);
    const unchanged = readable && answerConditionally(request, reply, payload, actor ?? anonymous);
    const charge = chargeOf(request);
    if (charge !== undefined) {
      if (unchanged) charge.refund();
      reply.headers(rateLimitHeaders(charge));
    }
    return unchanged ? '' : payload;
  });

  /** For addresses that no route has: a bad credential is still told first. */
  async function answerUnknown(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const authenticated = await identify(request, reply);
    if (authenticated.refused !== undefined) {
      const { refused } = authenticated;
      if (refused.because === 'token-lives-too-long') setExpiration(reply, refused.expiresAt);
      return send(reply, refusalError(refused, 'meta.read', config));
    }
    request.actor = authenticated.actor;
    return send(reply, new ApiError('not-found'));
  }
  app.setNotFoundHandler(answerUnknown);

  app.setErrorHandler((error: FastifyError | ApiError, request, reply) => {
    const answer = error instanceof ApiError ? error : new ApiError(errorName(error));
    if (answer.statusCode === 503) reply.header('retry-after', '10');
    if (answer.statusCode >= 500) request.log.error({ err: error }, 'an API request failed');
    return send(reply, answer);
  });

  const wayIn: WayIn = {
    authenticate: identify,
    refuse: (request, reply, refusal: Refusal, action) => {
      if (refusal.because === 'invisible') targets.delete(request);
      if (refusal.because === 'token-lives-too-long') setExpiration(reply, refusal.expiresAt);
      if (refusal.because === 'scope-missing' && actions[action].accepted === undefined) {
        lacking.set(request, withThoseImplying(refusal.accepted));
      }
      return send(reply, refusalError(refusal, action, config, missingScope(config, request.actor, refusal)));
    },
    moved: (request, reply) => {
      const target = targets.get(request);
      if (target?.kind !== 'repository') throw new Error(`${request.url}: only repositories move`);
      // ghes-spec 5.5: numeric addresses outlast the next rename too.
      const rest = /^\/repos\/[^/?]+\/[^/?]+(.*)$/.exec(request.url.slice(app.prefix.length))?.[1] ?? '';
      const location = `${apiRoot(config)}/repositories/${target.repositoryId}${rest}`;
      const permanent = request.method === 'GET' || request.method === 'HEAD';
      return reply
        .code(permanent ? 301 : 307)
        .header('location', location)
        .send({
          message: permanent ? 'Moved Permanently' : 'Temporary Redirect',
          url: location,
          documentation_url: documentationUrl(config, 'moved'),
        });
    },
  };

  const routes = guardRoutes(app, ctx, { wayIn, mark, uses });
  const operations: Operation[] = [];
  return {
    operations: () => operations,
    route: (route) => {
      for (const method of [route.method].flat()) {
        operations.push({ method, path: asTemplate(route.url), action: route.action });
      }
      routes.route({
        ...route,
        target: async (request, actor) => {
          const target = await route.target(request, actor);
          if (target !== null) targets.set(request, target);
          return target;
        },
      });
    },
  };
}

/** `/repos/:owner/contents/*` as documentation writes it. */
function asTemplate(url: string): string {
  return url.replace(/:(\w+)/g, '{$1}').replace(/\*$/, '{…}');
}

function path(request: FastifyRequest, prefix: string): string {
  return (request.url.split('?')[0] ?? '').slice(prefix.length);
}

/** GCM asks it without a credential before it has one (ghes-spec 5.1). */
function isMeta(request: FastifyRequest, prefix: string): boolean {
  return path(request, prefix) === '/meta';
}

/** The OAuth Authorizations API (ghes-spec 6.3): told to be gone before anybody's password would be looked at. */
function takesPasswords(request: FastifyRequest, prefix: string): boolean {
  return /^\/(?:authorizations|applications\/grants)(?:\/|$)/.test(path(request, prefix));
}

/** ghes-spec 5.2: a 404, but for the places where an empty or nested path may follow. */
function hasTrailingSlash(request: FastifyRequest, prefix: string): boolean {
  const asked = path(request, prefix);
  return (
    asked.length > 1 && asked.endsWith('/') && !/\/(contents|matching-refs|tarball|zipball)\//.test(asked)
  );
}

/** Fastify's own errors in the registry's words; what is nobody's known mistake is ours. */
function errorName(error: FastifyError): ApiErrorName {
  // Reading a repository took longer than anybody may take: too large, or too much at once.
  if (error instanceof GitError && error.reason === 'timeout') return 'unavailable';
  switch (error.statusCode) {
    case 413:
      return 'body-too-large';
    case 415:
      return 'unsupported-media-type';
    case 503:
      return 'unavailable';
    default:
      return error.statusCode !== undefined && error.statusCode < 500 ? 'bad-request' : 'server-error';
  }
}
