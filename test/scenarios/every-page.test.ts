// Every page, looked at by a browser: accessible to all, at home on a small screen and in the dark, and asking
// nothing of anybody else. A new page is a row of page-list.ts.
import { mkdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../../src/accounts/accounts.ts';
import { createHook } from '../../src/hooks/hooks.ts';
import { generateClientSecret, registerApplication } from '../../src/oauth/applications.ts';
import { inviteMember } from '../../src/organizations/invitations.ts';
import { createOrganization } from '../../src/organizations/organizations.ts';
import { addTeamMember, createTeam, putTeamRepository } from '../../src/organizations/teams.ts';
import { inviteCollaborator } from '../../src/repositories/invitations.ts';
import { createRepository, findRepositoryNamed } from '../../src/repositories/repositories.ts';
import { Secret } from '../../src/secrets/secret.ts';
import {
  type BrowserSession,
  expectAccessible,
  expectNoSidewaysScroll,
  launchBrowser,
  type TestBrowser,
} from '../browser.ts';
import { valueIn } from '../context.ts';
import { createGitClient } from '../git-client.ts';
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
  await makeApplication(mona);
  await server.token('mona', ['repo', 'user', 'gist', 'delete_repo', 'admin:org', 'notifications']);
  await server.token('mona', [], Date.now() + day);
  await server.token('mona', ['repo'], Date.now() - day);
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

async function makeApplication({ id, login }: Account): Promise<void> {
  const { ctx } = server;
  const url = `https://builder.example.com/${'a-long-path/'.repeat(10)}`;
  const fields = { name: 'A builder', url, description: '', callbackUrl: url, deviceFlow: true };
  const owner = { id, login, kind: 'user' } as const;
  const application = valueIn(await registerApplication(ctx, owner, { ...fields, isPublic: false }));
  valueIn(await generateClientSecret(ctx, application));
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

const looks = {
  'in the light': {},
  'in the dark': { colorScheme: 'dark' },
  'on a screen 320 pixels wide': { viewport: { width: 320, height: 640 } },
} as const;

describe.each(Object.entries(looks))('Seen %s,', (_, options) => {
  let stranger: BrowserSession;
  let mona: BrowserSession;
  beforeAll(async () => {
    stranger = await browsers.open(server.url, options);
    mona = await browsers.open(server.url, options);
    await mona.page.goto('/login');
    await mona.page.getByLabel('Username or email address').fill('mona');
    await mona.page.getByLabel('Password').fill(password);
    await mona.page.getByRole('button', { name: 'Sign in' }).click();
  });
  afterAll(() => Promise.all([stranger.context.close(), mona.context.close()]));

  it.each(pageList)('$path ($heading) is for everyone', async ({ path, as, heading }) => {
    const { page, faults } = as === 'mona' ? mona : stranger;
    await page.goto(path);
    expect(await page.getByRole('heading', { level: 1 }).first().textContent()).toBe(heading);
    expect(await page.title()).toMatch(/^.+ · Latchkey$/);
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    expect(faults).toEqual([]);
  });

  it('a commit is for everyone', async () => {
    const { page, faults } = mona;
    await page.goto('/mona/plans/commits');
    await page.getByRole('link', { name: 'Write plans down' }).first().click();
    await page.waitForURL('**/commit/*');
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    expect(faults).toEqual([]);
  });

  it('the open user menu and a dialog are for everyone', async () => {
    const { page } = mona;
    await page.goto('/settings/tokens');
    await page.getByRole('button', { name: 'Open user menu' }).click();
    await page.getByRole('link', { name: 'Settings', exact: true }).waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Delete', exact: true }).first().click();
    await page.getByRole('dialog').waitFor();
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
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
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
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
});
