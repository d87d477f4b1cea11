// Files, directories and READMEs through the API.
import type { FastifyRequest } from 'fastify';
import { ApiError } from '../api/errors.ts';
import { mediaType } from '../api/media-type.ts';
import { restOfPath, textParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import { findReadme, followLink, readBlob } from './blobs.ts';
import { base64Lines, entryJson, type Place, placeOf } from './git-json.ts';
import { resolveRevision } from './refs.ts';
import type { Repository } from './repositories.ts';
import type { RepositoryCall, RepositoryRoutes } from './repository-routes.ts';
import { submoduleUrl } from './submodules.ts';
import { findEntry, readTreeObject, type TreeEntry } from './trees.ts';

/** GitHub's bounds: contents in JSON up to 1 MB, raw ones up to 100 MB. */
const MAX_JSON_BYTES = 1024 * 1024;
export const MAX_RAW_BYTES = 100 * 1024 * 1024;

export function contentsRest(routes: RepositoryRoutes, ctx: Context): void {
  const contents = (call: RepositoryCall) => answerContents(ctx, call);
  const readme = (call: RepositoryCall) => answerReadme(ctx, call);
  for (const [below, handler] of [
    ['/contents', contents],
    ['/contents/*', contents],
    ['/readme', readme],
    ['/readme/*', readme],
  ] as const) {
    routes.route({ method: 'GET', below, action: 'contents.read', handler });
  }
}

/** Where in the history a request looks, and under which name. */
interface Viewpoint {
  readonly place: Place;
  readonly repository: Repository;
  readonly sha: string;
  readonly ref: string;
}

async function viewpoint(ctx: Context, request: FastifyRequest, repository: Repository): Promise<Viewpoint> {
  const asked = textParameter(request, 'ref');
  const revision = await resolveRevision(ctx, repository, asked ?? `refs/heads/${repository.defaultBranch}`);
  if (revision === null) {
    throw asked === undefined
      ? new ApiError('empty-tree')
      : new ApiError('no-commit-for-ref', { message: `No commit found for the ref ${asked.slice(0, 255)}` });
  }
  const ref = asked ?? repository.defaultBranch;
  return { place: placeOf(ctx.config, repository), repository, sha: revision.sha, ref };
}

async function answerContents(ctx: Context, { request, reply, target }: RepositoryCall): Promise<unknown> {
  const view = await viewpoint(ctx, request, target.repository);
  const entry = await findEntry(ctx, view.repository, view.sha, restOfPath(request));
  if (entry === null) throw new ApiError('not-found');
  const { variant } = mediaType(request.headers.accept);
  switch (entry.type) {
    case 'dir':
      return directoryJson(ctx, view, entry, variant === 'object');
    case 'submodule':
      return submoduleJson(ctx, view, entry);
    case 'symlink': {
      // As GitHub: a link to a file of the repository is that file.
      const file = await followLink(ctx, view.repository, view.sha, entry);
      if (file === null) return symlinkJson(ctx, view, entry);
      return variant === 'raw'
        ? sendRaw(ctx, reply, view, file)
        : fileJson(ctx, view, { ...file, ...named(entry) });
    }
    case 'file':
      return variant === 'raw' ? sendRaw(ctx, reply, view, entry) : fileJson(ctx, view, entry);
  }
}

function named({ name, path }: TreeEntry) {
  return { name, path };
}

async function answerReadme(ctx: Context, { request, reply, target }: RepositoryCall): Promise<unknown> {
  const view = await viewpoint(ctx, request, target.repository);
  const entry = await findReadme(ctx, view.repository, view.sha, restOfPath(request));
  if (entry === null) throw new ApiError('not-found');
  return mediaType(request.headers.accept).variant === 'raw'
    ? sendRaw(ctx, reply, view, entry)
    : fileJson(ctx, view, entry);
}

async function fileJson(ctx: Context, view: Viewpoint, entry: TreeEntry) {
  if (entry.size > MAX_RAW_BYTES) throw new ApiError('blob-too-large');
  const shown = entryJson(view.place, entry, view.ref);
  // As GitHub: what is larger is told of, and read raw.
  if (entry.size > MAX_JSON_BYTES) return { ...shown, content: '', encoding: 'none' };
  const blob = await readBlob(ctx, view.repository, entry.sha, MAX_JSON_BYTES);
  if (blob === null) throw new ApiError('not-found');
  return { ...shown, content: base64Lines(blob.bytes), encoding: 'base64' };
}

async function directoryJson(ctx: Context, view: Viewpoint, directory: TreeEntry, asObject: boolean) {
  const tree = await readTreeObject(ctx, view.repository, directory);
  if (tree === null) throw new ApiError('not-found');
  const entries = tree.entries.map((entry) => {
    const shown = entryJson(view.place, entry, view.ref);
    // GitHub lists submodules as files, and clients have come to rely on it.
    return entry.type === 'submodule' ? { ...shown, type: 'file' } : shown;
  });
  if (!asObject) return entries;
  // The description wants content and encoding even here.
  return { ...entryJson(view.place, directory, view.ref), entries, content: '', encoding: 'none' };
}

async function symlinkJson(ctx: Context, view: Viewpoint, entry: TreeEntry) {
  const link = await readBlob(ctx, view.repository, entry.sha, 4096);
  return { ...entryJson(view.place, entry, view.ref), target: link?.bytes.toString('utf8') ?? '' };
}

async function submoduleJson(ctx: Context, view: Viewpoint, entry: TreeEntry) {
  const url = await submoduleUrl(ctx, view.repository, view.sha, entry.path, view.place.page);
  return { ...entryJson(view.place, entry, view.ref), submodule_git_url: url };
}

async function sendRaw(ctx: Context, reply: RepositoryCall['reply'], view: Viewpoint, entry: TreeEntry) {
  if (entry.size > MAX_RAW_BYTES) throw new ApiError('blob-too-large');
  const blob = await readBlob(ctx, view.repository, entry.sha, MAX_RAW_BYTES);
  if (blob === null) throw new ApiError('not-found');
  return reply.type('application/vnd.github.raw; charset=utf-8').send(blob.bytes);
}
