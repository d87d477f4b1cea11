// Where people arrive: their own repositories, or an invitation to sign in; and the page of a person.
import type { JSX } from 'preact';
import { Type } from 'typebox';
import type { GuardedRoutes } from '../access/guard.ts';
import { type AccountTarget, instance } from '../access/targets.ts';
import { type Account, findAccountByLogin } from '../accounts/accounts.ts';
import type { Context } from '../context.ts';
import { Avatar } from '../web/avatar.tsx';
import { Icon } from '../web/icon.tsx';
import { renderPage } from '../web/page.tsx';
import { Blankslate, Heading, Pagination } from '../web/parts.tsx';
import { pageNumber } from './page-number.ts';
import { listRepositories } from './repositories.ts';
import { RepositoryList } from './repository-list.tsx';

const PER_PAGE = 30;

export function homePages(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: '/',
    action: 'home.read',
    target: () => instance,
    async handler(call) {
      const { actor } = call;
      if (actor.kind !== 'user') return renderPage(call, { title: 'Welcome', width: 'narrow' }, <Welcome />);
      const page = pageNumber(call.request.query);
      const { id } = actor.account;
      const { items, total } = await listRepositories(ctx, actor, {
        ownerId: id,
        collaboratorId: id,
        sort: 'pushed',
        direction: 'desc',
        page,
        perPage: PER_PAGE,
      });
      const repositories = items.map(({ repository }) => repository);
      return renderPage(
        call,
        { title: 'Your repositories' },
        <>
          <Heading actions={<NewButtons />}>Your repositories</Heading>
          {total === 0 ? (
            <Blankslate icon="repo" title="You have no repositories yet">
              <p>
                Make one, then <a href="/settings/tokens/new?scopes=repo">generate a personal access token</a>
                : it is the password that git asks for.
              </p>
            </Blankslate>
          ) : (
            <>
              <p>
                git and the API take a <a href="/settings/tokens">personal access token</a> as the password.
              </p>
              <RepositoryList repositories={repositories} withOwner />
              <Pagination page={page} pages={Math.ceil(total / PER_PAGE)} href={(at) => `/?page=${at}`} />
            </>
          )}
        </>,
      );
    },
  });

  routes.route({
    method: 'GET',
    url: '/:owner',
    action: 'repositories.list',
    schema: { params: Type.Object({ owner: Type.String() }) },
    target: async (request): Promise<(AccountTarget & { readonly account: Account }) | null> => {
      const { owner } = request.params as { owner: string };
      const account = await findAccountByLogin(ctx, owner);
      return account === null ? null : { kind: 'account', accountId: account.id, account };
    },
    async handler(call) {
      const { account } = call.target;
      const page = pageNumber(call.request.query);
      const { items, total } = await listRepositories(ctx, call.actor, {
        ownerId: account.id,
        sort: 'pushed',
        direction: 'desc',
        page,
        perPage: PER_PAGE,
      });
      const isSelf = call.actor.kind === 'user' && call.actor.account.id === account.id;
      return renderPage(
        call,
        { title: account.login },
        <div class="person">
          <div class="person-card">
            <Avatar login={account.login} size={96} />
            <div>
              <h1>{account.name ?? account.login}</h1>
              {account.name !== null && <p class="muted">{account.login}</p>}
            </div>
          </div>
          <div>
            <div class="heading">
              <h2>Repositories</h2>
              {isSelf && (
                <div class="heading-actions">
                  <NewButtons />
                </div>
              )}
            </div>
            {total === 0 ? (
              <Blankslate icon="repo" title={`${account.login} has no repositories that you can see`} />
            ) : (
              <>
                <RepositoryList repositories={items.map(({ repository }) => repository)} />
                <Pagination
                  page={page}
                  pages={Math.ceil(total / PER_PAGE)}
                  href={(at) => `/${encodeURIComponent(account.login)}?page=${at}`}
                />
              </>
            )}
          </div>
        </div>,
      );
    },
  });
}

function NewButtons(): JSX.Element {
  return (
    <>
      <a class="btn" href="/new/import">
        Import repository
      </a>
      <a class="btn btn-primary" href="/new">
        <Icon name="repo" /> New repository
      </a>
    </>
  );
}

function Welcome(): JSX.Element {
  return (
    <div class="welcome">
      <Icon name="key" size={24} />
      <h1>Welcome to Latchkey</h1>
      <p>
        Git repositories, and the personal access tokens that open them. Sign in to see your repositories and
        to make tokens.
      </p>
      <a class="btn btn-primary" href="/login">
        Sign in
      </a>
      <p class="muted">No account? The administrators of this server invite people.</p>
    </div>
  );
}
