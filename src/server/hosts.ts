// Which hosts a request may name: ours, loopback names and GitHub's development names. Anything else is answered
// with 421, so that a foreign name that was made to resolve to us (DNS rebinding) reaches nothing.
import { isLoopbackHost } from '../config/values.ts';

/** Where the API stands at the root, as at api.github.com; tools of GitHub's call it for `github.localhost`. */
const API_HOST = 'api.github.localhost';

export type HostFound = 'ours' | 'api' | 'foreign' | 'malformed';

/** @param host the value of a Host header, or the authority of an absolute request target */
export function judgeHost(host: string, base: string): HostFound {
  const match = /^(?:\[(?<v6>[0-9a-f:.]{2,45})\]|(?<name>[a-z0-9._-]{1,255}))(?::\d{0,5})?$/i.exec(host);
  const name = (match?.groups?.v6 ?? match?.groups?.name)?.toLowerCase().replace(/\.$/, '');
  if (name === undefined) return 'malformed';
  if (name === API_HOST) return 'api';
  if (name === 'github.localhost' || isLoopbackHost(name)) return 'ours';
  const own = new URL(base).hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  return name === own ? 'ours' : 'foreign';
}
