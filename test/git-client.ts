// The installed git as a client, in a home of its own: nothing of the machine's configuration reaches it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ClientResult {
  readonly status: number;
  readonly stdout: string;
  /** What git says to people. */
  readonly stderr: string;
}

export interface ClientOptions {
  /** Folder in the client's home; the home itself by default. */
  readonly in?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
}

export interface GitClient {
  /** Its home; every work tree of a test lies below. */
  readonly home: string;
  /** Runs git to its end, whatever comes of it. */
  try(args: readonly string[], options?: ClientOptions): Promise<ClientResult>;
  /** Runs git and gives what it printed, without the last newline. @throws when it fails */
  git(args: readonly string[], options?: ClientOptions): Promise<string>;
  /** Starts git and hands out the process, in a group of its own. */
  start(args: readonly string[], options?: ClientOptions): ChildProcess;
  path(...parts: readonly string[]): string;
  close(): Promise<void>;
}

const person = {
  GIT_AUTHOR_NAME: 'Mona',
  GIT_AUTHOR_EMAIL: 'mona@example.com',
  GIT_COMMITTER_NAME: 'Mona',
  GIT_COMMITTER_EMAIL: 'mona@example.com',
};

export async function createGitClient(): Promise<GitClient> {
  const home = await mkdtemp(join(tmpdir(), 'latchkey-client-'));
  await mkdir(join(home, 'tmp'));
  const path = (...parts: readonly string[]) => join(home, ...parts);
  const start: GitClient['start'] = (args, options = {}) =>
    spawn('git', args, {
      cwd: path(options.in ?? '.'),
      env: {
        PATH: process.env.PATH,
        HOME: home,
        TMPDIR: join(home, 'tmp'),
        LC_ALL: 'C',
        TZ: 'UTC',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_TERMINAL_PROMPT: '0',
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'init.defaultBranch',
        GIT_CONFIG_VALUE_0: 'main',
        ...person,
        ...options.env,
      },
      detached: true,
    });
  const tryGit: GitClient['try'] = async (args, options = {}) => {
    const child = start(args, options);
    const out: Buffer[] = [];
    let stderr = '';
    child.stdout?.on('data', (piece: Buffer) => out.push(piece));
    child.stderr?.on('data', (piece: Buffer) => {
      stderr += piece.toString('utf8');
    });
    child.stdin?.on('error', () => child.stdin?.destroy());
    child.stdin?.end(options.input);
    const [status] = (await once(child, 'close')) as [number | null];
    return { status: status ?? -1, stdout: Buffer.concat(out).toString('utf8'), stderr };
  };
  return {
    home,
    path,
    start,
    try: tryGit,
    git: async (args, options) => {
      const result = await tryGit(args, options);
      if (result.status !== 0) throw new Error(`git ${args.join(' ')}: ${result.stderr}`);
      return result.stdout.trimEnd();
    },
    close: () => rm(home, { recursive: true, force: true }),
  };
}

/** `url` with a user name and a token before its host. */
export function withToken(url: string, token: string, user = 'x'): string {
  return url.replace('://', `://${user}:${token}@`);
}
