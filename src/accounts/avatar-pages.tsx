// Everybody's picture, organisations' too, at an address of its own: the API names it (`avatar_url`), and clients show it.
import { renderToString } from 'preact-render-to-string';
import type { GuardedRoutes } from '../access/guard.ts';
import type { AccountTarget } from '../access/targets.ts';
import { idParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import { Avatar } from '../web/avatar.tsx';
import { findOwner } from './owners.ts';

/** Pixels, unless `?s=` asks for others (the parameter that clients send). */
const SIZE = 80;
const MAX_SIZE = 460;

export function avatarPages(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: '/avatars/u/:account_id',
    action: 'accounts.read',
    target: async (request): Promise<(AccountTarget & { readonly login: string }) | null> => {
      const id = idParameter(request, 'account_id');
      const account = id === null ? null : await findOwner(ctx, id);
      return account === null ? null : { kind: 'account', accountId: account.id, login: account.login };
    },
    handler({ request, reply, target }) {
      const asked = Number((request.query as { readonly s?: unknown }).s);
      const size = asked >= 1 && asked <= MAX_SIZE ? Math.round(asked) : SIZE;
      return reply
        .type('image/svg+xml')
        .headers({
          'cache-control': 'public, max-age=3600',
          'content-security-policy': "default-src 'none'; sandbox",
          'cross-origin-resource-policy': 'cross-origin',
          'x-content-type-options': 'nosniff',
        })
        .send(renderToString(<Avatar login={target.login} size={size} />));
    },
  });
}
