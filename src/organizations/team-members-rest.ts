// Who is in a team, through the API.
import { Type } from 'typebox';
import { simpleUserJson } from '../accounts/json.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import { pageOf, setLinks } from '../api/paging.ts';
import { choiceParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import { namedPerson, type TeamRoutes } from './api-addresses.ts';
import { findInvitation, inviteMember, teamsOfInvitation } from './invitations.ts';
import { teamMembershipJson } from './json.ts';
import { findMember } from './members.ts';
import { addTeamMember, findTeamMember, listTeamMembers, removeTeamMember } from './teams.ts';

export function teamMembersRest(below: TeamRoutes, ctx: Context): void {
  below.route({
    method: 'GET',
    below: '/members',
    action: 'teams.read',
    handler: async ({ request, reply, target: { team } }) => {
      const role = choiceParameter(request, 'role', ['member', 'maintainer']);
      const page = pageOf(request);
      const asked = { ...page, ...(role === undefined ? {} : { role }) };
      const listed = await listTeamMembers(ctx, team, asked);
      const path = `/organizations/${team.organizationId}/team/${team.id}/members`;
      setLinks(request, reply, ctx.config, path, page, listed);
      return listed.items.map((member) => simpleUserJson(ctx.config, member));
    },
  });
  below.route({
    method: 'GET',
    below: '/members/:username',
    action: 'teams.read',
    handler: async ({ request, reply, target: { team } }) => {
      const account = await namedPerson(ctx, request);
      if ((await findTeamMember(ctx, team, account.id)) === null) throw new ApiError('not-found');
      return reply.code(204).send();
    },
  });
  below.route({
    method: 'GET',
    below: '/memberships/:username',
    action: 'teams.read',
    handler: async ({ request, actor, ask, target }) => {
      const account = await namedPerson(ctx, request);
      const { team, organization } = target;
      const member = await findTeamMember(ctx, team, account.id);
      if (member !== null) return teamMembershipJson(ctx.config, team, member, 'active');
      const invitation = ask(actor, 'organization-invitations.list', target).allowed
        ? await findInvitation(ctx, organization.id, account.id)
        : null;
      const teams = invitation === null ? [] : await teamsOfInvitation(ctx, invitation.id);
      if (!teams.some(({ id }) => id === team.id)) throw new ApiError('not-found');
      return teamMembershipJson(ctx.config, team, { login: account.login, role: 'member' }, 'pending');
    },
  });
  below.route({
    method: 'PUT',
    below: '/memberships/:username',
    action: 'team-memberships.write',
    schema: {
      body: Type.Object({
        role: Type.Optional(Type.Union([Type.Literal('member'), Type.Literal('maintainer')])),
      }),
    },
    handler: async (call) => {
      const { actor, target, body } = call;
      const { team, organization } = target;
      const account = await namedPerson(ctx, call.request);
      const member = await findMember(ctx, organization.id, account.id);
      if (body.role === 'maintainer' && member?.role !== 'owner') {
        const message = 'Only owners of the organization maintain its teams on this server.';
        throw validationFailed('TeamMembership', [{ field: 'role', code: 'invalid', message }]);
      }
      if (member === null) {
        // Who is outside is invited into the organisation, which asks for more than teams do.
        const decision = call.ask(actor, 'memberships.write', target);
        if (!decision.allowed) return call.refuse(decision);
        if (actor.kind !== 'user') return call.refuse({ because: 'unauthenticated' });
        const invitation = await findInvitation(ctx, organization.id, account.id);
        const outcome = await inviteMember(call.ctx, organization, {
          invitee: account,
          inviter: actor.account,
          role: invitation?.role ?? 'member',
          teamIds: [team.id],
        });
        if (!outcome.ok) throw validationFailed('TeamMembership', outcome.problems);
        return teamMembershipJson(ctx.config, team, { login: account.login, role: 'member' }, 'pending');
      }
      const outcome = await addTeamMember(call.ctx, team, account);
      if (!outcome.ok) throw validationFailed('TeamMembership', outcome.problems);
      return teamMembershipJson(ctx.config, team, outcome.value, 'active');
    },
  });
  for (const path of ['/memberships/:username', '/members/:username']) {
    below.route({
      method: 'DELETE',
      below: path,
      action: 'team-memberships.write',
      handler: async (call) => {
        const account = await namedPerson(ctx, call.request);
        if (!(await removeTeamMember(call.ctx, call.target.team, account))) throw new ApiError('not-found');
        return call.reply.code(204).send();
      },
    });
  }
  below.route({
    method: 'PUT',
    below: '/members/:username',
    action: 'team-memberships.write',
    handler: async (call) => {
      const account = await namedPerson(ctx, call.request);
      const outcome = await addTeamMember(call.ctx, call.target.team, account);
      if (!outcome.ok) throw validationFailed('TeamMember', outcome.problems);
      return call.reply.code(204).send();
    },
  });
}
