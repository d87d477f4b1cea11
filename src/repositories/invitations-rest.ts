// Invitations to work on repositories, through the API: a repository's, for its admins, and one's own, to answer.
import { Type } from 'typebox';
import type { Actor } from '../access/actor.ts';
import type { GuardedRoutes } from '../access/guard.ts';
import { selfTarget } from '../access/targets.ts';
import { simpleUserJson } from '../accounts/json.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import { nodeId } from '../api/node-ids.ts';
import { pageOf, setLinks } from '../api/paging.ts';
import { idParameter } from '../api/parameters.ts';
import { apiRoot, timestamp } from '../api/urls.ts';
import type { Context } from '../context.ts';
import type { RepositoryRoutes } from './api-addresses.ts';
import {
  acceptRepositoryInvitation,
  cancelRepositoryInvitation,
  changeInvitation,
  declineRepositoryInvitation,
  findInvitationTo,
  findRepositoryInvitationOf,
  listInvitationsTo,
  listRepositoryInvitationsOf,
  type RepositoryInvitation,
} from './invitations.ts';
import { ownerOf, repositoryJson, repositoryPageUrl } from './json.ts';
import { roleNamed } from './role-names.ts';

/** GHES 3.8: repository-invitation. */
export async function repositoryInvitationJson(ctx: Context, actor: Actor, invitation: RepositoryInvitation) {
  const { config } = ctx;
  const { id, repository, invitee, inviter, role, createdAt } = invitation;
  const owner = await ownerOf(ctx, repository);
  return {
    id,
    node_id: nodeId('RepositoryInvitation', id),
    repository: repositoryJson(config, { repository, owner, actor, role: null }),
    invitee: simpleUserJson(config, invitee),
    inviter: simpleUserJson(config, inviter),
    permissions: role,
    created_at: timestamp(createdAt),
    expired: false,
    url: `${apiRoot(config)}/user/repository_invitations/${id}`,
    html_url: `${repositoryPageUrl(config, repository)}/invitations`,
  };
}

export function repositoryInvitationsRest(
  routes: GuardedRoutes,
  below: RepositoryRoutes,
  ctx: Context,
): void {
  invitationsToRepository(below, ctx);
  ownInvitations(routes, ctx);
}

function invitationsToRepository(below: RepositoryRoutes, ctx: Context): void {
  const named = async (repositoryId: number, id: number | null) => {
    const invitation = id === null ? null : await findInvitationTo(ctx, repositoryId, id);
    if (invitation === null) throw new ApiError('not-found');
    return invitation;
  };
  below.route({
    method: 'GET',
    below: '/invitations',
    action: 'collaborators.write',
    handler: async ({ request, reply, actor, target }) => {
      const page = pageOf(request);
      const listed = await listInvitationsTo(ctx, target.repositoryId, page);
      setLinks(request, reply, ctx.config, `/repositories/${target.repositoryId}/invitations`, page, listed);
      return Promise.all(listed.items.map((each) => repositoryInvitationJson(ctx, actor, each)));
    },
  });
  below.route({
    method: 'PATCH',
    below: '/invitations/:invitation_id',
    action: 'collaborators.write',
    schema: { body: Type.Object({ permissions: Type.Optional(Type.String()) }) },
    handler: async (call) => {
      const invitation = await named(call.target.repositoryId, idParameter(call.request, 'invitation_id'));
      const role = roleNamed(call.body.permissions ?? invitation.role);
      if (role === null) {
        const message = 'Permissions must be one of read, triage, write, maintain and admin.';
        throw validationFailed('RepositoryInvitation', [{ field: 'permissions', code: 'invalid', message }]);
      }
      return repositoryInvitationJson(ctx, call.actor, await changeInvitation(call.ctx, invitation, role));
    },
  });
  below.route({
    method: 'DELETE',
    below: '/invitations/:invitation_id',
    action: 'collaborators.write',
    handler: async (call) => {
      const id = idParameter(call.request, 'invitation_id');
      await cancelRepositoryInvitation(call.ctx, await named(call.target.repositoryId, id));
      return call.reply.code(204).send();
    },
  });
}

function ownInvitations(routes: GuardedRoutes, ctx: Context): void {
  const url = '/user/repository_invitations';
  routes.route({
    method: 'GET',
    url,
    action: 'repository-invitations.list-own',
    target: selfTarget,
    handler: async ({ request, reply, actor, target }) => {
      const page = pageOf(request);
      const listed = await listRepositoryInvitationsOf(ctx, actor, target.accountId, page);
      setLinks(request, reply, ctx.config, url, page, listed);
      return Promise.all(listed.items.map((each) => repositoryInvitationJson(ctx, actor, each)));
    },
  });
  const own = async (actor: Actor, accountId: number, id: number | null) => {
    const found = id === null ? null : await findRepositoryInvitationOf(ctx, actor, accountId, id);
    if (found === null) throw new ApiError('not-found');
    return found;
  };
  routes.route({
    method: 'PATCH',
    url: `${url}/:invitation_id`,
    action: 'repository-invitations.answer',
    target: selfTarget,
    handler: async (call) => {
      const id = idParameter(call.request, 'invitation_id');
      const invitation = await own(call.actor, call.target.accountId, id);
      const outcome = await acceptRepositoryInvitation(call.ctx, invitation);
      if (!outcome.ok) throw new ApiError('conflict', { message: outcome.problems[0]?.message ?? '' });
      return call.reply.code(204).send();
    },
  });
  routes.route({
    method: 'DELETE',
    url: `${url}/:invitation_id`,
    action: 'repository-invitations.answer',
    target: selfTarget,
    handler: async (call) => {
      const id = idParameter(call.request, 'invitation_id');
      await declineRepositoryInvitation(call.ctx, await own(call.actor, call.target.accountId, id));
      return call.reply.code(204).send();
    },
  });
}
