// Writing to the git database through the API: blobs, trees, commits, annotated tags, and the refs that make them
// part of the history.
import { type Static, Type } from 'typebox';
import { ApiError } from '../api/errors.ts';
import { restOfPath } from '../api/parameters.ts';
import { record } from '../audit/audit.ts';
import type { Context } from '../context.ts';
import type { Operations } from '../git/operation.ts';
import { tryGit } from '../process/git.ts';
import type { RepositoryCall, RepositoryRoutes } from '../repositories/api-addresses.ts';
import { concerning } from '../repositories/log.ts';
import type { Repository } from '../repositories/repositories.ts';
import { type ObjectFormat, repositoryDirectory } from '../repositories/storage.ts';
import { parseCommit } from './commit-object.ts';
import {
  assertMessage,
  decodeBase64,
  lineOf,
  MAX_FILE_BODY_BYTES,
  ownAccount,
  signatory,
} from './files-write-rest.ts';
import { annotatedTagJson, refJson, treeJson } from './git-data-rest.ts';
import { gitCommitJson, placeOf } from './git-json.ts';
import { newTree as treeBody, treeFromRequest } from './git-trees-rest.ts';
import { type NewObject, newCommit, newObject, newTag } from './new-objects.ts';
import { ownSignatory } from './new-signatories.ts';
import { inspectObjects, isObjectId, type ObjectInfo } from './objects.ts';
import { findAnnotatedTag, findRef, type Ref } from './ref-objects.ts';
import { isRefName } from './refs.ts';
import { objectFormatOf, storeObjects } from './storing.ts';
import { createReadingPool } from './turns.ts';
import { assertStored, moveRef, unprocessable } from './write-refusals.ts';

const MAX_PARENTS = 32;
const MAX_SIGNATURE_LENGTH = 64 * 1024;
const MAX_TREE_BODY_BYTES = 8 * 1024 * 1024;
/** How many requests store objects at once. */
const storeLimits = { size: 8, queue: 500 };

const blobBody = Type.Object({ content: Type.String(), encoding: Type.Optional(Type.String()) });
const commitBody = Type.Object({
  message: Type.String(),
  tree: Type.String(),
  parents: Type.Optional(Type.Array(Type.String())),
  author: Type.Optional(signatory),
  committer: Type.Optional(signatory),
  signature: Type.Optional(Type.String()),
});
const tagBody = Type.Object({
  tag: Type.String(),
  message: Type.String(),
  object: Type.String(),
  type: Type.Union([Type.Literal('commit'), Type.Literal('tree'), Type.Literal('blob')]),
  tagger: Type.Optional(signatory),
});
const newRefBody = Type.Object({ ref: Type.String(), sha: Type.String() });
const refBody = Type.Object({ sha: Type.String(), force: Type.Optional(Type.Boolean()) });

export function gitDataWriteRest(routes: RepositoryRoutes, ctx: Context, operations: Operations): void {
  const turns = createReadingPool(storeLimits);
  const action = 'contents.write';

  /** Stores what the request made, when it is its turn, and logs it. */
  async function store(call: RepositoryCall, format: ObjectFormat, objects: readonly NewObject[]) {
    const { repository } = call.target;
    assertStored(
      await turns.run(`repository ${repository.id}`, () => storeObjects(ctx, repository, format, objects)),
    );
    const last = objects.at(-1);
    await ctx.db.transaction().execute(async (db) =>
      record(call.ctx, db, {
        action: 'git.create_object',
        operation: 'create',
        ...(await concerning(db, repository)),
        data: { object_type: last?.type, sha: last?.sha },
      }),
    );
  }

  routes.route({
    method: 'POST',
    below: '/git/blobs',
    action,
    schema: { body: blobBody },
    bodyLimit: MAX_FILE_BODY_BYTES,
    handler: async (call) => {
      const { repository } = call.target;
      const blob = newObject(await objectFormatOf(ctx, repository), 'blob', contentOf(call.body));
      await store(call, blob.sha.length === 40 ? 'sha1' : 'sha256', [blob]);
      const url = `${placeOf(ctx.config, repository).api}/git/blobs/${blob.sha}`;
      call.reply.code(201).header('location', url);
      return { url, sha: blob.sha };
    },
  });
  routes.route({
    method: 'POST',
    below: '/git/trees',
    action,
    schema: { body: treeBody },
    bodyLimit: MAX_TREE_BODY_BYTES,
    handler: async (call) => {
      const { repository } = call.target;
      const format = await objectFormatOf(ctx, repository);
      const { sha, objects } = await treeFromRequest(ctx, repository, format, call.body);
      await store(call, format, objects);
      const json = await treeJson(ctx, repository, sha, false);
      call.reply.code(201).header('location', json.url);
      return json;
    },
  });
  routes.route({
    method: 'POST',
    below: '/git/commits',
    action,
    schema: { body: commitBody },
    handler: async (call) => {
      const { repository } = call.target;
      const format = await objectFormatOf(ctx, repository);
      const commit = await commitFromRequest(ctx, call, format, call.body);
      await store(call, format, [commit]);
      const json = gitCommitJson(placeOf(ctx.config, repository), parseCommit(commit.sha, commit.bytes));
      call.reply.code(201).header('location', json.url);
      return json;
    },
  });
  routes.route({
    method: 'POST',
    below: '/git/tags',
    action,
    schema: { body: tagBody },
    handler: async (call) => {
      const { repository } = call.target;
      const { tag, message, object, type, tagger } = call.body;
      if (!isRefName(tag)) throw unprocessable('tag is not a valid name of a tag');
      assertMessage(message);
      await requireObject(ctx, repository, object, type, `Object does not exist or is not a ${type}`);
      const format = await objectFormatOf(ctx, repository);
      const line =
        tagger === undefined ? ownSignatory(ctx, await ownAccount(ctx, call)) : lineOf(ctx, 'tagger', tagger);
      const made = newTag(format, { tag, message, object, type, tagger: line });
      await store(call, format, [made]);
      const stored = await findAnnotatedTag(ctx, repository, made.sha);
      if (stored === null) throw new ApiError('not-found');
      const json = annotatedTagJson(placeOf(ctx.config, repository), stored);
      call.reply.code(201).header('location', json.url);
      return json;
    },
  });

  routes.route({
    method: 'POST',
    below: '/git/refs',
    action,
    schema: { body: newRefBody },
    handler: async (call) => {
      const { repository } = call.target;
      const { ref, sha } = call.body;
      assertRefName(ref);
      if ((await findRef(ctx, repository, ref.slice('refs/'.length))) !== null) {
        throw unprocessable('Reference already exists');
      }
      const object = await refObject(ctx, repository, ref, sha);
      const format = sha.length === 40 ? 'sha1' : 'sha256';
      const refused = await moveRef(operations, call, format, { ref, from: null, to: sha });
      if (refused !== null) return refused.sent;
      const json = refJson(placeOf(ctx.config, repository), { name: ref, sha, type: object.type });
      call.reply.code(201).header('location', json.url);
      return json;
    },
  });
  routes.route({
    method: 'PATCH',
    below: '/git/refs/*',
    action,
    schema: { body: refBody },
    handler: async (call) => {
      const { repository } = call.target;
      const { sha, force = false } = call.body;
      const before = await presentRef(ctx, call);
      const object = await refObject(ctx, repository, before.name, sha);
      if (!force && !(await isFastForward(ctx, repository, before.sha, sha))) {
        throw unprocessable('Update is not a fast forward');
      }
      if (sha !== before.sha) {
        const format = sha.length === 40 ? 'sha1' : 'sha256';
        const change = { ref: before.name, from: before.sha, to: sha };
        const refused = await moveRef(operations, call, format, change);
        if (refused !== null) return refused.sent;
      }
      return refJson(placeOf(ctx.config, repository), { name: before.name, sha, type: object.type });
    },
  });
  routes.route({
    method: 'DELETE',
    below: '/git/refs/*',
    action,
    handler: async (call) => {
      const before = await presentRef(ctx, call);
      const format = before.sha.length === 40 ? 'sha1' : 'sha256';
      const change = { ref: before.name, from: before.sha, to: null };
      const refused = await moveRef(operations, call, format, change);
      return refused === null ? call.reply.code(204).send() : refused.sent;
    },
  });
}

function contentOf({ content, encoding = 'utf-8' }: Static<typeof blobBody>): Buffer {
  if (encoding === 'utf-8') return Buffer.from(content, 'utf8');
  if (encoding !== 'base64') throw unprocessable('encoding must be utf-8 or base64');
  const bytes = decodeBase64(content);
  if (bytes === null) throw unprocessable('content is not valid Base64');
  return bytes;
}

/** @throws ApiError where the repository has no such object of that type */
async function requireObject(
  ctx: Context,
  repository: Repository,
  sha: string,
  type: string | null,
  message: string,
): Promise<ObjectInfo> {
  const [info] = isObjectId(sha) ? await inspectObjects(ctx, repository, [sha]) : [];
  if (info == null || (type !== null && info.type !== type)) throw unprocessable(message);
  return info;
}

async function commitFromRequest(
  ctx: Context,
  call: RepositoryCall,
  format: ObjectFormat,
  body: Static<typeof commitBody>,
): Promise<NewObject> {
  const { repository } = call.target;
  const { message, tree, parents = [], signature } = body;
  assertMessage(message);
  await requireObject(ctx, repository, tree, 'tree', 'Tree SHA does not exist');
  if (parents.length > MAX_PARENTS) throw unprocessable(`A commit may have ${MAX_PARENTS} parents at most.`);
  for (const parent of new Set(parents)) {
    const text = 'Parent SHA does not exist or is not a commit object';
    await requireObject(ctx, repository, parent, 'commit', text);
  }
  if (signature !== undefined && !isArmoured(signature)) throw unprocessable('signature is not armored');
  const own = async () => ownSignatory(ctx, await ownAccount(ctx, call));
  const author = body.author === undefined ? await own() : lineOf(ctx, 'author', body.author);
  const committer = body.committer === undefined ? author : lineOf(ctx, 'committer', body.committer);
  return newCommit(format, {
    tree,
    parents,
    author,
    committer,
    message,
    ...(signature === undefined ? {} : { signature }),
  });
}

/** What could stand in a commit's header without beginning another one. */
function isArmoured(signature: string): boolean {
  const fitting = signature.length <= MAX_SIGNATURE_LENGTH && /^[\n\x20-\x7e]*$/.test(signature);
  return fitting && /^-----BEGIN (PGP|SSH) SIGNATURE-----\n/.test(signature) && !/\n\n\n/.test(signature);
}

/** The refs that people see and name: branches and tags. */
function assertRefName(ref: string): void {
  if (!ref.startsWith('refs/')) throw unprocessable("Reference name must start with 'refs/'");
  if (ref.split('/').length < 3) {
    throw unprocessable('Reference name must contain at least three slash-separated components.');
  }
  if (!/^refs\/(heads|tags)\//.test(ref) || !isRefName(ref)) {
    throw unprocessable(`${ref.slice(0, 255)} is not a valid ref name.`);
  }
}

async function refObject(
  ctx: Context,
  repository: Repository,
  ref: string,
  sha: string,
): Promise<ObjectInfo> {
  const object = await requireObject(ctx, repository, sha, null, 'Object does not exist');
  if (ref.startsWith('refs/heads/') && object.type !== 'commit')
    throw unprocessable('Object is not a commit');
  return object;
}

async function presentRef(ctx: Context, { request, target }: RepositoryCall): Promise<Ref> {
  const ref = await findRef(ctx, target.repository, restOfPath(request));
  if (ref === null) throw unprocessable('Reference does not exist');
  return ref;
}

async function isFastForward(ctx: Context, repository: Repository, from: string, to: string) {
  if (from === to) return true;
  const { status } = await tryGit(['merge-base', '--is-ancestor', '--end-of-options', from, to], {
    repository: repositoryDirectory(ctx.config, repository.id),
  });
  return status === 0;
}
