// The machine of somebody who uses a client: a home of its own with nothing in it, from which no configuration, key or
// credential of the real machine is seen. Programs run as they are installed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { authorityFile } from './place.ts';

export interface Result {
  /** -1: it was killed. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Folder in the home; the home itself by default. */
  readonly in?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** What the person types when git asks for a password. Without it nobody answers. */
  readonly password?: string;
}

export interface Running {
  /** Waits until it has said something on standard error. @returns what the pattern's groups hold */
  said(pattern: RegExp): Promise<Readonly<Record<string, string>>>;
  readonly ended: Promise<Result>;
}

export interface Machine extends AsyncDisposable {
  readonly home: string;
  path(...parts: readonly string[]): string;
  /** Starts a program that waits for the person to do something. */
  begin(program: string, args: readonly string[], options?: RunOptions): Running;
  /** Runs a program to its end, whatever comes of it. */
  try(program: string, args: readonly string[], options?: RunOptions): Promise<Result>;
  /** Runs a program and gives all that it printed on standard output. @throws Error when it fails */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<string>;
  git(args: readonly string[], options?: RunOptions): Promise<string>;
  gh(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Makes a work tree with one commit. @returns the commit's id */
  commit(name: string, file?: string): Promise<string>;
  /** Puts a program into the person's own PATH. */
  install(name: string, script: string): Promise<void>;
}

/** No program here runs longer, if nothing is wrong. */
const PATIENCE_MS = 45_000;

export async function newMachine(): Promise<Machine> {
  const home = await mkdtemp(join(tmpdir(), 'latchkey-machine-'));
  const path = (...parts: readonly string[]) => join(home, ...parts);
  const file = async (name: string, text: string, mode = 0o600) => {
    await mkdir(dirname(path(name)), { recursive: true });
    await writeFile(path(name), text);
    await chmod(path(name), mode);
  };
  const install: Machine['install'] = (name, script) => file(`bin/${name}`, script, 0o700);
  await install(
    'askpass',
    '#!/bin/sh\ncase "$1" in Username*) echo mona ;; *) echo "$TYPED_PASSWORD" ;; esac\n',
  );
  await file(
    '.gitconfig',
    '[user]\n\tname = Mona\n\temail = mona@example.com\n[init]\n\tdefaultBranch = main\n',
  );
  await mkdir(path('tmp'));

  const environment = {
    PATH: `${path('bin')}:${process.env.PATH ?? ''}`,
    HOME: home,
    TMPDIR: path('tmp'),
    XDG_CONFIG_HOME: path('.config'),
    XDG_CACHE_HOME: path('.cache'),
    XDG_DATA_HOME: path('.local/share'),
    XDG_STATE_HOME: path('.local/state'),
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    // Nothing opens a browser: programs then print the address, and the test opens it.
    BROWSER: 'true',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GH_NO_UPDATE_NOTIFIER: '1',
    GH_PROMPT_DISABLED: '1',
    // Programs that look in the system's folder of hashed names, which has no room for the test's authority.
    SSL_CERT_FILE: authorityFile,
    NODE_EXTRA_CA_CERTS: authorityFile,
  };

  const begin: Machine['begin'] = (program, args, options = {}) => {
    const typed =
      options.password === undefined
        ? {}
        : { GIT_ASKPASS: path('bin/askpass'), TYPED_PASSWORD: options.password };
    const child = spawn(program, args, {
      cwd: path(options.in ?? '.'),
      env: { ...environment, ...typed, ...options.env },
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      stdout += piece;
    });
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      stderr += piece;
    });
    child.stdin.on('error', () => child.stdin.destroy());
    child.stdin.end(options.input);
    // Not `close`: a daemon that a program leaves behind keeps its pipes open.
    const ended = once(child, 'exit').then(async ([status]): Promise<Result> => {
      clearTimeout(timer);
      await new Promise((resolve) => setImmediate(resolve));
      return { status: (status as number | null) ?? -1, stdout, stderr };
    });
    return {
      ended,
      said: async (pattern) => {
        let found: RegExpExecArray | null = null;
        const look = () => {
          found = pattern.exec(stderr);
          return found !== null;
        };
        const over = ended.then(() => 'over' as const);
        while (!look()) {
          const next = await Promise.race([over, once(child.stderr, 'data')]);
          if (next === 'over' && !look()) throw new Error(`${program} ended: ${stderr}`);
        }
        return (found as RegExpExecArray | null)?.groups ?? {};
      },
    };
  };
  const tryRun: Machine['try'] = (program, args, options) => begin(program, args, options).ended;
  const run: Machine['run'] = async (program, args, options) => {
    const { status, stdout, stderr } = await tryRun(program, args, options);
    if (status === 0) return stdout;
    throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr}${stdout}`);
  };

  return {
    home,
    path,
    begin,
    try: tryRun,
    run,
    install,
    git: (args, options) => run('git', args, options),
    gh: (args, options) => run('gh', args, options),
    commit: async (name, text = 'README.md') => {
      await run('git', ['init', '-q', name]);
      await file(join(name, text), `# ${name}\n`, 0o644);
      await run('git', ['add', '.'], { in: name });
      await run('git', ['commit', '-q', '-m', 'First'], { in: name });
      return (await run('git', ['rev-parse', 'HEAD'], { in: name })).trim();
    },
    [Symbol.asyncDispose]: async () => {
      // The daemon of git's cache would outlive its folder.
      await tryRun('git', ['credential-cache', 'exit']);
      await rm(home, { recursive: true, force: true });
    },
  };
}
