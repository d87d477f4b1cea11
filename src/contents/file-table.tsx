// A directory as a table: each entry, the newest commit that touched it, and when.
import type { JSX } from 'preact';
import { contentPath } from '../repositories/addresses.ts';
import type { Repository } from '../repositories/repositories.ts';
import { Icon } from '../web/icon.tsx';
import { RelativeTime } from '../web/parts.tsx';
import type { Commit } from './commit-object.ts';
import { subjectOf } from './commit-parts.tsx';
import { shortId } from './objects.ts';
import type { Tree, TreeEntry } from './trees.ts';

export interface FileTableProps {
  readonly repository: Repository;
  /** The branch, tag or commit that links lead to. */
  readonly revision: string;
  /** The directory's path; empty for the root. */
  readonly directory: string;
  readonly tree: Tree;
  readonly lastChanges: ReadonlyMap<string, Commit>;
}

const icons = {
  dir: ['file-directory-fill', 'Directory'],
  file: ['file', 'File'],
  symlink: ['file-symlink-file', 'Symbolic link'],
  submodule: ['file-submodule', 'Submodule'],
} as const;

export function FileTable(props: FileTableProps): JSX.Element {
  const { repository, revision, directory, tree, lastChanges } = props;
  const directories = tree.entries.filter(({ type }) => type === 'dir' || type === 'submodule');
  const files = tree.entries.filter(({ type }) => type !== 'dir' && type !== 'submodule');
  return (
    <>
      <table class="file-table">
        <thead>
          <tr>
            <th scope="col" class="file-name">
              <span class="sr-only">Name</span>
            </th>
            <th scope="col" class="file-message">
              <span class="sr-only">Last commit</span>
            </th>
            <th scope="col" class="file-time">
              <span class="sr-only">Last changed</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {directory !== '' && (
            <tr>
              <td class="file-name">
                <a href={contentPath(repository, 'tree', revision, parentOf(directory))}>
                  <Icon name="file-directory-fill" class="icon-directory" />
                  <span class="sr-only">Parent directory</span>
                  <span aria-hidden="true">..</span>
                </a>
              </td>
              <td class="file-message" />
              <td class="file-time" />
            </tr>
          )}
          {[...directories, ...files].map((entry) => (
            <tr key={entry.name}>
              <td class="file-name">
                <Entry repository={repository} revision={revision} entry={entry} />
              </td>
              <LastChange repository={repository} commit={lastChanges.get(entry.name)} />
            </tr>
          ))}
        </tbody>
      </table>
      {tree.truncated && (
        <p class="Box-row muted">
          There are more entries than are shown here. Clone the repository to see all.
        </p>
      )}
    </>
  );
}

interface EntryProps {
  readonly repository: Repository;
  readonly revision: string;
  readonly entry: TreeEntry;
}

function Entry({ repository, revision, entry }: EntryProps): JSX.Element {
  const [icon, label] = icons[entry.type];
  const drawn = (
    <Icon name={icon} label={label} class={entry.type === 'dir' ? 'icon-directory' : 'icon-file'} />
  );
  if (entry.type === 'submodule') {
    return (
      <span>
        {drawn} {entry.name} <span class="muted">@ {shortId(entry.sha)}</span>
      </span>
    );
  }
  // No address leads to a file whose name is not UTF-8.
  if (entry.name.includes('\ufffd')) {
    return (
      <span>
        {drawn} {entry.name}
      </span>
    );
  }
  const page = entry.type === 'dir' ? 'tree' : 'blob';
  return (
    <span>
      {drawn} <a href={contentPath(repository, page, revision, entry.path)}>{entry.name}</a>
    </span>
  );
}

interface LastChangeProps {
  readonly repository: Repository;
  readonly commit: Commit | undefined;
}

function LastChange({ repository, commit }: LastChangeProps): JSX.Element {
  if (commit === undefined) {
    return (
      <>
        <td class="file-message" />
        <td class="file-time" />
      </>
    );
  }
  return (
    <>
      <td class="file-message">
        <a href={contentPath(repository, 'commit', commit.sha)}>{subjectOf(commit)}</a>
      </td>
      <td class="file-time">
        <RelativeTime at={commit.committer.date} />
      </td>
    </>
  );
}

function parentOf(path: string): string {
  return path.split('/').slice(0, -1).join('/');
}
