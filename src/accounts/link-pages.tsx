// What one-time links open: `/setup`, which makes the first account, and `/password`, where an invited or
// forgetful person chooses a password. Opening a link moves its code into a cookie and leads to the clean address,
// so that the code stays in no history, bookmark or referrer.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JSX } from 'preact';
import type { ActionOn } from '../access/actions.ts';
import type { Call, GuardedRoutes } from '../access/guard.ts';
import { type InstanceTarget, instance } from '../access/targets.ts';
import type { Context } from '../context.ts';
import type { Problem } from '../problems.ts';
import { Secret } from '../secrets/secret.ts';
import { readCookie, writeCookie } from '../web/cookies.ts';
import { flash } from '../web/flash.ts';
import { Field, Form } from '../web/form.tsx';
import { textOf } from '../web/forms.ts';
import { type PageCall, renderPage } from '../web/page.tsx';
import { visitOf } from '../web/visit.ts';
import { type Account, hasAccounts } from './accounts.ts';
import { admit } from './admission.ts';
import {
  accountOfPasswordCode,
  choosePassword,
  completeSetup,
  isLinkCode,
  isSetupCode,
  PASSWORD_LINK_MS,
} from './links.ts';
import { MIN_PASSWORD_LENGTH } from './passwords.ts';
import { tooManyTries } from './sign-in.ts';
import { answerDecided, originOf, sessionOf, waitBefore } from './sign-in-pages.tsx';
import { beginTry } from './throttle.ts';

type LinkCall = Call<InstanceTarget, object>;

/** A kind of link: its page, and what becomes of the code. */
interface Kind<T> {
  readonly path: '/setup' | '/password';
  readonly action: ActionOn<'instance'>;
  readonly cookie: string;
  /** What the code opens; null: nothing (any more). */
  open(code: Secret): Promise<T | null>;
  /** The page for who has no live code. */
  dead(call: LinkCall): Promise<unknown>;
  form(call: LinkCall, opened: T): unknown;
  submit(call: LinkCall, code: Secret, opened: T): Promise<unknown>;
}

export function linkPages(routes: GuardedRoutes, ctx: Context): void {
  linkRoutes(routes, ctx, setup(ctx));
  linkRoutes(routes, ctx, password(ctx));
}

function linkRoutes<T>(routes: GuardedRoutes, ctx: Context, kind: Kind<T>): void {
  const { path, action } = kind;

  /** Runs `then` if the browser holds a live code; guessing at codes is throttled. */
  const withCode = async (call: LinkCall, then: (code: Secret, opened: T) => unknown): Promise<unknown> => {
    const text = readCookie(call.request, kind.cookie, visitOf(call.request).secure);
    if (text === undefined || !isLinkCode(text)) return kind.dead(call);
    const attempt = await beginTry(ctx, { at: 'link', address: call.request.ip });
    if (!attempt.allowed) {
      waitBefore(call.reply, attempt.retryAfterMs);
      return renderPage(call, { title: 'Wait', status: 429, width: 'narrow' }, <TooMany {...attempt} />);
    }
    const code = new Secret(text);
    const opened = await kind.open(code);
    if (opened === null) {
      clearCode(call.reply, kind.cookie);
      return kind.dead(call);
    }
    await attempt.succeeded();
    return then(code, opened);
  };

  routes.route({
    method: 'GET',
    url: path,
    action,
    target: () => instance,
    handler(call) {
      const { code } = call.request.query as { readonly code?: unknown };
      if (code === undefined) return withCode(call, (_code, opened) => kind.form(call, opened));
      if (typeof code === 'string' && isLinkCode(code)) keepCode(call.request, call.reply, kind.cookie, code);
      else clearCode(call.reply, kind.cookie);
      return call.reply
        .header('cache-control', 'no-store')
        .header('referrer-policy', 'no-referrer')
        .redirect(path, 303);
    },
  });

  routes.route({
    method: 'POST',
    url: path,
    action,
    target: () => instance,
    handler: (call) => withCode(call, (code, opened) => kind.submit(call, code, opened)),
  });
}

function keepCode(request: FastifyRequest, reply: FastifyReply, cookie: string, code: string): void {
  writeCookie(reply, cookie, code, visitOf(request).secure, PASSWORD_LINK_MS / 1000);
}

function clearCode(reply: FastifyReply, cookie: string): void {
  writeCookie(reply, cookie, '', visitOf(reply.request).secure, 0);
}

/**
 * Signs in who has just chosen a password, and ends the session that the browser had. A link stands for a password
 * and for no more: a second factor is asked for all the same.
 */
async function welcome(call: LinkCall, account: Account, words: string): Promise<unknown> {
  const from = { origin: originOf(call.request), replaces: sessionOf(call.actor) };
  const outcome = await admit(call.ctx, { accountId: account.id, ...from, proof: null });
  // Deleted in this very moment.
  if (!outcome.ok && outcome.because === 'wrong') return call.refuse({ because: 'unauthenticated' });
  const answer = answerDecided(call, outcome, '/');
  if (outcome.ok || outcome.because === 'second-factor') flash(call.reply, 'success', words);
  return answer;
}

const isDead = (problems: readonly Problem[]): boolean =>
  problems.some((problem) => problem.field === 'code');

function setup(ctx: Context): Kind<true> {
  const cookie = 'setup';
  const render = (call: PageCall, form: JSX.Element, status = 200) =>
    renderPage(call, { title: 'Set up Latchkey', status, width: 'narrow' }, form);
  const dead = async (call: LinkCall) => {
    const ready = await hasAccounts(ctx);
    return render(call, ready ? <SetUpAlready /> : <NoSetupLink />, ready ? 410 : 404);
  };
  return {
    path: '/setup',
    action: 'setup.complete',
    cookie,
    open: async (code) => ((await isSetupCode(ctx, code)) ? true : null),
    dead,
    form: (call) => render(call, <SetupForm login="" email="" />),
    async submit(call, code) {
      const { fields } = visitOf(call.request);
      const login = textOf(fields, 'login').trim();
      const email = textOf(fields, 'email').trim();
      const chosen = { login, email, password: new Secret(textOf(fields, 'password')) };
      const outcome = await completeSetup(call.ctx, code, chosen);
      if (outcome.ok) {
        clearCode(call.reply, cookie);
        return welcome(
          call,
          outcome.value,
          `Welcome to Latchkey, ${outcome.value.login}. You are its first site admin.`,
        );
      }
      if (isDead(outcome.problems)) return dead(call);
      return render(call, <SetupForm login={login} email={email} problems={outcome.problems} />, 422);
    },
  };
}

function password(ctx: Context): Kind<Account> {
  const cookie = 'password';
  const render = (call: PageCall, form: JSX.Element, status = 200) =>
    renderPage(call, { title: 'Choose a password', status, width: 'narrow' }, form);
  const dead = async (call: LinkCall) => render(call, <NoPasswordLink />, 410);
  return {
    path: '/password',
    action: 'password.choose',
    cookie,
    open: (code) => accountOfPasswordCode(ctx, code),
    dead,
    form: (call, account) => render(call, <PasswordForm account={account} />),
    async submit(call, code, account) {
      const chosen = new Secret(textOf(visitOf(call.request).fields, 'password'));
      const outcome = await choosePassword(call.ctx, code, chosen);
      if (!outcome.ok) {
        if (isDead(outcome.problems)) return dead(call);
        return render(call, <PasswordForm account={account} problems={outcome.problems} />, 422);
      }
      clearCode(call.reply, cookie);
      return welcome(call, outcome.value, `Your password is set, ${outcome.value.login}.`);
    },
  };
}

interface SetupFormProps {
  readonly login: string;
  readonly email: string;
  readonly problems?: readonly Problem[];
}

const passwordHelp = `At least ${MIN_PASSWORD_LENGTH} characters; a few words of your own are easy to keep in mind.`;

function SetupForm({ login, email, problems }: SetupFormProps): JSX.Element {
  return (
    <>
      <h1>Set up Latchkey</h1>
      <p>Make the first account. It is a site admin, and invites everybody else.</p>
      <Form action="/setup" class="Box sign-in-box">
        <Field
          name="login"
          label="Username"
          value={login}
          autocomplete="username"
          autofocus
          spellcheck={false}
          problems={problems}
          help="Letters, digits and single hyphens."
          required
        />
        <Field
          name="email"
          label="Email address"
          type="email"
          value={email}
          autocomplete="email"
          problems={problems}
          required
        />
        <Field
          name="password"
          label="Password"
          type="password"
          autocomplete="new-password"
          problems={problems}
          help={passwordHelp}
          required
        />
        <button type="submit" class="btn btn-primary">
          Create account
        </button>
      </Form>
    </>
  );
}

function PasswordForm(props: {
  readonly account: Account;
  readonly problems?: readonly Problem[];
}): JSX.Element {
  const { account, problems } = props;
  return (
    <>
      <h1>Choose a password</h1>
      <p>
        For the account <strong>{account.login}</strong>. Whoever was signed in to it before will be signed
        out.
      </p>
      <Form action="/password" class="Box sign-in-box">
        <input type="text" name="username" value={account.login} autocomplete="username" hidden readonly />
        <Field
          name="password"
          label="Password"
          type="password"
          autocomplete="new-password"
          autofocus
          problems={problems}
          help={passwordHelp}
          required
        />
        <button type="submit" class="btn btn-primary">
          Set password
        </button>
      </Form>
    </>
  );
}

function SetUpAlready(): JSX.Element {
  return (
    <>
      <h1>Latchkey is set up already</h1>
      <p>The link has done its work: the first account exists.</p>
      <p>
        <a href="/login">Sign in</a>
      </p>
    </>
  );
}

function NoSetupLink(): JSX.Element {
  return (
    <>
      <h1>This server is not set up yet</h1>
      <p>
        Open the link that it printed when it started. A link from an earlier start is not valid any more.
      </p>
      <p>Is the link lost? Start the server again: it prints a new one.</p>
    </>
  );
}

function NoPasswordLink(): JSX.Element {
  return (
    <>
      <h1>This link is not valid any more</h1>
      <p>
        Such a link works once, for an hour, and until a newer one is made. Ask an administrator for a new
        one.
      </p>
      <p>
        <a href="/login">Sign in</a>
      </p>
    </>
  );
}

function TooMany({ retryAfterMs }: { readonly retryAfterMs: number }): JSX.Element {
  return (
    <>
      <h1>Too many links that are not valid</h1>
      <p>{tooManyTries(retryAfterMs)}</p>
    </>
  );
}
