// The front door: what happens to every request before any feature sees it, and what is noted of it at the end.
// It stands before Fastify, so that no route, no bad address and no fault can get around it.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../access/actor.ts';
import { urlAtApiHost } from '../api/urls.ts';
import type { Config } from '../config/config.ts';
import { isLoopbackHost } from '../config/values.ts';
import type { Context } from '../context.ts';
import { type Client, parseRanges, readClient } from './client.ts';
import { type FaultName, faultAnswer, faultHeaders, isGitPath, languageOf, pathOf } from './faults.ts';
import { judgeHost } from './hosts.ts';
import { logRequest } from './logging.ts';
import type { Metrics } from './metrics.ts';
import { newRequestId } from './request-id.ts';

/** How long a client may go on sending after it was turned away. */
const LINGER_MS = 5_000;

/** What is known of a request while it runs. */
export interface Visit {
  readonly id: string;
  readonly client: Client;
  /** Set once Fastify has taken the request over. */
  request: FastifyRequest | null;
}

export type Visits = WeakMap<IncomingMessage, Visit>;

export interface FrontDoor {
  readonly handle: RequestListener;
  /** Answers of requests that run now. */
  readonly open: ReadonlySet<ServerResponse>;
  /** From now on every answer is the last on its connection, and `/readyz` says no. */
  close(): void;
}

interface FrontDoorOptions {
  readonly visits: Visits;
  readonly metrics: Metrics;
  /** Do database and storage answer? */
  readonly isReady: () => Promise<boolean>;
  readonly next: RequestListener;
}

export function createFrontDoor(
  ctx: Context,
  { visits, metrics, isReady, next }: FrontDoorOptions,
): FrontDoor {
  const { config } = ctx;
  const trusted = parseRanges(config.trustedProxies);
  // Plain HTTP beyond loopback is for the proxy alone.
  const proxyOnly = config.tls === null && !isLoopbackHost(config.listen.host);
  const open = new Set<ServerResponse>();
  let closing = false;

  const note = (request: IncomingMessage, response: ServerResponse, path: string, started: number): void => {
    const visit = visits.get(request);
    const seconds = (performance.now() - started) / 1000;
    const route = visit?.request?.routeOptions.url ?? 'none';
    metrics.request(route, request.method ?? '', response.statusCode, seconds);
    logRequest(ctx.log, {
      id: visit?.id ?? '',
      method: request.method ?? '',
      path,
      status: response.statusCode,
      ms: seconds * 1000,
      address: visit?.client.address ?? '',
      ...whoIs(visit?.request?.actor),
    });
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const started = performance.now();
    const id = newRequestId(ctx.random, ctx.now());
    const tls = (request.socket as Partial<TLSSocket>).encrypted === true;
    const client = readClient(request, trusted, tls);
    visits.set(request, { id, client, request: null });
    response.setHeader('X-GitHub-Request-Id', id);
    open.add(response);
    if (closing) response.setHeader('Connection', 'close');
    const { fault, target, api } = locate(request, config.url);
    const path = pathOf(target);
    response.once('close', () => {
      open.delete(response);
      note(request, response, path, started);
    });

    const isOperators = path === '/healthz' || path === '/readyz';
    if (proxyOnly && !client.byProxy && !(client.loopback && (isOperators || path === '/metrics'))) {
      return sendFault(request, response, 'proxy-only', config.url);
    }
    if (isOperators)
      return sendHealth(request, response, path === '/healthz' || (!closing && (await isReady())));
    // Before anything is answered: what stands at the API's host is answered in the API's language.
    request.url = api ? urlAtApiHost(target) : target;
    if (fault !== null) return sendFault(request, response, fault, config.url);
    if (!/^(?:100-continue)?$/i.test(request.headers.expect ?? '')) {
      return sendFault(request, response, 'expectation-failed', config.url);
    }
    if (path === '/metrics' && client.loopback && !api) return sendMetrics(request, response, metrics);
    limitBody(request, response, path, config);
    next(request, response);
  };

  return {
    handle: (request, response) => {
      handle(request, response).catch((error: unknown) => {
        ctx.log.error({ err: error }, 'the front door failed');
        sendFault(request, response, 'server-error', config.url);
      });
    },
    open,
    close: () => {
      closing = true;
      for (const response of open) {
        if (!response.headersSent) response.setHeader('Connection', 'close');
      }
    },
  };
}

interface Located {
  readonly fault: FaultName | null;
  /** The path and query; an absolute target without its origin (RFC 9112 §3.2.2). */
  readonly target: string;
  /** Does the API stand at the root here? */
  readonly api: boolean;
}

/** Which host and address does the request name? Every host that it names must be ours. */
function locate(request: IncomingMessage, base: string): Located {
  const raw = request.url ?? '';
  const absolute = /^https?:\/\/(?<authority>[^/?#]*)(?<rest>.*)$/is.exec(raw)?.groups;
  const rest = absolute?.rest ?? raw;
  const target = absolute !== undefined && !rest.startsWith('/') ? `/${rest}` : rest;
  const hosts = rawValues(request, 'host');
  const found = (fault: FaultName | null, api = false): Located => ({ fault, target, api });
  if (!target.startsWith('/')) return found(raw === '*' ? 'method-not-allowed' : 'bad-request');
  if (hosts.length === 0) return found('host-missing');
  if (hosts.length > 1) return found('host-malformed');
  const forwarded = request.headers['x-forwarded-host'];
  // A proxy calls us by any name; the one that its client used is in the forwarded header.
  const named = typeof forwarded === 'string' ? [forwarded] : [...hosts, absolute?.authority];
  let api = false;
  for (const host of named) {
    if (host === undefined) continue;
    const judged = judgeHost(host, base);
    if (judged === 'malformed') return found('host-malformed');
    if (judged === 'foreign') return found('foreign-host');
    api = judged === 'api';
  }
  return found(null, api);
}

function rawValues(request: IncomingMessage, name: string): readonly string[] {
  return request.rawHeaders.filter(
    (_value, index, all) => index % 2 === 1 && all[index - 1]?.toLowerCase() === name,
  );
}

/** What a log line tells of the caller; nothing of its credential but a token's number. */
function whoIs(actor: Actor | null | undefined) {
  if (actor == null || actor.kind === 'anonymous') return {};
  if (actor.kind === 'deploy-key') return { deployKeyId: actor.keyId };
  if (actor.kind === 'application') return { clientId: actor.application.clientId };
  const { account, grant } = actor;
  return {
    login: account.login,
    accountId: account.id,
    ...(grant.kind === 'scopes' ? { tokenId: grant.tokenId } : {}),
  };
}

/** A client that sends its body drop by drop is told so, and let go. */
function limitBody(request: IncomingMessage, response: ServerResponse, path: string, config: Config): void {
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length']) > 0;
  if (!hasBody || isGitPath(path)) return;
  const timer = setTimeout(() => {
    if (request.complete) return;
    if (response.headersSent) request.destroy();
    else sendFault(request, response, 'timeout', config.url);
  }, config.limits.bodyMs).unref();
  // Not when the answer is sent: an early one does not entitle anybody to hold the connection.
  request.once('end', () => clearTimeout(timer));
}

function sendFault(request: IncomingMessage, response: ServerResponse, name: FaultName, url: string): void {
  if (response.headersSent) {
    request.destroy();
    return;
  }
  const { status, type, body } = faultAnswer(name, languageOf(request), url);
  response.writeHead(status, {
    ...faultHeaders,
    ...(name === 'timeout' ? { connection: 'close' } : {}),
    'content-type': type,
    'content-length': Buffer.byteLength(body),
  });
  response.end(request.method === 'HEAD' ? '' : body);
  // Closing at once could lose the answer to a reset, since the client still sends; it gets a while to stop.
  if (!request.complete) {
    const timer = setTimeout(() => !request.complete && request.destroy(), LINGER_MS);
    request.once('end', () => clearTimeout(timer)).resume();
  }
}

function sendText(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
) {
  const headers = { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) });
  response.end(request.method === 'HEAD' ? '' : text);
}

function sendHealth(request: IncomingMessage, response: ServerResponse, well: boolean): void {
  sendText(request, response, well ? 200 : 503, 'text/plain; charset=utf-8', well ? 'ok\n' : 'not ready\n');
}

async function sendMetrics(
  request: IncomingMessage,
  response: ServerResponse,
  metrics: Metrics,
): Promise<void> {
  sendText(request, response, 200, metrics.contentType, await metrics.text());
}
