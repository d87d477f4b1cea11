// The socket: an HTTP/1.1 server with bounds on everything that a client can make it wait for or keep. It listens
// before the rest of the server exists, since links need its port; until then it answers that it is starting.
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Config } from '../config/config.ts';
import { type FaultName, faultAnswer, faultHeaders, faults } from './faults.ts';
import { StartError } from './start-error.ts';
import type { TlsMaterial } from './tls.ts';

/** All headers of a request together, in bytes; more is answered with 431. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Longer than proxies keep theirs, so that they never send into a connection that just closed. */
const KEEP_ALIVE_MS = 75_000;
/** No byte in either direction for so long ends a connection; git sends a sign of life every few seconds. */
const IDLE_MS = 10 * 60_000;
/** How long a client that is being turned away may take to read why. */
const LINGER_MS = 1_000;

export interface Listener {
  readonly server: Server | TlsServer;
  /** Takes a new certificate; open connections keep theirs. */
  setTls(tls: TlsMaterial): void;
  /** Hands requests to the front door from now on. */
  open(handle: RequestListener, refused: RefusedSocket): void;
}

/** Told of connections that were turned away before there was a request; gives the id for the answer. */
export type RefusedSocket = (fault: FaultName, code: string, address: string) => string;

/**
 * @param newId names answers that are given before the server is there
 * @throws StartError when the address can't be had
 */
export async function listen(
  config: Config,
  tls: TlsMaterial | null,
  newId: () => string,
): Promise<{ listener: Listener; port: number }> {
  const options = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: Math.min(config.limits.headersMs, config.limits.gitRequestMs),
    // Of the whole request, a long push included; shorter ones are timed by the front door.
    requestTimeout: config.limits.gitRequestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: Math.min(5_000, config.limits.headersMs),
    // The front door checks it, to say why in a sentence.
    requireHostHeader: false,
  };
  const tlsServer = tls === null ? null : createTlsServer({ ...options, ...contextOf(tls) });
  const server = tlsServer ?? createServer(options);
  // All of them are looked at, none dropped unseen: their size is bounded above.
  server.maxHeadersCount = 0;
  server.maxConnections = config.limits.connections;
  server.setTimeout(IDLE_MS);

  let handle: RequestListener = (_request, response) => {
    const { status, type, body } = faultAnswer('starting', 'text', config.url);
    const headers = { ...faultHeaders, 'x-github-request-id': newId(), 'content-type': type };
    response.writeHead(status, { ...headers, connection: 'close' }).end(body);
  };
  let refused: RefusedSocket = newId;
  const turnAway = (socket: Duplex, fault: FaultName, code: string): void => {
    const { remoteAddress } = socket as Partial<Pick<Socket, 'remoteAddress'>>;
    sendRaw(socket, fault, refused(fault, code, remoteAddress ?? ''));
  };
  server.on('request', (request, response) => handle(request, response));
  server.on('checkExpectation', (request, response) => handle(request, response));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const code = error.code ?? '';
    if (code === 'ECONNRESET' || !socket.writable || hasAnswerBegun(socket)) socket.destroy();
    else turnAway(socket, faultOfParser(code), code);
  });
  server.on('connect', (_request, socket) => turnAway(socket, 'method-not-allowed', 'CONNECT'));

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, config)));
    server.listen({ ...config.listen, ipv6Only: false }, resolve);
  });
  server.on('error', () => server.close());
  const listener: Listener = {
    server,
    setTls: (material) => tlsServer?.setSecureContext(contextOf(material)),
    open: (newHandle, newRefused) => {
      handle = newHandle;
      refused = newRefused;
    },
  };
  return { listener, port: (server.address() as AddressInfo).port };
}

function contextOf({ cert, key }: TlsMaterial) {
  return { cert, key, minVersion: 'TLSv1.2' } as const;
}

function faultOfParser(code: string): FaultName {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 'headers-too-large';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'timeout';
    default:
      return 'bad-request';
  }
}

/** Is an answer on its way already? Anything more on the connection would be taken for a part of it. */
function hasAnswerBegun(socket: Duplex): boolean {
  const { _httpMessage: response } = socket as { readonly _httpMessage?: { readonly headersSent?: boolean } };
  return response?.headersSent === true;
}

/** Answers outside of any request, and closes: what follows on the connection can't be told apart any more. */
function sendRaw(socket: Duplex, fault: FaultName, id: string): void {
  const { sentence, status } = faults[fault];
  const body = `${sentence}\n`;
  const lines = [
    `HTTP/1.1 ${status} ${reasons[status] ?? 'Bad Request'}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(id === '' ? [] : [`X-GitHub-Request-Id: ${id}`]),
    ...Object.entries(faultHeaders).map(([name, value]) => `${name}: ${value}`),
    'Connection: close',
  ];
  socket.on('error', () => socket.destroy());
  // Reading on, so that the answer is not lost to a reset because of bytes that nobody took.
  socket.removeAllListeners('data');
  socket.resume();
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

const reasons: Readonly<Record<number, string>> = {
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function listenError(error: NodeJS.ErrnoException, { listen: { host, port } }: Config): Error {
  const flag = '--listen (LATCHKEY_LISTEN)';
  switch (error.code) {
    case 'EADDRINUSE':
      return new StartError(
        `Port ${port} of ${host} is taken: stop what uses it, or give another one by ${flag}.`,
      );
    case 'EACCES':
      return new StartError(
        `Port ${port} of ${host} is for privileged users only: give one above 1023 by ${flag}.`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new StartError(`This machine has no address ${host}: give one that it has by ${flag}.`);
    default:
      return error;
  }
}
