// What a commit changed, file by file.
import type { JSX } from 'preact';
import { contentPath } from '../repositories/addresses.ts';
import type { Repository } from '../repositories/repositories.ts';
import type { Changes, FileChange } from './changes.ts';
import { type DiffLine, parsePatch } from './diff-lines.ts';

export interface DiffViewProps {
  readonly repository: Repository;
  /** The commit. */
  readonly sha: string;
  readonly changes: Changes;
}

export function DiffView({ repository, sha, changes }: DiffViewProps): JSX.Element {
  const { files, fileCount, additions, deletions, truncated } = changes;
  return (
    <>
      <p class="diff-sum">
        <strong>{counted(fileCount, 'file')} changed</strong>
        {', '}
        <span class="diff-plus">{counted(additions, 'addition')}</span>
        {' and '}
        <span class="diff-minus">{counted(deletions, 'deletion')}</span>
        {truncated && ' (not all could be counted)'}
      </p>
      {files.map((file, index) => (
        <File key={file.path} repository={repository} sha={sha} file={file} id={`diff-${index}`} />
      ))}
      {files.length < fileCount && (
        <p class="muted">{`The first ${files.length} files are shown. Clone the repository to see all.`}</p>
      )}
    </>
  );
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : `${noun}s`}`;
}

interface FileProps {
  readonly repository: Repository;
  readonly sha: string;
  readonly file: FileChange;
  readonly id: string;
}

function File({ repository, sha, file, id }: FileProps): JSX.Element {
  const { path, previousPath, status, additions, deletions } = file;
  const isFile = status !== 'removed' && file.newMode !== '160000' && !path.includes('\ufffd');
  return (
    <section class="Box file-box diff-file" aria-labelledby={id}>
      <div class="blob-header">
        <h2 id={id} class="diff-path">
          {previousPath !== null && `${previousPath} → `}
          {path}
        </h2>
        <span class="diff-facts">
          <span class="diff-plus" aria-hidden="true">{`+${additions}`}</span>{' '}
          <span class="diff-minus" aria-hidden="true">{`−${deletions}`}</span>
          <span class="sr-only">{`${counted(additions, 'addition')}, ${counted(deletions, 'deletion')}`}</span>
          {isFile && (
            <a
              class="btn btn-sm"
              href={contentPath(repository, 'blob', sha, path)}
              aria-label={`View file ${path}`}
            >
              View file
            </a>
          )}
        </span>
      </div>
      <Patch file={file} />
    </section>
  );
}

const kinds: Readonly<Record<FileChange['status'], string>> = {
  added: 'An empty file was added.',
  removed: 'An empty file was deleted.',
  renamed: 'The file was renamed without changes.',
  changed: 'Only the kind of file changed.',
  modified: 'Nothing that can be shown changed.',
};

function Patch({ file }: { readonly file: FileChange }): JSX.Element {
  if (file.binary) return <p class="blob-note muted">Binary file.</p>;
  if (file.patchOmitted) return <p class="blob-note muted">This change is too large to be shown.</p>;
  if (file.patch === null) {
    const mode = file.status === 'changed' ? ` Its mode went from ${file.oldMode} to ${file.newMode}.` : '';
    return <p class="blob-note muted">{kinds[file.status] + mode}</p>;
  }
  return (
    // It scrolls sideways: the keyboard must reach it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section class="code-scroll" aria-label={`Changes of ${file.path}`} tabIndex={0}>
      <table class="code diff" role="presentation">
        <tbody>
          {parsePatch(file.patch).map((line, index) => (
            <Line key={index} line={line} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

const signs = { added: '+', removed: '−', context: '', hunk: '', note: '' } as const;

function Line({ line: { kind, before, after, text } }: { readonly line: DiffLine }): JSX.Element {
  return (
    <tr class={`diff-${kind}`}>
      <td class="code-number" data-number={before ?? undefined} />
      <td class="code-number" data-number={after ?? undefined} />
      <td class="diff-sign">{signs[kind]}</td>
      <td class="code-line">{text === '' ? '\n' : text}</td>
    </tr>
  );
}
