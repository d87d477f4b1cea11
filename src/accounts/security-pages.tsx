// `/settings/security`: password, second factors and recovery codes. All of it takes sudo mode, so that nobody who
// finds a browser open learns or changes anything here.
import type { FastifyReply } from 'fastify';
import type { ActionOn } from '../access/actions.ts';
import type { Call, GuardedRoutes } from '../access/guard.ts';
import { type AccountTarget, selfTarget } from '../access/targets.ts';
import type { Context } from '../context.ts';
import type { Outcome, Problem } from '../problems.ts';
import { Secret } from '../secrets/secret.ts';
import { flash } from '../web/flash.ts';
import { textOf } from '../web/forms.ts';
import { renderPage } from '../web/page.tsx';
import { setSession, submitted, visitOf } from '../web/visit.ts';
import { findAccount } from './accounts.ts';
import { NewPasskeyForm, PasskeyNameForm, SetUpApp } from './factor-forms.tsx';
import { askForNewPasskey, type PasskeyKind, relyingParty } from './passkeys.ts';
import {
  type Added,
  addApp,
  addPasskey,
  newRecoveryCodes,
  type Passkey,
  removeApp,
  removePasskey,
  renamePasskey,
  secondFactorsOf,
} from './second-factors.ts';
import { Security } from './security-view.tsx';
import { changePassword } from './sign-in.ts';
import { sessionOf } from './sign-in-pages.tsx';
import { newApp, type Owner, openNewApp } from './totp.ts';

type OwnCall = Call<AccountTarget, object>;

const SECURITY = '/settings/security';
const title = 'Password and authentication';

export function securityPages(routes: GuardedRoutes, ctx: Context): void {
  const party = relyingParty(ctx.config);
  const page = (
    method: 'GET' | 'POST',
    url: string,
    handler: (call: OwnCall, owner: Owner, secret: Secret) => unknown,
    action: ActionOn<'account'> = 'second-factors.change',
  ): void =>
    routes.route({
      method,
      url,
      action,
      target: selfTarget,
      handler(call) {
        const session = sessionOf(call.actor);
        const { session: secret } = visitOf(call.request);
        if (session === null || secret === null) return call.refuse({ because: 'session-required' });
        return handler(call, session, secret);
      },
    });

  const sendPage = async (
    call: OwnCall,
    more: { readonly problems?: readonly Problem[]; readonly recoveryCodes?: readonly Secret[] } = {},
  ): Promise<FastifyReply> => {
    const factors = await secondFactorsOf(ctx, call.target.accountId);
    const status = more.problems === undefined ? 200 : 422;
    const body = <Security factors={factors} party={party} {...more} />;
    return renderPage(call, { title, settings: 'security', status }, body);
  };

  /** After adding one: the recovery codes, if it was the first; or back to the list. */
  const sendAdded = (call: OwnCall, { recoveryCodes }: Added, words: string): unknown => {
    if (recoveryCodes !== null) return sendPage(call, { recoveryCodes });
    flash(call.reply, 'success', words);
    return call.reply.redirect(SECURITY, 303);
  };

  page('GET', SECURITY, (call) => sendPage(call));

  page(
    'POST',
    SECURITY,
    async (call, owner) => {
      const fields = submitted(call.request);
      const outcome = await changePassword(
        call.ctx,
        { ...owner, address: call.request.ip },
        {
          current: new Secret(textOf(fields, 'current_password')),
          next: new Secret(textOf(fields, 'password')),
        },
      );
      if (!outcome.ok) return sendPage(call, { problems: outcome.problems });
      setSession(call.reply, outcome.value);
      flash(call.reply, 'success', 'Password changed. All your other sessions have ended.');
      return call.reply.redirect(SECURITY, 303);
    },
    'password.change',
  );

  const loginOf = (call: OwnCall): string => (call.actor.kind === 'user' ? call.actor.account.login : '');

  page('GET', `${SECURITY}/app`, async (call, owner) => {
    const made = await newApp(ctx, owner, loginOf(call));
    return renderPage(call, { title: 'Authenticator app', settings: 'security' }, <SetUpApp made={made} />);
  });

  page('POST', `${SECURITY}/app`, async (call, owner) => {
    const fields = submitted(call.request);
    const sealed = textOf(fields, 'sealed_secret');
    const made = await openNewApp(ctx, owner, { login: loginOf(call), sealed });
    if (made === null) {
      flash(call.reply, 'warn', 'That took too long: here is a new code to scan.');
      return call.reply.redirect(`${SECURITY}/app`, 303);
    }
    const typed = { made, code: textOf(fields, 'app_code'), address: call.request.ip };
    const outcome = await addApp(call.ctx, owner, typed);
    if (outcome.ok) return sendAdded(call, outcome.value, 'The new authenticator app is set up.');
    return renderPage(
      call,
      { title: 'Authenticator app', settings: 'security', status: 422 },
      <SetUpApp made={made} problems={outcome.problems} />,
    );
  });

  page('POST', `${SECURITY}/app/remove`, async (call, owner) => {
    if (!(await removeApp(call.ctx, owner))) return call.refuse({ because: 'invisible' });
    flash(call.reply, 'success', 'The authenticator app is removed.');
    return call.reply.redirect(SECURITY, 303);
  });

  const sendNewPasskey = (call: OwnCall, kind: PasskeyKind, problems?: readonly Problem[]): unknown => {
    if (party === null) return call.refuse({ because: 'invisible' });
    const status = problems === undefined ? 200 : 422;
    const name = textOf(submitted(call.request), 'name');
    const words = kind === 'passkey' ? 'Add a passkey' : 'Add a security key';
    return renderPage(
      call,
      { title: words, settings: 'security', status, passkeys: true },
      <NewPasskeyForm kind={kind} party={party} name={name} {...(problems && { problems })} />,
    );
  };

  page('GET', `${SECURITY}/passkeys/new`, (call) => {
    const { kind } = call.request.query as { readonly kind?: unknown };
    return sendNewPasskey(call, kindNamed(kind));
  });

  page('POST', `${SECURITY}/passkeys/challenge`, async (call, owner, secret) => {
    const account = await findAccount(ctx, owner.accountId);
    if (account === null || party === null) return call.refuse({ because: 'invisible' });
    const kind = kindNamed(textOf(submitted(call.request), 'kind'));
    const asked = await askForNewPasskey(ctx, party, { kind, boundTo: secret.hash(), account });
    return call.reply.header('cache-control', 'no-store').send(asked);
  });

  page('POST', `${SECURITY}/passkeys`, async (call, owner, secret) => {
    const fields = submitted(call.request);
    const kind = kindNamed(textOf(fields, 'kind'));
    const key = { kind, name: textOf(fields, 'name'), response: textOf(fields, 'response') };
    const outcome = await addPasskey(call.ctx, owner, { ...key, boundTo: secret.hash() });
    if (!outcome.ok) return sendNewPasskey(call, kind, outcome.problems);
    return sendAdded(call, outcome.value, `Added “${key.name.trim()}”.`);
  });

  /** For pages of one key: 404 where the account has no such one. */
  const ofKey =
    (handler: (call: OwnCall, owner: Owner, key: Passkey) => unknown) =>
    async (call: OwnCall, owner: Owner): Promise<unknown> => {
      const { id } = call.request.params as { readonly id: string };
      const { passkeys } = await secondFactorsOf(ctx, owner.accountId);
      const key = passkeys.find((one) => String(one.id) === id);
      return key === undefined ? call.refuse({ because: 'invisible' }) : handler(call, owner, key);
    };

  const sendName = (call: OwnCall, key: Passkey, name: string, problems?: readonly Problem[]) =>
    renderPage(
      call,
      { title: `Rename ${key.name}`, settings: 'security', status: problems === undefined ? 200 : 422 },
      <PasskeyNameForm id={key.id} name={name} {...(problems && { problems })} />,
    );

  page(
    'GET',
    `${SECURITY}/passkeys/:id`,
    ofKey((call, _owner, key) => sendName(call, key, key.name)),
  );

  page(
    'POST',
    `${SECURITY}/passkeys/:id`,
    ofKey(async (call, { accountId }, key) => {
      const name = textOf(submitted(call.request), 'name');
      const outcome: Outcome<boolean> = await renamePasskey(call.ctx, accountId, { id: key.id, name });
      if (!outcome.ok) return sendName(call, key, name, outcome.problems);
      flash(call.reply, 'success', `“${key.name}” is called “${name.trim()}” now.`);
      return call.reply.redirect(SECURITY, 303);
    }),
  );

  page(
    'POST',
    `${SECURITY}/passkeys/:id/remove`,
    ofKey(async (call, owner, key) => {
      await removePasskey(call.ctx, owner, key.id);
      flash(call.reply, 'success', `Removed “${key.name}”.`);
      return call.reply.redirect(SECURITY, 303);
    }),
  );

  page('POST', `${SECURITY}/recovery-codes`, async (call, owner) => {
    const outcome = await newRecoveryCodes(call.ctx, owner.accountId);
    if (!outcome.ok) return sendPage(call, { problems: outcome.problems });
    return sendPage(call, { recoveryCodes: outcome.value });
  });
}

function kindNamed(text: unknown): PasskeyKind {
  return text === 'security-key' ? 'security-key' : 'passkey';
}
