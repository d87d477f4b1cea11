// The pages of a repository's webhooks: the list, one of them with what was told to it lately, and a new one.
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { ActionName } from '../access/actions.ts';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { idParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import type { Problem } from '../problems.ts';
import { repositoryPath } from '../repositories/addresses.ts';
import { findFromPath } from '../repositories/finding.ts';
import { renderRepositoryPage } from '../repositories/frame.tsx';
import type { RepositoryFound } from '../repositories/repositories.ts';
import { Secret } from '../secrets/secret.ts';
import { flash } from '../web/flash.ts';
import type { FormFields } from '../web/forms.ts';
import { textOf } from '../web/forms.ts';
import { sendNotFound } from '../web/refusals.tsx';
import { submitted } from '../web/visit.ts';
import { findDelivery, lastResponses, listDeliveries, redeliver } from './deliveries.ts';
import {
  createHook,
  deleteHook,
  eventNames,
  findHook,
  type Hook,
  type HookChange,
  listHooks,
  updateHook,
} from './hooks.ts';
import { HookForm, HookList, HookPage } from './view.tsx';

type HooksCall = Call<RepositoryFound, RouteSchema>;

const BELOW = '/:owner/:repo/settings/hooks';
const MAX_SHOWN_DELIVERIES = 30;

const empty: HookChange = { url: '', contentType: 'json', secret: null, events: ['push'], active: true };

const listOf = ({ target }: HooksCall): string => `${repositoryPath(target.repository)}/settings/hooks`;

export function hookPages(routes: GuardedRoutes, ctx: Context): void {
  const target = findFromPath(ctx);
  const page = (
    method: 'GET' | 'POST',
    path: string,
    action: Extract<ActionName, `hooks.${string}`>,
    handler: (call: HooksCall) => unknown,
  ): void =>
    routes.route({
      method,
      url: `${BELOW}${path}`,
      action,
      target,
      schema: { params: Type.Object({ owner: Type.String(), repo: Type.String() }) },
      handler: (call) => handler(call as unknown as HooksCall),
    });
  /** A page of one hook. */
  const one = (
    method: 'GET' | 'POST',
    path: string,
    action: Extract<ActionName, `hooks.${string}`>,
    handler: (call: HooksCall, hook: Hook) => unknown,
  ): void =>
    page(method, `/:hook_id${path}`, action, async (call) => {
      const id = idParameter(call.request, 'hook_id');
      const hook = id === null ? null : await findHook(ctx, call.target.repositoryId, id);
      return hook === null ? sendNotFound(call.request, call.reply) : handler(call, hook);
    });

  const settled = (call: HooksCall, text: string, to = ''): FastifyReply => {
    flash(call.reply, 'success', text);
    return call.reply.redirect(`${listOf(call)}${to}`, 303);
  };
  const sendNew = (call: HooksCall, form: HookChange, problems: readonly Problem[] = []) =>
    renderRepositoryPage(
      call,
      { tab: 'settings', title: 'Add webhook', ...(problems.length > 0 ? { status: 422 } : {}) },
      <HookForm action={listOf(call)} form={form} problems={problems} isNew />,
    );
  const sendOne = async (call: HooksCall, hook: Hook, form: HookChange, problems: readonly Problem[] = []) =>
    renderRepositoryPage(
      call,
      { tab: 'settings', title: 'Webhook', ...(problems.length > 0 ? { status: 422 } : {}) },
      <HookPage
        base={`${listOf(call)}/${hook.id}`}
        form={form}
        hasSecret={hook.secret !== null}
        deliveries={await listDeliveries(ctx, hook, MAX_SHOWN_DELIVERIES)}
        problems={problems}
      />,
    );

  page('GET', '', 'hooks.read', async (call) => {
    const hooks = await listHooks(ctx, call.target.repositoryId);
    return renderRepositoryPage(
      call,
      { tab: 'settings', title: 'Webhooks' },
      <HookList base={listOf(call)} hooks={hooks} last={await lastResponses(ctx, hooks)} />,
    );
  });
  page('GET', '/new', 'hooks.write', (call) => sendNew(call, empty));
  page('POST', '', 'hooks.write', async (call) => {
    const form = formOf(submitted(call.request), null);
    const outcome = await createHook(call.ctx, call.target.repository, form);
    return outcome.ok
      ? settled(call, 'Webhook added. It is told so by a ping.', `/${outcome.value.id}`)
      : sendNew(call, form, outcome.problems);
  });
  one('GET', '', 'hooks.write', (call, hook) => sendOne(call, hook, hook));
  one('POST', '', 'hooks.write', async (call, hook) => {
    const form = formOf(submitted(call.request), hook);
    const outcome = await updateHook(call.ctx, call.target.repository, hook.id, form);
    return outcome.ok
      ? settled(call, 'Webhook saved.', `/${hook.id}`)
      : sendOne(call, hook, form, outcome.problems);
  });
  one('POST', '/delete', 'hooks.delete', async (call, hook) => {
    await deleteHook(call.ctx, call.target.repository, hook);
    return settled(call, 'Webhook deleted.');
  });
  one('POST', '/deliveries/:delivery_id/redeliver', 'hooks.write', async (call, hook) => {
    const id = idParameter(call.request, 'delivery_id');
    const delivery = id === null ? null : await findDelivery(ctx, hook, id);
    if (delivery === null) return sendNotFound(call.request, call.reply);
    const outcome = await redeliver(call.ctx, call.target.repository, hook, delivery);
    if (!outcome.ok) return sendOne(call, hook, hook, outcome.problems);
    return settled(call, 'It is delivered once more.', `/${hook.id}`);
  });
}

/** @param present what stays where a field is left empty, or is not on the form */
function formOf(fields: FormFields, present: Hook | null): HookChange {
  const typed = textOf(fields, 'secret');
  const chosen = eventNames.filter((event) => textOf(fields, `event-${event}`) === '1');
  const unseen = (present?.events ?? []).filter(
    (event) => event !== '*' && !eventNames.some((shown) => shown === event),
  );
  return {
    url: textOf(fields, 'url').trim(),
    contentType: textOf(fields, 'content_type') === 'form' ? 'form' : 'json',
    secret:
      textOf(fields, 'no_secret') === '1'
        ? null
        : typed === ''
          ? (present?.secret ?? null)
          : new Secret(typed),
    events: [...chosen, ...unseen],
    active: textOf(fields, 'active') === '1',
  };
}
