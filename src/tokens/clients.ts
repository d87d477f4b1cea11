// From where and by which program a token is used, coarsely: enough to recognise one's own machines and programs, and
// too little to follow anybody. A client says of itself what it likes: its name is a hint.
import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** By what stands in the User-Agent header; the first that fits. */
const known: readonly (readonly [RegExp, string | ((match: RegExpExecArray) => string)])[] = [
  [/^git-lfs\//i, 'git-lfs'],
  [/^git\/(\d{1,3}\.\d{1,3})/, (match) => `git/${match[1]}`],
  [/^JGit\//, 'JGit'],
  [/\blibgit2\b/, 'libgit2'],
  [/\bgo-git\b/, 'go-git'],
  [/^GitHub CLI\b/, 'gh'],
  [/Git-?Credential-?Manager|^GCM\b/i, 'Git Credential Manager'],
  [/GitHub ?Desktop/i, 'GitHub Desktop'],
  [/^octokit(?:-[\w-]+|\.js|\b)/i, 'octokit.js'],
  [/^go-github\b/, 'go-github'],
  [/^PyGithub\b/i, 'PyGithub'],
  [/^Octokit Ruby/i, 'octokit.rb'],
  [/^terraform\b/i, 'terraform'],
  [/^curl\//, 'curl'],
  [/^Wget\//i, 'wget'],
  [/^python-requests\//, 'python-requests'],
  [/^Go-http-client\//, 'Go program'],
  [/^(?:node|undici)\b/, 'Node program'],
  [/^Mozilla\//, 'browser'],
];

const MAX_READ = 200;

/** The program's name, and git's version: `git/2.39`, `gh`, `octokit.js`, `curl`; `unknown` where it says nothing. */
export function clientName(userAgent: string): string {
  const text = userAgent.slice(0, MAX_READ).trim();
  for (const [pattern, name] of known) {
    const match = pattern.exec(text);
    if (match !== null) return typeof name === 'string' ? name : name(match);
  }
  // The first product's name (RFC 9110 §10.1.5), without its version.
  return /^[A-Za-z][A-Za-z0-9._-]{0,39}(?=[/ ]|$)/.exec(text)?.[0] ?? 'unknown';
}

/** The address; for IPv6 the network of its customer, `2001:db8:1:2::/64`. */
export function networkName(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  const text = parsed.toString();
  if (isIPv4(text)) return text;
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${text}/64`).toString()}/64`;
}
