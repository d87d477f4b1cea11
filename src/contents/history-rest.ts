// Branches, tags and commits through the API.
import { setLastModified } from '../api/conditional.ts';
import { ApiError } from '../api/errors.ts';
import { mediaType } from '../api/media-type.ts';
import { pageOf, setLinks } from '../api/paging.ts';
import { instantParameter, restOfPath, textParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import type { RepositoryCall, RepositoryRoutes } from '../repositories/api-addresses.ts';
import type { Repository } from '../repositories/repositories.ts';
import { readChanges } from './changes.ts';
import { countCommits, findCommit, listCommits } from './commits.ts';
import {
  branchJson,
  branchWithCommitJson,
  commitJson,
  commitWithChangesJson,
  placeOf,
  tagJson,
} from './git-json.ts';
import { findBranch, listBranches, listTags, resolveRevision } from './refs.ts';

/** Beyond so many commits, `Link` names no last page: counting them would cost more than it tells. */
const MAX_COUNTED_COMMITS = 10_000;

export function historyRest(routes: RepositoryRoutes, ctx: Context): void {
  const action = 'contents.read';
  routes.route({
    method: 'GET',
    below: '/branches',
    action,
    handler: async ({ request, reply, target: { repository } }) => {
      const page = pageOf(request);
      // No branch is protected yet: there is nothing to list for who asks for those.
      const none = textParameter(request, 'protected') === 'true';
      const listed = none ? { items: [], total: 0 } : await listBranches(ctx, repository, page);
      setLinks(request, reply, ctx.config, `/repositories/${repository.id}/branches`, page, listed);
      return listed.items.map((branch) => branchJson(placeOf(ctx.config, repository), branch));
    },
  });
  routes.route({
    method: 'GET',
    below: '/branches/*',
    action,
    handler: async ({ request, target: { repository } }) => {
      const branch = await findBranch(ctx, repository, restOfPath(request));
      const commit = branch === null ? null : await findCommit(ctx, repository, branch.sha);
      if (branch === null || commit === null) throw new ApiError('branch-not-found');
      return branchWithCommitJson(placeOf(ctx.config, repository), branch, commit);
    },
  });
  routes.route({
    method: 'GET',
    below: '/tags',
    action,
    handler: async ({ request, reply, target: { repository } }) => {
      const page = pageOf(request);
      const listed = await listTags(ctx, repository, page);
      setLinks(request, reply, ctx.config, `/repositories/${repository.id}/tags`, page, listed);
      return listed.items.map((tag) => tagJson(placeOf(ctx.config, repository), tag));
    },
  });
  routes.route({ method: 'GET', below: '/commits', action, handler: (call) => commits(ctx, call) });
  routes.route({ method: 'GET', below: '/commits/*', action, handler: (call) => commit(ctx, call) });
}

async function commits(ctx: Context, { request, reply, target: { repository } }: RepositoryCall) {
  const from = textParameter(request, 'sha');
  const revision = await resolveRevision(ctx, repository, from ?? defaultRef(repository));
  if (revision === null) throw new ApiError(from === undefined ? 'empty-repository' : 'not-found');
  const filter = definedOf({
    path: textParameter(request, 'path'),
    author: textParameter(request, 'author'),
    since: instantParameter(request, 'since'),
    until: instantParameter(request, 'until'),
  });
  const page = pageOf(request);
  const listed = await listCommits(ctx, repository, revision.sha, { ...filter, ...page });
  // One page is told from many without counting.
  const worthCounting = Object.keys(filter).length === 0 && (page.page > 1 || listed.hasMore);
  const total = worthCounting ? await count(ctx, repository, revision.sha) : null;
  const extent = total === null ? { hasMore: listed.hasMore } : { total };
  setLinks(request, reply, ctx.config, `/repositories/${repository.id}/commits`, page, extent);
  return listed.items.map((each) => commitJson(placeOf(ctx.config, repository), each));
}

async function count(ctx: Context, repository: Repository, sha: string): Promise<number | null> {
  const counted = await countCommits(ctx, repository, sha, MAX_COUNTED_COMMITS);
  return counted === null || counted >= MAX_COUNTED_COMMITS ? null : counted;
}

async function commit(ctx: Context, { request, reply, target: { repository } }: RepositoryCall) {
  const ref = restOfPath(request);
  const revision = await resolveRevision(ctx, repository, ref);
  const found = revision === null ? null : await findCommit(ctx, repository, revision.sha);
  if (found === null) {
    const isEmpty = (await listBranches(ctx, repository, { page: 1, perPage: 1 })).total === 0;
    if (isEmpty) throw new ApiError('empty-repository');
    throw new ApiError('no-commit-for-sha', { message: `No commit found for SHA: ${ref.slice(0, 255)}` });
  }
  if (mediaType(request.headers.accept).variant === 'sha') {
    return reply.type('application/vnd.github.sha; charset=utf-8').send(found.sha);
  }
  const changes = await readChanges(ctx, repository, found);
  setLastModified(reply, found.committer.date, ctx.now());
  return commitWithChangesJson(placeOf(ctx.config, repository), found, changes);
}

function defaultRef(repository: Repository): string {
  return `refs/heads/${repository.defaultBranch}`;
}

/** Leaves out what is undefined: optional properties are to be absent. */
function definedOf<T extends object>(properties: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
