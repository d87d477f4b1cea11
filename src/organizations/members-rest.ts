// Who belongs to an organisation, through the API: everybody sees the public members, members see all.
import { simpleUserJson } from '../accounts/json.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import { pageOf, setLinks } from '../api/paging.ts';
import { choiceParameter, textParameter } from '../api/parameters.ts';
import { apiRoot } from '../api/urls.ts';
import type { Context } from '../context.ts';
import { listOutsideCollaborators, removeOutsideCollaborator } from '../repositories/outside.ts';
import { namedPerson, type OrganizationRoutes } from './api-addresses.ts';
import { findMember, listMembers, removeMember, setMembershipPublic } from './members.ts';

export function membersRest(below: OrganizationRoutes, ctx: Context): void {
  membersRoutes(below, ctx);
  publicMembersRoutes(below, ctx);
  outsideRoutes(below, ctx);
}

function membersRoutes(below: OrganizationRoutes, ctx: Context): void {
  below.route({
    method: 'GET',
    below: '/members',
    action: 'members.list',
    handler: async ({ request, reply, actor, ask, target }) => {
      if (textParameter(request, 'filter') === '2fa_disabled') {
        const message = 'Members can not be filtered by their second factors.';
        throw validationFailed('Search', [{ field: 'filter', code: 'invalid', message }]);
      }
      const asked = choiceParameter(request, 'role', ['all', 'admin', 'member']);
      const page = pageOf(request);
      const listed = await listMembers(ctx, target.organizationId, {
        ...page,
        publicOnly: !ask(actor, 'members.list-all', target).allowed,
        ...(asked === 'admin' ? { role: 'owner' } : asked === 'member' ? { role: 'member' } : {}),
      });
      setLinks(request, reply, ctx.config, `/organizations/${target.organizationId}/members`, page, listed);
      return listed.items.map((member) => simpleUserJson(ctx.config, member));
    },
  });
  below.route({
    method: 'GET',
    below: '/members/:username',
    action: 'members.list',
    handler: async ({ request, reply, actor, ask, target }) => {
      const account = await namedPerson(ctx, request);
      if (!ask(actor, 'members.list-all', target).allowed) {
        // Who is no member is sent to ask for public members only.
        const at = `${apiRoot(ctx.config)}/organizations/${target.organizationId}/public_members`;
        return reply.code(302).header('location', `${at}/${account.login}`).send();
      }
      if ((await findMember(ctx, target.organizationId, account.id)) === null)
        throw new ApiError('not-found');
      return reply.code(204).send();
    },
  });
  below.route({
    method: 'DELETE',
    below: '/members/:username',
    action: 'memberships.write',
    handler: async (call) => {
      const account = await namedPerson(ctx, call.request);
      const { organization } = call.target;
      if ((await findMember(ctx, organization.id, account.id)) === null) throw new ApiError('not-found');
      const outcome = await removeMember(call.ctx, organization, account.id);
      if (!outcome.ok) throw new ApiError('forbidden', { message: outcome.problems[0]?.message ?? '' });
      return call.reply.code(204).send();
    },
  });
}

function publicMembersRoutes(below: OrganizationRoutes, ctx: Context): void {
  below.route({
    method: 'GET',
    below: '/public_members',
    action: 'members.list',
    handler: async ({ request, reply, target }) => {
      const page = pageOf(request);
      const listed = await listMembers(ctx, target.organizationId, { ...page, publicOnly: true });
      const path = `/organizations/${target.organizationId}/public_members`;
      setLinks(request, reply, ctx.config, path, page, listed);
      return listed.items.map((member) => simpleUserJson(ctx.config, member));
    },
  });
  below.route({
    method: 'GET',
    below: '/public_members/:username',
    action: 'members.list',
    handler: async ({ request, reply, target }) => {
      const account = await namedPerson(ctx, request);
      const member = await findMember(ctx, target.organizationId, account.id);
      if (member?.isPublic !== true) throw new ApiError('not-found');
      return reply.code(204).send();
    },
  });
  for (const [method, isPublic] of [
    ['PUT', true],
    ['DELETE', false],
  ] as const) {
    below.route({
      method,
      below: '/public_members/:username',
      action: 'memberships.publicize',
      handler: async (call) => {
        const account = await namedPerson(ctx, call.request);
        // The membership that can be shown or hidden is the caller's own, and no other.
        if (call.actor.kind !== 'user' || call.actor.account.id !== account.id) {
          throw new ApiError('forbidden', { message: 'You can only publicize or conceal yourself.' });
        }
        await setMembershipPublic(call.ctx, call.target.organization, account.id, isPublic);
        return call.reply.code(204).send();
      },
    });
  }
}

function outsideRoutes(below: OrganizationRoutes, ctx: Context): void {
  below.route({
    method: 'GET',
    below: '/outside_collaborators',
    action: 'outside-collaborators.list',
    handler: async ({ request, reply, target }) => {
      const page = pageOf(request);
      const listed = await listOutsideCollaborators(ctx, target.organizationId, page);
      const path = `/organizations/${target.organizationId}/outside_collaborators`;
      setLinks(request, reply, ctx.config, path, page, listed);
      return listed.items.map((account) => simpleUserJson(ctx.config, account));
    },
  });
  below.route({
    method: 'PUT',
    below: '/outside_collaborators/:username',
    action: 'outside-collaborators.write',
    handler: async (call) => {
      const account = await namedPerson(ctx, call.request);
      const { organization } = call.target;
      if ((await findMember(ctx, organization.id, account.id)) === null) throw new ApiError('not-found');
      const outcome = await removeMember(call.ctx, organization, account.id, 'team-access');
      if (!outcome.ok) throw new ApiError('forbidden', { message: outcome.problems[0]?.message ?? '' });
      return call.reply.code(204).send();
    },
  });
  below.route({
    method: 'DELETE',
    below: '/outside_collaborators/:username',
    action: 'outside-collaborators.write',
    handler: async (call) => {
      const account = await namedPerson(ctx, call.request);
      const { organization } = call.target;
      if ((await findMember(ctx, organization.id, account.id)) !== null) {
        const message = 'You cannot specify an organization member to remove as an outside collaborator.';
        throw new ApiError('validation-failed', { message });
      }
      await removeOutsideCollaborator(call.ctx, organization, account);
      return call.reply.code(204).send();
    },
  });
}
