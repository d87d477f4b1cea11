// Who is at the other end: the peer itself, or, when the peer is a trusted proxy, the client that it speaks for.
// X-Forwarded-* from anybody else is dropped, so that what stands behind can't be fooled by it.
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export interface Client {
  /** The client's address; IPv4 addresses mapped into IPv6 are written as IPv4. */
  readonly address: string;
  /** Did the request come over TLS, here or at the proxy? */
  readonly secure: boolean;
  /** Is the peer one of the trusted proxies? */
  readonly byProxy: boolean;
  /** Are the peer and the client it speaks for both this machine itself? */
  readonly loopback: boolean;
}

export type Ranges = readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[];

export function parseRanges(ranges: readonly string[]): Ranges {
  return ranges.map((range) => {
    if (range.includes('/')) return ipaddr.parseCIDR(range);
    const address = ipaddr.parse(range);
    return [address, address.kind() === 'ipv4' ? 32 : 128] as const;
  });
}

/**
 * Reads who calls, and leaves in the headers one truth for all that comes later: one forwarded address and protocol,
 * and a forwarded host where a trusted proxy told one.
 */
export function readClient(request: IncomingMessage, trusted: Ranges, tls: boolean): Client {
  const { headers } = request;
  const peer = plain(request.socket.remoteAddress ?? '');
  const byProxy = isWithin(peer, trusted);
  const said = byProxy ? headers : {};
  const address = forwardedAddress(text(said['x-forwarded-for']), trusted) ?? peer;
  const secure = /^https$/i.test(last(text(said['x-forwarded-proto'])) ?? (tls ? 'https' : 'http'));
  const host = last(text(said['x-forwarded-host']));
  const loopback = isLoopback(peer) && isLoopback(address) && !speaksForAnother(headers);
  for (const name of forwardedHeaders) delete headers[name];
  headers['x-forwarded-for'] = address;
  headers['x-forwarded-proto'] = secure ? 'https' : 'http';
  if (host !== undefined) headers['x-forwarded-host'] = host;
  return { address, secure, byProxy, loopback };
}

/**
 * Does a proxy, known to us or not, hand on what came from elsewhere? Not all that it says is believed, but it is
 * no request of this machine's own.
 */
function speaksForAnother(headers: IncomingMessage['headers']): boolean {
  if (headers.forwarded !== undefined) return true;
  return ['x-forwarded-for', 'x-real-ip']
    .flatMap((name) => (headers[name] === undefined ? [] : text(headers[name]).split(',')))
    .some((address) => !isLoopback(address.trim()));
}

const forwardedHeaders = [
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'forwarded',
];

function text(header: string | string[] | undefined): string {
  return Array.isArray(header) ? header.join(',') : (header ?? '');
}

/** What the nearest proxy added: earlier parts are the client's own words. */
function last(list: string): string | undefined {
  return list.split(',').at(-1)?.trim() || undefined;
}

/** The nearest address that is no trusted proxy; the farthest proxy when all are; junk ends the chain. */
function forwardedAddress(list: string, trusted: Ranges): string | undefined {
  let found: string | undefined;
  for (const part of list.split(',').toReversed()) {
    const bare = part.trim().replace(/^\[(.+)\](?::\d+)?$/, '$1');
    const address = plain(isIP(bare) === 0 ? bare.replace(/:\d+$/, '') : bare);
    if (isIP(address) === 0) return found;
    found = address;
    if (!isWithin(address, trusted)) return found;
  }
  return found;
}

function plain(address: string): string {
  const bare = address.split('%')[0] ?? '';
  return isIP(bare) === 0 ? bare : ipaddr.process(bare).toString();
}

function isWithin(address: string, ranges: Ranges): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.process(address);
  return ranges.some(
    ([range, bits]) => parsed.kind() === range.kind() && parsed.match([range, bits] as never),
  );
}

function isLoopback(address: string): boolean {
  return isIP(address) !== 0 && ipaddr.process(address).range() === 'loopback';
}
