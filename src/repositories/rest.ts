// Repositories through the API: making, reading, changing, deleting. Lists of them: lists-rest.ts; who may work on
// them: collaborators-rest.ts; what is in them is a room of its own, contents/.
import { Type } from 'typebox';
import { type Actor, accountId } from '../access/actor.ts';
import type { GuardedRoutes } from '../access/guard.ts';
import type { NewRepositoryTarget, Visibility } from '../access/targets.ts';
import { type Account, findAccount } from '../accounts/accounts.ts';
import { setLastModified } from '../api/conditional.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import type { Context } from '../context.ts';
import { type RepositoryCall, type RepositoryRoutes, repositoryRoutes } from './api-addresses.ts';
import { collaboratorsRest } from './collaborators-rest.ts';
import { makeInitialCommit } from './initial-commit.ts';
import { fullRepositoryJson, repositoryApiUrl } from './json.ts';
import { listsRest } from './lists-rest.ts';
import {
  createRepository,
  deleteRepository,
  findRepositoryById,
  type Repository,
  updateRepository,
} from './repositories.ts';

export function repositoriesRest(routes: GuardedRoutes, ctx: Context): void {
  const below = repositoryRoutes(routes, ctx);
  listsRest(routes, ctx);
  createRoute(routes, ctx);
  oneRepository(below, ctx);
  collaboratorsRest(below, ctx);
}

// Making

const text = Type.Union([Type.String(), Type.Null()]);

const newRepository = Type.Object({
  name: Type.String(),
  description: Type.Optional(text),
  private: Type.Optional(Type.Boolean()),
  visibility: Type.Optional(Type.Union([Type.Literal('public'), Type.Literal('private')])),
  /** Begin with a commit that holds a README. */
  auto_init: Type.Optional(Type.Boolean()),
});

function createRoute(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'POST',
    url: '/user/repos',
    action: 'repositories.create',
    // The least that is needed; something private is asked for again, once the body has been read.
    target: (_request, actor): NewRepositoryTarget => ({
      kind: 'new-repository',
      accountId: accountId(actor) ?? 0,
      visibility: 'public',
    }),
    schema: { body: newRepository },
    handler: async ({ ctx: acting, actor, reply, target, body, ask, refuse }) => {
      const visibility = visibilityIn(body) ?? 'public';
      const decision = ask(actor, 'repositories.create', { ...target, visibility });
      if (!decision.allowed) return refuse(decision);
      const owner = await findAccount(ctx, target.accountId);
      if (owner === null) throw new ApiError('not-found');
      const { name, description = null } = body;
      const outcome = await createRepository(acting, { owner, name, description, visibility });
      if (!outcome.ok) throw validationFailed('Repository', outcome.problems);
      const repository =
        body.auto_init === true ? await begin(ctx, actor, outcome.value, owner) : outcome.value;
      reply.code(201).header('location', repositoryApiUrl(ctx.config, repository));
      return fullRepositoryJson(ctx.config, { repository, owner, actor, role: 'admin' });
    },
  });
}

async function begin(
  ctx: Context,
  actor: Actor,
  repository: Repository,
  owner: Account,
): Promise<Repository> {
  await makeInitialCommit(ctx, repository, owner);
  return (await findRepositoryById(ctx, actor, repository.id))?.repository ?? repository;
}

function visibilityIn(body: {
  readonly private?: boolean;
  readonly visibility?: Visibility;
}): Visibility | undefined {
  if (body.visibility !== undefined) return body.visibility;
  return body.private === undefined ? undefined : body.private ? 'private' : 'public';
}

// One repository

const changes = Type.Object({
  name: Type.Optional(Type.String()),
  description: Type.Optional(text),
  private: Type.Optional(Type.Boolean()),
  visibility: Type.Optional(Type.Union([Type.Literal('public'), Type.Literal('private')])),
  default_branch: Type.Optional(Type.String()),
});

function oneRepository(routes: RepositoryRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    below: '',
    action: 'repositories.read',
    handler: async (call) => {
      const { updatedAt, pushedAt } = call.target.repository;
      setLastModified(call.reply, Math.max(updatedAt, pushedAt ?? 0), ctx.now());
      return shown(ctx, call, call.target.repository);
    },
  });
  routes.route({
    method: 'PATCH',
    below: '',
    action: 'repositories.update',
    schema: { body: changes },
    handler: async (call) => {
      const { actor, body, target } = call;
      const visibility = visibilityIn(body);
      if (visibility !== undefined && visibility !== target.repository.visibility) {
        const decision = call.ask(actor, 'repositories.change-visibility', target);
        if (!decision.allowed) return call.refuse(decision);
      }
      const outcome = await updateRepository(call.ctx, target.repositoryId, {
        ...(body.name === undefined ? {} : { name: body.name }),
        ...(body.description === undefined ? {} : { description: body.description }),
        ...(visibility === undefined ? {} : { visibility }),
        ...(body.default_branch === undefined ? {} : { defaultBranch: body.default_branch }),
      });
      if (!outcome.ok) throw validationFailed('Repository', outcome.problems);
      return shown(ctx, call, outcome.value);
    },
  });
  routes.route({
    method: 'DELETE',
    below: '',
    action: 'repositories.delete',
    handler: async ({ ctx: acting, reply, target }) => {
      await deleteRepository(acting, target.repositoryId);
      return reply.code(204).send();
    },
  });
}

async function shown(
  ctx: Context,
  { actor, target }: Pick<RepositoryCall, 'actor' | 'target'>,
  repository: Repository,
) {
  const owner = (await findAccount(ctx, repository.ownerId)) ?? {
    id: repository.ownerId,
    login: repository.ownerLogin,
    siteAdmin: false,
  };
  return fullRepositoryJson(ctx.config, { repository, owner, actor, role: target.role });
}
