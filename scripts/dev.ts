// Builds, then compiles on every change of src/ and restarts the server on every change of dist/. Arguments go to
// `latchkey serve`. Files that pages ask for are copied by the build at the start only.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
execFileSync(process.execPath, ['scripts/build.ts'], { stdio: 'inherit' });

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, args, { stdio: 'inherit' });
}

const children = [
  start(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--watch', '--preserveWatchOutput']),
  start(['--watch', '--watch-preserve-output', 'dist/main.js', 'serve', ...process.argv.slice(2)]),
];

function stop(): void {
  for (const child of children) child.kill('SIGTERM');
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
for (const child of children) child.on('exit', stop);
