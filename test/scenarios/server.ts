// The real, built server for scenarios: in a directory of its own, on a free port of a loopback address, in a
// process of its own. People, tokens and repositories are made beside it, through the same database, as the
// command line does, so that a scenario can begin where its story does.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Visibility } from '../../src/access/targets.ts';
import { type Account, createUser, findAccountByLogin } from '../../src/accounts/accounts.ts';
import { openNode } from '../../src/audit/node.ts';
import { loadConfig } from '../../src/config/load.ts';
import { type Acting, operator } from '../../src/context.ts';
import { openDatabase } from '../../src/db/database.ts';
import { createRepository, type Repository } from '../../src/repositories/repositories.ts';
import { type ObjectFormat, repositoryDirectory } from '../../src/repositories/storage.ts';
import type { Scopes } from '../../src/scopes/scopes.ts';
import { Secret, systemRandom } from '../../src/secrets/secret.ts';
import { createToken } from '../../src/tokens/tokens.ts';
import { valueIn } from '../context.ts';
import { checkContract } from '../contract.ts';

const root = join(import.meta.dirname, '../..');
const node = join(root, 'node_modules/.bin/node');
const program = join(root, 'dist/main.js');

/** Longer than the 30 seconds that requests in flight may take. */
const STOP_MS = 40_000;
const START_MS = 30_000;

export interface ServerOptions {
  /** The folder of an earlier server, to start on what it left. It is then not removed at the end. */
  readonly directory?: string;
  /** Default `127.0.0.1:0`. */
  readonly listen?: string;
  /** Serve SSH, at a free port. Default: not. */
  readonly ssh?: boolean;
  /** Further flags of `serve`. */
  readonly args?: readonly string[];
  /** Further variables; nothing of the test's own environment but PATH is passed on. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TestServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, without a slash. */
  readonly url: string;
  /** `127.0.0.1:PORT`: give it as `listen` to start again at the same place. */
  readonly address: string;
  /** Where it listens; `url` may name another place. */
  readonly port: number;
  /** All that belongs to the server; the data directory is `data` in it. */
  readonly directory: string;
  readonly dataDirectory: string;
  /** Where it serves SSH; 0: nowhere. */
  readonly sshPort: number;
  /** Null once there is an account. */
  readonly setupLink: string | null;
  readonly process: ChildProcess;
  /** The instance's database and folders, as a command of the command line has them. */
  readonly ctx: Acting;
  /** Resolves with status or signal when the process ends. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** All that it wrote on standard error until now. */
  log(): string;
  /** Makes an account. Without a password nobody can sign in to it. */
  person(
    login: string,
    more?: { readonly siteAdmin?: boolean; readonly password?: string },
  ): Promise<Account>;
  /** A new token's plain text. @param expiresAt milliseconds since 1970; null: never */
  token(login: string, scopes?: Scopes, expiresAt?: number | null): Promise<string>;
  /** Makes an empty repository. Clone it from `cloneUrl`. */
  repository(
    owner: string,
    name: string,
    visibility: Visibility,
    more?: { readonly objectFormat?: ObjectFormat },
  ): Promise<Repository & { readonly cloneUrl: string; readonly path: string }>;
  /** Environment for git by which it has the token to answer with; nothing of it is in arguments or URLs. */
  credential(token: string, user?: string): Readonly<Record<string, string>>;
  /** Asks over HTTP; redirects are not followed. What the API answers is held to its description. */
  fetch(path: string, options?: RequestInit & { readonly token?: string }): Promise<Response>;
  /** Runs the command line on the same data. */
  cli(args: readonly string[], input?: string): Promise<CommandResult>;
  /** Sends a signal, SIGTERM by default, and waits for the end. @returns status or signal */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

/** Starts a server and waits until it is ready. Write `await using server = await startServer()`. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'latchkey-scenario-')));
  const dataDirectory = join(directory, 'data');
  const askpass = await writeAskpass(directory);
  const env = { PATH: process.env.PATH ?? '', HOME: directory, LATCHKEY_DATA: dataDirectory, ...options.env };
  const ssh = ['--ssh-listen', options.ssh === true ? '127.0.0.1:0' : 'off'];
  const args = ['serve', '--listen', options.listen ?? '127.0.0.1:0', ...ssh, ...(options.args ?? [])];
  const child = spawn(node, [program, ...args], { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit').then(([status, signal]) => (signal ?? status) as number | NodeJS.Signals);
  let log = '';
  child.stderr?.on('data', (piece: Buffer) => {
    log += piece.toString('utf8');
  });
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    try {
      return await ended;
    } finally {
      clearTimeout(timer);
    }
  };
  let ready: Ready;
  try {
    ready = await readyLine(child, ended, () => log);
  } catch (error) {
    await stop('SIGKILL');
    if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
    throw error;
  }

  const config = { ...loadConfig({ data: dataDirectory }, {}), url: ready.url };
  const db = await openDatabase(config.databaseFile);
  const ctx: Acting = {
    config,
    db,
    now: Date.now,
    random: systemRandom,
    log: pino({ level: 'silent' }),
    by: operator,
    node: await openNode(config),
  };
  const accountNamed = async (login: string): Promise<Account> => {
    const account = await findAccountByLogin(ctx, login);
    if (account === null) throw new Error(`nobody is called ${login}`);
    return account;
  };
  let notes = 0;
  return {
    ...ready,
    address: `127.0.0.1:${ready.port}`,
    directory,
    dataDirectory,
    process: child,
    ctx,
    ended,
    log: () => log,
    person: async (login, { siteAdmin = false, password } = {}) => {
      const user = { login, email: `${login}@example.com`, siteAdmin };
      const secret = password === undefined ? null : new Secret(password);
      return valueIn(await createUser(ctx, { ...user, password: secret }));
    },
    token: async (login, scopes = [], expiresAt = null) => {
      const account = await accountNamed(login);
      const note = `token ${++notes} of ${process.pid}`;
      const request = { accountId: account.id, note, scopes, expiresAt };
      return valueIn(await createToken(ctx, request)).secret.expose();
    },
    repository: async (owner, name, visibility, more = {}) => {
      const account = await accountNamed(owner);
      const wanted = { owner: account, name, description: null, visibility, ...more };
      const repository = valueIn(await createRepository(ctx, wanted));
      const path = repositoryDirectory(config, repository.id);
      return { ...repository, path, cloneUrl: `${ready.url}/${owner}/${name}.git` };
    },
    credential: (token, user = 'x') => ({ GIT_ASKPASS: askpass, SCENARIO_USER: user, SCENARIO_TOKEN: token }),
    fetch: async (path, { token, ...init } = {}) => {
      const headers = new Headers(init.headers);
      if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
      const answer = await fetch(new URL(path, ready.url), { redirect: 'manual', ...init, headers });
      await holdToContract(init.method ?? 'GET', path, answer.clone());
      return answer;
    },
    cli: (commandArgs, input) => runCli(commandArgs, { cwd: directory, env, input }),
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await db.destroy();
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Every answer of the API in every scenario is to be what its description says. */
async function holdToContract(method: string, path: string, answer: Response): Promise<void> {
  if (!path.startsWith('/api/v3/') || method === 'OPTIONS') return;
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true && text !== '';
  if (isJson || text === '') checkContract(method, path, answer.status, isJson ? JSON.parse(text) : '');
}

/** Runs `latchkey serve` where it is not to start, and any other command. */
export async function runCli(
  args: readonly string[],
  where: {
    readonly cwd: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly input?: string | undefined;
  },
): Promise<CommandResult> {
  const env = { PATH: process.env.PATH ?? '', HOME: where.cwd, ...where.env };
  const child = spawn(node, [program, ...args], { cwd: where.cwd, env });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece: Buffer) => {
    stdout += piece.toString('utf8');
  });
  child.stderr.on('data', (piece: Buffer) => {
    stderr += piece.toString('utf8');
  });
  child.stdin.on('error', () => child.stdin.destroy());
  child.stdin.end(where.input);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  const [status] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { status: status ?? -1, stdout, stderr };
}

interface Ready {
  readonly url: string;
  readonly port: number;
  readonly sshPort: number;
  readonly setupLink: string | null;
}

/** Waits for the line on standard output, and for the one of the log that tells the port. */
async function readyLine(
  child: ChildProcess,
  ended: Promise<number | NodeJS.Signals>,
  log: () => string,
): Promise<Ready> {
  let text = '';
  const port = () => /"port":(\d+),.*"msg":"listening"/.exec(log())?.[1];
  const ready = new Promise<void>((resolve) => {
    const look = () => {
      if (/^Latchkey is ready at .+\n/m.test(text) && port() !== undefined) resolve();
    };
    child.stdout?.on('data', (piece: Buffer) => {
      text += piece.toString('utf8');
      look();
    });
    child.stderr?.on('data', look);
  });
  const failed = ended.then((end) => {
    throw new Error(`the server ended (${end}) before it was ready: ${log()}`);
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the server did not get ready: ${log()}`)), START_MS);
  });
  await Promise.race([ready, failed, late]).finally(() => clearTimeout(timer));
  // Only what happens before the ready line is a failure to start.
  failed.catch(() => undefined);
  return {
    url: /^Latchkey is ready at (.+)$/m.exec(text)?.[1] ?? '',
    port: Number(port()),
    // It is told before the port of HTTP.
    sshPort: Number(/"port":(\d+),.*"msg":"listening for SSH"/.exec(log())?.[1] ?? 0),
    setupLink: /^Make the first account: (.+)$/m.exec(text)?.[1] ?? null,
  };
}

/** Answers git's two questions from its environment, which only the same user can read. */
async function writeAskpass(directory: string): Promise<string> {
  const file = join(directory, 'askpass');
  await mkdir(directory, { recursive: true });
  await writeFile(
    file,
    '#!/bin/sh\ncase "$1" in Username*) echo "$SCENARIO_USER" ;; *) echo "$SCENARIO_TOKEN" ;; esac\n',
  );
  await chmod(file, 0o700);
  return file;
}
