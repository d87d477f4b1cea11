// Keys that sign through the API: one's own, and anybody's public ones (ghes-spec 7.3).
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { ActionName } from '../access/actions.ts';
import type { Actor } from '../access/actor.ts';
import type { GuardedRoutes } from '../access/guard.ts';
import { selfTarget } from '../access/targets.ts';
import { findAccountByLogin } from '../accounts/accounts.ts';
import { verifiedEmails } from '../accounts/further-emails.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import { type Page, pageOf, setLinks } from '../api/paging.ts';
import { idParameter, pathParameter } from '../api/parameters.ts';
import { apiRoot } from '../api/urls.ts';
import type { Acting, Context } from '../context.ts';
import { gpgKeyJson, signingKeyJson } from './json.ts';
import { createOpenPgpReader } from './openpgp-reader.ts';
import {
  addGpgKey,
  addSigningKey,
  deleteGpgKey,
  deleteSigningKey,
  findGpgKey,
  findSigningKey,
  type GpgKey,
  listGpgKeys,
  listSigningKeys,
  type SigningKey,
} from './signing.ts';

const newGpgKey = Type.Object({
  name: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  armored_public_key: Type.String(),
});
const newSigningKey = Type.Object({
  title: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  key: Type.String(),
});

/** The two kinds differ in their names, and in what they are made from. */
interface Kind<K> {
  /** Below `/user` and `/users/{username}`. */
  readonly path: string;
  readonly actions: {
    readonly list: Extract<ActionName, `${string}-keys.list`>;
    readonly delete: Extract<ActionName, `${string}-keys.delete`>;
  };
  list(accountId: number, page: Page): Promise<{ readonly items: readonly K[]; readonly total: number }>;
  find(accountId: number, id: number): Promise<K | null>;
  remove(ctx: Acting, account: { readonly id: number; readonly login: string }, id: number): Promise<boolean>;
  json(key: K, verified: ReadonlySet<string>): object;
}

export function signingRest(routes: GuardedRoutes, ctx: Context): void {
  const gpg: Kind<GpgKey> = {
    path: '/gpg_keys',
    actions: { list: 'gpg-keys.list', delete: 'gpg-keys.delete' },
    list: (id, page) => listGpgKeys(ctx, id, page),
    find: (accountId, id) => findGpgKey(ctx, accountId, id),
    remove: deleteGpgKey,
    json: gpgKeyJson,
  };
  const ssh: Kind<SigningKey> = {
    path: '/ssh_signing_keys',
    actions: { list: 'signing-keys.list', delete: 'signing-keys.delete' },
    list: (id, page) => listSigningKeys(ctx, id, page),
    find: (accountId, id) => findSigningKey(ctx, accountId, id),
    remove: deleteSigningKey,
    json: signingKeyJson,
  };
  oneKind(routes, ctx, gpg);
  oneKind(routes, ctx, ssh);

  const reader = createOpenPgpReader();
  routes.route({
    method: 'POST',
    url: '/user/gpg_keys',
    action: 'gpg-keys.create',
    target: selfTarget,
    schema: { body: newGpgKey },
    handler: async ({ ctx: acting, actor, reply, body }) => {
      const armored = body.armored_public_key;
      const read = await reader.read(armored);
      const wanted = { name: body.name ?? null, armored, read };
      const added = await addGpgKey(acting, personOf(actor), wanted);
      if (!added.ok) throw validationFailed('GpgKey', added.problems);
      reply.code(201).header('location', `${apiRoot(ctx.config)}/user/gpg_keys/${added.value.id}`);
      return gpgKeyJson(added.value, await verifiedEmails(ctx, personOf(actor).id));
    },
  });
  routes.route({
    method: 'POST',
    url: '/user/ssh_signing_keys',
    action: 'signing-keys.create',
    target: selfTarget,
    schema: { body: newSigningKey },
    handler: async ({ ctx: acting, actor, reply, body }) => {
      const added = await addSigningKey(acting, personOf(actor), { title: body.title ?? '', key: body.key });
      if (!added.ok) throw validationFailed('SshSigningKey', added.problems);
      reply.code(201).header('location', `${apiRoot(ctx.config)}/user/ssh_signing_keys/${added.value.id}`);
      return signingKeyJson(added.value);
    },
  });
}

function oneKind<K>(routes: GuardedRoutes, ctx: Context, kind: Kind<K>): void {
  const lists = [
    {
      url: `/user${kind.path}`,
      action: kind.actions.list,
      target: selfTarget,
      path: () => `/user${kind.path}`,
    },
    {
      url: `/users/:username${kind.path}`,
      action: 'keys.list-public' as const,
      target: async (request: FastifyRequest) => {
        const account = await findAccountByLogin(ctx, pathParameter(request, 'username'));
        return account === null ? null : { kind: 'account' as const, accountId: account.id };
      },
      path: (request: FastifyRequest) => `/users/${pathParameter(request, 'username')}${kind.path}`,
    },
  ];
  for (const { url, action, target, path } of lists) {
    routes.route({
      method: 'GET',
      url,
      action,
      target,
      handler: async ({ request, reply, target: { accountId } }) => {
        const page = pageOf(request);
        const listed = await kind.list(accountId, page);
        setLinks(request, reply, ctx.config, path(request), page, listed);
        const verified = await verifiedEmails(ctx, accountId);
        return listed.items.map((key) => kind.json(key, verified));
      },
    });
  }
  routes.route({
    method: 'GET',
    url: `/user${kind.path}/:key_id`,
    action: kind.actions.list,
    target: selfTarget,
    handler: async ({ request, target: { accountId } }) => {
      const id = idParameter(request, 'key_id');
      const key = id === null ? null : await kind.find(accountId, id);
      if (key === null) throw new ApiError('not-found');
      return kind.json(key, await verifiedEmails(ctx, accountId));
    },
  });
  routes.route({
    method: 'DELETE',
    url: `/user${kind.path}/:key_id`,
    action: kind.actions.delete,
    target: selfTarget,
    handler: async ({ ctx: acting, actor, request, reply }) => {
      const id = idParameter(request, 'key_id');
      const removed = id !== null && (await kind.remove(acting, personOf(actor), id));
      if (!removed) throw new ApiError('not-found');
      return reply.code(204).send();
    },
  });
}

function personOf(actor: Actor): { readonly id: number; readonly login: string } {
  if (actor.kind !== 'user') throw new ApiError('authentication-required');
  return actor.account;
}
