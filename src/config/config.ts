// The configuration of a server: one typed, validated, frozen object, made from flags and environment by load.ts.
import type { Secret } from '../secrets/secret.ts';

export interface ListenAddress {
  /** A host name or address; IPv6 without brackets. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

export interface SshListen extends ListenAddress {
  /** Nobody asked for just this address: where it is taken, the server starts without SSH. */
  readonly isDefault: boolean;
}

export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface Limits {
  /** Largest pack that one push may bring, in bytes. */
  readonly pushBytes: number;
  /** Largest repository on disk, in bytes. */
  readonly repositoryBytes: number;
  /** How many git processes of requests run at once. */
  readonly gitProcesses: number;
  /** How many requests may wait for one of them. */
  readonly gitQueue: number;
  /** How long one git request may take, in milliseconds. */
  readonly gitRequestMs: number;
  /** How many connections are open at once; further ones are closed unread. */
  readonly connections: number;
  /** From a connection's first byte to the end of a request's headers, in milliseconds. */
  readonly headersMs: number;
  /** How long a body may take to arrive, in milliseconds; git's have `gitRequestMs`. */
  readonly bodyMs: number;
  /** How long requests in flight may go on after SIGTERM, in milliseconds. */
  readonly stopMs: number;
}

/** What Argon2id is to cost for a new password. */
export interface PasswordCost {
  /** KiB */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/**
 * OWASP's parameters of least memory but one (Password Storage Cheat Sheet): 19 MiB, two passes, one lane; about
 * 50 ms of one core. The memory is what bounds how many can run side by side.
 */
export const defaultPasswordCost: PasswordCost = Object.freeze({ memory: 19_456, passes: 2, parallelism: 1 });

export interface Config {
  /** Everything Latchkey keeps; absolute path. */
  readonly dataDirectory: string;
  /** Bare repositories; absolute path. */
  readonly repositoriesDirectory: string;
  /** Where deleted repositories lie for a day; absolute path on the repositories' file system. */
  readonly trashDirectory: string;
  /** SQLite file; absolute path. */
  readonly databaseFile: string;
  readonly listen: ListenAddress;
  /** Base of every link, without a trailing slash: `https://git.example.com`. */
  readonly url: string;
  readonly tls: TlsFiles | null;
  /** Where SSH is served; null: nowhere. */
  readonly ssh: SshListen | null;
  /** Base of the addresses by which clients come over SSH, `ssh://git@HOST:PORT`; null: they can't. */
  readonly sshUrl: string | null;
  /** CIDR ranges of the proxies that may speak for clients; empty: none. */
  readonly trustedProxies: readonly string[];
  /** Nothing is shown to anonymous callers, public repositories included (ghes-spec 5.2 row 4). */
  readonly privateMode: boolean;
  /** May the web and the API import from private network addresses? */
  readonly importFromPrivateAddresses: boolean;
  /** For how long the security log is kept. */
  readonly auditDays: number;
  readonly limits: Limits;
  /** Not the operator's to choose: what is cheaper would be weaker. Tests take less. */
  readonly passwordCost: PasswordCost;
  readonly smtpUrl: Secret | null;
  readonly mailFrom: string | null;
}

export const defaultLimits: Limits = Object.freeze({
  pushBytes: 2 * 1024 ** 3,
  repositoryBytes: 10 * 1024 ** 3,
  gitProcesses: 32,
  gitQueue: 512,
  gitRequestMs: 60 * 60_000,
  connections: 10_000,
  headersMs: 20_000,
  bodyMs: 60_000,
  stopMs: 30_000,
});

/** More than a year, so that what happened at the same time a year ago can still be looked up. */
export const defaultAuditDays = 400;

/** Base of links where none was configured: the address itself. */
export function urlOf(listen: ListenAddress, tls: boolean): string {
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  const standardPort = tls ? 443 : 80;
  return `${tls ? 'https' : 'http'}://${host}${listen.port === standardPort ? '' : `:${listen.port}`}`;
}

/** Base of SSH addresses where none was configured: the host of the links, at the port where SSH is served. */
export function sshUrlOf(url: string, port: number): string {
  return `ssh://git@${new URL(url).hostname}${port === 22 ? '' : `:${port}`}`;
}
