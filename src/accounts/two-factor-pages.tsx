// What comes after the password, for people with a second factor; signing in by a recovery code; and signing in by a
// passkey without any password.
import type { FastifyReply } from 'fastify';
import type { JSX } from 'preact';
import type { Call, GuardedRoutes } from '../access/guard.ts';
import { type InstanceTarget, instance } from '../access/targets.ts';
import type { Context } from '../context.ts';
import type { Problem } from '../problems.ts';
import type { Secret } from '../secrets/secret.ts';
import { flash } from '../web/flash.ts';
import { Field, Form } from '../web/form.tsx';
import { textOf } from '../web/forms.ts';
import { clearHalf, readHalf } from '../web/half-cookie.ts';
import { renderPage } from '../web/page.tsx';
import { safeReturnTo } from '../web/return-to.ts';
import { browserSecret, submitted } from '../web/visit.ts';
import type { Account } from './accounts.ts';
import { completeSignIn, halfSignedIn, signInByPasskey } from './half-sign-in.ts';
import { NoPasskeys, PasskeyForm } from './passkey-form.tsx';
import { askForPasskey, type RelyingParty, relyingParty } from './passkeys.ts';
import type { Proof } from './proofs.ts';
import {
  answerDecided,
  isDecided,
  originOf,
  problemOf,
  sessionOf,
  statusOf,
  TWO_FACTOR,
  twoFactorPath,
} from './sign-in-pages.tsx';
import { type Ways, waysOf } from './sudo.ts';

type PageCall = Call<InstanceTarget, object>;

const RECOVERY = '/login/recovery';

export function twoFactorPages(routes: GuardedRoutes, ctx: Context): void {
  const party = relyingParty(ctx.config);
  const page = (method: 'GET' | 'POST', url: string, handler: (call: PageCall) => unknown): void =>
    routes.route({ method, url, action: 'session.create', target: () => instance, handler });

  /** For who has proved a password just now; others begin at the beginning. */
  const withHalf =
    (handler: (call: PageCall, account: Account, half: Secret) => unknown) =>
    async (call: PageCall): Promise<unknown> => {
      const half = readHalf(call.request);
      const account = half === null ? null : await halfSignedIn(ctx, half);
      return half === null || account === null ? startAgain(call) : handler(call, account, half);
    };

  const sendForm = async (
    call: PageCall,
    account: Account,
    more: Omit<TwoFactorProps, 'ways' | 'party' | 'login'>,
    status = 200,
  ): Promise<FastifyReply> => {
    const ways = await waysOf(ctx, account.id);
    return renderPage(
      call,
      { title: 'Two-factor authentication', status, width: 'narrow', passkeys: true },
      <TwoFactor ways={ways} party={party} login={account.login} {...more} />,
    );
  };
  const sendRecovery = (call: PageCall, more: RecoveryProps, status = 200): FastifyReply =>
    renderPage(call, { title: 'Recovery code', status, width: 'narrow' }, <Recovery {...more} />);

  page(
    'GET',
    TWO_FACTOR,
    withHalf((call, account) => sendForm(call, account, { returnTo: askedReturn(call) })),
  );

  page(
    'POST',
    TWO_FACTOR,
    withHalf(async (call, account, half) => {
      const fields = submitted(call.request);
      const returnTo = safeReturnTo(textOf(fields, 'return_to'));
      const response = textOf(fields, 'response');
      const proof: Proof =
        response === ''
          ? { kind: 'app', code: textOf(fields, 'app_code') }
          : { kind: 'passkey', response, boundTo: half.hash() };
      const outcome = await completeSignIn(call.ctx, half, proof, fromOf(call));
      if (!outcome.ok && outcome.because === 'expired') return startAgain(call);
      if (isDecided(outcome)) return answerDecided(call, outcome, returnTo);
      const [field, words] =
        proof.kind === 'app'
          ? ['app_code', 'This code is not right, or was used before.']
          : ['response', 'This passkey or security key could not be checked. Try again.'];
      const problems = [problemOf(outcome, field, words)];
      return sendForm(call, account, { returnTo, problems }, statusOf(call, outcome));
    }),
  );

  page(
    'POST',
    `${TWO_FACTOR}/challenge`,
    withHalf(async (call, account, half) => {
      if (party === null) return call.refuse({ because: 'invisible' });
      const asked = { purpose: 'second factor', boundTo: half.hash(), accountId: account.id } as const;
      return sendJson(call, await askForPasskey(ctx, party, asked));
    }),
  );

  page(
    'GET',
    RECOVERY,
    withHalf((call) => sendRecovery(call, { returnTo: askedReturn(call) })),
  );

  page(
    'POST',
    RECOVERY,
    withHalf(async (call, _account, half) => {
      const fields = submitted(call.request);
      const returnTo = safeReturnTo(textOf(fields, 'return_to'));
      const proof = { kind: 'recovery-code', code: textOf(fields, 'recovery_code') } as const;
      const outcome = await completeSignIn(call.ctx, half, proof, fromOf(call));
      if (!outcome.ok && outcome.because === 'expired') return startAgain(call);
      if (isDecided(outcome)) return answerDecided(call, outcome, returnTo);
      const problems = [problemOf(outcome, 'recovery_code', 'This is no recovery code that is left.')];
      return sendRecovery(call, { returnTo, problems }, statusOf(call, outcome));
    }),
  );

  page('POST', '/login/passkey/challenge', async (call) => {
    if (party === null) return call.refuse({ because: 'invisible' });
    const boundTo = browserSecret(call.reply).hash();
    return sendJson(call, await askForPasskey(ctx, party, { purpose: 'sign in', boundTo, accountId: null }));
  });

  page('POST', '/login/passkey', async (call) => {
    const fields = submitted(call.request);
    const answer = { response: textOf(fields, 'response'), boundTo: browserSecret(call.reply).hash() };
    const returnTo = safeReturnTo(textOf(fields, 'return_to'));
    const outcome = await signInByPasskey(call.ctx, answer, fromOf(call));
    if (isDecided(outcome)) return answerDecided(call, outcome, returnTo);
    const { message } = problemOf(outcome, 'response', 'This passkey is not known here, or was not checked.');
    return renderPage(
      call,
      { title: 'Sign in', status: statusOf(call, outcome), width: 'narrow' },
      <NotByPasskey message={message} returnTo={returnTo} />,
    );
  });
}

function fromOf(call: PageCall) {
  return { origin: originOf(call.request), replaces: sessionOf(call.actor) };
}

function askedReturn(call: PageCall): string {
  return safeReturnTo((call.request.query as { readonly return_to?: unknown }).return_to);
}

function startAgain(call: PageCall): FastifyReply {
  const hadHalf = readHalf(call.request) !== null;
  clearHalf(call.reply);
  if (hadHalf) flash(call.reply, 'warn', 'That took too long. Sign in again.');
  return call.reply.redirect('/login', 303);
}

function sendJson(call: PageCall, value: object): FastifyReply {
  return call.reply.header('cache-control', 'no-store').send(value);
}

interface TwoFactorProps {
  readonly login: string;
  readonly ways: Ways;
  readonly party: RelyingParty | null;
  readonly returnTo: string;
  readonly problems?: readonly Problem[];
}

function TwoFactor({ login, ways, party, returnTo, problems }: TwoFactorProps): JSX.Element {
  const trouble = problems?.find((problem) => problem.field === 'response');
  return (
    <>
      <h1>Two-factor authentication</h1>
      <p>
        The password of <strong>{login}</strong> is right. Now show that it is you.
      </p>
      {trouble !== undefined && (
        <p class="field-error" role="alert">
          {trouble.message}
        </p>
      )}
      {ways.app && (
        <Form action={TWO_FACTOR} class="Box sign-in-box">
          <input type="hidden" name="return_to" value={returnTo} />
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
          <button type="submit" class="btn btn-primary">
            Verify
          </button>
        </Form>
      )}
      {ways.passkey && party !== null && (
        <PasskeyForm
          action={TWO_FACTOR}
          challenge={`${TWO_FACTOR}/challenge`}
          what="get"
          party={party.id}
          label="Use a passkey or security key"
        >
          <input type="hidden" name="return_to" value={returnTo} />
        </PasskeyForm>
      )}
      {ways.passkey && !ways.app && (
        <NoPasskeys>
          Your passkey or security key is asked for by a script, at{' '}
          {party?.origin ?? 'an address with a name'}.
        </NoPasskeys>
      )}
      <p class="muted">
        Nothing of this at hand? <a href={recoveryPath(returnTo)}>Use a recovery code</a>, or{' '}
        <a href="/login">sign in as somebody else</a>. When the recovery codes are lost too, the
        administrators of this server can help.
      </p>
    </>
  );
}

function recoveryPath(returnTo: string): string {
  return twoFactorPath(returnTo).replace(TWO_FACTOR, RECOVERY);
}

interface RecoveryProps {
  readonly returnTo: string;
  readonly problems?: readonly Problem[];
}

function Recovery({ returnTo, problems }: RecoveryProps): JSX.Element {
  return (
    <>
      <h1>Recovery code</h1>
      <p>One of the codes that you kept when you set up the second factor. Each works once.</p>
      <Form action={RECOVERY} class="Box sign-in-box" autocomplete="off">
        <input type="hidden" name="return_to" value={returnTo} />
        <Field
          name="recovery_code"
          label="Recovery code"
          placeholder="xxxx-xxxx-xxxx-xxxx"
          autocomplete="off"
          autofocus
          spellcheck={false}
          problems={problems}
          required
        />
        <button type="submit" class="btn btn-primary">
          Verify
        </button>
      </Form>
      <p class="muted">
        <a href={twoFactorPath(returnTo)}>Back</a>
      </p>
    </>
  );
}

function NotByPasskey(props: { readonly message: string; readonly returnTo: string }): JSX.Element {
  const { message, returnTo } = props;
  return (
    <>
      <h1>You are not signed in</h1>
      <p role="alert">{message}</p>
      <p>
        <a href={returnTo === '/' ? '/login' : `/login?return_to=${encodeURIComponent(returnTo)}`}>
          Sign in another way
        </a>
      </p>
    </>
  );
}
