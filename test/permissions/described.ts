// Requests as the published description of the API (GHES 3.8) would have them, and as it wouldn't.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { World } from './world.ts';

export interface FuzzRequest {
  readonly method: string;
  /** Below `/api/v3`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}

interface Operation {
  readonly parameters?: readonly { readonly name?: string; readonly in?: string; readonly $ref?: string }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
}

type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** What has broken servers before. */
const hostile: readonly string[] = [
  '../..',
  '%00',
  '%2e%2e%2f',
  '--help',
  '--output=x',
  '@{-1}',
  'main~1^{/x}',
  ':(glob)**',
  "'; DROP TABLE accounts; --",
  '__proto__',
  'constructor',
  '💩',
  '\\\\host\\share',
  'a'.repeat(3000),
  '9'.repeat(400),
  '-1',
  '0',
  '1e309',
  '$(id)',
  '\r\nX-Injected: yes',
  '*',
  '/',
  ' ',
  'NaN',
];
const anything = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary', maxLength: 30 }));

/** Arbitrary requests: mostly about what is in the world, so that something lies behind them. */
export function describedRequests(world: World): fc.Arbitrary<FuzzRequest> {
  const file = fileURLToPath(import.meta.resolve('@octokit/openapi/generated/ghes-3.8.json'));
  const { paths } = JSON.parse(readFileSync(file, 'utf8')) as { readonly paths: Paths };
  const known = new Set(
    world.routes.flatMap(({ methods, url }) =>
      methods.map(
        (method) => `${method.toLowerCase()} ${url.slice('/api/v3'.length).replace(/:\w+|\*/g, '{}')}`,
      ),
    ),
  );
  const operations = Object.entries(paths).flatMap(([template, methods]) =>
    Object.entries(methods)
      .filter(([method]) => ['get', 'put', 'post', 'patch', 'delete'].includes(method))
      .map(([method, operation]) => ({ template, method, operation })),
  );
  const isServed = ({ template, method }: { readonly template: string; readonly method: string }) =>
    known.has(`${method} ${template.replace(/\{[^}]+\}/g, '{}')}`);
  const served = operations.filter(isServed);
  const chosen = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...served) },
    { weight: 1, arbitrary: fc.constantFrom(...operations) },
  );
  return chosen.chain(({ template, method, operation }) => {
    const { schema } = operation.requestBody?.content?.['application/json'] ?? {};
    const queries = (operation.parameters ?? []).map(
      ({ name, $ref }) => name ?? $ref?.split('/').at(-1)?.replaceAll('-', '_') ?? 'x',
    );
    const segments = template
      .replace('{owner}/{repo}', '{repository}')
      .split('/')
      .map((part) => segmentFor(world, part));
    return fc.record({
      method: fc.oneof(
        { weight: 19, arbitrary: fc.constant(method.toUpperCase()) },
        { weight: 1, arbitrary: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE') },
      ),
      url: fc
        .tuple(
          fc.tuple(...segments).map((parts) => parts.join('/')),
          fc.dictionary(fc.constantFrom('page', 'per_page', 'ref', 'sha', ...queries), queryValue, {
            maxKeys: 3,
          }),
        )
        .map(([path, query]) => `${path}?${new URLSearchParams(query)}`),
      headers: fc.record({
        accept: fc.constantFrom('*/*', 'application/vnd.github.raw', 'application/vnd.github.html', ',;='),
        'content-type': fc.constantFrom(
          'application/json',
          'application/x-www-form-urlencoded',
          'text/plain',
        ),
      }),
      body: bodyFor(world, method, schema),
    });
  });
}

const queryValue = fc.oneof(
  fc.constantFrom('1', '100', 'all', 'desc', 'main', 'created', '2026-01-01T00:00:00Z'),
  anything,
);

/** A part of a path: literal, or a parameter filled with something there, or with something hostile. */
function segmentFor(world: World, part: string): fc.Arbitrary<string> {
  if (!/^\{[^}]+\}$/.test(part)) return fc.constant(part.replace(/\{[^}]+\}/g, 'main...spare'));
  const { things, accounts, octo, keyOf } = world;
  const repository = Object.values(things);
  if (part === '{repository}') {
    const there = ['mona/open', 'mona/closed', 'octo/kit', 'keeper/guest'];
    return fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...there) },
      { weight: 1, arbitrary: anything.map((text) => `mona/${encodeURIComponent(text.toWellFormed())}`) },
    );
  }
  const ids = [1, 2, 3, 4, octo.id, octo.team, octo.invitation, octo.kit, keyOf.mona, keyOf.spare];
  const texts: Readonly<Record<string, readonly (string | number)[]>> = {
    hook_id: repository.map(({ hook }) => hook),
    delivery_id: repository.map(({ delivery }) => delivery),
    key_id: [keyOf.mona, keyOf.spare, ...repository.map(({ deployKey }) => deployKey)],
    key_ids: [keyOf.mona, keyOf.spare],
    invitation_id: [
      octo.invitation,
      world.invitationOfMona,
      ...repository.map(({ invitation }) => invitation),
    ],
    org: ['octo'],
    team_slug: ['crew'],
    username: Object.keys(accounts),
    ref: ['main', 'heads/main', 'xyzzy', 'v1', ...repository.map(({ head }) => head)],
    branch: ['main', 'spare', 'one/two'],
    path: ['README.md', 'docs', 'docs/README.md', 'xyzzy-path.txt'],
    sha: repository.flatMap(({ head, tree, blob, tag }) => [head, tree, blob, tag]),
    enterprise: ['latchkey'],
  };
  const name = part.slice(1, -1);
  const sha = name.endsWith('_sha') ? texts.sha : undefined;
  const there = texts[name] ?? sha ?? [...ids, ...repository.map(({ delivery }) => delivery)];
  return fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...there).map((value) => encodeURIComponent(String(value))) },
    { weight: 1, arbitrary: anything.map((text) => encodeURIComponent(text.toWellFormed())) },
  );
}

function bodyFor(world: World, method: string, schema: Schema | undefined): fc.Arbitrary<string | undefined> {
  if (method === 'get') return fc.constant(undefined);
  const proper = valueFor(world, schema ?? { type: 'object' }, 0).map((value) => JSON.stringify(value));
  return fc.oneof(
    { weight: 8, arbitrary: proper },
    { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
    { weight: 1, arbitrary: fc.constantFrom('', '{', '[]', 'null', '"x"', '{"__proto__":{"x":1}}') },
  );
}

/** Names under which bodies tell what is in the world. */
const names = [
  'main',
  'open',
  'closed',
  'mona',
  'hubot',
  'octo',
  'refs/heads/main',
  'refs/heads/fuzz',
  'README.md',
];

function valueFor(world: World, schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const wrong = fc.oneof(anything, fc.constantFrom(null, true, 0, -1, 1.5, 1e308, [], {}, [[]]));
  if (depth > 3) return wrong;
  const alternatives = schema.oneOf ?? schema.anyOf;
  const right = (): fc.Arbitrary<unknown> => {
    if (alternatives !== undefined && alternatives.length > 0) {
      return fc.oneof(...alternatives.map((one) => valueFor(world, one, depth + 1)));
    }
    if (schema.enum !== undefined && schema.enum.length > 0) return fc.constantFrom(...schema.enum);
    switch (schema.type) {
      case 'object':
        return fc
          .record(
            Object.fromEntries(
              Object.entries(schema.properties ?? {}).map(([name, one]) => [
                name,
                valueFor(world, one, depth + 1),
              ]),
            ),
            { requiredKeys: [] },
          )
          .map((value) => value as unknown);
      case 'array':
        return fc.array(valueFor(world, schema.items ?? {}, depth + 1), { maxLength: 3 });
      case 'boolean':
        return fc.boolean();
      case 'integer':
      case 'number':
        return fc.oneof(fc.integer({ min: -1, max: 10 }), fc.integer());
      default:
        return fc.oneof(
          fc.constantFrom(...names, world.things.private.head, world.things.public.tree),
          fc.string({ maxLength: 20 }),
        );
    }
  };
  return fc.oneof({ weight: 9, arbitrary: right() }, { weight: 1, arbitrary: wrong });
}
