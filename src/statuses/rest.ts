// Commit statuses through the API. All of it is open to `repo:status` alone (ghes-spec 4.1): nothing here shows code.
import { Type } from 'typebox';
import type { GuardedRoutes } from '../access/guard.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import { pageOf, setLinks } from '../api/paging.ts';
import { pathParameter, restOfPath } from '../api/parameters.ts';
import { resolveRevision } from '../contents/refs.ts';
import type { Context } from '../context.ts';
import { type RepositoryCall, repositoryRoutes } from '../repositories/api-addresses.ts';
import { ownerOf, repositoryApiUrl, repositoryJson } from '../repositories/json.ts';
import { simpleStatusJson, statusJson } from './json.ts';
import { combinedState, createStatus, latestStatuses, listStatuses, states } from './statuses.ts';

const text = Type.Optional(Type.Union([Type.String(), Type.Null()]));

const newStatus = Type.Object({
  state: Type.Union(states.map((state) => Type.Literal(state))),
  target_url: text,
  description: text,
  context: Type.Optional(Type.String()),
});

export function statusesRest(routes: GuardedRoutes, ctx: Context): void {
  const below = repositoryRoutes(routes, ctx);

  below.route({
    method: 'POST',
    below: '/statuses/:sha',
    action: 'statuses.write',
    schema: { body: newStatus },
    handler: async (call) => {
      const { repository } = call.target;
      const asked = pathParameter(call.request, 'sha');
      const sha = await commitNamed(ctx, call, asked);
      if (sha === null) {
        throw new ApiError('no-commit-for-sha', {
          message: `No commit found for SHA: ${asked.slice(0, 255)}`,
        });
      }
      const { state, target_url, description, context = 'default' } = call.body;
      const outcome = await createStatus(call.ctx, repository, {
        sha,
        state,
        context,
        description: description ?? null,
        targetUrl: target_url === '' ? null : (target_url ?? null),
      });
      if (!outcome.ok) throw validationFailed('Status', outcome.problems);
      const json = statusJson(ctx.config, repository, outcome.value);
      call.reply.code(201).header('location', json.url);
      return json;
    },
  });

  below.route({
    method: 'GET',
    below: '/statuses/*',
    action: 'statuses.read',
    handler: (call) => answerList(ctx, call, restOfPath(call.request)),
  });

  for (const parts of partsOfRefs) {
    const url = `/commits/${parts.map((part) => `:${part}`).join('/')}`;
    const refOf = (call: RepositoryCall) => parts.map((part) => pathParameter(call.request, part)).join('/');
    const action = 'statuses.read';
    below.route({
      method: 'GET',
      below: `${url}/status`,
      action,
      handler: (call) => answerCombined(ctx, call, refOf(call)),
    });
    below.route({
      method: 'GET',
      below: `${url}/statuses`,
      action,
      handler: (call) => answerList(ctx, call, refOf(call)),
    });
  }
}

/** The router has no parameter with slashes in the middle of an address; branches of more parts come as `%2F`. */
const partsOfRefs = [
  ['ref'],
  ['ref', 'ref_2'],
  ['ref', 'ref_2', 'ref_3'],
  ['ref', 'ref_2', 'ref_3', 'ref_4'],
];

async function answerList(ctx: Context, call: RepositoryCall, ref: string) {
  const { request, reply, target } = call;
  const { repository } = target;
  const sha = await requireCommit(ctx, call, ref);
  const page = pageOf(request);
  const listed = await listStatuses(ctx, repository, sha, page);
  setLinks(request, reply, ctx.config, `/repositories/${repository.id}/statuses/${sha}`, page, listed);
  return listed.items.map((status) => statusJson(ctx.config, repository, status));
}

async function answerCombined(ctx: Context, call: RepositoryCall, ref: string) {
  const { request, reply, actor, target } = call;
  const { repository, role } = target;
  const sha = await requireCommit(ctx, call, ref);
  const statuses = await latestStatuses(ctx, repository, sha);
  const { page, perPage } = pageOf(request);
  const path = `/repositories/${repository.id}/commits/${sha}/status`;
  setLinks(request, reply, ctx.config, path, { page, perPage }, { total: statuses.length });
  const owner = await ownerOf(ctx, repository);
  const api = repositoryApiUrl(ctx.config, repository);
  return {
    state: combinedState(statuses),
    statuses: statuses
      .slice((page - 1) * perPage, page * perPage)
      .map((status) => simpleStatusJson(ctx.config, repository, status)),
    sha,
    total_count: statuses.length,
    repository: repositoryJson(ctx.config, { repository, owner, actor, role }),
    commit_url: `${api}/commits/${sha}`,
    url: `${api}/commits/${sha}/status`,
  };
}

async function commitNamed(ctx: Context, { target }: RepositoryCall, ref: string): Promise<string | null> {
  return (await resolveRevision(ctx, target.repository, ref))?.sha ?? null;
}

async function requireCommit(ctx: Context, call: RepositoryCall, ref: string): Promise<string> {
  const sha = await commitNamed(ctx, call, ref);
  if (sha === null) throw new ApiError('not-found');
  return sha;
}
