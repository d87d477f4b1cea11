// A server as clients find it: the real, built one, by a name of its own, over TLS with a certificate that the
// machine trusts, on port 443; or gh's host for development, over plain HTTP on port 80. Only in the network that
// scripts/test-clients.ts makes.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { startServer, type TestServer } from '../scenarios/server.ts';
import { addresses, type HostName, plainHost } from './names.ts';
import type { ProgramName } from './programs.ts';

const directory = process.env.LATCHKEY_CLIENTS ?? '';
const missing = (process.env.LATCHKEY_CLIENTS_MISSING ?? '').split(' ');

/** For `describe.skipIf`: CI doesn't come so far. */
export function isMissing(name: ProgramName): boolean {
  return missing.includes(name);
}

export interface Place extends AsyncDisposable {
  /** As in `gh auth login --hostname`. */
  readonly host: string;
  /** `https://HOST`, without a slash. */
  readonly url: string;
  readonly server: TestServer;
}

/** Where the test's authority lies, for clients that don't ask the system. */
export const authorityFile = join(directory, 'authority.pem');

export async function openPlace(host: HostName): Promise<Place> {
  if (directory === '') throw new Error('these tests run by: npm run test:clients');
  const ca = {
    cert: await readFile(authorityFile, 'utf8'),
    key: await readFile(join(directory, 'authority.key'), 'utf8'),
  };
  const made = await generate([{ name: 'commonName', value: host }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: host }] }],
  });
  const files = { cert: join(directory, `${host}.pem`), key: join(directory, `${host}.key`) };
  await writeFile(files.cert, made.cert);
  await writeFile(files.key, made.private, { mode: 0o600 });
  const args = ['--tls-cert', files.cert, '--tls-key', files.key];
  return place(host, `https://${host}`, `${addresses[host]}:443`, args);
}

/** `http://github.localhost` and `http://api.github.localhost`: there is but one, so but one test file has it. */
export function openPlainPlace(): Promise<Place> {
  return place(plainHost, `http://${plainHost}`, '127.0.0.1:80', []);
}

async function place(host: string, url: string, listen: string, more: readonly string[]): Promise<Place> {
  const server = await startServer({ listen, args: ['--url', url, ...more] });
  return { host, url, server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
