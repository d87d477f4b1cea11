// Pushes from work trees to a real server, by one token with the scope `workflow` and by one without.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createGitClient, type GitClient, withToken } from './git-client.ts';
import { type GitServer, startGitServer, type TestRepository } from './git-server.ts';

export interface Work {
  readonly name: string;
  readonly repository: TestRepository;
  git(...args: readonly string[]): Promise<string>;
  write(path: string, text: string): Promise<void>;
  /** Writes the files and commits them. */
  commit(files: Readonly<Record<string, string>>): Promise<string>;
  push(token: string, ...args: readonly string[]): ReturnType<GitClient['try']>;
  refs(): Promise<readonly string[]>;
}

export interface Pushing {
  readonly server: GitServer;
  readonly client: GitClient;
  /** With `repo`. */
  readonly weak: string;
  /** With `repo` and `workflow`. */
  readonly strong: string;
  /** A repository with one commit on main, without workflows, and a work tree of it. */
  work(options?: { readonly objectFormat?: 'sha1' | 'sha256' }): Promise<Work>;
  close(): Promise<void>;
}

export async function startPushing(): Promise<Pushing> {
  const server = await startGitServer();
  const client = await createGitClient();
  const mona = await server.person('mona');
  const weak = await server.token(mona, ['repo']);
  const strong = await server.token(mona, ['repo', 'workflow']);
  let names = 0;

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
    const { status, stderr } = await it.push(weak, 'main');
    if (status !== 0) throw new Error(stderr);
    return it;
  }

  return {
    server,
    client,
    weak,
    strong,
    work,
    close: async () => {
      await server.close();
      await client.close();
    },
  };
}

/** What only a running push may have in its repository. */
export async function leftovers({ directory }: TestRepository): Promise<readonly string[]> {
  return (await readdir(directory, { recursive: true })).filter((name) => /incoming|tmp_|\.lock$/.test(name));
}
