// Running the installed git: always an argument array, a clean environment, bounds on time and output, and no
// child left behind. Every git process of Latchkey starts here.
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Nothing of the server's own environment reaches git but PATH; no configuration but ours and the repository's. */
function cleanEnvironment(extra: Readonly<Record<string, string>>): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    LC_ALL: 'C',
    TZ: 'UTC',
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    // What a pushed refs/replace/… says instead of an object is for clients: pages show what a clone gets.
    GIT_NO_REPLACE_OBJECTS: '1',
    // No transport unless a caller names it, and no fetching of missing objects from a "promisor remote":
    // a remote's `uploadpack` setting is a command. Both beat every configuration.
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_NO_LAZY_FETCH: '1',
    // Beats core.gitProxy, of which the first match counts, not the last.
    GIT_PROXY_COMMAND: '',
    ...extra,
  };
}

/**
 * Settings that hold whatever a repository's own config says: nothing in it may start a program. Its `alias.*`
 * can't stand for built-in commands, its `pager.*` needs a terminal, `uploadpack.packObjectsHook` is read from
 * protected configuration only, and `filter.*` needs a work tree. Callers of commands that show differences
 * add `--no-ext-diff --no-textconv`, since those settings have free names and can't be listed here.
 */
const enforced: readonly string[] = [
  'safe.directory=*',
  'core.fsmonitor=false',
  'core.alternateRefsCommand=false',
  'core.askPass=false',
  'core.editor=false',
  'core.pager=cat',
  'core.sshCommand=false',
  'credential.helper=',
  'diff.external=false',
  'gpg.program=false',
  'gpg.openpgp.program=false',
  'gpg.x509.program=false',
  'gpg.ssh.program=false',
  'gpg.ssh.defaultKeyCommand=false',
  'log.showSignature=false',
  // Otherwise a config that calls the repository not bare could have a push write into a work tree anywhere.
  'receive.denyCurrentBranch=refuse',
  'gc.auto=0',
  'gc.autoDetach=false',
  'maintenance.auto=false',
  'receive.autogc=false',
  'protocol.ext.allow=never',
];

/** Hooks are those that lie in the repository itself, put there by an administrator; elsewhere there are none. */
function hooksSetting({ repository, hooksPath }: GitOptions): string {
  return `core.hooksPath=${hooksPath ?? (repository === undefined ? '/dev/null' : `${repository}/hooks`)}`;
}

export interface GitOptions {
  /** The bare repository's directory; omit for commands that need none. */
  readonly repository?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Further settings, `name=value`, that beat the repository's own. Never put a secret here: `ps` shows it. */
  readonly config?: readonly string[];
  readonly cwd?: string;
  /** Where its hooks are, absolute. Default: `hooks` in the repository itself. */
  readonly hooksPath?: string;
  /** Gives the child pipes at descriptors 3 and 4, which its hooks inherit. */
  readonly talks?: boolean;
}

export interface GitRunOptions extends GitOptions {
  readonly input?: string | Uint8Array;
  /** The child is killed after this long. Default 30,000. */
  readonly timeoutMs?: number;
  /** The child is killed when it prints more than this on stdout. Default 16 MiB. */
  readonly maxOutputBytes?: number;
  readonly signal?: AbortSignal;
}

export interface GitResult {
  /** Exit status; -1 when a signal ended it. */
  readonly status: number;
  readonly stdout: Buffer;
  /** The last 16 KiB of it. */
  readonly stderr: string;
}

/** Thrown by `git()` when git fails, runs too long or says too much. */
export class GitError extends Error {
  override name = 'GitError';
  readonly reason: 'failed' | 'timeout' | 'too-much-output' | 'aborted';
  readonly status: number;
  readonly stderr: string;

  constructor(reason: GitError['reason'], command: string, status: number, stderr: string) {
    super(
      `git ${command} ${reason}${reason === 'failed' ? ` with status ${status}` : ''}: ${stderr.trim().slice(-500)}`,
    );
    this.reason = reason;
    this.status = status;
    this.stderr = stderr;
  }
}

/**
 * Starts git and hands out the child, in a process group of its own so that `killGit` reaches its children too.
 * @param args the subcommand and its arguments; put `--end-of-options` or `--` before anything a user chose
 */
export function spawnGit(args: readonly string[], options: GitOptions = {}): ChildProcessWithoutNullStreams {
  const settings = [...enforced, hooksSetting(options), ...(options.config ?? [])];
  const config = settings.flatMap((setting) => ['-c', setting]);
  const repository = options.repository === undefined ? [] : [`--git-dir=${options.repository}`];
  return spawn('git', [...config, ...repository, ...args], {
    cwd: options.cwd ?? options.repository ?? '/',
    env: cleanEnvironment(options.env ?? {}),
    stdio: ['pipe', 'pipe', 'pipe', ...(options.talks === true ? (['pipe', 'pipe'] as const) : [])],
    detached: true,
    windowsHide: true,
  }) as ChildProcessWithoutNullStreams;
}

/**
 * The folder of git's own programs. As the PATH of a child it lets git find itself and nothing else: for commands that
 * would start what no setting keeps them from, such as `git archive`, which reads none of `gpg.*`.
 */
export async function pathOfGitAlone(): Promise<string> {
  return (await git(['--exec-path'])).stdout.toString('utf8').trim();
}

/** Sends a signal to a child and all that it started. Harmless when they have ended already. */
export function killGit(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  signalGroup(child.pid, signal);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** How long a child may take to end by itself. */
export interface Grace {
  /** After its input ended, before SIGTERM. 0: none is given. */
  readonly inputEndMs: number;
  /** After SIGTERM, before SIGKILL. */
  readonly terminateMs: number;
}

/**
 * Ends a child and all that it started, leaving them time to remove their temporary and lock files. Not all do: since
 * 2.39, receive-pack removes what a push brought when its input ends, but no longer on a signal (tmp-objdir.c).
 */
export async function endGit(child: ChildProcess, { inputEndMs, terminateMs }: Grace): Promise<void> {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  const timers = [setTimeout(killGit, inputEndMs + terminateMs, child, 'SIGKILL')];
  if (inputEndMs > 0) {
    child.stdin?.destroy();
    timers.push(setTimeout(killGit, inputEndMs, child, 'SIGTERM'));
  } else signalGroup(pid, 'SIGTERM');
  await exited;
  for (const timer of timers) clearTimeout(timer);
  // The group outlives its leader while a member does: none may stay behind.
  signalGroup(pid, 'SIGKILL');
}

/**
 * Runs git to its end and gives what it printed.
 * @throws GitError when the exit status is not 0, or a bound was passed
 */
export async function git(args: readonly string[], options: GitRunOptions = {}): Promise<GitResult> {
  const result = await tryGit(args, options);
  if (result.status !== 0) throw new GitError('failed', args[0] ?? '', result.status, result.stderr);
  return result;
}

/**
 * As `git()`, but an exit status other than 0 is an answer, not an error.
 * @throws GitError when a bound was passed
 */
export async function tryGit(args: readonly string[], options: GitRunOptions = {}): Promise<GitResult> {
  const command = args[0] ?? '';
  const maxOutputBytes = options.maxOutputBytes ?? 16 * 1024 * 1024;
  const child = spawnGit(args, options);
  const { stdin, stdout, stderr } = child;

  const chunks: Buffer[] = [];
  let size = 0;
  let errors = '';
  let stopped: GitError['reason'] | undefined;
  const stop = (reason: GitError['reason']) => {
    stopped ??= reason;
    killGit(child, 'SIGKILL');
  };
  stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxOutputBytes) stop('too-much-output');
    else chunks.push(chunk);
  });
  stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString('utf8')).slice(-16_384);
  });
  // A child that ends without reading its input closes the pipe: its status tells, not the broken pipe.
  stdin.on('error', () => stdin.destroy());
  stdin.end(options.input);

  const timer = setTimeout(stop, options.timeoutMs ?? 30_000, 'timeout');
  const abort = () => stop('aborted');
  options.signal?.addEventListener('abort', abort, { once: true });
  if (options.signal?.aborted) abort();
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    if (stopped !== undefined) throw new GitError(stopped, command, -1, errors);
    return { status: status ?? -1, stdout: Buffer.concat(chunks), stderr: errors };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', abort);
  }
}
