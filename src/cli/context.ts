// What every command but `serve` stands on: the database and the folders, opened for one command and closed after
// it. A running server sees what a command did at once, since both look into the same database.
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { pino } from 'pino';
import { findNode, NodeKeyError, openNode, passingNode } from '../audit/node.ts';
import { createWitness } from '../audit/witness.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { type Acting, type Node, operator } from '../context.ts';
import { DatabaseTooNewError, type Db, openDatabase } from '../db/database.ts';
import { readSetting } from '../db/settings.ts';
import { systemRandom } from '../secrets/secret.ts';
import { Failure } from './failure.ts';
import { type Terminal, tell } from './terminal.ts';

/** The flags that every command takes. */
export interface CommonOptions {
  readonly data?: string;
  readonly database?: string;
  readonly json?: boolean;
}

/** The variables that say where things are. The others are the server's: here, they could only be in the way. */
const variables = [
  'LATCHKEY_DATA',
  'LATCHKEY_DATABASE_URL',
  'LATCHKEY_REPOSITORIES',
  'LATCHKEY_URL',
  'LATCHKEY_IMPORT_FROM_PRIVATE_ADDRESSES',
  'LATCHKEY_LIMIT_REPOSITORY_SIZE',
  'LATCHKEY_LIMIT_GIT_SECONDS',
] as const;

function configOf(terminal: Terminal, { data, database }: CommonOptions): Config {
  const flags = { ...(data === undefined ? {} : { data }), ...(database === undefined ? {} : { database }) };
  return loadConfig(flags, Object.fromEntries(variables.map((name) => [name, terminal.env[name]])));
}

/** A command with the common flags, and examples at the end of its help. */
export function command(
  parent: Command,
  words: string,
  description: string,
  examples: readonly string[],
): Command {
  return parent
    .command(words)
    .description(description)
    .option('--data <dir>', 'where Latchkey keeps everything (LATCHKEY_DATA; default ./data)')
    .option('--database <url>', 'another database (LATCHKEY_DATABASE_URL; default: in the data directory)')
    .option('--json', 'print JSON, for scripts')
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`);
}

export interface OpenOptions {
  /** May the command be the first that is ever run? Otherwise a missing database is a wrong folder. */
  readonly create?: boolean;
  /** Does it change nothing at all? Then it doesn't make what is missing either. */
  readonly looksOnly?: boolean;
}

/** Opens what the command works on, does the work and closes it, whatever comes of it. */
export async function withContext<T>(
  terminal: Terminal,
  options: CommonOptions,
  work: (ctx: Acting) => Promise<T>,
  { create = false, looksOnly = false }: OpenOptions = {},
): Promise<T> {
  const config = configOf(terminal, options);
  if (!create && !existsSync(config.databaseFile)) {
    throw new Failure(
      `There is no Latchkey in ${config.dataDirectory}: name its folder with --data, or start it once with "latchkey serve".`,
    );
  }
  const node = await openNodeOf(config, looksOnly);
  const db = await open(config.databaseFile);
  try {
    const url = terminal.env.LATCHKEY_URL === undefined ? await readSetting(db, 'url') : null;
    const ctx: Acting = {
      config: url === null ? config : { ...config, url },
      db,
      now: Date.now,
      random: systemRandom,
      log: pino({ level: 'silent' }),
      by: operator,
      node,
    };
    const result = await work(ctx);
    // What the command has logged is witnessed before it says that it is done.
    if (!looksOnly) await keepWitness(terminal, ctx);
    return result;
  } finally {
    await db.destroy();
  }
}

/** It is done, whether or not this goes well: then the server, or the next command, does it. */
async function keepWitness(terminal: Terminal, ctx: Acting): Promise<void> {
  try {
    await createWitness(ctx).keep();
  } catch (error) {
    tell(terminal, `The witness of the security log could not be written (${(error as Error).message}).`);
  }
}

async function openNodeOf(config: Config, looksOnly: boolean): Promise<Node> {
  try {
    return looksOnly ? ((await findNode(config)) ?? passingNode()) : await openNode(config);
  } catch (error) {
    if (error instanceof NodeKeyError) throw new Failure(error.message);
    throw error;
  }
}

async function open(file: string): Promise<Db> {
  try {
    return await openDatabase(file);
  } catch (error) {
    if (error instanceof DatabaseTooNewError) throw error;
    throw new Failure(
      `The database ${file} can't be opened (${(error as Error).message}): run "latchkey doctor".`,
    );
  }
}
