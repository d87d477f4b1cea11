import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi, testUrl } from '../../test/api.ts';
import { git } from '../process/git.ts';
import { repositoryDirectory } from '../repositories/storage.ts';

const root = `${testUrl}/api/v3/repos/ada/engine`;
const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 0xff]);
const big = 'x'.repeat(1024 * 1024 + 1);

/** Two commits, two branches, both kinds of tag, and one of everything that a directory can hold. */
function history(): Buffer {
  const data = (bytes: string | Buffer) =>
    Buffer.concat([Buffer.from(`data ${Buffer.byteLength(bytes)}\n`), Buffer.from(bytes), Buffer.from('\n')]);
  const by = (at: number) =>
    `author Ann <ann@example.com> ${at} +0100\ncommitter Bob <bob@example.com> ${at} +0000\n`;
  const modules = [
    '[submodule "near"]\n\tpath = vendor/near\n\turl = ../near.git\n',
    '[submodule "ssh"]\n\tpath = vendor/ssh\n\turl = git@example.org:a/b.git\n',
  ].join('');
  const files: [string, string | Buffer][] = [
    ['100644 inline README.md', '# Engine\n'],
    ['100644 inline src/a b.txt', 'héllo\n'],
    ['100644 inline picture.png', png],
    ['100644 inline big.txt', big],
    ['100644 inline .gitmodules', modules],
    ['120000 inline docs/link', '../README.md'],
    ['120000 inline docs/outside', '/etc/passwd'],
  ];
  return Buffer.concat([
    Buffer.from(`commit refs/heads/main\nmark :1\n${by(1_700_000_000)}`),
    data('First\n\nWith a body.\n'),
    ...files.flatMap(([head, bytes]) => [Buffer.from(`M ${head}\n`), data(bytes)]),
    Buffer.from(`M 160000 ${'1'.repeat(40)} vendor/near\nM 160000 ${'2'.repeat(40)} vendor/ssh\n\n`),
    Buffer.from(`commit refs/heads/main\nmark :2\n${by(1_700_000_100)}`),
    data('Second\n'),
    Buffer.from('from :1\nM 100644 inline src/new.txt\n'),
    data('new\n'),
    Buffer.from('\nreset refs/heads/feature/x\nfrom :1\n\nreset refs/tags/light\nfrom :1\n\n'),
    Buffer.from('tag v1.0\nfrom :2\ntagger Ann <ann@example.com> 1700000200 +0000\n'),
    data('Release\n'),
    Buffer.from('done\n'),
  ]);
}

let api: TestApi;
let token: string;
let first: string;
let second: string;
let id: number;

beforeAll(async () => {
  api = await startApi();
  token = await api.token(await api.person('ada'), ['repo']);
  const make = async (name: string) =>
    (await api.call('POST', '/user/repos', { token, body: { name, private: true } })).json().id as number;
  id = await make('engine');
  await make('empty');
  const repository = repositoryDirectory(api.ctx.config, id);
  await git(['fast-import', '--quiet', '--done'], { repository, input: history() });
  const read = async (name: string) =>
    (await git(['rev-parse', name], { repository })).stdout.toString().trim();
  [first, second] = [await read('main~1'), await read('main')];
});

afterAll(() => api.close());

const get = (path: string, headers: Record<string, string> = {}) =>
  api.get(`/repos/ada/engine${path}`, token, headers);
const json = async (path: string) => (await get(path)).json();
const text = (content: string) => Buffer.from(content, 'base64').toString();

describe('branches and tags', () => {
  it('are listed, page by page', async () => {
    expect(await json('/branches')).toMatchObject([
      { name: 'feature/x', commit: { sha: first, url: `${root}/commits/${first}` }, protected: false },
      { name: 'main', commit: { sha: second } },
    ]);
    const page = await get('/branches?per_page=1');
    expect(page.headers.link).toContain(
      `<${testUrl}/api/v3/repositories/${id}/branches?per_page=1&page=2>; rel="next"`,
    );
    const next = await api.get(`/repositories/${id}/branches?per_page=1&page=2`, token);
    expect(next.json()).toMatchObject([{ name: 'main' }]);
    expect(await json('/branches?protected=true')).toEqual([]);
    expect(await json('/tags')).toMatchObject([
      { name: 'light', commit: { sha: first } },
      { name: 'v1.0', commit: { sha: second } },
    ]);
  });

  it('are read by name, with slashes written either way', async () => {
    for (const path of ['/branches/feature/x', '/branches/feature%2Fx']) {
      expect(await json(path), path).toMatchObject({ name: 'feature/x', commit: { sha: first } });
    }
    const missing = await get('/branches/nothing');
    expect(missing.statusCode).toBe(404);
    expect(missing.json().message).toBe('Branch not found');
  });
});

describe('commits', () => {
  it('are listed from the newest, by branch, path, person and time', async () => {
    const shas = async (query: string) =>
      ((await json(`/commits${query}`)) as { sha: string }[]).map(({ sha }) => sha);
    expect(await shas('')).toEqual([second, first]);
    expect(await shas('?sha=feature/x')).toEqual([first]);
    expect(await shas('?path=src/new.txt')).toEqual([second]);
    expect(await shas('?author=nobody')).toEqual([]);
    expect(await shas('?since=2023-11-14T22:14:00Z')).toEqual([second]);
    expect(await shas('?until=2023-11-14T22:14:00Z')).toEqual([first]);
    const page = await get('/commits?per_page=1');
    expect(page.headers.link).toContain('page=2>; rel="next"');
    expect(page.headers.link).toContain('page=2>; rel="last"');
    expect((await get('/commits?sha=nothing')).statusCode).toBe(404);
  });

  it('are read with what they changed', async () => {
    for (const ref of ['main', 'heads/main', 'v1.0', second, second.slice(0, 10)]) {
      expect((await json(`/commits/${ref}`)).sha, ref).toBe(second);
    }
    const commit = await json(`/commits/${second}`);
    expect(commit).toMatchObject({
      commit: {
        message: 'Second',
        author: { name: 'Ann', email: 'ann@example.com', date: '2023-11-14T22:15:00Z' },
        committer: { name: 'Bob' },
        verification: { verified: false, reason: 'unsigned' },
      },
      parents: [{ sha: first }],
      stats: { total: 1, additions: 1, deletions: 0 },
      files: [
        { filename: 'src/new.txt', status: 'added', additions: 1, patch: expect.stringContaining('+new') },
      ],
    });
    const sha = await get('/commits/main', { accept: 'application/vnd.github.sha' });
    expect(sha.body).toBe(second);
    const missing = await get('/commits/nothing');
    expect(missing.statusCode).toBe(422);
    expect(missing.json().message).toBe('No commit found for SHA: nothing');
  });
});

describe('contents', () => {
  it('are read as files', async () => {
    const file = await json('/contents/src/a%20b.txt');
    expect(file).toMatchObject({
      type: 'file',
      name: 'a b.txt',
      path: 'src/a b.txt',
      encoding: 'base64',
      size: 7,
    });
    expect(text(file.content)).toBe('héllo\n');
    expect(file.url).toBe(`${root}/contents/src/a%20b.txt?ref=main`);
    expect(Buffer.from((await json('/contents/picture.png')).content, 'base64')).toEqual(png);
    expect((await get('/contents/src/new.txt?ref=feature/x')).statusCode).toBe(404);
    expect((await get(`/contents/src/new.txt?ref=${second}`)).statusCode).toBe(200);
    expect(await json('/contents/big.txt')).toMatchObject({
      encoding: 'none',
      content: '',
      size: big.length,
    });
  });

  it('are read raw', async () => {
    const raw = { accept: 'application/vnd.github.raw' };
    const picture = await get('/contents/picture.png', raw);
    expect(picture.headers['content-type']).toContain('application/vnd.github.raw');
    expect(picture.headers['x-github-media-type']).toBe('github.v3; param=raw');
    expect(picture.rawPayload).toEqual(png);
    expect((await get('/contents/big.txt', raw)).body).toBe(big);
    expect((await get('/readme', { accept: 'application/vnd.github.v3.raw' })).body).toBe('# Engine\n');
  });

  it('are read as HTML that can do no harm', async () => {
    const html = { accept: 'application/vnd.github.html+json' };
    const readme = await get('/readme', html);
    expect(readme.headers['content-type']).toContain('application/vnd.github.html');
    expect(readme.body).toContain('Engine</h1>');
    expect((await get('/contents/.gitmodules', html)).body).toContain('[submodule &#34;near&#34;]');
    expect((await get('/contents/picture.png', html)).json().encoding).toBe('base64');
  });

  it('are read as directories, links and submodules', async () => {
    for (const path of ['/contents', '/contents/', '/contents?ref=main']) {
      const names = ((await json(path)) as { name: string }[]).map(({ name }) => name);
      expect(names, path).toEqual([
        '.gitmodules',
        'README.md',
        'big.txt',
        'docs',
        'picture.png',
        'src',
        'vendor',
      ]);
    }
    const listed = await json('/contents/vendor');
    expect(listed[0]).toMatchObject({ type: 'file', git_url: null, download_url: null });
    const object = await get('/contents/src', { accept: 'application/vnd.github.object' });
    expect(object.json()).toMatchObject({
      type: 'dir',
      path: 'src',
      entries: [{ name: 'a b.txt' }, { name: 'new.txt' }],
    });
    const followed = await json('/contents/docs/link');
    expect(followed).toMatchObject({ type: 'file', path: 'docs/link' });
    expect(text(followed.content)).toBe('# Engine\n');
    expect(await json('/contents/docs/outside')).toMatchObject({ type: 'symlink', target: '/etc/passwd' });
    expect(await json('/contents/vendor/near')).toMatchObject({
      type: 'submodule',
      submodule_git_url: `${testUrl}/ada/near.git`,
    });
    expect(await json('/contents/vendor/ssh')).toMatchObject({
      submodule_git_url: 'ssh://git@example.org/a/b.git',
    });
  });

  it('hold a README', async () => {
    expect(text((await json('/readme')).content)).toBe('# Engine\n');
    expect((await get('/readme/src')).statusCode).toBe(404);
  });

  it('are nothing where there is nothing, whatever the path', async () => {
    for (const path of ['nothing', '..%2f..%2fetc', '%2e%2e/config', '%00', ':(top)README.md', 'a\\b']) {
      expect((await get(`/contents/${path}`)).statusCode, path).toBe(404);
    }
    expect((await get('/contents/README.md?ref=--upload-pack=x')).statusCode).toBe(404);
    expect((await get('/contents/README.md?ref=main~1')).json().message).toBe(
      'No commit found for the ref main~1',
    );
  });
});

describe('the git database', () => {
  it('gives refs, whole and by their beginning', async () => {
    for (const path of ['/git/ref/heads/main', '/git/refs/heads/main', '/git/ref/heads%2Fmain']) {
      expect(await json(path), path).toMatchObject({
        ref: 'refs/heads/main',
        object: { type: 'commit', sha: second, url: `${root}/git/commits/${second}` },
      });
    }
    const names = async (path: string) => ((await json(path)) as { ref: string }[]).map(({ ref }) => ref);
    expect(await names('/git/matching-refs/heads/fea')).toEqual(['refs/heads/feature/x']);
    expect(await names('/git/matching-refs/tags')).toEqual(['refs/tags/light', 'refs/tags/v1.0']);
    expect(await names('/git/matching-refs/')).toHaveLength(4);
    expect((await get('/git/ref/heads/fea')).statusCode).toBe(404);
  });

  it('gives commits, trees, blobs and tags', async () => {
    const commit = await json(`/git/commits/${second}`);
    expect(commit).toMatchObject({ message: 'Second', parents: [{ sha: first }] });
    const tree = await json(`/git/trees/${commit.tree.sha}`);
    expect(tree.truncated).toBe(false);
    const readme = tree.tree.find(({ path }: { path: string }) => path === 'README.md');
    expect(readme).toMatchObject({ mode: '100644', type: 'blob', size: 9 });
    expect(text((await json(`/git/blobs/${readme.sha}`)).content)).toBe('# Engine\n');
    const raw = await get(`/git/blobs/${readme.sha}`, { accept: 'application/vnd.github.raw' });
    expect(raw.body).toBe('# Engine\n');
    const paths = async (path: string) =>
      ((await json(path)).tree as { path: string }[]).map((entry) => entry.path);
    expect(await paths('/git/trees/main?recursive=1')).toContain('src/a b.txt');
    expect(await paths('/git/trees/feature%2Fx')).not.toContain('src/a b.txt');
    const tagRef = await json('/git/ref/tags/v1.0');
    expect(tagRef.object.type).toBe('tag');
    expect(await json(`/git/tags/${tagRef.object.sha}`)).toMatchObject({
      tag: 'v1.0',
      message: 'Release',
      tagger: { name: 'Ann', date: '2023-11-14T22:16:40Z' },
      object: { sha: second, type: 'commit' },
    });
    for (const path of ['commits', 'trees', 'blobs', 'tags']) {
      expect((await get(`/git/${path}/${'0'.repeat(40)}`)).statusCode, path).toBe(404);
      expect((await get(`/git/${path}/--all`)).statusCode, path).toBe(404);
    }
    expect((await get(`/git/blobs/${second}`)).statusCode).toBe(404);
  });
});

describe('an empty repository', () => {
  const empty = (path: string) => api.get(`/repos/ada/empty${path}`, token);

  it('has no branches, no commits and nothing in it, and says so', async () => {
    expect((await empty('/branches')).json()).toEqual([]);
    expect((await empty('/tags')).json()).toEqual([]);
    expect((await empty('/git/matching-refs/heads')).json()).toEqual([]);
    for (const path of ['/commits', '/commits/main']) {
      const answer = await empty(path);
      expect(answer.statusCode, path).toBe(409);
      expect(answer.json().message).toBe('Git Repository is empty.');
    }
    for (const path of ['/contents', '/readme', '/contents/a']) {
      const answer = await empty(path);
      expect(answer.statusCode, path).toBe(404);
      expect(answer.json().message).toBe('This repository is empty.');
    }
  });
});
