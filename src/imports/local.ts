// Importing from a directory of this machine, for the operator at the command line. A repository that somebody else
// made may hold traps: links to files that are not its own, and configuration that runs commands. So no git
// process ever takes the source as its repository to serve: it serves a "view", a repository of ours that borrows
// the source's objects and repeats its refs.
import type { Dirent } from 'node:fs';
import { lstat, mkdir, opendir, realpath, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { done, type Outcome, refused } from '../problems.ts';
import { git, tryGit } from '../process/git.ts';
import { readHead, setHead } from '../repositories/head.ts';
import { isMissing, type ObjectFormat, writeConfiguration } from '../repositories/storage.ts';
import { sourceProblem } from './address.ts';

/** Refs of the largest repositories that are imported, as text. */
const MAX_REFS_BYTES = 256 * 1024 * 1024;
const MAX_REFS_MS = 10 * 60_000;

/** What upload-pack of the view may use. */
const viewConfiguration = '[pack]\n\tthreads = 2\n\twindowMemory = 128m\n[core]\n\tbigFileThreshold = 64m\n';

interface Options {
  /** Follow symbolic links and alternates in the source. */
  readonly allowLinks: boolean;
  readonly signal: AbortSignal;
}

/**
 * Checks a directory and makes the view of it.
 * @param view does not exist yet
 */
export async function makeView(path: string, view: string, options: Options): Promise<Outcome<null>> {
  try {
    const located = await gitDirectoryAt(resolve(path), options.allowLinks);
    if (!located.ok) return located;
    const source = located.value;
    const trap = await findTrap(source, options);
    if (trap !== null) return refused(sourceProblem(trap));
    return await fillView(source, view, options);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EACCES' || code === 'EPERM') {
      return refused(sourceProblem(`${path} cannot be read: give this user the right to, or copy it.`));
    }
    if (isMissing(error)) return refused(sourceProblem(`${path} is not a Git repository.`));
    throw error;
  }
}

/** The repository itself, where a work tree around it was named. */
async function gitDirectoryAt(path: string, allowLinks: boolean): Promise<Outcome<string>> {
  const inside = await lstat(join(path, '.git')).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (inside?.isFile()) {
    return refused(
      sourceProblem(`${path} is a work tree or submodule whose repository is elsewhere: give that path.`),
    );
  }
  if (inside?.isSymbolicLink() && !allowLinks) return refused(sourceProblem(linkFound('.git')));
  const directory = await realpath(inside === null ? path : join(path, '.git'));
  if (/[\n\r]/.test(directory)) return refused(sourceProblem('The path must not contain line breaks.'));
  for (const part of ['HEAD', 'objects', 'refs']) {
    if (!(await exists(join(directory, part)))) {
      return refused(sourceProblem(`${path} is not a Git repository.`));
    }
  }
  return done(directory);
}

const linkFound = (name: string): string =>
  `The source contains the symbolic link ${JSON.stringify(name)}. If you trust it, use --allow-links.`;

/** Anything in the source that leads out of it, or that can't be a repository's. Null: nothing was found. */
async function findTrap(source: string, { allowLinks, signal }: Options): Promise<string | null> {
  if (await exists(join(source, 'commondir'))) {
    return 'The source is a linked work tree: give the path of its main repository.';
  }
  if (await holdsText(join(source, 'shallow'))) {
    return 'The source is a shallow clone: fetch its whole history first (git fetch --unshallow).';
  }
  if (!allowLinks) {
    for (const name of ['objects/info/alternates', 'objects/info/http-alternates']) {
      if (!(await holdsText(join(source, name)))) continue;
      return `The source borrows objects from elsewhere (${name}). If you trust it, use --allow-links.`;
    }
  }
  for await (const [entry, path] of everything(source)) {
    signal.throwIfAborted();
    const name = relative(source, path);
    if (entry.isSymbolicLink()) {
      if (!allowLinks) return linkFound(name);
    } else if (!entry.isFile() && !entry.isDirectory()) {
      return `The source contains something that is neither file nor directory: ${JSON.stringify(name)}.`;
    }
  }
  return null;
}

async function* everything(directory: string): AsyncGenerator<readonly [Dirent, string]> {
  const folders = [directory];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for await (const entry of await opendir(folder)) {
      const path = join(folder, entry.name);
      yield [entry, path];
      if (entry.isDirectory()) folders.push(path);
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
}

async function holdsText(path: string): Promise<boolean> {
  // A link there is reported as such, and never followed to be read.
  const status = await lstat(path).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  return status !== null && (status.isFile() ? status.size > 0 : true);
}

async function fillView(
  source: string,
  view: string,
  { allowLinks, signal }: Options,
): Promise<Outcome<null>> {
  const format = await objectFormatOf(source);
  if (format === null) return refused(unreadable);
  const refs = await packedRefs(source, signal);
  if (!refs.ok) return refs;
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags']) {
    await mkdir(join(view, folder), { recursive: true });
  }
  await writeConfiguration(view, format);
  await writeFile(join(view, 'config'), viewConfiguration, { flag: 'a' });
  const lenders = [join(source, 'objects'), ...(allowLinks ? await alternatesOf(source) : [])];
  await writeFile(join(view, 'objects/info/alternates'), `${lenders.join('\n')}\n`);
  await writeFile(join(view, 'packed-refs'), refs.value);
  const head = await readHead(source);
  if (head.branch !== null) await setHead(view, head.branch);
  else await writeFile(join(view, 'HEAD'), `${head.objectId ?? 'ref: refs/heads/main'}\n`);
  return done(null);
}

const unreadable = sourceProblem('The source is of a kind that this Git cannot read, or is damaged.');

/** Read as a file, without what it includes. */
async function objectFormatOf(source: string): Promise<ObjectFormat | null> {
  const { status, stdout } = await tryGit([
    'config',
    `--file=${join(source, 'config')}`,
    '--no-includes',
    '--get',
    'extensions.objectformat',
  ]);
  const text = stdout.toString('utf8').trim().toLowerCase();
  // 1: the setting, or the whole file, is not there.
  if (status === 1 || (status === 0 && text === 'sha1')) return 'sha1';
  return status === 0 && text === 'sha256' ? 'sha256' : null;
}

/** All refs but those that a server keeps for itself, in the form of a packed-refs file. */
async function packedRefs(source: string, signal: AbortSignal): Promise<Outcome<Buffer>> {
  const { status, stdout, stderr } = await tryGit(['for-each-ref', '--format=%(objectname) %(refname)'], {
    repository: source,
    cwd: '/',
    maxOutputBytes: MAX_REFS_BYTES,
    timeoutMs: MAX_REFS_MS,
    signal,
  });
  if (status !== 0) return refused(unreadable);
  const [, broken] = /ignoring broken ref (\S+)/.exec(stderr) ?? [];
  if (broken !== undefined) {
    return refused(sourceProblem(`The source is damaged: ${broken} names an object that is not there.`));
  }
  // Names are bytes: latin1 keeps them as they are.
  const lines = stdout.toString('latin1').split('\n');
  const kept = lines.filter((line) => line !== '' && !line.includes(' refs/latchkey/'));
  return done(Buffer.from(kept.map((line) => `${line}\n`).join(''), 'latin1'));
}

/** The directories from which the source borrows objects, and those from which these do. */
async function alternatesOf(source: string): Promise<readonly string[]> {
  const { stdout } = await git(['count-objects', '-v'], { repository: source, cwd: '/' });
  return stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line.startsWith('alternate: '))
    .map((line) => line.slice('alternate: '.length));
}
