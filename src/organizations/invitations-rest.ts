// Invitations into an organisation through the API.
import { Type } from 'typebox';
import { type Account, findAccount } from '../accounts/accounts.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import { pageOf, setLinks } from '../api/paging.ts';
import { idParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../problems.ts';
import type { OrganizationRoutes } from './api-addresses.ts';
import {
  cancelInvitation,
  findInvitationById,
  inviteeByEmail,
  inviteMember,
  listInvitations,
  teamsOfInvitation,
} from './invitations.ts';
import { invitationJson, teamJson } from './json.ts';

const invitation = Type.Object({
  invitee_id: Type.Optional(Type.Integer()),
  email: Type.Optional(Type.String()),
  role: Type.Optional(
    Type.Union([
      Type.Literal('admin'),
      Type.Literal('direct_member'),
      Type.Literal('billing_manager'),
      Type.Literal('reinstate'),
    ]),
  ),
  team_ids: Type.Optional(Type.Array(Type.Integer(), { maxItems: 100 })),
});

export function invitationsRest(below: OrganizationRoutes, ctx: Context): void {
  below.route({
    method: 'GET',
    below: '/invitations',
    action: 'organization-invitations.list',
    handler: async ({ request, reply, target }) => {
      const page = pageOf(request);
      const listed = await listInvitations(ctx, target.organizationId, page);
      const path = `/organizations/${target.organizationId}/invitations`;
      setLinks(request, reply, ctx.config, path, page, listed);
      return listed.items.map((each) => invitationJson(ctx.config, each));
    },
  });
  // They never fail: who is invited has an account here.
  below.route({
    method: 'GET',
    below: '/failed_invitations',
    action: 'organization-invitations.list',
    handler: () => [],
  });
  below.route({
    method: 'POST',
    below: '/invitations',
    action: 'organization-invitations.write',
    schema: { body: invitation },
    handler: async (call) => {
      const { body } = call;
      if (call.actor.kind !== 'user') return call.refuse({ because: 'unauthenticated' });
      if (body.role === 'billing_manager' || body.role === 'reinstate') {
        const message = 'Role must be one of admin and direct_member.';
        throw validationFailed('OrganizationInvitation', [{ field: 'role', code: 'invalid', message }]);
      }
      const invitee = await inviteeIn(ctx, body);
      if (!invitee.ok) throw validationFailed('OrganizationInvitation', invitee.problems);
      const outcome = await inviteMember(call.ctx, call.target.organization, {
        invitee: invitee.value,
        inviter: call.actor.account,
        role: body.role === 'admin' ? 'owner' : 'member',
        teamIds: body.team_ids ?? [],
      });
      if (!outcome.ok) throw validationFailed('OrganizationInvitation', outcome.problems);
      call.reply.code(201);
      return invitationJson(ctx.config, outcome.value);
    },
  });
  const named = async (organizationId: number, id: number | null) => {
    const found = id === null ? null : await findInvitationById(ctx, organizationId, id);
    if (found === null) throw new ApiError('not-found');
    return found;
  };
  below.route({
    method: 'DELETE',
    below: '/invitations/:invitation_id',
    action: 'organization-invitations.write',
    handler: async (call) => {
      const id = idParameter(call.request, 'invitation_id');
      await cancelInvitation(call.ctx, await named(call.target.organizationId, id));
      return call.reply.code(204).send();
    },
  });
  below.route({
    method: 'GET',
    below: '/invitations/:invitation_id/teams',
    action: 'organization-invitations.list',
    handler: async ({ request, target }) => {
      const found = await named(target.organizationId, idParameter(request, 'invitation_id'));
      const teams = await teamsOfInvitation(ctx, found.id);
      return teams.map((team) => teamJson(ctx.config, team));
    },
  });
}

async function inviteeIn(
  ctx: Context,
  body: { readonly invitee_id?: number; readonly email?: string },
): Promise<Outcome<Account>> {
  if (body.invitee_id === undefined) return inviteeByEmail(ctx, body.email ?? '');
  const account = await findAccount(ctx, body.invitee_id);
  if (account !== null) return { ok: true, value: account };
  const problem = { field: 'invitee_id', code: 'invalid', message: 'Nobody here has this id.' } as const;
  return { ok: false, problems: [problem] };
}
