// An application on the person's own machine: listens on a loopback address at a port that the system had free, and
// waits there for the browser to bring a code (RFC 8252 §7.3).
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LoopbackClient extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/callback`. */
  readonly redirectUri: string;
  /** What browsers have brought so far. */
  readonly brought: readonly URLSearchParams[];
  /** What the browser brings next. */
  next(): Promise<URLSearchParams>;
}

export async function startLoopbackClient(host = '127.0.0.1'): Promise<LoopbackClient> {
  const brought: URLSearchParams[] = [];
  let waiting: ((parameters: URLSearchParams) => void) | null = null;
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://here');
    response.setHeader('content-type', 'text/html; charset=utf-8');
    if (pathname !== '/callback') return response.writeHead(404).end();
    brought.push(searchParams);
    waiting?.(searchParams);
    return response.end('<!doctype html><title>Done</title><h1>You can close this window</h1>');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    redirectUri: `http://${host}:${port}/callback`,
    brought,
    next: () =>
      new Promise((resolve) => {
        waiting = resolve;
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
