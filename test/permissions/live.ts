// The built program in a process of its own, behind real sockets, as the place of a sample world.
import { type ServerOptions, startServer } from '../scenarios/server.ts';
import { type Place, startWholeApp } from './app.ts';

export interface LivePlace extends Place {
  readonly url: string;
  readonly sshPort: number;
}

export async function startLivePlace(options: ServerOptions = {}): Promise<LivePlace> {
  const server = await startServer({ ssh: true, ...options });
  // Put together a second time in this process, only to be told the routes.
  const { routes, close } = await startWholeApp();
  await close();
  return {
    ctx: server.ctx,
    routes,
    url: server.url,
    sshPort: server.sshPort,
    ask: async ({ method = 'GET', url, headers = {}, payload }) => {
      const isJson = typeof payload === 'object';
      const answer = await fetch(new URL(url, server.url), {
        method,
        redirect: 'manual',
        headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
        ...(payload === undefined ? {} : { body: isJson ? JSON.stringify(payload) : payload }),
      });
      const body = await answer.text();
      return { statusCode: answer.status, headers: Object.fromEntries(answer.headers), body };
    },
    close: async () => {
      await server[Symbol.asyncDispose]();
    },
  };
}
