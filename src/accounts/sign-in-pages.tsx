// Signing in by name and password, and out: `/login` and `/logout`. What comes after the password is in
// two-factor-pages.tsx.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JSX } from 'preact';
import type { Actor } from '../access/actor.ts';
import type { GuardedRoutes } from '../access/guard.ts';
import { instance } from '../access/targets.ts';
import type { Context } from '../context.ts';
import type { Problem } from '../problems.ts';
import { Secret } from '../secrets/secret.ts';
import { flash } from '../web/flash.ts';
import { Field, Form } from '../web/form.tsx';
import { textOf } from '../web/forms.ts';
import { clearHalf, keepHalf } from '../web/half-cookie.ts';
import { type PageCall, renderPage } from '../web/page.tsx';
import { Notice } from '../web/parts.tsx';
import { safeReturnTo } from '../web/return-to.ts';
import { clearSession, setSession, visitOf } from '../web/visit.ts';
import { HALF_SIGN_IN_MS } from './admission.ts';
import { PasskeyForm } from './passkey-form.tsx';
import { type RelyingParty, relyingParty } from './passkeys.ts';
import { type Origin, revokeSession } from './sessions.ts';
import { type SignIn, signIn, tooManyTries } from './sign-in.ts';

const MAX_HINT_LENGTH = 254;

export function signInPages(routes: GuardedRoutes, ctx: Context): void {
  const party = relyingParty(ctx.config);

  routes.route({
    method: 'GET',
    url: '/login',
    action: 'session.create',
    target: () => instance,
    handler(call) {
      const { return_to: text, login } = call.request.query as Readonly<Record<string, unknown>>;
      const returnTo = safeReturnTo(text);
      // Applications know whom they expect (ghes-spec 8.1 `login`).
      const hint = typeof login === 'string' ? { login: login.slice(0, MAX_HINT_LENGTH) } : {};
      // Who is signed in already and only meant to get somewhere, gets there; others may sign in as somebody else.
      if (call.actor.kind === 'user' && returnTo !== '/') return call.reply.redirect(returnTo, 302);
      return renderPage(
        call,
        { title: 'Sign in', width: 'narrow', passkeys: true },
        <SignInForm {...call} returnTo={returnTo} party={party} {...hint} />,
      );
    },
  });

  routes.route({
    method: 'POST',
    url: '/login',
    action: 'session.create',
    target: () => instance,
    async handler(call) {
      const { fields } = visitOf(call.request);
      const login = textOf(fields, 'login');
      const password = new Secret(textOf(fields, 'password'));
      const returnTo = safeReturnTo(textOf(fields, 'return_to'));
      const from = { origin: originOf(call.request), replaces: sessionOf(call.actor) };
      const outcome = await signIn(call.ctx, { login, password }, from.origin, from.replaces);
      if (isDecided(outcome)) return answerDecided(call, outcome, returnTo);
      const more = { login, problems: [problemOf(outcome, 'password', 'Incorrect username or password.')] };
      return renderPage(
        call,
        { title: 'Sign in', status: statusOf(call, outcome), width: 'narrow', passkeys: true },
        <SignInForm {...call} returnTo={returnTo} party={party} {...more} />,
      );
    },
  });

  routes.route({
    method: 'GET',
    url: '/logout',
    action: 'session.end',
    target: () => instance,
    handler: (call) =>
      renderPage(call, { title: 'Sign out', width: 'narrow' }, <SignOutForm actor={call.actor} />),
  });

  routes.route({
    method: 'POST',
    url: '/logout',
    action: 'session.end',
    target: () => instance,
    async handler({ actor, reply, ctx: acting }) {
      const session = sessionOf(actor);
      if (session !== null) await revokeSession(acting, session.accountId, session.sessionId);
      clearSession(reply);
      flash(reply, 'success', 'You have signed out.');
      return reply.redirect('/login', 303);
    },
  });
}

/** From where a request comes, to be shown in the list of sessions. */
export function originOf(request: FastifyRequest): Origin {
  return { address: request.ip, userAgent: request.headers['user-agent'] ?? '' };
}

/** The session by which somebody is signed in; null: nobody is. */
export function sessionOf(actor: Actor): { readonly accountId: number; readonly sessionId: number } | null {
  if (actor.kind !== 'user' || actor.grant.kind !== 'session') return null;
  return { accountId: actor.account.id, sessionId: actor.grant.sessionId };
}

type Failed = Extract<SignIn, { because: 'wrong' | 'throttled' }>;
type Decided = Exclude<SignIn, Failed>;

/** Is there nothing to be typed again? */
export function isDecided(outcome: SignIn): outcome is Decided {
  return outcome.ok || outcome.because === 'suspended' || outcome.because === 'second-factor';
}

interface SignInCall extends PageCall {
  refuse(refusal: { readonly because: 'suspended' }): unknown;
}

/** Goes on with who is in, or is to show a second factor. */
export function answerDecided(call: SignInCall, outcome: Decided, returnTo: string): unknown {
  if (outcome.ok) {
    setSession(call.reply, outcome.secret);
    clearHalf(call.reply);
    return call.reply.redirect(returnTo, 303);
  }
  if (outcome.because === 'suspended') return call.refuse({ because: 'suspended' });
  keepHalf(call.reply, outcome.half, HALF_SIGN_IN_MS);
  return call.reply.redirect(twoFactorPath(returnTo), 303);
}

/** Where the second factor is asked for. */
export const TWO_FACTOR = '/login/two-factor';

export function twoFactorPath(returnTo: string): string {
  const path = safeReturnTo(returnTo);
  return path === '/' ? TWO_FACTOR : `${TWO_FACTOR}?return_to=${encodeURIComponent(path)}`;
}

/** What to say beside the field. */
export function problemOf(failed: Failed, field: string, words: string): Problem {
  const message = failed.because === 'throttled' ? tooManyTries(failed.retryAfterMs) : words;
  return { field, code: 'custom', message };
}

export function statusOf({ reply }: PageCall, failed: Failed): number {
  if (failed.because === 'wrong') return 422;
  waitBefore(reply, failed.retryAfterMs);
  return 429;
}

/** Tells programs when to try again. */
export function waitBefore(reply: FastifyReply, retryAfterMs: number): void {
  reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
}

interface SignInFormProps {
  readonly actor: Actor;
  readonly party: RelyingParty | null;
  readonly returnTo: string;
  readonly login?: string;
  readonly problems?: readonly Problem[];
}

function SignInForm({ actor, party, returnTo, login = '', problems }: SignInFormProps): JSX.Element {
  const again = problems !== undefined;
  return (
    <>
      <h1>Sign in to Latchkey</h1>
      {actor.kind === 'user' && (
        <Notice>
          You are signed in as <strong>{actor.account.login}</strong>. <a href="/">Go on</a>, or sign in as
          somebody else.
        </Notice>
      )}
      <Form action="/login" class="Box sign-in-box">
        <input type="hidden" name="return_to" value={returnTo} />
        <Field
          name="login"
          label="Username or email address"
          value={login}
          autocomplete="username"
          autofocus={!again}
          spellcheck={false}
          required
        />
        <Field
          name="password"
          label="Password"
          type="password"
          autocomplete="current-password"
          autofocus={again}
          {...(again ? { problems } : {})}
          required
        />
        <button type="submit" class="btn btn-primary">
          Sign in
        </button>
      </Form>
      {party !== null && (
        <PasskeyForm
          action="/login/passkey"
          challenge="/login/passkey/challenge"
          what="get"
          party={party.id}
          label="Sign in with a passkey"
        >
          <input type="hidden" name="return_to" value={returnTo} />
        </PasskeyForm>
      )}
      <p class="muted">
        No account, or the password is lost? The administrators of this server can send you a link to choose
        one.
      </p>
    </>
  );
}

function SignOutForm({ actor }: { readonly actor: Actor }): JSX.Element {
  if (actor.kind !== 'user') {
    return (
      <>
        <h1>You are not signed in</h1>
        <p>
          <a href="/login">Sign in</a>
        </p>
      </>
    );
  }
  return (
    <>
      <h1>Sign out?</h1>
      <p>
        You are signed in as <strong>{actor.account.login}</strong>. Your tokens go on working.
      </p>
      <Form action="/logout">
        <button type="submit" class="btn btn-primary">
          Sign out
        </button>
      </Form>
    </>
  );
}
