// Creating, updating and deleting a file through the API: each is a commit on a branch.
import { type Static, Type } from 'typebox';
import { accountId } from '../access/actor.ts';
import { type Account, findAccount } from '../accounts/accounts.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import { restOfPath } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import type { Operations } from '../git/operation.ts';
import type { RepositoryCall, RepositoryRoutes } from '../repositories/api-addresses.ts';
import { isBranchName } from '../repositories/names.ts';
import type { Repository } from '../repositories/repositories.ts';
import { parseCommit } from './commit-object.ts';
import { entryJson, gitCommitJson, placeOf } from './git-json.ts';
import { type NewObject, newCommit, newObject } from './new-objects.ts';
import { type GivenSignatory, givenSignatory, ownSignatory } from './new-signatories.ts';
import { findBranch, listBranches } from './refs.ts';
import { fits, objectFormatOf } from './storing.ts';
import { editTree, isWritablePath } from './tree-edits.ts';
import { findEntry, type TreeEntry } from './trees.ts';
import { withoutOuterSlashes } from './trim.ts';
import { assertStored, moveRef, unprocessable } from './write-refusals.ts';

/** A file of 20 MB, in base64, and what stands around it. */
export const MAX_FILE_BODY_BYTES = 28 * 1024 * 1024;
const MAX_MESSAGE_LENGTH = 64 * 1024;

export const signatory = Type.Object({
  name: Type.Optional(Type.String()),
  email: Type.Optional(Type.String()),
  date: Type.Optional(Type.String()),
});

const common = {
  message: Type.String(),
  branch: Type.Optional(Type.String()),
  committer: Type.Optional(signatory),
  author: Type.Optional(signatory),
};
const putBody = Type.Object({ ...common, content: Type.String(), sha: Type.Optional(Type.String()) });
const deleteBody = Type.Object({ ...common, sha: Type.String() });

type Change = Omit<Static<typeof putBody>, 'content'>;
type WriteCall = Omit<RepositoryCall, 'body'> & { readonly body: Change };

export function filesWriteRest(routes: RepositoryRoutes, ctx: Context, operations: Operations): void {
  routes.route({
    method: 'PUT',
    below: '/contents/*',
    action: 'contents.write',
    schema: { body: putBody },
    bodyLimit: MAX_FILE_BODY_BYTES,
    handler: (call) => {
      const content = decodeBase64(call.body.content);
      if (content === null) throw unprocessable('content is not valid Base64');
      return writeFile(ctx, operations, call, content);
    },
  });
  routes.route({
    method: 'DELETE',
    below: '/contents/*',
    action: 'contents.write',
    schema: { body: deleteBody },
    handler: (call) => writeFile(ctx, operations, call, null),
  });
}

/** @param content null: the file is deleted */
async function writeFile(ctx: Context, operations: Operations, call: WriteCall, content: Buffer | null) {
  const { body, reply, target } = call;
  const { repository } = target;
  const path = withoutOuterSlashes(restOfPath(call.request));
  if (!isWritablePath(path)) throw unprocessable('path contains a malformed path component');
  assertMessage(body.message);
  const format = await objectFormatOf(ctx, repository);
  const { name, head } = await branchOf(ctx, repository, body.branch);
  const before = head === null ? null : await entryBefore(ctx, repository, head, path);
  assertExpected(path, before, body.sha, content);
  const { author, committer } = await signatories(ctx, call, body);

  const blob = content === null ? null : newObject(format, 'blob', content);
  const mode = before?.mode === '100755' ? '100755' : '100644';
  const edited = await editTree(ctx, repository, {
    format,
    base: head === null ? null : `${head}^{tree}`,
    edits: new Map([[path, blob === null ? null : { mode, sha: blob.sha }]]),
  });
  if (!edited.ok)
    throw unprocessable('The directories that lead to the file are too large to be changed here.');
  const commit = newCommit(format, {
    tree: edited.sha,
    parents: head === null ? [] : [head],
    author,
    committer,
    message: body.message,
  });
  const objects: NewObject[] = [...(blob === null ? [] : [blob]), ...edited.objects, commit];
  if (!fits(ctx, repository, objects)) assertStored({ ok: false, because: 'limit' });
  const refused = await moveRef(operations, call, format, {
    ref: `refs/heads/${name}`,
    from: head,
    to: commit.sha,
    objects,
  });
  if (refused !== null) return refused.sent;
  const place = placeOf(ctx.config, repository);
  reply.code(before === null ? 201 : 200);
  return {
    content: blob === null ? null : entryJson(place, fileEntry(path, mode, blob), name),
    commit: gitCommitJson(place, parseCommit(commit.sha, commit.bytes)),
  };
}

/** Strict: what is not Base64 is no file that somebody meant. Line breaks are taken. Null: it is not. */
export function decodeBase64(text: string): Buffer | null {
  const plain = text.replace(/[\r\n]/g, '');
  if (plain.length % 4 !== 0 && !/^[A-Za-z0-9+/]*$/.test(plain)) return null;
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(plain)) return null;
  return Buffer.from(plain, 'base64');
}

export function assertMessage(message: string): void {
  if (message.length > MAX_MESSAGE_LENGTH) throw unprocessable('message is too long');
  if (message.includes('\0') || !message.isWellFormed()) {
    throw unprocessable('message holds characters that a commit can not hold');
  }
}

/** @throws ApiError where it names no branch of this repository */
async function branchOf(ctx: Context, repository: Repository, asked: string | undefined) {
  const name = (asked ?? repository.defaultBranch).replace(/^refs\/heads\//, '');
  const branch = isBranchName(name) ? await findBranch(ctx, repository, name) : null;
  if (branch !== null) return { name, head: branch.sha };
  const isEmpty = (await listBranches(ctx, repository, { page: 1, perPage: 1 })).total === 0;
  if (!isEmpty || !isBranchName(name)) {
    throw new ApiError('branch-not-found', { message: `Branch ${name.slice(0, 255)} not found` });
  }
  return { name, head: null };
}

/** What stands at the path; null: nothing. @throws ApiError where no file can be put there */
async function entryBefore(
  ctx: Context,
  repository: Repository,
  head: string,
  path: string,
): Promise<TreeEntry | null> {
  const parts = path.split('/');
  for (let length = 1; length <= parts.length; length++) {
    const at = parts.slice(0, length).join('/');
    const entry = await findEntry(ctx, repository, head, at);
    if (entry === null) return null;
    if (length === parts.length) {
      if (entry.type === 'file') return entry;
      throw unprocessable(`${at} is a ${entry.type === 'dir' ? 'directory' : entry.type}, not a file.`);
    }
    if (entry.type !== 'dir') throw unprocessable(`${at} is a ${entry.type}, not a directory.`);
  }
  return null;
}

function assertExpected(
  path: string,
  before: TreeEntry | null,
  sha: string | undefined,
  content: Buffer | null,
): void {
  if (before === null && content === null) throw new ApiError('not-found');
  if (before !== null && sha === undefined) {
    throw new ApiError('invalid-request', { message: 'Invalid request.\n\n"sha" wasn\'t supplied.' });
  }
  if (sha !== undefined && sha !== before?.sha) {
    throw new ApiError('conflict', { message: `${path} does not match ${sha.slice(0, 64)}` });
  }
}

/** Both lines; who is not named is the account. */
async function signatories(ctx: Context, call: WriteCall, body: Change) {
  const account = await ownAccount(ctx, call);
  const line = (field: string, given: GivenSignatory | undefined) =>
    given === undefined ? null : lineOf(ctx, field, given);
  const committer = line('committer', body.committer) ?? ownSignatory(ctx, account);
  return { committer, author: line('author', body.author) ?? committer };
}

export async function ownAccount(ctx: Context, { actor }: Pick<RepositoryCall, 'actor'>): Promise<Account> {
  const account = await findAccount(ctx, accountId(actor) ?? 0);
  // Deleted since the token was looked up.
  if (account === null) throw new ApiError('bad-credentials');
  return account;
}

/** @throws ApiError */
export function lineOf(ctx: Context, field: string, given: GivenSignatory): string {
  const outcome = givenSignatory(ctx, field, given);
  if (!outcome.ok) throw validationFailed('Commit', outcome.problems);
  return outcome.value;
}

function fileEntry(path: string, mode: string, blob: NewObject): TreeEntry {
  return {
    name: path.slice(path.lastIndexOf('/') + 1),
    path,
    mode,
    type: 'file',
    sha: blob.sha,
    size: blob.bytes.length,
  };
}
