// Tries the clients that people have, real and unmodified, against the built server (test/clients/), and writes what
// was tried with what result to docs/clients.md. They run in a Linux namespace with a network that is nothing but
// loopback, so that ports 443 and 80 are free and nobody else is reached, and with an /etc/hosts and a certificate
// authority of their own, as if the machine's administrator had set them up. Neither needs root where the kernel lets
// people make namespaces.
// usage: node scripts/test-clients.ts [FILE…]   with files only those, and nothing is written to docs/
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generate } from 'selfsigned';
import { hostsFile } from '../test/clients/names.ts';
import { type ProgramName, programs, versionOf } from '../test/clients/programs.ts';
import { readResults, resultsIn, type Tried, tableOf, withResults } from '../test/clients/results.ts';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const ci = process.env.CI !== undefined && process.env.CI !== '';
const only = process.argv.slice(2);
const document = 'docs/clients.md';
const report = 'test-output/clients.json';
/** Where Go, GnuTLS, Python and most others look for the authorities of the system; Debian's place. */
const systemAuthorities = '/etc/ssl/certs/ca-certificates.crt';

function say(text: string): void {
  process.stderr.write(`\n!!! ${text}\n\n`);
}

/** Says how namespaces can be made here. @returns null if they can't */
function namespaces(): readonly string[] | null {
  const ways = [
    ['--mount', '--net'],
    ['--map-root-user', '--mount', '--net'],
  ];
  return ways.find((way) => spawnSync('unshare', [...way, 'true']).status === 0) ?? null;
}

async function main(): Promise<number> {
  const missing = (Object.keys(programs) as ProgramName[]).filter((name) => versionOf(name) === null);
  if (missing.length > 0) {
    const packages = missing.map((name) => programs[name].package).join(' ');
    say(`Not tried, since not installed: ${missing.join(', ')}. On Debian: apt-get install ${packages}`);
    if (ci) return 1;
  }
  const way = namespaces();
  if (way === null || !existsSync(systemAuthorities)) {
    say(
      'The clients can be tried on Linux only, with the packages util-linux and ca-certificates, as root or where ' +
        'people may make namespaces (sysctl kernel.unprivileged_userns_clone=1).',
    );
    return 1;
  }

  const place = mkdtempSync(join(tmpdir(), 'latchkey-clients-'));
  try {
    await prepare(place);
    rmSync(report, { force: true });
    const inside = [
      'mount --bind "$PLACE/hosts" /etc/hosts',
      `mount --bind "$PLACE/authorities.pem" ${systemAuthorities}`,
      // SIOCSIFFLAGS, IFF_UP and IFF_RUNNING: `ip` is not everywhere.
      `python3 -c 'import fcntl,socket,struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14x", b"lo", 0x41))'`,
      'exec "$@"',
    ].join(' && ');
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.clients.config.ts', ...only];
    const { status } = spawnSync('unshare', [...way, 'sh', '-c', inside, 'sh', process.execPath, ...vitest], {
      stdio: 'inherit',
      env: {
        ...process.env,
        PLACE: place,
        LATCHKEY_CLIENTS: place,
        LATCHKEY_CLIENTS_MISSING: missing.join(' '),
        NODE_EXTRA_CA_CERTS: join(place, 'authority.pem'),
      },
    });
    if (only.length > 0) return status ?? 1;
    return writeDown(status === 0, missing.length === 0);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** An authority whose certificates last for this run, and the files that stand in for the system's. */
async function prepare(place: string): Promise<void> {
  const authority = await generate([{ name: 'commonName', value: 'Authority of the tests' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  writeFileSync(join(place, 'authority.pem'), authority.cert);
  writeFileSync(join(place, 'authority.key'), authority.private, { mode: 0o600 });
  writeFileSync(join(place, 'authorities.pem'), authority.cert);
  writeFileSync(join(place, 'hosts'), hostsFile());
}

/**
 * In CI the table of docs/clients.md has to tell what was tried now, with the same outcome; versions may differ.
 * Elsewhere it is written.
 */
function writeDown(ok: boolean, complete: boolean): number {
  if (!existsSync(report)) return 1;
  const results = readResults(readFileSync(report, 'utf8'));
  mkdirSync('test-output', { recursive: true });
  writeFileSync('test-output/clients.md', tableOf(results));
  if (!ok) return 1;
  const text = readFileSync(document, 'utf8');
  if (!ci) {
    if (complete) writeFileSync(document, withResults(text, results));
    return 0;
  }
  const key = ({ program, what, outcome }: Tried) => `${program} | ${what} | ${outcome}`;
  const told = resultsIn(text).map(key);
  const tried = results.map(key);
  const wrong = [
    ...tried.filter((one) => !told.includes(one)).map((one) => `is not told: ${one}`),
    ...told.filter((one) => !tried.includes(one)).map((one) => `was not tried: ${one}`),
  ];
  if (wrong.length === 0) return 0;
  say(`${document} is not up to date; npm run test:clients writes it.\n${wrong.join('\n')}`);
  return 1;
}

process.exitCode = await main();
