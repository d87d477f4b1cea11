// `latchkey doctor`: looks at everything that Latchkey stands on, changes nothing, and says how to mend what is
// wrong. Works beside a running server.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import type { Context } from '../context.ts';
import { inspectDatabase } from '../db/inspect.ts';
import { repositoryDirectory, repositoryIdIn } from '../repositories/storage.ts';
import { type CommonOptions, command, withContext } from './context.ts';
import { Failure } from './failure.ts';
import {
  type Finding,
  lookAtAddress,
  lookAtCertificate,
  lookAtFolder,
  lookAtGit,
  lookAtSpace,
} from './findings.ts';
import { lookAtLog } from './log-findings.ts';
import { lookAtMailServer, lookAtMails } from './mail-finding.ts';
import { everyRepository } from './repo.ts';
import { print, printJson, type Terminal } from './terminal.ts';

interface DoctorOptions extends CommonOptions {
  readonly listen?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

export function addDoctorCommand(program: Command, terminal: Terminal): void {
  command(program, 'doctor', 'look for what is wrong with the installation, and say how to mend it', [
    'latchkey doctor',
    'latchkey doctor --data /var/lib/latchkey --json',
  ])
    .option(
      '--listen <address>',
      'where the server listens, or will (LATCHKEY_LISTEN; default 127.0.0.1:3000)',
    )
    .option('--tls-cert <file>', 'its certificate (LATCHKEY_TLS_CERT)')
    .option('--tls-key <file>', "its certificate's key (LATCHKEY_TLS_KEY)")
    .action(async (options: DoctorOptions) => {
      const findings = await examine(terminal, options);
      if (options.json === true) printJson(terminal, findings);
      else for (const finding of findings) show(terminal, finding);
      const wrong = findings.filter(({ state }) => state === 'wrong');
      if (wrong.length === 0) return;
      throw new Failure(`To be mended: ${wrong.map(({ name }) => name).join(', ')}.`);
    });
}

async function examine(terminal: Terminal, options: DoctorOptions): Promise<readonly Finding[]> {
  const config = loadConfig(options, terminal.env);
  const findings = [
    await lookAtGit(),
    await lookAtFolder('data directory', config.dataDirectory),
    ...(existsSync(config.repositoriesDirectory)
      ? [await lookAtFolder('repositories', config.repositoriesDirectory)]
      : []),
    await lookAtSpace(config.repositoriesDirectory, config.limits.pushBytes),
    await lookAtAddress(config),
    await lookAtCertificate(config, Date.now()),
    await lookAtMailServer(config),
    ...(await lookAtDatabase(terminal, options, config)),
  ];
  return findings.filter((finding) => finding !== null);
}

function show(terminal: Terminal, { name, state, message, mend }: Finding): void {
  print(terminal, `${state.padEnd(7)}  ${name}: ${message}`);
  if (mend !== undefined) print(terminal, `         to mend it: ${mend}`);
}

async function lookAtDatabase(
  terminal: Terminal,
  options: DoctorOptions,
  config: Config,
): Promise<readonly Finding[]> {
  const name = 'database';
  if (!existsSync(config.databaseFile)) return [];
  const wrong = (message: string, mend: string): readonly Finding[] => [
    { name, state: 'wrong', message, mend },
  ];
  const file = config.databaseFile;
  const restore = 'stop the server and restore the last backup, or see https://www.sqlite.org/recovery.html';
  try {
    const { version, newest, damage } = inspectDatabase(file);
    if (damage.length > 0) return wrong(`${file} is damaged: ${damage.join('; ')}`, restore);
    if (version > newest) {
      return wrong(
        `${file} is of version ${version}, from a newer Latchkey`,
        'install the newer Latchkey again',
      );
    }
    if (version < newest) {
      const message = `${file} is of version ${version}; the next start brings it to ${newest}`;
      return [{ name, state: 'warning', message, mend: 'make a backup first, then start the server' }];
    }
    const database: Finding = { name, state: 'ok', message: `${file} is whole, version ${version}` };
    const mails = await withContext(terminal, options, (ctx) => lookAtMails(ctx, config));
    return [
      database,
      await lookAtRepositories(terminal, options),
      ...(await lookWith(terminal, options, lookAtLog)),
      mails,
    ];
  } catch (error) {
    return wrong(`${file} can't be read (${(error as Error).message})`, restore);
  }
}

/** The doctor makes nothing and changes nothing. */
function lookWith<T>(
  terminal: Terminal,
  options: CommonOptions,
  look: (ctx: Context) => Promise<T>,
): Promise<T> {
  return withContext(terminal, options, look, { looksOnly: true });
}

/** Every record has its folder, and every folder its record. */
async function lookAtRepositories(terminal: Terminal, options: CommonOptions): Promise<Finding> {
  const name = 'repositories';
  return lookWith(terminal, options, async (ctx) => {
    const records = await everyRepository(ctx);
    const expected = new Map(records.map((one) => [repositoryDirectory(ctx.config, one.id), one]));
    const missing = [...expected].filter(([folder]) => !existsSync(folder));
    if (missing.length > 0) {
      const list = missing
        .map(([folder, { ownerLogin, name }]) => `${ownerLogin}/${name} (${folder})`)
        .join(', ');
      const mend = 'restore the folders from a backup, or delete the records with "latchkey repo delete"';
      return { name, state: 'wrong', message: `without a folder: ${list}`, mend };
    }
    const known = new Set([...expected.keys()].map((folder) => basename(folder)));
    const folders = await readdir(ctx.config.repositoriesDirectory).catch(() => []);
    const orphans = folders.filter((folder) => repositoryIdIn(folder) !== null && !known.has(folder));
    if (orphans.length > 0) {
      const mend = `nothing uses them: move them away from ${ctx.config.repositoriesDirectory}`;
      return { name, state: 'warning', message: `folders without a record: ${orphans.join(', ')}`, mend };
    }
    return { name, state: 'ok', message: `${records.length}, each with its folder` };
  });
}
