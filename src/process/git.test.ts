import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GitOptions, git, spawnGit, tryGit } from './git.ts';

let root: string;
/** Every command that a configuration below names leaves a file here. */
let traces: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'latchkey-hostile-'));
  traces = join(root, 'traces');
});

afterAll(() => rm(root, { recursive: true, force: true }));

const identity = {
  GIT_AUTHOR_NAME: 'x',
  GIT_AUTHOR_EMAIL: 'x@example.com',
  GIT_COMMITTER_NAME: 'x',
  GIT_COMMITTER_EMAIL: 'x@example.com',
};

/** The path of a program that leaves a trace of its name. */
async function evil(name: string): Promise<string> {
  await mkdir(join(root, 'evil'), { recursive: true });
  const path = join(root, 'evil', name);
  await writeFile(path, `#!/bin/sh\necho "$0 $*" >> '${traces}/${name}'\nexit 0\n`);
  await chmod(path, 0o755);
  return path;
}

async function startTraces(): Promise<void> {
  await rm(traces, { recursive: true, force: true });
  await mkdir(traces);
}

/** A bare repository whose own configuration names a command wherever git knows a place for one. */
async function hostileRepository(name: string) {
  const directory = join(root, name);
  await git(['init', '--quiet', '--bare', '--initial-branch=main', '--', directory]);
  const tree = (await git(['mktree'], { repository: directory, input: '' })).stdout.toString().trim();
  const commit = await git(['hash-object', '-t', 'commit', '-w', '--stdin'], {
    repository: directory,
    input:
      `tree ${tree}\nauthor x <x@example.com> 1 +0000\ncommitter x <x@example.com> 1 +0000\n` +
      'gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQEz\n -----END PGP SIGNATURE-----\n\nSigned\n',
  });
  const head = commit.stdout.toString().trim();
  await git(['update-ref', 'refs/heads/main', head], { repository: directory });
  const hooks = join(root, `${name}-hooks`);
  await mkdir(hooks);
  for (const hook of [
    'pre-receive',
    'update',
    'post-receive',
    'post-update',
    'reference-transaction',
    'proc-receive',
    'push-to-checkout',
  ]) {
    const path = join(hooks, hook);
    await writeFile(path, `#!/bin/sh\ntouch '${traces}/hook-${hook}'\n`);
    await chmod(path, 0o755);
  }
  const alternate = join(root, `${name}-alternate`);
  await git(['init', '--quiet', '--bare', '--', alternate]);
  await writeFile(join(directory, 'objects', 'info', 'alternates'), `${join(alternate, 'objects')}\n`);
  const config = `
[core]
  bare = false
  worktree = ${join(root, `${name}-worktree`)}
  hooksPath = ${hooks}
  fsmonitor = ${await evil('fsmonitor')}
  sshCommand = ${await evil('sshCommand')}
  gitProxy = ${await evil('gitProxy')}
  askPass = ${await evil('askPass')}
  editor = ${await evil('editor')}
  pager = ${await evil('pager')}
  alternateRefsCommand = ${await evil('alternateRefsCommand')}
[pager]
  log = ${await evil('pager-log')}
  rev-list = ${await evil('pager-rev-list')}
[alias]
  upload-pack = !${await evil('alias-upload-pack')}
  receive-pack = !${await evil('alias-receive-pack')}
  rev-list = !${await evil('alias-rev-list')}
  cat-file = !${await evil('alias-cat-file')}
[log]
  showSignature = true
[gpg]
  program = ${await evil('gpg')}
[gpg "openpgp"]
  program = ${await evil('gpg-openpgp')}
[gpg "ssh"]
  program = ${await evil('gpg-ssh')}
  defaultKeyCommand = ${await evil('gpg-ssh-key')}
[uploadpack]
  packObjectsHook = ${await evil('packObjectsHook')}
[receive]
  denyCurrentBranch = updateInstead
  procReceiveRefs = refs
  certNonceSeed = seed
  autogc = true
[filter "evil"]
  clean = ${await evil('filter-clean')}
  smudge = ${await evil('filter-smudge')}
  process = ${await evil('filter-process')}
  required = true
[diff]
  external = ${await evil('diff-external')}
[credential]
  helper = ${await evil('credential')}
[credential "https://example.com"]
  helper = ${await evil('credential-url')}
[gc]
  auto = 1
  recentObjectsHook = ${await evil('recentObjectsHook')}
[maintenance]
  auto = true
[extensions]
  partialClone = origin
[remote "origin"]
  url = ${directory}
  promisor = true
  uploadpack = ${await evil('remote-uploadpack')}
  partialclonefilter = blob:none
[protocol]
  allow = always
[protocol "ext"]
  allow = always
[protocol "file"]
  allow = always
`;
  await mkdir(join(root, `${name}-worktree`));
  await writeFile(
    join(directory, 'config'),
    config.replace('[extensions]', '[core]\n  repositoryformatversion = 1\n[extensions]'),
  );
  return { directory, head };
}

const absent = '1'.repeat(40);

describe('a repository with a hostile configuration', () => {
  it('runs no command, whatever git is asked to do in it', async () => {
    const { directory: repository, head } = await hostileRepository('hostile');
    await startTraces();
    const runs: readonly (readonly [readonly string[], GitOptions & { readonly input?: string | Buffer }])[] =
      [
        [['upload-pack', '--stateless-rpc', '--http-backend-info-refs', repository], {}],
        [['upload-pack', '--stateless-rpc', repository], { input: `0032want ${head}\n00000009done\n` }],
        [['receive-pack', '--stateless-rpc', '--http-backend-info-refs', repository], {}],
        [
          ['receive-pack', '--stateless-rpc', repository],
          { input: await pushOf(repository, head, 'refs/heads/other') },
        ],
        [
          ['receive-pack', '--stateless-rpc', repository],
          { input: await pushOf(repository, head, 'refs/heads/main') },
        ],
        [['rev-list', '--objects', '--all'], {}],
        [['rev-list', absent], {}],
        [['cat-file', '-p', absent], {}],
        [['cat-file', '--batch-check'], { input: `${absent}\nmain\n` }],
        [['log', '-p', '--no-ext-diff', '--no-textconv', 'main'], {}],
        [['diff-tree', '-p', '--no-ext-diff', '--no-textconv', '--root', 'main'], {}],
        [['for-each-ref', '--format=%(objectname) %(signature)'], {}],
        [['fsck', '--strict', '--full'], {}],
        [['gc', '--auto'], {}],
      ];
    for (const [args, options] of runs) {
      await tryGit(args, { repository, env: identity, ...options });
    }
    expect(await readdir(traces)).toEqual([]);
  });

  it('would run them if nothing held it back', async () => {
    const { directory: repository, head } = await hostileRepository('unheld');
    await startTraces();
    const unheld = async (args: readonly string[], input?: Buffer) => {
      const child = spawn('git', [`--git-dir=${repository}`, ...args], {
        env: { PATH: process.env.PATH, HOME: root, ...identity },
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      child.stdin.on('error', () => child.stdin.destroy());
      child.stdin.end(input);
      await once(child, 'close');
    };
    await unheld(['log', 'main']);
    await unheld(['cat-file', '-p', absent]);
    await unheld(
      ['receive-pack', '--stateless-rpc', repository],
      await pushOf(repository, head, 'refs/heads/other'),
    );
    await unheld(['receive-pack', '--stateless-rpc', '--http-backend-info-refs', repository]);
    expect(await readdir(traces)).toEqual(
      expect.arrayContaining([
        'alternateRefsCommand',
        'gpg-openpgp',
        'hook-proc-receive',
        'hook-pre-receive',
        'remote-uploadpack',
      ]),
    );
  });
});

describe('hooks', () => {
  it('run when an administrator put them into the repository', async () => {
    const repository = join(root, 'hooked');
    await git(['init', '--quiet', '--bare', '--initial-branch=main', '--', repository]);
    const tree = (await git(['mktree'], { repository, input: '' })).stdout.toString().trim();
    const head = (await git(['commit-tree', '-m', 'x', tree], { repository, env: identity })).stdout
      .toString()
      .trim();
    await mkdir(join(repository, 'hooks'), { recursive: true });
    const hook = join(repository, 'hooks', 'pre-receive');
    await writeFile(hook, `#!/bin/sh\necho 'No, says the hook.' >&2\nexit 1\n`);
    await chmod(hook, 0o755);
    const { stdout } = await tryGit(['receive-pack', '--stateless-rpc', repository], {
      repository,
      input: await pushOf(repository, head, 'refs/heads/main'),
    });
    expect(stdout.toString()).toContain('pre-receive hook declined');
  });
});

/** The body of a push that makes a ref for an object that the repository has already. */
async function pushOf(repository: string, head: string, ref: string): Promise<Buffer> {
  const line = `${'0'.repeat(40)} ${head} ${ref}\0 report-status`;
  const { stdout } = await git(['pack-objects', '--stdout'], { repository, input: '' });
  const length = (line.length + 4).toString(16).padStart(4, '0');
  return Buffer.concat([Buffer.from(`${length}${line}0000`), stdout]);
}

describe('a child', () => {
  it('is given nothing of the environment of the server but PATH', async () => {
    const child = spawnGit(['-c', 'alias.show-env=!env', 'show-env'], {
      env: { GIT_ALLOW_PROTOCOL: 'none' },
    });
    const pieces: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    await once(child, 'close');
    const names = Buffer.concat(pieces)
      .toString()
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(names).toContain('PATH');
    for (const name of ['USER', 'SHELL', 'LATCHKEY_DATA', 'SSH_AUTH_SOCK', 'HTTPS_PROXY', 'NODE_OPTIONS']) {
      expect(names).not.toContain(name);
    }
  });
});
