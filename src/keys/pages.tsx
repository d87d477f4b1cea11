// The pages of a person's keys (contract: /settings/keys): SSH keys, and beside them those that sign, whose own forms
// are in the signing room. A repository's keys: deploy-keys-pages.tsx.
import type { FastifyReply } from 'fastify';
import type { ComponentChildren, JSX } from 'preact';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { type AccountTarget, selfTarget } from '../access/targets.ts';
import { verifiedEmails } from '../accounts/further-emails.ts';
import { idParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import type { Problem } from '../problems.ts';
import { addSigningKey, listGpgKeys, listSigningKeys } from '../signing/signing.ts';
import { GPG_KEYS, GpgKeyList, SigningKeyList } from '../signing/signing-view.tsx';
import { flash } from '../web/flash.ts';
import { Form, FormProblems, Select } from '../web/form.tsx';
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
const SIGNING = 'signing';
/** The same key may be both (ghes-spec 7.2). */
const keyTypes = [
  { value: '', label: 'Authentication key' },
  { value: SIGNING, label: 'Signing key' },
] as const;
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
      const { accountId } = call.target;
      const all = { page: 1, perPage: MAX_SHOWN };
      const [{ items }, signing, gpg] = await Promise.all([
        listKeys(ctx, accountId, all),
        listSigningKeys(ctx, accountId, all),
        listGpgKeys(ctx, accountId, all),
      ]);
      const verified = await verifiedEmails(ctx, accountId);
      return renderPage(
        call,
        { title: 'SSH and GPG keys', settings },
        <>
          <Heading
            actions={
              <>
                <a class="btn btn-primary" href={`${LIST}/new`}>
                  New SSH key
                </a>
                <a class="btn" href={`${GPG_KEYS}/new`}>
                  New GPG key
                </a>
              </>
            }
          >
            SSH and GPG keys
          </Heading>
          <KeySection
            id="authentication-keys"
            title="Authentication keys"
            intro="SSH keys by which git reaches what you may reach. Whoever has the private half of one is you. Tokens and passwords never open SSH."
          >
            <KeyList keys={items} action={LIST} label="Authentication keys" empty="You have no SSH keys" />
          </KeySection>
          <KeySection
            id="signing-keys"
            title="Signing keys"
            intro="SSH keys by which you sign commits and tags. They open nothing: others find them here to check what you signed."
          >
            <SigningKeyList keys={signing.items} />
          </KeySection>
          <KeySection
            id="gpg-keys"
            title="GPG keys"
            intro="OpenPGP keys by which you sign commits and tags. This server shows them to others, and checks no signature itself."
          >
            <GpgKeyList keys={gpg.items} verified={verified} now={ctx.now()} />
          </KeySection>
          <HostFingerprints keys={hostKeys} />
        </>,
      );
    },
  });

  const sendForm = (
    call: KeysCall,
    form: { readonly title: string; readonly type: string; readonly key: string },
    problems: readonly Problem[] = [],
  ): FastifyReply =>
    renderPage(
      call,
      { title: 'New SSH key', settings, ...(problems.length === 0 ? {} : { status: 422 }) },
      <>
        <Heading>New SSH key</Heading>
        <Form action={LIST}>
          <FormProblems problems={problems} fields={['title', 'key']} />
          <Select name="type" label="Key type" value={form.type} options={keyTypes} />
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
    handler: (call) => sendForm(call, { title: '', type: '', key: '' }),
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
      const [title, type, key] = [textOf(fields, 'title'), textOf(fields, 'type'), textOf(fields, 'key')];
      const signs = type === SIGNING;
      const may = signs ? call.ask(actor, 'signing-keys.create', call.target) : null;
      if (may?.allowed === false) return call.refuse(may);
      const added = signs
        ? await addSigningKey(call.ctx, actor.account, { title, key })
        : await addKey(call.ctx, actor.account, { title, key, maker: makerOf(actor) });
      if (!added.ok) return sendForm(call, { title, type, key }, added.problems);
      flash(reply, 'success', `Added the ${signs ? 'signing key' : 'key'} “${added.value.title}”.`);
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

interface KeySectionProps {
  readonly id: string;
  readonly title: string;
  readonly intro: string;
  readonly children: ComponentChildren;
}

function KeySection({ id, title, intro, children }: KeySectionProps): JSX.Element {
  return (
    <section aria-labelledby={id} class="key-section">
      <h2 id={id} class="h3">
        {title}
      </h2>
      <p class="muted">{intro}</p>
      {children}
    </section>
  );
}
