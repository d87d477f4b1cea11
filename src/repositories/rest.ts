// Repositories through the API: making, reading, changing, deleting. Lists of them: lists-rest.ts; who may work on
// them: collaborators-rest.ts; what is in them is a room of its own, contents/.
import { Type } from 'typebox';
import type { GuardedRoutes } from '../access/guard.ts';
import { setLastModified } from '../api/conditional.ts';
import { validationFailed } from '../api/errors.ts';
import type { Context } from '../context.ts';
import { type RepositoryCall, type RepositoryRoutes, repositoryRoutes } from './api-addresses.ts';
import { updateRepository } from './changing.ts';
import { collaboratorsRest } from './collaborators-rest.ts';
import { createRest, visibilityIn, visibilityName } from './create-rest.ts';
import { repositoryInvitationsRest } from './invitations-rest.ts';
import { fullRepositoryJson, ownerOf } from './json.ts';
import { listsRest } from './lists-rest.ts';
import { ownershipRest } from './ownership-rest.ts';
import { deleteRepository, type Repository } from './repositories.ts';
import { searchRest } from './search-rest.ts';

export function repositoriesRest(routes: GuardedRoutes, ctx: Context): void {
  const below = repositoryRoutes(routes, ctx);
  listsRest(routes, ctx);
  searchRest(routes, ctx);
  createRest(routes, ctx);
  oneRepository(below, ctx);
  collaboratorsRest(below, ctx);
  repositoryInvitationsRest(routes, below, ctx);
  ownershipRest(routes, below, ctx);
}

// One repository

const text = Type.Union([Type.String(), Type.Null()]);

const changes = Type.Object({
  name: Type.Optional(Type.String()),
  description: Type.Optional(text),
  private: Type.Optional(Type.Boolean()),
  visibility: Type.Optional(visibilityName),
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
      const before = target.repository.visibility;
      // `private` says nothing of who else may read: what is internal is private in this sense.
      const isSame = body.visibility === undefined && body.private === true && before === 'internal';
      const visibility = isSame ? undefined : visibilityIn(body);
      if (visibility !== undefined && visibility !== before) {
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
  const owner = await ownerOf(ctx, repository);
  return fullRepositoryJson(ctx.config, { repository, owner, actor, role: target.role });
}
