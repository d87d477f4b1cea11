// Conditional reading: an ETag on every good answer to GET, and 304 for a client that has it already
// (ghes-spec 5.5; RFC 9110 §13).
import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../access/actor.ts';

/**
 * Sets the ETag and decides whether the client's copy is still good; to be called with the finished body.
 * @returns true if the answer became a 304, whose body is empty
 */
export function answerConditionally(
  request: FastifyRequest,
  reply: FastifyReply,
  body: string | Buffer,
  actor: Actor,
): boolean {
  if (reply.statusCode !== 200 || (request.method !== 'GET' && request.method !== 'HEAD')) return false;
  // Two callers never share an ETag, so that it can't tell one what another one saw (ghes-spec 5.5).
  const caller =
    actor.kind === 'user' && actor.grant.kind === 'scopes' ? `token ${actor.grant.tokenId}` : 'anonymous';
  const type = String(reply.getHeader('content-type'));
  const etag = `"${hash('sha256', `${caller}\n${type}\n${hash('sha256', body, 'hex')}`, 'hex')}"`;
  reply.header('etag', etag);
  if (!isStillGood(request, etag, reply.getHeader('last-modified'))) return false;
  reply.code(304);
  reply.removeHeader('content-type');
  reply.removeHeader('content-length');
  return true;
}

function isStillGood(request: FastifyRequest, etag: string, lastModified: unknown): boolean {
  const known = request.headers['if-none-match'];
  // RFC 9110 §13.1.3: If-Modified-Since counts only where there is no If-None-Match.
  if (known !== undefined) return known.trim() === '*' || entityTags(known).includes(etag);
  const since = request.headers['if-modified-since'];
  if (since === undefined || typeof lastModified !== 'string') return false;
  return Date.parse(lastModified) <= Date.parse(since);
}

/** The tags of a list, compared weakly: `W/"x"` is `"x"` (RFC 9110 §8.8.3.2). */
function entityTags(header: string): string[] {
  return header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
}

/**
 * Says when a thing changed last. Left out within the second of the change: HTTP dates have no finer grain, and a
 * client that came in between would take an old copy for a new one (RFC 9110 §8.8.2.1).
 */
export function setLastModified(reply: FastifyReply, changedAt: number, now: number): void {
  if (Math.floor(changedAt / 1000) >= Math.floor(now / 1000)) return;
  reply.header('last-modified', new Date(changedAt).toUTCString());
}
