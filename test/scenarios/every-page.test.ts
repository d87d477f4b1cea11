// Every page, looked at by a browser: accessible to all, at home on a small screen and in the dark, and asking
// nothing of anybody else. A new page is a row of page-list.ts.
import { mkdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../../src/accounts/accounts.ts';
import { findOwnerByLogin, type Owner } from '../../src/accounts/owners.ts';
import { createHook } from '../../src/hooks/hooks.ts';
import {
  findApplicationByClientId,
  generateClientSecret,
  registerApplication,
} from '../../src/oauth/applications.ts';
import { authorize } from '../../src/oauth/authorizations.ts';
import { inviteMember } from '../../src/organizations/invitations.ts';
import { createOrganization } from '../../src/organizations/organizations.ts';
import { addTeamMember, createTeam, putTeamRepository } from '../../src/organizations/teams.ts';
import { inviteCollaborator } from '../../src/repositories/invitations.ts';
import { createRepository, findRepositoryNamed } from '../../src/repositories/repositories.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { issueApplicationToken } from '../../src/tokens/application-tokens.ts';
import {
  type BrowserSession,
  expectAccessible,
  expectNoSidewaysScroll,
  launchBrowser,
  type TestBrowser,
} from '../browser.ts';
import { valueIn } from '../context.ts';
import { createGitClient } from '../git-client.ts';
import { newPublicKey } from '../public-key.ts';
import { pageList } from './page-list.ts';
import { startServer, type TestServer } from './server.ts';

const password = 'a harmless squirrel';
const readme = `# Plans

A [link](docs/plan.ts), ![an image](docs/none.png), \`code\`, and a list:

- one
- [x] two

| a | b |
| - | - |
| ${'1 '.repeat(20)} | ${'wide'.repeat(40)} |

\`\`\`sh
git clone http://127.0.0.1/mona/plans.git --config 'a=b' --config 'c=d' --config 'e=f' --config 'g=h' --config 'i=j' plans
\`\`\`
`;
const day = 24 * 60 * 60 * 1000;

let browsers: TestBrowser;
let server: TestServer;
beforeAll(async () => {
  [browsers, server] = await Promise.all([launchBrowser(), startServer()]);
  const mona = await server.person('mona', { siteAdmin: true, password });
  const hubot = await server.person('hubot');
  await makeOrganizations(mona, hubot);
  await makeApplication({ ...mona, kind: 'user' });
  await makeApplication({ ...(await organizationNamed('acme')), kind: 'organization' });
  await server.token('mona', ['repo', 'user', 'gist', 'delete_repo', 'admin:org', 'notifications']);
  await server.token('mona', [], Date.now() + day);
  await server.token('mona', ['repo'], Date.now() - day);
  await authorizeGh(mona);
  await server.repository('mona', 'empty', 'private');
  const { cloneUrl } = await server.repository('mona', 'plans', 'private');
  await makeHook();
  const client = await createGitClient();
  try {
    const env = server.credential(await server.token('mona', ['repo'], Date.now() + 60 * day));
    await client.git(['clone', cloneUrl, 'plans'], { env });
    await mkdir(client.path('plans/docs'));
    await writeFile(client.path('plans/README.md'), readme);
    await writeFile(client.path('plans/docs/plan.ts'), 'export const plan: string = "none";\n'.repeat(30));
    await client.git(['add', '--all'], { in: 'plans' });
    await client.git(['commit', '--message', 'Write plans down'], { in: 'plans' });
    await client.git(['push', 'origin', 'HEAD'], { in: 'plans', env });
  } finally {
    await client.close();
  }
});
afterAll(async () => {
  await Promise.all([browsers?.close(), server?.[Symbol.asyncDispose]()]);
});

async function organizationNamed(login: string): Promise<Owner> {
  const found = await findOwnerByLogin(server.ctx, login);
  if (found === null) throw new Error('The organization is missing.');
  return found;
}

async function makeApplication({ id, login, kind }: Owner): Promise<void> {
  const { ctx } = server;
  const url = `https://builder.example.com/${'a-long-path/'.repeat(10)}`;
  const fields = { name: 'A builder', url, description: '', callbackUrl: url, deviceFlow: true };
  const owner = { id, login, kind };
  const application = valueIn(await registerApplication(ctx, owner, { ...fields, isPublic: false }));
  valueIn(await generateClientSecret(ctx, application));
}

/** With a token and a key that it made. */
async function authorizeGh({ id: accountId, login }: Account): Promise<void> {
  const { ctx } = server;
  const gh = await findApplicationByClientId(ctx, '178c6fc778ccc68e1d6a');
  if (gh === null) throw new Error('gh is not known.');
  const scopes = ['repo', 'gist', 'read:org', 'admin:public_key'] as const;
  const issued = await ctx.db.transaction().execute(async (db) => {
    await authorize(ctx, db, { id: accountId, login }, gh, scopes);
    return issueApplicationToken(ctx, db, { accountId, application: gh, scopes });
  });
  await server.fetch('/api/v3/user/keys', {
    method: 'POST',
    token: issued?.secret.expose() ?? '',
    body: JSON.stringify({ title: 'A laptop', key: newPublicKey() }),
  });
}

async function makeHook(): Promise<void> {
  const { ctx } = server;
  const plans = await findRepositoryNamed(ctx, 'mona', 'plans');
  const hook = {
    url: 'https://example.com/hook',
    contentType: 'json',
    secret: new Secret('drip'),
    events: ['push'],
  } as const;
  if (plans === null) throw new Error('The repository is missing.');
  valueIn(await createHook(ctx, plans, { ...hook, active: true }));
}

/** acme is mona's, with a team and a repository; globex is hubot's, who invites mona. */
async function makeOrganizations(mona: Account, hubot: Account): Promise<void> {
  const { ctx } = server;
  const acme = valueIn(await createOrganization(ctx, { login: 'acme', name: null, owner: mona }));
  const team = valueIn(await createTeam(ctx, acme, { name: 'Core', description: 'All', role: 'read' }));
  valueIn(await addTeamMember(ctx, team, mona));
  const wanted = { owner: acme, name: 'handbook', description: null, visibility: 'internal' } as const;
  const handbook = valueIn(await createRepository(ctx, wanted));
  valueIn(await putTeamRepository(ctx, team, handbook, 'write'));
  const invitation = { inviter: mona, role: 'write' } as const;
  valueIn(await inviteCollaborator(ctx, handbook, { ...invitation, invitee: hubot }));
  valueIn(await inviteMember(ctx, acme, { invitee: hubot, inviter: mona, role: 'member' }));
  const globex = valueIn(await createOrganization(ctx, { login: 'globex', name: 'Globex', owner: hubot }));
  valueIn(await inviteMember(ctx, globex, { invitee: mona, inviter: hubot, role: 'owner' }));
}

let stranger: BrowserSession;
let mona: BrowserSession;
beforeAll(async () => {
  [stranger, mona] = [await browsers.open(server.url), await browsers.open(server.url)];
  const { page } = mona;
  await page.goto('/login');
  await page.getByLabel('Username or email address').fill('mona');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
});
afterAll(() => Promise.all([stranger?.context.close(), mona?.context.close()]));

const wide = { width: 1280, height: 720 };
const small = { width: 320, height: 640 };
const looks = [
  { size: wide, colorScheme: 'light' },
  { size: wide, colorScheme: 'dark' },
  { size: small, colorScheme: 'light' },
] as const;

/** Looks at the page in the light, in the dark, and on a screen 320 pixels wide: no look may ask for another page. */
async function expectForEveryone({ page, faults }: BrowserSession): Promise<void> {
  for (const { size, colorScheme } of looks) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
  }
  await page.setViewportSize(wide);
  expect(faults).toEqual([]);
}

describe('Seen in the light, in the dark and on a screen 320 pixels wide,', () => {
  it.each(pageList)('$path ($heading) is for everyone', async ({ path, as, heading }) => {
    const session = as === 'mona' ? mona : stranger;
    const { page } = session;
    await page.goto(path);
    expect(await page.getByRole('heading', { level: 1 }).first().textContent()).toBe(heading);
    expect(await page.title()).toMatch(/^.+ · Latchkey$/);
    await expectForEveryone(session);
  });

  it('a commit is for everyone', async () => {
    const { page } = mona;
    await page.goto('/mona/plans/commits');
    await page.getByRole('link', { name: 'Write plans down' }).first().click();
    await page.waitForURL('**/commit/*');
    await expectForEveryone(mona);
  });

  it('the open user menu and a dialog are for everyone', async () => {
    const { page } = mona;
    await page.goto('/settings/tokens');
    await page.getByRole('button', { name: 'Open user menu' }).click();
    await page.getByRole('link', { name: 'Settings', exact: true }).waitFor();
    await expectForEveryone(mona);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Delete', exact: true }).first().click();
    await page.getByRole('dialog').waitFor();
    await expectForEveryone(mona);
  });

  it('the errors of a form are for everyone', async () => {
    const { page } = mona;
    await page.goto('/settings/tokens/new');
    await page.getByLabel('Expiration', { exact: true }).selectOption('Custom…');
    await page.getByLabel('Note').fill(' ');
    await page.getByRole('checkbox', { name: 'repo', exact: true }).check();
    await page.getByRole('button', { name: 'Generate token' }).click();
    expect(await page.getByLabel('Expiration date').getAttribute('aria-describedby')).toContain('error');
    expect(await page.getByRole('checkbox', { name: 'repo', exact: true }).isChecked()).toBe(true);
    await expectForEveryone(mona);
  });
});

describe('The check of accessibility', () => {
  it('finds what is wrong', async () => {
    const { page, context } = await browsers.open(server.url);
    await page.goto('/login');
    await page.evaluate(`document.querySelector('label').remove()`);
    const found = await expectAccessible(page).catch((error) => JSON.stringify(error.actual));
    expect(found).toContain('Form elements must have labels');
    await context.close();
  });

  it.each([
    ['(prefers-color-scheme: dark)', 'color: #222 !important', 'color-contrast'],
    ['(max-width: 400px)', 'width: 2000px', 'is wider than the window'],
  ])('sees what is wrong at %s only', async (look, rule, fault) => {
    const session = await browsers.open(server.url);
    await session.page.goto('/login');
    await expectForEveryone(session);
    await session.page.evaluate(`{
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('@media ${look} { h1 { ${rule} } }');
      document.adoptedStyleSheets = [sheet];
    }`);
    const found = await expectForEveryone(session).catch(
      (error) => `${error.message}${JSON.stringify(error.actual)}`,
    );
    expect(found).toContain(fault);
    await session.context.close();
  });
});
