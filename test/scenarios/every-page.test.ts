// Every page, looked at by a browser: accessible to all, at home on a small screen and in the dark, and asking
// nothing of anybody else. A new page is a row of `pageList`.
import { mkdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../../src/accounts/accounts.ts';
import { inviteMember } from '../../src/organizations/invitations.ts';
import { createOrganization } from '../../src/organizations/organizations.ts';
import { addTeamMember, createTeam, putTeamRepository } from '../../src/organizations/teams.ts';
import { inviteCollaborator } from '../../src/repositories/invitations.ts';
import { createRepository } from '../../src/repositories/repositories.ts';
import {
  type BrowserSession,
  expectAccessible,
  expectNoSidewaysScroll,
  launchBrowser,
  type TestBrowser,
} from '../browser.ts';
import { valueIn } from '../context.ts';
import { createGitClient } from '../git-client.ts';
import { startServer, type TestServer } from './server.ts';

interface PageRow {
  readonly path: string;
  /** Who looks: nobody by default. */
  readonly as?: 'mona';
  /** The page's main heading, as read, to see that it is the page that was meant. */
  readonly heading: string;
}

/** In a server where mona, a site admin, has tokens of every kind, `plans`, with files, and `empty`. */
const pageList: readonly PageRow[] = [
  { path: '/', heading: 'Welcome to Latchkey' },
  { path: '/login', heading: 'Sign in to Latchkey' },
  { path: '/setup', heading: 'Latchkey is set up already' },
  { path: '/docs/rest', heading: 'REST API' },
  { path: '/nowhere/at/all', heading: "This page doesn't exist" },
  { path: '/', as: 'mona', heading: 'Your repositories' },
  { path: '/mona', as: 'mona', heading: 'mona' },
  { path: '/new', as: 'mona', heading: 'Create a new repository' },
  { path: '/new/import', as: 'mona', heading: 'Import a repository' },
  { path: '/mona/empty', as: 'mona', heading: 'mona/empty' },
  { path: '/mona/plans', as: 'mona', heading: 'mona/plans' },
  { path: '/mona/plans/tree/main/docs', as: 'mona', heading: 'plans / docs' },
  { path: '/mona/plans/blob/main/docs/plan.ts', as: 'mona', heading: 'plans / docs / plan.ts' },
  { path: '/mona/plans/commits', as: 'mona', heading: 'Commits' },
  { path: '/mona/plans/branches', as: 'mona', heading: 'Branches' },
  { path: '/mona/plans/tags', as: 'mona', heading: 'Tags' },
  { path: '/mona/plans/settings', as: 'mona', heading: 'Settings' },
  { path: '/mona/plans/settings/keys', as: 'mona', heading: 'Deploy keys' },
  { path: '/mona/plans/settings/keys/new', as: 'mona', heading: 'Add deploy key' },
  { path: '/mona/plans/settings/hooks', as: 'mona', heading: 'Webhooks' },
  { path: '/mona/plans/settings/hooks/new', as: 'mona', heading: 'Add webhook' },
  { path: '/settings/keys', as: 'mona', heading: 'SSH keys' },
  { path: '/settings/keys/new', as: 'mona', heading: 'New SSH key' },
  { path: '/logout', as: 'mona', heading: 'Sign out?' },
  { path: '/settings/profile', as: 'mona', heading: 'Profile' },
  { path: '/settings/emails', as: 'mona', heading: 'Emails' },
  { path: '/settings/security', as: 'mona', heading: 'Password and authentication' },
  { path: '/settings/security/app', as: 'mona', heading: 'Authenticator app' },
  { path: '/login/confirm', as: 'mona', heading: 'Confirm access' },
  { path: '/settings/sessions', as: 'mona', heading: 'Sessions' },
  { path: '/settings/notices', as: 'mona', heading: 'Notices' },
  { path: '/admin/settings', as: 'mona', heading: 'Instance settings' },
  { path: '/settings/people', as: 'mona', heading: 'People' },
  { path: '/admin/people/2', as: 'mona', heading: 'hubot' },
  { path: '/invitations', as: 'mona', heading: 'Invitations' },
  { path: '/settings/organizations', as: 'mona', heading: 'Organizations' },
  { path: '/organizations/new', as: 'mona', heading: 'Create an organization' },
  { path: '/acme', as: 'mona', heading: 'acme' },
  { path: '/acme', heading: 'acme' },
  { path: '/orgs/acme/people', as: 'mona', heading: 'People' },
  { path: '/orgs/acme/people', heading: 'People' },
  { path: '/orgs/acme/teams', as: 'mona', heading: 'Teams' },
  { path: '/orgs/acme/teams/core', as: 'mona', heading: 'Core' },
  { path: '/orgs/globex/invitation', as: 'mona', heading: 'Join globex?' },
  { path: '/organizations/acme/settings', as: 'mona', heading: 'Settings' },
  { path: '/acme/handbook/settings', as: 'mona', heading: 'Settings' },
  { path: '/admin/tokens', as: 'mona', heading: 'All tokens' },
  { path: '/admin/keys', as: 'mona', heading: 'All keys' },
  { path: '/settings/tokens', as: 'mona', heading: 'Personal access tokens' },
  { path: '/settings/tokens/new', as: 'mona', heading: 'New personal access token' },
  { path: '/settings/security-log', as: 'mona', heading: 'Security log' },
  { path: '/admin/audit-log?include=all', as: 'mona', heading: 'Audit log' },
  { path: '/admin/audit-log?q=colour:red', as: 'mona', heading: 'Audit log' },
  { path: '/settings/tokens/1', as: 'mona', heading: 'Edit personal access token' },
  { path: '/settings/tokens/1/regenerate', as: 'mona', heading: 'Regenerate personal access token' },
];

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
  await server.token('mona', ['repo', 'user', 'gist', 'delete_repo', 'admin:org', 'notifications']);
  await server.token('mona', [], Date.now() + day);
  await server.token('mona', ['repo'], Date.now() - day);
  await server.repository('mona', 'empty', 'private');
  const { cloneUrl } = await server.repository('mona', 'plans', 'private');
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
