// The pages of keys that sign. They stand beside the SSH keys, on the page of the keys room (/settings/keys), which
// also adds SSH keys of both types; here: adding GPG keys, and deleting.
import type { FastifyReply } from 'fastify';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { type AccountTarget, selfTarget } from '../access/targets.ts';
import { idParameter } from '../api/parameters.ts';
import type { Problem } from '../problems.ts';
import { flash } from '../web/flash.ts';
import { textOf } from '../web/forms.ts';
import { renderPage } from '../web/page.tsx';
import { Heading } from '../web/parts.tsx';
import { submitted } from '../web/visit.ts';
import { createOpenPgpReader } from './openpgp-reader.ts';
import { addGpgKey, deleteGpgKey, deleteSigningKey } from './signing.ts';
import { GPG_KEYS, NewGpgKey, SIGNING_KEYS } from './signing-view.tsx';

type SigningCall = Call<AccountTarget, RouteSchema>;

const LIST = '/settings/keys';

export function signingPages(routes: GuardedRoutes): void {
  const reader = createOpenPgpReader();

  // Where GitHub has them.
  for (const [url, to] of [
    ['/settings/gpg', LIST],
    ['/settings/gpg/new', `${GPG_KEYS}/new`],
  ] as const) {
    routes.route({
      method: 'GET',
      url,
      action: 'gpg-keys.list',
      target: selfTarget,
      handler: ({ reply }) => reply.redirect(to, 302),
    });
  }

  routes.route({
    method: 'GET',
    url: `${GPG_KEYS}/new`,
    action: 'gpg-keys.create',
    target: selfTarget,
    handler: (call) => sendForm(call, { name: '', armored: '' }),
  });

  routes.route({
    method: 'POST',
    url: GPG_KEYS,
    action: 'gpg-keys.create',
    target: selfTarget,
    handler: async (call) => {
      const { actor, reply } = call;
      if (actor.kind !== 'user') return call.refuse({ because: 'unauthenticated' });
      const fields = submitted(call.request);
      const form = { name: textOf(fields, 'name').trim(), armored: textOf(fields, 'armored_public_key') };
      const read = await reader.read(form.armored);
      const added = await addGpgKey(call.ctx, actor.account, { ...form, read });
      if (!added.ok) return sendForm(call, form, added.problems.map(inWords));
      flash(reply, 'success', `Added the GPG key ${added.value.keyId}.`);
      return reply.redirect(LIST, 303);
    },
  });

  const removal = { method: 'POST', target: selfTarget } as const;
  routes.route({
    ...removal,
    url: `${GPG_KEYS}/:key_id/delete`,
    action: 'gpg-keys.delete',
    handler: (call) => remove(call, deleteGpgKey, 'Deleted the GPG key.'),
  });
  routes.route({
    ...removal,
    url: `${SIGNING_KEYS}/:key_id/delete`,
    action: 'signing-keys.delete',
    handler: (call) => remove(call, deleteSigningKey, 'Deleted the signing key.'),
  });
}

async function remove(call: SigningCall, rule: typeof deleteGpgKey, told: string): Promise<unknown> {
  const { actor, ctx, reply, request } = call;
  if (actor.kind !== 'user') return call.refuse({ because: 'unauthenticated' });
  const id = idParameter(request, 'key_id');
  if (id === null || !(await rule(ctx, actor.account, id))) return call.refuse({ because: 'invisible' });
  flash(reply, 'success', told);
  return reply.redirect(LIST, 303);
}

/** The API tells of the key's id, which nobody typed. */
function inWords(problem: Problem): Problem {
  return problem.field === 'key_id'
    ? { ...problem, field: 'armored_public_key', message: 'This key was added to an account already.' }
    : problem;
}

function sendForm(
  call: SigningCall,
  form: { readonly name: string; readonly armored: string },
  problems: readonly Problem[] = [],
): FastifyReply {
  return renderPage(
    call,
    { title: 'New GPG key', settings: 'keys', ...(problems.length === 0 ? {} : { status: 422 }) },
    <>
      <Heading>New GPG key</Heading>
      <NewGpgKey {...form} problems={problems} list={LIST} />
    </>,
  );
}
