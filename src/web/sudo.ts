// Asking a person to prove once more who they are, before something sensitive (ghes-spec 1.4). The way in knows when;
// how is known by the accounts room, and comes by composition. Nothing typed is lost: a page that was asked for is gone
// on to, and a form is sent again with its fields. Secret fields are the exception: they are typed again.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type FormFields, holdsSecret } from './forms.ts';
import type { PageCall } from './page.tsx';
import { safeReturnTo } from './return-to.ts';
import { submitted } from './visit.ts';

/** What the person was about to do. */
export interface Wanted {
  /** Path and query on this site. */
  readonly to: string;
  readonly method: 'get' | 'post';
  readonly fields: FormFields;
}

export interface SudoMode {
  /** Answers with the page that asks. */
  ask(call: PageCall, wanted: Wanted): Promise<FastifyReply>;
  /** The session did something that takes sudo mode. */
  used(sessionId: number): Promise<void>;
}

/** What this request was about to do. */
export function wantedBy(request: FastifyRequest): Wanted {
  const isReading = request.method === 'GET' || request.method === 'HEAD';
  if (isReading) return { to: safeReturnTo(request.url), method: 'get', fields: {} };
  const fields = submitted(request);
  if (holdsSecret(fields)) return { to: formPage(request), method: 'get', fields: {} };
  return { to: safeReturnTo(request.url), method: 'post', fields };
}

/** The page that the form was on, as our own referrer policy has browsers tell. */
function formPage(request: FastifyRequest): string {
  const url = URL.parse(request.headers.referer ?? '');
  return url === null || url.host !== request.host ? '/' : safeReturnTo(`${url.pathname}${url.search}`);
}
