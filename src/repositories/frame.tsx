// What all pages of a repository share: its name and visibility, and the tabs.
import type { FastifyReply } from 'fastify';
import type { JSX, VNode } from 'preact';
import type { Call, RouteSchema } from '../access/guard.ts';
import type { Visibility } from '../access/targets.ts';
import { Icon } from '../web/icon.tsx';
import { renderPage } from '../web/page.tsx';
import { Label } from '../web/parts.tsx';
import { TabLink } from '../web/tab-link.tsx';
import { repositoryPath } from './addresses.ts';
import type { Repository, RepositoryFound } from './repositories.ts';

export type Tab = 'code' | 'commits' | 'branches' | 'settings';

export interface RepositoryPageHead {
  /** Shown in the browser's tab before the repository's name; none for its front page. */
  readonly title?: string;
  readonly tab: Tab;
  readonly status?: number;
}

type RepositoryCall = Pick<
  Call<RepositoryFound, RouteSchema>,
  'request' | 'reply' | 'actor' | 'target' | 'ask'
>;

/** Answers with a page of a repository. */
export function renderRepositoryPage(
  call: RepositoryCall,
  head: RepositoryPageHead,
  body: VNode,
): FastifyReply {
  const { repository } = call.target;
  const name = `${repository.ownerLogin}/${repository.name}`;
  const maySet = call.ask(call.actor, 'repositories.update', call.target).allowed;
  return renderPage(
    call,
    {
      title: head.title === undefined ? name : `${head.title} · ${name}`,
      banner: (
        <Banner repository={repository} tab={head.tab} isFront={head.title === undefined} maySet={maySet} />
      ),
      ...(head.status === undefined ? {} : { status: head.status }),
    },
    body,
  );
}

interface BannerProps {
  readonly repository: Repository;
  readonly tab: Tab;
  /** The repository's name is the front page's heading; other pages have their own. */
  readonly isFront: boolean;
  readonly maySet: boolean;
}

function Banner({ repository, tab, isFront, maySet }: BannerProps): JSX.Element {
  const home = repositoryPath(repository);
  const name = (
    <>
      <Icon name={visibilityIcons[repository.visibility]} />
      <a class="repo-owner" href={`/${encodeURIComponent(repository.ownerLogin)}`}>
        {repository.ownerLogin}
      </a>
      <span class="muted">/</span>
      <a class="repo-name" href={home}>
        {repository.name}
      </a>
    </>
  );
  return (
    <section class="repo-banner" aria-label="Repository">
      <div class="repo-title">
        {isFront ? <h1>{name}</h1> : <p>{name}</p>}
        <VisibilityLabel repository={repository} />
      </div>
      <nav aria-label="Pages of the repository">
        <ul class="repo-tabs">
          <TabLink href={home} icon="code" current={tab === 'code'}>
            Code
          </TabLink>
          <TabLink href={`${home}/commits`} icon="history" current={tab === 'commits'}>
            Commits
          </TabLink>
          <TabLink href={`${home}/branches`} icon="git-branch" current={tab === 'branches'}>
            Branches
          </TabLink>
          {maySet && (
            <TabLink href={`${home}/settings`} icon="gear" current={tab === 'settings'}>
              Settings
            </TabLink>
          )}
        </ul>
      </nav>
    </section>
  );
}

const visibilityIcons: Readonly<Record<Visibility, string>> = {
  public: 'repo',
  internal: 'organization',
  private: 'lock',
};

const visibilityNames: Readonly<Record<Visibility, string>> = {
  public: 'Public',
  internal: 'Internal',
  private: 'Private',
};

export function VisibilityLabel({ repository }: { readonly repository: Repository }): JSX.Element {
  return <Label>{visibilityNames[repository.visibility]}</Label>;
}
