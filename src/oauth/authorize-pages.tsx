// `/login/oauth/authorize`: where applications send a browser for a code (ghes-spec 8.1). What a person has granted
// before is not asked again, except by applications that can't prove who they are (RFC 9700 §4.14, RFC 8252 §8.6): any
// program on the machine could say that it is gh.
import type { FastifyReply } from 'fastify';
import type { JSX } from 'preact';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { instance, selfTarget } from '../access/targets.ts';
import { revokeSession } from '../accounts/sessions.ts';
import type { Context } from '../context.ts';
import { type Scopes, satisfies } from '../scopes/scopes.ts';
import { textOf } from '../web/forms.ts';
import { type PageCall, renderPage } from '../web/page.tsx';
import { Heading } from '../web/parts.tsx';
import { signInPath } from '../web/return-to.ts';
import { clearSession, submitted } from '../web/visit.ts';
import { type Asked, type AuthorizationRequest, answerTo, readAsked } from './asked.ts';
import { findAuthorization } from './authorizations.ts';
import { grantCode } from './codes.ts';
import { Consent, HandOver, scopesGranted } from './consent-view.tsx';
import { errorWords } from './errors.ts';

const AUTHORIZE = '/login/oauth/authorize';

interface Person {
  readonly id: number;
  readonly login: string;
}

export function authorizePages(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: AUTHORIZE,
    action: 'oauth-authorizations.ask',
    target: () => instance,
    async handler(call) {
      const query = queryOf(call.request.url);
      const asked = await readAsked(ctx, query);
      const person = call.actor.kind === 'user' ? call.actor.account : null;
      if (asked.kind !== 'asks') return sayWrong(call, asked, person !== null);
      const { request } = asked;
      if (person === null) {
        const path = signInPath(call.request.url, request.login);
        return call.reply.header('cache-control', 'no-store').redirect(path, 302);
      }
      const { application } = request;
      const before = await findAuthorization(ctx, { accountId: person.id, applicationId: application.id });
      // Nothing said of scopes means those that it has (ghes-spec 4.2).
      const scopes = request.scopes ?? before?.scopes ?? [];
      const meant = meantOther(request, person);
      const isKnown = before !== null && scopes.every((scope) => satisfies(before.scopes, [scope]));
      if (isKnown && !application.isPublic && !request.selectsAccount && meant === null) {
        return grant(call, request, person, scopes);
      }
      return renderPage(
        call,
        {
          title: `Authorize ${application.name}`,
          width: 'narrow',
          formAction: formActionOf(request.leadsTo),
        },
        <Consent
          application={application}
          scopes={scopes}
          before={before?.scopes ?? null}
          leadsTo={request.leadsTo}
          cancelled={answerTo(ctx, request, { error: 'access_denied' })}
          query={query}
          meant={meant}
        />,
      );
    },
  });

  routes.route({
    method: 'POST',
    url: AUTHORIZE,
    action: 'oauth-authorizations.create',
    target: selfTarget,
    async handler(call) {
      const fields = submitted(call.request);
      // As it was asked, and judged anew: nothing that the form says is believed.
      const asked = await readAsked(ctx, textOf(fields, 'asked'));
      if (asked.kind !== 'asks') return sayWrong(call, asked, true);
      if (call.actor.kind !== 'user') return call.refuse({ because: 'session-required' });
      const { request } = asked;
      const { id, login } = call.actor.account;
      const which = { accountId: id, applicationId: request.application.id };
      const offered = request.scopes ?? (await findAuthorization(ctx, which))?.scopes ?? [];
      return grant(call, request, { id, login }, scopesGranted(fields, offered));
    },
  });

  routes.route({
    method: 'POST',
    url: '/login/oauth/switch',
    action: 'session.end',
    target: () => instance,
    async handler({ actor, ctx: acting, request, reply }) {
      if (actor.kind === 'user' && actor.grant.kind === 'session') {
        await revokeSession(acting, actor.account.id, actor.grant.sessionId);
      }
      clearSession(reply);
      const query = new URLSearchParams(textOf(submitted(request), 'asked'));
      // Who signs in has chosen the account.
      query.delete('prompt');
      return reply.redirect(`${AUTHORIZE}?${query}`, 303);
    },
  });

  async function grant(
    call: Call<unknown, RouteSchema>,
    request: AuthorizationRequest,
    { id, login }: Person,
    scopes: Scopes,
  ): Promise<FastifyReply> {
    const { application, redirectUri, codeChallenge } = request;
    const account = { id, login };
    const code = await grantCode(call.ctx, { account, application, scopes, redirectUri, codeChallenge });
    return leadTo(call, request, answerTo(ctx, request, { code: code.expose() }));
  }
}

/**
 * Leads the browser to the application. Where it comes from a form of another page of ours, such as the one for signing
 * in, that page's policy holds for all that the form leads to, and lets nothing lead elsewhere: then, a page in between
 * begins anew.
 */
function leadTo(
  call: PageCall,
  { application, leadsTo }: AuthorizationRequest,
  location: string,
): FastifyReply {
  const { request, reply } = call;
  const from = URL.parse(request.headers.referer ?? '');
  const fromOtherForm = from !== null && from.host === request.host && from.pathname !== AUTHORIZE;
  if (!fromOtherForm && formActionOf(leadsTo) !== null) {
    return reply
      .header('cache-control', 'no-store')
      .header('referrer-policy', 'no-referrer')
      .redirect(location, request.method === 'POST' ? 303 : 302);
  }
  reply.header('refresh', `0; url=${location}`);
  return renderPage(
    call,
    { title: 'One moment', width: 'narrow' },
    <HandOver application={application} to={location} />,
  );
}

/** How a policy names the place; null: it can't, as with addresses of IPv6 (CSP3 §2.3.1 host-source). */
function formActionOf(address: string): string | null {
  const { protocol, host } = new URL(address);
  if (host.startsWith('[')) return null;
  return host === '' ? protocol : `${protocol}//${host}`;
}

/** The account that the application has in mind, where it is not the one that is signed in. */
function meantOther({ login }: AuthorizationRequest, person: Person): string | null {
  // An address of mail may be the person's: which, isn't looked up for whoever asks.
  if (login === null || login.includes('@')) return null;
  return login.toLowerCase() === person.login.toLowerCase() ? null : login.slice(0, 100);
}

type Wrong = Exclude<Asked, { readonly kind: 'asks' }>;

/** @param known is somebody signed in? Strangers are led nowhere (RFC 9700 §4.11.2) */
function sayWrong(call: PageCall, asked: Wrong, known: boolean): FastifyReply {
  if (asked.kind === 'wrong' && asked.location !== null && known) {
    return call.reply.header('cache-control', 'no-store').redirect(asked.location, 302);
  }
  const [title, status, sentence] = wordsFor(asked);
  return renderPage(
    call,
    { title, status, width: 'narrow' },
    <Wrong title={title} sentence={sentence} error={asked.kind === 'wrong' ? asked.error : null} />,
  );
}

function wordsFor(asked: Wrong): readonly [title: string, status: number, sentence: string] {
  switch (asked.kind) {
    case 'unknown-client':
      return [
        'No such application',
        404,
        'No application of this server has the client_id that this address names. Nobody was told who you are.',
      ];
    case 'unreadable':
      return ['This address is not understood', 400, errorWords('invalid_request')];
    case 'wrong':
      return [`${asked.application.name} can't be authorized like this`, 400, asked.description];
  }
}

function Wrong(props: {
  readonly title: string;
  readonly sentence: string;
  readonly error: string | null;
}): JSX.Element {
  return (
    <>
      <Heading>{props.title}</Heading>
      <p>{props.sentence}</p>
      {props.error !== null && (
        <p class="muted">
          For those who make the application: <code>{props.error}</code>.
        </p>
      )}
      <p>
        <a href="/">To the start page</a>
      </p>
    </>
  );
}

function queryOf(url: string): string {
  const at = url.indexOf('?');
  return at === -1 ? '' : url.slice(at + 1);
}
