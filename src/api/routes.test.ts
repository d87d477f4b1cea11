import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../../test/api.ts';
import { isDescribed } from '../../test/contract.ts';

/** Answered as GitHub does, which describes them in other places or not at all. */
const undescribed = [
  // The numeric forms of `/repos/{owner}/{repo}`, `/users/{username}` and `/orgs/{org}`, named by `Link` headers
  // (ghes-spec 5.5).
  /^\/repositories\/\{id\}/,
  /^\/user\/\{account_id\}/,
  /^\/organizations\/\{organization_id\}/,
  // The address of statuses from before `/commits/{ref}/statuses`, which their `url` still names.
  /\/statuses\/\{ref\}$/,
  // Who is in a team, which is described under its number only.
  /\/teams\/\{team_slug\}\/members\/\{username\}$/,
  // Described for later versions.
  /^\/user\/email\/visibility$/,
  // Of the default branch; with the ref they are described.
  /\/(tar|zip)ball$/,
  // What the `url` of a ref says.
  /\/git\/refs\/\{ref\}$/,
];

/** What the description calls the rest of the address after these. */
const wildcards: readonly (readonly [RegExp, string])[] = [
  [/gpg_keys\/:key_id$/, 'gpg_keys/{gpg_key_id}'],
  [/ssh_signing_keys\/:key_id$/, 'ssh_signing_keys/{ssh_signing_key_id}'],
  [/\/:ref(\/:ref_\d)+\/status/, '/{ref}/status'],
  [/\/branches\/\*$/, '/branches/{branch}'],
  [/\/commits\/\*$/, '/commits/{ref}'],
  [/\/contents(\/\*)?$/, '/contents/{path}'],
  [/\/readme\/\*$/, '/readme/{dir}'],
  [/\/trees\/\*$/, '/trees/{tree_sha}'],
  [/\/matching-refs$/, '/matching-refs/{ref}'],
  [/\/\*$/, '/{ref}'],
  [/\/git\/commits\/:sha$/, '/git/commits/{commit_sha}'],
  [/\/git\/tags\/:sha$/, '/git/tags/{tag_sha}'],
  [/\/git\/blobs\/:sha$/, '/git/blobs/{file_sha}'],
];

let api: TestApi;

beforeAll(async () => {
  api = await startApi();
});

afterAll(() => api.close());

function template(route: string): { readonly method: string; readonly path: string } {
  const [method = '', url = ''] = route.split(' ');
  let path = url === '' ? '/' : url;
  for (const [ours, theirs] of wildcards) path = path.replace(ours, theirs);
  return { method, path: path.replace(/:(\w+)/g, '{$1}') };
}

describe('the routes of the API', () => {
  it('are operations that GitHub Enterprise Server describes', () => {
    const unknown = api.routes
      .map(template)
      .filter(({ method, path }) => method !== 'HEAD' && !undescribed.some((known) => known.test(path)))
      .filter(({ method, path }) => !isDescribed(method, path));
    expect(unknown, 'described by GitHub, or told of above with the reason').toEqual([]);
    expect(api.routes.length).toBeGreaterThan(40);
  });

  it('have a numeric form for every one of a repository', () => {
    const below = (prefix: RegExp) =>
      api.routes.filter((route) => prefix.test(route)).map((route) => route.replace(prefix, '$1'));
    expect(below(/^(\w+) \/repositories\/:id/)).toEqual(below(/^(\w+) \/repos\/:owner\/:repo/));
  });

  it('answer HEAD wherever they answer GET', () => {
    const of = (method: string) =>
      api.routes.filter((route) => route.startsWith(`${method} `)).map((route) => route.slice(method.length));
    expect(of('HEAD')).toEqual(expect.arrayContaining(of('GET')));
  });
});
