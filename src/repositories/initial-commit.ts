// The first commit of a repository that begins with a README, for who has no work tree to push from.
import type { Account } from '../accounts/accounts.ts';
import type { Context } from '../context.ts';
import { git } from '../process/git.ts';
import { recordPush } from './pushes.ts';
import type { Repository } from './repositories.ts';
import { repositoryDirectory } from './storage.ts';

/** Puts a commit with a README onto the default branch of an empty repository. */
export async function makeInitialCommit(
  ctx: Context,
  repository: Repository,
  author: Pick<Account, 'id' | 'login' | 'name'>,
): Promise<void> {
  const title = `# ${repository.name}\n`;
  const readme = repository.description === null ? title : `${title}\n${repository.description}\n`;
  const input = [
    `commit refs/heads/${repository.defaultBranch}`,
    `committer ${signature(ctx, author)}`,
    data('Initial commit\n'),
    'M 100644 inline README.md',
    data(readme),
    'done\n',
  ].join('\n');
  await git(['fast-import', '--quiet', '--done'], {
    repository: repositoryDirectory(ctx.config, repository.id),
    input,
  });
  await recordPush(ctx, repository.id);
}

/** As git-fast-import(1) reads them; an address that mail never reaches, since commits are for all to read. */
function signature(ctx: Context, { id, login, name }: Pick<Account, 'id' | 'login' | 'name'>): string {
  const shown = (name ?? login).replace(/[<>\p{Cc}]/gu, '').trim() || login;
  const host = new URL(ctx.config.url).hostname;
  return `${shown} <${id}+${login}@users.noreply.${host}> ${Math.floor(ctx.now() / 1000)} +0000`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}
