// Choosing another branch: a disclosure with links, which needs no script.
import type { JSX } from 'preact';
import { contentPath, repositoryPath } from '../repositories/addresses.ts';
import type { Repository } from '../repositories/repositories.ts';
import { Icon } from '../web/icon.tsx';
import { shortId } from './objects.ts';
import type { Branch, Listed, Revision } from './refs.ts';

/** How many branches the picker offers; a link leads to all. */
export const PICKER_BRANCHES = 50;

export interface BranchPickerProps {
  readonly repository: Repository;
  readonly revision: Revision;
  readonly branches: Listed<Branch>;
  /** Which kind of page to go to, and the path to keep. */
  readonly page: 'tree' | 'blob' | 'commits';
  readonly path?: string;
}

export function BranchPicker(props: BranchPickerProps): JSX.Element {
  const { repository, revision, branches, page, path = '' } = props;
  return (
    <details class="picker">
      <summary class="btn">
        <Icon
          name={revision.kind === 'tag' ? 'tag' : revision.kind === 'commit' ? 'git-commit' : 'git-branch'}
        />
        <span class="sr-only">{`Switch branches, now at ${revision.kind} `}</span>
        <span class="picker-name">{revisionLabel(revision)}</span>
        <Icon name="triangle-down" />
      </summary>
      <div class="picker-list">
        <ul>
          {branches.items.map(({ name }) => (
            <li key={name}>
              <a
                href={contentPath(repository, page, name, path)}
                aria-current={revision.kind === 'branch' && revision.name === name ? 'true' : undefined}
              >
                {name}
                {name === repository.defaultBranch && <span class="Label label-default">default</span>}
              </a>
            </li>
          ))}
        </ul>
        <a class="picker-all" href={`${repositoryPath(repository)}/branches`}>
          View all branches
        </a>
      </div>
    </details>
  );
}

/** A commit by the first digits of its id, everything else by its name. */
function revisionLabel({ kind, name }: Revision): string {
  return kind === 'commit' ? shortId(name) : name;
}
