// What a token was just used for, as the guard tells it to who counts such uses (tokens/uses.ts).
import type { FastifyRequest } from 'fastify';
import type { Scope } from '../scopes/scopes.ts';
import type { Actor } from './actor.ts';
import type { Decision } from './decide.ts';

export interface TokenUse {
  readonly tokenId: number;
  /** The scopes that were needed and not yet told of this request; empty where none was. */
  readonly scopes: readonly Scope[];
  /** Is it the first that is told of this request? */
  readonly first: boolean;
  readonly address: string;
  readonly userAgent: string;
}

export interface UseObserver {
  used(use: TokenUse): void;
}

/** Tells of each request once, and of each scope that it needed once, however many decisions it takes. */
export function tellUses(observer: UseObserver | undefined) {
  const told = new WeakMap<FastifyRequest, Set<Scope>>();
  return (request: FastifyRequest, actor: Actor, decision: Decision): void => {
    if (observer === undefined || !decision.allowed) return;
    if (actor.kind !== 'user' || actor.grant.kind !== 'scopes') return;
    const before = told.get(request);
    const known = before ?? new Set();
    const scopes = decision.used.filter((scope) => !known.has(scope));
    if (before !== undefined && scopes.length === 0) return;
    for (const scope of scopes) known.add(scope);
    told.set(request, known);
    observer.used({
      tokenId: actor.grant.tokenId,
      scopes,
      first: before === undefined,
      address: request.ip,
      userAgent: request.headers['user-agent'] ?? '',
    });
  };
}
