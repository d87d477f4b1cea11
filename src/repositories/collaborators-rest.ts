// Who may work on a repository, through the API. Whoever may push sees them; its admins choose them.
import { Type } from 'typebox';
import { type Account, findAccountByLogin } from '../accounts/accounts.ts';
import { simpleUserJson } from '../accounts/json.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import { pageOf, setLinks } from '../api/paging.ts';
import { choiceParameter, pathParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import type { RepositoryCall, RepositoryRoutes } from './api-addresses.ts';
import { listCollaborators, removeCollaborator, roleOf } from './collaborators.ts';
import { inviteCollaborator } from './invitations.ts';
import { repositoryInvitationJson } from './invitations-rest.ts';
import { permissionsJson } from './json.ts';
import { roleNamed } from './role-names.ts';

export function collaboratorsRest(routes: RepositoryRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    below: '/collaborators',
    action: 'collaborators.list',
    handler: async ({ request, reply, target: { repository } }) => {
      const page = pageOf(request);
      const affiliation = choiceParameter(request, 'affiliation', ['outside', 'direct', 'all']) ?? 'all';
      const listed = await listCollaborators(ctx, repository, { ...page, affiliation });
      setLinks(request, reply, ctx.config, `/repositories/${repository.id}/collaborators`, page, listed);
      return listed.items.map(({ accountId, login, siteAdmin, role }) => ({
        ...simpleUserJson(ctx.config, { id: accountId, login, siteAdmin }),
        permissions: permissionsJson(repository.visibility, role),
        role_name: role,
      }));
    },
  });
  routes.route({
    method: 'GET',
    below: '/collaborators/:username',
    action: 'collaborators.list',
    handler: async (call) => {
      const account = await namedAccount(ctx, call);
      const role = await roleOf(ctx, call.target.repository, account.id);
      if (role === null) throw new ApiError('not-found');
      return call.reply.code(204).send();
    },
  });
  routes.route({
    method: 'GET',
    below: '/collaborators/:username/permission',
    action: 'collaborators.list',
    handler: async (call) => {
      const { repository } = call.target;
      const account = await namedAccount(ctx, call);
      const role = await roleOf(ctx, repository, account.id);
      const name = role ?? (repository.visibility === 'private' ? 'none' : 'read');
      const permissions = permissionsJson(repository.visibility, role);
      const user = { ...simpleUserJson(ctx.config, account), permissions, role_name: name };
      return { permission: name, role_name: name, user };
    },
  });
  routes.route({
    method: 'PUT',
    below: '/collaborators/:username',
    action: 'collaborators.write',
    schema: { body: Type.Object({ permission: Type.Optional(Type.String()) }) },
    handler: async (call) => {
      const account = await namedAccount(ctx, call);
      const { permission = 'push' } = call.body;
      if (call.actor.kind !== 'user') return call.refuse({ because: 'unauthenticated' });
      const role = roleNamed(permission);
      if (role === null) {
        const message = 'Permission must be one of pull, triage, push, maintain and admin.';
        throw validationFailed('Repository', [{ field: 'permission', code: 'invalid', message }]);
      }
      const invitation = { invitee: account, inviter: call.actor.account, role };
      const outcome = await inviteCollaborator(call.ctx, call.target.repository, invitation);
      if (!outcome.ok) throw validationFailed('Repository', outcome.problems);
      if (outcome.value === null) return call.reply.code(204).send();
      call.reply.code(201);
      return repositoryInvitationJson(ctx, call.actor, outcome.value);
    },
  });
  routes.route({
    method: 'DELETE',
    below: '/collaborators/:username',
    action: 'collaborators.write',
    handler: async (call) => {
      const account = await namedAccount(ctx, call);
      await removeCollaborator(call.ctx, call.target.repositoryId, account.id);
      return call.reply.code(204).send();
    },
  });
}

async function namedAccount(ctx: Context, { request }: Pick<RepositoryCall, 'request'>): Promise<Account> {
  const account = await findAccountByLogin(ctx, pathParameter(request, 'username'));
  if (account === null) throw new ApiError('not-found');
  return account;
}
