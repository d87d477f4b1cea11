// The git database through the API, for reading: refs, commits, trees, blobs and annotated tags as git keeps them.
import { ApiError } from '../api/errors.ts';
import { mediaType } from '../api/media-type.ts';
import { nodeId } from '../api/node-ids.ts';
import { pathParameter, restOfPath, textParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import type { RepositoryCall, RepositoryRoutes } from '../repositories/api-addresses.ts';
import type { Repository } from '../repositories/repositories.ts';
import { readBlob } from './blobs.ts';
import { findCommit } from './commits.ts';
import { MAX_RAW_BYTES, sendRaw } from './files-rest.ts';
import { base64Lines, gitCommitJson, inAddress, type Place, placeOf, signatoryJson } from './git-json.ts';
import { inspectObjects, isObjectId } from './objects.ts';
import { asText, readGit } from './reading.ts';
import { type AnnotatedTag, findAnnotatedTag, findRef, type Ref, refsStartingWith } from './ref-objects.ts';
import { resolveRevision } from './refs.ts';

/** Blobs in JSON are held in memory whole, and making it of 20 MB takes more than a second; larger ones are read raw. */
const MAX_JSON_BLOB_BYTES = 8 * 1024 * 1024;
/** GitHub's bounds of a tree read recursively. */
const MAX_TREE_BYTES = 7 * 1024 * 1024;
/**
 * GitHub stops at 100,000 entries or 7 MB, whichever comes first: some 30,000 of usual length. Writing more at once
 * would keep everybody else waiting.
 */
const MAX_TREE_ENTRIES = 30_000;

export function gitDataRest(routes: RepositoryRoutes, ctx: Context): void {
  const get = (below: string, handler: (call: RepositoryCall) => unknown) =>
    routes.route({ method: 'GET', below: `/git${below}`, action: 'contents.read', handler });
  const found = <T>(value: T | null): T => {
    if (value === null) throw new ApiError('not-found');
    return value;
  };

  // The second is what the `url` of a ref says; GitHub answers it without describing it.
  for (const below of ['/ref/*', '/refs/*']) {
    get(below, async ({ request, target: { repository } }) => {
      const ref = found(await findRef(ctx, repository, restOfPath(request)));
      return refJson(placeOf(ctx.config, repository), ref);
    });
  }
  for (const below of ['/matching-refs', '/matching-refs/*']) {
    get(below, async ({ request, target: { repository } }) => {
      const refs = await refsStartingWith(ctx, repository, restOfPath(request));
      return refs.map((ref) => refJson(placeOf(ctx.config, repository), ref));
    });
  }
  get('/commits/:sha', async ({ request, target: { repository } }) => {
    const commit = found(await findCommit(ctx, repository, pathParameter(request, 'sha')));
    return gitCommitJson(placeOf(ctx.config, repository), commit);
  });
  get('/tags/:sha', async ({ request, target: { repository } }) => {
    const tag = found(await findAnnotatedTag(ctx, repository, pathParameter(request, 'sha')));
    return annotatedTagJson(placeOf(ctx.config, repository), tag);
  });
  get('/trees/*', async ({ request, target: { repository } }) => {
    const sha = found(await findTree(ctx, repository, restOfPath(request)));
    // Whatever the value is, as on GitHub.
    const recursive = textParameter(request, 'recursive') !== undefined;
    return treeJson(ctx, repository, sha, recursive);
  });
  get('/blobs/:sha', (call) => answerBlob(ctx, call));
}

async function answerBlob(ctx: Context, call: RepositoryCall) {
  const {
    request,
    target: { repository },
  } = call;
  const sha = pathParameter(request, 'sha');
  const raw = mediaType(request.headers.accept).variant === 'raw';
  const [info] = isObjectId(sha) ? await inspectObjects(ctx, repository, [sha]) : [];
  if (info?.type !== 'blob') throw new ApiError('not-found');
  const limit = raw ? MAX_RAW_BYTES : MAX_JSON_BLOB_BYTES;
  if (info.size > limit) throw new ApiError('blob-too-large');
  if (raw) return sendRaw(ctx, call, info);
  const blob = await readBlob(ctx, repository, sha, limit);
  if (blob === null) throw new ApiError('not-found');
  return {
    sha,
    node_id: nodeId('Blob', `${repository.id}:${sha}`),
    size: blob.size,
    url: `${placeOf(ctx.config, repository).api}/git/blobs/${sha}`,
    content: base64Lines(blob.bytes),
    encoding: 'base64',
  };
}

/** A tree may be asked for by its own id, by a commit's, or by a branch or tag. */
async function findTree(ctx: Context, repository: Repository, text: string): Promise<string | null> {
  const id = isObjectId(text) ? text : (await resolveRevision(ctx, repository, text))?.sha;
  if (id === undefined) return null;
  const [tree] = await inspectObjects(ctx, repository, [`${id}^{tree}`]);
  return tree?.sha ?? null;
}

export async function treeJson(ctx: Context, repository: Repository, sha: string, recursive: boolean) {
  const place = placeOf(ctx.config, repository);
  const args = ['ls-tree', ...(recursive ? ['-r', '-t'] : []), '-z', '--long', '--full-tree'];
  const read = await readGit(ctx, repository, [...args, '--end-of-options', sha], {
    maxBytes: MAX_TREE_BYTES,
  });
  if (read.status !== 0) throw new ApiError('not-found');
  // What stands after the last NUL is the beginning of an entry that was cut off, or nothing.
  const lines = asText(read.bytes).split('\0').slice(0, -1);
  return {
    sha,
    url: `${place.api}/git/trees/${sha}`,
    tree: lines.slice(0, MAX_TREE_ENTRIES).flatMap((line) => treeItemJson(place, line)),
    truncated: read.truncated || lines.length > MAX_TREE_ENTRIES,
  };
}

/** From a line of git-ls-tree(1): mode, type, id and size, a tab, the path. */
function treeItemJson(place: Place, line: string) {
  const [, mode, type, sha, size] = /^(\d{6}) (\w+) ([0-9a-f]+) +(\d+|-)\t/.exec(line) ?? [];
  if (sha === undefined) return [];
  const path = line.slice(line.indexOf('\t') + 1);
  return {
    path,
    mode,
    type,
    sha,
    ...(size === '-' ? {} : { size: Number(size) }),
    ...(type === 'commit' ? {} : { url: `${place.api}/git/${type === 'tree' ? 'trees' : 'blobs'}/${sha}` }),
  };
}

export function refJson(place: Place, ref: Ref) {
  return {
    ref: ref.name,
    node_id: nodeId('Ref', `${place.repositoryId}:${ref.name}`),
    url: `${place.api}/git/${inAddress(ref.name)}`,
    object: { sha: ref.sha, type: ref.type, url: `${place.api}/git/${ref.type}s/${ref.sha}` },
  };
}

export function annotatedTagJson(place: Place, tag: AnnotatedTag) {
  const signed = /^-----BEGIN (PGP|SSH) SIGNATURE-----$/m.test(tag.message);
  return {
    node_id: nodeId('Tag', `${place.repositoryId}:${tag.sha}`),
    sha: tag.sha,
    url: `${place.api}/git/tags/${tag.sha}`,
    tagger: signatoryJson(tag.tagger),
    object: {
      sha: tag.object.sha,
      type: tag.object.type,
      url: `${place.api}/git/${tag.object.type}s/${tag.object.sha}`,
    },
    tag: tag.name,
    message: tag.message,
    // No signature is checked yet, so none is called good.
    verification: {
      verified: false,
      reason: signed ? 'unknown_key' : 'unsigned',
      signature: null,
      payload: null,
    },
  };
}
