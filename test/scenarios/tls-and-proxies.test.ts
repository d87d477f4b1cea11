import { rename, writeFile } from 'node:fs/promises';
import { connect as connectPlain } from 'node:net';
import { join } from 'node:path';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { describe, expect, it } from 'vitest';
import { createGitClient } from '../git-client.ts';
import { sendRaw } from './raw.ts';
import { runCli, startServer, type TestServer } from './server.ts';

async function makeCertificate(name: string): Promise<{ readonly cert: string; readonly key: string }> {
  const made = await generate([{ name: 'commonName', value: name }], {
    keySize: 2048,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  return { cert: made.cert, key: made.private };
}

/** A server with TLS, and where its certificate and key lie. */
async function startTlsServer(name: string) {
  const holder = await startServer();
  await holder.stop();
  const files = { cert: join(holder.directory, 'cert.pem'), key: join(holder.directory, 'key.pem') };
  const place = async (made: { readonly cert: string; readonly key: string }): Promise<void> => {
    for (const part of ['cert', 'key'] as const) {
      await writeFile(`${files[part]}.new`, made[part], { mode: 0o600 });
      await rename(`${files[part]}.new`, files[part]);
    }
  };
  const first = await makeCertificate(name);
  await place(first);
  const args = ['--tls-cert', files.cert, '--tls-key', files.key];
  const server = await startServer({ directory: holder.directory, args });
  return { holder, server, place, files, first };
}

function dial(server: TestServer, options: object = {}): Promise<TLSSocket> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect(
      { host: hostname, port: Number(port), rejectUnauthorized: false, ...options },
      () => {
        resolve(socket);
      },
    );
    socket.once('error', reject);
  });
}

async function nameServed(server: TestServer): Promise<string | undefined> {
  const socket = await dial(server);
  const name = commonName(socket.getPeerCertificate());
  socket.destroy();
  return name;
}

function commonName({ subject }: PeerCertificate): string | undefined {
  return Array.isArray(subject.CN) ? subject.CN[0] : subject.CN;
}

/** One request on a connection that stays open. */
function ask(socket: TLSSocket, server: TestServer): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the connection was closed')));
    socket.once('data', (piece: Buffer) => resolve(piece.toString('utf8').split('\r\n')[0] ?? ''));
    socket.write(`GET /healthz HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\n\r\n`);
  });
}

async function untilLogged(server: TestServer, text: string): Promise<void> {
  while (!server.log().includes(text)) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('TLS', () => {
  it('a new certificate is taken on SIGHUP while open connections go on, and a wrong one is not', async () => {
    const { holder, server, place, files, first } = await startTlsServer('first.example');
    await using _holder = holder;
    await using _server = server;
    expect(server.url).toMatch(/^https:/);
    expect(server.setupLink).toContain(`${server.url}/setup`);
    const open = await dial(server);
    expect(await ask(open, server)).toContain('200');

    await place(await makeCertificate('second.example'));
    server.process.kill('SIGHUP');
    await untilLogged(server, 'the certificate was read again');
    expect(await nameServed(server)).toBe('second.example');
    expect(await ask(open, server)).toContain('200');
    expect(commonName(open.getPeerCertificate())).toBe('first.example');

    // A key that belongs to another certificate.
    await writeFile(files.key, first.key);
    server.process.kill('SIGHUP');
    await untilLogged(server, 'the present one stays');
    expect(await nameServed(server)).toBe('second.example');
    expect(await ask(open, server)).toContain('200');
    open.destroy();
    expect(await server.stop()).toBe(0);
  });

  it('is spoken from version 1.2 on, and git clones over it', async () => {
    const { holder, server, files } = await startTlsServer('127.0.0.1');
    await using _holder = holder;
    await using _server = server;
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    await expect(dial(server, old)).rejects.toThrow();
    const socket = await dial(server, { maxVersion: 'TLSv1.2' });
    expect(socket.getProtocol()).toBe('TLSv1.2');
    socket.destroy();

    const client = await createGitClient();
    try {
      await server.person('mona');
      const repository = await server.repository('mona', 'hello', 'private');
      const token = await server.token('mona', ['repo']);
      const env = { ...server.credential(token), GIT_SSL_CAINFO: files.cert };
      await client.git(['clone', '--quiet', repository.cloneUrl, 'hello'], { env });
    } finally {
      await client.close();
    }
  });

  it('plain HTTP on the port of TLS harms nobody', async () => {
    const { holder, server } = await startTlsServer('127.0.0.1');
    await using _holder = holder;
    await using _server = server;
    await sendRaw(server.url, 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n', { half: true });
    const silent = connectPlain(Number(new URL(server.url).port), '127.0.0.1');
    silent.on('error', () => silent.destroy());
    expect(await nameServed(server)).toBe('127.0.0.1');
    silent.destroy();
    expect(server.log()).not.toMatch(/"level":"(?:error|fatal)"/);
  });

  it('is refused at start with a sentence when a file is missing, no certificate, or of another key', async () => {
    await using server = await startServer();
    const { directory } = server;
    const [one, two] = [await makeCertificate('one'), await makeCertificate('two')];
    await writeFile(join(directory, 'cert.pem'), one.cert);
    await writeFile(join(directory, 'other.pem'), two.key);
    await writeFile(join(directory, 'text.pem'), 'no certificate');
    const attempts: readonly (readonly [string, string, RegExp])[] = [
      ['missing.pem', 'other.pem', /--tls-cert.*missing\.pem.*can't be read \(ENOENT\)/],
      ['text.pem', 'other.pem', /text\.pem \(--tls-cert\) is not a certificate/],
      ['cert.pem', 'text.pem', /text\.pem \(--tls-key\) is not a private key/],
      ['cert.pem', 'other.pem', /does not belong to the certificate/],
    ];
    for (const [cert, key, sentence] of attempts) {
      const args = [
        'serve',
        '--listen',
        '127.0.0.1:0',
        '--data',
        'other',
        '--tls-cert',
        cert,
        '--tls-key',
        key,
      ];
      const { status, stderr } = await runCli(args, { cwd: directory });
      expect(status).toBe(1);
      expect(stderr).toMatch(sentence);
      expect(stderr).toMatch(/^latchkey: [^\n]+\.\n$/);
    }
  });
});

describe('Proxies', () => {
  const forwarded = (server: TestServer, path: string, headers: Readonly<Record<string, string>>) =>
    server.fetch(path, { headers });

  it('that are trusted speak for their clients; X-Forwarded-* of others is dropped', async () => {
    await using trusting = await startServer({
      args: ['--trust-proxy', '127.0.0.1', '--url', 'https://git.example.com'],
    });
    const base = `http://127.0.0.1:${trusting.port}`;
    const get = (path: string, headers: Readonly<Record<string, string>>) =>
      fetch(`${base}${path}`, { headers, redirect: 'manual' });
    const client = { 'X-Forwarded-For': '6.6.6.6, 203.0.113.7', 'X-Forwarded-Proto': 'https' };
    expect((await get('/api/v3/zen', { ...client, 'X-Forwarded-Host': 'git.example.com' })).status).toBe(200);
    expect((await get('/api/v3/zen', { ...client, 'X-Forwarded-Host': 'evil.example' })).status).toBe(421);
    expect(trusting.log()).toContain('"address":"203.0.113.7"');
    expect(trusting.log()).not.toContain('"address":"6.6.6.6"');
    // Metrics are for this machine itself: not for clients of the proxy that runs on it.
    expect((await get('/metrics', client)).status).not.toBe(200);
    expect((await get('/metrics', {})).status).toBe(200);

    await using alone = await startServer();
    const lie = { 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Host': 'evil.example' };
    expect((await forwarded(alone, '/api/v3/zen', lie)).status).toBe(200);
    expect(alone.log()).not.toContain('203.0.113.7');
  });

  it('are the only ones who reach plain HTTP beyond loopback', async () => {
    await using server = await startServer({
      listen: '0.0.0.0:0',
      args: ['--trust-proxy', '192.0.2.0/24', '--url', 'https://git.example.com'],
    });
    const base = `http://127.0.0.1:${server.port}`;
    const stranger = await fetch(`${base}/api/v3/zen`, { headers: { 'X-Forwarded-For': '192.0.2.1' } });
    expect(stranger.status).toBe(403);
    expect(await stranger.json()).toMatchObject({
      message: 'This server is reached through its proxy only.',
    });
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
  });

  it('are needed, or TLS, to start beyond loopback', async () => {
    await using server = await startServer();
    for (const listen of ['0.0.0.0:0', '[::]:0', '192.0.2.1:0', 'example.com:0']) {
      const result = await runCli(['serve', '--listen', listen, '--data', 'other'], {
        cwd: server.directory,
      });
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/^latchkey: Plain HTTP is served on loopback addresses only: .+\.\n$/);
    }
  });
});
