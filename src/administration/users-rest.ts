// People, as site admins make, rename, suspend, promote, impersonate and delete them through the API (ghes-spec 6.2).
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { ActionName } from '../access/actions.ts';
import { accountId } from '../access/actor.ts';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { type InstanceTarget, instance } from '../access/targets.ts';
import {
  type Account,
  createUser,
  deleteAccount,
  findAccountByLogin,
  suspendAccount,
  unsuspendAccount,
} from '../accounts/accounts.ts';
import { normalizedLogin, renameUser } from '../accounts/administration.ts';
import { simpleUserJson } from '../accounts/json.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import { pathParameter } from '../api/parameters.ts';
import { apiRoot } from '../api/urls.ts';
import type { Acting, Context } from '../context.ts';
import type { Outcome } from '../problems.ts';
import { normalForm, scopeNamed } from '../scopes/scopes.ts';
import { endImpersonation, impersonate } from '../tokens/impersonation.ts';
import { tokenJson } from '../tokens/json.ts';
import { tokenHash } from '../tokens/tokens.ts';
import { demote, promote } from './people.ts';

type AdminCall<S extends RouteSchema = RouteSchema> = Call<InstanceTarget, S>;

const newUser = Type.Object({
  login: Type.String(),
  email: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  suspended: Type.Optional(Type.Boolean()),
});
const rename = Type.Object({ login: Type.String() });
const reason = Type.Object({ reason: Type.Optional(Type.Union([Type.String(), Type.Null()])) });
const grant = Type.Object({ scopes: Type.Array(Type.String(), { maxItems: 100 }) });

export function usersRest(routes: GuardedRoutes, ctx: Context): void {
  const target = () => instance;

  routes.route({
    method: 'POST',
    url: '/admin/users',
    action: 'people.create',
    target,
    schema: { body: newUser },
    handler: async ({ ctx: acting, reply, body }) => {
      const login = normalizedLogin(body.login);
      const wanted = { login, email: body.email ?? '', siteAdmin: false, password: null };
      const made = expect(await createUser(acting, wanted));
      if (body.suspended === true) expect(await suspendAccount(acting, made.id));
      return reply.code(201).send(simpleUserJson(ctx.config, made));
    },
  });
  routes.route({
    method: 'PATCH',
    url: '/admin/users/:username',
    action: 'people.update',
    target,
    schema: { body: rename },
    handler: async ({ ctx: acting, request, reply, body }) => {
      const account = await named(ctx, request);
      expect(await renameUser(acting, account.id, normalizedLogin(body.login)));
      // GHES renames in the background; here it is done by now.
      return reply.code(202).send({
        message: 'Job queued to rename user. It may take a few minutes to complete.',
        url: `${apiRoot(ctx.config)}/user/${account.id}`,
      });
    },
  });

  /**
   * Something that is done to somebody else, by the name alone, and answered with 204. The reason is GHES's default
   * where none is given (REST, "Suspend a user").
   */
  const change = (
    method: 'PUT' | 'DELETE',
    url: string,
    action: Extract<ActionName, `people.${string}`>,
    what: string,
    apply: (acting: Acting, id: number, reason: string) => Promise<Outcome<Account>>,
  ): void =>
    routes.route({
      method,
      url,
      action,
      target,
      schema: { body: reason },
      handler: async ({ ctx: acting, actor, request, reply, body }: AdminCall<{ body: typeof reason }>) => {
        const account = await named(ctx, request);
        if (account.id === accountId(actor)) {
          throw new ApiError('forbidden', {
            message: `You cannot ${what} yourself: another site admin can.`,
          });
        }
        const done = what === 'unsuspend' ? 'Unsuspended' : 'Suspended';
        const given = body?.reason?.trim() || `${done} via API by ${acting.by.account?.login}`;
        expect(await apply(acting, account.id, given));
        return reply.code(204).send();
      },
    });
  change('DELETE', '/admin/users/:username', 'people.delete', 'delete', deleteAccount);
  change('PUT', '/users/:username/suspended', 'people.suspend', 'suspend', suspendAccount);
  change('DELETE', '/users/:username/suspended', 'people.suspend', 'unsuspend', unsuspendAccount);
  change('PUT', '/users/:username/site_admin', 'people.promote', 'promote', promote);
  change('DELETE', '/users/:username/site_admin', 'people.promote', 'demote', demote);

  routes.route({
    method: 'POST',
    url: '/admin/users/:username/authorizations',
    action: 'people.impersonate',
    target,
    schema: { body: grant },
    handler: async ({ ctx: acting, request, reply, body }) => {
      const account = await named(ctx, request);
      if (account.siteAdmin) {
        throw new ApiError('forbidden', { message: 'Site admins cannot be impersonated.' });
      }
      const scopes = body.scopes.map(scopeNamed);
      if (!scopes.every((scope) => scope !== undefined)) {
        const message = 'Scopes names one that does not exist.';
        throw validationFailed('OauthAccess', [{ field: 'scopes', code: 'invalid', message }]);
      }
      const { token, secret } = expect(
        await impersonate(acting, account.id, normalForm(scopes)),
        'OauthAccess',
      );
      const hash = secret === null ? await tokenHash(ctx, token.id) : secret.hash();
      const user = simpleUserJson(ctx.config, account);
      const shown = secret === null ? {} : { secret: secret.expose() };
      return reply
        .code(secret === null ? 200 : 201)
        .send(tokenJson(ctx.config, token, { hash: hash ?? new Uint8Array(), user, ...shown }));
    },
  });
  routes.route({
    method: 'DELETE',
    url: '/admin/users/:username/authorizations',
    action: 'people.impersonate',
    target,
    handler: async ({ ctx: acting, request, reply }) => {
      const account = await named(ctx, request);
      if (!(await endImpersonation(acting, account.id))) throw new ApiError('not-found');
      return reply.code(204).send();
    },
  });
}

async function named(ctx: Context, request: FastifyRequest): Promise<Account> {
  const account = await findAccountByLogin(ctx, pathParameter(request, 'username'));
  if (account === null) throw new ApiError('not-found');
  return account;
}

function expect<T>(outcome: Outcome<T>, resource = 'User'): T {
  if (!outcome.ok) throw validationFailed(resource, outcome.problems);
  return outcome.value;
}
