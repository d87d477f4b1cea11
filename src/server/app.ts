// Puts the ways in and the features together into one Fastify app. What comes before (hosts, proxies, ids, logs)
// is the front door's; what is listed here is the whole of what the server answers.
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerFactory,
  LogController,
} from 'fastify';
import type { ActionName } from '../access/actions.ts';
import { createAttempts } from '../access/attempts.ts';
import type { TokenVerifier } from '../access/authenticate.ts';
import { createGuard, type GuardedRoutes } from '../access/guard.ts';
import { instance } from '../access/targets.ts';
import type { UseObserver } from '../access/uses.ts';
import { accountPages } from '../accounts/pages.tsx';
import { assertReserved } from '../accounts/reserved.ts';
import { sudoMode } from '../accounts/sudo-pages.tsx';
import { administrationPages } from '../administration/pages.tsx';
import { documentationPages } from '../api/pages.tsx';
import { createRateLimits } from '../api/rate-limits.ts';
import { createRestWay, type Operation } from '../api/way.ts';
import { auditPages } from '../audit/pages.tsx';
import { contentsPages } from '../contents/pages.tsx';
import type { Context } from '../context.ts';
import { downloadRoutes } from '../downloads/codeload-rest.ts';
import { downloadPages } from '../downloads/pages.ts';
import type { Operations } from '../git/operation.ts';
import { gitRoutes } from '../git/rest.ts';
import { gitSetupPages } from '../git-setup/pages.tsx';
import { graphqlRest } from '../graphql/rest.ts';
import { hookPages } from '../hooks/pages.tsx';
import { importPages } from '../imports/pages.tsx';
import { keyPages } from '../keys/pages.tsx';
import { pageNotices } from '../mail/notices.ts';
import { noticePages } from '../mail/pages.tsx';
import { clientVerifier } from '../oauth/client-verifier.ts';
import { createMachineWay } from '../oauth/machines-rest.ts';
import { oauthPages } from '../oauth/pages.tsx';
import { oauthRoutes } from '../oauth/rest.ts';
import { organizationPages } from '../organizations/pages.tsx';
import { repositoryPages } from '../repositories/pages.tsx';
import { settingsPages } from '../settings/pages.tsx';
import { rateLimitsReader } from '../settings/settings.ts';
import { signingPages } from '../signing/pages.tsx';
import type { HostKey } from '../ssh/host-keys.ts';
import { tokenPages } from '../tokens/pages.tsx';
import { createWebWay, type SessionVerifier, type WebWay } from '../web/way.ts';
import { type FaultName, faultAnswer, faultHeaders, faultOf, languageOf } from './faults.ts';
import type { Visits } from './front.ts';
import type { Metrics } from './metrics.ts';
import { restRooms } from './rest-rooms.ts';

/** Bodies of pages and API calls; git's have limits of their own. */
const BODY_LIMIT = 1024 * 1024;
/** No part of a path can be longer than all headers may be: what is too long is told by those who know it. */
const MAX_PARAMETER_LENGTH = 16 * 1024;

export interface RegisteredRoute {
  readonly methods: readonly string[];
  readonly url: string;
  readonly action: ActionName;
}

export interface AppParts {
  readonly visits: Visits;
  readonly metrics: Metrics;
  readonly verifier: TokenVerifier;
  readonly sessions: SessionVerifier;
  /** Told what tokens are used for. */
  readonly uses: UseObserver;
  /** Runs of git, which the ways to it share. */
  readonly git: Operations;
  /** By which clients know the SSH server again; empty: SSH is not served. */
  readonly hostKeys: readonly Pick<HostKey, 'kind' | 'fingerprint'>[];
  /** Told of every route as it is registered; the tests that walk all of them ask for it. */
  readonly onRoute?: (route: RegisteredRoute) => void;
  /** Where the app is to be attached; missing in tests that call `inject`. */
  readonly serverFactory?: FastifyServerFactory;
}

/** The app, complete and ready, not listening by itself. */
export async function createApp(ctx: Context, parts: AppParts): Promise<FastifyInstance> {
  const { visits, metrics, verifier, sessions, uses, git, hostKeys, serverFactory, onRoute } = parts;
  const app = Fastify({
    ...(serverFactory === undefined ? {} : { serverFactory }),
    loggerInstance: ctx.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (raw) => visits.get(raw as never)?.id ?? '',
    // The front door has put the truth about the client into the forwarded headers, and nothing else gets here.
    trustProxy: true,
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    // The listener answers what is not HTTP.
    clientErrorHandler: (_error, socket) => socket.destroyed,
    frameworkErrors: (error, request, reply) => sendFault(ctx, request, reply, faultOf(error)),
  });
  app.addHook('onRequest', async (request) => {
    const visit = visits.get(request.raw);
    if (visit !== undefined) visit.request = request;
  });
  const { mark, requireGuard } = createGuard();
  requireGuard(app);
  const attempts = createAttempts(ctx.now);
  const clients = clientVerifier(ctx);
  const firstSegments = new Set(['api', 'healthz', 'readyz', 'metrics']);
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.action !== undefined) onRoute?.({ methods: [method].flat(), url, action: config.action });
    const segment = url.split('/')[1] ?? '';
    if (segment !== '' && !/[:*]/.test(segment)) firstSegments.add(segment);
  });

  const rateLimits = createRateLimits(ctx.now, rateLimitsReader(ctx));
  let operations: readonly Operation[] = [];
  await app.register(
    async (api) => {
      const routes = createRestWay(api, ctx, {
        mark,
        verifier,
        clients,
        uses,
        attempts,
        rateLimits,
      });
      restRooms(routes, ctx, git);
      operations = routes.operations();
    },
    { prefix: '/api/v3' },
  );
  await app.register(
    async (api) => {
      const speaks = 'graphql';
      graphqlRest(createRestWay(api, ctx, { mark, verifier, clients, uses, attempts, rateLimits, speaks }));
    },
    { prefix: '/api/graphql' },
  );
  gitRoutes(app, ctx, { mark, verifier, uses, attempts, operations: git });
  await app.register(async (machines) => {
    oauthRoutes(createMachineWay(machines, ctx, { mark, attempts }), ctx);
  });
  await downloadRoutes(app, ctx, { mark, verifier, uses, attempts, operations: git });
  let web: WebWay | undefined;
  await app.register(async (pages) => {
    web = createWebWay(pages, ctx, {
      mark,
      sessions,
      sudo: sudoMode(ctx),
      notices: (accountId) => pageNotices(ctx, accountId),
    });
    accountPages(web, ctx);
    auditPages(web, ctx);

    tokenPages(web, ctx);
    settingsPages(web, ctx);
    gitSetupPages(web, ctx);
    administrationPages(web, ctx);
    noticePages(web, ctx);
    oauthPages(web, ctx);
    repositoryPages(web, ctx);
    organizationPages(web, ctx);
    contentsPages(web, ctx);
    downloadPages(web, ctx, git);
    hookPages(web, ctx);
    keyPages(web, ctx, hostKeys);
    signingPages(web);
    pages.addHook('onClose', importPages(web, ctx));
    documentationPages(web, operations);
    metricsPage(web, metrics);
  });
  answerTheRest(app, ctx, web);

  await app.ready();
  assertReserved(firstSegments);
  return app;
}

/** For site admins who are signed in; this machine itself was answered at the front door. */
function metricsPage(routes: GuardedRoutes, metrics: Metrics): void {
  routes.route({
    method: 'GET',
    url: '/metrics',
    action: 'metrics.read',
    target: () => instance,
    handler: async ({ reply }) =>
      reply
        .header('cache-control', 'no-store')
        .type(metrics.contentType)
        .send(await metrics.text()),
  });
}

/** Addresses that nothing answers, and errors outside of any way in, in the language of who asked. */
function answerTheRest(app: FastifyInstance, ctx: Context, web: WebWay | undefined): void {
  const isPage = (request: FastifyRequest): boolean => languageOf(request.raw) === 'page';
  app.setNotFoundHandler((request, reply) =>
    web !== undefined && isPage(request)
      ? web.notFound(request, reply)
      : sendFault(ctx, request, reply, 'not-found'),
  );
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const fault = faultOf(error);
    if (fault === 'server-error') request.log.error({ err: error, id: request.id }, 'a request failed');
    return sendFault(ctx, request, reply, fault);
  });
}

function sendFault(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  name: FaultName,
): FastifyReply {
  const { status, type, body } = faultAnswer(name, languageOf(request.raw), ctx.config.url);
  return reply.code(status).headers(faultHeaders).type(type).send(body);
}
