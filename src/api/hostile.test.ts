import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Method, startApi, type TestApi } from '../../test/api.ts';

let api: TestApi;
let token: string;

beforeAll(async () => {
  api = await startApi();
  token = await api.token(await api.person('ada'), ['repo', 'user']);
  const body = { name: 'engine', auto_init: true };
  await api.call('POST', '/user/repos', { token, body });
});

afterAll(() => api.close());

/** What has broken servers before. */
const texts = [
  '../..',
  '%00',
  '--help',
  '--output=x',
  '@{-1}',
  'main~1^{/x}',
  ':(glob)**',
  ':/Initial',
  "'; DROP TABLE accounts; --",
  '__proto__',
  'constructor',
  '\ud800'.toWellFormed(),
  '💩',
  '\\\\host\\share',
  'a'.repeat(5000),
  '9'.repeat(400),
  '-1',
  '1e309',
  '$(id)',
  '\r\nX-Injected: yes',
  '/',
  '',
];
const text = fc.oneof(fc.constantFrom(...texts), fc.string({ unit: 'binary', maxLength: 40 }));
const value = fc.oneof(text, fc.constantFrom(null, true, 0, -1, 1.5, 1e308, [], {}, [[]], { toString: 1 }));
const queries = [
  ...[
    'page',
    'per_page',
    'sort',
    'direction',
    'type',
    'visibility',
    'affiliation',
    'since',
    'before',
    'until',
  ],
  ...['ref', 'sha', 'path', 'author', 'recursive', 'protected', 'access_token'],
];
const fields = [
  'name',
  'description',
  'private',
  'visibility',
  'default_branch',
  'permission',
  'auto_init',
  '__proto__',
];

/** Parameters of an address: mostly those of something that is there, so that what lies below is reached. */
function addressOf(url: string, text: string): string {
  // What calls the API here resolves lone dots itself, as browsers do.
  const hostile = /^\.{1,2}$/.test(text) ? `${text}/` : text;
  const known: Readonly<Record<string, string>> = { owner: 'ada', repo: 'engine', id: '1', username: 'ada' };
  const parts = url.split('/');
  const last = parts.findLastIndex((part) => /[:*]/.test(part));
  return parts
    .map((part, index) => {
      if (!/[:*]/.test(part)) return part;
      return index === last
        ? encodeURIComponent(hostile)
        : (known[part.slice(1)] ?? encodeURIComponent(hostile));
    })
    .join('/');
}

describe('whatever anybody sends to the API', () => {
  it('is answered as described, and never by a fault of the server', async () => {
    const sendable = api.routes.filter((route) => !route.startsWith('DELETE /repo'));
    const request = fc.record({
      route: fc.constantFrom(...sendable),
      hostile: text,
      query: fc.dictionary(fc.constantFrom(...queries), text, { maxKeys: 4 }),
      body: fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 4 }),
      accept: fc.constantFrom(
        '*/*',
        'application/vnd.github.raw',
        'application/vnd.github.html',
        ',;,;=',
        'x'.repeat(2000),
      ),
      known: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ route, hostile, query, body, accept, known }) => {
        const [method = '', url = ''] = route.split(' ');
        const path = `${addressOf(url, hostile)}?${new URLSearchParams(query)}`;
        const answer = await api.call(method as Method, path, {
          token: known ? token : null,
          headers: { accept },
          ...(method === 'GET' || method === 'HEAD' ? {} : { body }),
        });
        expect(answer.statusCode, `${method} ${path} ${answer.body}`).toBeLessThan(500);
        expect(answer.headers).not.toHaveProperty('x-injected');
        expect(answer.headers).toHaveProperty('x-github-request-id');
      }),
      { numRuns: process.env.LATCHKEY_LONG === '1' ? 4_000 : 400 },
    );
  }, 600_000);
});
