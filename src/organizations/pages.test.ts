import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRepositoryPages, type Person, type RepositoryPages } from '../../test/repository-pages.ts';

let the: RepositoryPages;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  the = await openRepositoryPages();
  ({ ann, bob } = the);
  await the.pages.person('cyd');
});
afterAll(() => the.close());

let made = 0;

/** ann's, made by its form. */
async function organization(): Promise<string> {
  const login = `acme${++made}`;
  const sent = await ann.browser.submit('/organizations/new', '/organizations/new', { login, name: 'Acme' });
  expect(sent.headers.location).toBe(`/orgs/${login}/people`);
  return login;
}

async function join(login: string, role = 'member'): Promise<void> {
  const people = `/orgs/${login}/people`;
  await ann.browser.submit(people, `${people}/invite`, { invitee: 'bob', role });
  const at = `/orgs/${login}/invitation`;
  expect((await bob.browser.submit(at, `${at}/accept`, {})).headers.location).toBe(`/${login}`);
}

describe('an organisation', () => {
  it('is made by anybody who is signed in, under a name that nobody has', async () => {
    expect((await the.stranger.get('/organizations/new')).statusCode).toBe(302);
    const login = await organization();
    for (const taken of [login.toUpperCase(), 'bob', 'settings', 'a b']) {
      const refused = await ann.browser.submit('/organizations/new', '/organizations/new', {
        login: taken,
        name: '',
      });
      expect([taken, refused.statusCode]).toEqual([taken, 422]);
      expect(refused.body).toContain('id="login-error"');
    }
    expect((await the.stranger.get(`/${login}`)).body).toContain('Acme');
    expect((await ann.browser.get('/settings/organizations')).body).toContain(login);
  });

  it('owns repositories that are made on the page', async () => {
    const login = await organization();
    await join(login);
    const form = await bob.browser.get(`/new?owner=${login}`);
    expect(form.body).toContain(`<option value="${login}" selected>`);
    const made = await bob.browser.submit('/new', '/new', {
      owner: login,
      name: 'handbook',
      description: '',
      visibility: 'internal',
    });
    expect(made.headers.location).toBe(`/${login}/handbook`);
    const cyd = (await the.pages.person(`cyd${login}`)).browser;
    expect((await cyd.get(`/${login}/handbook`)).body).toContain('Internal');
    expect((await the.stranger.get(`/${login}/handbook`)).statusCode).toBe(404);
    const notTheirs = { owner: login, name: 'more', description: '', visibility: 'private' };
    expect((await cyd.submit('/new', '/new', notTheirs)).statusCode).toBe(403);
    expect((await cyd.get(`/new?owner=${login}`)).statusCode).toBe(403);
    expect((await cyd.get('/new?owner=nobody-here')).statusCode).toBe(404);
    expect((await bob.browser.get('/')).body).toContain(`${login}/handbook`);
    const own = { owner: '', name: 'inner', description: '', visibility: 'internal' };
    expect((await bob.browser.submit('/new', '/new', own)).statusCode).toBe(422);
  });

  it('asks people, who say yes or no, and lets owners change and remove them', async () => {
    const login = await organization();
    const people = `/orgs/${login}/people`;
    const invite = (invitee: string) =>
      ann.browser.submit(people, `${people}/invite`, { invitee, role: 'member' });
    expect((await invite('nobody-here')).body).toContain('Nobody here has this user name.');
    expect((await invite('eve@example.com')).statusCode).toBe(303);
    expect((await invite('bob@example.com')).statusCode).toBe(303);
    const shown = (await ann.browser.get(people)).body;
    for (const email of ['eve', 'bob']) expect(shown).toContain(`<strong>${email}@example.com</strong>`);
    expect(shown).not.toContain('<strong>bob</strong>');
    expect((await bob.browser.get('/')).body).toContain('You have an invitation to answer');
    const at = `/orgs/${login}/invitation`;
    expect((await ann.browser.get(at)).statusCode).toBe(404);
    await bob.browser.submit(at, `${at}/decline`, {});
    const log = await the.pages.ctx.db
      .selectFrom('audit_events')
      .select(['organization_login', 'user_login'])
      .where('action', '=', 'org.decline_invitation')
      .execute();
    expect(log).toEqual([{ organization_login: null, user_login: 'bob' }]);
    expect((await bob.browser.get(at)).statusCode).toBe(404);
    expect((await bob.browser.get(people)).body).toContain('No public members');
    await join(login);
    expect((await bob.browser.get(people)).body).toContain('aria-label="Members"');
    expect((await the.stranger.get(people)).body).not.toContain('/bob');
    await bob.browser.submit(people, `${people}/visibility`, { public: '1' });
    expect((await the.stranger.get(people)).body).toContain('/bob');
    for (const [path, fields] of [
      ['/invite', { invitee: 'cyd', role: 'owner' }],
      ['/role', { login: 'bob', role: 'owner' }],
      ['/remove', { login: 'ann' }],
      ['/outside/remove', { login: 'ann' }],
      ['/cancel', { invitation: '1' }],
    ] as const) {
      expect([path, (await bob.browser.forge(people, people + path, fields)).statusCode]).toEqual([
        path,
        403,
      ]);
    }
    const demoted = await ann.browser.submit(people, `${people}/role`, { login: 'ann', role: 'member' });
    expect(demoted.body).toContain('The last owner of an organization has to stay one');
    await ann.browser.submit(people, `${people}/remove`, { login: 'bob' });
    expect((await bob.browser.get(people)).body).not.toContain('aria-label="Members"');
    await join(login, 'owner');
    expect((await bob.browser.submit(people, `${people}/leave`, {})).headers.location).toBe(`/${login}`);
  });

  it('gives teams roles in its repositories', async () => {
    const login = await organization();
    await join(login);
    const settings = `/organizations/${login}/settings`;
    await ann.browser.submit(settings, `${settings}/members`, { base_permission: 'none' });
    await ann.browser.submit('/new', '/new', { owner: login, name: 'plans', visibility: 'private' });
    const refused = await bob.browser.submit('/new', '/new', {
      owner: login,
      name: 'more',
      visibility: 'private',
    });
    expect(refused.statusCode).toBe(403);
    expect((await bob.browser.get(`/${login}/plans`)).statusCode).toBe(404);
    const teams = `/orgs/${login}/teams`;
    expect((await the.stranger.get(teams)).statusCode).toBe(302);
    const made = await ann.browser.submit(teams, teams, { name: 'Core', description: '' });
    expect(made.headers.location).toBe(`${teams}/core`);
    const core = `${teams}/core`;
    expect((await the.stranger.get(core)).statusCode).toBe(404);
    expect((await ann.browser.submit(core, `${core}/members`, { login: 'cyd' })).body).toContain(
      'Only members of the organization can be in its teams',
    );
    await ann.browser.submit(core, `${core}/members`, { login: 'bob' });
    const given = { repository: 'plans', role: 'write' };
    expect((await ann.browser.submit(core, `${core}/repositories`, given)).statusCode).toBe(303);
    expect((await bob.browser.get(`/${login}/plans`)).statusCode).toBe(200);
    expect((await bob.browser.get(core)).body).toContain('plans');
    expect((await bob.browser.forge(core, `${core}/delete`, {})).statusCode).toBe(403);
    const at = `/${login}/plans/settings`;
    await ann.browser.submit(at, `${at}/teams`, { team: 'core', role: 'none' });
    expect((await bob.browser.get(`/${login}/plans`)).statusCode).toBe(404);
    await ann.browser.submit(at, `${at}/teams`, { team: 'core', role: 'read' });
    expect((await bob.browser.get(`/${login}/plans`)).statusCode).toBe(200);
    await ann.browser.submit(core, `${core}/delete`, {});
    expect((await bob.browser.get(`/${login}/plans`)).statusCode).toBe(404);
  });

  it('takes over a repository whose name was typed, and is deleted when it owns none', async () => {
    const login = await organization();
    await the.make(`boat${made}`, 'private');
    const at = `/ann/boat${made}/settings`;
    const transfer = (confirmation: string) =>
      ann.browser.submit(at, `${at}/transfer`, { new_owner: login, transfer_confirmation: confirmation });
    expect((await transfer('boat')).body).toContain(`Type ann/boat${made} to confirm.`);
    expect((await transfer(`ann/boat${made}`)).headers.location).toBe(`/${login}/boat${made}`);
    expect((await ann.browser.get(`/ann/boat${made}`)).headers.location).toBe(`/${login}/boat${made}`);
    const settings = `/organizations/${login}/settings`;
    expect((await bob.browser.get(settings)).statusCode).toBe(403);
    const remove = (confirmation: string) =>
      ann.browser.submit(settings, `${settings}/delete`, { confirmation });
    expect((await remove('acme')).body).toContain(`Type ${login} to confirm.`);
    expect((await remove(login)).body).toContain('still owns repositories');
    const own = `/${login}/boat${made}/settings`;
    await ann.browser.submit(own, `${own}/delete`, { confirmation: `${login}/boat${made}` });
    expect((await remove(login)).statusCode).toBe(303);
    expect((await ann.browser.get(`/${login}`)).statusCode).toBe(404);
  });

  it('saves its settings, and says what is wrong with them', async () => {
    const login = await organization();
    const settings = `/organizations/${login}/settings`;
    const wrong = await ann.browser.submit(settings, settings, {
      name: 'x'.repeat(300),
      description: 'kept',
    });
    expect(wrong.statusCode).toBe(422);
    expect(wrong.body).toContain('value="kept"');
    await ann.browser.submit(settings, settings, { name: 'Acme & Co', description: 'Rockets' });
    expect((await the.stranger.get(`/${login}`)).body).toContain('Acme &amp; Co');
    const rename = (name: string) => ann.browser.submit(settings, `${settings}/rename`, { login: name });
    expect((await rename('bob')).body).toContain('id="login-error"');
    expect((await rename(`${login}-new`)).headers.location).toBe(`/organizations/${login}-new/settings`);
    await ann.browser.submit(
      `/organizations/${login}-new/settings`,
      `/organizations/${login}-new/settings/rename`,
      {
        login,
      },
    );
    await ann.browser.submit(settings, `${settings}/tokens`, {});
    expect((await ann.browser.get(settings)).body).not.toMatch(/name="allows_classic_tokens"[^>]*checked/);
    await ann.browser.submit(settings, `${settings}/tokens`, { allows_classic_tokens: '1' });
    expect((await ann.browser.get(settings)).body).toMatch(/name="allows_classic_tokens"[^>]*checked/);
  });
});
