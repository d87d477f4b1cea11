// Webhooks through the API. They need no code: the scopes of webhooks alone open them (ghes-spec 4.1).
import { type Static, Type } from 'typebox';
import type { ActionOn } from '../access/actions.ts';
import type { GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import { pageOf, setLinks } from '../api/paging.ts';
import { idParameter, textParameter } from '../api/parameters.ts';
import { apiRoot, timestamp } from '../api/urls.ts';
import { resolveRevision } from '../contents/refs.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../problems.ts';
import {
  type RepositoryCall,
  type RepositoryRoute,
  repositoryRoutes,
} from '../repositories/api-addresses.ts';
import { Secret } from '../secrets/secret.ts';
import {
  type Delivery,
  enqueue,
  findDelivery,
  lastResponses,
  listDeliveries,
  redeliver,
} from './deliveries.ts';
import {
  createHook,
  deleteHook,
  findHook,
  type Hook,
  type HookChange,
  listHooks,
  ping,
  recordTrial,
  updateHook,
} from './hooks.ts';
import { configJson, hookPayload } from './payloads.ts';
import { pushPayload } from './pushes.ts';

const config = Type.Object({
  url: Type.Optional(Type.String()),
  content_type: Type.Optional(Type.String()),
  secret: Type.Optional(Type.String()),
  insecure_ssl: Type.Optional(Type.Union([Type.String(), Type.Number()])),
});
const events = Type.Array(Type.String(), { maxItems: 100 });
const newHook = Type.Object({
  name: Type.Optional(Type.String()),
  config: Type.Optional(config),
  events: Type.Optional(events),
  active: Type.Optional(Type.Boolean()),
});
const hookChanges = Type.Object({
  config: Type.Optional(config),
  events: Type.Optional(events),
  add_events: Type.Optional(events),
  remove_events: Type.Optional(events),
  active: Type.Optional(Type.Boolean()),
});

type ConfigInput = Static<typeof config>;

export function hooksRest(routes: GuardedRoutes, ctx: Context): void {
  const below = repositoryRoutes(routes, ctx);

  below.route({
    method: 'GET',
    below: '/hooks',
    action: 'hooks.read',
    handler: async ({ request, reply, target: { repository } }) => {
      const hooks = await listHooks(ctx, repository.id);
      const last = await lastResponses(ctx, hooks);
      const page = pageOf(request);
      setLinks(request, reply, ctx.config, `/repositories/${repository.id}/hooks`, page, {
        total: hooks.length,
      });
      return hooks
        .slice((page.page - 1) * page.perPage, page.page * page.perPage)
        .map((hook) => hookPayload(ctx, repository, hook, last.get(hook.id)));
    },
  });
  below.route({
    method: 'POST',
    below: '/hooks',
    action: 'hooks.write',
    schema: { body: newHook },
    handler: async (call) => {
      const { body, target, reply } = call;
      if (body.name !== undefined && body.name !== 'web') {
        const message = 'There are no other hooks than "web".';
        throw validationFailed('Hook', [{ field: 'name', code: 'invalid', message }]);
      }
      const wanted: HookChange = {
        ...configOf(body.config ?? {}, { url: '', contentType: 'form', secret: null }),
        events: body.events ?? ['push'],
        active: body.active ?? true,
      };
      const hook = accepted(await createHook(call.ctx, target.repository, wanted));
      const json = hookPayload(ctx, target.repository, hook, undefined);
      reply.code(201).header('location', json.url);
      return json;
    },
  });

  /** A route of one hook. */
  const one = <S extends RouteSchema = RouteSchema>(
    method: RepositoryRoute<S>['method'],
    path: string,
    action: Extract<ActionOn<'repository'>, `hooks.${string}`>,
    handler: (call: RepositoryCall<S>, hook: Hook) => unknown,
    schema?: S,
  ) =>
    below.route<S>({
      method,
      below: `/hooks/:hook_id${path}`,
      action,
      ...(schema === undefined ? {} : { schema }),
      handler: async (call) => {
        const id = idParameter(call.request, 'hook_id');
        const hook = id === null ? null : await findHook(ctx, call.target.repositoryId, id);
        if (hook === null) throw new ApiError('not-found');
        return handler(call, hook);
      },
    });
  const shown = async (call: Pick<RepositoryCall, 'target'>, hook: Hook) =>
    hookPayload(ctx, call.target.repository, hook, (await lastResponses(ctx, [hook])).get(hook.id));

  one('GET', '', 'hooks.read', shown);
  one(
    'PATCH',
    '',
    'hooks.write',
    async (call: RepositoryCall<{ body: typeof hookChanges }>, hook) => {
      const { body } = call;
      const kept = (body.events ?? [...hook.events, ...(body.add_events ?? [])]).filter(
        (event) => body.remove_events?.includes(event) !== true,
      );
      const wanted = {
        ...(body.config === undefined ? hook : configOf(body.config, { ...hook, secret: null })),
        events: kept,
        active: body.active ?? hook.active,
      };
      return shown(call, accepted(await updateHook(call.ctx, call.target.repository, hook.id, wanted)));
    },
    { body: hookChanges },
  );
  one('DELETE', '', 'hooks.delete', async (call, hook) => {
    await deleteHook(call.ctx, call.target.repository, hook);
    return call.reply.code(204).send();
  });
  one('GET', '/config', 'hooks.read', (_call, hook) => configJson(hook));
  one(
    'PATCH',
    '/config',
    'hooks.write',
    async (call: RepositoryCall<{ body: typeof config }>, hook) => {
      const wanted = { ...hook, ...configOf(call.body, hook) };
      return configJson(accepted(await updateHook(call.ctx, call.target.repository, hook.id, wanted)));
    },
    { body: config },
  );
  // GitHub lets who may read hooks ping them (ghes-spec appendix A).
  one('POST', '/pings', 'hooks.read', async (call, hook) => {
    const { repository } = call.target;
    await ctx.db.transaction().execute(async (db) => {
      await ping(call.ctx, db, repository, hook);
      await recordTrial(call.ctx, db, repository, hook, 'ping');
    });
    return call.reply.code(204).send();
  });
  one('POST', '/tests', 'hooks.write', async (call, hook) => {
    const { repository } = call.target;
    const ref = `refs/heads/${repository.defaultBranch}`;
    const head = hook.events.some((event) => event === 'push' || event === '*')
      ? await resolveRevision(ctx, repository, ref)
      : null;
    const payload =
      head === null ? null : await pushPayload(call.ctx, repository, { ref, from: head.sha, to: head.sha });
    await ctx.db.transaction().execute(async (db) => {
      if (payload !== null) await enqueue(ctx, db, hook, { event: 'push', payload });
      await recordTrial(call.ctx, db, repository, hook, 'test');
    });
    return call.reply.code(204).send();
  });
  deliveryRoutes(ctx, one);
}

type One = (
  method: 'GET' | 'POST',
  path: string,
  action: 'hooks.read' | 'hooks.write',
  handler: (call: RepositoryCall, hook: Hook) => unknown,
) => void;

function deliveryRoutes(ctx: Context, one: One): void {
  one('GET', '/deliveries', 'hooks.read', async ({ request, reply, target }, hook) => {
    const { perPage } = pageOf(request);
    const cursor = textParameter(request, 'cursor');
    const before = cursor === undefined || !/^\d{1,15}$/.test(cursor) ? null : Number(cursor);
    const found = await listDeliveries(ctx, hook, perPage + 1, before);
    const items = found.slice(0, perPage);
    if (found.length > perPage) {
      const base = `${apiRoot(ctx.config)}/repositories/${target.repositoryId}/hooks/${hook.id}/deliveries`;
      reply.header('link', `<${base}?per_page=${perPage}&cursor=${items.at(-1)?.id ?? 0}>; rel="next"`);
    }
    return items.map((item) => deliveryJson(item, hook));
  });
  const find = async ({ request }: RepositoryCall, hook: Hook) => {
    const id = idParameter(request, 'delivery_id');
    const delivery = id === null ? null : await findDelivery(ctx, hook, id);
    if (delivery === null) throw new ApiError('not-found');
    return delivery;
  };
  one('GET', '/deliveries/:delivery_id', 'hooks.read', async (call, hook) => {
    const delivery = await find(call, hook);
    return {
      ...deliveryJson(delivery, hook),
      url: hook.url,
      request: {
        headers: parsed(delivery.requestHeaders),
        payload: parsed(delivery.payload),
      },
      response: { headers: parsed(delivery.responseHeaders), payload: delivery.responseBody },
    };
  });
  one('POST', '/deliveries/:delivery_id/attempts', 'hooks.write', async (call, hook) => {
    accepted(await redeliver(call.ctx, call.target.repository, hook, await find(call, hook)));
    return call.reply.code(202).send({});
  });
}

function parsed(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}

function deliveryJson(delivery: Delivery, hook: Hook) {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: timestamp(delivery.deliveredAt ?? delivery.createdAt),
    redelivery: delivery.redelivery,
    duration: delivery.durationMs / 1000,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: null,
    repository_id: hook.repositoryId,
  };
}

/** @throws ApiError for what is refused */
function configOf(
  input: ConfigInput,
  present: Pick<HookChange, 'url' | 'contentType' | 'secret'>,
): Pick<HookChange, 'url' | 'contentType' | 'secret'> {
  if (input.insecure_ssl !== undefined && String(input.insecure_ssl) !== '0') {
    const message = 'insecure_ssl must be 0: this server always checks certificates.';
    throw validationFailed('Hook', [{ field: 'insecure_ssl', code: 'custom', message }]);
  }
  const { content_type: contentType = present.contentType } = input;
  if (contentType !== 'json' && contentType !== 'form') {
    const message = 'content_type must be json or form.';
    throw validationFailed('Hook', [{ field: 'content_type', code: 'custom', message }]);
  }
  return {
    url: input.url ?? present.url,
    contentType,
    secret: input.secret === undefined ? present.secret : new Secret(input.secret),
  };
}

function accepted<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw validationFailed('Hook', outcome.problems);
  return outcome.value;
}
