// How a commit is shown in one line, wherever one is.
import type { JSX } from 'preact';
import { contentPath } from '../repositories/addresses.ts';
import type { Repository } from '../repositories/repositories.ts';
import { Icon } from '../web/icon.tsx';
import { RelativeTime } from '../web/parts.tsx';
import type { Commit } from './commit-object.ts';
import { shortId } from './objects.ts';

const MAX_SUBJECT_LENGTH = 200;

/** The message's first line, which may be as long as it likes. */
export function subjectOf({ message }: Commit): string {
  const [line = ''] = message.trimStart().split('\n', 1);
  if (line.trim() === '') return '(no message)';
  return line.length > MAX_SUBJECT_LENGTH ? `${line.slice(0, MAX_SUBJECT_LENGTH)}…` : line;
}

/** The message without its first line. */
export function bodyOf({ message }: Commit): string {
  const trimmed = message.trimStart();
  const end = trimmed.indexOf('\n');
  return end === -1
    ? ''
    : trimmed
        .slice(end + 1)
        .replace(/^\n+/, '')
        .trimEnd();
}

interface CommitProps {
  readonly repository: Repository;
  readonly commit: Commit;
}

/** Author, subject, id and time: the line above a file table. */
export function LatestCommit({ repository, commit }: CommitProps): JSX.Element {
  return (
    <div class="latest-commit">
      <span class="latest-commit-text">
        <strong>{commit.author.name || 'Somebody'}</strong>{' '}
        <a href={contentPath(repository, 'commit', commit.sha)}>{subjectOf(commit)}</a>
      </span>
      <span class="latest-commit-facts muted">
        <CommitId repository={repository} commit={commit} /> <RelativeTime at={commit.committer.date} />
      </span>
    </div>
  );
}

export function CommitId({ repository, commit }: CommitProps): JSX.Element {
  return (
    <a
      class="commit-id"
      href={contentPath(repository, 'commit', commit.sha)}
      aria-label={`Commit ${shortId(commit.sha)}`}
    >
      {shortId(commit.sha)}
    </a>
  );
}

/** Who wrote it, and who committed it where that is somebody else, and when. */
export function CommitPeople({ commit }: { readonly commit: Commit }): JSX.Element {
  const { author, committer } = commit;
  const same = author.name === committer.name && author.email === committer.email;
  return (
    <span class="muted">
      <Icon name="person" /> <strong>{author.name || 'Somebody'}</strong>
      {same ? ' committed ' : ' authored and '}
      {!same && (
        <>
          <strong>{committer.name || 'somebody'}</strong> committed{' '}
        </>
      )}
      <RelativeTime at={committer.date} />
    </span>
  );
}
