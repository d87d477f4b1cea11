import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GitClient, withToken } from '../../test/git-client.ts';
import { leftovers, type Pushing, startPushing, type Work } from '../../test/pushing.ts';
import { workflowRefusal } from './workflows.ts';

let pushing: Pushing;
let client: GitClient;
/** `repo`, and `repo workflow`. */
let weak: string;
let strong: string;
const work: Pushing['work'] = (options) => pushing.work(options);

beforeAll(async () => {
  pushing = await startPushing();
  ({ client, weak, strong } = pushing);
});

afterAll(() => pushing.close());

const file = '.github/workflows/x.yml';
const refusal = workflowRefusal(file);

describe('a push by a token without workflow', () => {
  it('that makes a workflow file is refused in the words of GHES, and leaves nothing', async () => {
    const it = await work();
    const head = await it.commit({ [file]: 'on: push\n' });
    const { status, stderr } = await it.push(weak, 'main');
    expect(status).toBe(1);
    expect(stderr).toContain(` ! [remote rejected] main -> main (${refusal})`);
    expect(stderr).not.toContain('hook');
    expect(stderr).toMatch(
      /remote: Your token lacks the scope workflow\. Add it: https:\/\/git\.example\.com\/settings\/tokens\/\d+\?scopes=workflow/,
    );
    expect(await leftovers(it.repository)).toEqual([]);
    // Nothing of it is kept: who knows the name of the commit does not get it.
    await client.git(['init', '-q', 'nothing']);
    const fetched = await client.try(['fetch', withToken(it.repository.url, weak), head], { in: 'nothing' });
    expect(fetched.stderr).toContain('not our ref');
    // The same push is taken with the scope.
    expect((await it.push(strong, 'main')).status).toBe(0);
  });

  it.each<readonly [string, (it: Work) => Promise<unknown>, string | null]>([
    ['that changes nothing there passes', (it) => it.commit({ 'a.txt': 'a' }), null],
    [
      'of a file below a folder is refused',
      (it) => it.commit({ '.github/workflows/a/b.txt': 'a' }),
      '.github/workflows/a/b.txt',
    ],
    [
      'of other files of .github passes',
      (it) => it.commit({ '.github/dependabot.yml': 'a', '.github/workflows.yml': 'b' }),
      null,
    ],
    [
      'of another spelling passes, since it is another folder',
      (it) => it.commit({ '.GitHub/workflows/x.yml': 'a', '.github/Workflows/x.yml': 'b' }),
      null,
    ],
    [
      'of the same path deeper in the tree passes',
      (it) => it.commit({ 'a/.github/workflows/x.yml': 'a' }),
      null,
    ],
    [
      'of a link in the place of the folder is refused',
      async (it) => {
        await mkdir(client.path(it.name, '.github'));
        await symlink('../elsewhere', client.path(it.name, '.github/workflows'));
        await it.commit({ 'elsewhere/x.yml': 'a' });
      },
      '.github/workflows',
    ],
    [
      'of a submodule in the place of the folder is refused',
      async (it) => {
        await it.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},.github/workflows`);
        await it.git('commit', '-qm', 'x');
      },
      '.github/workflows',
    ],
    [
      'that renames a file into the folder is refused',
      async (it) => {
        await it.git('mv', 'readme.md', 'moved');
        await mkdir(client.path(it.name, '.github/workflows'), { recursive: true });
        await it.git('mv', 'moved', file);
        await it.git('commit', '-qm', 'x');
      },
      file,
    ],
    [
      'that adds a file and takes it away again is refused: a ref may be led to the commit between later',
      async (it) => {
        await it.commit({ [file]: 'a' });
        await rm(client.path(it.name, file));
        await it.commit({});
      },
      file,
    ],
    [
      'that hides it on a side branch of which a merge keeps nothing is refused',
      async (it) => {
        await it.git('checkout', '-qb', 'side');
        await it.commit({ [file]: 'a' });
        await it.git('checkout', '-q', 'main');
        await it.commit({ 'b.txt': 'b' });
        await it.git('merge', '-q', '-s', 'ours', '-m', 'x', 'side');
      },
      file,
    ],
  ])('%s', async (_sentence, change, path) => {
    const it = await work();
    await change(it);
    const { status, stderr } = await it.push(weak, 'main');
    if (path === null) expect(stderr + status).toMatch(/0$/);
    else expect(stderr).toContain(`(${workflowRefusal(path)})`);
    expect(await leftovers(it.repository)).toEqual([]);
  });

  it('passes with what stands on another branch already, and with what a merge brings from there', async () => {
    const it = await work();
    await it.git('checkout', '-qb', 'ci');
    await it.commit({ [file]: 'on: push\n' });
    expect((await it.push(strong, 'ci')).status).toBe(0);
    await it.git('checkout', '-q', 'main');
    await it.commit({ 'b.txt': 'b' });
    await it.git('merge', '-q', '-m', 'Merge', 'ci');
    expect((await it.push(weak, 'main')).status).toBe(0);
    // The same file by a commit of its own, on a branch that has it not.
    await it.git('checkout', '-qb', 'again', 'main~1');
    await it.commit({ [file]: 'on: push\n' });
    expect((await it.push(weak, 'again')).status).toBe(0);
    // The same content under another name, and another content under the same name.
    await it.commit({ '.github/workflows/y.yml': 'on: push\n' });
    expect((await it.push(weak, 'again')).stderr).toContain(workflowRefusal('.github/workflows/y.yml'));
    await it.git('reset', '-q', '--hard', 'HEAD~1');
    await it.commit({ [file]: 'on: schedule\n' });
    expect((await it.push(weak, 'again')).stderr).toContain(refusal);
    // A link with the same content is another thing.
    await it.git('reset', '-q', '--hard', 'HEAD~1');
    const content = await it.git('rev-parse', `HEAD:${file}`);
    await it.git('update-index', '--cacheinfo', `120000,${content},${file}`);
    await it.git('commit', '-qm', 'x');
    expect((await it.push(weak, 'again')).stderr).toContain(refusal);
    // Removing a file makes and changes none.
    await it.git('reset', '-q', '--hard', 'HEAD~1');
    await it.git('rm', '-q', file);
    await it.git('commit', '-qm', 'x');
    expect((await it.push(weak, 'again')).status).toBe(0);
  });

  it('passes with refs to what was pushed before, and is held to new ones of every kind', async () => {
    const it = await work();
    await it.commit({ [file]: 'a' });
    expect((await it.push(strong, 'main')).status).toBe(0);
    await it.git('tag', '-am', 'Known', 'known');
    expect((await it.push(weak, 'main:refs/heads/copy', 'known', 'main^:refs/heads/before')).status).toBe(0);
    await it.git('tag', '-am', 'A tree', 'tree', 'HEAD^{tree}');
    await it.git('tag', 'blob', `HEAD:${file}`);
    expect((await it.push(weak, 'tree', 'blob')).status).toBe(0);
    await it.commit({ [file]: 'b' });
    await it.git('tag', '-am', 'New', 'new');
    const { stderr } = await it.push(weak, 'new', 'HEAD:refs/heads/other', 'HEAD:refs/odd/place');
    expect(stderr.match(/without `workflow` scope/g)?.length).toBe(3);
    expect((await it.push(weak, ':copy', ':known')).status).toBe(0);
    expect(await it.refs()).toEqual([
      'refs/heads/before',
      'refs/heads/main',
      'refs/tags/blob',
      'refs/tags/tree',
    ]);
  });

  it('of several refs loses those that are to blame, or all of them when it goes all or nothing', async () => {
    const it = await work();
    await it.git('checkout', '-qb', 'good');
    await it.commit({ 'good.txt': 'x' });
    await it.git('checkout', '-qb', 'bad');
    await it.commit({ [file]: 'x' });
    await it.commit({ 'after.txt': 'x' });
    await it.git('tag', '-am', 'Bad', 'bad-tag');
    const atomic = await it.push(weak, '--atomic', 'good', 'bad');
    expect(atomic.stderr).toContain(` ! [remote rejected] bad -> bad (${refusal})`);
    expect(atomic.stderr).toContain(' ! [remote rejected] good -> good (atomic push failure)');
    expect(await it.refs()).toEqual(['refs/heads/main']);
    const each = await it.push(weak, 'good', 'bad', 'bad-tag');
    expect(each.stderr).toContain(' * [new branch]      good -> good');
    expect(each.stderr).toContain(` ! [remote rejected] bad -> bad (${refusal})`);
    expect(each.stderr).toContain(` ! [remote rejected] bad-tag -> bad-tag (${refusal})`);
    expect(each.stderr).not.toContain('hook');
    expect(await it.refs()).toEqual(['refs/heads/good', 'refs/heads/main']);
    expect(await leftovers(it.repository)).toEqual([]);
  });

  it('from a shallow clone, and in SHA-256, is held to the same', async () => {
    const deep = await work();
    await deep.commit({ 'a.txt': 'a' });
    await deep.push(weak, 'main');
    await client.git(['clone', '-q', '--depth=1', withToken(deep.repository.url, weak), 'shallow']);
    await client.git(['commit', '-q', '--allow-empty', '-m', 'x'], { in: 'shallow' });
    expect((await client.try(['push', 'origin', 'HEAD:main'], { in: 'shallow' })).status).toBe(0);
    await mkdir(client.path('shallow/.github/workflows'), { recursive: true });
    await writeFile(client.path('shallow', file), 'x');
    await client.git(['add', '.'], { in: 'shallow' });
    await client.git(['commit', '-qm', 'x'], { in: 'shallow' });
    expect((await client.try(['push', 'origin', 'HEAD:main'], { in: 'shallow' })).stderr).toContain(refusal);
    const long = await work({ objectFormat: 'sha256' });
    await long.commit({ [file]: 'x' });
    expect((await long.push(weak, 'main')).stderr).toContain(refusal);
  });

  it('is told what no line of the report can be made of', async () => {
    const it = await work();
    await it.commit({ '.github/workflows/a\nok refs': 'x' });
    expect((await it.push(weak, 'main')).stderr).toContain(workflowRefusal('.github/workflows/a?ok refs'));
  });
});
