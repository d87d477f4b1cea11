// What a page knows about the request it answers: who is signed in, by which cookie, and what was submitted.
// The way in attaches it to the request before anything else runs.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../access/actor.ts';
import type { Context } from '../context.ts';
import { randomSecret, Secret } from '../secrets/secret.ts';
import type { Assets } from './assets.ts';
import { readCookie, writeCookie } from './cookies.ts';
import type { FormFields } from './forms.ts';
import type { PageNotice } from './notices.tsx';

export interface Visit {
  readonly ctx: Context;
  readonly assets: Assets;
  /** True when config.url is https: cookies then are `Secure`. */
  readonly secure: boolean;
  actor: Actor;
  /** The secret of the session cookie, once it was verified; null for strangers. */
  session: Secret | null;
  /** The secret of the cookie that strangers get so that forms can be bound to their browser. */
  visitor: Secret | null;
  /** What the person is told; empty for strangers, and in answers to forms. */
  notices: readonly PageNotice[];
  /** The form as it was submitted, its authenticity token taken out. */
  fields: FormFields | null;
  authenticityToken: string | null;
}

const key = Symbol('visit');

type Visited = FastifyRequest & { [key]?: Visit };

export function beginVisit(request: FastifyRequest, visit: Visit): void {
  (request as Visited)[key] = visit;
}

/** The visit of this request, if the pages' way in has seen it already. */
export function findVisit(request: FastifyRequest): Visit | undefined {
  return (request as Visited)[key];
}

/** @throws when the route was not registered through the pages' way in */
export function visitOf(request: FastifyRequest): Visit {
  const visit = findVisit(request);
  if (visit === undefined) throw new Error(`${request.routeOptions.url ?? 'This route'} is not a page`);
  return visit;
}

const SESSION = 'session';
const VISITOR = 'visitor';
/** The session itself ends by its idle limit in the database; the cookie merely outlives that. */
const SESSION_COOKIE_SECONDS = 400 * 24 * 60 * 60;

export function readSessionCookie(request: FastifyRequest, secure: boolean): Secret | null {
  return toSecret(readCookie(request, SESSION, secure));
}

export function readVisitorCookie(request: FastifyRequest, secure: boolean): Secret | null {
  return toSecret(readCookie(request, VISITOR, secure));
}

function toSecret(value: string | undefined): Secret | null {
  return value !== undefined && /^[\w-]{20,128}$/.test(value) ? new Secret(value) : null;
}

/** Signs the browser in: from this answer on, it presents this session's secret. */
export function setSession(reply: FastifyReply, secret: Secret): void {
  const visit = visitOf(reply.request);
  visit.session = secret;
  writeCookie(reply, SESSION, secret.expose(), visit.secure, SESSION_COOKIE_SECONDS);
  writeCookie(reply, VISITOR, '', visit.secure, 0);
}

/** Signs the browser out. The session itself must be ended by the accounts room. */
export function clearSession(reply: FastifyReply): void {
  const visit = visitOf(reply.request);
  visit.session = null;
  writeCookie(reply, SESSION, '', visit.secure, 0);
}

/** The secret to which forms and notices of this browser are bound; strangers get a cookie on the way. */
export function browserSecret(reply: FastifyReply): Secret {
  const visit = visitOf(reply.request);
  if (visit.session !== null) return visit.session;
  if (visit.visitor === null) {
    visit.visitor = randomSecret(visit.ctx.random);
    writeCookie(reply, VISITOR, visit.visitor.expose(), visit.secure);
  }
  return visit.visitor;
}

/** The fields of the form that this request brings; empty when it brings none. */
export function submitted(request: FastifyRequest): FormFields {
  return visitOf(request).fields ?? {};
}
