// What the scenarios about malformed input share: a server with something on it, ways to send it anything, and what
// an answer must look like: of the 4xx kind with a sentence, never a fault of the server, a stack or silence.
import { mkdir, writeFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { signIn } from '../account-pages.ts';
import { formBrowser } from '../form-browser.ts';
import { createGitClient } from '../git-client.ts';
import { type RawAnswer, sendRaw, show } from './raw.ts';
import { startServer, type TestServer } from './server.ts';

export interface Site {
  readonly server: TestServer;
  /** For the Host header. */
  readonly host: string;
  /** Value of an Authorization header, good for mona's repositories. */
  readonly basic: string;
  /** Value of a Cookie header: mona, signed in on the web. */
  readonly cookie: string;
  send(bytes: string | Uint8Array, options?: { readonly half: boolean }): Promise<RawAnswer | null>;
  get(target: string, ...headers: readonly string[]): Promise<RawAnswer | null>;
  post(target: string, body: string | Uint8Array, ...headers: readonly string[]): Promise<RawAnswer | null>;
  /** It still works for others. */
  expectAlive(): Promise<void>;
  /** No fault of the server was logged, and no credential. */
  expectCleanLog(): void;
  close(): Promise<void>;
}

/** A server with mona on it, her `public` repository with a commit and a tag, and her empty `secret` one. */
export async function startSite(): Promise<Site> {
  const server = await startServer();
  const { host } = new URL(server.url);
  const password = 'correct horse 7';
  await server.person('mona', { password });
  const browser = formBrowser(server.url);
  await signIn(browser, 'mona', password);
  const token = await server.token('mona', ['repo']);
  const basic = `Basic ${Buffer.from(`mona:${token}`).toString('base64')}`;
  await fill(server, token);
  const send: Site['send'] = (bytes, options) => sendRaw(server.url, bytes, options);
  return {
    server,
    host,
    basic,
    cookie: [...browser.cookies].map(([name, text]) => `${name}=${text}`).join('; '),
    send,
    get: (target, ...headers) =>
      send([`GET ${target} HTTP/1.1`, `Host: ${host}`, ...headers, '', ''].join('\r\n')),
    post: (target, body, ...headers) => {
      const length = `Content-Length: ${Buffer.byteLength(body)}`;
      const head = [`POST ${target} HTTP/1.1`, `Host: ${host}`, length, ...headers, '', ''].join('\r\n');
      return send(Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]));
    },
    expectAlive: async () => {
      expect((await server.fetch('/readyz')).status).toBe(200);
      expect((await server.fetch('/api/v3/user', { token })).status).toBe(200);
    },
    expectCleanLog: () => {
      const faults = server
        .log()
        .split('\n')
        .filter((line) => /"level":"(?:error|fatal)"/.test(line));
      expect(faults).toEqual([]);
      expect(server.log().includes(token) || server.log().includes(basic)).toBe(false);
    },
    close: async () => server[Symbol.asyncDispose](),
  };
}

async function fill(server: TestServer, token: string): Promise<void> {
  const repository = await server.repository('mona', 'public', 'public');
  await server.repository('mona', 'secret', 'private');
  const client = await createGitClient();
  await client.git(['init', '--quiet', 'work']);
  await mkdir(client.path('work', 'docs'));
  await writeFile(client.path('work', 'docs', 'README.md'), '# Hello\n');
  await client.git(['add', '.'], { in: 'work' });
  await client.git(['commit', '--quiet', '-m', 'Hello'], { in: 'work' });
  await client.git(['tag', 'v1'], { in: 'work' });
  const env = server.credential(token);
  await client.git(['push', '--quiet', repository.cloneUrl, 'HEAD:main', 'v1'], { in: 'work', env });
  await client.close();
}

/** What shows that a fault of the server got out. */
export const stack = /^\s+at |node:internal|\.(?:ts|js):\d+:\d+|\bTypeError\b|SQLITE|\bFST_/m;

/** It said no, in words, as itself. */
export function expectRefusal(answer: RawAnswer | null, sent: string | Uint8Array = ''): RawAnswer {
  const about = show(sent);
  if (answer === null) throw new Error(`closed without a word: ${about}`);
  expect(answer.status, `${about} → ${answer.body}`).toBeGreaterThanOrEqual(400);
  expect(answer.status, `${about} → ${answer.body}`).toBeLessThan(500);
  expect(answer.body.replaceAll(/<style.*?<\/style>|<[^>]+>/gs, ' '), about).toMatch(/\w+[ ,'\w]* \w+/);
  expect(answer.body, about).not.toMatch(stack);
  expect(answer.headers.get('x-github-request-id'), about).toMatch(/^[0-9A-F]+(?::[0-9A-F]+){4}$/);
  return answer;
}
