// Where to go after signing in. Only paths of this very site are accepted, or a link to our sign-in page could
// send people, trusting it, anywhere.

const MAX_LENGTH = 2048;

/** The path and query if the text is one of ours, else `/`. */
export function safeReturnTo(text: unknown): string {
  if (typeof text !== 'string' || text.length > MAX_LENGTH) return '/';
  // Browsers read `//host`, `/\host` and tabs or line ends in between as another site.
  if (!/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(text)) return '/';
  const base = 'http://here.invalid';
  const url = URL.parse(text, base);
  if (url === null || url.origin !== base || url.pathname.startsWith('//')) return '/';
  return `${url.pathname}${url.search}`;
}

/** The address of the sign-in page that leads back here. */
export function signInPath(from: string): string {
  const path = safeReturnTo(from);
  return path === '/' ? '/login' : `/login?return_to=${encodeURIComponent(path)}`;
}
