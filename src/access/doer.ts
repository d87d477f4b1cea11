// Who does something, as the security log will know it: made from the actor of a request, once.
import type { FastifyRequest } from 'fastify';
import type { Doer, DoersCredential } from '../context.ts';
import type { Actor } from './actor.ts';

const MAX_USER_AGENT_LENGTH = 255;

/** The caller of this request as the doer of what it changes. */
export function doerOf(actor: Actor, request: FastifyRequest): Doer {
  return {
    account: actor.kind === 'user' ? { id: actor.account.id, login: actor.account.login } : null,
    credential: credentialOf(actor),
    address: request.ip,
    userAgent: request.headers['user-agent']?.slice(0, MAX_USER_AGENT_LENGTH) ?? null,
    requestId: request.id,
  };
}

export function credentialOf(actor: Actor): DoersCredential {
  switch (actor.kind) {
    case 'anonymous':
      return { kind: 'none' };
    case 'deploy-key':
      return { kind: 'deploy-key', keyId: actor.keyId, repositoryId: actor.repositoryId };
    case 'application':
      return { kind: 'application', name: actor.application.name, clientId: actor.application.clientId };
    case 'user':
      switch (actor.grant.kind) {
        case 'session':
          return { kind: 'session', sessionId: actor.grant.sessionId };
        case 'scopes':
          return {
            kind: 'token',
            tokenId: actor.grant.tokenId,
            hash: actor.grant.tokenHash,
            ...(actor.grant.application === undefined ? {} : { application: actor.grant.application.name }),
          };
        case 'key':
          return { kind: 'key', keyId: actor.grant.keyId };
      }
  }
}
