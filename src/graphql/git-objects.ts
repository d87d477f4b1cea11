// Commits, directories, files and annotated tags in the schema. Contents count against what an answer may cost.
import { nodeId } from '../api/node-ids.ts';
import { apiRoot, timestamp } from '../api/urls.ts';
import { looksBinary, readBlob } from '../contents/blobs.ts';
import { type Commit, parseCommit, type Signatory } from '../contents/commit-object.ts';
import { countCommits, listCommits, readCommits } from '../contents/commits.ts';
import { isObjectId, readObjects, shortId } from '../contents/objects.ts';
import { findAnnotatedTag } from '../contents/ref-objects.ts';
import { resolveRevision } from '../contents/refs.ts';
import { findEntry, readTreeObject, type TreeEntry } from '../contents/trees.ts';
import { contentPath } from '../repositories/addresses.ts';
import type { Asking } from './asking.ts';
import { type ConnectionArguments, connection, listConnection } from './connections.ts';
import { Fault, notFound } from './faults.ts';
import { allow } from './finding.ts';
import type {
  BlobNode,
  CommitNode,
  GitObjectNode,
  RepositoryNode,
  Resolvers,
  TagNode,
  TreeNode,
} from './resolving.ts';

/** Of longer commits only the beginning is read. */
const MAX_COMMIT_BYTES = 128 * 1024;
/** As GitHub: longer files come cut off. */
const MAX_TEXT_BYTES = 512 * 1024;
const MAX_ENTRIES = 1_000;
/** Commits past them are not counted. */
const MAX_COUNTED = 1_000_000;

/** The object of this id; null: there is none. @param at where it lies in its commit */
export async function gitObject(
  asking: Asking,
  repository: RepositoryNode,
  sha: string,
  at = '',
): Promise<GitObjectNode | null> {
  if (!isObjectId(sha)) return null;
  asking.spend('git');
  const [object] = await readObjects(asking.ctx, repository.found.repository, [sha], MAX_COMMIT_BYTES);
  if (object == null) return null;
  const here = { repository, sha: object.sha };
  switch (object.type) {
    case 'commit':
      return { type: 'Commit', commit: parseCommit(object.sha, object.bytes), ...here };
    case 'tree':
      return { type: 'Tree', at, ...here };
    case 'blob':
      return { type: 'Blob', size: object.size, ...here };
    case 'tag':
      return { type: 'Tag', ...here };
  }
}

/** `main`, `main:src/a.ts`, an id: what GitHub documents of git's revisions, and nothing that could cost more. */
async function byExpression(
  asking: Asking,
  repository: RepositoryNode,
  expression: string,
): Promise<GitObjectNode | null> {
  const stored = repository.found.repository;
  const colon = expression.indexOf(':');
  const name = colon === -1 ? expression : expression.slice(0, colon);
  asking.spend('git');
  const revision = await resolveRevision(asking.ctx, stored, name === '' ? 'HEAD' : name);
  if (revision === null) return colon === -1 ? gitObject(asking, repository, expression) : null;
  if (colon === -1) return gitObject(asking, repository, revision.sha);
  asking.spend('git');
  const entry = await findEntry(asking.ctx, stored, revision.sha, expression.slice(colon + 1));
  return entry === null ? null : gitObject(asking, repository, entry.sha, entry.path);
}

const commitPath = ({ repository, sha }: GitObjectNode): string =>
  contentPath(repository.found.repository, 'commit', sha);

const treePath = ({ repository, commit }: CommitNode): string =>
  contentPath(repository.found.repository, 'tree', commit.sha);

const archive = ({ repository, sha }: CommitNode, format: string, { ctx }: Asking): string => {
  const { ownerLogin, name } = repository.found.repository;
  return `${apiRoot(ctx.config)}/repos/${ownerLogin}/${name}/${format}/${sha}`;
};

/** GitHub's GitObject. */
const ofObjects: Resolvers[string] = {
  id: ({ type, repository, sha }: GitObjectNode) => nodeId(type, `${repository.found.repositoryId}:${sha}`),
  oid: ({ sha }: GitObjectNode) => sha,
  abbreviatedOid: ({ sha }: GitObjectNode) => shortId(sha),
  commitResourcePath: (node: GitObjectNode) => commitPath(node),
  commitUrl: (node: GitObjectNode, _, { ctx }) => `${ctx.config.url}${commitPath(node)}`,
  repository: ({ repository }: GitObjectNode) => repository,
};

/** In the zone in which it was written. */
function gitTimestamp({ date, zoneMinutes }: Signatory): string {
  if (zoneMinutes === 0) return timestamp(date);
  const two = (number: number) => String(number).padStart(2, '0');
  const minutes = Math.abs(zoneMinutes);
  const local = timestamp(date + zoneMinutes * 60_000).slice(0, -1);
  return `${local}${zoneMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

const gitActor = (signatory: Signatory) => ({
  name: signatory.name,
  email: signatory.email,
  date: gitTimestamp(signatory),
});

const headline = ({ message }: Commit): string => message.split('\n', 1)[0] ?? '';

function commitNodes(repository: RepositoryNode, commits: readonly Commit[]): readonly CommitNode[] {
  return commits.map((commit) => ({ type: 'Commit', commit, sha: commit.sha, repository }));
}

export const gitObjectResolvers: Resolvers = {
  Repository: {
    object: async (repository: RepositoryNode, { expression, oid }, asking) => {
      const missing = notFound('a Repository');
      allow(asking, 'contents.read', repository.found, { missing, field: 'object' });
      if (typeof oid === 'string') return gitObject(asking, repository, oid.toLowerCase());
      if (typeof expression === 'string') return byExpression(asking, repository, expression);
      throw new Fault('UNPROCESSABLE', 'One of `expression` and `oid` must be given.');
    },
  },
  Commit: {
    ...ofObjects,
    resourcePath: (node: CommitNode) => commitPath(node),
    url: (node: CommitNode, _, { ctx }) => `${ctx.config.url}${commitPath(node)}`,
    tarballUrl: (node: CommitNode, _, asking) => archive(node, 'tarball', asking),
    zipballUrl: (node: CommitNode, _, asking) => archive(node, 'zipball', asking),
    author: ({ commit }: CommitNode) => gitActor(commit.author),
    authoredDate: ({ commit }: CommitNode) => timestamp(commit.author.date),
    committer: ({ commit }: CommitNode) => gitActor(commit.committer),
    committedDate: ({ commit }: CommitNode) => timestamp(commit.committer.date),
    authoredByCommitter: ({ commit }: CommitNode) =>
      commit.author.name === commit.committer.name && commit.author.email === commit.committer.email,
    message: ({ commit }: CommitNode, _, { spend }) => {
      spend('bytes', commit.message.length);
      return commit.message;
    },
    messageHeadline: ({ commit }: CommitNode) => headline(commit),
    messageBody: ({ commit }: CommitNode, _, { spend }) => {
      spend('bytes', commit.message.length);
      return commit.message.slice(headline(commit).length).replace(/^\n+/, '');
    },
    tree: ({ repository, commit }: CommitNode): TreeNode => ({
      type: 'Tree',
      at: '',
      repository,
      sha: commit.treeSha,
    }),
    treeResourcePath: (node: CommitNode) => treePath(node),
    treeUrl: (node: CommitNode, _, { ctx }) => `${ctx.config.url}${treePath(node)}`,
    parents: ({ repository, commit }: CommitNode, args: ConnectionArguments, asking) =>
      listConnection<CommitNode>(args, async () => {
        asking.spend('git');
        const parents = await readCommits(asking.ctx, repository.found.repository, commit.parents);
        return commitNodes(repository, parents).map((item) => ({ item, position: [item.sha, 0] }));
      }),
    history: ({ repository, commit }: CommitNode, args: ConnectionArguments, asking) => {
      const stored = repository.found.repository;
      const count = async () => {
        asking.spend('git');
        return (await countCommits(asking.ctx, stored, commit.sha, MAX_COUNTED)) ?? MAX_COUNTED;
      };
      return connection<CommitNode>(args, {
        count,
        page: async ({ after, before, take, from }) => {
          // Cursors are of this commit's history, by number.
          const begin = after?.[0] === commit.sha ? after[1] + 1 : 0;
          const end = before?.[0] === commit.sha ? before[1] : from === 'end' ? await count() : null;
          const skip = Math.max(0, from === 'end' ? Math.max(begin, (end ?? 0) - take) : begin);
          const perPage = Math.max(0, Math.min(take, end === null ? take : end - skip));
          asking.spend('git');
          const asked = { page: 1, perPage, skip };
          const { items, hasMore } = await listCommits(asking.ctx, stored, commit.sha, asked);
          return {
            items: commitNodes(repository, items).map((item, index) => ({
              item,
              position: [commit.sha, skip + index] as const,
            })),
            hasPrevious: skip > 0,
            hasNext: hasMore,
          };
        },
      });
    },
  },
  Tree: {
    ...ofObjects,
    entries: async ({ repository, sha, at }: TreeNode, _, asking) => {
      asking.spend('git', 2);
      const directory = { sha, path: at };
      const tree = await readTreeObject(asking.ctx, repository.found.repository, directory, MAX_ENTRIES);
      if (tree === null) return null;
      asking.spend('bytes', tree.entries.length * 100);
      return tree.entries.map((entry) => ({ entry, repository }));
    },
  },
  TreeEntry: {
    name: ({ entry }: InTree) => entry.name,
    path: ({ entry }: InTree) => entry.path,
    mode: ({ entry }: InTree) => Number.parseInt(entry.mode, 8),
    type: ({ entry }: InTree) =>
      ({ dir: 'tree', submodule: 'commit', file: 'blob', symlink: 'blob' })[entry.type],
    oid: ({ entry }: InTree) => entry.sha,
    size: ({ entry }: InTree) => Math.min(entry.size, MAX_INT),
    extension: ({ entry }: InTree) => (entry.type === 'dir' ? '' : (/\.[^./]+$/.exec(entry.name)?.[0] ?? '')),
    isGenerated: () => false,
    object: ({ entry, repository }: InTree, _, asking) =>
      entry.type === 'submodule' ? null : gitObject(asking, repository, entry.sha, entry.path),
    repository: ({ repository }: InTree) => repository,
  },
  Blob: {
    ...ofObjects,
    byteSize: ({ size }: BlobNode) => Math.min(size, MAX_INT),
    isBinary: async (node: BlobNode, _, asking) => {
      const bytes = await beginningOf(node, asking, 8_000);
      return bytes === null ? null : looksBinary(bytes);
    },
    isTruncated: ({ size }: BlobNode) => size > MAX_TEXT_BYTES,
    text: async (node: BlobNode, _, asking) => {
      const bytes = await beginningOf(node, asking, MAX_TEXT_BYTES);
      return bytes === null || looksBinary(bytes) ? null : bytes.toString('utf8');
    },
  },
  Tag: {
    ...ofObjects,
    name: async (node: TagNode, _, asking) => (await tagOf(node, asking))?.name ?? '',
    message: async (node: TagNode, _, asking) => (await tagOf(node, asking))?.message ?? null,
    tagger: async (node: TagNode, _, asking) => {
      const tag = await tagOf(node, asking);
      return tag === null ? null : gitActor(tag.tagger);
    },
    target: async (node: TagNode, _, asking) => {
      const tag = await tagOf(node, asking);
      return tag === null ? null : gitObject(asking, node.repository, tag.object.sha);
    },
  },
};

/** GraphQL's Int has 32 bits. */
const MAX_INT = 2 ** 31 - 1;

interface InTree {
  readonly entry: TreeEntry;
  readonly repository: RepositoryNode;
}

async function beginningOf({ repository, sha, size }: BlobNode, asking: Asking, maxBytes: number) {
  asking.spend('git');
  asking.spend('bytes', Math.min(size, maxBytes));
  return (await readBlob(asking.ctx, repository.found.repository, sha, maxBytes))?.bytes ?? null;
}

function tagOf({ repository, sha }: TagNode, asking: Asking) {
  asking.spend('git');
  return findAnnotatedTag(asking.ctx, repository.found.repository, sha);
}
