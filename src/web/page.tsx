// Turns a page's body into the answer: layout around it, headers that keep it private and unframed.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ComponentChildren, h, type VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { authenticityToken } from './csrf.ts';
import { takeFlash } from './flash.ts';
import { Layout } from './layout.tsx';
import { PageContext } from './page-context.ts';
import type { SettingsPage } from './settings.tsx';
import { browserSecret, visitOf } from './visit.ts';

export interface PageHead {
  /** Shown in the tab, before " · Latchkey". */
  readonly title: string;
  /** HTTP status; 200 if not told. */
  readonly status?: number;
  /** Puts the settings' sidebar beside the body, with this entry marked. */
  readonly settings?: SettingsPage;
  /** `narrow`: one column for a single form, such as signing in. */
  readonly width?: 'narrow' | 'wide';
  /** Loads what asks the browser for passkeys and security keys. */
  readonly passkeys?: true;
  /** Another place to which the page's form may lead, as a policy names it (CSP3 §2.3.1); null: none. */
  readonly formAction?: string | null;
  /** Put between header and body at full width: a repository's name and tabs, say. */
  readonly banner?: ComponentChildren;
}

/** What renderPage needs of a handler's call. */
export interface PageCall {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/**
 * Nothing from elsewhere, nothing inline. `data:` images are the small arrows and ticks of Primer's form controls.
 */
const contentSecurityPolicy: readonly string[] = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
];

/**
 * Answers with a page: `return renderPage(call, { title: 'Profile' }, <Profile … />)`.
 * Forms in the body must be made with `<Form>`, which carries the authenticity token.
 */
export function renderPage(call: PageCall, head: PageHead, body: VNode): FastifyReply {
  const { reply } = call;
  const visit = visitOf(call.request);
  const account = visit.actor.kind === 'user' ? visit.actor.account : null;
  const { ctx, assets } = visit;
  const context = {
    account,
    notices: visit.notices,
    now: ctx.now(),
    url: ctx.config.url,
    sshUrl: ctx.config.sshUrl,
    path: call.request.url,
    asset: assets.href,
    token: () => authenticityToken(browserSecret(reply), ctx.random),
  };
  const html = renderToString(
    h(PageContext.Provider, {
      value: context,
      children: (
        <Layout head={head} flash={takeFlash(reply)}>
          {body}
        </Layout>
      ),
    }),
  );
  // Over https only: browsers ignore it elsewhere (RFC 6797 §8.1).
  if (visit.secure) reply.header('strict-transport-security', 'max-age=31536000');
  return pageHeaders(reply, head)
    .code(head.status ?? 200)
    .header('content-type', 'text/html; charset=utf-8')
    .send(`<!DOCTYPE html>${html}`);
}

/** The headers of every page. */
function pageHeaders(reply: FastifyReply, { passkeys, formAction = null }: PageHead): FastifyReply {
  const policy = [
    ...contentSecurityPolicy,
    formAction === null ? "form-action 'self'" : `form-action 'self' ${formAction}`,
    // The script of passkeys asks this server for a challenge.
    ...(passkeys === true ? ["connect-src 'self'"] : []),
  ];
  return reply
    .header('content-security-policy', policy.join('; '))
    .header('x-content-type-options', 'nosniff')
    .header('x-frame-options', 'DENY')
    .header('referrer-policy', 'same-origin')
    .header('cross-origin-opener-policy', 'same-origin')
    .header('cross-origin-resource-policy', 'same-origin')
    .header('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()')
    .header('cache-control', 'no-store')
    .header('vary', 'Cookie');
}
