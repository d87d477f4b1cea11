// Requests and bytes made up by a machine.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Site, stack, startSite } from './malformed.ts';

let site: Site;

beforeAll(async () => {
  site = await startSite();
});

afterAll(async () => {
  await site.close();
});

describe('Anything at all', () => {
  const runs = process.env.LATCHKEY_LONG === '1' ? 5_000 : 300;
  const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND', 'X');
  const piece = fc.oneof(
    fc.constantFrom(
      'mona',
      'public',
      'secret.git',
      'api',
      'v3',
      'repos',
      'settings',
      'tokens',
      'info',
      'refs',
      '..',
      '%2e%2e',
      '%00',
      '%',
      ':',
      '*',
      '[',
      'new',
      'login',
    ),
    fc.string({ maxLength: 12, unit: 'binary' }),
  );
  const target = fc
    .tuple(fc.array(piece, { maxLength: 8 }), fc.option(fc.string({ maxLength: 30 })))
    .map(([pieces, query]) => `/${pieces.join('/')}${query === null ? '' : `?${query}`}`);
  const header = fc.tuple(
    fc.constantFrom(
      'Authorization',
      'Cookie',
      'Content-Type',
      'Accept',
      'Accept-Encoding',
      'Range',
      'If-None-Match',
      'Git-Protocol',
      'Content-Encoding',
      'Origin',
      'X-GitHub-Api-Version',
      'Accept-Version',
      'X-Forwarded-For',
      'Upgrade',
      'Connection',
      'Expect',
    ),
    fc.string({ maxLength: 60, unit: 'binary' }),
  );
  const request = fc.record({
    method,
    target,
    headers: fc.array(header, { maxLength: 6 }),
    body: fc.uint8Array({ maxLength: 300 }),
  });

  it('made of requests gets an answer that is no fault of the server', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(request, async (made) => {
        const head = [
          `${made.method} ${made.target} HTTP/1.1`,
          `Host: ${site.host}`,
          `Content-Length: ${made.body.length}`,
        ]
          .concat(made.headers.map(([name, value]) => `${name}: ${value}`))
          .join('\r\n');
        const answer = await site.send(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), made.body]));
        if (answer === null) throw new Error('closed without a word');
        expect(answer.status).toBeLessThan(500);
        expect(answer.body).not.toMatch(stack);
        expect(answer.headers.get('x-github-request-id')).toBeDefined();
      }),
      { numRuns: runs },
    );
    await site.expectAlive();
  });
  const place = fc.constantFrom(
    ...['tree', 'blob', 'raw', 'commits', 'commit', 'branches', 'tags', 'settings'].map(
      (kind) => `/mona/public/${kind}`,
    ),
    ...[
      'contents',
      'readme',
      'branches',
      'commits',
      'tags',
      'git/trees',
      'git/blobs',
      'git/commits',
      'git/refs',
      'collaborators',
      'languages',
      'compare',
    ].map((kind) => `/api/v3/repos/mona/public/${kind}`),
    ...['/api/v3/repos', '/api/v3/repositories', '/api/v3/users', '/api/v3/user', '/avatars/u', '/assets'],
    ...[
      '/settings/tokens',
      '/settings/tokens/new',
      '/settings/sessions',
      '/settings',
      '/new/import',
      '/password',
      '/setup',
      '/login',
    ],
    '/mona/public.git/info/refs',
  );
  const parameter = fc.tuple(
    fc.constantFrom(
      'page',
      'per_page',
      'sha',
      'ref',
      'path',
      'since',
      'until',
      'sort',
      'direction',
      'type',
      'service',
      'scopes',
      'description',
      'code',
      'return_to',
      'recursive',
      'author',
      'q',
    ),
    fc.oneof(
      fc.constantFrom(
        '-1',
        '0',
        '1e9',
        '99999999999999999999',
        'main',
        'v1',
        '--all',
        'HEAD^{/x}',
        'main:docs',
        '@{u}',
        '%00',
        '%ff',
        '../..',
        'NaN',
        '2026-13-45',
        '[]',
      ),
      fc.string({ maxLength: 20, unit: 'binary' }),
    ),
  );
  const deep = fc
    .tuple(
      place,
      fc.array(fc.oneof(piece, fc.constantFrom('main', 'docs', 'README.md', 'v1', 'HEAD', '0'.repeat(40))), {
        maxLength: 4,
      }),
      fc.array(parameter, { maxLength: 4 }),
    )
    .map(
      ([start, pieces, query]) =>
        `${[start, ...pieces].join('/')}?${query.map(([name, text]) => `${name}=${text}`).join('&')}`,
    );
  const caller = fc.constantFrom<() => readonly string[]>(
    () => [],
    () => [`Authorization: ${site.basic}`],
    () => [`Cookie: ${site.cookie}`],
  );

  it('asked of real places by whoever gets an answer that is no fault of the server', {
    timeout: 900_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'),
        deep,
        caller,
        fc.json({ maxDepth: 2 }),
        async (verb, target, credential, json) => {
          const head = [
            `${verb} ${target} HTTP/1.1`,
            `Host: ${site.host}`,
            ...credential(),
            'Content-Type: application/json',
            `Content-Length: ${Buffer.byteLength(json)}`,
          ];
          const answer = await site.send(`${head.join('\r\n')}\r\n\r\n${json}`);
          if (answer === null) throw new Error('closed without a word');
          expect(answer.status, answer.body).toBeLessThan(500);
          expect(answer.body).not.toMatch(stack);
        },
      ),
      { numRuns: runs },
    );
    await site.expectAlive();
  });
  it('made of bytes gets an answer or an end, not silence', { timeout: 600_000 }, async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 400 });
    await fc.assert(
      fc.asyncProperty(bytes, async (made) => {
        const answer = await site.send(made, { half: true });
        if (answer !== null) expect(answer.status).toBeLessThan(500);
      }),
      { numRuns: runs },
    );
    await site.expectAlive();
  });
});

describe('The log of all this', () => {
  it('holds no fault of the server, and no credential', () => {
    site.expectCleanLog();
  });
});
