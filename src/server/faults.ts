// Everything that can be wrong with a request before any feature sees it, and with the server itself, in one
// registry: status and sentence. Each is said in the language of who asked: JSON to API clients, text to git,
// a page to people.
import type { IncomingMessage } from 'node:http';

interface Fault {
  readonly status: number;
  readonly sentence: string;
}

const registry = {
  'bad-request': { status: 400, sentence: 'The request is not HTTP as this server reads it.' },
  'bad-address': { status: 400, sentence: 'The address holds a malformed percent escape.' },
  'bad-body': { status: 400, sentence: 'The body of the request could not be read.' },
  'host-missing': { status: 400, sentence: 'The request names no host: one Host header is needed.' },
  'host-malformed': {
    status: 400,
    sentence: 'The request names its host twice, or in a form that is not one.',
  },
  'proxy-only': { status: 403, sentence: 'This server is reached through its proxy only.' },
  forbidden: { status: 403, sentence: 'You are not allowed to see this.' },
  'not-found': { status: 404, sentence: 'There is nothing at this address.' },
  'method-not-allowed': { status: 405, sentence: 'This server does not know the method of the request.' },
  timeout: { status: 408, sentence: 'The request took too long to arrive.' },
  'body-too-large': { status: 413, sentence: 'The body of the request is too large.' },
  'address-too-long': { status: 414, sentence: 'The address is too long.' },
  'unsupported-media-type': { status: 415, sentence: 'The body is of a type that is not understood here.' },
  'expectation-failed': { status: 417, sentence: 'The only expectation that is met is 100-continue.' },
  'foreign-host': { status: 421, sentence: 'This server does not serve the host that the request names.' },
  'headers-too-large': { status: 431, sentence: 'The headers of the request are too large.' },
  'server-error': { status: 500, sentence: 'Something went wrong on the server; its log says more.' },
  starting: { status: 503, sentence: 'The server is starting. Try again in a while.' },
  stopping: { status: 503, sentence: 'The server is stopping. Try again in a while.' },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof registry;

export const faults: Readonly<Record<FaultName, Fault>> = registry;

/** The nearest fault to an error that Fastify or a plugin threw. */
export function faultOf(error: { readonly statusCode?: number; readonly code?: string }): FaultName {
  const status = error.statusCode ?? 500;
  if (error.code === 'FST_ERR_BAD_URL') return 'bad-address';
  const found = faultsByStatus.get(status);
  if (found !== undefined) return found;
  return status >= 400 && status < 500 ? 'bad-request' : 'server-error';
}

const faultsByStatus: ReadonlyMap<number, FaultName> = new Map([
  [403, 'forbidden'],
  [404, 'not-found'],
  [405, 'method-not-allowed'],
  [408, 'timeout'],
  [413, 'body-too-large'],
  [414, 'address-too-long'],
  [415, 'unsupported-media-type'],
  [431, 'headers-too-large'],
]);

export type Language = 'json' | 'text' | 'page';

/** In which language does the one who sent this expect an answer? */
export function languageOf(request: Pick<IncomingMessage, 'url' | 'headers'>): Language {
  const path = pathOf(request.url ?? '/');
  if (path === '/api' || path.startsWith('/api/')) return 'json';
  return /^git\//i.test(request.headers['user-agent'] ?? '') || isGitPath(path) ? 'text' : 'page';
}

/** Addresses that only git asks for (gitprotocol-http(5)). */
export function isGitPath(path: string): boolean {
  return /\/(?:info\/refs|git-upload-pack|git-receive-pack|HEAD|objects\/[^?]*|info\/lfs\/[^?]*)$/.test(path);
}

/** The path of a request target, without its query. */
export function pathOf(target: string): string {
  return target.split(/[?#]/, 1)[0] ?? '';
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** The whole answer to a fault. Holds nothing of the request, so nothing can be smuggled into it. */
export function faultAnswer(name: FaultName, language: Language, url: string): Answer {
  const { status, sentence } = faults[name];
  if (language === 'json') {
    const message = name === 'not-found' ? 'Not Found' : sentence;
    const body = JSON.stringify({ message, documentation_url: `${url}/docs/rest`, status: String(status) });
    return { status, type: 'application/json; charset=utf-8', body };
  }
  if (language === 'text') return { status, type: 'text/plain; charset=utf-8', body: `${sentence}\n` };
  const body =
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${status} · Latchkey</title></head>` +
    `<body><main><h1>${status}</h1><p>${sentence}</p></main></body></html>\n`;
  return { status, type: 'text/html; charset=utf-8', body };
}

/** Headers of every answer to a fault: none of them is to be kept, sniffed, framed or run. */
export const faultHeaders: Readonly<Record<string, string>> = Object.freeze({
  'cache-control': 'no-cache',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'deny',
  'referrer-policy': 'no-referrer',
});
