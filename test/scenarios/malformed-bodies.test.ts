// Bodies that are not what they should be.
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal, type Site, startSite } from './malformed.ts';

let site: Site;

beforeAll(async () => {
  site = await startSite();
});

afterAll(async () => {
  await site.close();
});

describe('Bodies that are not what they should be', () => {
  const api = (body: string | Uint8Array, type: string | null) =>
    site.post(
      '/api/v3/user/repos',
      body,
      `Authorization: ${site.basic}`,
      ...(type === null ? [] : [`Content-Type: ${type}`]),
    );
  it('JSON that is none, or no object, is refused', async () => {
    const bodies = [
      '{',
      '',
      '[]',
      'null',
      '"x"',
      '1',
      '{"name":}',
      '{"name":"a","name"',
      '\xff\xfe',
      `${'['.repeat(100_000)}`,
      '{"__proto__":{"x":1}}',
      '{"constructor":{"prototype":{}}}',
      '{"name":{"a":1}}',
      '{"name":1e400}',
      '{"name":"\\ud800"}',
      '{"name":"\u0000"}',
    ];
    for (const body of bodies) expectRefusal(await api(body, 'application/json'), body);
  });
  it('wrong content types are refused', async () => {
    const types = [
      'text/html',
      'multipart/form-data',
      'multipart/form-data; boundary=x',
      'application/xml',
      'x',
      ';',
      'application/json; charset=utf-7',
      'application/x-www-form-urlencoded',
      '\xff',
    ];
    for (const type of types) expectRefusal(await api('<x/>', type), type);
  });
  it('compressed bodies where none are taken are refused', async () => {
    const body = gzipSync('{"name":"a"}');
    expectRefusal(
      await site.post(
        '/api/v3/user/repos',
        body,
        `Authorization: ${site.basic}`,
        'Content-Type: application/json',
        'Content-Encoding: gzip',
      ),
    );
  });
  it('forms of wrong types, without a token or broken are refused', async () => {
    for (const path of [
      '/login',
      '/logout',
      '/setup',
      '/settings/tokens',
      '/settings/profile',
      '/no/such/form',
    ]) {
      for (const type of [
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/json',
        'text/plain',
        'image/png',
      ]) {
        for (const body of ['', 'a=b', '%', '%zz=%zz', '\x00', 'a[b][c]=d&a=e', '&'.repeat(10_000)]) {
          expectRefusal(await site.post(path, body, `Content-Type: ${type}`), `${path} ${type} ${body}`);
        }
      }
    }
  });
  it('a client that breaks off in the middle of a body harms nobody', async () => {
    const head = `POST /api/v3/user/repos HTTP/1.1\r\nHost: ${site.host}\r\nAuthorization: ${site.basic}\r\nContent-Type: application/json\r\n`;
    await site.send(`${head}Content-Length: 1000\r\n\r\n{"na`, { half: true });
    await site.send(`${head}Transfer-Encoding: chunked\r\n\r\n5\r\n{"na`, { half: true });
    await site.expectAlive();
  });
  it('a body where none belongs does not disturb the next request of the connection', async () => {
    const body = 'GET /smuggled HTTP/1.1\r\n\r\n';
    const sent = `GET /api/v3/zen HTTP/1.1\r\nHost: ${site.host}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    expect((await site.send(sent))?.status).toBe(200);
    expect(site.server.log()).not.toContain('"path":"/smuggled"');
  });
});

describe('The log of all this', () => {
  it('holds no fault of the server, and no credential', () => {
    site.expectCleanLog();
  });
});
