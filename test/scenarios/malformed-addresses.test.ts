// Addresses that try to leave, to hide or to break.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal, type Site, startSite } from './malformed.ts';

let site: Site;

beforeAll(async () => {
  site = await startSite();
});

afterAll(async () => {
  await site.close();
});

/** Paths that try to leave, to hide or to break. */
const tricks: readonly string[] = [
  '/../etc/passwd',
  '/..%2f..%2fetc/passwd',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/mona/../../etc/passwd',
  '/mona/public.git/../../../etc/passwd',
  '/mona/%2e%2e/secret',
  '/mona/..',
  '/mona/.',
  '/./mona',
  '/..;/mona',
  '/%',
  '/%zz',
  '/%c0%ae%c0%ae/',
  '/%ff%fe',
  '/mona%00/public',
  '/mona/public%00.git',
  '/%00',
  '/mona\\public',
  '/mona/..\\..\\secret',
  '/%5c%5cserver%5cshare',
  '//evil.example/login',
  '///',
  '/mona//public',
  '/mona/public.git/info/refs%3fservice=git-upload-pack',
  '/mona/public/%2e%2e/%2e%2e/secret',
  '/ｍona/public',
  '/mona/publi\u0441',
  '/%F0%9F%94%91/%F0%9F%94%91',
  '/mona/public.git.git.git',
  '/mona/.git',
  '/mona/--upload-pack=id',
  '/-/-',
  `/${'a/'.repeat(4_000)}`,
  '/assets/..%2f..%2fpackage.json',
  '/assets/%2e%2e%2fmanifest.json',
  '/settings/tokens/1e9999',
  '/settings/tokens/-1',
  '/settings/tokens/99999999999999999999',
  '/settings/tokens/%00',
];
const apiTricks: readonly string[] = [
  ...tricks.map((path) => `/api/v3${path}`),
  '/api/v3/repos/mona/..%2fsecret',
  '/api/v3/repos/mona/%2e%2e',
  '/api/v3/repos/%00/%00',
  '/api/v3/repositories/0x1',
  '/api/v3/repositories/99999999999999999999999',
  '/api/v3/repositories/-1',
  '/api/v3/users/..',
  '/api/v3/users/%00',
  '/api/v3/users/%ED%A0%80',
  '/api/v3/repos/mona/public/contents/..%2f..%2fconfig',
  '/api/v3/repos/mona/public/contents/%00',
  '/api/v3/repos/mona/public/branches/..%2fmain',
  '/api/v3/repos/mona/public/branches/--all',
  '/api/v3/repos/mona/public/commits/--output=x',
  '/api/v3/repos/mona/public/commits?sha=--all',
];
const gitTricks: readonly string[] = [
  '/info/refs?service=git-upload-pack',
  '/info/refs?service=git-receive-pack',
].flatMap((end) => [
  `/mona/..%2fsecret.git${end}`,
  `/mona/secret%00.git${end}`,
  `/%2e%2e/%2e%2e${end}`,
  `/mona/secret.git%2f..${end}`,
  `/mona\\secret.git${end}`,
  `/mona/%5c..%5csecret${end}`,
  `/mona/--help${end}`,
  `/-c/x${end}`,
  `/%ff/%ff${end}`,
]);

describe('Path tricks', () => {
  it('on pages, the API and git get a 4xx, or lead to the sign-in page of this server', async () => {
    for (const path of [...tricks, ...apiTricks, ...gitTricks]) {
      for (const headers of [[], [`Authorization: ${site.basic}`]]) {
        const sent = Buffer.from(
          [`GET ${path} HTTP/1.1`, `Host: ${site.host}`, ...headers, '', ''].join('\r\n'),
          'utf8',
        );
        const answer = await site.send(sent);
        if (answer !== null && answer.status >= 300 && answer.status < 400) {
          // Never to another site.server.
          expect(answer.headers.get('location'), path).toMatch(/^\/(?!\/)|^http:\/\/127\.0\.0\.1/);
          continue;
        }
        expectRefusal(answer, sent);
      }
    }
    await site.expectAlive();
  });
  it('service names that are none are refused', async () => {
    for (const service of [
      'git-upload-archive',
      'git-upload-pack;id',
      '../../bin/sh',
      '',
      '%00',
      'git-upload-pack&service=x',
      'x'.repeat(4_000),
    ]) {
      expectRefusal(await site.get(`/mona/public.git/info/refs?service=${service}`), service);
    }
  });
});

describe('The log of all this', () => {
  it('holds no fault of the server, and no credential', () => {
    site.expectCleanLog();
  });
});
