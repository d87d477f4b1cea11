// The cookie of half a sign-in: the password is proved, the second factor is not. It opens the page that asks for it,
// and nothing else.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Secret } from '../secrets/secret.ts';
import { readCookie, writeCookie } from './cookies.ts';
import { visitOf } from './visit.ts';

const COOKIE = 'half_sign_in';

export function keepHalf(reply: FastifyReply, half: Secret, lifeMs: number): void {
  writeCookie(reply, COOKIE, half.expose(), visitOf(reply.request).secure, lifeMs / 1000);
}

export function clearHalf(reply: FastifyReply): void {
  const { secure } = visitOf(reply.request);
  if (readCookie(reply.request, COOKIE, secure) !== undefined) writeCookie(reply, COOKIE, '', secure, 0);
}

export function readHalf(request: FastifyRequest): Secret | null {
  const value = readCookie(request, COOKIE, visitOf(request).secure);
  return value !== undefined && /^[\w-]{43}$/.test(value) ? new Secret(value) : null;
}
