// What an operator sees of a server: its health, its metrics and its log.
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { signIn } from '../account-pages.ts';
import { formBrowser } from '../form-browser.ts';
import { createGitClient } from '../git-client.ts';
import { startServer, type TestServer } from './server.ts';

const password = 'planted-correct-horse-7';

function value(metrics: string, line: RegExp): number {
  const found = metrics.split('\n').find((text) => line.test(text));
  return Number(found?.split(' ').at(-1) ?? Number.NaN);
}

async function metricsOf(server: TestServer): Promise<string> {
  return (await server.fetch('/metrics')).text();
}

describe('Metrics', () => {
  it('count requests by route, git operations and verifications, and name nobody', async () => {
    await using server = await startServer();
    await server.person('mona');
    const token = await server.token('mona', ['repo']);
    const repository = await server.repository('mona', 'secret-plans', 'private');
    const client = await createGitClient();
    try {
      await client.git(['clone', '--quiet', repository.cloneUrl, 'copy'], { env: server.credential(token) });
    } finally {
      await client.close();
    }
    for (let n = 0; n < 3; n++) await server.fetch('/api/v3/repos/mona/secret-plans', { token });
    await server.fetch('/api/v3/user', { token: `${token.slice(0, -1)}x` });
    await server.fetch('/no/such/page');
    const metrics = await metricsOf(server);
    const requests = (route: string, status: number) =>
      value(
        metrics,
        new RegExp(`^latchkey_http_requests_total\\{route="${route}",method="GET",status="${status}"\\}`),
      );
    expect(requests('/api/v3/repos/:owner/:repo', 200)).toBe(3);
    expect(requests('/api/v3/user', 401)).toBe(1);
    expect(requests('/:owner/:repo/info/refs', 401)).toBe(1);
    expect(requests('/:owner/:repo/info/refs', 200)).toBe(1);
    expect(
      value(
        metrics,
        /^latchkey_git_operations_total\{service="upload-pack",part="advertisement",outcome="done"/,
      ),
    ).toBe(1);
    expect(
      value(metrics, /^latchkey_token_verifications_total\{outcome="accepted"\}/),
    ).toBeGreaterThanOrEqual(4);
    expect(value(metrics, /^latchkey_child_processes /)).toBe(0);
    expect(value(metrics, /^nodejs_eventloop_lag_p99_seconds /)).toBeGreaterThan(0);
    expect(value(metrics, /^process_resident_memory_bytes /)).toBeGreaterThan(1e7);
    expect(metrics).not.toMatch(/mona|secret-plans|no\/such/);
  });

  it('are told to site admins who are signed in, and to nobody else from elsewhere', async () => {
    await using server = await startServer({ args: ['--trust-proxy', '127.0.0.1'] });
    await server.person('hubot', { siteAdmin: true, password });
    await server.person('mona', { password });
    const fromElsewhere = { 'X-Forwarded-For': '203.0.113.7' };
    const ask = (headers: Readonly<Record<string, string>>) =>
      server.fetch('/metrics', { headers: { ...fromElsewhere, ...headers } });
    const cookieOf = async (login: string) => {
      const browser = formBrowser(server.url);
      await signIn(browser, login, password);
      return { cookie: [...browser.cookies].map(([name, text]) => `${name}=${text}`).join('; ') };
    };
    const admin = await ask(await cookieOf('hubot'));
    expect(admin.status).toBe(200);
    expect(await admin.text()).toContain('latchkey_http_requests_total');
    for (const headers of [
      {},
      await cookieOf('mona'),
      { authorization: `Bearer ${await server.token('hubot', ['site_admin'])}` },
    ]) {
      const answer = await ask(headers);
      expect(answer.status).not.toBe(200);
      expect(await answer.text()).not.toContain('latchkey_http_requests_total');
    }
  });
});

describe('Health', () => {
  it('is not ready while its storage does not answer, though it is up', async () => {
    await using server = await startServer();
    const folder = join(server.dataDirectory, 'repositories');
    const status = async (path: string) => (await server.fetch(path)).status;
    expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 200]);
    await rename(folder, `${folder}-away`);
    expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 503]);
    await rename(`${folder}-away`, folder);
    expect(await status('/readyz')).toBe(200);
  });
});

describe('Every answer', () => {
  it('carries a request id of its own, which the log tells too', async () => {
    await using server = await startServer();
    await server.person('mona');
    await server.repository('mona', 'hello', 'public');
    const ids = new Set<string>();
    const asks: readonly (readonly [string, string])[] = [
      ['GET', '/'],
      ['HEAD', '/mona/hello'],
      ['GET', '/no/such/page'],
      ['GET', '/%zz'],
      ['GET', '/api/v3/zen'],
      ['OPTIONS', '/api/v3/zen'],
      ['DELETE', '/api/v3/nothing'],
      ['GET', '/mona/hello.git/info/refs?service=git-upload-pack'],
      ['POST', '/mona/hello.git/git-receive-pack'],
      ['POST', '/login'],
      ['GET', '/healthz'],
      ['GET', '/metrics'],
      ['GET', '/assets/none.css'],
    ];
    for (const [method, path] of asks) {
      const id = (await server.fetch(path, { method })).headers.get('x-github-request-id');
      expect(id, `${method} ${path}`).toMatch(/^[0-9A-F]+(?::[0-9A-F]+){4}$/);
      if (id !== null) ids.add(id);
    }
    expect(ids.size).toBe(asks.length);
    await server.stop();
    for (const id of ids) expect(server.log()).toContain(`"id":"${id}"`);
  });
});

describe('The log of a busy day', () => {
  it('is JSON, tells who did what, and holds no secret of anybody', async () => {
    await using server = await startServer();
    const secrets: string[] = [password];
    const browser = formBrowser(server.url);
    const setup = await browser.visit(
      new URL(server.setupLink ?? '').pathname + new URL(server.setupLink ?? '').search,
    );
    secrets.push(new URL(server.setupLink ?? '').searchParams.get('code') ?? '');
    await browser.submit(setup, '/setup', { login: 'mona', email: 'mona@example.com', password });
    await signIn(browser, 'mona', 'planted-wrong-password');
    await signIn(browser, 'mona', password);
    secrets.push('planted-wrong-password', ...browser.cookies.values());

    const token = await server.token('mona', ['repo']);
    const dead = `ghp_${'0'.repeat(36)}`;
    const fineGrained = `github_pat_${'A1'.repeat(41)}`;
    for (const text of [token, dead, fineGrained, 'planted-not-a-token']) {
      secrets.push(text);
      for (const basic of [`mona:${text}`, `${text}:x-oauth-basic`]) {
        const encoded = Buffer.from(basic).toString('base64');
        secrets.push(encoded);
        await server.fetch('/api/v3/user', { headers: { authorization: `Basic ${encoded}` } });
        await server.fetch('/mona/x.git/info/refs?service=git-upload-pack', {
          headers: { authorization: `Basic ${encoded}` },
        });
      }
      await server.fetch('/api/v3/user', { token: text });
      await server.fetch(`/api/v3/user?access_token=${text}&client_secret=${text}`);
      await server.fetch(`/login?code=${text}&password=${text}`);
      await server.fetch('/', {
        headers: { cookie: `session=${text}`, referer: `http://x/?t=${text}`, 'user-agent': text },
      });
      await server.fetch('/login', {
        method: 'POST',
        body: new URLSearchParams({ login: text, password: text }),
      });
      await server.fetch('/api/v3/user/repos', {
        method: 'POST',
        token,
        body: JSON.stringify({ name: text }),
      });
    }
    // People paste tokens into addresses.
    for (const text of [token, dead, fineGrained]) {
      await server.fetch(`/mona/${text}`);
      await server.fetch(`/api/v3/repos/${text}/x`);
    }
    const repository = await server.repository('mona', 'hello', 'private');
    const client = await createGitClient();
    try {
      const env = server.credential(token);
      await client.git(['init', '--quiet', 'work']);
      await client.git(['commit', '--quiet', '--allow-empty', '-m', 'one'], { in: 'work' });
      await client.git(['push', '--quiet', repository.cloneUrl, 'HEAD:main'], { in: 'work', env });
      await client.git(['clone', '--quiet', repository.cloneUrl, 'copy'], { env });
      await client.try(['clone', repository.cloneUrl, 'none'], { env: server.credential(dead) });
    } finally {
      await client.close();
    }
    expect(await server.stop()).toBe(0);

    const log = server.log();
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(8);
      expect(log.includes(secret), `${secret.slice(0, 4)}… stands in the log`).toBe(false);
    }
    const lines = log
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
    const pushed = lines.find(
      ({ path, status }) => path === '/mona/hello.git/git-receive-pack' && status === 200,
    );
    expect(pushed).toMatchObject({ method: 'POST', login: 'mona', address: '127.0.0.1', msg: 'request' });
    expect(pushed?.tokenId).toBeTypeOf('number');
    // Nothing but what a line may tell.
    const allowed = 'level time id method path status ms address login accountId tokenId msg'.split(' ');
    for (const line of lines.filter(({ msg }) => msg === 'request')) {
      expect(Object.keys(line).filter((key) => !allowed.includes(key))).toEqual([]);
    }
  });
});
