// Reading and setting cookies. All of ours are host-only, HttpOnly and SameSite=Lax, and under https carry the
// `__Host-` prefix, so that neither a neighbouring host nor a plain connection can plant one (RFC 6265bis 4.1.3.2).
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Longer Cookie headers than any browser of ours sends are not looked at. */
const MAX_HEADER_LENGTH = 16 * 1024;

/** The name under which a cookie travels. */
export function cookieName(name: string, secure: boolean): string {
  return secure ? `__Host-latchkey_${name}` : `latchkey_${name}`;
}

/** The value of a cookie, exactly as it was set; undefined when the browser sent none. */
export function readCookie(request: FastifyRequest, name: string, secure: boolean): string | undefined {
  const header = request.headers.cookie;
  if (header === undefined || header.length > MAX_HEADER_LENGTH) return undefined;
  const wanted = `${cookieName(name, secure)}=`;
  const pair = header
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(wanted));
  return pair?.slice(wanted.length);
}

/**
 * Sets a cookie for the whole site.
 * @param value must need no escaping: base64url, say
 * @param maxAgeSeconds 0 removes it; undefined keeps it until the browser is closed
 */
export function writeCookie(
  reply: FastifyReply,
  name: string,
  value: string,
  secure: boolean,
  maxAgeSeconds?: number,
): void {
  if (!/^[\w.~-]*$/.test(value)) throw new TypeError(`The value of cookie ${name} needs escaping`);
  const parts = [`${cookieName(name, secure)}=${value}`, 'Path=/', 'HttpOnly', 'SameSite=Lax'];
  if (secure) parts.push('Secure');
  if (maxAgeSeconds !== undefined) parts.push(`Max-Age=${maxAgeSeconds}`);
  const others = setCookies(reply).filter((cookie) => !cookie.startsWith(`${cookieName(name, secure)}=`));
  reply.removeHeader('set-cookie');
  reply.header('set-cookie', [...others, parts.join('; ')]);
}

function setCookies(reply: FastifyReply): readonly string[] {
  const header = reply.getHeader('set-cookie');
  if (header === undefined) return [];
  return Array.isArray(header) ? header : [String(header)];
}
