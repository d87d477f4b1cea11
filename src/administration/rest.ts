// What site admins do through the API (ghes-spec 6.2). Every route takes the scope `site_admin` and the role: the
// scope alone means nothing.

import type { GuardedRoutes } from '../access/guard.ts';
import { instance } from '../access/targets.ts';
import { simpleUserJson } from '../accounts/json.ts';
import { ApiError } from '../api/errors.ts';
import { pageOf, setLinks } from '../api/paging.ts';
import { choiceParameter, idParameter, instantParameter, pathParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import { deleteAnyKey, listAllKeys } from '../keys/keys.ts';
import { tokenJson } from '../tokens/json.ts';
import { pageOfAllTokens, revokeTokens } from '../tokens/tokens.ts';
import { fullKeyJson } from './json.ts';
import { usersRest } from './users-rest.ts';

export function administrationRest(routes: GuardedRoutes, ctx: Context): void {
  usersRest(routes, ctx);
  tokensRest(routes, ctx);
  keysRest(routes, ctx);
}

function tokensRest(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: '/admin/tokens',
    action: 'all-tokens.list',
    target: () => instance,
    handler: async ({ request, reply }) => {
      const page = pageOf(request);
      const { items, total } = await pageOfAllTokens(ctx, page);
      setLinks(request, reply, ctx.config, '/admin/tokens', page, { total });
      return items.map((token) =>
        tokenJson(ctx.config, token, {
          hash: token.hash,
          user: simpleUserJson(ctx.config, token.owner),
          application: token.application,
        }),
      );
    },
  });
  routes.route({
    method: 'DELETE',
    url: '/admin/tokens/:token_id',
    action: 'all-tokens.delete',
    target: () => instance,
    handler: async ({ ctx: acting, actor, request, reply }) => {
      const id = idParameter(request, 'token_id');
      if (id === null) throw new ApiError('not-found');
      if (actor.kind === 'user' && actor.grant.kind === 'scopes' && actor.grant.tokenId === id) {
        throw new ApiError('forbidden', { message: 'A token cannot delete itself.' });
      }
      const [revoked] = await revokeTokens(acting, [id]);
      if (revoked === undefined) throw new ApiError('not-found');
      return reply.code(204).send();
    },
  });
}

/** So many at once: more than anybody has, fewer than an address can hold. */
const MAX_KEYS = 500;

function keysRest(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: '/admin/keys',
    action: 'all-keys.list',
    target: () => instance,
    handler: async ({ request, reply }) => {
      const page = pageOf(request);
      const listed = await listAllKeys(ctx, {
        ...page,
        sort:
          choiceParameter(request, 'sort', ['created', 'updated', 'accessed']) === 'accessed'
            ? 'accessed'
            : 'created',
        direction: choiceParameter(request, 'direction', ['asc', 'desc']) ?? 'desc',
        since: instantParameter(request, 'since'),
      });
      setLinks(request, reply, ctx.config, '/admin/keys', page, listed);
      return listed.items.map((key) => fullKeyJson(ctx.config, key));
    },
  });
  routes.route({
    method: 'DELETE',
    url: '/admin/keys/:key_ids',
    action: 'all-keys.delete',
    target: () => instance,
    handler: async ({ ctx: acting, request, reply }) => {
      const ids = pathParameter(request, 'key_ids').split(',');
      if (ids.length > MAX_KEYS || !ids.every((id) => /^[1-9]\d{0,14}$/.test(id))) {
        throw new ApiError('not-found');
      }
      let deleted = 0;
      for (const id of ids) deleted += (await deleteAnyKey(acting, Number(id))) === null ? 0 : 1;
      if (deleted === 0) throw new ApiError('not-found');
      return reply.code(204).send();
    },
  });
}
