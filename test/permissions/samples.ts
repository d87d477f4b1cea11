// How to call each route properly: what its parameters stand for, and which body it takes. A route for which nothing
// here fits can't be measured, and the test says so.
import { type Login, newPublicKey, type Things, type World } from './world.ts';

export interface Sample {
  readonly path: string;
  readonly body?: object;
}

type Body = (world: World, things: Things, caller: Login) => object;
type Address = (world: World, things: Things, caller: Login) => string;

const message = 'measured';
const heldToken: Body = ({ belongings }) => ({ access_token: belongings.applicationToken });

/** By method and address below the API's root; those of repositories without `/repos/:owner/:repo`. */
const bodies: Readonly<Record<string, Body>> = {
  'POST /user/repos': (_world, { name }) => ({ name: 'fresh', private: name === 'closed' }),
  'POST /user/keys': () => ({ title: 'new', key: newPublicKey() }),
  'POST /user/ssh_signing_keys': () => ({ title: 'new', key: newPublicKey() }),
  'POST /user/gpg_keys': ({ freshGpgKey }) => ({ armored_public_key: freshGpgKey }),
  'POST /user/emails': () => ({ emails: ['third@example.com'] }),
  'DELETE /user/emails': () => ({ emails: ['second@example.com'] }),
  'PATCH /user/email/visibility': () => ({ visibility: 'private' }),
  'PATCH /user': () => ({ bio: message }),
  'POST /admin/organizations': () => ({ login: 'fresh', admin: 'mona' }),
  'PATCH /admin/organizations/:org': () => ({ login: 'renamed-octo' }),
  'POST /admin/users': () => ({ login: 'newcomer', email: 'newcomer@example.com' }),
  'PATCH /admin/users/:username': () => ({ login: 'renamed' }),
  'POST /admin/users/:username/authorizations': () => ({ scopes: [] }),
  'POST …/transfer': (_world, _things, caller) => ({ new_owner: caller }),
  'PATCH …/invitations/:invitation_id': () => ({ permissions: 'write' }),
  'POST /orgs/:org/repos': (_world, { name }) => ({ name: 'fresh', private: name === 'closed' }),
  'PATCH /orgs/:org': () => ({ description: message }),
  'PUT /orgs/:org/memberships/:username': () => ({ role: 'member' }),
  'POST /orgs/:org/invitations': (world) => ({ invitee_id: world.accounts.hubot.id }),
  'POST /orgs/:org/teams': () => ({ name: 'another' }),
  'PATCH /orgs/:org/teams/:team_slug': () => ({ description: message }),
  'PUT /orgs/:org/teams/:team_slug/memberships/:username': () => ({ role: 'member' }),
  'PUT /orgs/:org/teams/:team_slug/repos/:owner/:repo': () => ({ permission: 'pull' }),
  'PATCH /user/memberships/orgs/:org': () => ({ state: 'active' }),
  'PATCH …': () => ({ description: message }),
  'PUT …/collaborators/:username': () => ({ permission: 'pull' }),
  'PUT …/contents/*': () => ({ message, content: 'bmV3' }),
  'DELETE …/contents/*': (_world, { blob }) => ({ message, sha: blob }),
  'POST …/git/blobs': () => ({ content: 'new' }),
  'POST …/git/trees': () => ({ tree: [{ path: 'a', mode: '100644', type: 'blob', content: 'new' }] }),
  'POST …/git/commits': (_world, { tree }) => ({ message, tree }),
  'POST …/git/tags': (_world, { head }) => ({ tag: 'v2', message, object: head, type: 'commit' }),
  'POST …/git/refs': (_world, { head }) => ({ ref: 'refs/heads/new', sha: head }),
  'PATCH …/git/refs/*': (_world, { head }) => ({ sha: head }),
  'POST …/keys': () => ({ title: 'new', key: newPublicKey() }),
  'POST …/statuses/:sha': () => ({ state: 'pending' }),
  'POST …/hooks': () => ({ config: { url: 'http://other.invalid/' }, events: ['push'] }),
  'PATCH …/hooks/:hook_id': () => ({ active: false }),
  'PATCH …/hooks/:hook_id/config': () => ({ content_type: 'json' }),
  'POST /applications/:client_id/token': heldToken,
  'PATCH /applications/:client_id/token': heldToken,
  'DELETE /applications/:client_id/token': heldToken,
  'DELETE /applications/:client_id/grant': heldToken,
};

/** Whole addresses, where a parameter's name alone does not tell what is meant. */
const addresses: Readonly<Record<string, Address>> = {
  'PUT …/collaborators/:username': () => '/collaborators/spare',
  'PUT …/contents/*': () => '/contents/new.txt',
  'GET …/readme/*': () => '/readme/docs',
  'GET …/collaborators/:username': () => '/collaborators/reader',
  'DELETE …/collaborators/:username': () => '/collaborators/reader',
  'GET …/collaborators/:username/permission': () => '/collaborators/reader/permission',
  'GET /orgs/:org/public_members/:username': () => '/orgs/octo/public_members/spare',
  'PUT /orgs/:org/public_members/:username': (_world, _things, caller) =>
    `/orgs/octo/public_members/${caller}`,
  'DELETE /orgs/:org/public_members/:username': (_world, _things, caller) =>
    `/orgs/octo/public_members/${caller}`,
  'DELETE /orgs/:org/outside_collaborators/:username': () => '/orgs/octo/outside_collaborators/reader',
  'GET …/invitations/:invitation_id': (_world, { invitation }) => `/invitations/${invitation}`,
  'PATCH …/invitations/:invitation_id': (_world, { invitation }) => `/invitations/${invitation}`,
  'DELETE …/invitations/:invitation_id': (_world, { invitation }) => `/invitations/${invitation}`,
  'PATCH /user/repository_invitations/:invitation_id': (world) =>
    `/user/repository_invitations/${world.invitationOfMona}`,
  'DELETE /user/repository_invitations/:invitation_id': (world) =>
    `/user/repository_invitations/${world.invitationOfMona}`,
  'GET …/git/refs/*': () => '/git/refs/heads/main',
  'GET …/git/ref/*': () => '/git/ref/heads/main',
  'GET …/git/matching-refs/*': () => '/git/matching-refs/heads/ma',
  'GET …/git/trees/*': (_world, { tree }) => `/git/trees/${tree}`,
  'GET …/git/tags/:sha': (_world, { tag }) => `/git/tags/${tag}`,
  'GET …/git/blobs/:sha': (_world, { blob }) => `/git/blobs/${blob}`,
  'GET …/contents/*': () => '/contents/README.md',
  'DELETE …/contents/*': () => '/contents/README.md',
  'PATCH …/git/refs/*': () => '/git/refs/heads/spare',
  'DELETE …/git/refs/*': () => '/git/refs/heads/spare',
  'GET …/commits/:ref/:ref_2/status': () => '/commits/one/two/status',
  'GET …/commits/:ref/:ref_2/statuses': () => '/commits/one/two/statuses',
  'GET …/commits/:ref/:ref_2/:ref_3/status': () => '/commits/deep/er/x/status',
  'GET …/commits/:ref/:ref_2/:ref_3/statuses': () => '/commits/deep/er/x/statuses',
  'GET …/commits/:ref/:ref_2/:ref_3/:ref_4/status': () => '/commits/far/a/b/c/status',
  'GET …/commits/:ref/:ref_2/:ref_3/:ref_4/statuses': () => '/commits/far/a/b/c/statuses',
  'DELETE /admin/users/:username/authorizations': () => '/admin/users/puppet/authorizations',
  'DELETE /admin/tokens/:token_id': (world) => `/admin/tokens/${world.tokenId('spare', 'none')}`,
  'DELETE /admin/keys/:key_ids': (world) => `/admin/keys/${world.keyOf.spare}`,
  'GET /search/repositories': () => '/search/repositories?q=open',
  'GET /user/gpg_keys/:key_id': (world) => `/user/gpg_keys/${world.gpgKey}`,
  'DELETE /user/gpg_keys/:key_id': (world) => `/user/gpg_keys/${world.gpgKey}`,
  'GET /user/ssh_signing_keys/:key_id': (world) => `/user/ssh_signing_keys/${world.signingKey}`,
  'DELETE /user/ssh_signing_keys/:key_id': (world) => `/user/ssh_signing_keys/${world.signingKey}`,
  'GET /user/keys/:key_id': (world) => `/user/keys/${world.keyOf.mona}`,
  'DELETE /user/keys/:key_id': (world) => `/user/keys/${world.keyOf.mona}`,
};

/** What a parameter stands for wherever nothing else is said. */
const parameters: Readonly<Record<string, (world: World, things: Things) => string | number>> = {
  username: () => 'spare',
  org: () => 'octo',
  organization_id: (world) => world.octo.id,
  team_slug: () => 'crew',
  team_id: (world) => world.octo.team,
  invitation_id: (world) => world.octo.invitation,
  owner: () => 'octo',
  repo: () => 'kit',
  enterprise: () => 'latchkey',
  account_id: (world) => world.accounts.spare.id,
  sha: (_world, { head }) => head,
  ref: () => 'main',
  key_id: (_world, { deployKey }) => deployKey,
  hook_id: (_world, { hook }) => hook,
  client_id: (world) => world.belongings.client.id,
  delivery_id: (_world, { delivery }) => delivery,
  '*': () => 'main',
};

/** The address by names, for one by numbers. */
function byName(url: string): string {
  return url
    .replace(/^\/repositories\/:id/, '/repos/:owner/:repo')
    .replace(/^\/organizations\/:organization_id\/team\/:team_id/, '/orgs/:org/teams/:team_slug')
    .replace(/^\/organizations\/:organization_id/, '/orgs/:org')
    .replace(/^\/teams\/:team_id/, '/orgs/:org/teams/:team_slug');
}

/** Is it the same route as another one, by numbers in place of names? */
export function isAlias(url: string): boolean {
  return byName(url) !== url;
}

/** `/repos/:owner/:repo/hooks` as `…/hooks`; other addresses as they are. */
export function shortName(method: string, url: string): string {
  return `${method} ${byName(url).replace(/^\/repos\/:owner\/:repo/, '…')}`;
}

/** @param url below the API's root */
export function sampleFor(method: string, url: string, world: World, things: Things, caller: Login): Sample {
  const name = shortName(method, url);
  const root = url.startsWith('/repos/')
    ? `/repos/mona/${things.name}`
    : url.startsWith('/repositories/:id')
      ? `/repositories/${things.id}`
      : '';
  const below = name.slice(method.length + 1).replace(/^…/, '');
  const path =
    addresses[name]?.(world, things, caller) ??
    below.replace(/:(\w+)|\*/g, (_whole, parameter: string | undefined) => {
      const value = parameters[parameter ?? '*'];
      if (value === undefined) throw new Error(`${method} ${url}: no sample for :${parameter}`);
      return String(value(world, things));
    });
  const filled = byNumber(url, path, world);
  const body = bodies[name]?.(world, things, caller);
  return { path: `${root}${filled}`, ...(body === undefined ? {} : { body }) };
}

/** The same address with the numbers of its alias in place of the names. */
function byNumber(url: string, path: string, { octo }: World): string {
  const team = '/orgs/octo/teams/crew';
  if (url.startsWith('/organizations/:organization_id/team/:team_id')) {
    return path.replace(team, `/organizations/${octo.id}/team/${octo.team}`);
  }
  if (url.startsWith('/organizations/:organization_id')) {
    return path.replace('/orgs/octo', `/organizations/${octo.id}`);
  }
  return url.startsWith('/teams/:team_id') ? path.replace(team, `/teams/${octo.team}`) : path;
}
