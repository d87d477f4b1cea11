// `latchkey repo`: making, importing, listing, finding and deleting repositories of anybody, for operators.
import type { Command } from 'commander';
import { visibilities } from '../access/targets.ts';
import { findOwnerByLogin, type Owner } from '../accounts/owners.ts';
import type { Context } from '../context.ts';
import {
  createRepository,
  deleteRepository,
  findRepositoryNamed,
  listAllRepositories,
  type Repository,
} from '../repositories/repositories.ts';
import { repositoryDirectory } from '../repositories/storage.ts';
import { type CommonOptions, command, withContext } from './context.ts';
import { expectDone, Failure, UsageError } from './failure.ts';
import { importFrom, sourceIn } from './importing.ts';
import { isoInstant, minute, tableLines } from './table.ts';
import { print, printJson, readSecretLine, type Terminal, tell } from './terminal.ts';

const PAGE = 1000;

export function addRepoCommand(program: Command, terminal: Terminal): void {
  const repo = program.command('repo').description('make, import, list, find and delete repositories');
  addCreate(repo, terminal);
  addList(repo, terminal);
  addPath(repo, terminal);
  addDelete(repo, terminal);
}

interface CreateOptions extends CommonOptions {
  readonly public?: boolean;
  readonly private?: boolean;
  readonly internal?: boolean;
  readonly description?: string;
  readonly import?: string;
  readonly allowLinks?: boolean;
  readonly tokenStdin?: boolean;
}

function addCreate(parent: Command, terminal: Terminal): void {
  command(
    parent,
    'create <owner/name>',
    'make a repository, empty or imported; private unless told otherwise',
    [
      'latchkey repo create ada/notes --public --description "What I learn"',
      'latchkey repo create acme/handbook --internal',
      'latchkey repo create ada/plans --import /srv/git/plans.git',
      'latchkey repo create ada/tool --import https://git.example.com/tool.git --token-stdin < token.txt',
    ],
  )
    .option('--public', 'everybody can read it')
    .option('--private', 'only its owner and collaborators see it (the default)')
    .option('--internal', 'of an organization: everybody who has an account can read it')
    .option('--description <text>', 'what it is about')
    .option(
      '--import <path|url>',
      'take over branches and tags of a repository here, or at an http(s) address',
    )
    .option('--allow-links', 'with --import PATH: follow symbolic links and borrowed objects in it')
    .option('--token-stdin', 'with --import URL: read its token or password from standard input')
    .action(async (path: string, options: CreateOptions) => {
      const { owner, name } = readPath(path);
      const said = visibilities.filter((each) => options[each] === true);
      if (said.length > 1) throw new UsageError(`--${said.join(' and --')}: a repository is either.`);
      const visibility = said[0] ?? 'private';
      if (options.import === undefined && (options.allowLinks === true || options.tokenStdin === true)) {
        throw new UsageError('--allow-links and --token-stdin go with --import.');
      }
      const token = options.tokenStdin === true ? await readSecretLine(terminal, '--token-stdin') : null;
      await withContext(terminal, options, async (ctx) => {
        const { id, login } = await expectOwner(ctx, owner);
        const description = options.description ?? null;
        const wanted = { owner: { id, login }, name, description, visibility };
        const outcome =
          options.import === undefined
            ? await createRepository(ctx, wanted)
            : await importFrom(
                terminal,
                ctx,
                wanted,
                sourceIn(options.import, options.allowLinks === true, token),
              );
        const repository = expectDone(outcome);
        if (options.json === true) printJson(terminal, repositoryJson(ctx, repository));
        else tell(terminal, `Made ${repository.ownerLogin}/${repository.name} (${repository.visibility}).`);
      });
    });
}

function addList(parent: Command, terminal: Terminal): void {
  command(parent, 'list', 'list all repositories', [
    'latchkey repo list',
    'latchkey repo list --json',
  ]).action(async (options: CommonOptions) =>
    withContext(terminal, options, async (ctx) => {
      const repositories = await everyRepository(ctx);
      if (options.json === true) {
        return printJson(
          terminal,
          repositories.map((repository) => repositoryJson(ctx, repository)),
        );
      }
      const rows = repositories.map((repository) => [
        `${repository.ownerLogin}/${repository.name}`,
        repository.visibility,
        repository.defaultBranch,
        `${repository.sizeKib} KiB`,
        minute(repository.pushedAt) ?? 'never',
      ]);
      const headings = ['REPOSITORY', 'VISIBILITY', 'BRANCH', 'SIZE', 'PUSHED'];
      for (const line of tableLines(headings, rows)) print(terminal, line);
    }),
  );
}

/** All repositories, by owner and name. */
export async function everyRepository(ctx: Context): Promise<readonly Repository[]> {
  const repositories: Repository[] = [];
  for (let page = 1; ; page += 1) {
    const { items, total } = await listAllRepositories(ctx, { page, perPage: PAGE });
    repositories.push(...items);
    if (items.length === 0 || repositories.length >= total) return repositories;
  }
}

function addPath(parent: Command, terminal: Terminal): void {
  command(parent, 'path <owner/name>', 'print where a repository lies on disk', [
    'latchkey repo path ada/notes',
    'git --git-dir="$(latchkey repo path ada/notes)" count-objects -v',
  ]).action(async (path: string, options: CommonOptions) =>
    withContext(terminal, options, async (ctx) => {
      const repository = await expectRepository(ctx, path);
      if (options.json === true) printJson(terminal, repositoryJson(ctx, repository));
      else print(terminal, repositoryDirectory(ctx.config, repository.id));
    }),
  );
}

function addDelete(parent: Command, terminal: Terminal): void {
  command(parent, 'delete <owner/name>', 'delete a repository; it lies in the trash folder for a day', [
    'latchkey repo delete ada/notes --yes',
  ])
    .option('--yes', 'yes, delete it')
    .action(async (path: string, options: CommonOptions & { readonly yes?: boolean }) => {
      readPath(path);
      if (options.yes !== true) throw new UsageError(`this deletes ${path}; say --yes if you mean it.`);
      await withContext(terminal, options, async (ctx) => {
        const repository = await expectRepository(ctx, path);
        if (!(await deleteRepository(ctx, repository.id))) {
          throw new Failure(`Somebody else has just deleted ${path}.`);
        }
        if (options.json === true) printJson(terminal, repositoryJson(ctx, repository));
        else tell(terminal, `Deleted ${repository.ownerLogin}/${repository.name}.`);
      });
    });
}

/** A person or an organisation. */
async function expectOwner(ctx: Context, login: string): Promise<Owner> {
  const owner = await findOwnerByLogin(ctx, login);
  if (owner !== null) return owner;
  throw new Failure(`There is no account ${login}: see "latchkey user list" and "latchkey org list".`);
}

function readPath(path: string): { readonly owner: string; readonly name: string } {
  const [, owner, name] = /^([^/\s]+)\/([^/\s]+)$/.exec(path) ?? [];
  if (owner === undefined || name === undefined) {
    throw new UsageError('a repository is named by its owner and its name, such as ada/notes.');
  }
  return { owner, name };
}

async function expectRepository(ctx: Context, path: string): Promise<Repository> {
  const { owner, name } = readPath(path);
  const repository = await findRepositoryNamed(ctx, owner, name);
  if (repository === null) throw new Failure(`There is no repository ${path}: see "latchkey repo list".`);
  return repository;
}

function repositoryJson(ctx: Context, repository: Repository): Record<string, unknown> {
  return {
    id: repository.id,
    full_name: `${repository.ownerLogin}/${repository.name}`,
    owner: repository.ownerLogin,
    name: repository.name,
    description: repository.description,
    visibility: repository.visibility,
    private: repository.visibility !== 'public',
    default_branch: repository.defaultBranch,
    size: repository.sizeKib,
    path: repositoryDirectory(ctx.config, repository.id),
    clone_url: `${ctx.config.url}/${repository.ownerLogin}/${repository.name}.git`,
    created_at: isoInstant(repository.createdAt),
    updated_at: isoInstant(repository.updatedAt),
    pushed_at: isoInstant(repository.pushedAt),
  };
}
