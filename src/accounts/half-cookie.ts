// The cookie of half a sign-in: the password is proved, the second factor is not. It opens the page that asks for it,
// and nothing else.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Secret } from '../secrets/secret.ts';
import { readCookie, writeCookie } from '../web/cookies.ts';
import { safeReturnTo } from '../web/return-to.ts';
import { visitOf } from '../web/visit.ts';
import { HALF_SIGN_IN_MS } from './admission.ts';

const COOKIE = 'half_sign_in';

/** Where the second factor is asked for. */
export const TWO_FACTOR = '/login/two-factor';

export function twoFactorPath(returnTo: string): string {
  const path = safeReturnTo(returnTo);
  return path === '/' ? TWO_FACTOR : `${TWO_FACTOR}?return_to=${encodeURIComponent(path)}`;
}

export function keepHalf(reply: FastifyReply, half: Secret): void {
  writeCookie(reply, COOKIE, half.expose(), visitOf(reply.request).secure, HALF_SIGN_IN_MS / 1000);
}

export function clearHalf(reply: FastifyReply): void {
  const { secure } = visitOf(reply.request);
  if (readCookie(reply.request, COOKIE, secure) !== undefined) writeCookie(reply, COOKIE, '', secure, 0);
}

export function readHalf(request: FastifyRequest): Secret | null {
  const value = readCookie(request, COOKIE, visitOf(request).secure);
  return value !== undefined && /^[\w-]{43}$/.test(value) ? new Secret(value) : null;
}
