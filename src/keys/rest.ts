// People's keys through the API (ghes-spec 7.2); deploy keys: deploy-keys-rest.ts.
import { Type } from 'typebox';
import type { GuardedRoutes } from '../access/guard.ts';
import { selfTarget } from '../access/targets.ts';
import { findAccount, findAccountByLogin } from '../accounts/accounts.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import { pageOf, setLinks } from '../api/paging.ts';
import { idParameter, pathParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import { deployKeysRest } from './deploy-keys-rest.ts';
import { keyJson, publicKeyJson } from './json.ts';
import { addKey, deleteKey, findKey, listKeys, makerOf } from './keys.ts';

export function keysRest(routes: GuardedRoutes, ctx: Context): void {
  ownKeys(routes, ctx);
  publicKeys(routes, ctx);
  deployKeysRest(routes, ctx);
}

const newKey = Type.Object({
  title: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  key: Type.String(),
});

function ownKeys(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: '/user/keys',
    action: 'keys.list',
    target: selfTarget,
    handler: async ({ request, reply, target }) => {
      const page = pageOf(request);
      const listed = await listKeys(ctx, target.accountId, page);
      setLinks(request, reply, ctx.config, '/user/keys', page, listed);
      return listed.items.map((key) => keyJson(ctx.config, key));
    },
  });
  routes.route({
    method: 'POST',
    url: '/user/keys',
    action: 'keys.create',
    target: selfTarget,
    schema: { body: newKey },
    handler: async ({ ctx: acting, actor, reply, body }) => {
      if (actor.kind !== 'user') throw new ApiError('authentication-required');
      const wanted = { title: body.title ?? '', key: body.key, maker: makerOf(actor) };
      const added = await addKey(acting, actor.account, wanted);
      if (!added.ok) throw validationFailed('PublicKey', added.problems);
      const json = keyJson(ctx.config, added.value);
      return reply.code(201).header('location', json.url).send(json);
    },
  });
  routes.route({
    method: 'GET',
    url: '/user/keys/:key_id',
    action: 'keys.list',
    target: selfTarget,
    handler: async ({ request, target }) => {
      const id = idParameter(request, 'key_id');
      const key = id === null ? null : await findKey(ctx, target.accountId, id);
      if (key === null) throw new ApiError('not-found');
      return keyJson(ctx.config, key);
    },
  });
  routes.route({
    method: 'DELETE',
    url: '/user/keys/:key_id',
    action: 'keys.delete',
    target: selfTarget,
    handler: async ({ ctx: acting, request, reply, target }) => {
      const id = idParameter(request, 'key_id');
      const key = id === null ? null : await deleteKey(acting, target.accountId, id);
      if (key === null) throw new ApiError('not-found');
      return reply.code(204).send();
    },
  });
}

/** What anybody may see of anybody's keys. */
function publicKeys(routes: GuardedRoutes, ctx: Context): void {
  for (const [url, parameter] of [
    ['/users/:username/keys', 'username'],
    ['/user/:account_id/keys', 'account_id'],
  ] as const) {
    routes.route({
      method: 'GET',
      url,
      action: 'keys.list-public',
      target: async (request) => {
        const id = parameter === 'account_id' ? idParameter(request, parameter) : null;
        const account =
          id === null
            ? await findAccountByLogin(ctx, pathParameter(request, parameter))
            : await findAccount(ctx, id);
        return account === null ? null : { kind: 'account' as const, accountId: account.id };
      },
      handler: async ({ request, reply, target }) => {
        const page = pageOf(request);
        const listed = await listKeys(ctx, target.accountId, page);
        setLinks(request, reply, ctx.config, `/user/${target.accountId}/keys`, page, listed);
        return listed.items.map(publicKeyJson);
      },
    });
  }
}
