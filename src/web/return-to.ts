// Where to go after signing in. Only paths of this very site are accepted, or a link to our sign-in page could
// send people, trusting it, anywhere.

/** With room for what applications ask for (oauth/asked.ts); escaped in a query, it fits into the headers. */
const MAX_LENGTH = 4_096;

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

/** The address of the sign-in page that leads back here. @param login to be filled in */
export function signInPath(from: string, login: string | null = null): string {
  const path = safeReturnTo(from);
  const parts = [
    ...(login === null ? [] : [`login=${encodeURIComponent(login)}`]),
    ...(path === '/' ? [] : [`return_to=${encodeURIComponent(path)}`]),
  ];
  return parts.length === 0 ? '/login' : `/login?${parts.join('&')}`;
}
