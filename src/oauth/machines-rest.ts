// The way in of applications themselves: the addresses at which they ask for tokens, without a browser between. No
// cookie is looked at and none is set, no other site's script can read an answer (there is no CORS here), nothing of it
// is kept anywhere, and what is wrong is said with status 200, as clients of GitHub know it (ghes-spec 8.1).
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ActionOn } from '../access/actions.ts';
import { anonymous } from '../access/actor.ts';
import type { Attempts } from '../access/attempts.ts';
import { guardRoutes } from '../access/guard.ts';
import { instance } from '../access/targets.ts';
import type { Acting, Context } from '../context.ts';
import { Secret } from '../secrets/secret.ts';
import type { IssuedToken } from '../tokens/tokens.ts';
import { type Application, findApplicationByClientId, verifyClient } from './applications.ts';
import {
  type AnswerFields,
  contentTypes,
  encode,
  encodingFor,
  jsonPairs,
  type Parameters,
  readParameters,
} from './encodings.ts';
import { type OAuthError, type OAuthErrorCode, oauthError } from './errors.ts';

/** No request of an application is larger, in bytes. */
const BODY_LIMIT = 64 * 1024;
const MAX_HEADER_LENGTH = 2_048;

/** What a handler gets: the parameters of form, JSON or query, and who the client says that it is. */
export interface MachineCall {
  readonly ctx: Acting;
  readonly parameters: Parameters;
  readonly client: ClientCredentials;
  /** The parameter; null: it is missing or empty. */
  parameter(name: string): string | null;
  /** `return call.fail('bad_verification_code')`: status 200 with these words. */
  fail(error: OAuthErrorCode, description?: string): MachineAnswer;
  /** The client, which has shown its secret; refused ones are counted. To be answered where it is none. */
  authenticated(): Promise<Application | MachineAnswer>;
  /** The client by its number alone, for what takes no secret. */
  identified(): Promise<Application | MachineAnswer>;
}

export interface ClientCredentials {
  readonly id: string | null;
  readonly secret: Secret | null;
}

export interface MachineAnswer {
  /** Default: 200. */
  readonly status?: number;
  readonly fields: AnswerFields;
}

export const isAnswer = (result: Application | MachineAnswer): result is MachineAnswer => 'fields' in result;

export interface MachineRoutes {
  /** What everybody may read, those too whom private mode keeps out: always the same, and always JSON. */
  document(url: string, action: ActionOn<'instance'>, fields: object): void;
  post(
    url: string,
    action: ActionOn<'instance'>,
    handler: (call: MachineCall) => Promise<MachineAnswer> | MachineAnswer,
  ): void;
}

export interface MachineOptions {
  /** Of this server's guard. */
  readonly mark: string;
  /** Counts bad client credentials, for all ways in. */
  readonly attempts: Attempts;
}

/** @param app an instance of its own: its parsers and error answers must not reach pages or the API */
export function createMachineWay(
  app: FastifyInstance,
  ctx: Context,
  { mark, attempts }: MachineOptions,
): MachineRoutes {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: BODY_LIMIT }, (_request, body, done) =>
    done(null, body),
  );

  const send = (request: FastifyRequest, reply: FastifyReply, { status = 200, fields }: MachineAnswer) => {
    const encoding = encodingFor(request.headers.accept);
    return reply
      .code(status)
      .header('cache-control', 'no-store')
      .header('pragma', 'no-cache')
      .header('vary', 'Accept')
      .header('x-content-type-options', 'nosniff')
      .header('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
      .header('referrer-policy', 'no-referrer')
      .type(contentTypes[encoding])
      .send(encode(encoding, fields));
  };
  const failure = (error: OAuthErrorCode, description?: string, status?: number): MachineAnswer => ({
    ...(status === undefined ? {} : { status }),
    fields: { ...(oauthError(ctx.config, error, description) satisfies OAuthError) },
  });

  app.setErrorHandler((error: FastifyError, request, reply) => {
    const { statusCode = 500 } = error;
    if (statusCode >= 400 && statusCode < 500)
      return send(request, reply, failure('invalid_request', undefined, statusCode));
    request.log.error({ err: error }, 'an answer to an application failed');
    const description = 'Something went wrong on the server; its log says more.';
    return send(request, reply, failure('temporarily_unavailable', description, 500));
  });

  const { route } = guardRoutes(app, ctx, {
    mark,
    wayIn: {
      // Applications show their own credentials, and act for nobody yet.
      authenticate: async () => ({ actor: anonymous }),
      refuse: (request, reply) => send(request, reply, failure('invalid_request', undefined, 403)),
      moved: () => {
        throw new Error('Nothing that applications ask for has ever moved.');
      },
    },
  });

  return {
    document: (url, action, fields) =>
      route({
        method: 'GET',
        url,
        action,
        target: () => instance,
        handler: ({ reply }) =>
          reply
            .header('cache-control', 'public, max-age=3600')
            .header('x-content-type-options', 'nosniff')
            // Scripts of other sites may read it: it holds nothing that isn't told to everybody.
            .header('access-control-allow-origin', '*')
            .type('application/json; charset=utf-8')
            .send(fields),
      }),
    post: (url, action, handler) =>
      route({
        method: 'POST',
        url,
        action,
        target: () => instance,
        async handler({ ctx: acting, request, reply }) {
          const parameters = parametersOf(request);
          const client = parameters === null ? null : credentialsOf(request, parameters);
          if (parameters === null || client === null) return send(request, reply, failure('invalid_request'));
          const wrongClient = (): MachineAnswer => {
            const few = attempts.failed(client.id, request.ip);
            return failure('incorrect_client_credentials', undefined, few ? undefined : 429);
          };
          const living = (application: Application | null): Application | MachineAnswer => {
            if (application === null) return wrongClient();
            return application.enabled ? application : failure('application_suspended');
          };
          const answer = await handler({
            ctx: acting,
            parameters,
            client,
            parameter: (name) => textOf(parameters, name),
            fail: (error, description) => failure(error, description),
            authenticated: async () =>
              living(client.id === null ? null : await verifyClient(acting, client.id, client.secret)),
            identified: async () =>
              living(client.id === null ? null : await findApplicationByClientId(acting, client.id)),
          });
          return send(request, reply, answer);
        },
      }),
  };
}

/** The answer that holds a token: the one place where it leaves, with what it may do, joined by commas. */
export function tokenAnswer({ token, secret }: IssuedToken): MachineAnswer {
  return {
    fields: { access_token: secret.expose(), scope: token.scopes.join(','), token_type: 'bearer' },
  };
}

const textOf = (parameters: Parameters, name: string): string | null => parameters.get(name) || null;

/** Null: they can't be read, or one comes twice. */
function parametersOf(request: FastifyRequest): Parameters | null {
  const body = typeof request.body === 'string' ? request.body : '';
  const pairs = pairsOf(request.headers['content-type'] ?? '', body);
  if (pairs === null || request.headers['content-encoding'] !== undefined) return null;
  const { url } = request;
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
  return readParameters([new URLSearchParams(query), pairs]);
}

function pairsOf(type: string, body: string): Iterable<readonly [string, string]> | null {
  if (/^application\/([\w.-]+\+)?json *(;|$)/i.test(type)) return jsonPairs(body);
  if (body === '') return [];
  // Without a type, curl and others send a form.
  return type === '' || /^application\/x-www-form-urlencoded *(;|$)/i.test(type)
    ? new URLSearchParams(body)
    : null;
}

/**
 * Who the client says that it is: in the body, in a Basic header, or in both, as GCM does (RFC 6749 §2.3.1).
 * Null: they contradict each other, or the header can't be read.
 */
function credentialsOf(request: FastifyRequest, parameters: Parameters): ClientCredentials | null {
  const inBody = { id: textOf(parameters, 'client_id'), secret: textOf(parameters, 'client_secret') };
  const header = request.headers.authorization;
  if (header === undefined || !/^ *basic /i.test(header)) {
    return { id: inBody.id, secret: inBody.secret === null ? null : new Secret(inBody.secret) };
  }
  if (header.length > MAX_HEADER_LENGTH) return null;
  const [, id = '', secret = ''] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(header.replace(/^ *basic +/i, ''), 'base64').toString('utf8')) ?? [];
  if (id === '' || (inBody.id !== null && inBody.id !== id)) return null;
  if (inBody.secret !== null && secret !== '' && inBody.secret !== secret) return null;
  const either = secret === '' ? inBody.secret : secret;
  return { id, secret: either === null ? null : new Secret(either) };
}
