// One's own e-mail addresses: the list, the primary one, and the page to which the mail leads that verifies one.
import type { FastifyReply } from 'fastify';
import type { JSX } from 'preact';
import type { ActionName } from '../access/actions.ts';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { type AccountTarget, selfTarget } from '../access/targets.ts';
import type { Context } from '../context.ts';
import { isMailOn } from '../mail/notices.ts';
import type { Outcome, Problem } from '../problems.ts';
import { Secret } from '../secrets/secret.ts';
import { readCookie, writeCookie } from '../web/cookies.ts';
import { flash } from '../web/flash.ts';
import { Field, Form, FormProblems } from '../web/form.tsx';
import { textOf } from '../web/forms.ts';
import { renderPage } from '../web/page.tsx';
import { Heading, Label } from '../web/parts.tsx';
import { sendNotFound } from '../web/refusals.tsx';
import { submitted, visitOf } from '../web/visit.ts';
import { type Account, findAccount } from './accounts.ts';
import {
  addEmails,
  listEmails,
  makePrimary,
  type OwnEmail,
  removeEmails,
  setEmailVisibility,
  verifyEmail,
} from './further-emails.ts';

const PAGE = '/settings/emails';
const VERIFY = `${PAGE}/verify`;
const CODE_COOKIE = 'latchkey_email_code';
const CODE_SECONDS = 60 * 60;
const head = { title: 'Emails', settings: 'emails' } as const;

type OwnCall = Call<AccountTarget, RouteSchema>;

export function emailPages(routes: GuardedRoutes, ctx: Context): void {
  const page = (
    method: 'GET' | 'POST',
    url: string,
    action: Extract<ActionName, `emails.${string}`>,
    handler: (call: OwnCall, account: Account) => Promise<FastifyReply> | FastifyReply,
  ): void =>
    routes.route({
      method,
      url,
      action,
      target: selfTarget,
      handler: async (call) => {
        const account = await findAccount(ctx, call.target.accountId);
        return account === null ? call.refuse({ because: 'invisible' }) : handler(call, account);
      },
    });
  const send = async (call: OwnCall, account: Account, typed = '', problems: readonly Problem[] = []) =>
    renderPage(
      call,
      { ...head, ...(problems.length > 0 ? { status: 422 } : {}) },
      <Emails
        emails={await listEmails(ctx, account)}
        typed={typed}
        problems={problems}
        isMailed={await isMailOn(ctx.db)}
      />,
    );
  /** Something done to the address that the form names. */
  const change = (
    path: string,
    done: string,
    rule: (call: OwnCall, account: Account, email: string) => Promise<Outcome<unknown>>,
  ): void =>
    page('POST', `${PAGE}${path}`, 'emails.write', async (call, account) => {
      const email = textOf(submitted(call.request), 'email').trim();
      const outcome = await rule(call, account, email);
      if (!outcome.ok) return send(call, account, path === '' ? email : '', outcome.problems);
      flash(call.reply, 'success', done);
      return call.reply.redirect(PAGE, 303);
    });

  page('GET', PAGE, 'emails.read', (call, account) => send(call, account));
  change('', 'Address added.', (call, account, email) => addEmails(call.ctx, account, [email]));
  change('/delete', 'Address removed.', (call, account, email) => removeEmails(call.ctx, account, [email]));
  change('/primary', 'It is your primary address now.', (call, account, email) =>
    makePrimary(call.ctx, account, email),
  );
  page('POST', `${PAGE}/visibility`, 'emails.write', async (call, account) => {
    const isPublic = textOf(submitted(call.request), 'visibility') === 'public';
    await setEmailVisibility(call.ctx, account, isPublic);
    flash(call.reply, 'success', isPublic ? 'Everybody can see it now.' : 'Nobody else sees it now.');
    return call.reply.redirect(PAGE, 303);
  });

  // As of all one-time links: opening it uses nothing up, and the code leaves the address.
  page('GET', VERIFY, 'emails.read', (call) => {
    const { code } = call.request.query as { readonly code?: unknown };
    const { secure } = visitOf(call.request);
    if (typeof code === 'string') {
      const kept = /^[\w-]{1,128}$/.test(code) ? code : '';
      writeCookie(call.reply, CODE_COOKIE, kept, secure, kept === '' ? 0 : CODE_SECONDS);
      return call.reply
        .header('cache-control', 'no-store')
        .header('referrer-policy', 'no-referrer')
        .redirect(VERIFY, 303);
    }
    if (!readCookie(call.request, CODE_COOKIE, secure)) return sendNotFound(call.request, call.reply);
    return renderPage(call, head, <Verify />);
  });
  page('POST', VERIFY, 'emails.write', async (call, account) => {
    const { secure } = visitOf(call.request);
    const code = readCookie(call.request, CODE_COOKIE, secure) ?? '';
    const email = await verifyEmail(call.ctx, account, new Secret(code));
    writeCookie(call.reply, CODE_COOKIE, '', secure, 0);
    if (email === null)
      flash(call.reply, 'error', 'That link has been used, or is too old, or is not yours.');
    else flash(call.reply, 'success', `${email} is verified.`);
    return call.reply.redirect(PAGE, 303);
  });
}

function Verify(): JSX.Element {
  return (
    <>
      <Heading>Verify an email address</Heading>
      <p>This shows that mail to the address reaches you.</p>
      <Form action={VERIFY}>
        <button type="submit" class="btn btn-primary">
          Verify address
        </button>
      </Form>
    </>
  );
}

interface EmailsProps {
  readonly emails: readonly OwnEmail[];
  readonly typed: string;
  readonly problems: readonly Problem[];
  readonly isMailed: boolean;
}

function Emails({ emails, typed, problems, isMailed }: EmailsProps): JSX.Element {
  return (
    <>
      <Heading>Emails</Heading>
      <p class="intro">
        Notices go to the primary address.{' '}
        {isMailed
          ? 'A new one is verified by a link that is mailed to it.'
          : 'There is no mail server, so that no address can be verified, and none but the primary one is used.'}
      </p>
      <ul class="Box entries">
        {emails.map((email, at) => (
          <li key={email.email} class="Box-row entry">
            <div class="entry-main">
              <p id={`email-${at}`} class="break-all">
                <strong>{email.email}</strong> {email.isPrimary && <Label look="success">Primary</Label>}{' '}
                {!email.isVerified && <Label>Not verified</Label>}
              </p>
            </div>
            {email.isPrimary ? (
              <Act path="/visibility" at={at} name="visibility" value={email.isPublic ? 'private' : 'public'}>
                {email.isPublic ? 'Hide from others' : 'Show to everybody'}
              </Act>
            ) : (
              <>
                {email.isVerified && (
                  <Act path="/primary" at={at} name="email" value={email.email}>
                    Make primary
                  </Act>
                )}
                <Act path="/delete" at={at} name="email" value={email.email}>
                  Remove
                </Act>
              </>
            )}
          </li>
        ))}
      </ul>
      <h2 class="settings-heading">Add an address</h2>
      <FormProblems problems={problems} fields={['email']} />
      <Form action={PAGE}>
        <Field
          name="email"
          label="Email address"
          type="email"
          value={typed}
          autocomplete="email"
          problems={problems}
          required
        />
        <button type="submit" class="btn btn-primary">
          Add address
        </button>
      </Form>
    </>
  );
}

interface ActProps {
  readonly path: string;
  readonly at: number;
  readonly name: string;
  readonly value: string;
  readonly children: string | readonly string[];
}

function Act({ path, at, name, value, children }: ActProps): JSX.Element {
  return (
    <Form action={`${PAGE}${path}`}>
      <input type="hidden" name={name} value={value} />
      <button type="submit" class="btn" aria-describedby={`email-${at}`}>
        {children}
      </button>
    </Form>
  );
}
