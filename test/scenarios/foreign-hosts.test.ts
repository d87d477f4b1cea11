// Which hosts a request may name, in every form in which it can.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal, type Site, startSite } from './malformed.ts';

let site: Site;

beforeAll(async () => {
  site = await startSite();
});

afterAll(async () => {
  await site.close();
});

describe('Hosts', () => {
  it('a request without a host is refused', async () => {
    expect(expectRefusal(await site.send('GET / HTTP/1.1\r\n\r\n')).status).toBe(400);
    expect(expectRefusal(await site.send('GET / HTTP/1.0\r\n\r\n')).status).toBe(400);
  });
  it('two hosts are refused, also when they are the same', async () => {
    expect(expectRefusal(await site.get('/', `Host: ${site.host}`)).status).toBe(400);
    expect(expectRefusal(await site.get('/', 'Host: evil.example')).status).toBe(400);
  });
  it('hosts that are none are refused', async () => {
    for (const bad of [
      '',
      ' ',
      'a b',
      'a@127.0.0.1',
      '127.0.0.1/',
      '127.0.0.1:80:80',
      '[::1',
      '::1',
      '[zz]',
      'a,b',
      '127.0.0.1:x',
      '%31',
    ]) {
      const sent = `GET / HTTP/1.1\r\nHost: ${bad}\r\n\r\n`;
      expect(expectRefusal(await site.send(sent), sent).status).toBe(400);
    }
  });
  it('foreign hosts get 421, whatever the address', async () => {
    for (const foreign of [
      'evil.example',
      'evil.example:3000',
      '127.0.0.1.evil.example',
      'localhost.evil',
      '10.0.0.1',
      '[::2]',
      'githubXlocalhost',
    ]) {
      for (const target of [
        '/',
        '/login',
        '/api/v3/zen',
        '/mona/public.git/info/refs?service=git-upload-pack',
        '/%zz',
        '/metrics',
      ]) {
        const sent = `GET ${target} HTTP/1.1\r\nHost: ${foreign}\r\n\r\n`;
        expect(expectRefusal(await site.send(sent), sent).status).toBe(421);
      }
    }
  });
  it('health is told to whatever host', async () => {
    expect((await site.send('GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n'))?.status).toBe(200);
    expect((await site.send('GET /readyz HTTP/1.0\r\n\r\n'))?.status).toBe(200);
  });
  it('its own names are served, in whatever letters, with any port', async () => {
    for (const own of [
      site.host,
      '127.0.0.1',
      'localhost',
      'LocalHost:1',
      'localhost.',
      '[::1]:3000',
      '127.8.9.10',
      'github.localhost',
      'GitHub.LocalHost:3000',
    ]) {
      expect((await site.send(`GET /api/v3/zen HTTP/1.1\r\nHost: ${own}\r\n\r\n`))?.status, own).toBe(200);
    }
    expect((await site.send(`GET /zen HTTP/1.1\r\nHost: api.github.localhost\r\n\r\n`))?.status).toBe(200);
    expect((await site.send(`GET /api/v3/zen HTTP/1.0\r\nHost: ${site.host}\r\n\r\n`))?.status).toBe(200);
  });
  it('the host in an absolute target counts as well', async () => {
    expect((await site.get(`http://${site.host}/api/v3/zen`))?.status).toBe(200);
    expect((await site.get('http://api.github.localhost/zen'))?.status).toBe(200);
    expect(expectRefusal(await site.get('http://evil.example/api/v3/zen')).status).toBe(421);
    expect(expectRefusal(await site.get(`http://mona:pass@${site.host}/api/v3/zen`)).status).toBe(400);
    expect(expectRefusal(await site.get('ftp://127.0.0.1/api/v3/zen')).status).toBe(400);
    const sent = `GET http://${site.host}/api/v3/zen HTTP/1.1\r\nHost: evil.example\r\n\r\n`;
    expect(expectRefusal(await site.send(sent), sent).status).toBe(421);
  });
  it('what a stranger says of forwarded hosts and addresses is not listened to', async () => {
    expect((await site.get('/api/v3/zen', 'X-Forwarded-Host: evil.example'))?.status).toBe(200);
    expect(
      expectRefusal(
        await site.send(`GET / HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: ${site.host}\r\n\r\n`),
      ).status,
    ).toBe(421);
  });
});

describe('The log of all this', () => {
  it('holds no fault of the server, and no credential', () => {
    site.expectCleanLog();
  });
});
