// The stage of `latchkey demo`: a temporary directory, a server in it, and two people who run real commands there,
// each shown with what it really printed. Nothing of it is left when it closes, however it ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Secret } from '../secrets/secret.ts';
import { Failure } from './failure.ts';
import type { Terminal } from './terminal.ts';

const PROGRAM = fileURLToPath(new URL('../main.js', import.meta.url));
const START_MS = 15_000;
const COMMAND_MS = 30_000;

/** How a command ended and what it printed, standard output first. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly text: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Stage {
  readonly directory: string;
  /** Where the server answers. */
  readonly url: string;
  /** Runs a program to its end. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Runs `latchkey` with these arguments on the server's data. */
  latchkey(args: readonly string[], input?: string): Promise<Ran>;
  /** Makes a folder of a person, in which git answers its question for a password with the token. */
  person(login: string): Person;
  close(): Promise<void>;
}

export interface Person {
  readonly folder: string;
  /** From now on git and the API get this token: in a file of mode 0600, since arguments show in `ps`. */
  keep(token: Secret): void;
  /** The file that holds `Authorization: Bearer …`, for `curl -H @FILE`. */
  readonly headerFile: string;
  readonly env: Readonly<Record<string, string>>;
}

/** @throws Failure when the server does not start */
export async function openStage(terminal: Terminal): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-demo-'));
  const data = join(directory, 'data');
  // Nothing of the person's own settings takes part: no configuration of git, no proxy, no LATCHKEY_ variable.
  const env = {
    PATH: terminal.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: directory,
    LC_ALL: 'C',
    LATCHKEY_DATA: data,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ADVICE: '0',
  };
  const server = spawn(
    process.execPath,
    [PROGRAM, 'serve', '--listen', '127.0.0.1:0', '--ssh-listen', 'off'],
    {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const children = new Set<ChildProcess>([server]);
  const remove = (): void => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  };
  // Whatever ends this process other than SIGKILL comes by here.
  process.on('exit', remove);

  const run: Stage['run'] = async (program, args, options = {}) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? directory,
      env: { ...env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: COMMAND_MS,
    });
    children.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin.on('error', () => child.stdin.destroy());
    child.stdin.end(options.input ?? '');
    const [status] = (await once(child, 'close').finally(() => children.delete(child))) as [number | null];
    return { status: status ?? -1, stdout, text: stdout + stderr };
  };

  return {
    directory,
    url: await addressOf(server),
    run,
    latchkey: (args, input) =>
      run(process.execPath, [PROGRAM, ...args], input === undefined ? {} : { input }),
    person: (login) => makePerson(join(directory, login), login),
    async close() {
      server.kill('SIGTERM');
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
      process.off('exit', remove);
      remove();
    },
  };
}

/** Waits for the line that `serve` prints when it answers. */
async function addressOf(server: ChildProcess): Promise<string> {
  if (server.stdout === null || server.stderr === null)
    throw new Error('the server was started without pipes');
  let errors = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-2000);
  });
  const timer = setTimeout(() => server.kill('SIGKILL'), START_MS);
  try {
    for await (const line of createInterface({ input: server.stdout })) {
      const url = /^Latchkey is ready at (\S+)$/.exec(line)?.[1];
      if (url !== undefined) return url;
    }
  } finally {
    clearTimeout(timer);
    server.stdout.resume();
  }
  throw new Failure(`The server of the demo did not start: ${errors.trim()}`);
}

function makePerson(folder: string, login: string): Person {
  mkdirSync(folder, { mode: 0o700 });
  const tokenFile = join(folder, '.token');
  const headerFile = join(folder, '.header');
  const askpass = join(folder, '.askpass');
  // git asks "Username for …" and "Password for …" (gitcredentials(7), GIT_ASKPASS).
  writeFileSync(
    askpass,
    `#!/bin/sh\ncase "$1" in\nUsername*) echo ${login} ;;\n*) cat '${tokenFile}' ;;\nesac\n`,
  );
  chmodSync(askpass, 0o700);
  return {
    folder,
    headerFile,
    keep(token) {
      writeFileSync(tokenFile, `${token.expose()}\n`, { mode: 0o600 });
      writeFileSync(headerFile, `Authorization: Bearer ${token.expose()}\n`, { mode: 0o600 });
    },
    env: {
      HOME: folder,
      GIT_ASKPASS: askpass,
      GIT_AUTHOR_NAME: login,
      GIT_AUTHOR_EMAIL: `${login}@example.com`,
      GIT_COMMITTER_NAME: login,
      GIT_COMMITTER_EMAIL: `${login}@example.com`,
    },
  };
}
