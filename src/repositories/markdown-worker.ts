// The thread in which Markdown is rendered: a text made to take for ever holds up nobody but itself.
import { parentPort } from 'node:worker_threads';
import { type MarkdownPlace, renderMarkdown } from './markdown.ts';

export interface MarkdownJob {
  readonly source: string;
  readonly place: MarkdownPlace;
}

parentPort?.on('message', ({ source, place }: MarkdownJob) => {
  parentPort?.postMessage(renderMarkdown(source, place));
});
