// A browser looks at every page there is: each GET of the pages' routes is a row of test/scenarios/page-list.ts, or
// stands here with the reason why it is none.
import { expect, it } from 'vitest';
import { pageRoutes } from './permissions/routes.ts';
import { pageList } from './scenarios/page-list.ts';

/** Not looked at there, and why. */
const others: Readonly<Record<string, string>> = {
  '/assets/:file': 'a file',
  '/avatars/u/:account_id': 'an image',
  '/:owner/:repo/raw/*': 'a file',
  '/:owner/:repo/archive/*': 'a file',
  '/metrics': 'text',
  '/settings/security-log/export': 'a file',
  '/admin/audit-log/export': 'a file',
  '/organizations/:org/settings/audit-log/export': 'a file',
  '/settings': 'leads to /settings/profile',
  '/settings/ssh': 'leads to /settings/keys',
  '/settings/ssh/new': 'leads to /settings/keys/new',
  '/settings/gpg': 'leads to /settings/keys',
  '/settings/gpg/new': 'leads to /settings/keys/gpg/new',
  '/:owner/:repo/invitations': 'leads to /invitations',
  '/:owner/:repo/commit/:sha': 'its address is not known before: every-page.test.ts follows a link',
  '/new/import/:id': 'is there only while something is imported: imports/pages.test.ts',
  '/login/two-factor': 'comes after a password: second-factors-by-browser.test.ts',
  '/login/recovery': 'comes after a password: second-factors-by-browser.test.ts',
  '/settings/security/passkeys/:id': 'takes a passkey: second-factors-by-browser.test.ts',
};

/** As the router chooses: what is said literally comes before parameters. */
function routeOf(path: string): string | undefined {
  const parameters = (url: string) => url.match(/[:*]/g)?.length ?? 0;
  return Object.keys(pageRoutes)
    .filter((route) => route.startsWith('GET '))
    .map((route) => route.slice('GET '.length))
    .filter((url) => new RegExp(`^${url.replace(/:\w+/g, '[^/]+').replace(/\*/g, '.+')}$`).test(path))
    .sort((a, b) => parameters(a) - parameters(b))[0];
}

it('Every page is looked at by a browser, or it is said why not', () => {
  const lookedAt = new Set(pageList.map(({ path }) => routeOf(path.replace(/\?.*/, ''))));
  const pages = Object.keys(pageRoutes).filter((route) => route.startsWith('GET '));
  const missing = pages.map((route) => route.slice('GET '.length)).filter((url) => !lookedAt.has(url));
  expect(missing.sort()).toEqual(Object.keys(others).sort());
});
