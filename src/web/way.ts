// The pages' way in: the session cookie tells who calls, strangers are led to the sign-in page, and every form is
// checked to come from one of our own pages before its handler runs.
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ActionName, actions } from '../access/actions.ts';
import { type Actor, anonymous } from '../access/actor.ts';
import { type GuardedRoutes, guardRoutes } from '../access/guard.ts';
import { instance } from '../access/targets.ts';
import type { Context } from '../context.ts';
import type { Secret } from '../secrets/secret.ts';
import { type Assets, loadAssets, sendAsset } from './assets.ts';
import { comesFromHere, isAuthentic } from './csrf.ts';
import { FORM_BYTES, parseForm } from './forms.ts';
import type { PageNotice } from './notices.tsx';
import { sendError, sendNotFound, sendRefusal, sendUnauthentic } from './refusals.tsx';
import { type SudoMode, wantedBy } from './sudo.ts';
import { beginVisit, findVisit, readSessionCookie, readVisitorCookie, type Visit, visitOf } from './visit.ts';

/** What the pages by which one comes in need. */
const ASSETS = '/assets/:file';

/** What strangers may do in private mode: come in. */
const doorActions: ReadonlySet<ActionName> = new Set([
  'session.create',
  'session.end',
  'setup.complete',
  'password.choose',
]);

/** Knows sessions: given by the composition, so that the pages' way in needs to know no feature. */
export interface SessionVerifier {
  /** Who is signed in by this session? Null: it is unknown or has ended. */
  verify(secret: Secret, from: SessionUse): Promise<Actor | 'suspended' | null>;
}

export interface SessionUse {
  readonly address: string;
  readonly userAgent: string;
}

export interface WebWay extends GuardedRoutes {
  /** Answers what no route knows, as a page. For the server's not-found handler. */
  notFound(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
  /** Answers errors as a page. For the server's error handler, outside of the pages' routes. */
  failed(error: FastifyError, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
}

export interface WebWayOptions {
  /** From `createGuard`. */
  readonly mark: string;
  readonly sessions: SessionVerifier;
  /** What a person is told on the pages. Default: nothing. */
  readonly notices?: (accountId: number) => Promise<readonly PageNotice[]>;
  readonly sudo: SudoMode;
  readonly assets?: Assets;
}

/**
 * Makes the pages' way in.
 * @param app an instance of its own (`app.register(async (pages) => createWebWay(pages, …))`): the parser of
 *   forms and the error pages are set on it and must not reach the API
 */
export function createWebWay(app: FastifyInstance, ctx: Context, options: WebWayOptions): WebWay {
  const { mark, sessions, sudo, notices = async () => [] } = options;
  const assets = options.assets ?? loadAssets();
  const secure = ctx.config.url.startsWith('https:');

  async function visit(request: FastifyRequest): Promise<'suspended' | Visit> {
    const begun: Visit = {
      ctx,
      assets,
      secure,
      actor: anonymous,
      session: null,
      visitor: readVisitorCookie(request, secure),
      notices: [],
      fields: null,
      authenticityToken: null,
    };
    beginVisit(request, begun);
    const secret = readSessionCookie(request, secure);
    if (secret === null) return begun;
    const actor = await sessions.verify(secret, {
      address: request.ip,
      userAgent: request.headers['user-agent'] ?? '',
    });
    if (actor === 'suspended') return 'suspended';
    if (actor !== null && actor.kind !== 'anonymous') {
      begun.actor = actor;
      begun.session = secret;
      if (actor.kind === 'user' && isReading(request)) begun.notices = await notices(actor.account.id);
    }
    return begun;
  }

  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: FORM_BYTES },
    (request, text, done) => {
      try {
        const { authenticity_token: token, ...fields } = parseForm(text.toString());
        const begun = visitOf(request);
        begun.fields = fields;
        begun.authenticityToken = typeof token === 'string' ? token : null;
        done(null, fields);
      } catch (error) {
        done(error as Error);
      }
    },
  );

  const failed: WebWay['failed'] = async (error, request, reply) => {
    if (findVisit(request) === undefined) await visit(request);
    return sendError(error, request, reply);
  };
  app.setErrorHandler<FastifyError>(failed);

  const { route } = guardRoutes(app, ctx, {
    mark,
    wayIn: {
      async authenticate(request) {
        const begun = await visit(request);
        return begun === 'suspended' ? { refused: { because: 'suspended' } } : { actor: begun.actor };
      },
      refuse(request, reply, refusal, action) {
        if (refusal.because !== 'sudo-required') return sendRefusal(request, reply, refusal, action);
        return unauthentic(request, reply) ?? sudo.ask({ request, reply }, wantedBy(request));
      },
      moved: (request, reply, path) => {
        const moved = request.url.replace(/^\/[^/?]+\/[^/?]+/, () => `/${path}`);
        return reply.redirect(moved, isReading(request) ? 301 : 308);
      },
    },
  });

  /** Answers a form that does not show itself to be ours; null: it is, or nothing was sent. */
  function unauthentic(request: FastifyRequest, reply: FastifyReply): FastifyReply | null {
    if (isReading(request)) return null;
    const { authenticityToken, session, visitor } = visitOf(request);
    const here = comesFromHere(request, ctx.config.url);
    if (here && isAuthentic(authenticityToken, session ?? visitor)) return null;
    return sendUnauthentic(request, reply, here);
  }

  const isClosed = (actor: Actor, { action, url }: { readonly action: ActionName; readonly url: string }) =>
    ctx.config.privateMode && actor.kind === 'anonymous' && !doorActions.has(action) && url !== ASSETS;

  const way: WebWay = {
    route(guarded) {
      route({
        ...guarded,
        target: (request, actor) => (isClosed(actor, guarded) ? null : guarded.target(request, actor)),
        async handler(call) {
          const refused = unauthentic(call.request, call.reply);
          if (refused !== null) return refused;
          const grant = call.actor.kind === 'user' ? call.actor.grant : null;
          if (takesSudo(guarded.action) && grant?.kind === 'session') await sudo.used(grant.sessionId);
          return guarded.handler(call);
        },
      });
    },
    async notFound(request, reply) {
      if (findVisit(request) === undefined) await visit(request);
      return sendNotFound(request, reply);
    },
    failed,
  };

  way.route({
    method: 'GET',
    url: ASSETS,
    action: 'meta.read',
    target: () => instance,
    handler({ request, reply }) {
      const asset = assets.find((request.params as { file: string }).file);
      return asset === undefined ? sendNotFound(request, reply) : sendAsset(request, reply, asset);
    },
  });
  return way;
}

const takesSudo = (action: ActionName): boolean => actions[action].sudo === true;

function isReading(request: FastifyRequest): boolean {
  return request.method === 'GET' || request.method === 'HEAD';
}
