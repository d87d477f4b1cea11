// A directory as a page shows it: its newest commit, its entries, its README; and the bar above it.
import type { JSX } from 'preact';
import { contentPath, repositoryPath } from '../repositories/addresses.ts';
import type { Repository } from '../repositories/repositories.ts';
import { Icon } from '../web/icon.tsx';
import { BranchPicker } from './branch-picker.tsx';
import { LatestCommit } from './commit-parts.tsx';
import type { Directory } from './directory.ts';
import { FileTable } from './file-table.tsx';
import { Readme, type ReadmeContent } from './readme-view.tsx';
import type { Branch, Listed, Revision } from './refs.ts';
import type { TreeEntry } from './trees.ts';

/** Counting commits ends here; more are shown as "10,000+". */
export const MAX_COUNT = 10_000;

interface DirectoryProps {
  readonly repository: Repository;
  readonly revision: Revision;
  readonly directory: Directory;
  readonly readme: ReadmeContent | null;
  /** How many commits lead here; null: not told. */
  readonly commits: number | null;
}

export function DirectoryView({
  repository,
  revision,
  directory,
  readme,
  commits,
}: DirectoryProps): JSX.Element {
  const { path, tree, latest, lastChanges } = directory;
  return (
    <>
      <div class="Box file-box">
        <div class="file-box-header">
          {latest !== null && <LatestCommit repository={repository} commit={latest} />}
          <a class="commit-count" href={contentPath(repository, 'commits', revision.name, path)}>
            <Icon name="history" />
            {commits === null ? 'History' : <Counted count={commits} noun="commit" />}
          </a>
        </div>
        <FileTable
          repository={repository}
          revision={revision.name}
          directory={path}
          tree={tree}
          lastChanges={lastChanges}
        />
      </div>
      {readme !== null && <Readme repository={repository} revision={revision} readme={readme} />}
    </>
  );
}

interface PathBarProps {
  readonly repository: Repository;
  readonly revision: Revision;
  readonly entry: TreeEntry;
  readonly branches: Listed<Branch>;
  readonly page: 'tree' | 'blob';
}

/** The branch, and the path with a link to each directory on the way. */
export function PathBar({ repository, revision, entry, branches, page }: PathBarProps): JSX.Element {
  const parts = entry.path === '' ? [] : entry.path.split('/');
  return (
    <div class="repo-bar">
      <BranchPicker
        repository={repository}
        revision={revision}
        branches={branches}
        page={page}
        path={entry.path}
      />
      <h1 class="path">
        <a class="path-link" href={contentPath(repository, 'tree', revision.name)}>
          {repository.name}
        </a>
        {parts.map((part, index) => (
          <span key={parts.slice(0, index + 1).join('/')}>
            <span class="muted"> / </span>
            {index === parts.length - 1 ? (
              part
            ) : (
              <a
                class="path-link"
                href={contentPath(repository, 'tree', revision.name, parts.slice(0, index + 1).join('/'))}
              >
                {part}
              </a>
            )}
          </span>
        ))}
      </h1>
    </div>
  );
}

interface CountsProps {
  readonly repository: Repository;
  readonly branches: number;
  readonly tags: number;
}

export function Counts({ repository, branches, tags }: CountsProps): JSX.Element {
  const home = repositoryPath(repository);
  return (
    <ul class="counts">
      <li>
        <a href={`${home}/branches`}>
          <Icon name="git-branch" />
          <Counted count={branches} noun="branch" plural="branches" />
        </a>
      </li>
      <li>
        <a href={`${home}/tags`}>
          <Icon name="tag" />
          <Counted count={tags} noun="tag" />
        </a>
      </li>
    </ul>
  );
}

interface CountedProps {
  readonly count: number;
  readonly noun: string;
  readonly plural?: string;
}

function Counted({ count, noun, plural = `${noun}s` }: CountedProps): JSX.Element {
  const shown = count > MAX_COUNT ? `${MAX_COUNT.toLocaleString('en-US')}+` : count.toLocaleString('en-US');
  return (
    <span>
      <strong>{shown}</strong> {count === 1 ? noun : plural}
    </span>
  );
}
