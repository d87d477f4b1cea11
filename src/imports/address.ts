// Which addresses an import may go to. git resolves names by itself, so a name is resolved here, each of its
// addresses is judged, and git is told to use these and no others (`http.curloptResolve`): a name that resolves to
// something else a moment later (DNS rebinding) leads nowhere else.
import ipaddr from 'ipaddr.js';
import { addressesOf, hostOf, isPublicHost, type Resolve } from '../network/addresses.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import type { Secret } from '../secrets/secret.ts';

export interface Credentials {
  readonly username: string;
  readonly password: Secret;
}

/** An address that was checked, in the form in which git gets it. */
export interface CheckedUrl {
  readonly url: string;
  /** Value of `http.curloptResolve`; null: the URL's host is an address, there is nothing to resolve. */
  readonly pin: string | null;
}

const MAX_URL_LENGTH = 2000;

export function sourceProblem(message: string): Problem {
  return { field: 'source', code: 'invalid', message };
}

/**
 * Checks where an import wants to go.
 * @param allowPrivate may it go to addresses that the internet can't reach?
 */
export async function checkUrl(
  text: string,
  options: {
    readonly credentials: Credentials | null;
    readonly allowPrivate: boolean;
    readonly resolve: Resolve;
  },
): Promise<Outcome<CheckedUrl>> {
  const parsed = parseUrl(text);
  if (!parsed.ok) return parsed;
  const url = parsed.value;
  const host = hostOf(url);
  const isAddress = ipaddr.isValid(host);
  const addresses = await addressesOf(host, options.resolve);
  if (addresses === null) return refused(sourceProblem(`The name ${host} could not be resolved.`));
  if (!options.allowPrivate && !isPublicHost(host, addresses)) {
    return refused(
      sourceProblem(
        `${host} is not a public address: importing from private networks is not allowed on this server.`,
      ),
    );
  }
  const { credentials } = options;
  if (credentials !== null) {
    const problem = credentialsProblem(credentials, url, addresses);
    if (problem !== null) return refused(problem);
  }
  const port = url.port === '' ? { 'http:': '80', 'https:': '443' }[url.protocol] : url.port;
  const pinned = addresses.map((address) => (address.includes(':') ? `[${address}]` : address)).join(',');
  return done({ url: url.href, pin: isAddress ? null : `${host}:${port}:${pinned}` });
}

/** Takes http and https only, in WHATWG's normal form: what is checked here is then what git and curl read. */
function parseUrl(text: string): Outcome<URL> {
  if (text.length > MAX_URL_LENGTH) return refused(sourceProblem('The address is too long.'));
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return refused(sourceProblem('Only addresses that begin with https:// or http:// can be imported from.'));
  }
  if (url.username !== '' || url.password !== '') {
    return refused(
      sourceProblem('The address must not contain a user name or password: give them separately.'),
    );
  }
  if (url.search !== '' || url.hash !== '') {
    return refused(sourceProblem('The address must not contain ? or #.'));
  }
  // curl keeps names with and without the dot apart, and would resolve the other one by itself.
  url.hostname = url.hostname.replace(/\.+$/, '');
  if (url.hostname === '') return refused(sourceProblem('The address has no host name.'));
  return done(url);
}

function credentialsProblem({ username, password }: Credentials, url: URL, addresses: readonly string[]) {
  // The credential protocol is made of lines (git-credential(1)).
  if (/[\0\r\n]/.test(username) || /[\0\r\n]/.test(password.expose())) {
    return sourceProblem('The user name and the password must not contain line breaks.');
  }
  const isLoopback = addresses.every((address) => ipaddr.process(address).range() === 'loopback');
  if (url.protocol === 'http:' && !isLoopback) {
    return sourceProblem('A password is sent to https:// addresses only.');
  }
  return null;
}
