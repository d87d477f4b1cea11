// What an application asks for when it sends a browser to `/login/oauth/authorize` (ghes-spec 8.1 step 1), read from the
// query. What is wrong is told to the application at its callback only where it is certain whose callback that is; who
// is led there in vain otherwise is told on a page (RFC 6749 §4.1.2.1, RFC 9700 §4.11).
import type { Context } from '../context.ts';
import { knownScopes, type Scopes } from '../scopes/scopes.ts';
import { type Application, findApplicationByClientId } from './applications.ts';
import { readParameters } from './encodings.ts';
import { type OAuthErrorCode, oauthError } from './errors.ts';
import { leadsToLoopback, matchingCallback, withAnswer } from './redirects.ts';

/** Longer queries are refused: signing in on the way would lose them (web/return-to.ts). */
const MAX_QUERY_LENGTH = 4_000;

export interface AuthorizationRequest {
  readonly application: Application;
  /** As it stood in the request; null: it stood not there. */
  readonly redirectUri: string | null;
  /** Where the answer goes. */
  readonly leadsTo: string;
  /** In normal form, without names that are none; null: nothing was said of scopes. */
  readonly scopes: Scopes | null;
  readonly state: string | null;
  /** Of PKCE, S256; null: none. */
  readonly codeChallenge: string | null;
  /** The account that the application has in mind. */
  readonly login: string | null;
  /** The person is to be asked which account it is to be. */
  readonly selectsAccount: boolean;
}

export type Asked =
  | { readonly kind: 'asks'; readonly request: AuthorizationRequest }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'unknown-client' }
  /** The request is wrong, and the application is to hear of it at `location`. */
  | {
      readonly kind: 'wrong';
      readonly error: OAuthErrorCode;
      readonly description: string;
      readonly application: Application;
      /** Null: where it could be led to is not certain, or nothing listens there. */
      readonly location: string | null;
    };

/** @param query of the address, without its question mark */
export async function readAsked(ctx: Context, query: string): Promise<Asked> {
  if (query.length > MAX_QUERY_LENGTH) return { kind: 'unreadable' };
  const parameters = readParameters([new URLSearchParams(query)]);
  if (parameters === null) return { kind: 'unreadable' };
  const text = (name: string): string | null => parameters.get(name) || null;
  const application = await findApplicationByClientId(ctx, text('client_id') ?? '');
  if (application === null) return { kind: 'unknown-client' };

  const state = text('state');
  const wrong = (error: OAuthErrorCode, to: string | null, description?: string): Asked => {
    const told = oauthError(ctx.config, error, description);
    const location = to === null ? null : withAnswer(to, { ...told, state, iss: ctx.config.url });
    return { kind: 'wrong', error, description: told.error_description, application, location };
  };
  const [registered] = application.callbacks;
  const redirectUri = text('redirect_uri');
  if (redirectUri !== null && matchingCallback(application.callbacks, redirectUri) === null) {
    // Programs on people's machines listen at ports that only they know: there, nobody would hear of it.
    return wrong('redirect_uri_mismatch', leadsToLoopback(registered) ? null : registered);
  }
  const leadsTo = redirectUri ?? registered;
  if (!application.enabled) return wrong('application_suspended', leadsTo);
  if ((text('response_type') ?? 'code') !== 'code') return wrong('unsupported_response_type', leadsTo);
  const codeChallenge = text('code_challenge');
  const problem = proofProblem(application, leadsTo, codeChallenge, text('code_challenge_method'));
  if (problem !== null) return wrong('invalid_request', leadsTo, problem);
  const scope = parameters.get('scope');
  return {
    kind: 'asks',
    request: {
      application,
      redirectUri,
      leadsTo,
      scopes: scope === undefined ? null : knownScopes(scope),
      state,
      codeChallenge,
      login: text('login'),
      selectsAccount: text('prompt') === 'select_account',
    },
  };
}

/** PKCE by S256 or not at all; and an application that has no secret needs it, or listens on the person's machine. */
function proofProblem(
  application: Application,
  leadsTo: string,
  challenge: string | null,
  method: string | null,
): string | null {
  if (challenge === null) {
    if (method !== null) return 'There is a code_challenge_method without a code_challenge.';
    return application.isPublic && !leadsToLoopback(leadsTo)
      ? 'An application without a secret has to bring a code_challenge (PKCE).'
      : null;
  }
  if (method !== 'S256') return 'The code_challenge_method has to be S256.';
  return /^[\w-]{43}$/.test(challenge) ? null : 'The code_challenge is no SHA-256 in base64url.';
}

/** The answer to a request: a code, or that the person has refused. */
export function answerTo(
  { config }: Context,
  { leadsTo, state }: AuthorizationRequest,
  answer: { readonly code: string } | { readonly error: OAuthErrorCode },
): string {
  const told = 'code' in answer ? answer : { ...oauthError(config, answer.error) };
  // By `iss`, who talks to several servers knows which one has answered (RFC 9207, RFC 9700 §4.4).
  return withAnswer(leadsTo, { ...told, state, iss: config.url });
}
