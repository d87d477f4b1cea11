// Fields of one name in one place are compared each with each when a query is checked: some kilobytes from anybody's
// token without a scope, sent again and again, left no time to answer others.
import { describe, expect, it } from 'vitest';
import { startServer } from '../server.ts';

const many = (count: number, text: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ');
/** Fragments that say `login` so often each, and a query of them all. */
const fragments = (count: number, each: number) =>
  `{ viewer { ${many(count, (n) => `...F${n}`)} } } ` +
  many(count, (n) => `fragment F${n} on User { ${many(each, () => 'login')} }`);

const refused = {
  'a field very often': `{ viewer { ${many(1_500, () => 'login')} } }`,
  'a field with others in it': `{ ${many(700, () => 'viewer { login }')} }`,
  'a field in fragments without names': `{ ${many(700, () => '... { viewer { login } }')} }`,
  'a field below two that are one': `{ ${many(20, () => `viewer { ${many(20, () => 'login')} }`)} }`,
  'a field in many fragments': fragments(80, 20),
  'a field in a fragment that nothing uses': `{ viewer { login } } fragment F on User { ${many(900, () => 'login')} }`,
};
const answered = {
  'a field a few times': `{ ${many(20, () => 'viewer { login }')} }`,
  'the same of many things': `{ ${many(300, (n) => `a${n}: viewer { login id }`)} }`,
  'the same in many fragments': fragments(80, 1),
};

describe('A query', () => {
  it('does not repeat itself very often in one place; of many things it asks the same', async () => {
    await using server = await startServer();
    await server.person('mona');
    const token = await server.token('mona');
    const ask = async (query: string): Promise<string> => {
      const answer = await server.fetch('/api/graphql', {
        method: 'POST',
        token,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      const { errors } = (await answer.json()) as {
        readonly errors?: readonly { readonly message: string }[];
      };
      return errors?.[0]?.message ?? 'answered';
    };
    for (const [what, query] of Object.entries(refused)) {
      expect([what, await ask(query)]).toEqual([what, expect.stringContaining('repeats fields')]);
    }
    for (const [what, query] of Object.entries(answered)) {
      expect([what, await ask(query)]).toEqual([what, 'answered']);
    }
    // Fragments that contain themselves in many ways are no way around, and take no longer.
    const knot = many(
      60,
      (n) => `fragment F${n} on User { ${many(20, (m) => `a${m}: viewer { ...F${(n + m) % 60} }`)} }`,
    );
    expect(await ask(`{ viewer { ...F0 } } ${knot}`)).not.toBe('answered');
  });
});
