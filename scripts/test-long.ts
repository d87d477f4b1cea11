// Runs every test at full size (LATCHKEY_LONG=1), and writes what came of it, with date and commit, to
// docs/test-results.md. Run before a release, on a commit without local changes; its outcome is committed.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

/** The JSON report of vitest, as far as it is told on. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly startTime: number;
    readonly endTime: number;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

interface Step {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
}

const report = 'test-output/long.json';
mkdirSync('test-output', { recursive: true });
rmSync(report, { force: true });

const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
const commit = git('rev-parse', 'HEAD');
const isChanged = git('status', '--porcelain', '--untracked-files=no') !== '';

function run(name: string, program: string, args: readonly string[]): Step {
  console.log(`\n— ${name}`);
  const begun = performance.now();
  const { status } = spawnSync(program, args, {
    stdio: 'inherit',
    env: { ...process.env, LATCHKEY_LONG: '1' },
  });
  return { name, ok: status === 0, seconds: (performance.now() - begun) / 1000 };
}

const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json'];
const begunAt = new Date();
const steps = [
  run('build', process.execPath, ['scripts/build.ts']),
  run('types, style, layout, dead code', 'npm', ['run', '--silent', 'check']),
  run('each row of the permissions changed in turn', process.execPath, ['scripts/mutate-permissions.ts']),
  run('tests', process.execPath, [...vitest, `--outputFile=${report}`]),
  run('from a fresh clone to an installed package', 'test/install.sh', ['--clone']),
];

const { testResults, numPassedTests, numFailedTests } = readReport();
const failures = testResults.flatMap(({ assertionResults }) =>
  assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
);
const ok = steps.every((step) => step.ok);

const lines = [
  '# Test results',
  '',
  `The long run of ${begunAt.toISOString().slice(0, 10)}, on commit \`${commit}\`${isChanged ? ' with local changes' : ''}: ` +
    `**${ok ? 'all passed' : 'failed'}**, ${numPassedTests} tests passed, ${numFailedTests} failed.`,
  '',
  `${process.platform}-${process.arch}, ${cpus().length} cores, ${Math.round(totalmem() / 1024 ** 3)} GiB; ` +
    `Node ${process.versions.node}, ${git('--version')}.`,
  '',
  '| Step | Outcome | Time |',
  '| --- | --- | --- |',
  ...steps.map(
    ({ name, ok, seconds }) => `| ${name} | ${ok ? 'passed' : '**failed**'} | ${duration(seconds)} |`,
  ),
  '',
  '| Tests in | Passed | Failed | Time |',
  '| --- | --- | --- | --- |',
  ...testResults
    .map(({ name, startTime, endTime, assertionResults }) => {
      const count = (status: string) => assertionResults.filter((one) => one.status === status).length;
      const file = name.slice(process.cwd().length + 1);
      return `| ${file} | ${count('passed')} | ${count('failed')} | ${duration((endTime - startTime) / 1000)} |`;
    })
    .sort(),
  ...(failures.length === 0 ? [] : ['', 'Failed:', '', ...failures.map((name) => `- ${name}`)]),
];
writeFileSync('docs/test-results.md', `${lines.join('\n')}\n`);
console.log(`\ndocs/test-results.md: ${ok ? 'all passed' : 'failed'}`);
process.exitCode = ok ? 0 : 1;

/** A run that ended before its report was written counts as a failed one without tests. */
function readReport(): Report {
  try {
    return JSON.parse(readFileSync(report, 'utf8')) as Report;
  } catch (error) {
    console.error(`No report of the tests: ${(error as Error).message}`);
    return { testResults: [], numPassedTests: 0, numFailedTests: 0 };
  }
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
