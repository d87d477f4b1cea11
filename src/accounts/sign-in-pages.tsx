// Signing in and out: `/login` and `/logout`.
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
import { type PageCall, renderPage } from '../web/page.tsx';
import { Notice } from '../web/parts.tsx';
import { safeReturnTo } from '../web/return-to.ts';
import { clearSession, setSession, visitOf } from '../web/visit.ts';
import { type Origin, revokeSession } from './sessions.ts';
import { type SignIn, signIn, tooManyTries } from './sign-in.ts';

export function signInPages(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: '/login',
    action: 'session.create',
    target: () => instance,
    handler(call) {
      const { return_to: text } = call.request.query as { readonly return_to?: unknown };
      const returnTo = safeReturnTo(text);
      // Who is signed in already and only meant to get somewhere, gets there; others may sign in as somebody else.
      if (call.actor.kind === 'user' && returnTo !== '/') return call.reply.redirect(returnTo, 302);
      return renderPage(
        call,
        { title: 'Sign in', width: 'narrow' },
        <SignInForm {...call} returnTo={returnTo} />,
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
      const outcome = await signIn(ctx, { login, password }, originOf(call.request), sessionOf(call.actor));
      if (outcome.ok) {
        setSession(call.reply, outcome.secret);
        return call.reply.redirect(returnTo, 303);
      }
      if (outcome.because === 'suspended') return call.refuse({ because: 'suspended' });
      const form = <SignInForm {...call} returnTo={returnTo} login={login} problems={problemsOf(outcome)} />;
      return renderPage(call, { title: 'Sign in', status: statusOf(call, outcome), width: 'narrow' }, form);
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
    async handler({ actor, reply }) {
      const session = sessionOf(actor);
      if (session !== null) await revokeSession(ctx, session.accountId, session.sessionId);
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

function problemsOf(failed: Failed): readonly Problem[] {
  const message =
    failed.because === 'throttled' ? tooManyTries(failed.retryAfterMs) : 'Incorrect username or password.';
  return [{ field: 'password', code: 'custom', message }];
}

function statusOf({ reply }: PageCall, failed: Failed): number {
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
  readonly returnTo: string;
  readonly login?: string;
  readonly problems?: readonly Problem[];
}

function SignInForm({ actor, returnTo, login = '', problems }: SignInFormProps): JSX.Element {
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
