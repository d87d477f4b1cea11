// Repositories as a list: on one's own front page and on a person's.
import type { JSX } from 'preact';
import { RelativeTime } from '../web/parts.tsx';
import { repositoryPath } from './addresses.ts';
import { VisibilityLabel } from './frame.tsx';
import type { Repository } from './repositories.ts';

export interface RepositoryListProps {
  readonly repositories: readonly Repository[];
  /** Name them `owner/name`, where they are not all of one owner. */
  readonly withOwner?: boolean;
}

export function RepositoryList({ repositories, withOwner = false }: RepositoryListProps): JSX.Element {
  return (
    <ul class="repo-list">
      {repositories.map((repository) => {
        const { id, ownerLogin, name, description, pushedAt, updatedAt } = repository;
        return (
          <li key={id}>
            <div class="repo-list-name">
              <a class="repo-list-link" href={repositoryPath(repository)}>
                {withOwner ? `${ownerLogin}/${name}` : name}
              </a>
              <VisibilityLabel repository={repository} />
            </div>
            {description !== null && <p>{description}</p>}
            <p class="repo-list-facts muted">
              Updated <RelativeTime at={pushedAt ?? updatedAt} />
            </p>
          </li>
        );
      })}
    </ul>
  );
}
