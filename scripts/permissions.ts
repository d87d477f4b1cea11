// Writes docs/permissions.md: runs the test that measures every route, and lets it write what it measured.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const test = 'test/permissions/permissions.test.ts';
const vitest = ['node_modules/vitest/vitest.mjs', 'run', test, '--update'];
process.exitCode = spawnSync(process.execPath, vitest, { stdio: 'inherit' }).status ?? 1;
