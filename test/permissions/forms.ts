// What a person types into the form of each page that changes something, so that whoever is let in changes it, and
// whoever isn't could have. A new form needs its row here.
import type { ActionName } from '../../src/access/actions.ts';
import { newPublicKey, type Things, type World } from './world.ts';

export type Fields = Readonly<Record<string, string>>;
type Typed = (world: World, things: Things) => Fields;

/** A click on a button: what it is done to stands in the address. */
const click: Typed = () => ({});

const application: Fields = {
  url: 'https://builder.example.com',
  description: '',
  callback_url: 'https://builder.example.com/callback',
};

/** By the address that the form is sent to. */
export const forms: Readonly<Record<string, Typed>> = {
  '/logout': click,
  '/settings/profile': () => ({ name: 'Mona measured', email: 'mona@example.com' }),
  '/settings/sessions/:id/revoke': click,
  '/settings/sessions/revoke-others': click,
  '/settings/security/app/remove': click,
  '/settings/security/passkeys/challenge': () => ({ kind: 'passkey' }),
  '/settings/security/passkeys/:id': () => ({ name: 'measured' }),
  '/settings/security/passkeys/:id/remove': click,
  '/settings/security/recovery-codes': click,
  '/settings/people': () => ({ login: 'newcomer', email: 'newcomer@example.com' }),
  '/settings/people/:id/password-link': click,
  '/settings/people/:id/reset-second-factors': click,
  '/settings/people/names/free': () => ({ login: 'formerly' }),
  '/settings/people/:id/suspend': click,
  '/settings/people/:id/unsuspend': click,
  '/settings/tokens': () => ({ note: 'measured', scopes: 'gist', expiration: '7d' }),
  '/settings/tokens/revoke-all': click,
  '/settings/tokens/:id': () => ({ note: 'measured', scopes: 'gist' }),
  '/settings/tokens/:id/narrow': () => ({ scopes: 'gist' }),
  '/settings/tokens/:id/shorten': click,
  '/settings/tokens/:id/delete': click,
  '/settings/tokens/:id/regenerate': (world) => ({
    expiration: '7d',
    replaces: world.token('mona', 'all').slice(-8),
  }),
  '/admin/settings': () => ({ tokenMaxDays: '365' }),
  '/admin/people/:id/rename': () => ({ login: 'renamed' }),
  '/admin/people/:id/promote': click,
  '/admin/people/:id/delete': click,
  '/admin/tokens/:id/delete': click,
  '/admin/keys/:id/delete': click,
  '/admin/organizations': () => ({ login: 'nonet', name: '', owner: 'mona' }),
  '/admin/organizations/:organization_id/rename': () => ({ login: 'octuor' }),
  '/settings/notices/:id/dismiss': click,
  '/settings/notices/dismiss-all': click,
  '/new': () => ({ owner: 'mona', name: 'fresh', visibility: 'private' }),
  '/:owner/:repo/settings': (_world, { name }) => ({ name, description: 'measured', default_branch: 'main' }),
  '/:owner/:repo/settings/visibility': (_world, { name }) => ({
    visibility: name === 'closed' ? 'public' : 'private',
  }),
  '/:owner/:repo/settings/collaborators': () => ({ login: 'spare', role: 'read' }),
  '/:owner/:repo/settings/collaborators/remove': () => ({ login: 'asleep' }),
  '/:owner/:repo/settings/delete': (_world, { name }) => ({ confirmation: `mona/${name}` }),
  '/:owner/:repo/settings/keys': () => ({ title: 'measured', key: newPublicKey() }),
  '/:owner/:repo/settings/keys/:key_id/delete': click,
  '/:owner/:repo/settings/invitations/cancel': (_world, { invitation }) => ({
    invitation: String(invitation),
  }),
  '/:owner/:repo/settings/transfer': (_world, { name }) => ({
    new_owner: 'keeper',
    transfer_confirmation: `mona/${name}`,
  }),
  '/settings/keys': () => ({ title: 'measured', key: newPublicKey() }),
  '/settings/keys/:key_id/delete': click,
  '/settings/keys/gpg': ({ freshGpgKey }) => ({ name: 'measured', armored_public_key: freshGpgKey }),
  '/settings/keys/gpg/:key_id/delete': click,
  '/settings/keys/signing/:key_id/delete': click,
  '/invitations/transfers/:transfer_id/accept': click,
  '/invitations/transfers/:transfer_id/decline': click,
  '/invitations/:invitation_id/accept': click,
  '/invitations/:invitation_id/decline': click,
  '/organizations/new': () => ({ login: 'sextet', name: 'Sextet' }),
  '/orgs/:org/invitation/accept': click,
  '/orgs/:org/invitation/decline': click,
  '/orgs/:org/people/invite': () => ({ invitee: 'hubot', role: 'member' }),
  '/orgs/:org/people/cancel': ({ octo }) => ({ invitation: String(octo.invitation) }),
  '/orgs/:org/people/role': () => ({ login: 'spare', role: 'owner' }),
  '/orgs/:org/people/remove': () => ({ login: 'spare' }),
  '/orgs/:org/people/outside/remove': () => ({ login: 'reader' }),
  '/orgs/:org/people/visibility': () => ({ public: '0' }),
  '/orgs/:org/people/leave': click,
  '/orgs/:org/teams': () => ({ name: 'strings', description: '' }),
  '/orgs/:org/teams/:team_slug/edit': () => ({ name: 'crew', description: 'measured' }),
  '/orgs/:org/teams/:team_slug/delete': click,
  '/orgs/:org/teams/:team_slug/members': () => ({ login: 'writer' }),
  '/orgs/:org/teams/:team_slug/members/remove': () => ({ login: 'spare' }),
  '/orgs/:org/teams/:team_slug/repositories': () => ({ repository: 'kit', role: 'write' }),
  '/orgs/:org/teams/:team_slug/repositories/remove': () => ({ repository: 'kit' }),
  '/organizations/:org/settings': () => ({ name: 'Octo measured', description: '' }),
  '/organizations/:org/settings/rename': () => ({ login: 'octet' }),
  '/organizations/:org/settings/members': () => ({ base_permission: 'write', members_may_create: '1' }),
  '/organizations/:org/settings/tokens': () => ({ allows_classic_tokens: '0' }),
  '/:owner/:repo/settings/hooks': () => ({
    url: 'http://other.invalid/',
    content_type: 'json',
    'event-push': '1',
    active: '1',
  }),
  '/:owner/:repo/settings/hooks/:hook_id': () => ({
    url: 'http://other.invalid/',
    content_type: 'json',
    'event-push': '1',
  }),
  '/:owner/:repo/settings/hooks/:hook_id/delete': click,
  '/:owner/:repo/settings/hooks/:hook_id/deliveries/:delivery_id/redeliver': click,
  '/login/oauth/authorize': () => ({ asked: 'client_id=178c6fc778ccc68e1d6a&scope=gist', scopes: 'gist' }),
  '/login/oauth/switch': click,
  '/settings/connections/applications/:client_id/revoke': click,
  '/settings/applications/revoke-all': click,
  '/admin/applications/:id/enable': click,
  '/admin/applications/:id/disable': click,
  '/settings/developers': () => ({ ...application, name: 'another' }),
  '/settings/applications/:id': () => ({ ...application, name: 'renamed' }),
  '/settings/applications/:id/secrets': ({ belongings }) => ({ newest: String(belongings.clientSecret) }),
  '/settings/applications/:id/secrets/:secret_id/delete': click,
  '/settings/applications/:id/revoke-all': click,
  '/settings/applications/:id/delete': click,
  '/organizations/:org/settings/applications': () => ({ ...application, name: 'another' }),
  '/organizations/:org/settings/applications/:id': () => ({ ...application, name: 'renamed' }),
  '/organizations/:org/settings/applications/:id/secrets': ({ belongings }) => ({
    newest: String(belongings.ofOcto.clientSecret),
  }),
  '/organizations/:org/settings/applications/:id/secrets/:secret_id/delete': click,
  '/organizations/:org/settings/applications/:id/revoke-all': click,
  '/organizations/:org/settings/applications/:id/delete': click,
  '/settings/emails': () => ({ email: 'third@example.com' }),
  '/settings/emails/delete': () => ({ email: 'second@example.com' }),
  '/settings/emails/visibility': () => ({ visibility: 'public' }),
};

/**
 * Forms by which nothing is changed here, even by who may: sent empty, to see who is let in that far. What they do to
 * the right thing is told by tests of their own.
 */
export const unchanging: Readonly<Record<string, string>> = {
  '/login/confirm': 'takes a password or a second factor: sudo-pages.test.ts',
  '/login/confirm/challenge': 'for passkeys, which mona has, but no browser that holds one',
  '/login/oauth/authorize': 'takes an application that asks: the tests of src/oauth',
  '/login/oauth/switch': 'signs out, and leads back to what asked: the tests of src/oauth',
  '/settings/applications/:id/revoke-all': 'nobody lets it do anything: developer pages of src/oauth',
  '/login/device': 'takes a code that a device shows: the tests of src/oauth',
  '/login/device/authorize': 'takes a code that a device shows: the tests of src/oauth',
  '/settings/security': 'takes the present password: settings-pages.test.ts',
  '/settings/security/app': 'takes a code of the new app: two-factor stories in test/scenarios',
  '/settings/security/passkeys': 'takes an authenticator: passkeys.test.ts',
  '/:owner/:repo/settings/keys/:key_id/approve': 'the key is approved already: pages.test.ts of keys',
  '/settings/keys/:key_id/approve': 'the key is approved already: pages.test.ts of keys',
  '/admin/people/:id/demote': 'boss is the only site admin, whom nobody can demote: pages.test.ts',
  '/:owner/:repo/settings/teams': 'a person has no teams: pages.test.ts of organizations',
  '/organizations/:org/settings/delete': 'it owns a repository: organizations/pages.test.ts',
  '/:owner/:repo/settings/transfer/cancel': 'nobody is asked to take it: transfer-requests.test.ts',
  '/new/import': 'no address to import from: imports/pages.test.ts',
  '/new/import/:id/cancel': 'nothing is being imported',
  '/settings/emails/primary': 'the other address is not verified: email-pages.test.ts',
  '/settings/emails/verify': 'takes a code that was mailed: email-pages.test.ts',
};

/**
 * By which people come in: no standing decides, but the secret that is shown, so that the table has nothing to say of
 * who may. What is measured is that nobody comes in without one; that the right one opens and a wrong one doesn't is
 * held by sign-in-pages.test.ts, link-pages.test.ts and no-way-around-second-factors.test.ts.
 */
export const doors: ReadonlySet<ActionName> = new Set([
  'session.create',
  'setup.complete',
  'password.choose',
]);

/** What a stranger types at a door, or somebody who is signed in as somebody else. */
export const wrongSecrets: Fields = {
  login: 'mona',
  email: 'mallory@example.com',
  password: 'not the password of mona',
  app_code: '000000',
  recovery_code: 'aaaaa-aaaaa',
  response: '',
  code: 'A'.repeat(43),
};
