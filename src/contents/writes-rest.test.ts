import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, type Method, startApi, type TestApi } from '../../test/api.ts';
import { git } from '../process/git.ts';
import { putCollaborator } from '../repositories/collaborators.ts';
import { findRepositoryNamed } from '../repositories/repositories.ts';
import { repositoryDirectory } from '../repositories/storage.ts';

let api: TestApi;
let token: string;
let open: string;
let reader: string;
let bare: string;

beforeAll(async () => {
  api = await startApi();
  const ada = await api.person('ada');
  const bob = await api.person('bob');
  token = await api.token(ada, ['repo']);
  open = await api.token(ada, []);
  reader = await api.token(bob, ['repo']);
  await make('engine');
  const found = await findRepositoryNamed(api.ctx, 'ada', 'engine');
  if (found === null) throw new Error('no repository');
  await putCollaborator(api.ctx, found, bob.id, 'read');
});

afterAll(() => api.close());

async function make(name: string, more: object = {}): Promise<number> {
  const made = await api.call('POST', '/user/repos', { token, body: { name, private: true, ...more } });
  const id = made.json().id as number;
  bare = repositoryDirectory(api.ctx.config, id);
  return id;
}

const at =
  (name: string) =>
  async (method: Method, below: string, body?: object, more: Call = {}) =>
    api.call(method, `/repos/ada/${name}${below}`, {
      token,
      ...(body === undefined ? {} : { body }),
      ...more,
    });
const base64 = (text: string) => Buffer.from(text).toString('base64');
const run = async (...args: string[]) => (await git(args, { repository: bare })).stdout.toString().trimEnd();

describe('a file', () => {
  it('is created in an empty repository, updated, and deleted, each as a commit', async () => {
    await make('files');
    const on = at('files');
    const made = await on('PUT', '/contents/docs/a b.md', { message: 'Begin', content: base64('one\n') });
    expect(made.statusCode, made.body).toBe(201);
    expect(made.json()).toMatchObject({
      content: { path: 'docs/a b.md', size: 4, type: 'file' },
      commit: { message: 'Begin', parents: [], author: { name: 'ada' } },
    });
    expect(await run('cat-file', '-p', 'main:docs/a b.md')).toBe('one');
    expect(await run('fsck', '--strict')).toBe('');

    const { sha } = made.json().content;
    const updated = await on('PUT', '/contents/docs/a%20b.md', {
      message: 'Go on',
      content: base64('two\n'),
      sha,
      committer: { name: 'Bot', email: 'bot@example.com', date: '2026-01-01T10:00:00+02:00' },
    });
    expect(updated.statusCode).toBe(200);
    expect(updated.json().commit).toMatchObject({
      parents: [{ sha: made.json().commit.sha }],
      author: { name: 'Bot' },
      committer: { name: 'Bot', email: 'bot@example.com', date: '2026-01-01T08:00:00Z' },
    });
    const deleted = await on('DELETE', '/contents/docs/a%20b.md', {
      message: 'End',
      sha: updated.json().content.sha,
    });
    expect(deleted.statusCode, deleted.body).toBe(200);
    expect(deleted.json()).toMatchObject({ content: null, commit: { message: 'End' } });
    expect(await run('ls-tree', '-r', 'main')).toBe('');
    expect((await on('GET', '')).json().pushed_at).toBe('2026-01-15T12:00:00Z');
  });

  it('keeps everything beside it, its mode, and names that are not UTF-8', async () => {
    await make('beside');
    const input = [
      'commit refs/heads/main\ncommitter A <a@b.c> 1 +0000\ndata 1\nx\n',
      'M 100755 inline src/run.sh\ndata 2\nhi\nM 100644 inline src/x/y.txt\ndata 1\ny\nM 100644 inline "l\\344tin"\ndata 1\nl\n',
      'M 100644 inline src.txt\ndata 1\ns\ndone\n',
    ].join('');
    await git(['fast-import', '--quiet', '--done'], { repository: bare, input });
    const before = await run('ls-tree', '-r', 'main');
    const on = at('beside');
    const { sha } = (await on('GET', '/contents/src/run.sh')).json();
    const answer = await on('PUT', '/contents/src/run.sh', { message: 'm', content: base64('ho'), sha });
    expect(answer.statusCode, answer.body).toBe(200);
    const after = await run('ls-tree', '-r', 'main');
    expect(after).toBe(before.replace(sha, answer.json().content.sha));
    expect(await run('fsck', '--strict', '--full')).toBe('');
  });

  it('is written to the branch that is named, and to none that is not there', async () => {
    const name = 'branches';
    await make(name, { auto_init: true });
    const on = at(name);
    const head = await run('rev-parse', 'main');
    await on('POST', '/git/refs', { ref: 'refs/heads/feature/x', sha: head });
    const body = { message: 'm', content: base64('x'), branch: 'feature/x' };
    expect((await on('PUT', '/contents/x', body)).statusCode).toBe(201);
    expect(await run('rev-parse', 'main')).toBe(head);
    const missing = await on('PUT', '/contents/x', { ...body, branch: 'gone' });
    expect([missing.statusCode, missing.json().message]).toEqual([404, 'Branch gone not found']);
  });

  it('is not overwritten by who has not seen what stands there', async () => {
    await make('conflict', { auto_init: true });
    const on = at('conflict');
    const body = { message: 'm', content: base64('x') };
    const without = await on('PUT', '/contents/README.md', body);
    expect([without.statusCode, without.json().message]).toEqual([
      422,
      'Invalid request.\n\n"sha" wasn\'t supplied.',
    ]);
    const other = 'a'.repeat(40);
    for (const path of ['README.md', 'new.txt']) {
      const wrong = await on('PUT', `/contents/${path}`, { ...body, sha: other });
      expect([wrong.statusCode, wrong.json().message]).toEqual([409, `${path} does not match ${other}`]);
    }
    const gone = await on('DELETE', '/contents/README.md', { message: 'm', sha: other });
    expect(gone.statusCode).toBe(409);
    expect((await on('DELETE', '/contents/no', { message: 'm', sha: other })).statusCode).toBe(404);
  });

  it('is refused where git must not have one', async () => {
    await make('odd', { auto_init: true });
    const on = at('odd');
    const link = await on('POST', '/git/trees', {
      tree: [{ path: 'link', mode: '120000', type: 'blob', content: '/etc' }],
    });
    const commit = await on('POST', '/git/commits', { message: 'l', tree: link.json().sha });
    await on('POST', '/git/refs', { ref: 'refs/heads/links', sha: commit.json().sha });
    const put = async (path: string, more: object = {}) =>
      (await on('PUT', `/contents/${path}`, { message: 'm', content: base64('x'), ...more })).statusCode;
    const bad = [
      '.git/config',
      'a/.GIT/x',
      '.git%20/x',
      'git~1/x',
      '.g%E2%80%8Cit/x',
      'a//b',
      `${'a/'.repeat(2100)}b`,
    ];
    for (const path of [...bad, 'x'.repeat(300), 'a%00b', '%2e%2e%2fx', 'README.md/x']) {
      expect(await put(path), path).toBe(422);
    }
    expect(await put('link/x', { branch: 'links' })).toBe(422);
    expect(await put('link', { branch: 'links', sha: 'a'.repeat(40) })).toBe(422);
    expect(await put('x', { content: 'no base64!' })).toBe(422);
    expect(await put('x', { message: 'a\0b' })).toBe(422);
    expect(await put('x', { author: { name: 'a <b', email: 'x' } })).toBe(422);
    expect(await put('x', { author: { name: 'a', email: 'x', date: 'yesterday' } })).toBe(422);
    expect(await put('.gitignore')).toBe(201);
    const hostile = '[submodule "a"]\n\tpath = a\n\turl = -u./payload\n';
    expect(await put('.gitmodules', { content: base64(hostile) })).toBe(422);
    expect(await put('.gitmodules', { content: base64(hostile.replace('-u', '')) })).toBe(201);
  });

  it('is refused where the repository would grow beyond its limit', async () => {
    const small = await startApi({
      config: { limits: { ...api.ctx.config.limits, repositoryBytes: 64 * 1024 } },
    });
    try {
      const mine = await small.token(await small.person('eve'), ['repo']);
      await small.call('POST', '/user/repos', { token: mine, body: { name: 'tiny' } });
      const put = async (path: string, size: number) =>
        small.call('PUT', `/repos/eve/tiny/contents/${path}`, {
          token: mine,
          body: { message: 'm', content: Buffer.alloc(size, path).toString('base64') },
        });
      expect((await put('a', 1000)).statusCode).toBe(201);
      expect((await put('b', 100_000)).statusCode).toBe(422);
      const statuses: number[] = [];
      for (let each = 0; each < 10; each++) {
        const content = `${each}`.repeat(9_000);
        const body = { content };
        statuses.push(
          (await small.call('POST', '/repos/eve/tiny/git/blobs', { token: mine, body })).statusCode,
        );
      }
      expect(statuses).toContain(422);
    } finally {
      await small.close();
    }
  });
});

describe('who may write', () => {
  it('is who may push, by a token with the scope for it', async () => {
    await make('who', { auto_init: true });
    const body = { message: 'm', content: base64('x') };
    const put = async (repo: string, credential: string | null) =>
      (await api.call('PUT', `/repos/ada/${repo}/contents/x`, { token: credential, body })).statusCode;
    expect(await put('who', null)).toBe(404);
    expect(await put('who', open)).toBe(404);
    expect(await put('who', reader)).toBe(404);
    const denied = await api.call('PUT', '/repos/ada/engine/contents/x', { token: reader, body });
    expect([denied.statusCode, denied.json().message]).toEqual([403, 'Must have push access to repository']);
    expect(await put('who', token)).toBe(201);
    await api.call('POST', '/user/repos', { token, body: { name: 'public', auto_init: true } });
    expect(await put('public', null)).toBe(401);
    expect(await put('public', open)).toBe(403);
    expect(await put('public', token)).toBe(201);
  });

  it('needs the workflow scope for workflow files, unless the same file is on another branch', async () => {
    const name = 'flows';
    await make(name, { auto_init: true });
    const on = at(name);
    const head = await run('rev-parse', 'main');
    await on('POST', '/git/refs', { ref: 'refs/heads/other', sha: head });
    const flow = '/contents/.github/workflows/ci.yml';
    const body = { message: 'm', content: base64('on: push\n') };
    const refused = await on('PUT', flow, body);
    expect([refused.statusCode, refused.json().message]).toEqual([
      404,
      'refusing to allow a Personal Access Token to create or update workflow `.github/workflows/ci.yml` without `workflow` scope',
    ]);
    expect(refused.headers['x-accepted-oauth-scopes']).toBe('workflow');
    const ada = (
      await api.ctx.db
        .selectFrom('accounts')
        .select('id')
        .where('login', '=', 'ada')
        .executeTakeFirstOrThrow()
    ).id;
    const { sha: tree } = (
      await on('POST', '/git/trees', {
        tree: [{ path: '.github/workflows/ci.yml', mode: '100644', type: 'blob', content: 'on: push\n' }],
      })
    ).json();
    const commit = (await on('POST', '/git/commits', { message: 'c', tree, parents: [head] })).json();
    const made = await on('POST', '/git/refs', { ref: 'refs/heads/sly', sha: commit.sha });
    expect([made.statusCode, made.json().message]).toEqual([404, refused.json().message]);
    const moved = await on('PATCH', '/git/refs/heads/main', { sha: commit.sha });
    expect([moved.statusCode, moved.json().message]).toEqual([404, refused.json().message]);
    const full = await api.token({ id: ada } as never, ['repo', 'workflow']);
    expect((await on('PUT', flow, { ...body, branch: 'other' }, { token: full })).statusCode).toBe(201);
    expect((await on('PUT', flow, body)).statusCode).toBe(201);
    expect((await on('PUT', '/contents/.github/dependabot.yml', body)).statusCode).toBe(201);
  });
});

describe('the git database', () => {
  it('takes blobs, trees, commits, tags and refs, one after the other', async () => {
    await make('data');
    const on = at('data');
    const blob = await on('POST', '/git/blobs', { content: base64('\xff\0'), encoding: 'base64' });
    expect(blob.statusCode).toBe(201);
    const tree = await on('POST', '/git/trees', {
      tree: [
        { path: 'bin/x', mode: '100755', type: 'blob', sha: blob.json().sha },
        { path: 'a/b/c.txt', mode: '100644', type: 'blob', content: 'hello' },
        { path: 'sub', mode: '160000', type: 'commit', sha: '1'.repeat(40) },
      ],
    });
    expect(tree.statusCode, tree.body).toBe(201);
    expect(tree.json().tree).toMatchObject([{ path: 'a' }, { path: 'bin' }, { path: 'sub', type: 'commit' }]);
    const commit = await on('POST', '/git/commits', {
      message: 'Made of parts',
      tree: tree.json().sha,
      author: { name: 'Ann', email: 'ann@example.com', date: '2020-02-02T20:20:20Z' },
    });
    expect(commit.statusCode, commit.body).toBe(201);
    expect(commit.json().committer).toEqual(commit.json().author);
    const tag = await on('POST', '/git/tags', {
      tag: 'v1',
      message: 'One',
      object: commit.json().sha,
      type: 'commit',
    });
    expect(tag.statusCode, tag.body).toBe(201);
    for (const [ref, sha] of [
      ['refs/heads/main', commit.json().sha],
      ['refs/tags/v1', tag.json().sha],
    ]) {
      const made = await on('POST', '/git/refs', { ref, sha });
      expect(made.statusCode, made.body).toBe(201);
      expect(made.json()).toMatchObject({ ref, object: { sha } });
    }
    expect(await run('cat-file', '-p', 'v1^{}:a/b/c.txt')).toBe('hello');
    expect(await run('fsck', '--strict', '--full')).toBe('');

    const next = await on('POST', '/git/trees', {
      base_tree: commit.json().sha,
      tree: [
        { path: 'a/b/c.txt', mode: '100644', type: 'blob', sha: null },
        { path: 'd', mode: '100644', type: 'blob', content: 'd' },
      ],
    });
    expect(next.json().tree.map(({ path }: { path: string }) => path)).toEqual(['bin', 'd', 'sub']);
    const second = await on('POST', '/git/commits', {
      message: '2',
      tree: next.json().sha,
      parents: [commit.json().sha],
    });
    const patch = async (sha: string, more: object = {}) =>
      on('PATCH', '/git/refs/heads/main', { sha, ...more });
    expect((await patch(second.json().sha)).statusCode).toBe(200);
    const back = await patch(commit.json().sha);
    expect([back.statusCode, back.json().message]).toEqual([422, 'Update is not a fast forward']);
    expect((await patch(commit.json().sha, { force: true })).statusCode).toBe(200);
    expect(await run('rev-parse', 'main')).toBe(commit.json().sha);
    expect((await on('DELETE', '/git/refs/tags/v1')).statusCode).toBe(204);
    expect((await on('DELETE', '/git/refs/tags/v1')).json().message).toBe('Reference does not exist');
    expect((await on('DELETE', '/git/refs/heads/main')).json().message).toContain('default branch');
  });

  it('refuses what names nothing, or what it does not say', async () => {
    const name = 'refusals';
    await make(name, { auto_init: true });
    const on = at(name);
    const head = await run('rev-parse', 'main');
    const none = 'f'.repeat(40);
    const said = async (method: Method, path: string, body: object) => {
      const answer = await on(method, path, body);
      return [answer.statusCode, answer.json().message];
    };
    const file = { path: 'x', mode: '100644', type: 'blob' };
    for (const [path, body, message] of [
      ['/git/blobs', { content: 'x', encoding: 'rot13' }, 'encoding must be utf-8 or base64'],
      ['/git/trees', { tree: [] }, 'Invalid tree info'],
      ['/git/trees', { tree: [{ ...file, sha: none }] }, `tree.sha ${none} is not a valid blob`],
      ['/git/trees', { tree: [{ ...file, sha: head }] }, `tree.sha ${head} is not a valid blob`],
      [
        '/git/trees',
        { tree: [{ ...file, path: '../x', content: '' }] },
        'tree.path contains a malformed path component',
      ],
      [
        '/git/trees',
        { tree: [{ ...file, path: 'a/.git/x', content: '' }] },
        'tree.path contains a malformed path component',
      ],
      [
        '/git/trees',
        {
          tree: [
            { ...file, content: 'a' },
            { ...file, content: 'b' },
          ],
        },
        'tree.path is given twice',
      ],
      [
        '/git/trees',
        { tree: [{ ...file, sha: null }] },
        'tree.path x is not there, so it can not be removed',
      ],
      [
        '/git/trees',
        {
          tree: [
            { ...file, content: 'a' },
            { ...file, path: 'x/y', content: 'b' },
          ],
        },
        'tree.path x is both a file and a directory',
      ],
      [
        '/git/trees',
        { base_tree: none, tree: [{ ...file, content: 'a' }] },
        'base_tree is not a valid tree oid',
      ],
      ['/git/commits', { message: 'm', tree: none }, 'Tree SHA does not exist'],
      ['/git/commits', { message: 'm', tree: head }, 'Tree SHA does not exist'],
      [
        '/git/tags',
        { tag: 'a b', message: 'm', object: head, type: 'commit' },
        'tag is not a valid name of a tag',
      ],
      [
        '/git/tags',
        { tag: 'v', message: 'm', object: head, type: 'blob' },
        'Object does not exist or is not a blob',
      ],
      ['/git/refs', { ref: 'main', sha: head }, "Reference name must start with 'refs/'"],
      [
        '/git/refs',
        { ref: 'refs/x', sha: head },
        'Reference name must contain at least three slash-separated components.',
      ],
      ['/git/refs', { ref: 'refs/latchkey/x', sha: head }, 'refs/latchkey/x is not a valid ref name.'],
      ['/git/refs', { ref: 'refs/heads/a..b', sha: head }, 'refs/heads/a..b is not a valid ref name.'],
      ['/git/refs', { ref: 'refs/heads/main', sha: head }, 'Reference already exists'],
      ['/git/refs', { ref: 'refs/heads/new', sha: none }, 'Object does not exist'],
    ] as const) {
      expect(await said('POST', path, body)).toEqual([422, message]);
    }
    expect(await said('PATCH', '/git/refs/heads/no', { sha: head })).toEqual([
      422,
      'Reference does not exist',
    ]);
    const { tree } = (await on('GET', `/git/commits/${head}`)).json();
    expect(await said('POST', '/git/refs', { ref: 'refs/heads/t', sha: tree.sha })).toEqual([
      422,
      'Object is not a commit',
    ]);
  });

  it('stores nothing of a tree that would attack who checks it out', async () => {
    await make('attack');
    const on = at('attack');
    const module = { path: '.gitmodules', mode: '100644', type: 'blob' };
    const content = '[submodule "a"]\n\tpath = a\n\turl = --upload-pack=x\n';
    const answer = await on('POST', '/git/trees', { tree: [{ ...module, content }] });
    expect(answer.statusCode).toBe(422);
    const { stdout } = await git(['count-objects', '-v'], { repository: bare });
    expect(stdout.toString()).toContain('count: 0\n');
    expect(stdout.toString()).toContain('garbage: 0\n');
  });
});
