// What counts as one client address wherever something is counted by it.
import ipaddr from 'ipaddr.js';

/** An IPv4 address; of an IPv6 one the network that one customer has: 2^64 addresses count as one (RFC 6177). */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return parsed.toByteArray().slice(0, 8).join('.');
}
