// What Git LFS is told, as long as nothing is kept for it: whoever may reach a repository learns that there is none,
// others what they would learn from git. Its clients then push whatever needs no LFS, and say the sentence otherwise
// (git-lfs, docs/api/batch.md and locking.md; seen with 3.3).
import type { FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { Actor } from '../access/actor.ts';
import type { GuardedRoutes } from '../access/guard.ts';
import { instance } from '../access/targets.ts';
import type { RepositoryFound } from '../repositories/repositories.ts';
import { sendText, type Words } from './answers.ts';

const MEDIA_TYPE = 'application/vnd.git-lfs+json';

type Find = (request: FastifyRequest, actor: Actor) => Promise<RepositoryFound | null>;

export function lfsRoutes({ route }: GuardedRoutes, find: Find): void {
  const none = ({ request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply }) =>
    sendLfsWords(request, reply, { status: 404, text: 'Git LFS is not available on this server.' });
  for (const [method, address, action] of [
    ['POST', 'objects/batch', 'contents.read'],
    ['GET', 'locks', 'contents.read'],
    ['POST', 'locks', 'contents.write'],
    // 404 is what servers without locks answer: a push goes on.
    ['POST', 'locks/verify', 'contents.write'],
    ['POST', 'locks/:id/unlock', 'contents.write'],
  ] as const) {
    route({ method, url: `/:owner/:repo/info/lfs/${address}`, action, target: find, handler: none });
  }
  const methods: HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
  const url = '/:owner/:repo/info/lfs/*';
  route({ method: methods, url, action: 'meta.read', target: () => instance, handler: none });
}

/** Is it an address of Git LFS? What is said there is said in its own form. */
export function isLfs(request: FastifyRequest): boolean {
  return request.routeOptions.url?.includes('/info/lfs/') === true;
}

/** A sentence as JSON. Where a credential is asked for, its clients look at a header of their own. */
export function sendLfsWords(request: FastifyRequest, reply: FastifyReply, words: Words): FastifyReply {
  const { status, text, headers = {} } = words;
  const challenge = (headers as Readonly<Record<string, string>>)['www-authenticate'];
  const asks = challenge === undefined ? {} : { 'lfs-authenticate': challenge };
  const body = JSON.stringify({ message: text, request_id: request.id });
  return sendText(request, reply, { status, headers: { ...headers, ...asks } }, MEDIA_TYPE, body);
}
