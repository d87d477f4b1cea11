// Files, directories and READMEs through the API.
import { ApiError } from '../api/errors.ts';
import { mediaType } from '../api/media-type.ts';
import { restOfPath, textParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import type { RepositoryCall, RepositoryRoutes } from '../repositories/api-addresses.ts';
import type { Repository } from '../repositories/repositories.ts';
import { type Blob, findReadme, followLink, looksBinary, readBlob } from './blobs.ts';
import { base64Lines, entryJson, type Place, placeOf } from './git-json.ts';
import { openLargeBlob } from './large-blobs.ts';
import { asText } from './reading.ts';
import { createMarkdownRenderer, MAX_README_BYTES, type MarkdownRenderer } from './readme.ts';
import { isMarkdown, renderFile } from './readme-view.tsx';
import { type Revision, resolveRevision } from './refs.ts';
import { submoduleUrl } from './submodules.ts';
import { findEntry, readTreeObject, type TreeEntry } from './trees.ts';

/** GitHub's bounds: contents in JSON up to 1 MB, raw ones up to 100 MB. */
const MAX_JSON_BYTES = 1024 * 1024;
export const MAX_RAW_BYTES = 100 * 1024 * 1024;

export function filesRest(routes: RepositoryRoutes, ctx: Context): void {
  const markdown = createMarkdownRenderer({ now: ctx.now });
  for (const [below, answer] of [
    ['/contents', answerContents],
    ['/contents/*', answerContents],
    ['/readme', answerReadme],
    ['/readme/*', answerReadme],
  ] as const) {
    routes.route({
      method: 'GET',
      below,
      action: 'contents.read',
      handler: async (call) => answer({ ctx, markdown, call, view: await viewpoint(ctx, call) }),
    });
  }
}

/** Where in the history a request looks, and under which name. */
interface Viewpoint {
  readonly place: Place;
  readonly repository: Repository;
  readonly revision: Revision;
  /** As it was asked for. */
  readonly ref: string;
}

interface Asked {
  readonly ctx: Context;
  readonly markdown: MarkdownRenderer;
  readonly call: RepositoryCall;
  readonly view: Viewpoint;
}

async function viewpoint(
  ctx: Context,
  { request, target: { repository } }: RepositoryCall,
): Promise<Viewpoint> {
  const asked = textParameter(request, 'ref');
  const revision = await resolveRevision(ctx, repository, asked ?? `refs/heads/${repository.defaultBranch}`);
  if (revision === null) {
    throw asked === undefined
      ? new ApiError('empty-tree')
      : new ApiError('no-commit-for-ref', { message: `No commit found for the ref ${asked.slice(0, 255)}` });
  }
  const ref = asked ?? repository.defaultBranch;
  return { place: placeOf(ctx.config, repository), repository, revision, ref };
}

async function answerContents(asked: Asked): Promise<unknown> {
  const { ctx, call, view } = asked;
  const entry = await findEntry(ctx, view.repository, view.revision.sha, restOfPath(call.request));
  if (entry === null) throw new ApiError('not-found');
  switch (entry.type) {
    case 'dir':
      return directoryJson(asked, entry);
    case 'submodule':
      return submoduleJson(asked, entry);
    case 'symlink': {
      // As GitHub: a link to a file of the repository is that file.
      const file = await followLink(ctx, view.repository, view.revision.sha, entry);
      if (file === null) return symlinkJson(asked, entry);
      return answerFile(asked, { ...file, name: entry.name, path: entry.path });
    }
    case 'file':
      return answerFile(asked, entry);
  }
}

async function answerReadme(asked: Asked): Promise<unknown> {
  const { ctx, call, view } = asked;
  const entry = await findReadme(ctx, view.repository, view.revision.sha, restOfPath(call.request));
  if (entry === null) throw new ApiError('not-found');
  return answerFile(asked, entry);
}

/** In the form that the client accepts. */
async function answerFile(asked: Asked, entry: TreeEntry): Promise<unknown> {
  if (entry.size > MAX_RAW_BYTES) throw new ApiError('blob-too-large');
  const { ctx, call } = asked;
  const { variant } = mediaType(call.request.headers.accept);
  if (variant === 'raw') {
    return sendRaw(ctx, call, entry);
  }
  const html = variant === 'html' ? await asHtml(asked, entry) : null;
  if (html === null) return fileJson(asked, entry);
  return call.reply.type('application/vnd.github.html; charset=utf-8').send(html);
}

/** A file as it is, from memory only where it is small. */
export async function sendRaw(
  ctx: Context,
  call: RepositoryCall,
  { sha, size }: Pick<TreeEntry, 'sha' | 'size'>,
): Promise<unknown> {
  const reply = call.reply.type('application/vnd.github.raw; charset=utf-8');
  if (size > MAX_JSON_BYTES) {
    const stream = await openLargeBlob(ctx, call, sha);
    return reply.header('content-length', size).send(stream);
  }
  const blob = await readBlob(ctx, call.target.repository, sha, MAX_JSON_BYTES);
  if (blob === null) throw new ApiError('not-found');
  return reply.send(blob.bytes);
}

async function wholeBlob(ctx: Context, view: Viewpoint, entry: TreeEntry, limit: number): Promise<Blob> {
  const blob = await readBlob(ctx, view.repository, entry.sha, limit);
  if (blob === null) throw new ApiError('not-found');
  return blob;
}

/** Text rendered; null for what is not text, or too much of it. */
async function asHtml({ ctx, markdown, view }: Asked, entry: TreeEntry): Promise<string | null> {
  if (entry.size > MAX_README_BYTES) return null;
  const { bytes } = await wholeBlob(ctx, view, entry, MAX_README_BYTES);
  if (looksBinary(bytes)) return null;
  const text = asText(bytes);
  if (!isMarkdown(entry.path)) return `<pre>${escapeHtml(text)}</pre>`;
  const rendered = await renderFile(markdown, view.repository, view.revision, entry.path, text);
  return rendered.kind === 'html' ? `<article class="markdown-body">${rendered.html}</article>` : null;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

async function fileJson({ ctx, view }: Asked, entry: TreeEntry) {
  const shown = entryJson(view.place, entry, view.ref);
  // As GitHub: what is larger is told of, and read raw.
  if (entry.size > MAX_JSON_BYTES) return { ...shown, content: '', encoding: 'none' };
  const blob = await wholeBlob(ctx, view, entry, MAX_JSON_BYTES);
  return { ...shown, content: base64Lines(blob.bytes), encoding: 'base64' };
}

async function directoryJson({ ctx, call, view }: Asked, directory: TreeEntry) {
  const tree = await readTreeObject(ctx, view.repository, directory);
  if (tree === null) throw new ApiError('not-found');
  const entries = tree.entries.map((entry) => {
    const shown = entryJson(view.place, entry, view.ref);
    // GitHub lists submodules as files, and clients have come to rely on it.
    return entry.type === 'submodule' ? { ...shown, type: 'file' } : shown;
  });
  if (mediaType(call.request.headers.accept).variant !== 'object') return entries;
  // The description wants content and encoding even here.
  return { ...entryJson(view.place, directory, view.ref), entries, content: '', encoding: 'none' };
}

async function symlinkJson({ ctx, view }: Asked, entry: TreeEntry) {
  const link = await readBlob(ctx, view.repository, entry.sha, 4096);
  return { ...entryJson(view.place, entry, view.ref), target: link?.bytes.toString('utf8') ?? '' };
}

async function submoduleJson({ ctx, view }: Asked, entry: TreeEntry) {
  const url = await submoduleUrl(ctx, view.repository, view.revision.sha, entry.path, view.place.page);
  return { ...entryJson(view.place, entry, view.ref), submodule_git_url: url };
}
