import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGitClient, type GitClient, withToken } from '../../test/git-client.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../test/git-server.ts';
import { ask, basic } from '../../test/http.ts';
import type { Account } from '../accounts/accounts.ts';
import { flushPkt, pktLine } from './pkt-line.ts';
import { workflowRefusal } from './workflows.ts';

let server: GitServer;
let client: GitClient;
let mona: Account;
/** `repo`, and `repo workflow`. */
let weak: string;
let strong: string;
let names = 0;

beforeAll(async () => {
  server = await startGitServer();
  client = await createGitClient();
  mona = await server.person('mona');
  weak = await server.token(mona, ['repo']);
  strong = await server.token(mona, ['repo', 'workflow']);
});

afterAll(async () => {
  await server.close();
  await client.close();
});

const file = '.github/workflows/x.yml';
const refusal = workflowRefusal(file);

interface Work {
  readonly name: string;
  readonly repository: TestRepository;
  git(...args: readonly string[]): Promise<string>;
  write(path: string, text: string): Promise<void>;
  /** Writes the files and commits them. */
  commit(files: Readonly<Record<string, string>>): Promise<string>;
  push(token: string, ...args: readonly string[]): ReturnType<GitClient['try']>;
  refs(): Promise<readonly string[]>;
}

/** A repository with one commit on main, without workflows, and a work tree of it. */
async function work(options: { readonly objectFormat?: 'sha1' | 'sha256' } = {}): Promise<Work> {
  const name = `work-${++names}`;
  const repository = await server.repository(mona, name, { visibility: 'private', ...options });
  const git = (...args: readonly string[]) => client.git(args, { in: name });
  await client.git([
    'init',
    '-q',
    ...(options.objectFormat ? [`--object-format=${options.objectFormat}`] : []),
    name,
  ]);
  const it: Work = {
    name,
    repository,
    git,
    async write(path, text) {
      await mkdir(join(client.path(name), path, '..'), { recursive: true });
      await writeFile(client.path(name, path), text);
    },
    async commit(files) {
      for (const [path, text] of Object.entries(files)) await it.write(path, text);
      await git('add', '-A');
      await git('commit', '-qm', 'x');
      return git('rev-parse', 'HEAD');
    },
    push: (token, ...args) => client.try(['push', withToken(repository.url, token), ...args], { in: name }),
    refs: async () =>
      (await client.git(['ls-remote', withToken(repository.url, weak), 'refs/*']))
        .split('\n')
        .filter((line) => line !== '' && !line.endsWith('^{}'))
        .map((line) => line.split('\t')[1] ?? ''),
  };
  await it.commit({ 'readme.md': 'x\n' });
  expect((await it.push(weak, 'main')).status).toBe(0);
  return it;
}

/** What only a running push may have in its repository. */
async function leftovers({ directory }: TestRepository): Promise<readonly string[]> {
  return (await readdir(directory, { recursive: true })).filter((name) => /incoming|tmp_|\.lock$/.test(name));
}

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

describe('the report', () => {
  /** A push as its bytes, of one commit with a workflow file; gives the report's lines. */
  async function report(capabilities: string): Promise<string> {
    const it = await work();
    const from = await it.git('rev-parse', 'HEAD');
    const to = await it.commit({ [file]: 'x' });
    const pack = await client.try(['pack-objects', '--stdout', '--revs', '-q'], {
      in: it.name,
      input: `${to}\n^${from}\n`,
    });
    const child = client.start(['pack-objects', '--stdout', '--revs', '-q'], { in: it.name });
    const pieces: Buffer[] = [];
    child.stdout?.on('data', (piece: Buffer) => pieces.push(piece));
    child.stdin?.end(`${to}\n^${from}\n`);
    await new Promise((resolve) => child.once('close', resolve));
    expect(pack.status).toBe(0);
    const body = Buffer.concat([
      pktLine(`${from} ${to} refs/heads/main\0${capabilities}`),
      pktLine(`${'0'.repeat(40)} ${from} refs/heads/fine`),
      flushPkt,
      ...pieces,
    ]);
    const answer = await ask(`${it.repository.url}/git-receive-pack`, {
      method: 'POST',
      headers: { ...basic('x', weak), 'content-type': 'application/x-git-receive-pack-request' },
      body,
    });
    expect(answer.status).toBe(200);
    return answer.body.toString();
  }

  const lines = (refusedToo: string) =>
    `${pktLine('unpack ok\n')}${pktLine(`ng refs/heads/main ${refusal}\n`)}${refusedToo}`;

  it.each(['report-status', 'report-status-v2'])('comes without a band by %s', async (form) => {
    expect(await report(form)).toBe(`${lines(pktLine('ok refs/heads/fine\n').toString())}0000`);
    expect(await report(`${form} atomic`)).toBe(
      `${lines(pktLine('ng refs/heads/fine atomic push failure\n').toString())}0000`,
    );
  });

  it.each(['report-status', 'report-status-v2'])('comes in its band by %s', async (form) => {
    const text = await report(`${form} side-band-64k`);
    expect(text).toContain(`\x01${pktLine(`ng refs/heads/main ${refusal}\n`)}`);
    expect(text).toContain(`\x01${pktLine('ok refs/heads/fine\n')}`);
    expect(text).not.toContain('hook');
  });

  it('is left out for who wants none, and the ref stays', async () => {
    expect(await report('quiet')).toBe('');
  });
});

describe("a repository's own hooks", () => {
  it('run beside the check, with what they are told and what they say', async () => {
    const it = await work();
    const hooks = join(it.repository.directory, 'hooks');
    await mkdir(hooks, { recursive: true });
    const hook = async (name: string, text: string) => {
      await writeFile(join(hooks, name), `#!/bin/sh\n${text}\n`);
      await chmod(join(hooks, name), 0o755);
    };
    const log = client.path(`hooks-${it.name}`);
    await hook(
      'pre-receive',
      `echo "in ${'$'}{GIT_QUARANTINE_PATH:+quarantine}"; cat >>${log}; for fd in 3 4; do [ ! -e /proc/$$/fd/$fd ] || echo $fd; done >>${log}.fd`,
    );
    await hook('update', `echo "update $1" >>${log}; [ "$1" != refs/heads/unwanted ]`);
    await hook('post-receive', `echo "post from $0" >>${log}; cat >>${log}`);
    const head = await it.commit({ 'a.txt': 'a' });
    await it.git('branch', 'unwanted');
    await it.git('checkout', '-qb', 'flow');
    await it.commit({ [file]: 'x' });
    const { stderr } = await it.push(weak, 'main', 'unwanted', 'flow');
    expect(stderr).toContain('remote: in quarantine');
    expect(stderr).toContain('! [remote rejected] unwanted -> unwanted (hook declined)');
    expect(stderr).toContain('remote: error: hook declined to update refs/heads/unwanted');
    expect(stderr).toContain(`! [remote rejected] flow -> flow (${refusal})`);
    const text = await readFile(log, 'utf8');
    // The hook before all is asked about all; the others only about what is left.
    expect(text).toMatch(new RegExp(`^\\w+ ${head} refs/heads/main\n`));
    expect(text).toContain('refs/heads/flow\n');
    expect(text).toContain('update refs/heads/main\nupdate refs/heads/unwanted\n');
    expect(text).not.toContain('update refs/heads/flow');
    expect(text).toContain(`post from ${join(hooks, 'post-receive')}\n`);
    // Nothing of the gate is open to them.
    expect(await readFile(`${log}.fd`, 'utf8')).toBe('');
    expect(await it.refs()).toEqual(['refs/heads/main']);
  });
});
