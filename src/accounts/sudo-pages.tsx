// `Confirm access`: stands in for a page, or holds a form up, until the person has proved who they are. Then a page is
// gone on to, and a form is sent again with its fields, by a script or by one more click.
import type { FastifyReply } from 'fastify';
import type { JSX } from 'preact';
import type { GuardedRoutes } from '../access/guard.ts';
import { selfTarget } from '../access/targets.ts';
import type { Context } from '../context.ts';
import type { Problem } from '../problems.ts';
import { Secret } from '../secrets/secret.ts';
import { Field, Form } from '../web/form.tsx';
import { type FormFields, fieldPairs, textOf } from '../web/forms.ts';
import { type PageCall, renderPage } from '../web/page.tsx';
import { safeReturnTo } from '../web/return-to.ts';
import type { SudoMode, Wanted } from '../web/sudo.ts';
import { submitted, visitOf } from '../web/visit.ts';
import { NoPasskeys, PasskeyForm } from './passkey-form.tsx';
import { askForPasskey, type RelyingParty, relyingParty } from './passkeys.ts';
import { tooManyTries } from './sign-in.ts';
import { sessionOf, waitBefore } from './sign-in-pages.tsx';
import { type Confirmed, confirmAccess, sudoUsed, type Ways, waysOf } from './sudo.ts';

const CONFIRM = '/login/confirm';
/** Before the names of the fields of the form that is held up. */
const HELD = 'held.';

/** For the way in: what it does when a session is not in sudo mode. */
export function sudoMode(ctx: Context): SudoMode {
  return {
    ask: (call, wanted) => ask(ctx, call, wanted),
    used: (sessionId) => sudoUsed(ctx, sessionId),
  };
}

async function ask(
  ctx: Context,
  call: PageCall,
  wanted: Wanted,
  failed: Partial<ConfirmProps> & { readonly status?: number } = {},
): Promise<FastifyReply> {
  const { actor } = visitOf(call.request);
  const ways = await waysOf(ctx, actor.kind === 'user' ? actor.account.id : 0);
  const { status = 401, ...more } = failed;
  return renderPage(
    call,
    { title: 'Confirm access', status, width: 'narrow', passkeys: true },
    <Confirm wanted={wanted} ways={ways} party={relyingParty(ctx.config)} {...more} />,
  );
}

export function sudoPages(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: CONFIRM,
    action: 'sessions.manage',
    target: selfTarget,
    handler(call) {
      const { to } = call.request.query as { readonly to?: unknown };
      return ask(ctx, call, { to: placeOf(to), method: 'get', fields: {} }, { status: 200 });
    },
  });

  routes.route({
    method: 'POST',
    url: CONFIRM,
    action: 'sessions.manage',
    target: selfTarget,
    async handler(call) {
      const session = sessionOf(call.actor);
      const { session: secret } = visitOf(call.request);
      if (session === null || secret === null) return call.refuse({ because: 'session-required' });
      const fields = submitted(call.request);
      const wanted = wantedIn(fields);
      const who = { ...session, address: call.request.ip };
      const [field, shown] = shownIn(fields, secret);
      const outcome = await confirmAccess(call.ctx, who, shown);
      if (outcome.ok) return goOn(call, wanted);
      return ask(ctx, call, wanted, {
        problems: problemsOf(outcome, field),
        status: statusOf(call, outcome),
      });
    },
  });

  routes.route({
    method: 'POST',
    url: `${CONFIRM}/challenge`,
    action: 'sessions.manage',
    target: selfTarget,
    async handler(call) {
      const { session: secret } = visitOf(call.request);
      const party = relyingParty(ctx.config);
      if (secret === null || party === null) return call.refuse({ because: 'invisible' });
      const { accountId } = call.target;
      const asked = { purpose: 'confirm access', boundTo: secret.hash(), accountId } as const;
      return call.reply.header('cache-control', 'no-store').send(await askForPasskey(ctx, party, asked));
    },
  });
}

type Failed = Extract<Confirmed, { readonly ok: false }>;

/** What was shown, and the field that it was typed into. */
function shownIn(fields: FormFields, secret: Secret) {
  const response = textOf(fields, 'response');
  if (response !== '') return ['response', { kind: 'passkey', response, boundTo: secret.hash() }] as const;
  if (fields.app_code !== undefined)
    return ['app_code', { kind: 'app', code: textOf(fields, 'app_code') }] as const;
  return ['password', { password: new Secret(textOf(fields, 'password')) }] as const;
}

const wrongWords = {
  password: 'Incorrect password.',
  app_code: 'This code is not right, or was used before.',
  response: 'This passkey or security key could not be checked. Try again.',
} as const;

function problemsOf(failed: Failed, field: keyof typeof wrongWords): readonly Problem[] {
  const message = failed.because === 'throttled' ? tooManyTries(failed.retryAfterMs) : wrongWords[field];
  return [{ field, code: 'custom', message }];
}

function statusOf({ reply }: PageCall, failed: Failed): number {
  if (failed.because === 'wrong') return 422;
  waitBefore(reply, failed.retryAfterMs);
  return 429;
}

function wantedIn(fields: FormFields): Wanted {
  const to = placeOf(textOf(fields, 'to'));
  if (textOf(fields, 'method') !== 'post') return { to, method: 'get', fields: {} };
  const held = Object.entries(fields).filter(([name]) => name.startsWith(HELD));
  return {
    to,
    method: 'post',
    fields: Object.fromEntries(held.map(([name, value]) => [name.slice(HELD.length), value])),
  };
}

/** Never back to the question itself. */
function placeOf(text: unknown): string {
  const path = safeReturnTo(text);
  return path.startsWith(CONFIRM) ? '/' : path;
}

function goOn(call: PageCall, { to, method, fields }: Wanted): FastifyReply {
  if (method === 'get') return call.reply.redirect(to, 303);
  return renderPage(
    call,
    { title: 'Access confirmed', width: 'narrow' },
    <>
      <h1>Access confirmed</h1>
      <p>What you typed is on its way.</p>
      <Form action={to} goesOn>
        <HiddenFields fields={fields} />
        <button type="submit" class="btn btn-primary">
          Continue
        </button>
      </Form>
    </>,
  );
}

function HiddenFields(props: { readonly fields: FormFields; readonly prefix?: string }): JSX.Element {
  const { fields, prefix = '' } = props;
  return (
    <>
      {fieldPairs(fields).map(([name, text]) => (
        <input key={`${name}=${text}`} type="hidden" name={`${prefix}${name}`} value={text} />
      ))}
    </>
  );
}

interface ConfirmProps {
  readonly wanted: Wanted;
  readonly ways: Ways;
  readonly party: RelyingParty | null;
  readonly problems?: readonly Problem[];
}

function Confirm({ wanted, ways, party, problems }: ConfirmProps): JSX.Element {
  const held = (
    <>
      <input type="hidden" name="to" value={wanted.to} />
      <input type="hidden" name="method" value={wanted.method} />
      <HiddenFields fields={wanted.fields} prefix={HELD} />
    </>
  );
  const trouble = problems?.find((problem) => problem.field === 'response');
  return (
    <>
      <h1>Confirm access</h1>
      <p>
        You are entering sudo mode: what you are about to do is sensitive. After two hours without such a
        thing you are asked again.
      </p>
      {trouble !== undefined && (
        <p class="field-error" role="alert">
          {trouble.message}
        </p>
      )}
      {(ways.password || ways.app) && (
        <Form action={CONFIRM} class="Box sign-in-box">
          {held}
          {ways.password ? (
            <Field
              name="password"
              label="Password"
              type="password"
              autocomplete="current-password"
              autofocus
              problems={problems}
              required
            />
          ) : (
            <Field
              name="app_code"
              label="Authentication code"
              autocomplete="one-time-code"
              inputMode="numeric"
              autofocus
              help="The six digits that your authenticator app shows."
              problems={problems}
              required
            />
          )}
          <button type="submit" class="btn btn-primary">
            Confirm
          </button>
        </Form>
      )}
      {ways.passkey && party !== null && (
        <PasskeyForm
          action={CONFIRM}
          challenge={`${CONFIRM}/challenge`}
          what="get"
          party={party.id}
          label="Use a passkey or security key"
        >
          {held}
        </PasskeyForm>
      )}
      {ways.passkey && !ways.app && (
        <NoPasskeys>
          Your passkey or security key is asked for by a script, at{' '}
          {party?.origin ?? 'an address with a name'}. If it is lost: sign out, and sign in again with a
          recovery code.
        </NoPasskeys>
      )}
    </>
  );
}
