// OpenSSH's own programs for scenarios, kept away from the configuration, agent and keys of whoever runs them.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Where `sshd` lies is in nobody's PATH but root's. */
const path = `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin`;

/**
 * Is the program here? In CI it has to be.
 * @param from the package of Debian that brings it
 */
export function hasProgram(program: string, from: string): boolean {
  const { stdout } = spawnSync('sh', ['-c', `command -v ${program}`], {
    env: { PATH: path },
    encoding: 'utf8',
  });
  if (stdout.trim() !== '') return true;
  const advice = `${program} is missing, so its scenarios can't run: on Debian, apt-get install ${from}`;
  if (process.env.CI) throw new Error(advice);
  process.stderr.write(`\n!!! ${advice}\n\n`);
  return false;
}

/** The absolute path of a program that `hasProgram` found. */
export function programPath(program: string): string {
  return spawnSync('sh', ['-c', `command -v ${program}`], {
    env: { PATH: path },
    encoding: 'utf8',
  }).stdout.trim();
}

export interface SshKeyFile {
  /** Of the private half. */
  readonly path: string;
  /** The line of the public half. */
  readonly publicKey: string;
}

/** Makes a key pair with ssh-keygen. */
export async function newKeyFile(
  directory: string,
  name: string,
  kind: readonly string[] = ['-t', 'ed25519'],
): Promise<SshKeyFile> {
  const file = join(directory, name);
  await promisify(execFile)('ssh-keygen', ['-q', ...kind, '-N', '', '-C', `${name}@test`, '-f', file]);
  return { path: file, publicKey: (await readFile(`${file}.pub`, 'utf8')).trim() };
}

export interface SshClient {
  readonly port: number;
  /** Keeps the keys of servers between calls. */
  readonly knownHosts: string;
}

/** Options for ssh by which it uses this key alone. @param more `Name=value` */
export function sshOptions(
  client: SshClient,
  key: SshKeyFile | null,
  more: readonly string[] = [],
): string[] {
  const options = [
    `UserKnownHostsFile=${client.knownHosts}`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=accept-new',
    'HostKeyAlias=latchkey',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'ConnectTimeout=20',
    ...(more.some((option) => option.startsWith('BatchMode')) ? [] : ['BatchMode=yes']),
    ...more,
  ];
  return [
    '-F',
    '/dev/null',
    '-p',
    String(client.port),
    ...options.flatMap((option) => ['-o', option]),
    ...(key === null ? ['-o', 'IdentityFile=none'] : ['-i', key.path]),
  ];
}

/** Environment by which git uses this key. */
export function gitOverSsh(
  client: SshClient,
  key: SshKeyFile,
  more: readonly string[] = [],
): Readonly<Record<string, string>> {
  return { GIT_SSH_COMMAND: ['ssh', ...sshOptions(client, key, more)].join(' '), GIT_SSH_VARIANT: 'ssh' };
}

export interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs ssh as the user `git`, or another one. @param words the command; none: a shell */
export async function ssh(
  client: SshClient,
  key: SshKeyFile | null,
  words: readonly string[] = [],
  how: {
    readonly user?: string;
    readonly options?: readonly string[];
    readonly flags?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<Said> {
  const { user = 'git', options = [], flags = [], env = {} } = how;
  const args = [...sshOptions(client, key, options), ...flags, `${user}@127.0.0.1`, ...words];
  const child = spawn('ssh', args, { env: { PATH: path, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece: Buffer) => {
    stdout += piece.toString('utf8');
  });
  child.stderr.on('data', (piece: Buffer) => {
    stderr += piece.toString('utf8');
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status: status ?? -1, stdout, stderr };
}
