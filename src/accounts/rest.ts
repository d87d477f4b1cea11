// People through the API: oneself, and anybody by name; organisations answer under names of people too.
import type { FastifyRequest } from 'fastify';
import type { GuardedRoutes } from '../access/guard.ts';
import { stranger } from '../access/stranger.ts';
import { type AccountTarget, selfTarget } from '../access/targets.ts';
import { ApiError } from '../api/errors.ts';
import { idParameter, pathParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import { listRepositories } from '../repositories/repositories.ts';
import { ownedTotals } from '../repositories/totals.ts';
import { type Account, findAccount } from './accounts.ts';
import { emailsRest } from './emails-rest.ts';
import { privateFieldsJson, publicUserJson } from './json.ts';
import { findOwner, findOwnerByLogin, type Owner } from './owners.ts';
import { profileOf } from './profiles.ts';

/** An account's target with its record. */
type AccountFound = AccountTarget & { readonly account: Owner };

export function accountsRest(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: '/user',
    action: 'user.read',
    target: selfTarget,
    handler: async ({ actor, ask, target }) => {
      const account = await ownAccount(ctx, target);
      const email = ask(actor, 'emails.read', target).allowed ? account.email : null;
      const shown = publicUserJson(ctx.config, account, await publicFacts(ctx, account), email);
      if (!ask(actor, 'user.read-private', target).allowed) return shown;
      return { ...shown, ...privateFieldsJson(await ownedTotals(ctx, account.id)) };
    },
  });
  emailsRest(routes, ctx, async (account) => ({
    ...publicUserJson(ctx.config, account, await publicFacts(ctx, account), account.email),
    ...privateFieldsJson(await ownedTotals(ctx, account.id)),
  }));
  for (const [url, find] of [
    ['/users/:username', byLogin],
    ['/user/:account_id', byNumber],
  ] as const) {
    routes.route({
      method: 'GET',
      url,
      action: 'accounts.read',
      target: async (request): Promise<AccountFound | null> => {
        const account = await find(ctx, request);
        return account === null ? null : { kind: 'account', accountId: account.id, account };
      },
      handler: async ({ target: { account } }) =>
        publicUserJson(ctx.config, account, await publicFacts(ctx, account)),
    });
  }
}

async function ownAccount(ctx: Context, target: AccountTarget): Promise<Account> {
  const account = await findAccount(ctx, target.accountId);
  // Deleted since the token was looked up.
  if (account === null) throw new ApiError('bad-credentials');
  return account;
}

function byLogin(ctx: Context, request: FastifyRequest): Promise<Owner | null> {
  return findOwnerByLogin(ctx, pathParameter(request, 'username'));
}

async function byNumber(ctx: Context, request: FastifyRequest): Promise<Owner | null> {
  const id = idParameter(request, 'account_id');
  return id === null ? null : findOwner(ctx, id);
}

async function publicFacts(ctx: Context, account: Account) {
  const order = { sort: 'created', direction: 'asc', page: 1, perPage: 1 } as const;
  const { total } = await listRepositories(ctx, stranger, { ownerId: account.id, ...order });
  return { publicRepositories: total, profile: await profileOf(ctx, account.id) };
}
