// A person's own settings: profile and sessions. Password and second factors are in security-pages.tsx.
import type { JSX } from 'preact';
import type { GuardedRoutes } from '../access/guard.ts';
import { selfTarget } from '../access/targets.ts';
import type { Context } from '../context.ts';
import type { Problem } from '../problems.ts';
import { flash } from '../web/flash.ts';
import { Field, Form } from '../web/form.tsx';
import { textOf } from '../web/forms.ts';
import { renderPage } from '../web/page.tsx';
import { Heading, Label, RelativeTime } from '../web/parts.tsx';
import { sendNotFound } from '../web/refusals.tsx';
import { visitOf } from '../web/visit.ts';
import { findAccount, updateProfile } from './accounts.ts';
import { browserName } from './browsers.ts';
import { listSessions, revokeOtherSessions, revokeSession, type Session } from './sessions.ts';
import { sessionOf } from './sign-in-pages.tsx';

export function settingsPages(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: '/settings',
    action: 'user.read',
    target: selfTarget,
    handler: ({ reply }) => reply.redirect('/settings/profile', 302),
  });
  profilePages(routes, ctx);
  sessionPages(routes, ctx);
}

function profilePages(routes: GuardedRoutes, ctx: Context): void {
  const head = { title: 'Profile', settings: 'profile' } as const;

  routes.route({
    method: 'GET',
    url: '/settings/profile',
    action: 'user.update',
    target: selfTarget,
    async handler(call) {
      const account = await findAccount(ctx, call.target.accountId);
      if (account === null) return call.refuse({ because: 'invisible' });
      const { login, name, email } = account;
      return renderPage(call, head, <ProfileForm login={login} name={name ?? ''} email={email ?? ''} />);
    },
  });

  routes.route({
    method: 'POST',
    url: '/settings/profile',
    action: 'user.update',
    target: selfTarget,
    async handler(call) {
      const { fields } = visitOf(call.request);
      const profile = { name: textOf(fields, 'name'), email: textOf(fields, 'email').trim() };
      // The address is what one signs in with, and where links go: a new one takes proof (ghes-spec 1.4).
      const before = await findAccount(ctx, call.target.accountId);
      if (before !== null && before.email !== profile.email) {
        const mayChange = call.ask(call.actor, 'emails.write', call.target);
        if (!mayChange.allowed) return call.refuse(mayChange);
      }
      const outcome = await updateProfile(call.ctx, call.target.accountId, profile);
      if (outcome.ok) {
        flash(call.reply, 'success', 'Profile updated.');
        return call.reply.redirect('/settings/profile', 303);
      }
      const login = call.actor.kind === 'user' ? call.actor.account.login : '';
      const form = <ProfileForm login={login} {...profile} problems={outcome.problems} />;
      return renderPage(call, { ...head, status: 422 }, form);
    },
  });
}

interface ProfileFormProps {
  readonly login: string;
  readonly name: string;
  readonly email: string;
  readonly problems?: readonly Problem[];
}

function ProfileForm({ login, name, email, problems }: ProfileFormProps): JSX.Element {
  return (
    <>
      <Heading>Profile</Heading>
      <p>
        Your username is <strong>{login}</strong>.
      </p>
      <Form action="/settings/profile">
        <Field
          name="name"
          label="Name"
          value={name}
          autocomplete="name"
          problems={problems}
          help="As others know you. May be left empty."
        />
        <Field
          name="email"
          label="Email address"
          type="email"
          value={email}
          autocomplete="email"
          problems={problems}
          help="You can sign in with it. Nobody else sees it but the administrators."
          required
        />
        <button type="submit" class="btn btn-primary">
          Update profile
        </button>
      </Form>
    </>
  );
}

function sessionPages(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: '/settings/sessions',
    action: 'sessions.manage',
    target: selfTarget,
    async handler(call) {
      const sessions = await listSessions(ctx, call.target.accountId);
      const list = <SessionList sessions={sessions} current={sessionOf(call.actor)?.sessionId ?? 0} />;
      return renderPage(call, { title: 'Sessions', settings: 'sessions' }, list);
    },
  });

  routes.route({
    method: 'POST',
    url: '/settings/sessions/:id/revoke',
    action: 'sessions.manage',
    target: selfTarget,
    async handler(call) {
      const { id } = call.request.params as { readonly id: string };
      const revoked =
        /^\d{1,15}$/.test(id) && (await revokeSession(call.ctx, call.target.accountId, Number(id)));
      if (!revoked) return sendNotFound(call.request, call.reply);
      flash(call.reply, 'success', 'The session has ended.');
      return call.reply.redirect('/settings/sessions', 303);
    },
  });

  routes.route({
    method: 'POST',
    url: '/settings/sessions/revoke-others',
    action: 'sessions.manage',
    target: selfTarget,
    async handler(call) {
      const session = sessionOf(call.actor);
      if (session === null) return call.refuse({ because: 'session-required' });
      await revokeOtherSessions(call.ctx, session.accountId, session.sessionId);
      flash(call.reply, 'success', 'All your other sessions have ended.');
      return call.reply.redirect('/settings/sessions', 303);
    },
  });
}

/** What was proved at sign-in. */
const provedBy = {
  password: 'By password',
  app: 'By password and authenticator app',
  'security-key': 'By password and security key',
  passkey: 'By passkey',
  'recovery-code': 'By password and recovery code',
} as const;

interface SessionListProps {
  readonly sessions: readonly Session[];
  /** The id of the one by which this page is seen. */
  readonly current: number;
}

function SessionList({ sessions, current }: SessionListProps): JSX.Element {
  return (
    <>
      <Heading
        actions={
          sessions.length > 1 && (
            <Form action="/settings/sessions/revoke-others" label="All other sessions">
              <button type="submit" class="btn btn-danger">
                Revoke all others
              </button>
            </Form>
          )
        }
      >
        Sessions
      </Heading>
      <p>Where you are signed in on the web. A session that is not used for two weeks ends by itself.</p>
      <ul class="Box entries">
        {sessions.map((session) => (
          <li key={session.id} class="Box-row entry">
            <div class="entry-main">
              <p id={`session-${session.id}`} title={session.userAgent}>
                <strong>{browserName(session.userAgent)}</strong>{' '}
                {session.id === current && <Label look="success">This session</Label>}
              </p>
              <p class="muted">
                Signed in from {session.address} <RelativeTime at={session.createdAt} />
                {', last used '}
                <RelativeTime at={session.lastUsedAt} />
              </p>
              <p class="muted">
                {provedBy[session.secondFactor ?? 'password']}, access last confirmed{' '}
                <RelativeTime at={session.sudoAt} />
              </p>
            </div>
            {session.id !== current && (
              <Form action={`/settings/sessions/${session.id}/revoke`}>
                <button type="submit" class="btn btn-danger" aria-describedby={`session-${session.id}`}>
                  Revoke
                </button>
              </Form>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
