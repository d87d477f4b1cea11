// The process in which Markdown is rendered: a text made to take for ever, or all memory, holds up nobody but itself.
import { type MarkdownPlace, renderMarkdown } from './markdown.ts';

export interface MarkdownJob {
  readonly source: string;
  readonly place: MarkdownPlace;
}

export interface MarkdownAnswer {
  /** Null: it would be too long. */
  readonly html: string | null;
}

/** A few bytes can stand for very many, as where one long address is referred to again and again. */
const MAX_HTML_LENGTH = 4 * 1024 * 1024;

process.on('message', ({ source, place }: MarkdownJob) => {
  const html = renderMarkdown(source, place);
  const answer: MarkdownAnswer = { html: html.length > MAX_HTML_LENGTH ? null : html };
  process.send?.(answer);
});
