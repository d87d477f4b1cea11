// The settings of a repository: name, description, default branch, collaborators, visibility, deletion.
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { ActionName, RepositoryRole } from '../access/actions.ts';
import { repositoryRoles } from '../access/actions.ts';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { findAccountByLogin } from '../accounts/accounts.ts';
import { listBranches } from '../contents/refs.ts';
import type { Context } from '../context.ts';
import type { Problem } from '../problems.ts';
import { flash } from '../web/flash.ts';
import { type FormFields, textOf } from '../web/forms.ts';
import { submitted } from '../web/visit.ts';
import { repositoryPath } from './addresses.ts';
import { listCollaborators, putCollaborator, removeCollaborator } from './collaborators.ts';
import { findFromPath } from './finding.ts';
import { renderRepositoryPage } from './frame.tsx';
import { deleteRepository, type Repository, type RepositoryFound, updateRepository } from './repositories.ts';
import { type Filled, MAX_LISTED_BRANCHES, RepositorySettings } from './settings-view.tsx';

type SettingsCall = Call<RepositoryFound, RouteSchema>;

const MAX_COLLABORATORS = 100;

export function repositorySettingsPages(routes: GuardedRoutes, ctx: Context): void {
  const target = findFromPath(ctx);
  type SettingsAction = Extract<
    ActionName,
    `repositories.${'update' | 'change-visibility' | 'delete'}` | 'collaborators.write'
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
    const [branches, collaborators] = await Promise.all([
      listBranches(ctx, repository, { page: 1, perPage: MAX_LISTED_BRANCHES }),
      listCollaborators(ctx, repository, { page: 1, perPage: MAX_COLLABORATORS }),
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
    const visibility = textOf(fields, 'visibility') === 'public' ? 'public' : 'private';
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
    const outcome = await putCollaborator(call.ctx, repository, account.id, role);
    if (!outcome.ok) return refuse(...outcome.problems);
    const now = outcome.value.isNew ? 'is a collaborator now' : 'has another role now';
    return settled(call, repository, `${account.login} ${now}: ${role}.`);
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

function roleIn(fields: FormFields): RepositoryRole | null {
  const text = textOf(fields, 'role');
  return repositoryRoles.find((role) => role === text) ?? null;
}
