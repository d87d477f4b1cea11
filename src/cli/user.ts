// `latchkey user`: making people's accounts, suspending, unsuspending and deleting them.
import type { Command } from 'commander';
import {
  type Account,
  createUser,
  deleteAccount,
  findAccountByLogin,
  listAccounts,
  suspendAccount,
  unsuspendAccount,
} from '../accounts/accounts.ts';
import { renameUser } from '../accounts/administration.ts';
import { freeName } from '../accounts/kept-names.ts';
import { createPasswordLink, PASSWORD_LINK_MS } from '../accounts/links.ts';
import { resetSecondFactors } from '../accounts/second-factors.ts';
import { demote, promote } from '../administration/people.ts';
import type { Acting, Context } from '../context.ts';
import type { Outcome } from '../problems.ts';
import { type CommonOptions, command, withContext } from './context.ts';
import { expectDone, Failure } from './failure.ts';
import { isoInstant, minute, tableLines } from './table.ts';
import { print, printJson, readSecretLine, type Terminal, tell } from './terminal.ts';

const PAGE = 1000;

/** The account of this login. @throws Failure when there is none */
export async function expectAccount(ctx: Context, login: string): Promise<Account> {
  const account = await findAccountByLogin(ctx, login);
  if (account === null) throw new Failure(`There is no account ${login}: see "latchkey user list".`);
  return account;
}

export function addUserCommand(program: Command, terminal: Terminal): void {
  const user = program.command('user').description('make, list, suspend and delete accounts of people');
  addCreate(user, terminal);
  addList(user, terminal);
  for (const change of changes) addChange(user, terminal, change);
  addRename(user, terminal);
  addFreeName(user, terminal);
  addResetPassword(user, terminal);
  addResetSecondFactor(user, terminal);
}

/** What is done to an account by its login alone. */
interface Change {
  readonly verb: string;
  readonly description: string;
  /** After the login: what became of the account. */
  readonly done: string;
  readonly apply: (ctx: Acting, id: number, reason?: string) => Promise<Outcome<Account>>;
  readonly takesReason?: boolean;
}

const changes: readonly Change[] = [
  {
    verb: 'suspend',
    description: 'shut an account out: its sessions end, its tokens are refused',
    done: 'is suspended',
    apply: suspendAccount,
    takesReason: true,
  },
  {
    verb: 'unsuspend',
    description: 'let a suspended account in again, with the tokens it had',
    done: 'is let in again',
    apply: unsuspendAccount,
    takesReason: true,
  },
  {
    verb: 'promote',
    description: 'make a site admin of somebody',
    done: 'is a site admin now',
    apply: promote,
  },
  {
    verb: 'demote',
    description: 'make an ordinary person of a site admin; the last one stays',
    done: 'is no site admin any more',
    apply: demote,
  },
  {
    verb: 'delete',
    description: 'delete an account that owns no repository, with its tokens',
    done: 'is deleted',
    apply: deleteAccount,
  },
];

interface CreateOptions extends CommonOptions {
  readonly email: string;
  readonly admin?: boolean;
  readonly passwordStdin?: boolean;
}

function addCreate(parent: Command, terminal: Terminal): void {
  command(parent, 'create <login>', 'make an account; prints a one-time link for choosing its password', [
    'latchkey user create ada --email ada@example.com',
    'latchkey user create ada --email ada@example.com --admin --password-stdin < password.txt',
  ])
    .requiredOption('--email <address>', 'where mail for the person goes')
    .option('--admin', 'make the account a site admin')
    .option('--password-stdin', 'read the password from standard input, instead of printing a link')
    .action(async (login: string, options: CreateOptions) => {
      const password =
        options.passwordStdin === true ? await readSecretLine(terminal, '--password-stdin') : null;
      const wanted = { login, email: options.email, siteAdmin: options.admin === true, password };
      await withContext(
        terminal,
        options,
        async (ctx) => {
          const account = expectDone(await createUser(ctx, wanted));
          if (password === null)
            await handOutLink(terminal, ctx, account, options, `${account.login} is made.`);
          else if (options.json === true) printJson(terminal, accountJson(account));
          else tell(terminal, `${account.login} is made.`);
        },
        { create: true },
      );
    });
}

function addList(parent: Command, terminal: Terminal): void {
  command(parent, 'list', 'list all accounts', ['latchkey user list', 'latchkey user list --json']).action(
    async (options: CommonOptions) => {
      const accounts = await withContext(terminal, options, everybody);
      if (options.json === true) return printJson(terminal, accounts.map(accountJson));
      const rows = accounts.map((account) => [
        account.login,
        account.email,
        account.siteAdmin ? 'site admin' : 'user',
        account.suspendedAt === null ? 'active' : 'suspended',
        minute(account.createdAt),
      ]);
      for (const line of tableLines(['LOGIN', 'EMAIL', 'ROLE', 'STATE', 'CREATED'], rows))
        print(terminal, line);
    },
  );
}

async function everybody(ctx: Context): Promise<readonly Account[]> {
  const accounts: Account[] = [];
  for (let page = 1; ; page += 1) {
    const { items, total } = await listAccounts(ctx, { page, perPage: PAGE });
    accounts.push(...items);
    if (items.length === 0 || accounts.length >= total) return accounts;
  }
}

function addChange(
  parent: Command,
  terminal: Terminal,
  { verb, description, done, apply, takesReason = false }: Change,
): void {
  const change = command(parent, `${verb} <login>`, description, [`latchkey user ${verb} ada`]);
  if (takesReason) change.option('--reason <text>', 'why, for the security log and other site admins');
  change.action(async (login: string, options: CommonOptions & { readonly reason?: string }) =>
    withContext(terminal, options, async (ctx) => {
      const { id } = await expectAccount(ctx, login);
      const account = expectDone(await apply(ctx, id, options.reason));
      if (options.json === true) printJson(terminal, accountJson(account));
      else tell(terminal, `${account.login} ${done}.`);
    }),
  );
}

function addRename(parent: Command, terminal: Terminal): void {
  command(parent, 'rename <login> <new-login>', 'give somebody another name; old addresses lead on', [
    'latchkey user rename ada lovelace',
  ]).action(async (login: string, to: string, options: CommonOptions) =>
    withContext(terminal, options, async (ctx) => {
      const account = expectDone(await renameUser(ctx, (await expectAccount(ctx, login)).id, to));
      if (options.json === true) printJson(terminal, accountJson(account));
      else tell(terminal, `${login} is called ${account.login} now.`);
    }),
  );
}

function addFreeName(parent: Command, terminal: Terminal): void {
  command(
    parent,
    'free-name <login>',
    'let others have a name that was renamed or deleted less than 90 days ago',
    ['latchkey user free-name ada'],
  ).action(async (login: string, options: CommonOptions) =>
    withContext(terminal, options, async (ctx) => {
      const { login: name } = expectDone(await freeName(ctx, login));
      if (options.json === true) printJson(terminal, { login: name, free: true });
      else tell(terminal, `${name} is free: anybody can be called so now.`);
    }),
  );
}

function addResetPassword(parent: Command, terminal: Terminal): void {
  command(
    parent,
    'reset-password <login>',
    'print a one-time link with which the person chooses a new password',
    ['latchkey user reset-password ada'],
  ).action(async (login: string, options: CommonOptions) =>
    withContext(terminal, options, async (ctx) => {
      await handOutLink(
        terminal,
        ctx,
        await expectAccount(ctx, login),
        options,
        'The old password holds until then.',
      );
    }),
  );
}

function addResetSecondFactor(parent: Command, terminal: Terminal): void {
  command(
    parent,
    'reset-second-factor <login>',
    'take all second factors away from who has lost them; the password alone signs in again',
    ['latchkey user reset-second-factor ada'],
  ).action(async (login: string, options: CommonOptions) =>
    withContext(terminal, options, async (ctx) => {
      const account = await expectAccount(ctx, login);
      const had = expectDone(await resetSecondFactors(ctx, account.id));
      if (options.json === true) return printJson(terminal, { ...accountJson(account), reset: had });
      const words = had
        ? `${account.login} has no second factor any more, and is signed out everywhere.`
        : `${account.login} had no second factor.`;
      tell(terminal, words);
    }),
  );
}

/** Standard output gets the link alone, so that a script can send it. */
async function handOutLink(
  terminal: Terminal,
  ctx: Acting,
  account: Account,
  options: CommonOptions,
  before: string,
): Promise<void> {
  const link = (await createPasswordLink(ctx, account.id)).expose();
  const expiresAt = ctx.now() + PASSWORD_LINK_MS;
  if (options.json === true) {
    return printJson(terminal, { ...accountJson(account), link, link_expires_at: isoInstant(expiresAt) });
  }
  tell(
    terminal,
    `${before} This link lets ${account.login} choose a password, once, until ${minute(expiresAt)}:`,
  );
  print(terminal, link);
}

function accountJson(account: Account): Record<string, unknown> {
  return {
    id: account.id,
    login: account.login,
    name: account.name,
    email: account.email,
    site_admin: account.siteAdmin,
    created_at: isoInstant(account.createdAt),
    suspended_at: isoInstant(account.suspendedAt),
  };
}
