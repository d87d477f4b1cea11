// The one translator of refusals into pages, and the pages for everything else that can go wrong.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { JSX } from 'preact';
import { type ActionName, actions, type Role } from '../access/actions.ts';
import type { Refusal } from '../access/denied.ts';
import { Form } from './form.tsx';
import { type FormFields, fieldPairs, holdsSecret } from './forms.ts';
import { Icon } from './icon.tsx';
import { renderPage } from './page.tsx';
import { signInPath } from './return-to.ts';
import { clearSession, visitOf } from './visit.ts';

/** Says no on a page. Who isn't signed in is led to the sign-in page and back. */
export function sendRefusal(
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: Refusal,
  action: ActionName,
): FastifyReply {
  switch (refusal.because) {
    case 'unauthenticated':
    case 'session-required':
    case 'bad-credential':
    case 'too-many-attempts':
    case 'not-a-token':
    case 'credential-in-url':
    // Of tokens, and none comes this way.
    case 'token-lives-too-long':
      return sendSignIn(request, reply);
    case 'suspended':
      clearSession(reply);
      return renderPage(
        { request, reply },
        { title: 'Account suspended', status: 403, width: 'narrow' },
        <Trouble icon="circle-slash" title="Your account is suspended">
          <p>You can't sign in while it is. Please ask the administrators of this server.</p>
        </Trouble>,
      );
    case 'invisible':
      return sendNotFound(request, reply);
    // The way in asks for the proof before it comes to this.
    case 'sudo-required':
    case 'organization-forbids-tokens':
      return sendNotFound(request, reply);
    case 'role-missing':
    case 'scope-missing':
      return sendNotAllowed(request, reply, action);
  }
}

/** For whom it is instead, by the role that it takes. */
const takes: Readonly<Record<Role, { readonly title: string; readonly text: string }>> = {
  'site-admin': {
    title: 'Only site admins can do this',
    text: 'It concerns the whole server. If you need it, ask somebody who administers this server.',
  },
  owner: {
    title: 'Only owners of the organization can do this',
    text: 'Its people are listed on its page: ask one of the owners.',
  },
  member: {
    title: 'Only members of the organization can do this',
    text: 'One of its owners can invite you.',
  },
  maker: {
    title: "You can't create repositories there",
    text: 'The owners of the organization decide who may create repositories in it.',
  },
  admin: {
    title: 'Only admins of the repository can do this',
    text: 'You can see it, but not change its settings. Ask its owner for the admin role.',
  },
  write: {
    title: "You can't change this repository",
    text: 'You can read it. Ask one of its admins for the write role.',
  },
  read: { title: "You can't read this repository", text: 'Ask one of its admins for access.' },
  self: { title: 'This is not yours', text: 'Only the account to which it belongs can do this.' },
  itself: { title: 'This is for applications', text: 'No person does it, and no page leads here.' },
  anyone: { title: "You can't do this", text: 'It is not open to you.' },
};

function sendNotAllowed(request: FastifyRequest, reply: FastifyReply, action: ActionName): FastifyReply {
  const { actor } = visitOf(request);
  const { title, text } = takes[actions[action].role];
  return renderPage(
    { request, reply },
    { title: 'Not allowed', status: 403, width: 'narrow' },
    <Trouble icon="shield-x" title={title}>
      <p>{text}</p>
      {actor.kind === 'user' && (
        <p class="muted">
          You are signed in as <strong>{actor.account.login}</strong>. <a href="/">Go to your front page</a>.
        </p>
      )}
    </Trouble>,
  );
}

function sendSignIn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (request.method === 'GET' || request.method === 'HEAD') {
    return reply.header('cache-control', 'no-store').redirect(signInPath(request.url), 302);
  }
  return renderPage(
    { request, reply },
    { title: 'Signed out', status: 401, width: 'narrow' },
    <Trouble icon="sign-in" title="You're not signed in any more">
      <p>Nothing was changed, and what you typed isn't lost:</p>
      <ol>
        <li>
          <a href="/login" target="_blank" rel="noopener">
            sign in in another tab
          </a>
          ,
        </li>
        <li>come back here and reload this page,</li>
        <li>let the browser send the form again.</li>
      </ol>
    </Trouble>,
  );
}

export function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { actor, ctx } = visitOf(request);
  const stranger = actor.kind === 'anonymous';
  // In private mode, what exists and what doesn't must look alike from outside.
  if (stranger && ctx.config.privateMode) return sendSignIn(request, reply);
  return renderPage(
    { request, reply },
    { title: 'Page not found', status: 404, width: 'narrow' },
    <Trouble icon="telescope" title="This page doesn't exist">
      <p>
        {stranger
          ? 'Or it is one that only some people may see. If you should be one of them, sign in.'
          : 'Or it is one that your account may not see.'}
      </p>
    </Trouble>,
  );
}

/**
 * For a form that doesn't show itself to be ours.
 * @param here the browser says it came from one of our own pages: its token was merely stale, so that sending it
 *   again with a fresh one is offered and nothing typed is lost
 */
export function sendUnauthentic(request: FastifyRequest, reply: FastifyReply, here: boolean): FastifyReply {
  const { fields } = visitOf(request);
  const repeatable = here && fields !== null && !holdsSecret(fields);
  return renderPage(
    { request, reply },
    { title: 'Not sent', status: 422, width: 'narrow' },
    <Trouble icon="shield-x" title={here ? 'This form is out of date' : 'This form came from somewhere else'}>
      {here ? (
        <p>
          You've signed in or out since it was opened, or your browser refuses cookies. Nothing was changed.
        </p>
      ) : (
        <p>Only forms on pages of this server are accepted. Nothing was changed.</p>
      )}
      {repeatable ? (
        <Resend action={request.url} fields={fields} />
      ) : (
        <p>
          <a href="/">Start again</a>
        </p>
      )}
    </Trouble>,
  );
}

function Resend({ action, fields }: { readonly action: string; readonly fields: FormFields }): JSX.Element {
  return (
    <Form action={action}>
      {fieldPairs(fields).map(([name, text]) => (
        <input key={`${name}=${text}`} type="hidden" name={name} value={text} />
      ))}
      <button type="submit" class="btn btn-primary">
        Send it again
      </button>
    </Form>
  );
}

/** Faults of the request are told; faults of ours are logged and named by their request id only. */
export function sendError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const status = error.statusCode ?? 500;
  const call = { request, reply };
  if (status >= 400 && status < 500) {
    return renderPage(
      call,
      { title: 'Not understood', status, width: 'narrow' },
      <Trouble icon="alert" title={status === 413 ? 'This is too large' : "This request can't be understood"}>
        <p>{error.message}</p>
      </Trouble>,
    );
  }
  request.log.error({ err: error }, 'a page failed');
  return renderPage(
    call,
    { title: 'Something went wrong', status: status === 503 ? 503 : 500, width: 'narrow' },
    <Trouble icon="alert" title={status === 503 ? 'Too busy just now' : 'Something went wrong on our side'}>
      <p>
        Try again in a moment. If it stays, tell the administrators: request <code>{request.id}</code>.
      </p>
    </Trouble>,
  );
}

interface TroubleProps {
  readonly icon: string;
  readonly title: string;
  readonly children: JSX.Element | (JSX.Element | false)[];
}

function Trouble({ icon, title, children }: TroubleProps): JSX.Element {
  return (
    <div class="trouble">
      <Icon name={icon} size={24} />
      <h1>{title}</h1>
      {children}
    </div>
  );
}
