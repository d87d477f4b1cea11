// Where people arrive: their own repositories, or an invitation to sign in; and the page of a person or an
// organisation.
import type { JSX } from 'preact';
import { Type } from 'typebox';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { type AccountTarget, instance } from '../access/targets.ts';
import { findOwnerByLogin, type Owner } from '../accounts/owners.ts';
import type { Context } from '../context.ts';
import { renderOrganizationPage } from '../organizations/frame.tsx';
import {
  findOrganizationById,
  newRepositoryIn,
  type Organization,
  type OrganizationFound,
} from '../organizations/organizations.ts';
import { Avatar } from '../web/avatar.tsx';
import { Icon } from '../web/icon.tsx';
import { renderPage } from '../web/page.tsx';
import { Blankslate, Heading, Pagination } from '../web/parts.tsx';
import { invitationNotice } from './invitation-notice.tsx';
import { pageNumber } from './page-number.ts';
import { listRepositories, type Repository } from './repositories.ts';
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
      const { items, total } = await listRepositories(ctx, call, {
        ownerId: id,
        collaboratorId: id,
        memberId: id,
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
          {await invitationNotice(ctx, actor, id)}
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
    target: async (request, actor): Promise<OwnerFound | null> => {
      const { owner } = request.params as { owner: string };
      const account = await findOwnerByLogin(ctx, owner);
      if (account === null) return null;
      const organization =
        account.kind === 'organization' ? await findOrganizationById(ctx, actor, account.id) : null;
      return { kind: 'account', accountId: account.id, account, organization };
    },
    async handler(call) {
      const { account, organization } = call.target;
      const page = pageNumber(call.request.query);
      const { items, total } = await listRepositories(ctx, call, {
        ownerId: account.id,
        sort: 'pushed',
        direction: 'desc',
        page,
        perPage: PER_PAGE,
      });
      const pages = Math.ceil(total / PER_PAGE);
      if (organization !== null) {
        return renderOrganizationPage(
          call,
          organization,
          { tab: 'repositories' },
          <OrganizationFront
            organization={organization.organization}
            repositories={items.map(({ repository }) => repository)}
            mayMake={mayMakeIn(call, organization)}
            page={page}
            pages={pages}
          />,
        );
      }
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
                  pages={pages}
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

type OwnerFound = AccountTarget & {
  readonly account: Owner;
  /** Null: the owner is a person. */
  readonly organization: OrganizationFound | null;
};

function mayMakeIn(
  { actor, ask }: Pick<Call<unknown, RouteSchema>, 'actor' | 'ask'>,
  organization: OrganizationFound,
): boolean {
  return ask(actor, 'repositories.create', newRepositoryIn(organization, 'private')).allowed;
}

interface OrganizationFrontProps {
  readonly organization: Organization;
  readonly repositories: readonly Repository[];
  readonly mayMake: boolean;
  readonly page: number;
  readonly pages: number;
}

function OrganizationFront(props: OrganizationFrontProps): JSX.Element {
  const { organization, repositories, mayMake, page, pages } = props;
  const { login, description } = organization;
  return (
    <>
      {description !== null && <p>{description}</p>}
      <div class="heading">
        <h2>Repositories</h2>
        {mayMake && (
          <div class="heading-actions">
            <NewButtons owner={login} />
          </div>
        )}
      </div>
      {repositories.length === 0 ? (
        <Blankslate icon="repo" title={`${login} has no repositories that you can see`} />
      ) : (
        <>
          <RepositoryList repositories={repositories} />
          <Pagination page={page} pages={pages} href={(at) => `/${encodeURIComponent(login)}?page=${at}`} />
        </>
      )}
    </>
  );
}

/** @param owner the organisation for which it is to be made; left out: oneself */
function NewButtons({ owner }: { readonly owner?: string }): JSX.Element {
  const query = owner === undefined ? '' : `?owner=${encodeURIComponent(owner)}`;
  return (
    <>
      <a class="btn" href={`/new/import${query}`}>
        Import repository
      </a>
      <a class="btn btn-primary" href={`/new${query}`}>
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
