import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Method, startApi, type TestApi } from '../../test/api.ts';
import { allScopes } from '../scopes/scopes.ts';

let api: TestApi;
let token: string;

let sha = '';

beforeAll(async () => {
  api = await startApi();
  // Everything that does not take a site admin, deletion too.
  token = await api.token(
    await api.person('ada'),
    allScopes.filter((scope) => scope !== 'site_admin'),
  );
  await makeEngine();
});

/** Requests may delete it, or give it another name: then there is another one. */
async function makeEngine(): Promise<void> {
  if ((await api.get('/repos/ada/engine', token)).statusCode === 200) return;
  await api.call('POST', '/user/repos', { token, body: { name: 'engine', auto_init: true } });
  const head = await api.get('/repos/ada/engine/commits/main', token);
  sha = head.statusCode === 200 ? (head.json().sha as string) : sha;
  const below = '/repos/ada/engine';
  await api.call('POST', `${below}/hooks`, { token, body: { config: { url: 'https://example.com/' } } });
}

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
const odd = fc.constantFrom<unknown>(
  ...[null, true, 0, -1, 1.5, 1e308, [], {}, [[]], { toString: 1 }, ['x'], [null], { url: 'x' }],
  ...[
    'eA==',
    'refs/heads/main',
    'refs/tags/x',
    'main',
    'https://example.com/',
    'base64',
    'private',
    'f'.repeat(40),
  ],
  [{ path: 'a/../b', mode: '100644', content: 'x' }],
  [{ path: 'a', mode: '040000', type: 'tree', sha: 'f'.repeat(40) }],
  { name: 'a<b', email: 'x', date: '2026-13-45' },
);
const value = fc.oneof(text, odd);
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
/** What makes sense somewhere: of each, most requests have all that is needed and something that is not right. */
const sensible = (): Readonly<Record<string, unknown>> => ({
  name: 'thing',
  description: 'text',
  private: false,
  visibility: 'public',
  default_branch: 'main',
  permission: 'push',
  auto_init: true,
  message: 'm',
  content: 'eA==',
  branch: 'main',
  sha,
  tree: [{ path: 'x', mode: '100644', type: 'blob', content: 'x' }],
  base_tree: sha,
  parents: [sha],
  object: sha,
  type: 'commit',
  tag: 'v1',
  ref: 'refs/heads/new',
  force: true,
  encoding: 'base64',
  author: { name: 'A', email: 'a@example.com', date: '2026-01-01T00:00:00Z' },
  state: 'success',
  context: 'ci',
  target_url: 'https://example.com/',
  config: { url: 'https://example.com/x', content_type: 'json', secret: 's' },
  events: ['push'],
  active: true,
  emails: ['x@example.com'],
  bio: 'b',
  title: 't',
  key: 'ssh-ed25519 AAAA',
  armored_public_key: 'x',
  read_only: true,
  role: 'member',
});
const fields = [...Object.keys(sensible()), '__proto__', 'url', 'secret', 'email', 'signature'];

/** Parameters of an address: mostly those of something that is there, so that what lies below is reached. */
function addressOf(url: string, text: string, lastIsKnown: boolean): string {
  // What calls the API here resolves lone dots itself, as browsers do.
  const hostile = /^\.{1,2}$/.test(text) ? `${text}/` : text;
  const known: Readonly<Record<string, string>> = {
    ...{ owner: 'ada', repo: 'engine', id: '1', username: 'ada', account_id: '1', hook_id: '1' },
    ...{ delivery_id: '1', key_id: '1', sha, ref: 'main' },
  };
  const knownRest = url.includes('/refs/') || url.includes('/ref/') ? 'heads/main' : 'README.md';
  const parts = url.split('/');
  const last = parts.findLastIndex((part) => /[:*]/.test(part));
  return parts
    .map((part, index) => {
      if (!/[:*]/.test(part)) return part;
      if (index === last && lastIsKnown) return known[part.slice(1)] ?? knownRest;
      return index === last
        ? encodeURIComponent(hostile)
        : (known[part.slice(1)] ?? encodeURIComponent(hostile));
    })
    .join('/');
}

describe('whatever anybody sends to the API', () => {
  it('is answered as described, and never by a fault of the server', async () => {
    const request = fc.record({
      route: fc.constantFrom(...api.routes),
      hostile: text,
      query: fc.dictionary(fc.constantFrom(...queries), text, { maxKeys: 4 }),
      body: fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 4 }),
      isSensible: fc.boolean(),
      lastIs: fc.constantFrom('hostile', 'known'),
      accept: fc.constantFrom(
        '*/*',
        'application/vnd.github.raw',
        'application/vnd.github.html',
        ',;,;=',
        'x'.repeat(2000),
      ),
      known: fc.boolean(),
    });
    let sent = 0;
    const property = fc.asyncProperty(
      request,
      async ({ route, hostile, query, body, isSensible, lastIs, accept, known }) => {
        if (++sent % 25 === 0) await makeEngine();
        const [method = '', url = ''] = route.split(' ');
        const path = `${addressOf(url, hostile, lastIs === 'known')}?${new URLSearchParams(query)}`;
        const answer = await api.call(method as Method, path, {
          token: known ? token : null,
          headers: { accept },
          ...(method === 'GET' || method === 'HEAD'
            ? {}
            : { body: isSensible ? { ...sensible(), ...body } : body }),
        });
        expect(answer.statusCode, `${method} ${path} ${answer.body}`).toBeLessThan(500);
        expect(answer.headers).not.toHaveProperty('x-injected');
        expect(answer.headers).toHaveProperty('x-github-request-id');
      },
    );
    const { LATCHKEY_LONG, LATCHKEY_SEED, LATCHKEY_PATH } = process.env;
    const details = await fc.check(property, {
      numRuns: LATCHKEY_LONG === '1' ? 4_000 : 400,
      // What one request changes, the next one finds: a failure is replayed by its seed from the beginning.
      endOnFailure: true,
      ...(LATCHKEY_SEED === undefined ? {} : { seed: Number(LATCHKEY_SEED) }),
      ...(LATCHKEY_PATH === undefined ? {} : { path: LATCHKEY_PATH }),
    });
    if (details.failed) throw new Error(keepFailure(details));
  }, 600_000);
});

/** Writes down what is needed to see it again, since nobody keeps what a terminal showed. */
function keepFailure<T>(details: fc.RunDetails<T>): string {
  const { seed, counterexamplePath: path, numRuns } = details;
  const directory = join(tmpdir(), 'latchkey-failures');
  mkdirSync(directory, { recursive: true });
  const file = join(directory, `hostile-${seed}.json`);
  const cause = details.errorInstance instanceof Error ? details.errorInstance.message : '';
  const found = { seed, path, numRuns, counterexample: details.counterexample, cause };
  writeFileSync(file, JSON.stringify(found, null, 2));
  const again = `LATCHKEY_SEED=${seed} vitest run src/api/hostile.test.ts`;
  return `${cause}\nKept in ${file}\nAgain: ${again}\n${fc.defaultReportMessage(details) ?? ''}`;
}
