// The history of a repository: commits, one commit, branches and tags.
import type { JSX } from 'preact';
import { Type } from 'typebox';
import type { GuardedRoutes } from '../access/guard.ts';
import type { Context } from '../context.ts';
import { Icon } from '../web/icon.tsx';
import { Blankslate, dateOf, Heading, Label, Pagination, RelativeTime } from '../web/parts.tsx';
import { contentPath, repositoryPath } from './addresses.ts';
import { BranchPicker, PICKER_BRANCHES } from './branch-picker.tsx';
import { readChanges } from './changes.ts';
import type { Commit } from './commit-object.ts';
import { bodyOf, CommitId, CommitPeople, subjectOf } from './commit-parts.tsx';
import { findCommit, listCommits, readCommits } from './commits.ts';
import { DiffView } from './diff-view.tsx';
import { findFromPath } from './finding.ts';
import { renderRepositoryPage } from './frame.tsx';
import { shortId } from './objects.ts';
import { pageNumber } from './page-number.ts';
import { findInPath } from './path-finding.ts';
import { findBranch, listBranches, listTags, resolveRevision } from './refs.ts';
import type { Repository } from './repositories.ts';

const Params = Type.Object({ owner: Type.String(), repo: Type.String() });
const PathParams = Type.Object({ owner: Type.String(), repo: Type.String(), '*': Type.String() });
const CommitParams = Type.Object({ owner: Type.String(), repo: Type.String(), sha: Type.String() });

const PER_PAGE = 35;

/** Bounds of what one page shows of a commit. */
const shownChanges = { maxFiles: 100, maxPatchBytes: 48 * 1024, maxBytes: 512 * 1024 };

export function historyPages(routes: GuardedRoutes, ctx: Context): void {
  const target = findFromPath(ctx);

  routes.route({
    method: 'GET',
    url: '/:owner/:repo/commits',
    action: 'contents.read',
    schema: { params: Params },
    target,
    async handler(call) {
      const { repository } = call.target;
      const { items } = await listBranches(ctx, repository, { page: 1, perPage: 1 });
      const branch = (await findBranch(ctx, repository, repository.defaultBranch)) ?? items[0];
      if (branch !== undefined) {
        return call.reply.redirect(contentPath(repository, 'commits', branch.name), 302);
      }
      return renderRepositoryPage(
        call,
        { tab: 'commits', title: 'Commits' },
        <>
          <Heading>Commits</Heading>
          <Blankslate icon="history" title="There are no commits yet">
            <a href={repositoryPath(repository)}>How to push the first one</a>
          </Blankslate>
        </>,
      );
    },
  });

  routes.route({
    method: 'GET',
    url: '/:owner/:repo/commits/*',
    action: 'contents.read',
    schema: { params: PathParams },
    target,
    async handler(call) {
      const { repository } = call.target;
      const found = await findInPath(ctx, repository, call.params['*']);
      if (found === null) return call.refuse({ because: 'invisible' });
      const { revision, entry } = found;
      const page = pageNumber(call.request.query);
      const [branches, commits] = await Promise.all([
        listBranches(ctx, repository, { page: 1, perPage: PICKER_BRANCHES }),
        listCommits(ctx, repository, revision.sha, { path: entry.path, page, perPage: PER_PAGE }),
      ]);
      const here = contentPath(repository, 'commits', revision.name, entry.path);
      return renderRepositoryPage(
        call,
        { tab: 'commits', title: 'Commits' },
        <>
          <Heading>Commits</Heading>
          <div class="repo-bar">
            <BranchPicker
              repository={repository}
              revision={revision}
              branches={branches}
              page="commits"
              path={entry.path}
            />
            {entry.path !== '' && (
              <span>
                History of{' '}
                <a
                  href={contentPath(
                    repository,
                    entry.type === 'dir' ? 'tree' : 'blob',
                    revision.name,
                    entry.path,
                  )}
                >
                  {entry.path}
                </a>
              </span>
            )}
          </div>
          <CommitList repository={repository} commits={commits.items} />
          <OlderNewer page={page} hasMore={commits.hasMore} href={(at) => `${here}?page=${at}`} />
        </>,
      );
    },
  });

  routes.route({
    method: 'GET',
    url: '/:owner/:repo/commit/:sha',
    action: 'contents.read',
    schema: { params: CommitParams },
    target,
    async handler(call) {
      const { repository } = call.target;
      const revision = await resolveRevision(ctx, repository, call.params.sha);
      const commit = revision === null ? null : await findCommit(ctx, repository, revision.sha);
      if (commit === null) return call.refuse({ because: 'invisible' });
      const changes = await readChanges(ctx, repository, commit, shownChanges);
      return renderRepositoryPage(
        call,
        { tab: 'commits', title: subjectOf(commit) },
        <>
          <CommitHeader repository={repository} commit={commit} />
          <DiffView repository={repository} sha={commit.sha} changes={changes} />
        </>,
      );
    },
  });

  for (const kind of ['branches', 'tags'] as const) {
    routes.route({
      method: 'GET',
      url: `/:owner/:repo/${kind}`,
      action: 'contents.read',
      schema: { params: Params },
      target,
      async handler(call) {
        const { repository } = call.target;
        const page = pageNumber(call.request.query);
        const list = kind === 'branches' ? listBranches : listTags;
        const { items, total } = await list(ctx, repository, { page, perPage: PER_PAGE });
        const commits = await readCommits(
          ctx,
          repository,
          items.map(({ sha }) => sha),
        );
        const title = kind === 'branches' ? 'Branches' : 'Tags';
        const here = `${repositoryPath(repository)}/${kind}`;
        return renderRepositoryPage(
          call,
          { tab: 'branches', title },
          <>
            <Heading actions={<OtherRefs repository={repository} kind={kind} />}>{title}</Heading>
            <RefList repository={repository} kind={kind} refs={items} commits={commits} />
            <Pagination page={page} pages={Math.ceil(total / PER_PAGE)} href={(at) => `${here}?page=${at}`} />
          </>,
        );
      },
    });
  }
}

interface CommitListProps {
  readonly repository: Repository;
  readonly commits: readonly Commit[];
}

/** Grouped by the day on which they were committed, in UTC. */
function CommitList({ repository, commits }: CommitListProps): JSX.Element {
  if (commits.length === 0) return <Blankslate icon="history" title="There are no commits here" />;
  const days: { day: string; commits: Commit[] }[] = [];
  for (const commit of commits) {
    const day = dateOf(commit.committer.date);
    const last = days.at(-1);
    if (last?.day === day) last.commits.push(commit);
    else days.push({ day, commits: [commit] });
  }
  return (
    <>
      {days.map(({ day, commits: ofDay }) => (
        <section key={ofDay[0]?.sha} class="commit-day">
          <h2>{`Commits on ${day}`}</h2>
          <ul class="Box Box-list">
            {ofDay.map((commit) => (
              <li key={commit.sha} class="Box-row commit-row">
                <div class="commit-row-text">
                  <a class="commit-subject" href={contentPath(repository, 'commit', commit.sha)}>
                    {subjectOf(commit)}
                  </a>
                  <CommitPeople commit={commit} />
                </div>
                <CommitId repository={repository} commit={commit} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

interface OlderNewerProps {
  readonly page: number;
  readonly hasMore: boolean;
  readonly href: (page: number) => string;
}

function OlderNewer({ page, hasMore, href }: OlderNewerProps): JSX.Element | null {
  if (page === 1 && !hasMore) return null;
  return (
    <nav class="paginate-container" aria-label="Pagination">
      <div class="pagination">
        {page > 1 && (
          <a rel="prev" href={href(page - 1)}>
            Newer
          </a>
        )}
        {hasMore && (
          <a rel="next" href={href(page + 1)}>
            Older
          </a>
        )}
      </div>
    </nav>
  );
}

function CommitHeader({ repository, commit }: { repository: Repository; commit: Commit }): JSX.Element {
  const body = bodyOf(commit);
  return (
    <div class="Box commit-header">
      <div class="Box-header">
        <h1 class="commit-title">{subjectOf(commit)}</h1>
        {/* It scrolls sideways: the keyboard must reach it. */}
        {body !== '' && <pre class="commit-body">{body}</pre>}
        <a href={contentPath(repository, 'tree', commit.sha)}>Browse files</a>
      </div>
      <div class="Box-body commit-facts">
        <CommitPeople commit={commit} />
        <span class="muted">
          {commit.parents.length === 1 ? 'parent ' : `${commit.parents.length} parents `}
          {commit.parents.map((parent) => (
            <a key={parent} class="commit-id" href={contentPath(repository, 'commit', parent)}>
              {shortId(parent)}
            </a>
          ))}{' '}
          commit <code>{commit.sha}</code>
        </span>
      </div>
    </div>
  );
}

interface RefListProps {
  readonly repository: Repository;
  readonly kind: 'branches' | 'tags';
  readonly refs: readonly { readonly name: string; readonly sha: string }[];
  readonly commits: readonly Commit[];
}

function RefList({ repository, kind, refs, commits }: RefListProps): JSX.Element {
  const commitOf = new Map(commits.map((commit) => [commit.sha, commit]));
  if (refs.length === 0) {
    return (
      <Blankslate icon={kind === 'branches' ? 'git-branch' : 'tag'} title={`There are no ${kind} yet`} />
    );
  }
  return (
    <ul class="Box Box-list">
      {refs.map(({ name, sha }) => {
        const commit = commitOf.get(sha);
        return (
          <li key={name} class="Box-row ref-row">
            <span class="ref-name">
              <Icon name={kind === 'branches' ? 'git-branch' : 'tag'} />
              <a href={contentPath(repository, 'tree', name)}>{name}</a>
              {kind === 'branches' && name === repository.defaultBranch && <Label>Default</Label>}
            </span>
            {commit !== undefined && (
              <span class="muted">
                <CommitId repository={repository} commit={commit} />{' '}
                <RelativeTime at={commit.committer.date} />
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function OtherRefs({ repository, kind }: { repository: Repository; kind: 'branches' | 'tags' }): JSX.Element {
  const other = kind === 'branches' ? 'tags' : 'branches';
  return (
    <a class="btn" href={`${repositoryPath(repository)}/${other}`}>
      {other === 'tags' ? 'Tags' : 'Branches'}
    </a>
  );
}
