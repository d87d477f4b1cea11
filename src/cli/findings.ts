// What `latchkey doctor` looks at on the machine: git, folders, space, the address to listen on, the certificate.
// Each look changes nothing and ends in one finding, with how to mend what is wrong.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { constants } from 'node:fs';
import { access, readFile, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Config } from '../config/config.ts';
import { tryGit } from '../process/git.ts';

export interface Finding {
  readonly name: string;
  /** Only `wrong` makes the doctor's exit status 1. */
  readonly state: 'ok' | 'warning' | 'wrong';
  readonly message: string;
  /** What to do; where all is well, nothing. */
  readonly mend?: string;
}

const OLDEST_GIT = [2, 39] as const;
const DAY_MS = 24 * 60 * 60_000;
const CERTIFICATE_WARNING_DAYS = 21;
const LEAST_FREE_BYTES = 256 * 1024 ** 2;

export async function lookAtGit(): Promise<Finding> {
  const name = 'git';
  const mend = `install git ${OLDEST_GIT.join('.')} or newer, where the server's PATH finds it`;
  let text: string;
  try {
    text = (await tryGit(['--version'])).stdout.toString('utf8').trim();
  } catch {
    return { name, state: 'wrong', message: 'git is not installed', mend };
  }
  const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(text) ?? []).map(Number);
  const isNew = major > OLDEST_GIT[0] || (major === OLDEST_GIT[0] && minor >= OLDEST_GIT[1]);
  return isNew
    ? { name, state: 'ok', message: text }
    : { name, state: 'wrong', message: `${text} is too old`, mend };
}

/** Exists, is ours to write, and nobody else's to read. */
export async function lookAtFolder(name: string, folder: string): Promise<Finding> {
  const found = await stat(folder).catch(() => null);
  if (found === null) {
    const message = `${folder} does not exist yet: the first start makes it`;
    return {
      name,
      state: 'warning',
      message,
      mend: 'if Latchkey was started before, name its folder with --data',
    };
  }
  if (!found.isDirectory()) {
    return { name, state: 'wrong', message: `${folder} is not a folder`, mend: 'move it out of the way' };
  }
  const isWritable = await access(folder, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!isWritable) {
    const mend = `run this as the user that runs the server, or: chown -R THAT_USER ${folder}`;
    return { name, state: 'wrong', message: `${folder} can't be read and written by this user`, mend };
  }
  if ((found.mode & 0o077) !== 0) {
    const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
    const message = `${folder} is open to other users of this machine (${mode})`;
    return { name, state: 'wrong', message, mend: `chmod 700 ${folder}` };
  }
  if (process.getuid?.() !== found.uid) {
    const message = `${folder} belongs to another user than the one who runs this`;
    return { name, state: 'warning', message, mend: `run latchkey as the user of number ${found.uid}` };
  }
  return { name, state: 'ok', message: `${folder} is ours alone` };
}

export async function lookAtSpace(folder: string, wantedBytes: number): Promise<Finding | null> {
  const name = 'disk space';
  const space = await statfs(folder).catch(() => null);
  if (space === null) return null;
  const free = space.bavail * space.bsize;
  const message = `${size(free)} free at ${folder}`;
  const mend = 'free some, or move the data directory to a larger disk';
  if (free < LEAST_FREE_BYTES) return { name, state: 'wrong', message: `only ${message}`, mend };
  if (free < wantedBytes) {
    return {
      name,
      state: 'warning',
      message: `${message}: less than the largest push (${size(wantedBytes)})`,
      mend,
    };
  }
  return { name, state: 'ok', message };
}

function size(bytes: number): string {
  return bytes < 1024 ** 3 ? `${Math.floor(bytes / 1024 ** 2)} MiB` : `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}

/** Is the address free, or is it Latchkey that answers there? */
export async function lookAtAddress({ listen, tls }: Config): Promise<Finding> {
  const name = 'address';
  const address = `${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${listen.port}`;
  const code = await tryToListen(listen.host, listen.port);
  if (code === null) return { name, state: 'ok', message: `${address} is free` };
  if (code === 'EADDRINUSE') {
    if (await latchkeyAnswers(`${tls === null ? 'http' : 'https'}://${address}`)) {
      return { name, state: 'ok', message: `Latchkey answers at ${address}` };
    }
    const mend = 'stop the program that has it, or choose another with --listen';
    return { name, state: 'wrong', message: `${address} is taken by another program`, mend };
  }
  const reason = code === 'EACCES' ? 'is not allowed to this user' : `can't be had (${code})`;
  return { name, state: 'wrong', message: `${address} ${reason}`, mend: 'choose another with --listen' };
}

/** @returns null when it went well, otherwise the error's code */
function tryToListen(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port }, () => server.close(() => resolve(null)));
  });
}

async function latchkeyAnswers(base: string): Promise<boolean> {
  try {
    const response = await fetch(`${base}/healthz`, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.headers.has('x-github-request-id');
  } catch (error) {
    // Somebody speaks TLS there, with a certificate for another name than the address: as ours would.
    return base.startsWith('https') && /certificate|ALTNAME|CERT/i.test(String((error as Error).cause));
  }
}

/** Fits the key, fits the name in links, and is valid today and for some weeks. */
export async function lookAtCertificate({ tls, url }: Config, now: number): Promise<Finding | null> {
  const name = 'certificate';
  if (tls === null) return null;
  const mend = `put the right files at ${tls.certFile} and ${tls.keyFile}, then send the server SIGHUP`;
  const wrong = (message: string): Finding => ({ name, state: 'wrong', message, mend });
  try {
    const certificate = new X509Certificate(await readFile(tls.certFile));
    const key = createPrivateKey(await readFile(tls.keyFile));
    if (!certificate.checkPrivateKey(key)) return wrong(`${tls.keyFile} is not the key of ${tls.certFile}`);
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
    if (certificate.checkHost(host) === undefined && certificate.checkIP(host) === undefined) {
      return wrong(`${tls.certFile} is not made out to ${host}`);
    }
    const from = Date.parse(certificate.validFrom);
    const until = Date.parse(certificate.validTo);
    const day = (instant: number) => new Date(instant).toISOString().slice(0, 10);
    if (from > now) return wrong(`${tls.certFile} is valid only from ${day(from)} on`);
    if (until <= now) return wrong(`${tls.certFile} has expired on ${day(until)}`);
    const message = `${tls.certFile} is valid until ${day(until)}`;
    if (until - now < CERTIFICATE_WARNING_DAYS * DAY_MS) return { name, state: 'warning', message, mend };
    return { name, state: 'ok', message };
  } catch (error) {
    return wrong(`the certificate or its key can't be read (${(error as Error).message})`);
  }
}
