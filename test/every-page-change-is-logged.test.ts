// Every form of the pages is sent once, as people fill it in (permissions/forms.ts), and has to leave the rows in the
// security log that are written here by hand, each told of who sent it. A new form fails until it has its row here, or
// the reason why it leaves none. Nor is anything changed that can't be logged.
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPasswordLink, createSetupLink } from '../src/accounts/links.ts';
import { writeSetting } from '../src/db/settings.ts';
import { cookieName } from '../src/web/cookies.ts';
import { authenticityToken } from '../src/web/csrf.ts';
import { testPages } from './pages.ts';
import { doors, forms } from './permissions/forms.ts';
import { castOf } from './permissions/oracle.ts';
import { pagePath } from './permissions/pages.ts';
import { pageRoutes } from './permissions/routes.ts';
import { createWorld, type World } from './permissions/world.ts';

/** The actions that are logged, each named once, by where the form is posted to. */
const logged: Readonly<Record<string, string>> = {
  '/logout': 'user.logout',
  '/settings/profile': 'user.update',
  '/settings/sessions/:id/revoke': 'user_session.revoke',
  '/settings/sessions/revoke-others': 'user_session.revoke',
  '/settings/security/app/remove': 'two_factor_authentication.remove_factor',
  '/settings/security/passkeys/:id': 'passkey.update',
  '/settings/security/passkeys/:id/remove': 'passkey.remove',
  '/settings/security/recovery-codes': 'two_factor_authentication.recovery_codes_regenerated',
  '/settings/people': 'user.create user.forgot_password',
  '/settings/people/names/free': 'user.free_name',
  '/settings/people/:id/password-link': 'user.forgot_password',
  '/settings/people/:id/reset-second-factors':
    'two_factor_authentication.remove_factor passkey.remove two_factor_authentication.disabled',
  '/settings/people/:id/suspend': 'user.suspend',
  '/settings/people/:id/unsuspend': 'user.unsuspend',
  '/settings/tokens': 'oauth_access.create',
  '/settings/tokens/revoke-all': 'oauth_access.destroy public_key.delete',
  '/settings/tokens/:id': 'oauth_access.update',
  '/settings/tokens/:id/narrow': 'oauth_access.update',
  '/settings/tokens/:id/shorten': 'oauth_access.update',
  '/settings/tokens/:id/delete': 'oauth_access.destroy public_key.delete',
  '/settings/tokens/:id/regenerate': 'oauth_access.regenerate',
  '/admin/settings': 'instance_settings.update',
  '/admin/people/:id/rename': 'user.rename',
  '/admin/people/:id/promote': 'user.promote',
  '/admin/people/:id/demote': 'user.demote',
  '/admin/people/:id/delete': 'user.delete public_key.delete',
  '/admin/organizations': 'org.create',
  '/admin/organizations/:organization_id/rename': 'org.rename',
  '/admin/tokens/:id/delete': 'oauth_access.destroy',
  '/admin/keys/:id/delete': 'public_key.delete',
  '/new': 'repo.create',
  '/:owner/:repo/settings': 'repo.update',
  '/:owner/:repo/settings/visibility': 'repo.access',
  '/:owner/:repo/settings/collaborators': 'repository_invitation.create',
  '/:owner/:repo/settings/collaborators/remove': 'repo.remove_member',
  '/:owner/:repo/settings/teams': 'team.update_repository_permission',
  '/:owner/:repo/settings/delete': 'repo.destroy',
  '/:owner/:repo/settings/keys': 'public_key.create',
  '/:owner/:repo/settings/keys/:key_id/delete': 'public_key.delete',
  '/:owner/:repo/settings/keys/:key_id/approve': 'public_key.verify',
  '/:owner/:repo/settings/invitations/cancel': 'repository_invitation.cancel',
  '/:owner/:repo/settings/transfer': 'repo.transfer_outgoing repo.transfer',
  '/:owner/:repo/settings/transfer/cancel': 'repo.transfer_cancel',
  '/settings/keys': 'public_key.create',
  '/settings/keys/:key_id/delete': 'public_key.delete',
  '/settings/keys/:key_id/approve': 'public_key.verify',
  '/settings/keys/gpg': 'gpg_key.create',
  '/settings/keys/gpg/:key_id/delete': 'gpg_key.delete',
  '/settings/keys/signing/:key_id/delete': 'ssh_signing_key.delete',
  '/invitations/transfers/:transfer_id/accept': 'repo.transfer_outgoing repo.transfer',
  '/invitations/transfers/:transfer_id/decline': 'repo.transfer_decline',
  '/invitations/:invitation_id/accept': 'repository_invitation.accept repo.add_member',
  '/invitations/:invitation_id/decline': 'repository_invitation.reject',
  '/organizations/new': 'org.create',
  '/orgs/:org/invitation/accept': 'org.add_member',
  '/orgs/:org/invitation/decline': 'org.decline_invitation',
  '/orgs/:org/people/invite': 'org.invite_member',
  '/orgs/:org/people/cancel': 'org.cancel_invitation',
  '/orgs/:org/people/role': 'org.update_member',
  '/orgs/:org/people/remove': 'org.remove_member',
  '/orgs/:org/people/outside/remove': 'org.remove_outside_collaborator',
  '/orgs/:org/people/visibility': 'org.conceal_member',
  '/orgs/:org/people/leave': 'org.remove_member',
  '/orgs/:org/teams': 'team.create',
  '/orgs/:org/teams/:team_slug/edit': 'team.update',
  '/orgs/:org/teams/:team_slug/delete': 'team.destroy',
  '/orgs/:org/teams/:team_slug/members': 'team.add_member',
  '/orgs/:org/teams/:team_slug/members/remove': 'team.remove_member',
  '/orgs/:org/teams/:team_slug/repositories': 'team.update_repository_permission',
  '/orgs/:org/teams/:team_slug/repositories/remove': 'team.remove_repository',
  '/organizations/:org/settings': 'org.update_profile',
  '/organizations/:org/settings/rename': 'org.rename',
  '/organizations/:org/settings/members': 'org.update_default_repository_permission',
  '/organizations/:org/settings/tokens': 'org.update_classic_token_policy',
  '/organizations/:org/settings/delete': 'oauth_authorization.destroy oauth_application.destroy org.delete',
  '/:owner/:repo/settings/hooks': 'hook.create',
  '/:owner/:repo/settings/hooks/:hook_id': 'hook.config_changed',
  '/:owner/:repo/settings/hooks/:hook_id/delete': 'hook.destroy',
  '/:owner/:repo/settings/hooks/:hook_id/deliveries/:delivery_id/redeliver': 'hook.redeliver',
  '/settings/developers': 'oauth_application.create',
  '/settings/applications/:id': 'oauth_application.update',
  '/settings/applications/:id/secrets': 'oauth_application.generate_client_secret',
  '/settings/applications/:id/secrets/:secret_id/delete': 'oauth_application.remove_client_secret',
  '/settings/applications/:id/revoke-all':
    'oauth_access.destroy oauth_authorization.destroy oauth_application.revoke_all_tokens',
  '/settings/applications/:id/delete':
    'oauth_access.destroy oauth_authorization.destroy oauth_application.destroy',
  '/settings/applications/revoke-all': 'oauth_authorization.destroy',
  '/settings/connections/applications/:client_id/revoke': 'oauth_authorization.destroy',
  '/organizations/:org/settings/applications': 'oauth_application.create',
  '/organizations/:org/settings/applications/:id': 'oauth_application.update',
  '/organizations/:org/settings/applications/:id/secrets': 'oauth_application.generate_client_secret',
  '/organizations/:org/settings/applications/:id/secrets/:secret_id/delete':
    'oauth_application.remove_client_secret',
  '/organizations/:org/settings/applications/:id/revoke-all':
    'oauth_authorization.destroy oauth_application.revoke_all_tokens',
  '/organizations/:org/settings/applications/:id/delete':
    'oauth_authorization.destroy oauth_application.destroy',
  '/admin/applications/:id/enable': 'oauth_application.enable',
  '/admin/applications/:id/disable': 'oauth_application.disable',
  '/login/oauth/switch': 'user.logout',
  '/settings/emails': 'user.add_email',
  '/settings/emails/delete': 'user.remove_email',
  '/settings/emails/primary': 'user.primary_email',
  '/settings/emails/visibility': 'user.update',
};

/** Those that leave none here, and why. */
const others: Readonly<Record<string, string>> = {
  '/settings/notices/:id/dismiss': 'what is shown to oneself is not a change that others could mind',
  '/settings/notices/dismiss-all': 'the same',
  '/settings/security/passkeys/challenge': 'asks the browser a question; its answer is logged',
  '/login/confirm/challenge': 'the same',
  '/login/confirm': 'proves who one is, and changes nothing but until when that is believed',
  '/settings/security': 'takes the present password: below',
  '/settings/security/app': 'takes a code of the new app: second-factors.test.ts has its rows',
  '/settings/security/passkeys': 'takes an authenticator: passkeys.test.ts has passkey.register',
  '/settings/emails/verify': 'takes a code that was mailed: below',
  '/login/oauth/authorize': 'takes what an application asked for: rest.test.ts of oauth',
  '/login/device': 'asks what the code that a device shows stands for; what is answered is logged',
  '/login/device/authorize': 'takes a code that a device shows: device-pages.test.ts of oauth',
  '/new/import': 'the import that it starts is logged when it ends: repositories/log.test.ts has repo.create',
  '/new/import/:id/cancel': 'nothing was made yet',
};

interface Instead {
  readonly path?: string;
  readonly fields?: Readonly<Record<string, string>>;
  /** Makes the world such that the form changes something; all is put back after it. */
  readonly first?: (world: World) => Promise<unknown>;
}

const verifiedKeys = (world: World) => world.ctx.db.updateTable('ssh_keys').set({ verified: 0 }).execute();

/** Forms that change nothing in the world as it is, or that are not among those of the table of permissions. */
const prepared: Readonly<Record<string, Instead>> = {
  '/admin/people/:id/demote': {
    first: ({ ctx, accounts }) =>
      ctx.db.updateTable('accounts').set({ site_admin: 1 }).where('id', '=', accounts.spare.id).execute(),
  },
  '/:owner/:repo/settings/keys/:key_id/approve': { first: verifiedKeys },
  '/settings/keys/:key_id/approve': { first: verifiedKeys },
  '/:owner/:repo/settings/teams': {
    path: '/octo/kit/settings/teams',
    fields: { team: 'crew', role: 'write' },
    first: ({ ctx, accounts, octo }) =>
      ctx.db
        .insertInto('collaborators')
        .values({ repository_id: octo.kit, account_id: accounts.writer.id, role: 'admin', created_at: 0 })
        .execute(),
  },
  '/organizations/:org/settings/delete': {
    fields: { confirmation: 'octo' },
    first: ({ ctx, octo }) => ctx.db.deleteFrom('repositories').where('id', '=', octo.kit).execute(),
  },
  '/:owner/:repo/settings/transfer/cancel': { path: '/keeper/guest/settings/transfer/cancel' },
  '/login/oauth/switch': {},
  '/settings/emails/primary': {
    fields: { email: 'second@example.com' },
    first: ({ ctx }) => ctx.db.updateTable('account_emails').set({ verified_at: 1 }).execute(),
  },
};

let world: World;
beforeAll(async () => {
  world = await createWorld();
}, 120_000);
afterAll(() => world?.close());

const urls = Object.entries(pageRoutes).flatMap(([route, action]) =>
  route.startsWith('POST ') && !doors.has(action) ? [{ url: route.slice('POST '.length), action }] : [],
);

it('Every form of the pages is here once: with its rows, or with the reason why it has none', () => {
  const known = [...Object.keys(logged), ...Object.keys(others)];
  expect(known.sort()).toEqual(urls.map(({ url }) => url).sort());
  const untried = Object.keys(logged).filter((url) => !(url in forms) && !(url in prepared));
  expect(untried).toEqual([]);
});

/** Sends one form as it is meant to be sent. What it changed is to be put back by who asks. */
async function send({ url, action }: (typeof urls)[number]) {
  const { path, fields, first } = prepared[url] ?? {};
  const login = url.endsWith('/settings/teams') ? 'writer' : castOf(action).right;
  await first?.(world);
  const session = world.session(login);
  const typed = fields ?? forms[url]?.(world, world.things.private) ?? {};
  const token = authenticityToken(session, world.ctx.random);
  const ask = () =>
    world.ask({
      method: 'POST',
      url: path ?? pagePath(world, url, 'private', login),
      headers: {
        cookie: `${cookieName('session', false)}=${session.expose()}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      payload: new URLSearchParams({ ...typed, authenticity_token: token }).toString(),
    });
  return { login, ask };
}

it('Every change that is made on a page leaves its rows in the log, told of who made it', async () => {
  const { db } = world.ctx;
  const found: Record<string, string> = {};
  for (const form of urls.filter(({ url }) => url in logged)) {
    const { login, ask } = await send(form);
    const before = await db
      .selectFrom('audit_events')
      .select((eb) => eb.fn.max('id').as('id'))
      .executeTakeFirstOrThrow();
    const answer = await ask();
    const rows = await db
      .selectFrom('audit_events')
      .select(['action', 'actor_login'])
      .where('id', '>', Number(before.id))
      .orderBy('id')
      .execute();
    await world.restore();
    const byOthers = rows.filter((row) => row.actor_login !== login).length;
    const actions = [...new Set(rows.map((row) => row.action))].join(' ');
    const went = answer.statusCode < 400 ? '' : ` (${answer.statusCode})`;
    found[form.url] = `${actions}${went}${byOthers === 0 ? '' : ' by somebody else'}`;
  }
  expect(found).toEqual(logged);
}, 300_000);

it('No change is made on a page that the log can’t take: both are in one transaction', async () => {
  const { db } = world.ctx;
  const changed: string[] = [];
  for (const form of urls.filter(({ url }) => url in logged)) {
    const { ask } = await send(form);
    const before = await world.changed();
    await sql`CREATE TEMP TRIGGER full_log BEFORE INSERT ON main.audit_events
      BEGIN SELECT RAISE(ABORT, 'the log is full'); END`.execute(db);
    const answer = await ask();
    await sql`DROP TRIGGER full_log`.execute(db);
    const rows = (await world.changed()).filter((row) => !before.includes(row));
    await world.restore();
    if (answer.statusCode !== 500 || rows.length > 0)
      changed.push(`${form.url}: ${answer.statusCode}, changed ${rows.join(', ') || 'nothing'}`);
  }
  expect(changed).toEqual([]);
}, 300_000);

it('Coming in, choosing passwords and verifying an address leave their rows', async () => {
  const pages = await testPages();
  try {
    const { ctx } = pages;
    const addressOf = (link: string) => link.slice(ctx.config.url.length);
    const first = pages.browser();
    await first.get(addressOf((await createSetupLink(ctx))?.expose() ?? ''));
    const mona = { login: 'mona', email: 'mona@example.com', password: 'correct horse 7' };
    expect((await first.submit('/setup', '/setup', mona)).statusCode).toBe(303);
    const browser = pages.browser();
    const { login, password } = mona;
    expect((await browser.submit('/login', '/login', { login, password })).statusCode).toBe(303);
    const changed = { current_password: password, password: 'battery staple 8' };
    expect((await browser.submit('/settings/security', '/settings/security', changed)).statusCode).toBe(303);
    await writeSetting(ctx.db, 'mail', 'on');
    const emails = '/settings/emails';
    await browser.submit(emails, emails, { email: 'second@example.com' });
    const mail = await ctx.db
      .selectFrom('outbox')
      .select('body')
      .where('recipient', '=', 'second@example.com')
      .executeTakeFirstOrThrow();
    await browser.get(/\/settings\/emails\/verify\?code=[\w-]+/.exec(mail.body)?.[0] ?? '');
    await browser.submit(`${emails}/verify`, `${emails}/verify`, {});
    const lost = pages.browser();
    await lost.get(addressOf((await createPasswordLink(ctx, 1)).expose()));
    const chosen = await lost.submit('/password', '/password', { password: 'third time lucky 9' });
    expect(chosen.statusCode).toBe(303);
    const rows = await ctx.db
      .selectFrom('audit_events')
      .select(['action', 'user_login'])
      .orderBy('id')
      .execute();
    expect(rows.map((row) => `${row.action} ${row.user_login}`)).toEqual([
      'user.create mona',
      'user.login mona',
      'user.login mona',
      'user.change_password mona',
      'user.add_email mona',
      'user.verify_email mona',
      'user.forgot_password mona',
      'user.reset_password mona',
      'user.login mona',
    ]);
  } finally {
    await pages.close();
  }
});
