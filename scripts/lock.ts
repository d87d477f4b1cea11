// Completes package-lock.json. npm leaves a package for another platform out of the lock when the registry in
// use does not offer it, and `npm ci` then refuses the lock as out of step. Run by `npm run lock`, which is how
// dependencies are changed. Only platform packages of development tools are ever added here, so nothing that
// runs in production goes without the hash that npm writes.
import { readFileSync, writeFileSync } from 'node:fs';

interface Entry {
  version?: string;
  optional?: boolean;
  dev?: boolean;
  optionalDependencies?: Record<string, string>;
  [field: string]: unknown;
}

const platform =
  /-(?<os>aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-(?<cpu>[a-z0-9]+)(?:-(?<abi>\w+))?$/;

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> };
const added: string[] = [];

for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    if (lock.packages[place] !== undefined || lock.packages[`${path}/${place}`] !== undefined) continue;
    const { os, cpu, abi } = platform.exec(name)?.groups ?? {};
    if (os === undefined || cpu === undefined)
      throw new Error(`${name}, wanted by ${path}, tells no platform`);
    if (entry.dev !== true) throw new Error(`${name}, wanted by ${path}, runs in production and has no hash`);
    lock.packages[place] = {
      version,
      cpu: [cpu],
      dev: true,
      ...(os === 'linux' && abi !== undefined ? { libc: [abi.startsWith('musl') ? 'musl' : 'glibc'] } : {}),
      optional: true,
      os: [os],
    };
    added.push(name);
  }
}

const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = Object.fromEntries(sorted);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
if (added.length > 0) console.log(`Added to package-lock.json: ${added.join(', ')}`);
