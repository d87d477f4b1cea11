// The names under which the servers of test/clients/ are known, each with a loopback address of its own, so that
// all of them can have port 443 at once. The network that these tests run in has no others (scripts/test-clients.ts).

/** `.test` never exists on the internet (RFC 6761 §6.2). One a test file. */
export const addresses = {
  'helpers.latchkey.test': '127.0.1.1',
  'gh.latchkey.test': '127.0.1.2',
  'libraries.latchkey.test': '127.0.1.3',
  'lfs.latchkey.test': '127.0.1.4',
  'oauth.latchkey.test': '127.0.1.5',
  'gcm.latchkey.test': '127.0.1.6',
  'octokit.latchkey.test': '127.0.1.7',
} as const;

export type HostName = keyof typeof addresses;

/** gh's host for development: it alone is asked over plain HTTP, on port 80. */
export const plainHost = 'github.localhost';

/** What stands in `/etc/hosts`. */
export function hostsFile(): string {
  const own = Object.entries(addresses).map(([name, address]) => `${address} ${name}`);
  return ['127.0.0.1 localhost', `127.0.0.1 ${plainHost} api.${plainHost}`, ...own, ''].join('\n');
}
