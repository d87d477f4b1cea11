// Holds every route to the table of actions. A route can only be registered with the name of its action and a
// way to find its target, and its handler only runs with a target for which the decision was "allowed".
import { randomUUID } from 'node:crypto';
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySchema,
  HTTPMethods,
  RouteOptions,
} from 'fastify';
import type { Static, TSchema } from 'typebox';
import type { Acting, Context } from '../context.ts';
import { type ActionName, type ActionOn, actions, type TargetKind } from './actions.ts';
import type { Actor } from './actor.ts';
import type { Authenticated } from './authenticate.ts';
import { type Decision, decide } from './decide.ts';
import type { Refusal } from './denied.ts';
import { doerOf } from './doer.ts';
import type { Target, TargetOf } from './targets.ts';
import { tellUses, type UseObserver } from './uses.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls. Set before any handler of a guarded route runs. */
    actor: Actor;
  }
  interface FastifyContextConfig {
    /** The route's action: response headers and documentation are made from it. */
    action?: ActionName;
    /** Set by `guardRoutes` alone, to tell its routes from those that went around it. */
    guarded?: string;
  }
}

/** One of the ways into Latchkey: how it learns who calls, and how it says no. */
export interface WayIn {
  /** Reads the credential; a refusal ends the request before its body is read. */
  authenticate(request: FastifyRequest, reply: FastifyReply): Promise<Authenticated>;
  /** The one translator of refusals into this way's words. */
  refuse(request: FastifyRequest, reply: FastifyReply, refusal: Refusal, action: ActionName): unknown;
  /** Answers for a target that is known by another name now; `path` is its new `owner/name`. */
  moved(request: FastifyRequest, reply: FastifyReply, path: string): unknown;
}

export interface RouteSchema extends FastifySchema {
  readonly params?: TSchema;
  readonly querystring?: TSchema;
  readonly body?: TSchema;
}

type Of<S, K extends keyof RouteSchema> = S extends { [P in K]: infer T extends TSchema }
  ? Static<T>
  : undefined;

/** What a handler gets: a target that the decision allowed, and the checked input. */
export interface Call<T, S> {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly actor: Actor;
  /** For rules that change something: who does it is known to them. */
  readonly ctx: Acting;
  readonly target: T;
  readonly params: Of<S, 'params'>;
  readonly query: Of<S, 'querystring'>;
  readonly body: Of<S, 'body'>;
  /** Asks for a further action, as when the body decides what is needed. */
  ask: typeof decide;
  /** Ends the request by refusing, in the words of this way in: `return call.refuse(decision)`. */
  refuse(refusal: Refusal): unknown;
}

/** Finds what the action is done to. Everything in the request is still unchecked text. Null: there is none. */
export type FindTarget<T> = (request: FastifyRequest, actor: Actor) => Promise<T | null> | T | null;

export interface GuardedRoute<N extends ActionName, T, S extends RouteSchema> {
  readonly method: HTTPMethods | HTTPMethods[];
  readonly url: string;
  readonly action: N;
  readonly target: FindTarget<T>;
  /** True where the target is told by the body: the decision then waits until the body was read and checked. */
  readonly targetInBody?: boolean;
  readonly schema?: S;
  readonly bodyLimit?: number;
  readonly config?: RouteOptions['config'];
  handler(call: Call<T, S>): unknown;
}

export interface GuardedRoutes {
  route<N extends ActionName, T extends TargetFor<N> & MaybeMoved, S extends RouteSchema = RouteSchema>(
    route: GuardedRoute<N, T, S>,
  ): void;
}

type TargetFor<N extends ActionName> = {
  [K in TargetKind]: N extends ActionOn<K> ? TargetOf<K> : never;
}[TargetKind];

export interface MaybeMoved {
  /** `owner/name` under which the target is known now, when it was asked for by an older one. */
  readonly movedTo?: string;
}

/** Every server makes its own mark, so that only its own guard can set it. */
export function createGuard(): {
  readonly mark: string;
  readonly requireGuard: (app: FastifyInstance) => void;
} {
  const mark = randomUUID();
  return {
    mark,
    /** Makes registering any route without an action an error at start-up. Call it before the first route. */
    requireGuard: (app) => {
      // Null until onRequest below has set it; no handler runs before.
      app.decorateRequest('actor', null as never);
      app.addHook('onRoute', (route) => {
        if (route.config?.guarded === mark && route.config.action !== undefined) return;
        throw new Error(
          `Route ${String(route.method)} ${route.url} has no action: register it through the guard`,
        );
      });
    },
  };
}

export interface GuardOptions {
  readonly wayIn: WayIn;
  /** Of this server's guard. */
  readonly mark: string;
  /** Told what tokens are used for. */
  readonly uses?: UseObserver | undefined;
}

/** Registration of routes for one way in. */
export function guardRoutes(
  app: FastifyInstance,
  ctx: Context,
  { wayIn, mark, uses }: GuardOptions,
): GuardedRoutes {
  const tell = tellUses(uses);
  return {
    route(route) {
      const { action } = route;
      if (!Object.hasOwn(actions, action)) throw new Error(`${route.url}: no such action: ${action}`);

      const targets = new WeakMap<FastifyRequest, Target>();
      const postponed = new WeakMap<FastifyRequest, Refusal>();

      /** Keeps the target for the handler if the decision is "allowed"; otherwise sends the answer. */
      const admit = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
        const target: (Target & MaybeMoved) | null = await route.target(request, request.actor);
        if (target === null) {
          await wayIn.refuse(request, reply, { because: 'invisible' }, action);
          return;
        }
        const decision = decideAny(request.actor, action, target);
        if (!decision.allowed && decision.because === 'sudo-required') postponed.set(request, decision);
        else if (!decision.allowed) await wayIn.refuse(request, reply, decision, action);
        else {
          tell(request, request.actor, decision);
          // By who may change workflow files, a push isn't looked through for them: that scope counts as used.
          if (action === 'contents.write') {
            tell(request, request.actor, decideAny(request.actor, 'workflows.write', target));
          }
          if (target.movedTo !== undefined) await wayIn.moved(request, reply, target.movedTo);
          else targets.set(request, target);
        }
      };

      app.route({
        method: route.method,
        url: route.url,
        ...(route.schema === undefined ? {} : { schema: route.schema }),
        ...(route.bodyLimit === undefined ? {} : { bodyLimit: route.bodyLimit }),
        config: { ...route.config, action, guarded: mark },
        onRequest: async (request, reply) => {
          const authenticated = await wayIn.authenticate(request, reply);
          if (authenticated.refused !== undefined) {
            await wayIn.refuse(request, reply, authenticated.refused, action);
            return;
          }
          request.actor = authenticated.actor;
          if (route.targetInBody !== true) await admit(request, reply);
        },
        ...(route.targetInBody === true ? { preHandler: admit } : {}),
        handler: async (request, reply): Promise<unknown> => {
          // Only now is the form read, whose fields must not be lost while the person proves who they are.
          const refusal = postponed.get(request);
          if (refusal !== undefined) return wayIn.refuse(request, reply, refusal, action);
          const target = targets.get(request);
          if (target === undefined)
            throw new Error(`${route.url}: the handler was reached without a decision`);
          const call = {
            request,
            reply,
            actor: request.actor,
            ctx: { ...ctx, by: doerOf(request.actor, request) },
            target,
            params: request.params,
            query: request.query,
            body: request.body,
            ask: (...[actor, name, wanted]: Parameters<typeof decideAny>) => {
              const decision = decideAny(actor, name, wanted);
              tell(request, actor, decision);
              return decision;
            },
            refuse: (refusal: Refusal) => wayIn.refuse(request, reply, refusal, action),
          };
          return route.handler(call as unknown as Parameters<typeof route.handler>[0]);
        },
      } as RouteOptions);
    },
  };
}

/** `decide` for a name and a target whose fitting together was checked where the route was written. */
const decideAny = decide as (actor: Actor, action: ActionName, target: Target) => Decision;
