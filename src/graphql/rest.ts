// The address of GraphQL, and the conventions around it: POST with JSON, a token in the Authorization header, the
// headers of the REST API on every answer, and status 200 whatever a query came to.
import type { GuardedRoutes } from '../access/guard.ts';
import { selfTarget } from '../access/targets.ts';
import { ApiError } from '../api/errors.ts';
import { chargeOf } from '../api/rate-limits.ts';
import { runQuery } from './running.ts';
import { createAnswering } from './schema.ts';

/** @param routes of a way in that stands at `/api/graphql` */
export function graphqlRest(routes: GuardedRoutes): void {
  const answering = createAnswering();
  routes.route({
    method: 'POST',
    url: '',
    action: 'graphql.query',
    target: selfTarget,
    handler: async ({ request, reply, actor, ctx, ask }) => {
      if (actor.kind !== 'user') throw new ApiError('authentication-required');
      const answer = await runQuery(answering, queryIn(request.body), {
        ctx,
        actor,
        account: actor.account,
        ask,
        rateLimit: chargeOf(request)?.state() ?? null,
        requestId: request.id,
      });
      return reply.type('application/json; charset=utf-8').send(answer);
    },
  });
}

function queryIn(body: unknown) {
  const { query, variables, operationName } = (body ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof query !== 'string') {
    throw new ApiError('bad-request', {
      message: 'A query attribute must be specified and must be a string.',
    });
  }
  if (variables != null && (typeof variables !== 'object' || Array.isArray(variables))) {
    throw new ApiError('bad-request', { message: 'Variables must be an object.' });
  }
  const name = typeof operationName === 'string' && operationName !== '' ? operationName : null;
  return {
    text: query,
    variables: (variables ?? {}) as Readonly<Record<string, unknown>>,
    operationName: name,
  };
}
