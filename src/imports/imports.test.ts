import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { valueIn } from '../../test/context.ts';
import { gitIn, makeSource, reachable, refsOf } from '../../test/git-source.ts';
import { type RepositoriesContext, repositoriesContext } from '../../test/repositories.ts';
import { createRepository } from '../repositories/repositories.ts';
import { repositoryDirectory } from '../repositories/storage.ts';
import { type ImportOptions, importRepository, importSourceIn } from './imports.ts';
import type { ImportProgress } from './progress.ts';

let ctx: RepositoriesContext;
let source: string;

beforeEach(async () => {
  ctx = await repositoriesContext();
  source = makeSource(join(ctx.root, 'sources/tool.git'));
});
afterEach(() => ctx.close());

const wanted = (name = 'tool') =>
  ({ owner: ctx.ann, name, description: null, visibility: 'private' }) as const;

const importPath = (path: string, options: ImportOptions & { readonly allowLinks?: boolean } = {}) =>
  importRepository(ctx, wanted(), { kind: 'path', path, allowLinks: options.allowLinks ?? false }, options);

/** The sentence with which an import is refused; nothing of it may be left. */
async function refusal(attempt: ReturnType<typeof importRepository>): Promise<string> {
  const outcome = await attempt;
  expect(
    existsSync(ctx.config.repositoriesDirectory) ? readdirSync(ctx.config.repositoriesDirectory) : [],
  ).toEqual([]);
  if (outcome.ok) throw new Error('it was imported');
  expect(outcome.problems.map(({ field }) => field)).toEqual(['source']);
  return outcome.problems.map(({ message }) => message).join(' ');
}

describe('importing from a directory', () => {
  it.each(['sha1', 'sha256'])('brings all of a %s history, and HEAD', async (objectFormat) => {
    source = makeSource(join(ctx.root, `sources/${objectFormat}.git`), { objectFormat });
    const seen: ImportProgress[] = [];
    const made = valueIn(await importPath(source, { onProgress: (progress) => seen.push(progress) }));
    const directory = repositoryDirectory(ctx.config, made.id);
    expect(reachable(directory)).toBe(reachable(source));
    expect(refsOf(directory)).toBe(
      refsOf(source)
        .split('\n')
        .filter((line) => !line.includes('refs/latchkey/'))
        .join('\n'),
    );
    expect(gitIn(directory, ['fsck', '--strict'])).toBe('');
    expect(gitIn(directory, ['symbolic-ref', 'HEAD'])).toBe('refs/heads/trunk');
    expect(made).toMatchObject({ defaultBranch: 'trunk', pushedAt: ctx.now() });
    expect(made.sizeKib).toBeGreaterThan(0);
    expect(seen.map(({ phase }) => phase)).toEqual(
      expect.arrayContaining(['connecting', 'receiving', 'finishing']),
    );
    expect(seen.find(({ phase, percent }) => phase === 'receiving' && percent === 100)).toBeDefined();
  });

  it('leaves nothing of the source but objects and refs', async () => {
    mkdirSync(join(source, 'hooks'));
    writeFileSync(join(source, 'hooks/post-upload-pack'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    appendFileSync(join(source, 'config'), '[remote "origin"]\n\turl = https://example.com/\n');
    const { id } = valueIn(await importPath(source));
    const directory = repositoryDirectory(ctx.config, id);
    expect(readdirSync(directory).sort()).toEqual(['HEAD', 'config', 'objects', 'packed-refs', 'refs']);
    expect(readdirSync(join(directory, 'objects'))).toEqual(['pack']);
    const { id: empty } = valueIn(await createRepository(ctx, wanted('empty')));
    const config = (of: number) => readFileSync(join(repositoryDirectory(ctx.config, of), 'config'), 'utf8');
    expect(config(id)).toBe(config(empty));
    expect(readdirSync(ctx.config.repositoriesDirectory).sort()).toEqual([`${id}.git`, `${empty}.git`]);
  });

  it('takes a work tree, a detached HEAD, and a repository in which nothing is', async () => {
    const tree = join(ctx.root, 'sources/tree');
    execFileSync('git', ['clone', '-q', source, tree]);
    execFileSync('git', ['checkout', '-q', '--detach', 'origin/feature/x'], { cwd: tree });
    execFileSync('git', ['branch', 'feature'], { cwd: tree });
    expect(valueIn(await importPath(tree)).defaultBranch).toBe('feature');
    const bare = join(ctx.root, 'sources/empty.git');
    execFileSync('git', ['init', '-q', '--bare', '-b', 'later', bare]);
    const made = valueIn(
      await importRepository(ctx, wanted('empty'), { kind: 'path', path: bare, allowLinks: false }),
    );
    expect(made.defaultBranch).toBe('later');
  });

  it('runs no command that the source configures', async () => {
    const trap = join(ctx.root, 'sprung');
    const command = `touch ${trap}`;
    appendFileSync(
      join(source, 'config'),
      [
        `[core]\n\tfsmonitor = ${command}\n\talternateRefsCommand = ${command}\n\tsshCommand = ${command}`,
        `\tpager = ${command}\n\thooksPath = ${source}/hooks\n\tgitProxy = ${command}\n\taskPass = ${command}`,
        `[uploadpack]\n\tpackObjectsHook = ${command}\n[gpg]\n\tprogram = ${command}`,
        `[alias]\n\tupload-pack = !${command}\n\tfor-each-ref = !${command}\n[pager]\n\tfor-each-ref = ${command}`,
        `[extensions]\n\tpartialClone = evil\n[remote "evil"]\n\turl = ext::sh -c "${command}"\n\tpromisor = true`,
        `\tuploadpack = ${command}\n[protocol]\n\tallow = always\n[credential]\n\thelper = !${command}\n`,
      ].join('\n'),
    );
    mkdirSync(join(source, 'hooks'));
    for (const hook of ['pre-receive', 'post-checkout', 'reference-transaction', 'post-index-change']) {
      writeFileSync(join(source, 'hooks', hook), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
    }
    valueIn(await importPath(source));
    expect(existsSync(trap)).toBe(false);
  });

  it('runs no command to fetch what the source lacks', async () => {
    const trap = join(ctx.root, 'sprung');
    const partial = join(ctx.root, 'sources/partial.git');
    gitIn(source, ['config', 'uploadpack.allowFilter', 'true']);
    execFileSync('git', ['clone', '-q', '--bare', '--filter=blob:none', `file://${source}`, partial]);
    appendFileSync(join(partial, 'config'), `[remote "origin"]\n\tuploadpack = touch ${trap};\n`);
    expect(gitIn(partial, ['count-objects', '-v'])).toContain('count: 0');
    expect(await refusal(importPath(partial))).toBe('The source is damaged or incomplete, or broke off.');
    expect(existsSync(trap)).toBe(false);
  });

  it('refuses links out of the source, unless the operator allows them', async () => {
    const elsewhere = join(ctx.root, 'elsewhere');
    execFileSync('mv', [join(source, 'objects'), elsewhere]);
    symlinkSync(elsewhere, join(source, 'objects'));
    expect(await refusal(importPath(source))).toContain('symbolic link "objects"');
    const { id } = valueIn(await importPath(source, { allowLinks: true }));
    expect(reachable(repositoryDirectory(ctx.config, id))).toBe(reachable(source));
  });

  it.each(['HEAD', 'refs/heads/secret', 'objects/pack/pack-1.pack', 'packed-refs', 'config', 'hooks'])(
    'refuses a link at %s',
    async (name) => {
      rmSync(join(source, name), { force: true });
      symlinkSync('/etc/passwd', join(source, name));
      expect(await refusal(importPath(source))).toContain(`symbolic link "${name}"`);
    },
  );

  it('refuses borrowed objects, unless the operator allows them; the result has all of its own', async () => {
    const borrower = join(ctx.root, 'sources/borrower.git');
    execFileSync('git', ['clone', '-q', '--mirror', '--shared', source, borrower]);
    expect(await refusal(importPath(borrower))).toContain('objects/info/alternates');
    const { id } = valueIn(await importPath(borrower, { allowLinks: true }));
    rmSync(source, { recursive: true });
    expect(gitIn(repositoryDirectory(ctx.config, id), ['fsck', '--strict'])).toBe('');
  });

  it('refuses what can be no repository, or only part of one', async () => {
    const shallow = join(ctx.root, 'sources/shallow.git');
    execFileSync('git', ['clone', '-q', '--mirror', '--depth=1', `file://${source}`, shallow]);
    expect(await refusal(importPath(shallow))).toContain('shallow clone');
    const tree = join(ctx.root, 'sources/tree');
    execFileSync('git', [`--git-dir=${source}`, 'worktree', 'add', '-q', tree, 'trunk']);
    expect(await refusal(importPath(tree))).toContain('repository is elsewhere');
    expect(await refusal(importPath(join(source, 'worktrees/tree')))).toMatch(/not a Git repository|linked/);
    for (const path of [ctx.root, join(ctx.root, 'nowhere'), '/dev/null', '--upload-pack=touch x']) {
      expect(await refusal(importPath(path))).toContain('is not a Git repository');
    }
    const socket = createServer().listen(join(source, 'objects/socket'));
    await once(socket, 'listening');
    expect(await refusal(importPath(source))).toContain('neither file nor directory');
    socket.close();
  });

  it('refuses a damaged source', async () => {
    const damaged = 'damaged or incomplete';
    for (const text of ['1'.repeat(40), 'nonsense', '']) {
      writeFileSync(join(source, 'refs/heads/broken'), `${text}\n`);
      expect(await refusal(importPath(source))).toMatch(/damaged/);
    }
    rmSync(join(source, 'refs/heads/broken'));
    const [pack = ''] = readdirSync(join(source, 'objects/pack')).filter((name) => name.endsWith('.pack'));
    const path = join(source, 'objects/pack', pack);
    const bytes = readFileSync(path);
    bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 40);
    rmSync(path);
    writeFileSync(path, bytes);
    expect(await refusal(importPath(source))).toContain(damaged);
  });

  it('lets in old faults that harm nobody, and refuses content made to attack', async () => {
    const commit = (text: string) =>
      gitIn(source, ['hash-object', '-t', 'commit', '-w', '--literally', '--stdin'], text);
    const tree = gitIn(source, ['rev-parse', 'trunk^{tree}']);
    const old = commit(`tree ${tree}\nauthor Ann <a@b> 1 +051800\ncommitter Ann <a@b> 1 +051800\n\nOld\n`);
    gitIn(source, ['update-ref', 'refs/heads/old', old]);
    const blob = gitIn(
      source,
      ['hash-object', '-w', '--stdin'],
      '[submodule "../../x"]\n\tpath = x\n\turl = -u\n',
    );
    const evil = gitIn(source, ['mktree'], `100644 blob ${blob}\t.gitmodules\n`);
    valueIn(await importPath(source));
    const bad = commit(`tree ${evil}\nauthor Ann <a@b> 1 +0000\ncommitter Ann <a@b> 1 +0000\n\nBad\n`);
    gitIn(source, ['update-ref', 'refs/heads/bad', bad]);
    const outcome = await importRepository(ctx, wanted('bad'), {
      kind: 'path',
      path: source,
      allowLinks: false,
    });
    expect(outcome).toMatchObject({ problems: [{ message: expect.stringContaining('gitmodules') }] });
  });

  it('refuses a source larger than a repository may be', async () => {
    await ctx.close();
    ctx = await repositoriesContext();
    const small = { ...ctx.config.limits, repositoryBytes: 1024 };
    source = makeSource(join(ctx.root, 'sources/tool.git'));
    const attempt = importRepository({ ...ctx, config: { ...ctx.config, limits: small } }, wanted(), {
      kind: 'path',
      path: source,
      allowLinks: false,
    });
    expect(await refusal(attempt)).toContain('larger');
  });

  it('can be cancelled, and is refused before it begins when the name is taken', async () => {
    const cancelled = AbortSignal.abort(new Error('enough'));
    await expect(importPath(source, { signal: cancelled })).rejects.toThrow('enough');
    const controller = new AbortController();
    const onProgress = ({ phase }: ImportProgress) => {
      if (phase === 'receiving') controller.abort(new Error('enough'));
    };
    await expect(importPath(source, { signal: controller.signal, onProgress })).rejects.toThrow('enough');
    expect(readdirSync(ctx.config.repositoriesDirectory)).toEqual([]);
    valueIn(await createRepository(ctx, wanted()));
    expect(await importPath(source)).toMatchObject({ problems: [{ code: 'already_exists' }] });
  });
});

describe('what an operator typed as a source', () => {
  it('is an address when it has a scheme, and else a path', () => {
    const kinds = (text: string) => importSourceIn(text, { allowLinks: false }).kind;
    for (const text of [
      'https://x/y',
      'HTTP://x',
      'file:///x',
      'ssh://x/y',
      'ext::sh -c x',
      'fd::17',
      'git://x',
    ]) {
      expect([text, kinds(text)]).toEqual([text, 'url']);
    }
    for (const text of ['/srv/x', 'x', './a:b', 'git@host:x', '']) {
      expect([text, kinds(text)]).toEqual([text, 'path']);
    }
  });
});
