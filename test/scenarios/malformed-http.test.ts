// Bytes that are not HTTP, requests that two servers would read differently, and headers without measure.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal, type Site, startSite } from './malformed.ts';

let site: Site;

beforeAll(async () => {
  site = await startSite();
});

afterAll(async () => {
  await site.close();
});

describe('What is not HTTP', () => {
  const bytes: Readonly<Record<string, string>> = {
    'an unknown method': `FROB / HTTP/1.1\r\nHost: x\r\n\r\n`,
    'a method in small letters': `get / HTTP/1.1\r\nHost: x\r\n\r\n`,
    'no version': `GET /\r\n\r\n`,
    'a version of the future': `GET / HTTP/3.0\r\nHost: x\r\n\r\n`,
    'a TLS greeting': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'an SSH greeting': 'SSH-2.0-OpenSSH_9.6\r\n\r\n',
    'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'binary noise': '\x00\xff\x00\xfe\r\n\r\n',
    'a header without a colon': `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nnonsense\r\n\r\n`,
    'a header name with a space': `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nbad name: x\r\n\r\n`,
    'a space before the colon': `GET / HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n`,
    'a folded header': `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA: b\r\n c\r\n\r\n`,
    'a null byte in a header': `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA: b\x00c\r\n\r\n`,
    'a bare carriage return in a header': `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA: b\rc\r\n\r\n`,
    'spaces in the target': `GET /a b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`,
  };
  for (const [name, sent] of Object.entries(bytes)) {
    it(`${name} is refused`, async () => {
      expectRefusal(await site.send(sent), sent);
    });
  }
  it('a tunnel is refused', async () => {
    const sent = `CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: ${site.host}\r\n\r\n`;
    expect(expectRefusal(await site.send(sent), sent).status).toBe(405);
  });
  it('TRACE gives nothing back of what was sent', async () => {
    const sent = `TRACE / HTTP/1.1\r\nHost: ${site.host}\r\nCookie: a=planted\r\n\r\n`;
    expect(expectRefusal(await site.send(sent), sent).body).not.toContain('planted');
  });
  it('a question about the server as a whole is refused', async () => {
    expectRefusal(await site.send(`OPTIONS * HTTP/1.1\r\nHost: ${site.host}\r\n\r\n`));
  });
  it('an expectation that is not met is told', async () => {
    const answer = await site.get('/api/v3/zen', 'Expect: 200-maybe');
    expect(expectRefusal(answer).status).toBe(417);
  });
});

describe('Requests that two servers would read differently', () => {
  const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
  const shapes: Readonly<Record<string, readonly string[]>> = {
    'length and chunks together': ['Content-Length: 5', 'Transfer-Encoding: chunked'],
    'two different lengths': ['Content-Length: 5', 'Content-Length: 6'],
    'two equal lengths': ['Content-Length: 5', 'Content-Length: 5'],
    'lengths in a list': ['Content-Length: 5, 5'],
    'a negative length': ['Content-Length: -5'],
    'a length with a sign': ['Content-Length: +5'],
    'a length in hexadecimal': ['Content-Length: 0x5'],
    'a length beyond all numbers': ['Content-Length: 99999999999999999999999'],
    'chunks that are not last': ['Transfer-Encoding: chunked, identity'],
    'an unknown coding': ['Transfer-Encoding: cow'],
    'chunks twice': ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
    'chunks with a tab before': ['Transfer-Encoding:\tchunked', 'Content-Length: 5'],
  };
  for (const [name, headers] of Object.entries(shapes)) {
    it(`${name}: refused, and what follows is not read as a request`, async () => {
      const sent = [
        'POST /login HTTP/1.1',
        `Host: ${site.host}`,
        ...headers,
        '',
        `0\r\n\r\n${smuggled}`,
      ].join('\r\n');
      expectRefusal(await site.send(sent), sent);
      expect(site.server.log()).not.toContain('"path":"/smuggled"');
    });
  }
  for (const chunk of [
    'zz\r\nabc\r\n0\r\n\r\n',
    '-1\r\n\r\n',
    '5;a=b\nabcde\r\n0\r\n\r\n',
    'ffffffffffffffffff\r\nabc\r\n',
  ]) {
    it(`a malformed chunk ${JSON.stringify(chunk)} is refused`, async () => {
      const sent = `POST /login HTTP/1.1\r\nHost: ${site.host}\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`;
      expectRefusal(await site.send(sent), sent);
    });
  }
});

describe('Header bombs', () => {
  it('one huge header, many headers, a huge target and a huge cookie get 431', async () => {
    const many = Array.from({ length: 5_000 }, (_, n) => `X-${n}: y`);
    expect(expectRefusal(await site.get('/', `X-Bomb: ${'a'.repeat(100_000)}`)).status).toBe(431);
    expect(expectRefusal(await site.get('/', ...many)).status).toBe(431);
    expect(expectRefusal(await site.get(`/${'a'.repeat(100_000)}`)).status).toBe(431);
    expect(expectRefusal(await site.get('/login', `Cookie: ${'a=b; '.repeat(20_000)}`)).status).toBe(431);
    expect(expectRefusal(await site.get(`/api/v3/users/${'m'.repeat(1024 * 1024)}`)).status).toBe(431);
  });
  it('names of 1 MB in forms and bodies get a 4xx', async () => {
    const name = 'm'.repeat(1024 * 1024);
    const form = 'Content-Type: application/x-www-form-urlencoded';
    expectRefusal(await site.post('/login', `login=${name}&password=x`, form));
    expectRefusal(
      await site.post(
        '/api/v3/user/repos',
        JSON.stringify({ name }),
        'Content-Type: application/json',
        `Authorization: ${site.basic}`,
      ),
    );
  });
  it('long credentials of every form are bad ones', async () => {
    for (const credential of [
      `Bearer ${'g'.repeat(10_000)}`,
      `Basic ${'g'.repeat(10_000)}`,
      `token ghp_${'a'.repeat(8_000)}`,
    ]) {
      expect(expectRefusal(await site.get('/api/v3/user', `Authorization: ${credential}`)).status).toBe(401);
    }
  });
});

describe('The log of all this', () => {
  it('holds no fault of the server, and no credential', () => {
    site.expectCleanLog();
  });
});
