// The README below a directory's file table.
import type { JSX } from 'preact';
import type { Context } from '../context.ts';
import { contentPath, encodePath, repositoryPath } from '../repositories/addresses.ts';
import type { Repository } from '../repositories/repositories.ts';
import { Icon } from '../web/icon.tsx';
import { looksBinary, readBlob } from './blobs.ts';
import { asText } from './reading.ts';
import { MAX_README_BYTES, type MarkdownRenderer } from './readme.ts';
import type { Revision } from './refs.ts';
import type { TreeEntry } from './trees.ts';

/** A text, and what it is shown as. */
export type Rendered =
  | { readonly kind: 'html'; readonly html: string }
  | { readonly kind: 'text'; readonly text: string }
  /** Too long, or rendering it took too long. */
  | { readonly kind: 'unrendered' };

export interface ReadmeContent {
  readonly entry: TreeEntry;
  readonly rendered: Rendered;
}

export function isMarkdown(path: string): boolean {
  return /\.(?:md|markdown|mdown)$/i.test(path);
}

/** Markdown as HTML. */
export async function renderFile(
  markdown: MarkdownRenderer,
  repository: Repository,
  revision: Revision,
  path: string,
  text: string,
): Promise<Rendered> {
  const html = await markdown.render(text, {
    repositoryPath: repositoryPath(repository),
    revision: encodePath(revision.name),
    directory: path.split('/').slice(0, -1).join('/'),
  });
  return html === null ? { kind: 'unrendered' } : { kind: 'html', html };
}

/**
 * The README of a directory, ready to be shown; null where there is none.
 */
export async function readReadme(
  ctx: Context,
  markdown: MarkdownRenderer,
  repository: Repository,
  revision: Revision,
  entry: TreeEntry | null,
): Promise<ReadmeContent | null> {
  const blob = entry === null ? null : await readBlob(ctx, repository, entry.sha, MAX_README_BYTES);
  if (entry === null || blob === null || looksBinary(blob.bytes)) return null;
  if (blob.truncated) return { entry, rendered: { kind: 'unrendered' } };
  const text = asText(blob.bytes);
  if (!isMarkdown(entry.path)) return { entry, rendered: { kind: 'text', text } };
  return { entry, rendered: await renderFile(markdown, repository, revision, entry.path, text) };
}

export interface ReadmeProps {
  readonly repository: Repository;
  readonly revision: Revision;
  readonly readme: ReadmeContent;
}

export function Readme({ repository, revision, readme }: ReadmeProps): JSX.Element {
  const { entry, rendered } = readme;
  const page = contentPath(repository, 'blob', revision.name, entry.path);
  return (
    <section class="Box readme" aria-label={entry.name}>
      <div class="readme-header">
        <Icon name="book" />
        <a class="readme-path" href={page}>
          {entry.path}
        </a>
      </div>
      <div class="readme-body">
        <RenderedText rendered={rendered} page={page} />
      </div>
    </section>
  );
}

export interface RenderedTextProps {
  readonly rendered: Rendered;
  /** Where the file itself is shown. */
  readonly page: string;
}

export function RenderedText({ rendered, page }: RenderedTextProps): JSX.Element {
  switch (rendered.kind) {
    case 'html':
      return (
        <article
          class="markdown-body"
          // markdown.ts gives safe HTML only.
          dangerouslySetInnerHTML={{ __html: rendered.html }}
        />
      );
    case 'text':
      return <pre class="plain-text">{rendered.text}</pre>;
    case 'unrendered':
      return (
        <p class="muted">
          This file takes too long to be rendered. <a href={`${page}?plain=1`}>Read it as it is</a>.
        </p>
      );
  }
}
