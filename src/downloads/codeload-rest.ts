// Archives and files for programs: `/codeload/…` and `/raw/…` (ghes-spec 10, URL forms). A way in of their own: who
// comes is told by a token in the Authorization header, as to the API, or by a pass; cookies are never looked at, so
// that what people push is never answered to a browser in somebody's name here.
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Actor } from '../access/actor.ts';
import type { Attempts } from '../access/attempts.ts';
import { authenticate, type TokenVerifier } from '../access/authenticate.ts';
import { type GuardedRoutes, guardRoutes, type WayIn } from '../access/guard.ts';
import type { UseObserver } from '../access/uses.ts';
import { ApiError, errorBody } from '../api/errors.ts';
import { sendPreflight, setExpiration } from '../api/headers.ts';
import { textParameter } from '../api/parameters.ts';
import { refusalError } from '../api/refusals.ts';
import { answerRawFile } from '../contents/raw-file.ts';
import { resolveRevision } from '../contents/refs.ts';
import type { Context } from '../context.ts';
import type { ArchiveFormat } from '../git/archive.ts';
import type { Operations } from '../git/operation.ts';
import { findRepository } from '../repositories/repositories.ts';
import { answerArchive, archiveFormats, folderOfCommit, folderOfRevision } from './archives.ts';
import { createPasses } from './passes.ts';

export interface DownloadOptions {
  /** The mark of this server's guard. */
  readonly mark: string;
  readonly verifier: TokenVerifier;
  readonly attempts: Attempts;
  readonly uses?: UseObserver | undefined;
  readonly operations: Operations;
}

const FileParams = Type.Object({ owner: Type.String(), repo: Type.String(), '*': Type.String() });
const ArchiveParams = Type.Object({
  owner: Type.String(),
  repo: Type.String(),
  kind: Type.String(),
  '*': Type.String(),
});

export async function downloadRoutes(
  app: FastifyInstance,
  ctx: Context,
  options: DownloadOptions,
): Promise<void> {
  await app.register(
    async (scope) => {
      const { routes, find } = openWay(scope, ctx, options);
      routes.route({
        method: 'GET',
        url: '/:owner/:repo/:kind/*',
        action: 'contents.read',
        schema: { params: ArchiveParams },
        target: find,
        async handler(call) {
          const { repository } = call.target;
          const kind = archiveKind(call.params.kind);
          const revision = kind === null ? null : await resolveRevision(ctx, repository, call.params['*']);
          if (kind === null || revision === null) return call.refuse({ because: 'invisible' });
          return answerArchive(ctx, options.operations, call, {
            commit: revision.sha,
            format: kind.format,
            folder: kind.isLegacy
              ? folderOfCommit(repository, revision.sha)
              : folderOfRevision(repository, revision),
            vary: 'Authorization',
          });
        },
      });
    },
    { prefix: '/codeload' },
  );
  await app.register(
    async (scope) => {
      const { routes, find } = openWay(scope, ctx, options);
      routes.route({
        method: 'GET',
        url: '/:owner/:repo/*',
        action: 'contents.read',
        schema: { params: FileParams },
        target: find,
        handler: (call) => answerRawFile(ctx, call, call.params['*'], 'Authorization'),
      });
    },
    { prefix: '/raw' },
  );
}

/** `legacy.` has the names that the API's archives have. */
function archiveKind(text: string): { readonly format: ArchiveFormat; readonly isLegacy: boolean } | null {
  const isLegacy = text.startsWith('legacy.');
  const name = isLegacy ? text.slice('legacy.'.length) : text;
  const format = archiveFormats.find((known) => known === name);
  return format === undefined ? null : { format, isLegacy };
}

function openWay(scope: FastifyInstance, ctx: Context, options: DownloadOptions) {
  const { mark, verifier, attempts, uses } = options;
  const { config } = ctx;
  const passes = createPasses(ctx);
  /** To which repository alone a request may lead that came by a pass. */
  const boundTo = new WeakMap<FastifyRequest, number>();

  const send = (reply: FastifyReply, error: ApiError): FastifyReply => {
    const { retryAfterSeconds } = error.details;
    if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
    return reply
      .code(error.statusCode)
      .header('cache-control', 'no-cache')
      .send(errorBody(config, error.error, error.details));
  };
  scope.addHook('onRequest', async (_request, reply) => {
    reply.headers({
      'access-control-allow-origin': '*',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
  });
  scope.setNotFoundHandler((request, reply) => {
    // Browsers that are led here by the API ask again whether they may.
    if (request.method === 'OPTIONS') return sendPreflight(reply);
    return send(reply, new ApiError('not-found'));
  });
  scope.setErrorHandler((error: FastifyError | ApiError, request, reply) => {
    if (error instanceof ApiError) return send(reply, error);
    const { statusCode: status = 500 } = error;
    if (status >= 400 && status < 500) return send(reply, new ApiError('bad-request'));
    request.log.error({ err: error }, 'a download failed');
    return send(reply, new ApiError(status === 503 ? 'unavailable' : 'server-error'));
  });

  const wayIn: WayIn = {
    async authenticate(request) {
      const { authorization } = request.headers;
      const pass = textParameter(request, 'token');
      if (authorization === undefined && pass !== undefined) {
        const { kind = '', '*': commit = '' } = request.params as Readonly<Record<string, string>>;
        const { authenticated, repositoryId } = await passes.verify(pass, {
          commit,
          format: archiveKind(kind)?.format ?? null,
        });
        boundTo.set(request, repositoryId);
        return authenticated;
      }
      const source = { authorization, url: request.raw.url ?? request.url, address: request.ip };
      return authenticate(source, verifier, attempts);
    },
    refuse: (_request, reply, refusal, action) => {
      if (refusal.because === 'token-lives-too-long') setExpiration(reply, refusal.expiresAt);
      return send(reply, refusalError(refusal, action, config));
    },
    moved: (request, reply, path) => {
      const prefix = scope.prefix;
      const rest = request.url.slice(prefix.length).replace(/^\/[^/?]+\/[^/?]+/, () => `/${path}`);
      return reply.redirect(`${prefix}${rest}`, 301);
    },
  };
  return {
    routes: guardRoutes(scope, ctx, { wayIn, mark, uses }) as GuardedRoutes,
    find: async (request: FastifyRequest, actor: Actor) => {
      if (config.privateMode && actor.kind === 'anonymous') return null;
      const { owner = '', repo = '' } = request.params as Readonly<Record<string, string>>;
      const found = await findRepository(ctx, actor, owner, repo);
      const bound = boundTo.get(request);
      return bound === undefined || found?.repositoryId === bound ? found : null;
    },
  };
}
