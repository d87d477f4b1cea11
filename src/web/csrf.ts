// Protection of forms against other sites: a token bound to the browser's own cookie, and the browser's word
// on where the request comes from. Both must agree (OWASP: signed double submit, plus Fetch Metadata).
import { createHmac } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { type RandomBytes, type Secret, sameText } from '../secrets/secret.ts';

const TOKEN_BYTES = 32;

/**
 * A new token for a form of this browser. Masked by fresh random bytes, so that no two pages hold the same text
 * and a compressing proxy in front gives nothing away (BREACH).
 */
export function authenticityToken(browser: Secret, random: RandomBytes): string {
  const mask = Buffer.from(random(TOKEN_BYTES));
  return Buffer.concat([mask, xor(mask, keyed(browser))]).toString('base64url');
}

/** Was this token made for this browser? */
export function isAuthentic(token: string | null, browser: Secret | null): boolean {
  if (token === null || browser === null || !/^[\w-]{86}$/.test(token)) return false;
  const bytes = Buffer.from(token, 'base64url');
  const unmasked = xor(bytes.subarray(0, TOKEN_BYTES), bytes.subarray(TOKEN_BYTES));
  return sameText(unmasked.toString('hex'), keyed(browser).toString('hex'));
}

/**
 * Does the browser say that one of our own pages sent the request? Programs that send neither header are judged
 * by the token alone.
 * @param url the configured base of all links; a loopback name under which we were asked is ours as well
 */
export function comesFromHere(request: FastifyRequest, url: string): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const { origin } = request.headers;
  if (origin === undefined) return true;
  return origin === new URL(url).origin || origin === `${request.protocol}://${request.host}`;
}

function keyed(browser: Secret): Buffer {
  return createHmac('sha256', browser.expose()).update('authenticity_token').digest();
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));
}
