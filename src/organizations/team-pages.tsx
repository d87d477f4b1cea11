// The teams of an organisation: members see them, owners make and change them.
import type { FastifyReply } from 'fastify';
import type { RepositoryRole } from '../access/actions.ts';
import { repositoryRoles } from '../access/actions.ts';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { findAccountByLogin } from '../accounts/accounts.ts';
import type { Context } from '../context.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import { findRepository, listRepositories } from '../repositories/repositories.ts';
import { flash } from '../web/flash.ts';
import { type FormFields, textOf } from '../web/forms.ts';
import { submitted } from '../web/visit.ts';
import { teamPath, teamsPath } from './addresses.ts';
import type { TeamFound } from './api-addresses.ts';
import { organizationInPath, teamInPath } from './finding.ts';
import { renderOrganizationPage } from './frame.tsx';
import type { OrganizationFound } from './organizations.ts';
import { TeamList, type TeamTyped, TeamView } from './team-view.tsx';
import {
  addTeamMember,
  createTeam,
  deleteTeam,
  listTeamMembers,
  listTeams,
  putTeamRepository,
  removeTeamMember,
  removeTeamRepository,
  teamRoleIn,
  updateTeam,
} from './teams.ts';

type TeamsCall = Call<OrganizationFound, RouteSchema>;
type TeamCall = Call<TeamFound, RouteSchema>;

const MAX_LISTED = 100;
const all = { page: 1, perPage: MAX_LISTED };

export function teamPages(routes: GuardedRoutes, ctx: Context): void {
  async function sendList(
    call: TeamsCall,
    typed: TeamTyped = { name: '', description: '' },
    problems?: readonly Problem[],
  ): Promise<FastifyReply> {
    const { organization } = call.target;
    const { items, total } = await listTeams(ctx, organization.id, all);
    return renderOrganizationPage(
      call,
      call.target,
      { title: 'Teams', tab: 'teams', ...(problems === undefined ? {} : { status: 422 }) },
      <TeamList
        organization={organization}
        teams={items}
        total={total}
        mayCreate={call.ask(call.actor, 'teams.write', call.target).allowed}
        typed={typed}
        problems={problems ?? []}
      />,
    );
  }
  const target = organizationInPath(ctx);
  routes.route({
    method: 'GET',
    url: '/orgs/:org/teams',
    action: 'teams.read',
    target,
    handler: (call: TeamsCall) => sendList(call),
  });
  routes.route({
    method: 'POST',
    url: '/orgs/:org/teams',
    action: 'teams.write',
    target,
    async handler(call: TeamsCall) {
      const typed = typedIn(submitted(call.request));
      const outcome = await createTeam(call.ctx, call.target.organization, { ...typed, role: 'read' });
      if (!outcome.ok) return sendList(call, typed, outcome.problems);
      return call.reply.redirect(teamPath(outcome.value), 303);
    },
  });
  oneTeam(routes, ctx);
}

function oneTeam(routes: GuardedRoutes, ctx: Context): void {
  const target = teamInPath(ctx);
  const url = '/orgs/:org/teams/:team_slug';

  async function send(
    call: TeamCall,
    problems?: readonly Problem[],
    typed?: TeamTyped,
  ): Promise<FastifyReply> {
    const { actor, ask } = call;
    const { team, organization } = call.target;
    const members = await listTeamMembers(ctx, team, all);
    const order = { sort: 'full_name', direction: 'asc' } as const;
    const { items } = await listRepositories(ctx, call, { teamId: team.id, ...order, ...all });
    const repositories: { readonly name: string; readonly role: RepositoryRole }[] = [];
    for (const { repository } of items) {
      const role = await teamRoleIn(ctx, team, repository.id);
      if (role !== null) repositories.push({ name: repository.name, role });
    }
    const may = (action: 'teams.write' | 'team-memberships.write' | 'team-repositories.write') =>
      ask(actor, action, call.target).allowed;
    return renderOrganizationPage(
      call,
      call.target,
      { title: team.name, tab: 'teams', ...(problems === undefined ? {} : { status: 422 }) },
      <TeamView
        organization={organization}
        team={team}
        members={members.items}
        repositories={repositories}
        mayEdit={may('teams.write')}
        mayChangeMembers={may('team-memberships.write')}
        mayChangeRepositories={may('team-repositories.write')}
        typed={typed ?? { name: team.name, description: team.description ?? '' }}
        problems={problems ?? []}
      />,
    );
  }

  routes.route({
    method: 'GET',
    url,
    action: 'teams.read',
    target,
    handler: (call: TeamCall) => send(call),
  });

  const form = (
    path: string,
    action: 'teams.write' | 'team-memberships.write' | 'team-repositories.write',
    handler: (call: TeamCall, fields: FormFields) => Promise<Outcome<string> | FastifyReply>,
  ): void =>
    routes.route({
      method: 'POST',
      url: `${url}${path}`,
      action,
      target,
      handler: async (call: TeamCall) => {
        const outcome = await handler(call, submitted(call.request));
        if (!('ok' in outcome)) return outcome;
        if (!outcome.ok) return send(call, outcome.problems);
        flash(call.reply, 'success', outcome.value);
        return call.reply.redirect(teamPath(call.target.team), 303);
      },
    });

  form('/edit', 'teams.write', async (call, fields) => {
    const typed = typedIn(fields);
    const outcome = await updateTeam(call.ctx, call.target.team, typed);
    if (!outcome.ok) return send(call, outcome.problems, typed);
    flash(call.reply, 'success', 'Team saved.');
    return call.reply.redirect(teamPath(outcome.value), 303);
  });
  form('/delete', 'teams.write', async (call) => {
    await deleteTeam(call.ctx, call.target.team);
    flash(call.reply, 'success', `Deleted the team ${call.target.team.name}.`);
    return call.reply.redirect(teamsPath(call.target.organization), 303);
  });
  form('/members', 'team-memberships.write', async (call, fields) => {
    const account = await findAccountByLogin(ctx, textOf(fields, 'login').trim());
    if (account === null) {
      return refused({ field: 'login', code: 'invalid', message: 'Nobody here has this user name.' });
    }
    const outcome = await addTeamMember(call.ctx, call.target.team, account);
    return outcome.ok ? done(`${account.login} is in the team.`) : outcome;
  });
  form('/members/remove', 'team-memberships.write', async (call, fields) => {
    const account = await findAccountByLogin(ctx, textOf(fields, 'login'));
    if (account !== null) await removeTeamMember(call.ctx, call.target.team, account);
    return done(`${account?.login ?? 'They'} left the team.`);
  });
  /** A repository of the organisation, by its name alone, that the caller sees. */
  const repositoryIn = async (call: TeamCall, fields: FormFields): Promise<Outcome<RepositoryNamed>> => {
    const { organization } = call.target;
    const name = textOf(fields, 'repository')
      .trim()
      .replace(/^[^/]*\//, '');
    const found = await findRepository(ctx, call.actor, organization.login, name);
    if (found !== null && call.ask(call.actor, 'repositories.read', found).allowed)
      return done(found.repository);
    const message = `${organization.login} has no such repository.`;
    return refused({ field: 'repository', code: 'invalid', message });
  };
  form('/repositories', 'team-repositories.write', async (call, fields) => {
    const repository = await repositoryIn(call, fields);
    if (!repository.ok) return repository;
    const role = repositoryRoles.find((each) => each === textOf(fields, 'role')) ?? 'read';
    const outcome = await putTeamRepository(call.ctx, call.target.team, repository.value, role);
    return outcome.ok ? done(`The team may ${role} in ${repository.value.name}.`) : outcome;
  });
  form('/repositories/remove', 'team-repositories.write', async (call, fields) => {
    const repository = await repositoryIn(call, fields);
    if (!repository.ok) return repository;
    await removeTeamRepository(call.ctx, call.target.team, repository.value);
    return done(`The team has no role in ${repository.value.name} any more.`);
  });
}

interface RepositoryNamed {
  readonly id: number;
  readonly ownerId: number;
  readonly ownerLogin: string;
  readonly name: string;
}

function typedIn(fields: FormFields): TeamTyped {
  return { name: textOf(fields, 'name'), description: textOf(fields, 'description') };
}
