import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valueIn } from '../../test/context.ts';
import { startOAuth, type TestOAuth } from '../../test/oauth.ts';
import type { TestBrowser } from '../../test/pages.ts';
import { type Account, deleteAccount } from '../accounts/accounts.ts';
import { createOrganization, deleteOrganization } from '../organizations/organizations.ts';
import { applicationsOf, findApplication, MAX_SECRETS } from './applications.ts';
import { authorize } from './authorizations.ts';

const LIST = '/settings/developers';
const FORM = '/settings/applications/new';
const hours = 60 * 60_000;

describe('The pages of the applications that people make', () => {
  let oauth: TestOAuth;
  let ada: Account;
  let browser: TestBrowser;
  let bob: TestBrowser;
  beforeAll(async () => {
    oauth = await startOAuth();
    ada = await oauth.person('ada');
    browser = await oauth.signIn(ada);
    bob = await oauth.signIn(await oauth.person('bob'));
  });
  afterAll(() => oauth.close());

  const good = {
    name: 'Builder',
    url: 'https://builder.example.com',
    description: 'Builds.',
    callback_url: 'https://builder.example.com/callback',
    device_flow: '1',
  };
  /** Registers one. @returns its page */
  const register = async (name: string): Promise<string> => {
    const made = await browser.submit(FORM, LIST, { ...good, name });
    expect(made.statusCode).toBe(303);
    return String(made.headers.location);
  };
  const secretIn = (body: string) => /id="fresh-token">([0-9a-f]{40})</.exec(body)?.[1];
  /** The newest one's number, as the form has it. */
  const newestIn = (body: string) => /name="newest" value="(\d+)"/.exec(body)?.[1] ?? '';
  const generate = async (path: string) =>
    browser.submit(path, `${path}/secrets`, { newest: newestIn((await browser.get(path)).body) });

  it('register one, show its number, and keep what was typed where something is wrong', async () => {
    const path = await register('First');
    const page = await browser.get(path);
    expect(page.body).toMatch(/id="client-id">[0-9a-f]{20}</);
    expect(page.body).toContain('value="https://builder.example.com/callback"');
    expect((await browser.get(LIST)).body).toContain('>First</a>');
    const wrong = { ...good, name: '', callback_url: 'http://builder.example.com/', url: 'ftp://x' };
    const again = await browser.submit(FORM, LIST, wrong);
    expect(again.statusCode).toBe(422);
    for (const text of ['name-error', 'url-error', 'callback_url-error', 'value="ftp://x"']) {
      expect(again.body).toContain(text);
    }
  });

  it('let nobody pass for a client that every server knows', async () => {
    for (const name of ['GitHub CLI', 'github  cli', 'Ｇit Credential Manager']) {
      expect((await browser.submit(FORM, LIST, { ...good, name })).statusCode).toBe(422);
    }
  });

  it('show a client secret once; it works until it is deleted, beside others', async () => {
    const path = await register('Secretive');
    const application = await findApplication(oauth.ctx, Number(path.split('/').at(-1)));
    if (application === null) throw new Error('not registered');
    const [one, two] = [secretIn((await generate(path)).body), secretIn((await generate(path)).body)];
    const page = await browser.get(path);
    for (const secret of [one, two]) {
      expect(page.body).not.toContain(secret);
      expect(page.body).toContain(`…${secret?.slice(-8)}`);
    }
    const ask = async (secret = '') =>
      oauth.token({
        client_id: application.clientId,
        client_secret: secret,
        code: await oauth.code(ada, application),
      });
    expect(await ask(one)).toHaveProperty('access_token');
    expect(await ask(two)).toHaveProperty('access_token');
    await browser.submit(path, `${path}/secrets/${newestIn(page.body)}/delete`, {});
    expect(await ask(two)).toMatchObject({ error: 'incorrect_client_credentials' });
    expect(await ask(one)).toHaveProperty('access_token');
    expect((await browser.get(path)).body).toContain('last used');
  });

  it('make no second secret when the page is loaded again, and ten at most', async () => {
    const path = await register('Reloaded');
    const first = { newest: newestIn((await browser.get(path)).body) };
    expect(secretIn((await browser.submit(path, `${path}/secrets`, first)).body)).toBeDefined();
    expect((await browser.submit(path, `${path}/secrets`, first)).statusCode).toBe(303);
    for (let n = 1; n < MAX_SECRETS; n += 1) expect((await generate(path)).statusCode).toBe(200);
    const over = await generate(path);
    expect([over.statusCode, secretIn(over.body)]).toEqual([422, undefined]);
  });

  it('change what is said of it, and where it may lead, from the next request on', async () => {
    const path = await register('Changing');
    const changed = { ...good, name: 'Changed', callback_url: 'https://other.example.com/cb' };
    expect((await browser.submit(path, path, changed)).statusCode).toBe(303);
    const application = await findApplication(oauth.ctx, Number(path.split('/').at(-1)));
    expect(application).toMatchObject({ name: 'Changed', callbacks: ['https://other.example.com/cb'] });
  });

  it('end all tokens of it, and delete it with them and with what people allowed', async () => {
    const path = await register('Ending');
    const application = await findApplication(oauth.ctx, Number(path.split('/').at(-1)));
    if (application === null) throw new Error('not registered');
    const secret = secretIn((await generate(path)).body) ?? '';
    const token = async () =>
      (
        await oauth.token({
          client_id: application.clientId,
          client_secret: secret,
          code: await oauth.code(ada, application),
        })
      ).access_token;
    const first = await token();
    expect((await browser.get(path)).body).toContain('One person lets it act');
    await browser.submit(path, `${path}/revoke-all`, {});
    expect(await oauth.statusOf(first)).toBe(401);
    const second = await token();
    expect(await oauth.statusOf(second)).toBe(200);
    expect((await browser.submit(path, `${path}/delete`, {})).headers.location).toBe(LIST);
    expect(await oauth.statusOf(second)).toBe(401);
    expect((await browser.get(path)).statusCode).toBe(404);
  });

  it('are for who registered it: to others it is not there', async () => {
    const path = await register('Private');
    expect((await bob.get(path)).statusCode).toBe(404);
    for (const below of ['', '/secrets', '/secrets/1/delete', '/revoke-all', '/delete']) {
      expect((await bob.forge(LIST, `${path}${below}`, good)).statusCode).toBe(404);
    }
    // Those that are known from the start are nobody's.
    expect((await browser.get('/settings/applications/1')).statusCode).toBe(404);
  });

  it('are an organization’s too, for its owners alone, and go with it', async () => {
    const acme = valueIn(await createOrganization(oauth.ctx, { login: 'acme', name: null, owner: ada }));
    const list = '/organizations/acme/settings/applications';
    expect((await browser.get('/organizations/acme/settings')).body).toContain(`href="${list}"`);
    const made = await browser.submit(`${list}/new`, list, { ...good, name: 'Of acme' });
    const path = String(made.headers.location);
    expect(path).toMatch(new RegExp(`^${list}/\\d+$`));
    expect(secretIn((await generate(path)).body)).toBeDefined();
    expect((await browser.get(list)).body).toContain('>Of acme</a>');
    // It is the organization's, not its owner's.
    expect((await browser.get(LIST)).body).not.toContain('Of acme');
    const id = path.split('/').at(-1);
    expect((await browser.get(`/settings/applications/${id}`)).statusCode).toBe(404);
    for (const at of [list, path, `${list}/new`]) expect((await bob.get(at)).statusCode).toBe(403);
    expect((await bob.forge(LIST, `${path}/delete`, {})).statusCode).toBe(403);
    expect((await deleteOrganization(oauth.ctx, acme.id)).ok).toBe(true);
    expect(await findApplication(oauth.ctx, Number(id))).toBeNull();
  });

  it('go with their owner’s account', async () => {
    const eve = await oauth.person('eve');
    const { application } = await oauth.register(eve);
    await oauth.ctx.db.transaction().execute((db) => authorize(oauth.ctx, db, ada, application, ['gist']));
    expect((await deleteAccount(oauth.ctx, eve.id)).ok).toBe(true);
    expect(await applicationsOf(oauth.ctx, eve.id)).toEqual([]);
    expect(await findApplication(oauth.ctx, application.id)).toBeNull();
  });

  it('log every change of it', async () => {
    const { rows } = await logOf(oauth);
    for (const what of [
      'create',
      'update',
      'generate_client_secret',
      'remove_client_secret',
      'revoke_all_tokens',
      'destroy',
    ]) {
      expect(rows).toContain(`oauth_application.${what}`);
    }
    expect(rows).toContain('oauth_authorization.create');
    expect(rows).toContain('oauth_authorization.destroy');
  });

  it('ask for a proof before a secret is made or an application registered, not before one is looked at', async () => {
    const path = await register('Careful');
    oauth.ctx.clock.forward(3 * hours);
    expect((await browser.get(path)).statusCode).toBe(200);
    expect((await browser.get(FORM)).statusCode).toBe(401);
    const held = await browser.submit(path, `${path}/secrets`, { newest: '0' });
    expect([held.statusCode, secretIn(held.body)]).toEqual([401, undefined]);
  });
});

async function logOf({ ctx }: TestOAuth): Promise<{ readonly rows: readonly string[] }> {
  const rows = await ctx.db.selectFrom('audit_events').select('action').execute();
  return { rows: rows.map(({ action }) => action) };
}
