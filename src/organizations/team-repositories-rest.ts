// What a team may do in repositories, through the API. Only those are named that the caller may read too.
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Actor } from '../access/actor.ts';
import type { Call, RouteSchema } from '../access/guard.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import { pageOf, setLinks } from '../api/paging.ts';
import { pathParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import { permissionsJson, repositoryJson } from '../repositories/json.ts';
import { findRepository, listRepositories, type RepositoryFound } from '../repositories/repositories.ts';
import { permissionName, roleNamed } from '../repositories/role-names.ts';
import type { TeamFound, TeamRoutes } from './api-addresses.ts';
import { putTeamRepository, removeTeamRepository, type Team, teamRoleIn } from './teams.ts';

type TeamCall = Call<TeamFound, RouteSchema>;

export function teamRepositoriesRest(below: TeamRoutes, ctx: Context): void {
  const shown = async (team: Team, found: RepositoryFound, actor: Actor) => {
    const role = (await teamRoleIn(ctx, team, found.repositoryId)) ?? 'read';
    const owner = {
      id: team.organizationId,
      login: team.organizationLogin,
      siteAdmin: false,
      kind: 'organization' as const,
    };
    return {
      ...repositoryJson(ctx.config, { ...found, actor, owner }),
      permissions: permissionsJson('private', role),
      role_name: permissionName(role),
    };
  };
  below.route({
    method: 'GET',
    below: '/repos',
    action: 'teams.read',
    handler: async ({ request, reply, actor, ask, target: { team } }) => {
      const page = pageOf(request);
      const list = { teamId: team.id, sort: 'full_name', direction: 'asc', ...page } as const;
      const listed = await listRepositories(ctx, { actor, ask }, list);
      const path = `/organizations/${team.organizationId}/team/${team.id}/repos`;
      setLinks(request, reply, ctx.config, path, page, listed);
      return Promise.all(listed.items.map((found) => shown(team, found, actor)));
    },
  });
  const at = '/repos/:owner/:repo';
  below.route({
    method: 'GET',
    below: at,
    action: 'teams.read',
    handler: async (call) => {
      const found = await namedRepository(ctx, call);
      const role = await teamRoleIn(ctx, call.target.team, found.repositoryId);
      if (role === null) throw new ApiError('not-found');
      if (!wantsRepository(call.request)) return call.reply.code(204).send();
      return shown(call.target.team, found, call.actor);
    },
  });
  below.route({
    method: 'PUT',
    below: at,
    action: 'team-repositories.write',
    schema: { body: Type.Object({ permission: Type.Optional(Type.String()) }) },
    handler: async (call) => {
      const { repository } = await namedRepository(ctx, call);
      const { team } = call.target;
      const role = call.body.permission === undefined ? team.role : roleNamed(call.body.permission);
      if (role === null) {
        const message = 'Permission must be one of pull, triage, push, maintain and admin.';
        throw validationFailed('Team', [{ field: 'permission', code: 'invalid', message }]);
      }
      const outcome = await putTeamRepository(call.ctx, team, repository, role);
      if (!outcome.ok) throw validationFailed('Team', outcome.problems);
      return call.reply.code(204).send();
    },
  });
  below.route({
    method: 'DELETE',
    below: at,
    action: 'team-repositories.write',
    handler: async (call) => {
      const { repository } = await namedRepository(ctx, call);
      await removeTeamRepository(call.ctx, call.target.team, repository);
      return call.reply.code(204).send();
    },
  });
}

/** The repository that the path names, if the caller may read it. @throws ApiError */
async function namedRepository(
  ctx: Context,
  { request, actor, ask }: Pick<TeamCall, 'request' | 'actor' | 'ask'>,
): Promise<RepositoryFound> {
  const [owner, name] = [pathParameter(request, 'owner'), pathParameter(request, 'repo')];
  const found = await findRepository(ctx, actor, owner, name);
  if (found === null || !ask(actor, 'repositories.read', found).allowed) throw new ApiError('not-found');
  return found;
}

/** GitHub answers the check with the repository where this media type is asked for. */
function wantsRepository(request: FastifyRequest): boolean {
  return String(request.headers.accept ?? '').includes('v3.repository');
}
