// Where people may be led back to: the addresses that an application is registered with, and which others are as good
// as they. A wrong answer here sends a code to a stranger, so nothing is bent into shape: an address is in the one form
// in which it is written, or it is refused (ghes-spec 8.1; RFC 9700 §4.1; RFC 8252 §7).

const MAX_LENGTH = 1_000;

/** Names that our own answer has: an address that brings them would have them twice. */
const ours = ['code', 'state', 'error', 'error_description', 'error_uri', 'iss'];

/** Where programs on a person's own machine listen (RFC 8252 §7.3). */
const loopbackHosts: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

/**
 * Reads an address as it is to be written: absolute, without user, fragment, dots, escapes or backslashes that
 * different programs read in different ways. Null: it is not such a one.
 */
function readAddress(text: string): URL | null {
  if (text.length > MAX_LENGTH || !/^[\x21-\x7e]+$/.test(text) || /[\\#"<>^`{|}]/.test(text)) return null;
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return null;
  // A URL's host may hold what ends a directive or begins another policy (CSP3 §2.2).
  if (!/^(?:[a-z0-9._-]*|\[[0-9a-f:.]+\])$/.test(url.hostname)) return null;
  // Normalising it changes nothing but the path of a bare host: no `..`, `%2e%2e`, capital host or port by default.
  if (url.href !== text && url.href !== `${text}/`) return null;
  // What programs may read as a separator or a dot once they have unescaped it, once or twice.
  if (/%(2e|2f|5c|25|00)/i.test(url.pathname) || url.pathname.includes('//')) return null;
  // Dots that not everybody takes for dots: before a parameter of the segment, which servlets take away (RFC 3986 §3.3),
  // and in paths that don't begin with a slash.
  if (/(?:^|\/)\.{1,2}(?:;|%3b|\/|$)/i.test(url.pathname)) return null;
  return ours.some((name) => url.searchParams.has(name)) ? null : url;
}

const isLoopback = (url: URL): boolean => url.protocol === 'http:' && loopbackHosts.has(url.hostname);

/** Does the address lead to a program on the person's own machine? */
export function leadsToLoopback(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && isLoopback(url);
}

/**
 * What is wrong with an address that somebody wants to register; null: nothing. Plain http leads to the person's own
 * machine alone (RFC 9700 §2.1), and a scheme of an app's own is the reverse of a name that its makers have
 * (RFC 8252 §7.1), such as `com.example.app:/callback`.
 */
export function callbackProblem(text: string): string | null {
  const url = readAddress(text);
  if (url === null) {
    return 'The callback URL must be a whole URL in its plain form, without a fragment, a user or dots in its path.';
  }
  if (url.protocol === 'https:' || isLoopback(url)) return null;
  if (url.protocol === 'http:') {
    return 'The callback URL must begin with https://, unless it leads to http://127.0.0.1, http://[::1] or http://localhost.';
  }
  return /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/.test(url.protocol)
    ? null
    : 'A scheme of your own must be the reverse of a domain that you have, such as com.example.app:/callback.';
}

/** Which of the registered addresses lets people be led to this one? Null: none. */
export function matchingCallback(callbacks: readonly string[], asked: string): string | null {
  const url = readAddress(asked);
  if (url === null) return null;
  return callbacks.find((callback) => isAsGoodAs(new URL(callback), url)) ?? null;
}

function isAsGoodAs(registered: URL, asked: URL): boolean {
  if (asked.protocol !== registered.protocol) return false;
  if (isLoopback(registered)) {
    // The port is the one that the system had free (RFC 8252 §7.3).
    if (asked.hostname !== registered.hostname) return false;
  } else if (asked.port !== registered.port || !isWithinHost(registered.hostname, asked.hostname)) {
    return false;
  }
  if (registered.search !== '' && asked.search !== registered.search) return false;
  return isWithinPath(registered.pathname, asked.pathname);
}

/** The host itself or below it; an address by number, or a name without a dot, has nothing below it. */
function isWithinHost(registered: string, asked: string): boolean {
  if (asked === registered) return true;
  const isName = registered.includes('.') && !/^[\d.]+$|^\[/.test(registered);
  return isName && asked.endsWith(`.${registered}`);
}

function isWithinPath(registered: string, asked: string): boolean {
  if (asked === registered) return true;
  return asked.startsWith(registered.endsWith('/') ? registered : `${registered}/`);
}

/** The address with the answer in its query. */
export function withAnswer(address: string, answer: Readonly<Record<string, string | null>>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(answer)) {
    if (value !== null) url.searchParams.append(name, value);
  }
  return url.href;
}
