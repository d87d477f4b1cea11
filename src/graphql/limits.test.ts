import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../../test/api.ts';

let api: TestApi;
let token: string;
beforeAll(async () => {
  api = await startApi();
  const mona = await api.person('mona');
  token = await api.token(mona, ['repo', 'read:org']);
  await api.call('POST', '/user/repos', { token, body: { name: 'full', auto_init: true } });
});
afterAll(() => api.close());

async function ask(query: string, variables: object = {}) {
  const answer = await api.graphql(query, { token, variables });
  expect(answer.statusCode, answer.body.slice(0, 200)).toBe(200);
  return answer.json();
}
const complaint = async (query: string): Promise<string> => (await ask(query)).errors[0].message;
const many = (count: number, part: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => part(index)).join(' ');

describe('A query that asks for too much is refused before anything is looked up', () => {
  it('when it is too long, has too many parts or too many names for them', async () => {
    expect(await complaint(`{ viewer { login } } # ${'x'.repeat(128 * 1024)}`)).toContain('too long');
    expect(await complaint(`{ viewer { ${many(9_000, () => 'login')} } }`)).toContain('8000 tokens');
    expect(await complaint(`{ viewer { ${many(4_001, () => 'login')} } }`)).toContain('4000 fields');
    expect(await complaint(`{ ${many(501, (n) => `a${n}: viewer { login }`)} }`)).toContain('501 aliases');
    const fragments = many(101, (n) => `fragment F${n} on Query { viewer { login } }`);
    expect(await complaint(`{ ...F0 } ${fragments}`)).toContain('101 fragments');
    expect(await complaint(many(11, (n) => `query Q${n} { viewer { login } }`))).toContain('11 operations');
    // Just under it, it is answered.
    expect((await ask(`{ ${many(400, (n) => `a${n}: viewer { login }`)} }`)).data.a399.login).toBe('mona');
  });

  it('when it is too deep, also through fragments', async () => {
    const deep = `${'{ relay '.repeat(26)}{ viewer { login } }${'}'.repeat(26)}`;
    expect(await complaint(deep)).toContain('depth');
    const nested = 'query { relay { ...A } } fragment A on Query { relay { ...B } } ';
    expect(await complaint(`${nested} fragment B on Query { ${deep.slice(1, -1)} }`)).toContain('depth');
    // So deep that no parser gets to the end of it.
    expect(await complaint('{ a '.repeat(3_900))).toBeTruthy();
    expect(await complaint(`{ viewer { login(x: ${'['.repeat(7_000)}) } }`)).toBeTruthy();
  });

  it('when fragments double what they hold, or hold themselves', async () => {
    const doubling = many(
      30,
      (n) => `fragment F${n} on Query { a: relay { ...F${n + 1} } b: relay { ...F${n + 1} } }`,
    );
    expect(await complaint(`{ ...F0 } ${doubling} fragment F30 on Query { viewer { login } }`)).toContain(
      'fields',
    );
    expect(await complaint('{ ...A } fragment A on Query { relay { ...A } }')).toContain('within itself');
  });

  it('when its lists come to more than half a million', async () => {
    const inner =
      'repositories(first: 100) { nodes { forks(first: 100) { nodes { forks(first: 100) { nodes { id } } } } } }';
    const { errors, data } = await ask(`{ viewer { ${inner} } }`);
    expect(data).toBeUndefined();
    expect(errors[0].type).toBe('MAX_NODE_LIMIT_EXCEEDED');
    expect(errors[0].message).toBe(
      'This query requests up to 1,010,100 possible nodes which exceeds the maximum limit of 500,000.',
    );
    const byVariable = inner.replace('first: 100', 'first: $n');
    const told = await ask(`query($n: Int = 1) { viewer { ${byVariable} } }`, { n: 100 });
    expect(told.errors[0].type).toBe('MAX_NODE_LIMIT_EXCEEDED');
    expect(
      (await ask(`query($n: Int = 1) { viewer { ${byVariable} } }`)).data.viewer.repositories.nodes,
    ).toHaveLength(1);
  });

  it('when it asks for the schema again and again', async () => {
    const whole = '__schema { types { fields { name args { name } type { name } } } }';
    expect((await ask(`{ ${whole} }`)).data.__schema.types.length).toBeGreaterThan(30);
    expect(await complaint(`{ ${many(5, (n) => `a${n}: ${whole}`)} }`)).toContain('introspection');
  });
});

describe('A query that costs too much is ended', () => {
  it('when it reads the same file over and over', async () => {
    const big = Buffer.from('x'.repeat(400_000)).toString('base64');
    await api.call('PUT', '/repos/mona/full/contents/big.txt', {
      token,
      body: { message: 'big', content: big },
    });
    const read = (n: number) => `a${n}: object(expression: "HEAD:big.txt") { ... on Blob { text } }`;
    const few = await ask(`{ repository(owner: "mona", name: "full") { ${many(2, read)} } }`);
    expect(few.data.repository.a1.text).toHaveLength(400_000);
    const { errors } = await ask(`{ repository(owner: "mona", name: "full") { ${many(25, read)} } }`);
    expect(errors.some(({ type }: { type: string }) => type === 'RESOURCE_LIMITS_EXCEEDED')).toBe(true);
  });
});

describe('The worst that may be asked', () => {
  it('is checked in a moment', async () => {
    const worst = [
      // Every field has to be compared with every other.
      `{ viewer { ${many(3_900, () => 'login')} } }`,
      `{ ${many(3, () => `viewer { ${many(1_300, () => 'login')} }`)} }`,
      `{ ${many(100, (n) => `...F${n}`)} } ${many(100, (n) => `fragment F${n} on Query { viewer { login name } }`)}`,
      `{ ${many(1_900, (n) => `nope${n}`)} }`,
      `query(${many(700, (n) => `$v${n}: Int`)}) { viewer { login } }`,
      `{ viewer { repositories(first: 1) { nodes { ${many(1_000, () => 'owner { login }')} } } } }`,
    ];
    for (const query of worst) {
      const start = performance.now();
      await ask(query);
      expect(performance.now() - start, query.slice(0, 60)).toBeLessThan(2_000);
    }
  }, 60_000);
});
