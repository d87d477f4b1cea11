import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../../test/api.ts';

let api: TestApi;
let token: string;
let open: string;
let bob: string;

beforeAll(async () => {
  api = await startApi();
  const ada = await api.person('ada');
  token = await api.token(ada, ['repo']);
  open = await api.token(ada, []);
  bob = await api.token(await api.person('bob'), ['repo']);
  const make = (credential: string, body: object) =>
    api.call('POST', '/user/repos', { token: credential, body });
  await make(token, { name: 'Engine', description: 'Analytical 100%' });
  await make(token, { name: 'engine-tests', private: true });
  await make(token, { name: 'other', description: 'An engine too' });
  await make(bob, { name: 'engine' });
  await make(bob, { name: 'secret-engine', private: true });
});

afterAll(() => api.close());

async function found(q: string, credential: string | null = null, more = ''): Promise<readonly string[]> {
  const answer = await api.get(`/search/repositories?q=${encodeURIComponent(q)}${more}`, credential);
  expect(answer.statusCode, answer.body).toBe(200);
  const { items, total_count: total } = answer.json();
  if (more === '') expect(total).toBe(items.length);
  return items.map(({ full_name: name }: { full_name: string }) => name).sort();
}

describe('a search for repositories', () => {
  it('finds and counts what the caller may see, and nothing else', async () => {
    const all = ['ada/Engine', 'ada/other', 'bob/engine'];
    expect(await found('engine')).toEqual(all);
    expect(await found('engine', open)).toEqual(all);
    expect(await found('engine', token)).toEqual([...all, 'ada/engine-tests'].sort());
    expect(await found('engine', bob)).toEqual([...all, 'bob/secret-engine']);
    expect(await found('is:private', token)).toEqual(['ada/engine-tests']);
    expect(await found('repo:bob/secret-engine', token)).toEqual([]);
  });

  it('is narrowed by qualifiers', async () => {
    expect(await found('engine in:name')).toEqual(['ada/Engine', 'bob/engine']);
    expect(await found('engine in:description')).toEqual(['ada/other']);
    expect(await found('user:ADA engine')).toEqual(['ada/Engine', 'ada/other']);
    expect(await found('user:ada user:bob in:name engine')).toEqual(['ada/Engine', 'bob/engine']);
    expect(await found('"an engine"')).toEqual(['ada/other']);
    expect(await found('100%')).toEqual(['ada/Engine']);
    expect(await found('%')).toEqual(['ada/Engine']);
    expect(await found('language:ada')).toEqual([]);
    expect(await found('user:ada fork:true archived:false')).toEqual(['ada/Engine', 'ada/other']);
    expect(await found('archived:true')).toEqual([]);
  });

  it('comes in pages, the best first', async () => {
    const answer = await api.get('/search/repositories?q=engine&per_page=1&page=2');
    expect(answer.json()).toMatchObject({ total_count: 3, items: [{ name: /engine/i.exec('Engine')?.[0] }] });
    expect(answer.headers.link).toContain('page=3');
    const last = await api.get('/search/repositories?q=engine&per_page=1&page=3');
    expect(last.json().items[0].name).toBe('other');
  });

  it('is refused without words, with too many, and beyond the last result', async () => {
    for (const query of ['', 'q=', `q=${'x'.repeat(257)}`, 'q=x&page=11&per_page=100']) {
      expect((await api.get(`/search/repositories?${query}`)).statusCode, query).toBe(422);
    }
    const blank = await api.get('/search/repositories?q=%20');
    expect(blank.json().errors).toEqual([{ resource: 'Search', field: 'q', code: 'missing' }]);
  });
});
