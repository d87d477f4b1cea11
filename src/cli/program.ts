// The command line: every command is a file beside this one that adds itself to the program.
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/problem.ts';
import { ExitStatus, UsageError } from './failure.ts';
import { type Terminal, tell } from './terminal.ts';

/** The package's own; from src/cli and dist/cli it is equally far. */
const { version } = createRequire(import.meta.url)('../../package.json') as { readonly version: string };

/** Adds one command, with its help, to the program. */
export type AddCommand = (program: Command, terminal: Terminal) => void;

/**
 * Runs one command.
 * @param args as after `latchkey`
 * @returns the exit status: 0 done, 1 refused or failed, 2 wrong usage
 */
export async function run(
  args: readonly string[],
  terminal: Terminal,
  commands: readonly AddCommand[],
): Promise<number> {
  const program = new Command('latchkey')
    .description(
      'A self-hosted Git server whose personal access tokens work as GitHub Enterprise Server’s do.',
    )
    .version(version, '--version', 'print the version of this Latchkey')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      // Said by `explain`, as all other errors are.
      outputError: () => undefined,
    });
  for (const add of commands) add(program, terminal);
  try {
    if (args.length === 0) throw new UsageError('which command? See latchkey --help.');
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof ExitStatus) return error.status;
    return explain(error, terminal, commandWords(program, args));
  }
}

function explain(error: unknown, terminal: Terminal, words: readonly string[]): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    if (error.code === 'commander.help') return 2;
    const help = ['latchkey', ...words, '--help'].join(' ');
    tell(terminal, `latchkey: ${sentence(error.message.replace(/^error: /, ''))} See "${help}".`);
    return 2;
  }
  const message = error instanceof Error ? error.message : String(error);
  tell(terminal, `latchkey: ${sentence(message)}`);
  const isUsage = error instanceof UsageError || (error instanceof ConfigError && error.kind === 'usage');
  return isUsage ? 2 : 1;
}

/** The names of the command that the arguments begin with: `token`, `create`. */
function commandWords(program: Command, args: readonly string[]): readonly string[] {
  const [first, ...rest] = args;
  const found = program.commands.find((command) => command.name() === first);
  return found === undefined ? [] : [found.name(), ...commandWords(found, rest)];
}

/** One line that ends as sentences end, without the token that somebody may have typed by mistake. */
function sentence(text: string): string {
  const line = text
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll(/\bgh[a-z]_\w+/g, '[secret]');
  return /[.!?)]$/.test(line) ? line : `${line}.`;
}
