// The pages of a person's SSH keys (contract: /settings/keys); a repository's: deploy-keys-pages.tsx.
import type { FastifyReply } from 'fastify';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { type AccountTarget, selfTarget } from '../access/targets.ts';
import { idParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import type { Problem } from '../problems.ts';
import { flash } from '../web/flash.ts';
import { Form, FormProblems } from '../web/form.tsx';
import { textOf } from '../web/forms.ts';
import { renderPage } from '../web/page.tsx';
import { Heading } from '../web/parts.tsx';
import { submitted } from '../web/visit.ts';
import { deployKeyPages } from './deploy-keys-pages.tsx';
import { type Fingerprint, HostFingerprints, KeyFields, KeyList } from './key-parts.tsx';
import { addKey, deleteKey, listKeys, makerOf, verifyKey } from './keys.ts';

type KeysCall = Call<AccountTarget, RouteSchema>;

const LIST = '/settings/keys';
const settings = 'keys';
/** Nobody has more; the API pages through them. */
const MAX_SHOWN = 500;

/** @param hostKeys of the SSH server; empty where there is none */
export function keyPages(routes: GuardedRoutes, ctx: Context, hostKeys: readonly Fingerprint[]): void {
  deployKeyPages(routes, ctx);

  // Where GitHub has them, and where git's own words send people (ghes-spec 10).
  for (const [url, to] of [
    ['/settings/ssh', LIST],
    ['/settings/ssh/new', `${LIST}/new`],
  ] as const) {
    routes.route({
      method: 'GET',
      url,
      action: 'keys.list',
      target: selfTarget,
      handler: ({ reply }) => reply.redirect(to, 302),
    });
  }

  routes.route({
    method: 'GET',
    url: LIST,
    action: 'keys.list',
    target: selfTarget,
    handler: async (call) => {
      const { items } = await listKeys(ctx, call.target.accountId, { page: 1, perPage: MAX_SHOWN });
      return renderPage(
        call,
        { title: 'SSH keys', settings },
        <>
          <Heading
            actions={
              <a class="btn btn-primary" href={`${LIST}/new`}>
                New SSH key
              </a>
            }
          >
            SSH keys
          </Heading>
          <p class="intro">
            Keys by which git reaches what you may reach, over SSH. Whoever has the private half of one is
            you. Tokens and passwords never open SSH.
          </p>
          <KeyList keys={items} action={LIST} label="SSH keys" empty="You have no SSH keys" />
          <HostFingerprints keys={hostKeys} />
        </>,
      );
    },
  });

  const sendForm = (
    call: KeysCall,
    form: { readonly title: string; readonly key: string },
    problems: readonly Problem[] = [],
  ): FastifyReply =>
    renderPage(
      call,
      { title: 'New SSH key', settings, ...(problems.length === 0 ? {} : { status: 422 }) },
      <>
        <Heading>New SSH key</Heading>
        <Form action={LIST}>
          <FormProblems problems={problems} fields={['title', 'key']} />
          <KeyFields title={form.title} value={form.key} problems={problems} />
          <button type="submit" class="btn btn-primary">
            Add SSH key
          </button>{' '}
          <a class="btn" href={LIST}>
            Cancel
          </a>
        </Form>
      </>,
    );

  routes.route({
    method: 'GET',
    url: `${LIST}/new`,
    action: 'keys.create',
    target: selfTarget,
    handler: (call) => sendForm(call, { title: '', key: '' }),
  });

  routes.route({
    method: 'POST',
    url: LIST,
    action: 'keys.create',
    target: selfTarget,
    handler: async (call) => {
      const { actor, reply } = call;
      if (actor.kind !== 'user') return call.refuse({ because: 'unauthenticated' });
      const fields = submitted(call.request);
      const form = { title: textOf(fields, 'title'), key: textOf(fields, 'key') };
      const added = await addKey(call.ctx, actor.account, { ...form, maker: makerOf(actor) });
      if (!added.ok) return sendForm(call, form, added.problems);
      flash(reply, 'success', `Added the key “${added.value.title}”.`);
      return reply.redirect(LIST, 303);
    },
  });

  routes.route({
    method: 'POST',
    url: `${LIST}/:key_id/delete`,
    action: 'keys.delete',
    target: selfTarget,
    handler: async (call) => {
      const id = idParameter(call.request, 'key_id');
      const key = id === null ? null : await deleteKey(call.ctx, call.target.accountId, id);
      if (key === null) return call.refuse({ because: 'invisible' });
      flash(call.reply, 'success', `Deleted the key “${key.title}”.`);
      return call.reply.redirect(LIST, 303);
    },
  });

  routes.route({
    method: 'POST',
    url: `${LIST}/:key_id/approve`,
    action: 'keys.create',
    target: selfTarget,
    handler: async (call) => {
      const id = idParameter(call.request, 'key_id');
      const key = id === null ? null : await verifyKey(call.ctx, call.target.accountId, id);
      if (key === null) return call.refuse({ because: 'invisible' });
      flash(call.reply, 'success', `The key “${key.title}” may be used now.`);
      return call.reply.redirect(LIST, 303);
    },
  });
}
