// Writes docs/permissions.md: runs the tests that measure every route, and git, one after the other, and lets them
// write what they measured.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const tests = ['test/permissions/permissions.test.ts', 'test/scenarios/permissions.test.ts'];
const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...tests, '--update', '--no-file-parallelism'];
process.exitCode = spawnSync(process.execPath, vitest, { stdio: 'inherit' }).status ?? 1;
