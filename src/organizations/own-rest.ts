// One's own organisations, memberships and teams through the API, and the organisations in which somebody shows that
// they are.
import { Type } from 'typebox';
import type { GuardedRoutes } from '../access/guard.ts';
import { selfTarget } from '../access/targets.ts';
import { type Account, findAccount, findAccountByLogin } from '../accounts/accounts.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import { pageOf, setLinks } from '../api/paging.ts';
import { choiceParameter, idParameter, pathParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import { publicFacts } from './facts.ts';
import { acceptInvitation } from './invitations.ts';
import { fullOrganizationJson, fullTeamJson, membershipJson, organizationJson } from './json.ts';
import { findOwnMembership, listOwnMemberships } from './memberships.ts';
import { findOrganizationById, listOrganizationsOf } from './organizations.ts';
import { countsOf, listTeamsOf } from './teams.ts';

export function ownRest(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: '/user/orgs',
    action: 'organizations.list-own',
    target: selfTarget,
    handler: async ({ request, reply, actor, target }) => {
      const page = pageOf(request);
      const listed = await listOrganizationsOf(ctx, actor, target.accountId, page);
      setLinks(request, reply, ctx.config, '/user/orgs', page, listed);
      return listed.items.map(({ organization }) => organizationJson(ctx.config, organization));
    },
  });
  for (const [url, find] of [
    ['/users/:username/orgs', (text: string) => findAccountByLogin(ctx, text)],
    ['/user/:account_id/orgs', null],
  ] as const) {
    routes.route({
      method: 'GET',
      url,
      action: 'accounts.read',
      target: async (request) => {
        const id = idParameter(request, 'account_id');
        const byId = id === null ? null : await findAccount(ctx, id);
        const account = find === null ? byId : await find(pathParameter(request, 'username'));
        return account === null ? null : { kind: 'account' as const, accountId: account.id };
      },
      handler: async ({ request, reply, actor, target }) => {
        const page = pageOf(request);
        const asked = { ...page, publicOnly: true };
        const listed = await listOrganizationsOf(ctx, actor, target.accountId, asked);
        setLinks(request, reply, ctx.config, `/user/${target.accountId}/orgs`, page, listed);
        return listed.items.map(({ organization }) => organizationJson(ctx.config, organization));
      },
    });
  }
  routes.route({
    method: 'GET',
    url: '/user/teams',
    action: 'organizations.list-own',
    target: selfTarget,
    handler: async ({ request, reply, actor, target }) => {
      const page = pageOf(request);
      const listed = await listTeamsOf(ctx, actor, target.accountId, page);
      setLinks(request, reply, ctx.config, '/user/teams', page, listed);
      const shown = [];
      for (const team of listed.items) {
        const organization = (await findOrganizationById(ctx, actor, team.organizationId))?.organization;
        if (organization === undefined) continue;
        const facts = await publicFacts(ctx, organization.id);
        const full = fullOrganizationJson(ctx.config, organization, facts);
        shown.push(fullTeamJson(ctx.config, team, full, await countsOf(ctx, team.id)));
      }
      return shown;
    },
  });
  ownMembershipsRest(routes, ctx);
}

function ownMembershipsRest(routes: GuardedRoutes, ctx: Context): void {
  const own = async (accountId: number): Promise<Account> => {
    const account = await findAccount(ctx, accountId);
    // Deleted since the token was looked up.
    if (account === null) throw new ApiError('bad-credentials');
    return account;
  };
  routes.route({
    method: 'GET',
    url: '/user/memberships/orgs',
    action: 'memberships.list-own',
    target: selfTarget,
    handler: async ({ request, reply, actor, target }) => {
      const account = await own(target.accountId);
      const state = choiceParameter(request, 'state', ['active', 'pending']) ?? null;
      const page = pageOf(request);
      const listed = await listOwnMemberships(ctx, actor, account.id, state, page);
      setLinks(request, reply, ctx.config, '/user/memberships/orgs', page, listed);
      return listed.items.map((membership) => membershipJson(ctx.config, { ...membership, account }));
    },
  });
  routes.route({
    method: 'GET',
    url: '/user/memberships/orgs/:org',
    action: 'memberships.list-own',
    target: selfTarget,
    handler: async ({ request, actor, target }) => {
      const account = await own(target.accountId);
      const membership = await findOwnMembership(ctx, actor, account.id, pathParameter(request, 'org'));
      if (membership === null) throw new ApiError('not-found');
      return membershipJson(ctx.config, { ...membership, account });
    },
  });
  routes.route({
    method: 'PATCH',
    url: '/user/memberships/orgs/:org',
    action: 'memberships.accept',
    target: selfTarget,
    schema: { body: Type.Object({ state: Type.Literal('active') }) },
    handler: async (call) => {
      const account = await own(call.target.accountId);
      const org = pathParameter(call.request, 'org');
      const membership = await findOwnMembership(ctx, call.actor, account.id, org);
      if (membership === null) throw new ApiError('not-found');
      if (membership.state === 'pending') {
        const { organization } = membership;
        const outcome = await acceptInvitation(call.ctx, { organization, invitee: account });
        if (!outcome.ok) throw validationFailed('OrganizationInvitation', outcome.problems);
      }
      return membershipJson(ctx.config, { ...membership, account, state: 'active' });
    },
  });
}
