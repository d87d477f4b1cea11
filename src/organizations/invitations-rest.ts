// Invitations into an organisation through the API.
import { Type } from 'typebox';
import { findAccount } from '../accounts/accounts.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import { pageOf, setLinks } from '../api/paging.ts';
import { idParameter } from '../api/parameters.ts';
import type { Acting, Context } from '../context.ts';
import { type Outcome, refused } from '../problems.ts';
import type { OrganizationRoutes } from './api-addresses.ts';
import {
  cancelInvitation,
  findInvitationById,
  type Invitation,
  inviteByEmail,
  inviteMember,
  listInvitations,
  type OrganizationInvitation,
  teamsOfInvitation,
} from './invitations.ts';
import { invitationJson, teamJson } from './json.ts';
import type { Organization } from './organizations.ts';

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
      const said = {
        inviter: call.actor.account,
        role: body.role === 'admin' ? 'owner' : 'member',
        teamIds: body.team_ids ?? [],
      } as const;
      const outcome = await invite(call.ctx, call.target.organization, body, said);
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

/** By the number of an account, or by an address. */
async function invite(
  ctx: Acting,
  organization: Organization,
  { invitee_id: id, email = '' }: { readonly invitee_id?: number; readonly email?: string },
  said: Omit<Invitation, 'invitee'>,
): Promise<Outcome<OrganizationInvitation>> {
  if (id === undefined) return inviteByEmail(ctx, organization, { ...said, email });
  const invitee = await findAccount(ctx, id);
  if (invitee !== null) return inviteMember(ctx, organization, { ...said, invitee });
  return refused({ field: 'invitee_id', code: 'invalid', message: 'Nobody here has this id.' });
}
