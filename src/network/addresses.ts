// Where connections of the server's own may go: names are resolved once, each address is judged, and the connection is
// made to these and no others, so that a name that resolves to something else a moment later (DNS rebinding) leads
// nowhere else.
import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';

/** Gives all addresses of a name, as text; rejects when there are none. */
export type Resolve = (name: string) => Promise<readonly string[]>;

const RESOLVE_MS = 15_000;

export const systemResolve: Resolve = async (name) =>
  (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address);

/** The host of a URL as a name or an address: Node's form of an IPv6 host has brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/** All addresses of a host, which may be one itself; null: it could not be resolved. */
export async function addressesOf(host: string, resolve: Resolve): Promise<readonly string[] | null> {
  if (ipaddr.isValid(host)) return [host];
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

/** Programs take these for the loopback address whatever it is told (RFC 6761 §6.3). */
function isLocalName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost');
}

/** Is it public, and all that it resolves to? */
export function isPublicHost(host: string, addresses: readonly string[]): boolean {
  return !isLocalName(host) && addresses.every(isPublicAddress);
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
