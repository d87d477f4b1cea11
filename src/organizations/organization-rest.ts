// One organisation through the API, and the list of all.
import { Type } from 'typebox';
import type { GuardedRoutes } from '../access/guard.ts';
import { instance } from '../access/targets.ts';
import { findAccountByLogin } from '../accounts/accounts.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import { pageOf } from '../api/paging.ts';
import { pathParameter, textParameter } from '../api/parameters.ts';
import { apiRoot } from '../api/urls.ts';
import type { Context } from '../context.ts';
import { ownedTotals } from '../repositories/totals.ts';
import type { OrganizationRoutes } from './api-addresses.ts';
import { publicFacts } from './facts.ts';
import { fullOrganizationJson, organizationJson, privateOrganizationJson } from './json.ts';
import { listMembers } from './members.ts';
import {
  createOrganization,
  findOrganization,
  listOrganizations,
  type Organization,
  renameOrganization,
  updateOrganization,
} from './organizations.ts';

const nullableText = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const flag = Type.Optional(Type.Boolean());

const changes = Type.Object({
  name: nullableText,
  description: nullableText,
  default_repository_permission: Type.Optional(
    Type.Union([Type.Literal('read'), Type.Literal('write'), Type.Literal('admin'), Type.Literal('none')]),
  ),
  members_can_create_repositories: flag,
  members_allowed_repository_creation_type: Type.Optional(
    Type.Union([Type.Literal('all'), Type.Literal('private'), Type.Literal('none')]),
  ),
});

export function organizationRest(routes: GuardedRoutes, below: OrganizationRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: '/organizations',
    action: 'organizations.list',
    target: () => instance,
    handler: async ({ request, reply }) => {
      const { perPage } = pageOf(request);
      const since = textParameter(request, 'since') ?? '0';
      const after = /^\d{1,15}$/.test(since) ? Number(since) : 0;
      // One more than is shown tells whether there are more.
      const listed = await listOrganizations(ctx, { after, limit: perPage + 1 });
      const shown = listed.slice(0, perPage);
      const last = shown.at(-1);
      if (listed.length > perPage && last !== undefined) {
        const all = `${apiRoot(ctx.config)}/organizations`;
        const next = `<${all}?per_page=${perPage}&since=${last.id}>; rel="next"`;
        reply.header('link', `${next}, <${all}{?since}>; rel="first"`);
      }
      return shown.map((organization) => organizationJson(ctx.config, organization));
    },
  });

  routes.route({
    method: 'POST',
    url: '/admin/organizations',
    action: 'all-organizations.create',
    target: () => instance,
    schema: {
      body: Type.Object({ login: Type.String(), admin: Type.String(), profile_name: nullableText }),
    },
    handler: async (call) => {
      const { login, admin, profile_name = null } = call.body;
      const owner = await findAccountByLogin(ctx, admin);
      if (owner === null) {
        const message = 'Nobody here has this user name.';
        throw validationFailed('Organization', [{ field: 'admin', code: 'invalid', message }]);
      }
      const outcome = await createOrganization(call.ctx, { login, name: profile_name, owner });
      if (!outcome.ok) throw validationFailed('Organization', outcome.problems);
      call.reply.code(201);
      return organizationJson(ctx.config, outcome.value);
    },
  });

  routes.route({
    method: 'PATCH',
    url: '/admin/organizations/:org',
    action: 'all-organizations.update',
    target: () => instance,
    schema: { body: Type.Object({ login: Type.String() }) },
    handler: async (call) => {
      const found = await findOrganization(ctx, call.actor, pathParameter(call.request, 'org'));
      if (found === null) throw new ApiError('not-found');
      const outcome = await renameOrganization(call.ctx, found.organizationId, call.body.login);
      if (!outcome.ok) throw validationFailed('Organization', outcome.problems);
      // GHES renames in the background; here it is done by now.
      return call.reply.code(202).send({
        message: 'Job queued to rename organization. It may take a few minutes to complete.',
        url: `${apiRoot(ctx.config)}/organizations/${found.organizationId}`,
      });
    },
  });

  /** With what members see, where the caller may. */
  const shown = async (organization: Organization, isInside: boolean) => {
    const facts = await publicFacts(ctx, organization.id);
    const full = fullOrganizationJson(ctx.config, organization, facts);
    if (!isInside) return full;
    const totals = await ownedTotals(ctx, organization.id);
    const members = await listMembers(ctx, organization.id, { page: 1, perPage: 1 });
    return { ...full, ...privateOrganizationJson(organization, totals, { members: members.total }) };
  };

  below.route({
    method: 'GET',
    below: '',
    action: 'organizations.read',
    handler: ({ actor, ask, target }) =>
      shown(target.organization, ask(actor, 'organizations.read-private', target).allowed),
  });
  below.route({
    method: 'PATCH',
    below: '',
    action: 'organizations.update',
    schema: { body: changes },
    handler: async (call) => {
      const { actor, ask, body, target } = call;
      const type = body.members_allowed_repository_creation_type;
      if (type === 'private') {
        const message = 'Members may make repositories of every visibility, or none: say all or none.';
        const field = 'members_allowed_repository_creation_type';
        throw validationFailed('Organization', [{ field, code: 'invalid', message }]);
      }
      const mayCreate = type === undefined ? body.members_can_create_repositories : type === 'all';
      const outcome = await updateOrganization(call.ctx, target.organizationId, {
        ...(body.name === undefined ? {} : { name: body.name }),
        ...(body.description === undefined ? {} : { description: body.description }),
        ...(body.default_repository_permission === undefined
          ? {}
          : { basePermission: body.default_repository_permission }),
        ...(mayCreate === undefined ? {} : { membersMayCreate: mayCreate }),
      });
      if (!outcome.ok) throw validationFailed('Organization', outcome.problems);
      return shown(outcome.value, ask(actor, 'organizations.read-private', target).allowed);
    },
  });
}
