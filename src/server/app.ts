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
import type { TokenVerifier } from '../access/authenticate.ts';
import { createGuard } from '../access/guard.ts';
import { assertReserved } from '../accounts/reserved.ts';
import { metaRest } from '../api/meta.ts';
import { createRestWay } from '../api/way.ts';
import type { Context } from '../context.ts';
import { type FaultName, faultAnswer, faultHeaders, faultOf, languageOf } from './faults.ts';
import type { Visits } from './front.ts';
import type { Metrics } from './metrics.ts';

/** Bodies of pages and API calls; git's have limits of their own. */
const BODY_LIMIT = 1024 * 1024;
/** No part of a path can be longer than all headers may be: what is too long is told by those who know it. */
const MAX_PARAMETER_LENGTH = 16 * 1024;

export interface AppParts {
  readonly visits: Visits;
  readonly metrics: Metrics;
  readonly verifier: TokenVerifier;
  /** Where the app is to be attached; missing in tests that call `inject`. */
  readonly serverFactory?: FastifyServerFactory;
}

/** The app, complete and ready, not listening by itself. */
export async function createApp(ctx: Context, parts: AppParts): Promise<FastifyInstance> {
  const { visits, verifier, serverFactory } = parts;
  const app = Fastify({
    ...(serverFactory === undefined ? {} : { serverFactory }),
    loggerInstance: ctx.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (raw) => visits.get(raw as never)?.id ?? '',
    // The front door leaves forwarded headers only where a trusted proxy set them.
    trustProxy: ctx.config.trustedProxies.length > 0,
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
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const fault = faultOf(error);
    if (fault === 'server-error') request.log.error({ err: error, id: request.id }, 'a request failed');
    return sendFault(ctx, request, reply, fault);
  });
  app.setNotFoundHandler((request, reply) => sendFault(ctx, request, reply, 'not-found'));

  const { mark, requireGuard } = createGuard();
  requireGuard(app);
  const firstSegments = new Set<string>();
  app.addHook('onRoute', ({ url }) => {
    const segment = url.split('/')[1] ?? '';
    if (segment !== '' && !/[:*]/.test(segment)) firstSegments.add(segment);
  });

  await app.register(
    async (api) => {
      const routes = createRestWay(api, ctx, { mark, verifier });
      metaRest(routes, ctx);
    },
    { prefix: '/api/v3' },
  );

  await app.ready();
  assertReserved(['api', 'healthz', 'readyz', 'metrics', ...firstSegments]);
  return app;
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
