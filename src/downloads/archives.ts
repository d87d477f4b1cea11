// Answers with an archive of a commit: what it is called, what is said of it, and its bytes as git makes them.
import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Call, RouteSchema } from '../access/guard.ts';
import { ApiError } from '../api/errors.ts';
import { attachment, untrusted } from '../contents/raw-file.ts';
import type { Revision } from '../contents/refs.ts';
import type { Context } from '../context.ts';
import { type Archive, type ArchiveFormat, type ArchiveRequest, isClientGone } from '../git/archive.ts';
import { cut } from '../git/http.ts';
import type { Operations } from '../git/operation.ts';
import { PoolFullError } from '../git/pool.ts';
import { GitFailed, Stop } from '../git/stops.ts';
import type { Repository, RepositoryFound } from '../repositories/repositories.ts';

export const archiveFormats: readonly ArchiveFormat[] = ['zip', 'tar.gz'];

const types: Readonly<Record<ArchiveFormat, string>> = {
  zip: 'application/zip',
  'tar.gz': 'application/x-gzip',
};

/** A file system's limit, with room for what is put behind it. */
const MAX_FOLDER_BYTES = 200;

/** `octocat-hello-0123456`, as GitHub names what its API gives. */
export function folderOfCommit({ ownerLogin, name }: Repository, commit: string): string {
  return `${ownerLogin}-${name}-${commit.slice(0, 7)}`;
}

/** `hello-main`, and `hello-1.0` of a tag `v1.0`, as GitHub names what its pages give. */
export function folderOfRevision({ name }: Repository, revision: Revision): string {
  const short = revision.kind === 'tag' ? revision.name.replace(/^v(?=\d)/, '') : revision.name;
  // What a branch may be called, a file on all systems may not (`"`, `|`, `<`).
  const plain = `${name}-${short}`.replaceAll(/[^\p{L}\p{N}._+-]/gu, '-');
  const bytes = Buffer.from(plain).subarray(0, MAX_FOLDER_BYTES);
  return bytes.toString('utf8').replace(/\ufffd+$/u, '');
}

type ArchiveCall = Pick<Call<RepositoryFound, RouteSchema>, 'actor' | 'ctx' | 'request' | 'reply' | 'target'>;

export interface Wanted extends Pick<ArchiveRequest, 'commit' | 'format' | 'folder'> {
  /** By which header of the request the answer differs. */
  readonly vary: 'Cookie' | 'Authorization';
}

/** @throws ApiError where there can't be one, or not now */
export async function answerArchive(
  ctx: Context,
  operations: Operations,
  { actor, ctx: { by }, request, reply, target }: ArchiveCall,
  { commit, format, folder, vary }: Wanted,
): Promise<unknown> {
  // Weak: what git makes of the same commit may differ with its version, and with refs that `$Format:%d$` names.
  const etag = `W/"${hash('sha256', `${commit}\n${format}\n${folder}`, 'hex')}"`;
  const headers = {
    ...untrusted,
    'cross-origin-resource-policy': vary === 'Cookie' ? 'same-origin' : 'cross-origin',
    'cache-control': 'private, no-cache',
    vary,
    etag,
  };
  if (knows(request.headers['if-none-match'], etag)) return reply.code(304).headers(headers).send();
  const named = {
    ...headers,
    'content-type': types[format],
    'content-disposition': attachment(`${folder}.${format}`),
  };
  // Nothing is made for it, so its length isn't known: a stream, of which Fastify takes none.
  if (request.method === 'HEAD') return reply.headers(named).send(Readable.from([]));

  let archive: Archive;
  try {
    const connection = reply.raw;
    archive = await operations.archive({ actor, by, target, connection, commit, format, folder });
  } catch (error) {
    if (isClientGone(error)) return reply.hijack();
    throw inWords(ctx, target, error);
  }
  const { pieces, signal } = archive;
  // A client that takes its time would otherwise hold what is on its way to it.
  signal.addEventListener('abort', () => {
    if (!isClientGone(signal.reason)) cut(reply.raw);
  });
  return reply.headers(named).send(Readable.from(pieces, { objectMode: false }));
}

function knows(ifNoneMatch: string | undefined, etag: string): boolean {
  return (ifNoneMatch ?? '').split(',').some((tag) => tag.trim().replace(/^(W\/)?/, 'W/') === etag);
}

function inWords(ctx: Context, target: RepositoryFound, error: unknown): unknown {
  if (error instanceof PoolFullError) return new ApiError('unavailable', { retryAfterSeconds: 10 });
  if (error instanceof Stop) {
    switch (error.because) {
      case 'credential-lost':
        return new ApiError('bad-credentials');
      case 'access-lost':
        return new ApiError('not-found');
      default:
        return new ApiError('unavailable', { retryAfterSeconds: 60 });
    }
  }
  if (!(error instanceof GitFailed) || error.status === -1) return error;
  const { stderr } = error;
  ctx.log.warn({ repositoryId: target.repositoryId, stderr }, 'git could not make an archive');
  return new ApiError('unprocessable', {
    message: 'This commit holds something that does not fit into an archive.',
  });
}
