// Deploy keys through the API (ghes-spec 7.1). Read and write unless the body says otherwise: the form on the page
// begins with the opposite.
import { Type } from 'typebox';
import type { GuardedRoutes } from '../access/guard.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import { pageOf, setLinks } from '../api/paging.ts';
import { idParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import { type RepositoryCall, repositoryRoutes } from '../repositories/api-addresses.ts';
import { addDeployKey, deleteDeployKey, findDeployKey, listDeployKeys } from './deploy-keys.ts';
import { deployKeyJson } from './json.ts';
import { type Key, makerOf } from './keys.ts';

const newDeployKey = Type.Object({
  title: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  key: Type.String(),
  read_only: Type.Optional(Type.Boolean()),
});

export function deployKeysRest(guarded: GuardedRoutes, ctx: Context): void {
  const routes = repositoryRoutes(guarded, ctx);
  const json = ({ target: { repository } }: Pick<RepositoryCall, 'target'>, key: Key) =>
    deployKeyJson(ctx.config, `${repository.ownerLogin}/${repository.name}`, key);

  routes.route({
    method: 'GET',
    below: '/keys',
    action: 'deploy-keys.list',
    handler: async (call) => {
      const { request, reply, target } = call;
      const page = pageOf(request);
      const listed = await listDeployKeys(ctx, target.repositoryId, page);
      setLinks(request, reply, ctx.config, `/repositories/${target.repositoryId}/keys`, page, listed);
      return listed.items.map((key) => json(call, key));
    },
  });
  routes.route({
    method: 'POST',
    below: '/keys',
    action: 'deploy-keys.create',
    schema: { body: newDeployKey },
    handler: async (call) => {
      const { ctx: acting, actor, reply, target, body } = call;
      const { title, key, read_only: readOnly = false } = body;
      const wanted = { title: title ?? '', key, readOnly, maker: makerOf(actor) };
      const added = await addDeployKey(acting, target.repositoryId, wanted);
      if (!added.ok) throw validationFailed('PublicKey', added.problems);
      const shown = json(call, added.value);
      return reply.code(201).header('location', shown.url).send(shown);
    },
  });
  routes.route({
    method: 'GET',
    below: '/keys/:key_id',
    action: 'deploy-keys.list',
    handler: async (call) => {
      const id = idParameter(call.request, 'key_id');
      const key = id === null ? null : await findDeployKey(ctx, call.target.repositoryId, id);
      if (key === null) throw new ApiError('not-found');
      return json(call, key);
    },
  });
  routes.route({
    method: 'DELETE',
    below: '/keys/:key_id',
    action: 'deploy-keys.delete',
    handler: async ({ ctx: acting, request, reply, target }) => {
      const id = idParameter(request, 'key_id');
      const key = id === null ? null : await deleteDeployKey(acting, target.repositoryId, id);
      if (key === null) throw new ApiError('not-found');
      return reply.code(204).send();
    },
  });
}
