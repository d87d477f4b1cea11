// Clients that send drop by drop, to hold connections. They are let go after 20 s (headers) and 60 s (bodies), and hold
// up a stop for 30 s; in the short run each is two seconds.
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startServer, type TestServer } from './server.ts';

const isLong = process.env.LATCHKEY_LONG === '1';
const short = {
  LATCHKEY_LIMIT_HEADERS_SECONDS: '2',
  LATCHKEY_LIMIT_BODY_SECONDS: '2',
  LATCHKEY_LIMIT_STOP_SECONDS: '2',
};
const env = isLong ? {} : short;
const limits = isLong ? { headers: 20, body: 60, stop: 30 } : { headers: 2, body: 2, stop: 2 };

/** Sends the beginning and then a drop a second, until the server closes. */
function drip(
  server: TestServer,
  start: string,
  drop: string,
): Promise<{ readonly seconds: number; readonly said: string }> {
  const begun = Date.now();
  return new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1');
    let said = '';
    socket.write(start);
    const timer = setInterval(() => socket.write(drop), 1_000);
    socket.on('data', (piece: Buffer) => {
      said += piece.toString('utf8');
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearInterval(timer);
      resolve({ seconds: (Date.now() - begun) / 1_000, said });
    });
  });
}

describe('Clients that send drop by drop', () => {
  it('are told so, and let go', async () => {
    await using server = await startServer({ env });
    const post = (path: string, type: string) =>
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${type}\r\nContent-Length: 1000\r\n\r\n`;
    const [headers, form, refused] = await Promise.all([
      drip(server, 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n', 'X-A: b\r\n'),
      drip(server, post('/login', 'application/x-www-form-urlencoded'), 'a'),
      drip(server, post('/api/v3/user/repos', 'application/json'), '{'),
    ]);
    expect(headers.said).toMatch(/^HTTP\/1\.1 408 /);
    expect(headers.seconds).toBeGreaterThan(limits.headers - 0.1);
    expect(headers.seconds).toBeLessThan(limits.headers + 20);
    expect(form.said).toMatch(/^HTTP\/1\.1 408 /);
    expect(form.seconds).toBeGreaterThan(limits.body - 0.1);
    expect(form.seconds).toBeLessThan(limits.body + 20);
    // The answer was clear at once; the connection is not theirs to keep for it.
    expect(refused.said).toMatch(/^HTTP\/1\.1 401 /);
    expect(refused.seconds).toBeLessThan(limits.body + 20);
  });

  it('hold up a stop for so long and no longer, and leave no git process behind', async () => {
    await using server = await startServer({ env });
    await server.person('mona');
    const repository = await server.repository('mona', 'hello', 'private');
    const basic = Buffer.from(`mona:${await server.token('mona', ['repo'])}`).toString('base64');
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    socket.write(
      `POST /mona/hello.git/git-receive-pack HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic ${basic}\r\n` +
        'Content-Type: application/x-git-receive-pack-request\r\nTransfer-Encoding: chunked\r\n\r\n' +
        `${chunk(command('0'.repeat(40), '1'.repeat(40), 'refs/heads/main'))}${chunk('PACK\0\0\0\x02\0\0\0\x01')}`,
    );
    while ((await processesOf(repository.path)).length === 0) await pause(20);
    const begun = Date.now();
    expect(await server.stop()).toBe(0);
    expect(Date.now() - begun).toBeLessThan(limits.stop * 1_000 + 5_000);
    expect(await processesOf(repository.path)).toEqual([]);
    socket.destroy();
  });
});

function chunk(text: string): string {
  return `${Buffer.byteLength(text, 'latin1').toString(16)}\r\n${text}\r\n`;
}

function command(from: string, to: string, ref: string): string {
  const line = `${from} ${to} ${ref}\0report-status`;
  return `${(line.length + 4).toString(16).padStart(4, '0')}${line}0000`;
}

/** Processes whose arguments name the repository. */
async function processesOf(path: string): Promise<readonly string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(path));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
