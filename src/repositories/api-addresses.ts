// Every API address of a repository exists twice: by name, `/repos/{owner}/{repo}/…`, and by number,
// `/repositories/{id}/…`, which outlasts renames and is what `Link` headers and redirects name (ghes-spec 5.5).
import type { FastifyRequest, HTTPMethods } from 'fastify';
import type { ActionOn } from '../access/actions.ts';
import type { Actor } from '../access/actor.ts';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { idParameter, pathParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import { findRepository, findRepositoryById, type RepositoryFound } from './repositories.ts';

export interface RepositoryRoute<S extends RouteSchema> {
  readonly method: HTTPMethods;
  /** Below the repository: empty, or `/branches`. */
  readonly below: string;
  readonly action: ActionOn<'repository'>;
  readonly schema?: S;
  /** In bytes; default: that of the API. */
  readonly bodyLimit?: number;
  handler(call: RepositoryCall<S>): unknown;
}

export type RepositoryCall<S extends RouteSchema = RouteSchema> = Call<RepositoryFound, S>;

export interface RepositoryRoutes {
  route<S extends RouteSchema = RouteSchema>(route: RepositoryRoute<S>): void;
}

export function repositoryRoutes(routes: GuardedRoutes, ctx: Context): RepositoryRoutes {
  const byName = (request: FastifyRequest, actor: Actor) =>
    findRepository(ctx, actor, pathParameter(request, 'owner'), pathParameter(request, 'repo'));
  const byNumber = (request: FastifyRequest, actor: Actor) => {
    const id = idParameter(request, 'id');
    return id === null ? null : findRepositoryById(ctx, actor, id);
  };
  return {
    route({ below, ...route }) {
      routes.route({ ...route, url: `/repos/:owner/:repo${below}`, target: byName });
      routes.route({ ...route, url: `/repositories/:id${below}`, target: byNumber });
    },
  };
}
