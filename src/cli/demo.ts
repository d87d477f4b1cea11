// `latchkey demo`: the main job from beginning to end, on a server of its own that is gone afterwards. Every command
// is really run, and its real output shown; exit status 0 only if each went as told.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { Secret } from '../secrets/secret.ts';
import { type CommonOptions, command } from './context.ts';
import { Failure } from './failure.ts';
import { openStage, type Person, type Ran, type Stage } from './stage.ts';
import { print, printJson, type Terminal } from './terminal.ts';

/** Longer lines of output are cut. */
const MAX_LINE_LENGTH = 160;

/** What has to come of a step. */
interface Expected {
  readonly status: 'done' | 'refused';
  /** Has to stand in the output. */
  readonly says?: RegExp;
}

interface Step {
  /** As a person would type it. */
  readonly shown: string;
  readonly as: string;
  readonly run: () => Promise<Ran>;
  readonly expected: Expected;
}

/** One step's outcome, for --json. */
interface Told {
  readonly as: string;
  readonly command: string;
  readonly status: number;
  readonly output: string;
  readonly as_told: boolean;
}

const done: Expected = { status: 'done' };

/** The command itself succeeds, and tells of an answer. */
function says(answer: RegExp): Expected {
  return { status: 'done', says: answer };
}

export function addDemoCommand(program: Command, terminal: Terminal): void {
  command(program, 'demo', 'show the main job on a server of its own, which is gone afterwards', [
    'latchkey demo',
  ]).action(async (options: CommonOptions) => {
    const isJson = options.json === true;
    const told: Told[] = [];
    const tellOf = (line: string): void => {
      if (!isJson) print(terminal, line);
    };
    const end = endAtSignals();
    const stage = await openStage(terminal);
    try {
      await play(stage, tellOf, told);
    } finally {
      await stage.close();
      end();
      if (isJson) printJson(terminal, { steps: told });
    }
    tellOf(`\nAll ${told.length} steps went as told. Nothing is left of them.`);
  });
}

/** A signal ends the process by way of its exit handlers, which clear the stage. */
function endAtSignals(): () => void {
  const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  const stops = Object.entries(signals).map(([signal, status]) => {
    const stop = (): never => process.exit(status);
    process.on(signal, stop);
    return () => process.off(signal, stop);
  });
  return () => {
    for (const stop of stops) stop();
  };
}

async function play(stage: Stage, say: (line: string) => void, told: Told[]): Promise<void> {
  const perform = async (step: Step): Promise<Ran> => {
    say(`\n${step.as}$ ${step.shown}`);
    const ran = await step.run();
    const output = shown(ran.text);
    if (output !== '') say(output);
    const asTold = isAsTold(ran, step.expected);
    told.push({ as: step.as, command: step.shown, status: ran.status, output, as_told: asTold });
    if (!asTold)
      throw new Failure(`That is not as told: the command should have been ${step.expected.status}.`);
    return ran;
  };
  const operator = (shown: string, args: readonly string[], input?: string): Promise<Ran> =>
    perform({
      shown: `latchkey ${shown}`,
      as: 'operator',
      run: () => stage.latchkey(args, input),
      expected: done,
    });

  say(`A server in a temporary directory answers at ${stage.url}`);
  say('\n# Two people, a public and a private repository, and a token for each person');
  for (const login of ['ada', 'ben']) {
    const words = ['user', 'create', login, '--email', `${login}@example.com`, '--password-stdin'];
    await operator(`${words.join(' ')} < password.txt`, words, `long enough for ${login} to remember\n`);
  }
  for (const words of ['repo create ada/notes --public', 'repo create ada/plans --private']) {
    await operator(words, words.split(' '));
  }
  const ada = stage.person('ada');
  const ben = stage.person('ben');
  for (const [person, login, scopes] of [
    [ada, 'ada', '--scopes repo'],
    [ben, 'ben', ''],
  ] as const) {
    const words = `token create --user ${login} --note demo ${scopes}`.trim();
    const { stdout } = await operator(words, words.split(' '));
    person.keep(new Secret(stdout.trim()));
  }

  const git = (as: 'ada' | 'ben', words: string, expected: Expected, folder = ''): Promise<Ran> => {
    const person = as === 'ada' ? ada : ben;
    const cwd = join(person.folder, folder);
    const run = () => stage.run('git', words.split(' '), { cwd, env: person.env });
    return perform({ shown: `git ${words}`, as: folder === '' ? as : `${as} ${folder}`, run, expected });
  };
  const api = (as: 'ada' | 'ben', path: string, expected: Expected): Promise<Ran> =>
    perform(apiStep(stage, as, as === 'ada' ? ada : ben, path, expected));

  say('\n# Ada clones with the token as her password, commits and pushes');
  for (const name of ['notes', 'plans']) {
    await git('ada', `clone --quiet ${stage.url}/ada/${name}.git`, done);
    writeFileSync(join(ada.folder, name, 'README.md'), `# ${name}\n`);
    await git('ada', 'add README.md', done, name);
    await git('ada', 'commit --quiet --message=First', done, name);
    await git('ada', 'push origin HEAD', done, name);
  }

  say('\n# The same token opens the API');
  await api('ada', '/user', says(/"login": ?"ada".*HTTP 200/s));
  await api('ada', '/repos/ada/plans', says(/"private": ?true.*HTTP 200/s));

  say('\n# Ben’s token has no scope: what is public can be read, nothing more');
  await git('ben', `clone ${stage.url}/ada/notes.git`, done);
  writeFileSync(join(ben.folder, 'notes', 'ben.md'), 'Ben was here\n');
  await git('ben', 'add ben.md', done, 'notes');
  await git('ben', 'commit --quiet --message=Mine', done, 'notes');
  await git('ben', 'push origin HEAD', { status: 'refused', says: /403/ }, 'notes');
  await git('ben', `clone ${stage.url}/ada/plans.git`, { status: 'refused', says: /not found/ });
  await api('ben', '/repos/ada/plans', says(/HTTP 404/));

  say('\n# Ada’s token is deleted: it is dead everywhere at once');
  const { stdout } = await operator('token list', ['token', 'list']);
  const id = /^(\d+) +ada /m.exec(stdout)?.[1] ?? '';
  await operator(`token revoke ${id}`, ['token', 'revoke', id]);
  await git('ada', 'fetch', { status: 'refused', says: /Authentication failed/ }, 'plans');
  await git('ada', 'push origin HEAD', { status: 'refused', says: /Authentication failed/ }, 'notes');
  await api('ada', '/user', says(/HTTP 401/));
}

/** A call of the API, by curl where there is one and otherwise by this program itself. */
function apiStep(stage: Stage, as: string, person: Person, path: string, expected: Expected): Step {
  const url = `${stage.url}/api/v3${path}`;
  const format = 'HTTP %{http_code}';
  return {
    as,
    expected,
    shown: `curl --silent --write-out '\\n${format}\\n' --header @token.header ${url}`,
    run: async () => {
      const args = ['--silent', '--write-out', `\n${format}\n`, '--header', `@${person.headerFile}`, url];
      try {
        return await stage.run('curl', args);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        return fetchAsCurl(person, url);
      }
    },
  };
}

async function fetchAsCurl(person: Person, url: string): Promise<Ran> {
  const [, authorization = ''] = readFileSync(person.headerFile, 'utf8').trim().split(': ');
  const response = await fetch(url, { headers: { authorization } });
  const text = `${await response.text()}\nHTTP ${response.status}\n`;
  return { status: 0, stdout: text, text };
}

function isAsTold(ran: Ran, { status, says }: Expected): boolean {
  return (ran.status === 0) === (status === 'done') && (says === undefined || says.test(ran.text));
}

/** What may be shown: no token but its last characters, as the list of tokens has them, and no endless line. */
function shown(text: string): string {
  const lines = text
    .replaceAll(/\b(gh[a-z]_)\w{28}(\w{8})\b/g, '$1…$2')
    .trim()
    .split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => (line.length > MAX_LINE_LENGTH ? `${line.slice(0, MAX_LINE_LENGTH)}…` : line))
    .join('\n');
}
