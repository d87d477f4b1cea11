// Clients that send drop by drop, to hold connections. They are let go after 20 s (headers) and 60 s (bodies), so
// this is told in the long run only.
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startServer, type TestServer } from './server.ts';

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

describe.runIf(process.env.LATCHKEY_LONG === '1')('Clients that send drop by drop', () => {
  it('are told so, and let go', async () => {
    await using server = await startServer();
    const post = (path: string, type: string) =>
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${type}\r\nContent-Length: 1000\r\n\r\n`;
    const [headers, form, refused] = await Promise.all([
      drip(server, 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n', 'X-A: b\r\n'),
      drip(server, post('/login', 'application/x-www-form-urlencoded'), 'a'),
      drip(server, post('/api/v3/user/repos', 'application/json'), '{'),
    ]);
    expect(headers.said).toMatch(/^HTTP\/1\.1 408 /);
    expect(headers.seconds).toBeLessThan(40);
    expect(form.said).toMatch(/^HTTP\/1\.1 408 /);
    expect(form.seconds).toBeLessThan(80);
    // The answer was clear at once; the connection is not theirs to keep for it.
    expect(refused.said).toMatch(/^HTTP\/1\.1 401 /);
    expect(refused.seconds).toBeLessThan(80);
  });
});
