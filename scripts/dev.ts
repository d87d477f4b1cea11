// Builds again on every change of src/, and restarts the server on every change of dist/. Arguments go to
// `latchkey serve`. Files that pages ask for are copied by the build at the start only.
import { execFileSync, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { watch } from 'rolldown';
import { bundle } from './bundle.ts';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
execFileSync(process.execPath, ['scripts/build.ts'], { stdio: 'inherit' });

const watcher = watch({ ...bundle, output: { ...bundle.output, sourcemap: true } });
watcher.on('event', (event) => {
  if (event.code === 'ERROR') process.stderr.write(`${event.error.message}\n`);
});

const server = spawn(
  process.execPath,
  [
    '--enable-source-maps',
    '--watch',
    '--watch-preserve-output',
    'dist/main.js',
    'serve',
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
);

function stop(): void {
  server.kill('SIGTERM');
  void watcher.close();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
server.on('exit', stop);
