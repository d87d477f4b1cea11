// Notices that outlive one redirect ("Profile updated."). They travel in a cookie, signed with the browser's own
// secret so that nobody else can put words on our pages, and are gone once shown. Never put a secret in one.
import { createHmac } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { type Secret, sameText } from '../secrets/secret.ts';
import { readCookie, writeCookie } from './cookies.ts';
import { browserSecret, visitOf } from './visit.ts';

const COOKIE = 'flash';
const LIFE_SECONDS = 60;
const MAX_LENGTH = 500;

const kinds = ['success', 'warn', 'error'] as const;
export type FlashKind = (typeof kinds)[number];

export interface Flash {
  readonly kind: FlashKind;
  readonly text: string;
}

/** Shows a notice at the top of the next page: `flash(call.reply, 'success', 'Profile updated.')`. */
export function flash(reply: FastifyReply, kind: FlashKind, text: string): void {
  const { secure } = visitOf(reply.request);
  const packed = Buffer.from(JSON.stringify([kind, text.slice(0, MAX_LENGTH)])).toString('base64url');
  writeCookie(reply, COOKIE, `${packed}.${sign(packed, browserSecret(reply))}`, secure, LIFE_SECONDS);
}

/** The notice that this page must show, if any; it won't be shown again. */
export function takeFlash(reply: FastifyReply): Flash | null {
  const { secure, session, visitor } = visitOf(reply.request);
  const cookie = readCookie(reply.request, COOKIE, secure);
  if (cookie === undefined) return null;
  writeCookie(reply, COOKIE, '', secure, 0);
  const [packed = '', signature = ''] = cookie.split('.');
  const browser = session ?? visitor;
  if (browser === null || !sameText(signature, sign(packed, browser))) return null;
  return unpack(packed);
}

/** A stranger's secret is theirs to choose: what is signed with it may be anything. */
function unpack(packed: string): Flash | null {
  try {
    const [name, text]: readonly unknown[] = JSON.parse(Buffer.from(packed, 'base64url').toString());
    const kind = kinds.find((each) => each === name);
    return kind === undefined || typeof text !== 'string' ? null : { kind, text };
  } catch {
    return null;
  }
}

function sign(packed: string, browser: Secret): string {
  return createHmac('sha256', browser.expose()).update(`flash:${packed}`).digest('base64url');
}
