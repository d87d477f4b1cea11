// Which addresses an import may go to. git resolves names by itself, so a name is resolved here, each of its
// addresses is judged, and git is told to use these and no others (`http.curloptResolve`): a name that resolves to
// something else a moment later (DNS rebinding) leads nowhere else.
import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import type { Secret } from '../secrets/secret.ts';

/** Gives all addresses of a name, as text; rejects when there are none. */
export type Resolve = (name: string) => Promise<readonly string[]>;

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

const RESOLVE_MS = 15_000;
const MAX_URL_LENGTH = 2000;

export const systemResolve: Resolve = async (name) =>
  (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address);

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
  // Node's form of an IPv6 host has brackets.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isAddress = ipaddr.isValid(host);
  const addresses = isAddress ? [host] : await addressesOf(host, options.resolve);
  if (addresses === null) return refused(sourceProblem(`The name ${host} could not be resolved.`));
  if (!options.allowPrivate && (isLocalName(host) || !addresses.every(isPublicAddress))) {
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

async function addressesOf(host: string, resolve: Resolve): Promise<readonly string[] | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((settle) => {
    timer = setTimeout(settle, RESOLVE_MS, null);
  });
  try {
    const addresses = await Promise.race([resolve(host).catch(() => null), late]);
    return addresses === null || addresses.length === 0 ? null : addresses;
  } finally {
    clearTimeout(timer);
  }
}

/** curl takes these for the loopback address whatever it is told (RFC 6761 §6.3). */
function isLocalName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost');
}

/**
 * Can this address be reached over the internet by anybody, as far as its registered use tells
 * (https://www.iana.org/assignments/iana-ipv4-special-registry, …-ipv6-…)? Addresses that carry an IPv4 address
 * through to it (mapped, NAT64) are judged by that one; other tunnels (6to4, Teredo) are not public.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address instanceof ipaddr.IPv4) return address.range() === 'unicast';
  if (address.zoneId) return false;
  if (address.isIPv4MappedAddress()) return isPublicAddress(address.toIPv4Address().toString());
  if (address.match(nat64, 96)) return isPublicAddress(address.toByteArray().slice(12).join('.'));
  return address.range() === 'unicast' && address.match(globalUnicast, 3);
}

const nat64 = ipaddr.IPv6.parse('64:ff9b::');
const globalUnicast = ipaddr.IPv6.parse('2000::');

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
