// Teams through the API: an organisation's list, and one team.
import { Type } from 'typebox';
import { findAccountByLogin } from '../accounts/accounts.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import { pageOf, setLinks } from '../api/paging.ts';
import type { Context } from '../context.ts';
import { findRepository } from '../repositories/repositories.ts';
import { roleNamed } from '../repositories/role-names.ts';
import type { OrganizationRoutes, TeamRoutes } from './api-addresses.ts';
import { publicFacts } from './facts.ts';
import { fullOrganizationJson, fullTeamJson, teamJson } from './json.ts';
import type { Organization } from './organizations.ts';
import {
  addTeamMember,
  countsOf,
  createTeam,
  deleteTeam,
  listTeams,
  putTeamRepository,
  type Team,
  updateTeam,
} from './teams.ts';

const text = Type.Union([Type.String(), Type.Null()]);
const privacy = Type.Optional(Type.Union([Type.Literal('closed'), Type.Literal('secret')]));
const permission = Type.Optional(
  Type.Union([Type.Literal('pull'), Type.Literal('push'), Type.Literal('admin')]),
);
const parent = Type.Optional(Type.Union([Type.Integer(), Type.Null()]));
const names = Type.Optional(Type.Array(Type.String(), { maxItems: 100 }));

const newTeam = Type.Object({
  name: Type.String(),
  description: Type.Optional(text),
  maintainers: names,
  repo_names: names,
  privacy,
  permission,
  parent_team_id: parent,
});
const changes = Type.Object({
  name: Type.Optional(Type.String()),
  description: Type.Optional(text),
  privacy,
  permission,
  parent_team_id: parent,
});

export function teamsRest(below: OrganizationRoutes, belowTeam: TeamRoutes, ctx: Context): void {
  const full = async (organization: Organization, team: Team) => {
    const facts = await publicFacts(ctx, organization.id);
    const shown = fullOrganizationJson(ctx.config, organization, facts);
    return fullTeamJson(ctx.config, team, shown, await countsOf(ctx, team.id));
  };
  below.route({
    method: 'GET',
    below: '/teams',
    action: 'teams.read',
    handler: async ({ request, reply, target }) => {
      const page = pageOf(request);
      const listed = await listTeams(ctx, target.organizationId, page);
      setLinks(request, reply, ctx.config, `/organizations/${target.organizationId}/teams`, page, listed);
      return listed.items.map((team) => teamJson(ctx.config, team));
    },
  });
  below.route({
    method: 'POST',
    below: '/teams',
    action: 'teams.write',
    schema: { body: newTeam },
    handler: async (call) => {
      const { body, target, actor } = call;
      refuseUnknown(body);
      const role = roleNamed(body.permission ?? 'pull') ?? 'read';
      const repositories = await Promise.all(
        (body.repo_names ?? []).map(async (path) => {
          const [owner = '', name = ''] = path.split('/');
          const found = await findRepository(ctx, actor, owner, name);
          if (found === null || !call.ask(actor, 'repositories.read', found).allowed) {
            const message = `There is no repository ${path}.`;
            throw validationFailed('Team', [{ field: 'repo_names', code: 'invalid', message }]);
          }
          return found.repository;
        }),
      );
      const fields = { name: body.name, description: body.description ?? null, role };
      const outcome = await createTeam(call.ctx, target.organization, fields);
      if (!outcome.ok) throw validationFailed('Team', outcome.problems);
      const team = outcome.value;
      for (const login of body.maintainers ?? []) {
        const account = await findAccountByLogin(ctx, login);
        if (account !== null) await addTeamMember(call.ctx, team, account);
      }
      for (const repository of repositories) await putTeamRepository(call.ctx, team, repository, role);
      call.reply.code(201);
      return full(target.organization, team);
    },
  });

  belowTeam.route({
    method: 'GET',
    below: '',
    action: 'teams.read',
    handler: ({ target }) => full(target.organization, target.team),
  });
  belowTeam.route({
    method: 'PATCH',
    below: '',
    action: 'teams.write',
    schema: { body: changes },
    handler: async (call) => {
      const { body, target } = call;
      refuseUnknown(body);
      const outcome = await updateTeam(call.ctx, target.team, {
        ...(body.name === undefined ? {} : { name: body.name }),
        ...(body.description === undefined ? {} : { description: body.description }),
        ...(body.permission === undefined ? {} : { role: roleNamed(body.permission) ?? 'read' }),
      });
      if (!outcome.ok) throw validationFailed('Team', outcome.problems);
      return full(target.organization, outcome.value);
    },
  });
  belowTeam.route({
    method: 'DELETE',
    below: '',
    action: 'teams.write',
    handler: async (call) => {
      await deleteTeam(call.ctx, call.target.team);
      return call.reply.code(204).send();
    },
  });
  // Teams are not nested here.
  belowTeam.route({ method: 'GET', below: '/teams', action: 'teams.read', handler: () => [] });
}

/** What a team can't be here is refused instead of passed over: who asks for secrecy must not think it was given. */
function refuseUnknown(body: { readonly privacy?: string; readonly parent_team_id?: number | null }): void {
  if (body.privacy === 'secret') {
    const message = 'All members of the organization see its teams: privacy can only be closed.';
    throw validationFailed('Team', [{ field: 'privacy', code: 'invalid', message }]);
  }
  if (body.parent_team_id != null) {
    throw new ApiError('validation-failed', { message: 'Teams can not be nested on this server.' });
  }
}
