// A tree made through the API: entries by path, on top of another tree or on none.
import { type Static, Type } from 'typebox';
import type { Context } from '../context.ts';
import type { Repository } from '../repositories/repositories.ts';
import type { ObjectFormat } from '../repositories/storage.ts';
import { type NewObject, newObject, type TreeLine } from './new-objects.ts';
import { inspectObjects, isObjectId } from './objects.ts';
import { editTree, isWritablePath, storedMode } from './tree-edits.ts';
import { unprocessable } from './write-refusals.ts';

const MAX_ENTRIES = 10_000;

const mode = Type.Union(['100644', '100755', '040000', '160000', '120000'].map((each) => Type.Literal(each)));

export const newTree = Type.Object({
  tree: Type.Array(
    Type.Object({
      path: Type.Optional(Type.String()),
      mode: Type.Optional(mode),
      type: Type.Optional(Type.Union([Type.Literal('blob'), Type.Literal('tree'), Type.Literal('commit')])),
      sha: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      content: Type.Optional(Type.String()),
    }),
  ),
  base_tree: Type.Optional(Type.String()),
});

type TreeRequest = Static<typeof newTree>;
type Entry = TreeRequest['tree'][number];

/** @throws ApiError @returns the tree, and what is to be stored for it */
export async function treeFromRequest(
  ctx: Context,
  repository: Repository,
  format: ObjectFormat,
  request: TreeRequest,
): Promise<{ readonly sha: string; readonly objects: readonly NewObject[] }> {
  const { tree } = request;
  if (tree.length === 0 || tree.length > MAX_ENTRIES) throw unprocessable('Invalid tree info');
  const base = request.base_tree === undefined ? null : await baseTree(ctx, repository, request.base_tree);
  const blobs: NewObject[] = [];
  const edits = new Map<string, TreeLine | null>();
  for (const entry of tree) {
    const path = entry.path ?? '';
    if (!isWritablePath(path)) throw unprocessable('tree.path contains a malformed path component');
    if (edits.has(path)) throw unprocessable('tree.path is given twice');
    edits.set(path, lineOf(format, entry, blobs));
  }
  await requireObjects(ctx, repository, tree);
  const edited = await editTree(ctx, repository, { format, base, edits });
  if (!edited.ok) {
    throw unprocessable(
      {
        'too-large': 'The directories that are changed are too large to be changed here.',
        conflict: `tree.path ${edited.path.slice(0, 255)} is both a file and a directory`,
        'nothing-to-remove': `tree.path ${edited.path.slice(0, 255)} is not there, so it can not be removed`,
      }[edited.because],
    );
  }
  return { sha: edited.sha, objects: [...blobs, ...edited.objects] };
}

function lineOf(format: ObjectFormat, entry: Entry, blobs: NewObject[]): TreeLine | null {
  const { sha, content, mode: asked = '100644', type } = entry;
  if (sha !== undefined && content !== undefined) {
    throw unprocessable('Must supply either tree.sha or tree.content, not both.');
  }
  if (sha === null) return null;
  if (type !== undefined && type !== typeOfMode(asked))
    throw unprocessable('tree.type does not fit tree.mode');
  if (content !== undefined) {
    if (typeOfMode(asked) !== 'blob') throw unprocessable('tree.content is for files only');
    const blob = newObject(format, 'blob', content);
    blobs.push(blob);
    return { mode: storedMode(asked), sha: blob.sha };
  }
  const isId = sha !== undefined && isObjectId(sha) && sha.length === (format === 'sha1' ? 40 : 64);
  if (!isId) throw unprocessable('tree.sha is not a valid object id');
  return { mode: storedMode(asked), sha };
}

function typeOfMode(asked: string): 'blob' | 'tree' | 'commit' {
  return asked === '040000' ? 'tree' : asked === '160000' ? 'commit' : 'blob';
}

/** All that is named has to be there; commits of submodules are elsewhere. */
async function requireObjects(ctx: Context, repository: Repository, tree: readonly Entry[]): Promise<void> {
  const named = tree.flatMap(({ sha, mode: asked = '100644' }) =>
    sha == null || asked === '160000' ? [] : [{ sha, type: typeOfMode(asked) }],
  );
  const found = await inspectObjects(
    ctx,
    repository,
    named.map(({ sha }) => sha),
  );
  const missing = named.find(({ type }, index) => found[index]?.type !== type);
  if (missing !== undefined) throw unprocessable(`tree.sha ${missing.sha} is not a valid ${missing.type}`);
}

/** @returns its id; a commit stands for its tree */
async function baseTree(ctx: Context, repository: Repository, text: string): Promise<string> {
  const [found] = isObjectId(text) ? await inspectObjects(ctx, repository, [`${text}^{tree}`]) : [];
  if (found == null) throw unprocessable('base_tree is not a valid tree oid');
  return found.sha;
}
