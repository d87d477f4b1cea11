// The settings of a repository: name, description, default branch, collaborators, visibility, deletion.
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { ActionName, RepositoryRole } from '../access/actions.ts';
import { repositoryRoles } from '../access/actions.ts';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { visibilities } from '../access/targets.ts';
import { findAccountByLogin } from '../accounts/accounts.ts';
import { listBranches } from '../contents/refs.ts';
import type { Context } from '../context.ts';
import { findOrganizationById } from '../organizations/organizations.ts';
import {
  findTeam,
  listTeams,
  listTeamsOn,
  putTeamRepository,
  removeTeamRepository,
  type Team,
} from '../organizations/teams.ts';
import type { Problem } from '../problems.ts';
import { flash } from '../web/flash.ts';
import { type FormFields, textOf } from '../web/forms.ts';
import { submitted } from '../web/visit.ts';
import type { TeamsOnRepository } from './access-view.tsx';
import { repositoryPath } from './addresses.ts';
import { updateRepository } from './changing.ts';
import { listCollaborators, removeCollaborator } from './collaborators.ts';
import { findFromPath } from './finding.ts';
import { renderRepositoryPage } from './frame.tsx';
import {
  cancelRepositoryInvitation,
  findInvitationTo,
  inviteCollaborator,
  listInvitationsTo,
} from './invitations.ts';
import { ownersFor } from './new-repository.tsx';
import { closedOrganization, findNewOwner, noNewOwner } from './owning.ts';
import { deleteRepository, type Repository, type RepositoryFound } from './repositories.ts';
import { type Filled, MAX_LISTED_BRANCHES, RepositorySettings } from './settings-view.tsx';
import { transferRepository } from './transfer.ts';
import { cancelTransfer, findTransferOf, requestTransfer } from './transfer-requests.ts';

type SettingsCall = Call<RepositoryFound, RouteSchema>;

const MAX_COLLABORATORS = 100;

export function repositorySettingsPages(routes: GuardedRoutes, ctx: Context): void {
  const target = findFromPath(ctx);
  type SettingsAction = Extract<
    ActionName,
    `repositories.${'update' | 'change-visibility' | 'transfer' | 'delete'}` | 'collaborators.write'
  >;
  const form = (
    path: string,
    action: SettingsAction,
    handler: (call: SettingsCall, fields: FormFields) => Promise<FastifyReply>,
  ): void =>
    routes.route({
      method: 'POST',
      url: `/:owner/:repo/settings${path}`,
      action,
      target,
      handler: (call: SettingsCall) => handler(call, submitted(call.request)),
    });

  async function send(call: SettingsCall, filled: Filled = {}): Promise<FastifyReply> {
    const { repository } = call.target;
    const [branches, collaborators, invitations, teams, owners, transfer] = await Promise.all([
      listBranches(ctx, repository, { page: 1, perPage: MAX_LISTED_BRANCHES }),
      listCollaborators(ctx, repository, { page: 1, perPage: MAX_COLLABORATORS }),
      listInvitationsTo(ctx, repository.id, { page: 1, perPage: MAX_COLLABORATORS }),
      teamsOn(ctx, call),
      ownersFor(ctx, call),
      findTransferOf(ctx, repository.id),
    ]);
    const wrong = Object.values(filled).some((part) => part !== undefined);
    return renderRepositoryPage(
      call,
      { tab: 'settings', title: 'Settings', ...(wrong ? { status: 422 } : {}) },
      <RepositorySettings
        repository={repository}
        branches={branches}
        collaborators={collaborators.items}
        collaboratorCount={collaborators.total}
        invitations={invitations.items}
        teams={teams}
        owners={owners}
        transfer={transfer}
        filled={filled}
      />,
    );
  }

  function settled(call: SettingsCall, repository: Repository, text: string): FastifyReply {
    flash(call.reply, 'success', text);
    return call.reply.redirect(`${repositoryPath(repository)}/settings`, 303);
  }

  routes.route({
    method: 'GET',
    url: '/:owner/:repo/settings',
    action: 'repositories.update',
    schema: { params: Type.Object({ owner: Type.String(), repo: Type.String() }) },
    target,
    handler: (call) => send(call),
  });

  form('', 'repositories.update', async (call, fields) => {
    const { repository } = call.target;
    const name = textOf(fields, 'name').trim();
    const description = textOf(fields, 'description');
    const defaultBranch = textOf(fields, 'default_branch');
    const outcome = await updateRepository(call.ctx, repository.id, {
      name,
      description,
      ...(defaultBranch === '' || defaultBranch === repository.defaultBranch ? {} : { defaultBranch }),
    });
    if (outcome.ok) return settled(call, outcome.value, 'Settings saved.');
    return send(call, { general: { name, description, defaultBranch, problems: outcome.problems } });
  });

  form('/visibility', 'repositories.change-visibility', async (call, fields) => {
    const { repository } = call.target;
    // The form names the state it leads to, so that sending it twice doesn't undo it.
    const visibility = visibilities.find((each) => each === textOf(fields, 'visibility')) ?? 'private';
    const outcome = await updateRepository(call.ctx, repository.id, { visibility });
    if (outcome.ok) return settled(call, outcome.value, `The repository is ${visibility} now.`);
    return send(call, { danger: { confirmation: '', problems: outcome.problems } });
  });

  form('/collaborators', 'collaborators.write', async (call, fields) => {
    const { repository } = call.target;
    const login = textOf(fields, 'login').trim();
    const role = roleIn(fields);
    const refuse = (...problems: readonly Problem[]) =>
      send(call, { collaborator: { login, role: role ?? 'write', problems } });
    if (login === '') {
      return refuse({ field: 'login', code: 'missing_field', message: "User name can't be blank." });
    }
    if (role === null) return refuse({ field: 'role', code: 'invalid', message: 'Choose a role.' });
    const account = await findAccountByLogin(ctx, login);
    if (account === null) {
      return refuse({ field: 'login', code: 'invalid', message: 'Nobody here has this user name.' });
    }
    if (call.actor.kind !== 'user') return refuse();
    const invitation = { invitee: account, inviter: call.actor.account, role };
    const outcome = await inviteCollaborator(call.ctx, repository, invitation);
    if (!outcome.ok) return refuse(...outcome.problems);
    const now =
      outcome.value === null
        ? `has this role now: ${role}`
        : 'is invited, and finds the invitation on their front page';
    return settled(call, repository, `${account.login} ${now}.`);
  });

  form('/collaborators/remove', 'collaborators.write', async (call, fields) => {
    const { repository } = call.target;
    const account = await findAccountByLogin(ctx, textOf(fields, 'login'));
    const removed = account !== null && (await removeCollaborator(call.ctx, repository.id, account.id));
    return settled(
      call,
      repository,
      removed ? `${account.login} is no collaborator any more.` : 'They were no collaborator any more.',
    );
  });

  form('/invitations/cancel', 'collaborators.write', async (call, fields) => {
    const { repository } = call.target;
    const id = Number(textOf(fields, 'invitation')) || 0;
    const invitation = await findInvitationTo(ctx, repository.id, id);
    if (invitation !== null) await cancelRepositoryInvitation(call.ctx, invitation);
    return settled(call, repository, 'The invitation is taken back.');
  });

  form('/teams', 'collaborators.write', async (call, fields) => {
    const { repository } = call.target;
    const team = await teamIn(ctx, call, fields);
    if (team === null) return send(call, { team: { problems: [noTeam] } });
    const role = roleIn(fields);
    if (role === null) {
      await removeTeamRepository(call.ctx, team, repository);
      return settled(call, repository, `${team.name} has no role in it any more.`);
    }
    const outcome = await putTeamRepository(call.ctx, team, repository, role);
    if (!outcome.ok) return send(call, { team: { problems: outcome.problems } });
    return settled(call, repository, `${team.name} has this role now: ${role}.`);
  });

  form('/transfer', 'repositories.transfer', async (call, fields) => {
    const { repository } = call.target;
    const name = `${repository.ownerLogin}/${repository.name}`;
    const newOwner = textOf(fields, 'new_owner').trim();
    const refuse = (...problems: readonly Problem[]) =>
      send(call, { danger: { confirmation: '', newOwner, problems } });
    if (textOf(fields, 'transfer_confirmation').trim().toLowerCase() !== name.toLowerCase()) {
      const message = `Type ${name} to confirm.`;
      return refuse({ field: 'transfer_confirmation', code: 'invalid', message });
    }
    const to = await findNewOwner(ctx, call.actor, newOwner, repository.visibility);
    if (to === null || call.actor.kind !== 'user') return refuse(noNewOwner);
    if (!call.ask(call.actor, 'repositories.create', to.target).allowed) {
      if (to.owner.kind === 'organization') return refuse(closedOrganization);
      const wanted = { receiver: to.owner, requester: call.actor.account };
      const asked = await requestTransfer(call.ctx, repository, wanted);
      if (!asked.ok) return refuse(...asked.problems.map(ofNewOwner));
      const { login } = to.owner;
      return settled(call, repository, `${login} has a day to accept ${name}. Until then nothing changes.`);
    }
    const outcome = await transferRepository(call.ctx, repository.id, { newOwner: to.owner });
    if (!outcome.ok) return refuse(...outcome.problems.map(ofNewOwner));
    flash(call.reply, 'success', `${name} is ${newOwner}'s now.`);
    return call.reply.redirect(repositoryPath(outcome.value), 303);
  });

  form('/transfer/cancel', 'repositories.transfer', async (call) => {
    const { repository } = call.target;
    const cancelled = await cancelTransfer(call.ctx, repository.id);
    const said = cancelled ? 'The transfer is taken back.' : 'There was nothing to take back any more.';
    return settled(call, repository, said);
  });

  form('/delete', 'repositories.delete', async (call, fields) => {
    const { repository } = call.target;
    const name = `${repository.ownerLogin}/${repository.name}`;
    const confirmation = textOf(fields, 'confirmation').trim();
    if (confirmation.toLowerCase() !== name.toLowerCase()) {
      const message = `Type ${name} to confirm.`;
      const problem: Problem = { field: 'confirmation', code: 'invalid', message };
      return send(call, { danger: { confirmation, problems: [problem] } });
    }
    await deleteRepository(call.ctx, repository.id);
    flash(call.reply, 'success', `Deleted ${name}.`);
    return call.reply.redirect('/', 303);
  });
}

/** Of the form of a transfer, the new owner alone is chosen. */
function ofNewOwner(problem: Problem): Problem {
  return { ...problem, field: 'new_owner' };
}

const noTeam: Problem = {
  field: 'team',
  code: 'invalid',
  message: 'The organization has no such team.',
};

/** The teams of the organisation that owns it, for who may see them; null: there is nothing to see. */
async function teamsOn(ctx: Context, call: SettingsCall): Promise<TeamsOnRepository | null> {
  const { repository } = call.target;
  const organization = await findOrganizationById(ctx, call.actor, repository.ownerId);
  if (organization === null || !call.ask(call.actor, 'teams.read', organization).allowed) return null;
  const all = { page: 1, perPage: MAX_COLLABORATORS };
  const [given, every] = await Promise.all([
    listTeamsOn(ctx, repository.id, all),
    listTeams(ctx, repository.ownerId, all),
  ]);
  return { given: given.items, every: every.items };
}

/** The team that the form names, where the caller may see it. */
async function teamIn(ctx: Context, call: SettingsCall, fields: FormFields): Promise<Team | null> {
  const organization = await findOrganizationById(ctx, call.actor, call.target.repository.ownerId);
  if (organization === null || !call.ask(call.actor, 'teams.read', organization).allowed) return null;
  return findTeam(ctx, organization.organizationId, textOf(fields, 'team'));
}

function roleIn(fields: FormFields): RepositoryRole | null {
  const text = textOf(fields, 'role');
  return repositoryRoles.find((role) => role === text) ?? null;
}
