// Memberships of others through the API: owners invite, change roles and remove.
import { Type } from 'typebox';
import type { OrganizationRole } from '../access/actions.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import type { Context } from '../context.ts';
import { namedPerson, type OrganizationRoutes } from './api-addresses.ts';
import { cancelInvitation, findInvitation, inviteMember } from './invitations.ts';
import { membershipJson } from './json.ts';
import { changeMemberRole, findMember, removeMember } from './members.ts';

export function membershipsRest(below: OrganizationRoutes, ctx: Context): void {
  below.route({
    method: 'GET',
    below: '/memberships/:username',
    action: 'memberships.read',
    handler: async ({ request, actor, ask, target }) => {
      const account = await namedPerson(ctx, request);
      const { organization } = target;
      const member = await findMember(ctx, organization.id, account.id);
      if (member !== null) {
        return membershipJson(ctx.config, { organization, account, role: member.role, state: 'active' });
      }
      const invitation = ask(actor, 'organization-invitations.list', target).allowed
        ? await findInvitation(ctx, organization.id, account.id)
        : null;
      if (invitation === null) throw new ApiError('not-found');
      return membershipJson(ctx.config, { organization, account, role: invitation.role, state: 'pending' });
    },
  });
  below.route({
    method: 'PUT',
    below: '/memberships/:username',
    action: 'memberships.write',
    schema: {
      body: Type.Object({
        role: Type.Optional(Type.Union([Type.Literal('admin'), Type.Literal('member')])),
      }),
    },
    handler: async (call) => {
      const account = await namedPerson(ctx, call.request);
      if (call.actor.kind !== 'user') return call.refuse({ because: 'unauthenticated' });
      const { organization } = call.target;
      const role: OrganizationRole = call.body.role === 'admin' ? 'owner' : 'member';
      if ((await findMember(ctx, organization.id, account.id)) === null) {
        const invitation = { invitee: account, inviter: call.actor.account, role };
        const outcome = await inviteMember(call.ctx, organization, invitation);
        if (!outcome.ok) throw validationFailed('OrganizationInvitation', outcome.problems);
        return membershipJson(ctx.config, { organization, account, role, state: 'pending' });
      }
      const outcome = await changeMemberRole(call.ctx, organization, account.id, role);
      if (!outcome.ok) throw new ApiError('forbidden', { message: outcome.problems[0]?.message ?? '' });
      return membershipJson(ctx.config, { organization, account, role, state: 'active' });
    },
  });
  below.route({
    method: 'DELETE',
    below: '/memberships/:username',
    action: 'memberships.write',
    handler: async (call) => {
      const account = await namedPerson(ctx, call.request);
      const { organization } = call.target;
      const invitation = await findInvitation(ctx, organization.id, account.id);
      const member = await findMember(ctx, organization.id, account.id);
      if (member === null && invitation === null) throw new ApiError('not-found');
      if (invitation !== null) await cancelInvitation(call.ctx, invitation);
      if (member !== null) {
        const outcome = await removeMember(call.ctx, organization, account.id);
        if (!outcome.ok) throw new ApiError('forbidden', { message: outcome.problems[0]?.message ?? '' });
      }
      return call.reply.code(204).send();
    },
  });
}
