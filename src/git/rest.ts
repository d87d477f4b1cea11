// Git over HTTPS, one of the ways into Latchkey: the three addresses of the smart protocol (gitprotocol-http(5)),
// and clear words for everything else that git or its relatives may ask for there.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { Actor } from '../access/actor.ts';
import { type Attempts, createAttempts } from '../access/attempts.ts';
import { authenticate, type TokenVerifier } from '../access/authenticate.ts';
import { type Call, guardRoutes, type RouteSchema, type WayIn } from '../access/guard.ts';
import { instance } from '../access/targets.ts';
import type { UseObserver } from '../access/uses.ts';
import { setExpiration } from '../api/headers.ts';
import type { Context } from '../context.ts';
import { findRepository, type RepositoryFound } from '../repositories/repositories.ts';
import { sendWords } from './answers.ts';
import { isKnownEncoding } from './body.ts';
import { answerOverHttp } from './http.ts';
import { isLfs, lfsRoutes, sendLfsWords } from './lfs-rest.ts';
import type { Part } from './observer.ts';
import type { Operations } from './operation.ts';
import { protocolVersion, type Service, serviceNamed } from './protocol.ts';
import { refusalWords } from './refusals.ts';

export interface GitOptions {
  /** The mark of this server's guard. */
  readonly mark: string;
  readonly verifier: TokenVerifier;
  /** Counts bad credentials, for all ways in that take tokens. Default: for this one alone. */
  readonly attempts?: Attempts;
  /** Told what tokens are used for. */
  readonly uses?: UseObserver | undefined;
  readonly operations: Operations;
}

const allMethods: HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Registers git's addresses. */
export function gitRoutes(app: FastifyInstance, ctx: Context, options: GitOptions): void {
  const { config } = ctx;
  const { operations } = options;
  // Before the server waits for what is in flight: who stops it has waited already.
  app.addHook('preClose', () => operations.close());
  const continueBody = challengeBeforeBody(app);

  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // Bodies are streams, read by git as it goes.
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.setErrorHandler((error: FastifyError, request, reply) => {
      const { statusCode: status = 500 } = error;
      if (status >= 400 && status < 500) {
        return sendWords(request, reply, { status, text: 'The request could not be read.' });
      }
      request.log.error({ err: error }, 'a git request failed');
      return sendWords(request, reply, { status: 500, text: 'Something went wrong on the server.' });
    });
    scope.addHook('onSend', async (request, reply, payload) => {
      const actor = request.actor as Actor | null;
      if (actor?.kind === 'user' && actor.grant.kind === 'scopes')
        setExpiration(reply, actor.grant.expiresAt);
      return payload;
    });
    const { route } = guardRoutes(scope, ctx, {
      wayIn: createGitWay(ctx, options.verifier, options.attempts ?? createAttempts(ctx.now)),
      mark: options.mark,
      uses: options.uses,
    });

    const find = (request: FastifyRequest, actor: Actor): Promise<RepositoryFound | null> | null => {
      const { owner, repo } = request.params as { readonly owner: string; readonly repo: string };
      if (config.privateMode && actor.kind === 'anonymous') return null;
      return findRepository(ctx, actor, owner, repo);
    };

    /**
     * An exchange is served by a former name too: git that had to give its credential first does not notice that it
     * was led on (http.c, http_request_reauth), and goes on with the address it began with.
     */
    const findByAnyName = async (request: FastifyRequest, actor: Actor): Promise<RepositoryFound | null> => {
      const found = await find(request, actor);
      if (found === null) return null;
      const { movedTo: _, ...target } = found;
      return target;
    };

    function answer(
      { ctx, request, reply, actor, target }: Call<RepositoryFound, RouteSchema>,
      service: Service,
      part: Exclude<Part, 'session'>,
    ): unknown {
      const version = protocolVersion(request.headers['git-protocol']);
      if (version === null) {
        return sendWords(request, reply, { status: 400, text: 'The Git-Protocol header is malformed.' });
      }
      return answerOverHttp(operations, {
        request,
        reply,
        actor,
        by: ctx.by,
        target,
        service,
        part,
        version,
        continueBody: () => continueBody(request.raw, reply.raw),
      });
    }

    route({
      method: 'GET',
      url: '/:owner/:repo/info/refs',
      action: 'contents.read',
      target: find,
      handler: (call) => {
        const { service: name } = call.request.query as { readonly service?: unknown };
        const service = serviceNamed(name);
        if (service === 'receive-pack') {
          const decision = call.ask(call.actor, 'contents.write', call.target);
          if (!decision.allowed) return call.refuse(decision);
        }
        if (service !== null) return answer(call, service, 'advertisement');
        const text = name === undefined ? noDumbProtocol : 'This service is not offered here.';
        return sendWords(call.request, call.reply, { status: 403, text });
      },
    });

    const exchange = (service: Service) => (call: Call<RepositoryFound, RouteSchema>) => {
      const { request, reply } = call;
      const type = `application/x-git-${service}-request`;
      if (request.headers['content-type']?.toLowerCase() !== type) {
        return sendWords(request, reply, { status: 415, text: `The content type has to be ${type}.` });
      }
      if (!isKnownEncoding(request.headers['content-encoding'])) {
        return sendWords(request, reply, { status: 415, text: 'The body may be compressed by gzip only.' });
      }
      return answer(call, service, 'exchange');
    };
    route({
      method: 'POST',
      url: '/:owner/:repo/git-upload-pack',
      action: 'contents.read',
      target: findByAnyName,
      handler: exchange('upload-pack'),
    });
    route({
      method: 'POST',
      url: '/:owner/:repo/git-receive-pack',
      action: 'contents.write',
      target: findByAnyName,
      handler: exchange('receive-pack'),
    });

    /** An address that never does what the method asks, for whatever repository. */
    const never = (
      method: HTTPMethods[],
      url: string,
      say: (request: FastifyRequest, reply: FastifyReply) => unknown,
    ) =>
      route({
        method,
        url,
        action: 'meta.read',
        target: () => instance,
        handler: ({ request, reply }) => say(request, reply),
      });
    const wrongMethod = (allow: string) => (request: FastifyRequest, reply: FastifyReply) =>
      sendWords(request, reply, {
        status: 405,
        text: `This address takes ${allow} only.`,
        headers: { allow },
      });
    const dumb = (request: FastifyRequest, reply: FastifyReply) =>
      sendWords(request, reply, { status: 403, text: noDumbProtocol });
    never(except('GET'), '/:owner/:repo/info/refs', wrongMethod('GET'));
    never(except('POST'), '/:owner/:repo/git-upload-pack', wrongMethod('POST'));
    never(except('POST'), '/:owner/:repo/git-receive-pack', wrongMethod('POST'));
    never(['GET'], '/:owner/:repo/HEAD', dumb);
    never(['GET'], '/:owner/:repo/objects/*', dumb);
    never(allMethods, '/:owner/:repo/git-upload-archive', (request, reply) =>
      sendWords(request, reply, { status: 403, text: 'This service is not offered here.' }),
    );
    lfsRoutes({ route }, findByAnyName);
  });
}

const noDumbProtocol = 'The dumb HTTP protocol is not offered here: use git 1.6.6 or newer.';

function except(method: HTTPMethods): HTTPMethods[] {
  return allMethods.filter((other) => other !== method);
}

/** git's way in: tokens by the Authorization header, words in plain text. */
function createGitWay({ config }: Context, verifier: TokenVerifier, attempts: Attempts): WayIn {
  return {
    authenticate: (request) =>
      authenticate(
        {
          authorization: request.headers.authorization,
          url: request.raw.url ?? request.url,
          address: request.ip,
        },
        verifier,
        attempts,
      ),
    refuse: (request, reply, refusal) => {
      if (refusal.because === 'token-lives-too-long') setExpiration(reply, refusal.expiresAt);
      const send = isLfs(request) ? sendLfsWords : sendWords;
      return send(request, reply, refusalWords(refusal, request, config));
    },
    moved: (request, reply, path) => {
      // Relative, so that it leads to whatever name of this server the client came by.
      const location = request.url.replace(/^\/[^/]+\/[^/?]+/, `/${path}.git`);
      return sendWords(request, reply, {
        status: 301,
        text: 'This repository moved. Please use its new address.',
        headers: { location },
      });
    },
  };
}

/**
 * Lets git's addresses answer before the body is sent where the client asks to wait (RFC 9110 §10.1.1): Node would
 * otherwise tell it to go on before anybody knows who it is.
 * @returns what tells it to go on
 */
function challengeBeforeBody(
  app: FastifyInstance,
): (request: IncomingMessage, response: ServerResponse) => void {
  const waiting = new WeakSet<IncomingMessage>();
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (/\/git-(upload|receive)-pack(\?|$)/.test(request.url ?? '')) waiting.add(request);
    else response.writeContinue();
    app.server.emit('request', request, response);
  });
  return (request, response) => {
    if (waiting.delete(request)) response.writeContinue();
  };
}
