// Reading a credential off a request, in every form that clients use (ghes-spec 5.1, section 10), and handing
// it to the verifier. Account passwords are never looked at here: what has no token's form is refused unread.
import { Secret } from '../secrets/secret.ts';
import { type Actor, type ActorApplication, anonymous } from './actor.ts';
import type { Attempts } from './attempts.ts';
import type { BadCredential } from './denied.ts';

/** Knows tokens: given by the composition, so that access needs to know no feature. */
export interface TokenVerifier {
  /** Does the text have the form of any kind of token? Says nothing about its being known. */
  hasTokenForm(text: string): boolean;
  verify(secret: Secret): Promise<Authenticated>;
}

/** Knows the credentials of OAuth applications, for the ways in that take them. */
export interface ClientVerifier {
  /** Null: there is no such application, it is off, or the secret is none of its. */
  verify(clientId: string, secret: Secret): Promise<ActorApplication | null>;
}

export type Authenticated =
  | { readonly actor: Actor; readonly refused?: never }
  | { readonly refused: BadCredential; readonly actor?: never };

export interface CredentialSource {
  /** The Authorization header. */
  readonly authorization: string | undefined;
  /** The request's path and query, as sent. */
  readonly url: string;
  /** The client's. */
  readonly address: string;
}

const badCredential: Authenticated = { refused: { because: 'bad-credential' } };
const notAToken: Authenticated = { refused: { because: 'not-a-token' } };
const credentialInUrl: Authenticated = { refused: { because: 'credential-in-url' } };
const tooManyAttempts: Authenticated = { refused: { because: 'too-many-attempts' } };
const nobody: Authenticated = { actor: anonymous };

/** The same form as that of the tokens of old, as which it was looked up in vain before (ghes-spec 2). */
const clientSecret = /^[0-9a-f]{40}$/;

/** Longer headers than any token needs are refused unread; clients allow tokens of 255 characters. */
const MAX_HEADER_LENGTH = 2048;

/**
 * Who calls? A session cookie is never looked at: REST, GraphQL and git take tokens only.
 * @param attempts counts bad credentials
 * @param clients given where applications may call by their own credentials
 */
export async function authenticate(
  source: CredentialSource,
  verifier: TokenVerifier,
  attempts: Attempts,
  clients?: ClientVerifier,
): Promise<Authenticated> {
  if (hasCredentialInQuery(source.url)) return credentialInUrl;
  if (source.authorization === undefined) return nobody;
  const { username, verdict } = await verifyHeader(source.authorization, verifier, clients);
  const because = verdict.refused?.because;
  if (because !== 'bad-credential' && because !== 'not-a-token') return verdict;
  return attempts.failed(username, source.address) ? verdict : tooManyAttempts;
}

interface Verified {
  /** What stood in the place of a user name; null where there is no such place. */
  readonly username: string | null;
  readonly verdict: Authenticated;
}

async function verifyHeader(
  header: string,
  verifier: TokenVerifier,
  clients: ClientVerifier | undefined,
): Promise<Verified> {
  const nameless = (verdict: Authenticated): Verified => ({ username: null, verdict });
  if (header.length > MAX_HEADER_LENGTH) return nameless(badCredential);
  const [, scheme = '', value = ''] = /^ *([A-Za-z]+) +(.*?) *$/.exec(header) ?? [];
  switch (scheme.toLowerCase()) {
    case 'token':
    case 'bearer':
      return nameless(await verifyText(value, verifier));
    case 'basic':
      return verifyBasic(value, verifier, clients);
    default:
      return nameless(badCredential);
  }
}

async function verifyText(text: string, verifier: TokenVerifier): Promise<Authenticated> {
  return verifier.hasTokenForm(text) ? verifier.verify(new Secret(text)) : notAToken;
}

/** The token is the password, with any user name; or the user name, with no password or `x-oauth-basic`. */
async function verifyBasic(
  value: string,
  verifier: TokenVerifier,
  clients: ClientVerifier | undefined,
): Promise<Verified> {
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon === -1) return { username: null, verdict: badCredential };
  const username = text.slice(0, colon);
  const password = text.slice(colon + 1);
  if ((password === '' || password === 'x-oauth-basic') && verifier.hasTokenForm(username)) {
    return { username: null, verdict: await verifier.verify(new Secret(username)) };
  }
  const verdict = await verifyText(password, verifier);
  if (clients === undefined || verdict.refused?.because !== 'bad-credential' || !clientSecret.test(password))
    return { username, verdict };
  const application = await clients.verify(username, new Secret(password));
  return {
    username,
    verdict: application === null ? verdict : { actor: { kind: 'application', application } },
  };
}

function hasCredentialInQuery(url: string): boolean {
  const query = url.indexOf('?');
  if (query === -1) return false;
  const names = new URLSearchParams(url.slice(query + 1));
  return names.has('access_token') || (names.has('client_secret') && names.has('client_id'));
}
