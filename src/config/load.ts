// From flags and environment to one checked, frozen configuration. The flag wins over its variable. Secrets are
// taken from the environment only, since `ps` shows a command's arguments to everybody.
import { join, resolve } from 'node:path';
import { Secret } from '../secrets/secret.ts';
import {
  type Config,
  defaultAuditDays,
  defaultLimits,
  defaultPasswordCost,
  type Limits,
  type ListenAddress,
  type SshListen,
  sshUrlOf,
  type TlsFiles,
  urlOf,
} from './config.ts';
import { ConfigError } from './problem.ts';
import {
  isLoopbackHost,
  isWildcard,
  readListen,
  readMailFrom,
  readNumber,
  readRanges,
  readSshUrl,
  readUrl,
  readYesNo,
} from './values.ts';

/** As the command line was read; what was not given is missing. */
export interface Flags {
  readonly data?: string;
  readonly database?: string;
  readonly repositories?: string;
  readonly listen?: string;
  readonly sshListen?: string;
  readonly url?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly trustProxy?: readonly string[];
  readonly privateMode?: boolean;
  /** Never allowed: a mail server's address can hold a password. */
  readonly smtpUrl?: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting as given, with the name that errors call it by. */
interface Given {
  readonly name: string;
  readonly text: string;
}

/**
 * @param env variables; an empty one is as good as none
 * @throws ConfigError
 */
export function loadConfig(flags: Flags, env: Environment): Config {
  const pick = (flag: string, value: string | undefined, variable: string): Given | null => {
    if (value !== undefined) return { name: `--${flag} (${variable})`, text: value };
    const text = env[variable];
    return text === undefined || text === '' ? null : { name: `${variable} (--${flag})`, text };
  };

  if (flags.smtpUrl !== undefined) {
    throw secretAsFlag('--smtp-url', 'the address of a mail server', 'LATCHKEY_SMTP_URL');
  }
  const dataDirectory = resolve(readPath(pick('data', flags.data, 'LATCHKEY_DATA')) ?? 'data');
  const repositories = readPath(pick('repositories', flags.repositories, 'LATCHKEY_REPOSITORIES'));
  const repositoriesDirectory =
    repositories === null ? join(dataDirectory, 'repositories') : resolve(repositories);

  const listen = readListenOr(pick('listen', flags.listen, 'LATCHKEY_LISTEN'), defaultListen);
  const tls = readTls(
    readPath(pick('tls-cert', flags.tlsCert, 'LATCHKEY_TLS_CERT')),
    readPath(pick('tls-key', flags.tlsKey, 'LATCHKEY_TLS_KEY')),
  );
  const ranges = flags.trustProxy?.length ? flags.trustProxy : filled([env.LATCHKEY_TRUST_PROXY]);
  const trustedProxies = readRanges('--trust-proxy (LATCHKEY_TRUST_PROXY)', ranges);
  if (tls === null && trustedProxies.length === 0 && !isLoopbackHost(listen.host)) {
    throw new ConfigError(
      'refused',
      `Plain HTTP is served on loopback addresses only: give --tls-cert and --tls-key, or --trust-proxy with ` +
        `the addresses of the proxy that ends TLS, or a loopback address as --listen (LATCHKEY_LISTEN).`,
    );
  }
  const url = readBase(pick('url', flags.url, 'LATCHKEY_URL'), listen, tls !== null);
  const ssh = readSshListen(pick('ssh-listen', flags.sshListen, 'LATCHKEY_SSH_LISTEN'));

  const mailFrom = pick('mail-from', undefined, 'LATCHKEY_MAIL_FROM');
  return Object.freeze({
    dataDirectory,
    repositoriesDirectory,
    // Beside the repositories, so that deleting is a rename within one file system.
    trashDirectory:
      repositories === null ? join(dataDirectory, 'trash') : join(repositoriesDirectory, '.trash'),
    databaseFile:
      readDatabase(flags.database, env.LATCHKEY_DATABASE_URL) ?? join(dataDirectory, 'latchkey.db'),
    listen,
    url,
    tls,
    ssh,
    sshUrl: readSshBase(env.LATCHKEY_SSH_URL) ?? (ssh === null ? null : sshUrlOf(url, ssh.port)),
    trustedProxies,
    privateMode:
      flags.privateMode ??
      readYesNo('LATCHKEY_PRIVATE_MODE (--private-mode)', env.LATCHKEY_PRIVATE_MODE ?? ''),
    importFromPrivateAddresses: readYesNo(
      'LATCHKEY_IMPORT_FROM_PRIVATE_ADDRESSES',
      env.LATCHKEY_IMPORT_FROM_PRIVATE_ADDRESSES ?? '',
    ),
    auditDays: readAuditDays(env.LATCHKEY_AUDIT_DAYS),
    limits: readLimits(env),
    passwordCost: defaultPasswordCost,
    smtpUrl: readSmtpUrl(env.LATCHKEY_SMTP_URL),
    mailFrom: mailFrom === null ? null : readMailFrom('LATCHKEY_MAIL_FROM', mailFrom.text),
  });
}

const defaultListen: ListenAddress = Object.freeze({ host: '127.0.0.1', port: 3000 });
const defaultSsh: SshListen = Object.freeze({ host: '127.0.0.1', port: 2222, isDefault: true });

function readSshListen(given: Given | null): SshListen | null {
  if (given === null) return defaultSsh;
  if (given.text === 'off') return null;
  return Object.freeze({ ...readListen(given.name, given.text), isDefault: false });
}

/** Null: none was given. */
function readSshBase(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : readSshUrl('LATCHKEY_SSH_URL', text);
}

function filled(texts: readonly (string | undefined)[]): readonly string[] {
  return texts.filter((text): text is string => text !== undefined && text !== '');
}

function readPath(given: Given | null): string | null {
  if (given === null) return null;
  if (given.text === '' || given.text.includes('\0')) {
    throw new ConfigError('usage', `${given.name} must be a path.`);
  }
  return given.text;
}

function readListenOr(given: Given | null, otherwise: ListenAddress): ListenAddress {
  return given === null ? otherwise : readListen(given.name, given.text);
}

function readTls(certFile: string | null, keyFile: string | null): TlsFiles | null {
  if (certFile === null && keyFile === null) return null;
  if (certFile === null || keyFile === null) {
    const missing = certFile === null ? '--tls-cert (LATCHKEY_TLS_CERT)' : '--tls-key (LATCHKEY_TLS_KEY)';
    throw new ConfigError('usage', `${missing} is missing: TLS takes a certificate and its key.`);
  }
  return Object.freeze({ certFile: resolve(certFile), keyFile: resolve(keyFile) });
}

function readBase(given: Given | null, listen: ListenAddress, tls: boolean): string {
  if (given !== null) return readUrl(given.name, given.text);
  if (isWildcard(listen.host)) {
    throw new ConfigError(
      'usage',
      `--url (LATCHKEY_URL) is missing: links can't be made from --listen ${listen.host}, which is every address.`,
    );
  }
  return urlOf(listen, tls);
}

/** Null: the file in the data directory. */
function readDatabase(flag: string | undefined, variable: string | undefined): string | null {
  const text = flag ?? (variable === '' ? undefined : variable);
  if (text === undefined) return null;
  const name = '--database (LATCHKEY_DATABASE_URL)';
  if (flag !== undefined && holdsPassword(flag)) {
    throw secretAsFlag('--database', 'a database URL with a password', 'LATCHKEY_DATABASE_URL');
  }
  if (/^postgres(?:ql)?:/i.test(text)) {
    throw new ConfigError(
      'refused',
      `${name} names PostgreSQL, which this version does not support yet: leave it out to use the embedded database.`,
    );
  }
  const file = /^sqlite:(?:\/\/(?=\/))?(?<file>[^?#]+)$/.exec(text)?.groups?.file;
  if (file === undefined || file.includes('\0') || file.startsWith('//')) {
    throw new ConfigError('usage', `${name} must be like sqlite:/var/lib/latchkey/latchkey.db.`);
  }
  return resolve(file);
}

/** Errs on the side of "yes": what follows a user name, or any parameter that is called a password. */
function holdsPassword(url: string): boolean {
  return (
    /\/\/[^/?#]*:[^/?#]*@/.test(url) ||
    /@/.test(url.split('//')[1] ?? '') ||
    /pass/i.test(url.split('?')[1] ?? '')
  );
}

function secretAsFlag(flag: string, what: string, variable: string): ConfigError {
  return new ConfigError(
    'refused',
    `${flag} is refused with ${what}, since \`ps\` shows it: set ${variable} instead.`,
  );
}

function readSmtpUrl(text: string | undefined): Secret | null {
  if (text === undefined || text === '') return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const fits =
    url !== null &&
    /^smtps?:\/\/[^/]/i.test(text) &&
    url.hostname !== '' &&
    ['', '/'].includes(url.pathname) &&
    !/[?#]/.test(text) &&
    isPercentEncoded(url.username) &&
    isPercentEncoded(url.password);
  if (!fits) {
    throw new ConfigError(
      'usage',
      'LATCHKEY_SMTP_URL must be like smtps://user:password@mail.example.com:465, with what is special in ' +
        'user or password percent-encoded.',
    );
  }
  return new Secret(text);
}

function isPercentEncoded(text: string): boolean {
  try {
    return decodeURIComponent(text).isWellFormed();
  } catch {
    return false;
  }
}

/** What people see of their own log (ghes-spec 1.1). */
const LEAST_AUDIT_DAYS = 90;

function readAuditDays(text: string | undefined): number {
  if (text === undefined || text === '') return defaultAuditDays;
  const days = readNumber('LATCHKEY_AUDIT_DAYS', text, 'count');
  if (days >= LEAST_AUDIT_DAYS && days <= 36_500) return days;
  throw new ConfigError(
    'usage',
    `LATCHKEY_AUDIT_DAYS must be a number of days from ${LEAST_AUDIT_DAYS} to 36500, like ${defaultAuditDays}.`,
  );
}

function readLimits(env: Environment): Limits {
  const limit = (variable: string, unit: 'count' | 'bytes' | 'seconds', otherwise: number): number => {
    const text = env[variable];
    return text === undefined || text === '' ? otherwise : readNumber(variable, text, unit);
  };
  return Object.freeze({
    pushBytes: limit('LATCHKEY_LIMIT_PUSH_SIZE', 'bytes', defaultLimits.pushBytes),
    repositoryBytes: limit('LATCHKEY_LIMIT_REPOSITORY_SIZE', 'bytes', defaultLimits.repositoryBytes),
    gitProcesses: limit('LATCHKEY_LIMIT_GIT_PROCESSES', 'count', defaultLimits.gitProcesses),
    gitQueue: limit('LATCHKEY_LIMIT_GIT_QUEUE', 'count', defaultLimits.gitQueue),
    gitRequestMs: 1000 * limit('LATCHKEY_LIMIT_GIT_SECONDS', 'seconds', defaultLimits.gitRequestMs / 1000),
    connections: limit('LATCHKEY_LIMIT_CONNECTIONS', 'count', defaultLimits.connections),
    headersMs: 1000 * limit('LATCHKEY_LIMIT_HEADERS_SECONDS', 'seconds', defaultLimits.headersMs / 1000),
    bodyMs: 1000 * limit('LATCHKEY_LIMIT_BODY_SECONDS', 'seconds', defaultLimits.bodyMs / 1000),
    // Thirty seconds are what supervisors are told to wait: never longer.
    stopMs: Math.min(
      defaultLimits.stopMs,
      1000 * limit('LATCHKEY_LIMIT_STOP_SECONDS', 'seconds', defaultLimits.stopMs / 1000),
    ),
  });
}
