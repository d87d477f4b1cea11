// `latchkey token`: making personal access tokens of anybody, listing and revoking tokens of every kind, for operators.
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { parseScopes, type Scopes, splitScopeText } from '../scopes/scopes.ts';
import { expiryFrom } from '../tokens/expiry.ts';
import {
  createToken,
  listAllTokens,
  revokeTokenBySecret,
  revokeTokens,
  type Token,
  type TokenOfPerson,
} from '../tokens/tokens.ts';
import { type CommonOptions, command, withContext } from './context.ts';
import { expectDone, Failure, UsageError } from './failure.ts';
import { isoInstant, minute, tableLines } from './table.ts';
import { print, printJson, readSecretLine, type Terminal, tell } from './terminal.ts';
import { expectAccount } from './user.ts';

export function addTokenCommand(program: Command, terminal: Terminal): void {
  const token = program
    .command('token')
    .description('make personal access tokens; list and revoke tokens of every kind');
  addCreate(token, terminal);
  addList(token, terminal);
  addRevoke(token, terminal);
}

interface CreateOptions extends CommonOptions {
  readonly user: string;
  readonly note: string;
  readonly scopes: string;
  readonly expires: string;
}

function addCreate(parent: Command, terminal: Terminal): void {
  command(parent, 'create', 'make a token; prints it and nothing else, once and never again', [
    'latchkey token create --user ada --note laptop --scopes repo',
    'latchkey token create --user ada --note ci --scopes repo,read:user --expires 2027-01-31',
  ])
    .requiredOption('--user <login>', 'whose token it is')
    .requiredOption('--note <text>', 'what it is for; unique among the tokens of the account')
    .option('--scopes <list>', 'what it opens, with commas between; none: what is public', '')
    .option('--expires <when>', '7d, a date such as 2027-01-31 (its midnight in UTC), or never', '30d')
    .action(async (options: CreateOptions) => {
      const scopes = readScopes(options.scopes);
      const expiry = expiryFrom(options.expires, Date.now());
      if (!expiry.ok) throw new UsageError(`--expires: ${expiry.problems[0]?.message}`);
      await withContext(terminal, options, async (ctx) => {
        const account = await expectAccount(ctx, options.user);
        const wanted = { accountId: account.id, note: options.note, scopes, expiresAt: expiry.value };
        const { token, secret } = expectDone(await createToken(ctx, wanted));
        if (options.json !== true) return print(terminal, secret.expose());
        printJson(terminal, { ...tokenJson(token, account.login), token: secret.expose() });
      });
    });
}

function readScopes(text: string): Scopes {
  const parsed = parseScopes(splitScopeText(text));
  if ('scopes' in parsed) return parsed.scopes;
  throw new UsageError(
    `--scopes: there is no scope ${parsed.unknown.join(', ')}; docs/tokens.md lists them, such as repo, read:user.`,
  );
}

function addList(parent: Command, terminal: Terminal): void {
  command(
    parent,
    'list',
    'list tokens, those of applications too: what they open, when they were used last, when they expire',
    ['latchkey token list', 'latchkey token list --user ada --json'],
  )
    .option('--user <login>', 'only those of this account')
    .action(async (options: CommonOptions & { readonly user?: string }) => {
      const tokens = await withContext(terminal, options, (ctx) => tokensOf(ctx, options.user));
      if (options.json === true)
        return printJson(
          terminal,
          tokens.map((token) => ({
            ...tokenJson(token, token.login),
            kind: kindOf(token),
            application: token.application?.name ?? null,
            client_id: token.application?.clientId ?? null,
          })),
        );
      const now = Date.now();
      const rows = tokens.map((token) => [
        token.id,
        token.login,
        token.application === null ? token.note : `(${token.application.name})`,
        token.scopes.join(',') || '(no scope)',
        minute(token.lastUsedAt) ?? 'never used',
        expiryText(token, now),
      ]);
      for (const line of tableLines(['ID', 'USER', 'NOTE', 'SCOPES', 'LAST USED', 'EXPIRES'], rows)) {
        print(terminal, line);
      }
    });
}

async function tokensOf(ctx: Context, login: string | undefined): Promise<readonly TokenOfPerson[]> {
  const all = await listAllTokens(ctx);
  if (login === undefined) return all;
  const { id } = await expectAccount(ctx, login);
  return all.filter((token) => token.accountId === id);
}

/** By whom it was made, and for what. */
function kindOf({ application, madeBy }: TokenOfPerson): 'classic' | 'impersonation' | 'oauth' {
  if (application !== null) return 'oauth';
  return madeBy === null ? 'classic' : 'impersonation';
}

function expiryText(token: Token, now: number): string {
  if (token.expiresAt === null) return 'never';
  return token.expiresAt <= now ? `expired ${minute(token.expiresAt)}` : String(minute(token.expiresAt));
}

function addRevoke(parent: Command, terminal: Terminal): void {
  command(parent, 'revoke [ids...]', 'delete tokens: they are dead everywhere at once', [
    'latchkey token revoke 4 7',
    'latchkey token revoke --token-stdin < leaked-token.txt',
  ])
    .option('--token-stdin', 'read the token itself from standard input, as when one has leaked')
    .action(async (ids: readonly string[], options: CommonOptions & { readonly tokenStdin?: boolean }) => {
      if (ids.length > 0 === (options.tokenStdin === true)) {
        throw new UsageError(
          'name tokens by their ids (see "latchkey token list"), or give one by --token-stdin.',
        );
      }
      const wanted = ids.map(readId);
      const secret = options.tokenStdin === true ? await readSecretLine(terminal, '--token-stdin') : null;
      const revoked = await withContext(terminal, options, async (ctx) => {
        if (secret === null) return revokeTokens(ctx, wanted);
        const id = await revokeTokenBySecret(ctx, secret);
        if (id === null)
          throw new Failure('No token of this instance has that secret: there is nothing to revoke.');
        return [id];
      });
      if (options.json === true) printJson(terminal, { revoked });
      else if (revoked.length > 0) tell(terminal, `Revoked: ${revoked.join(', ')}.`);
      const missing = wanted.filter((id) => !revoked.includes(id));
      if (missing.length > 0)
        throw new Failure(`There is no token ${missing.join(', ')}: see "latchkey token list".`);
    });
}

function readId(text: string): number {
  const id = Number(text);
  if (/^\d{1,15}$/.test(text) && id > 0) return id;
  // Not repeated: somebody may have pasted the token itself.
  throw new UsageError('tokens are named by their ids, such as 4; give a token itself by --token-stdin.');
}

function tokenJson(token: Token, login: string): Record<string, unknown> {
  return {
    id: token.id,
    user: login,
    note: token.note,
    scopes: token.scopes,
    token_last_eight: token.lastEight,
    created_at: isoInstant(token.createdAt),
    updated_at: isoInstant(token.updatedAt),
    last_used_at: isoInstant(token.lastUsedAt),
    expires_at: isoInstant(token.expiresAt),
  };
}
