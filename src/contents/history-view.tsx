// Commits, branches and tags as lists, and the head of a commit's page.
import type { JSX } from 'preact';
import { contentPath, repositoryPath } from '../repositories/addresses.ts';
import type { Repository } from '../repositories/repositories.ts';
import { Icon } from '../web/icon.tsx';
import { Blankslate, dateOf, Label, RelativeTime } from '../web/parts.tsx';
import type { Commit } from './commit-object.ts';
import { bodyOf, CommitId, CommitPeople, subjectOf } from './commit-parts.tsx';
import { shortId } from './objects.ts';

interface CommitListProps {
  readonly repository: Repository;
  readonly commits: readonly Commit[];
}

/** Grouped by the day on which they were committed, in UTC. */
export function CommitList({ repository, commits }: CommitListProps): JSX.Element {
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

export function OlderNewer({ page, hasMore, href }: OlderNewerProps): JSX.Element | null {
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

export function CommitHeader({
  repository,
  commit,
}: {
  repository: Repository;
  commit: Commit;
}): JSX.Element {
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

export function RefList({ repository, kind, refs, commits }: RefListProps): JSX.Element {
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

export function OtherRefs({
  repository,
  kind,
}: {
  repository: Repository;
  kind: 'branches' | 'tags';
}): JSX.Element {
  const other = kind === 'branches' ? 'tags' : 'branches';
  return (
    <a class="btn" href={`${repositoryPath(repository)}/${other}`}>
      {other === 'tags' ? 'Tags' : 'Branches'}
    </a>
  );
}
