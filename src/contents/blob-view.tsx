// A file as a page shows it: text with line numbers, Markdown rendered, an image, or a note on what it is.
import type { JSX } from 'preact';
import type { Context } from '../context.ts';
import { contentPath } from '../repositories/addresses.ts';
import type { Repository } from '../repositories/repositories.ts';
import { looksBinary, readBlob } from './blobs.ts';
import { rasterImage } from './markdown.ts';
import { shortId } from './objects.ts';
import { asText } from './reading.ts';
import type { MarkdownRenderer } from './readme.ts';
import { isMarkdown, type Rendered, RenderedText, renderFile } from './readme-view.tsx';
import type { Revision } from './refs.ts';
import type { TreeEntry } from './trees.ts';

/** Larger files are not shown, only offered for download; in bytes. */
const MAX_SHOWN_BYTES = 1024 * 1024;
const MAX_SHOWN_LINES = 20_000;

export type View =
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  | { readonly kind: 'rendered'; readonly rendered: Rendered }
  | { readonly kind: 'image' }
  | { readonly kind: 'link'; readonly to: string }
  | { readonly kind: 'submodule' }
  | { readonly kind: 'unshown'; readonly why: 'binary' | 'large' };

/**
 * What to show of a file; null when it is gone.
 * @param query `plain=1` shows Markdown as it was written
 */
export async function readBlobView(
  ctx: Context,
  markdown: MarkdownRenderer,
  repository: Repository,
  revision: Revision,
  entry: TreeEntry,
  query: unknown,
): Promise<View | null> {
  if (entry.type === 'submodule') return { kind: 'submodule' };
  const blob = await readBlob(ctx, repository, entry.sha, MAX_SHOWN_BYTES);
  if (blob === null) return null;
  if (entry.type === 'symlink') return { kind: 'link', to: asText(blob.bytes) };
  if (looksBinary(blob.bytes)) {
    return rasterImage.test(entry.path) ? { kind: 'image' } : { kind: 'unshown', why: 'binary' };
  }
  if (blob.truncated) return { kind: 'unshown', why: 'large' };
  const text = asText(blob.bytes);
  if (isMarkdown(entry.path) && !asksForPlain(query)) {
    const rendered = await renderFile(markdown, repository, revision, entry.path, text);
    if (rendered.kind === 'html') return { kind: 'rendered', rendered };
  }
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.length > MAX_SHOWN_LINES ? { kind: 'unshown', why: 'large' } : { kind: 'lines', lines };
}

function asksForPlain(query: unknown): boolean {
  return (query as { plain?: unknown } | null)?.plain === '1';
}

export interface BlobViewProps {
  readonly repository: Repository;
  readonly revision: Revision;
  readonly entry: TreeEntry;
  readonly view: View;
}

export function BlobView(props: BlobViewProps): JSX.Element {
  const { repository, revision, entry, view } = props;
  const page = contentPath(repository, 'blob', revision.name, entry.path);
  const raw = contentPath(repository, 'raw', revision.name, entry.path);
  return (
    <section class="Box file-box" aria-label={entry.name}>
      <div class="blob-header">
        <span class="muted">{factsOf(entry, view)}</span>
        <span class="blob-actions">
          {view.kind === 'rendered' && (
            <a class="btn btn-sm" href={`${page}?plain=1`}>
              Source
            </a>
          )}
          {view.kind === 'lines' && isMarkdown(entry.path) && (
            <a class="btn btn-sm" href={page}>
              Preview
            </a>
          )}
          {entry.type !== 'submodule' && (
            <a class="btn btn-sm" href={raw}>
              Raw
            </a>
          )}
          <a class="btn btn-sm" href={contentPath(repository, 'commits', revision.name, entry.path)}>
            History
          </a>
        </span>
      </div>
      <Content {...props} page={page} raw={raw} />
    </section>
  );
}

function Content({ entry, view, page, raw }: BlobViewProps & { page: string; raw: string }): JSX.Element {
  switch (view.kind) {
    case 'lines':
      return <Lines name={entry.name} lines={view.lines} />;
    case 'rendered':
      return (
        <div class="readme-body">
          <RenderedText rendered={view.rendered} page={page} />
        </div>
      );
    case 'image':
      return (
        <div class="blob-note">
          <img class="blob-image" src={raw} alt={entry.name} />
        </div>
      );
    case 'link':
      return (
        <p class="blob-note">
          Symbolic link to <code>{view.to}</code>
        </p>
      );
    case 'submodule':
      return (
        <p class="blob-note">
          Submodule at commit <code>{shortId(entry.sha)}</code>; its files are in another repository.
        </p>
      );
    case 'unshown':
      return (
        <p class="blob-note">
          {view.why === 'binary' ? 'This is a binary file. ' : 'This file is too large to be shown. '}
          <a href={raw}>{view.why === 'binary' ? 'Download it' : 'View it raw'}</a>
        </p>
      );
  }
}

/** Each line can be linked to by its number: `#L3`. */
function Lines({ name, lines }: { readonly name: string; readonly lines: readonly string[] }): JSX.Element {
  if (lines.length === 0) return <p class="blob-note muted">This file is empty.</p>;
  return (
    // It scrolls sideways: the keyboard must reach it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section class="code-scroll" aria-label={`Content of ${name}`} tabIndex={0}>
      <table class="code" role="presentation">
        <tbody>
          {lines.map((line, index) => {
            const id = `L${index + 1}`;
            return (
              <tr key={id} id={id} class="code-row">
                <td class="code-number" data-number={index + 1} />
                <td class="code-line">{line === '' ? '\n' : line}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function factsOf(entry: TreeEntry, view: View): string {
  const executable = entry.mode === '100755' ? 'executable file, ' : '';
  if (view.kind === 'submodule' || view.kind === 'link') return '';
  const size = formatBytes(entry.size);
  if (view.kind !== 'lines') return executable + size;
  return `${executable}${view.lines.length} ${view.lines.length === 1 ? 'line' : 'lines'}, ${size}`;
}

/** `120 Bytes`, `1.2 KB`, `3.4 MB`. */
function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} ${bytes === 1 ? 'Byte' : 'Bytes'}`;
  const units = ['KB', 'MB', 'GB', 'TB'];
  let size = bytes / 1024;
  let unit = 0;
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024;
  return `${size.toFixed(size < 10 ? 1 : 0)} ${units[unit]}`;
}
