// Every page that scenarios look at in a browser. A new page is a row here; that none is missing is held by
// test/every-page-is-looked-at.test.ts.

export interface PageRow {
  readonly path: string;
  /** Who looks: nobody by default. */
  readonly as?: 'mona';
  /** The page's main heading, as read, to see that it is the page that was meant. */
  readonly heading: string;
}

/** In a server where mona, a site admin, has tokens of every kind, `plans`, with files and a webhook, and `empty`. */
export const pageList: readonly PageRow[] = [
  { path: '/', heading: 'Welcome to Latchkey' },
  { path: '/login', heading: 'Sign in to Latchkey' },
  { path: '/setup', heading: 'Latchkey is set up already' },
  { path: '/password', heading: 'This link is not valid any more' },
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
  { path: '/mona/plans/commits/main', as: 'mona', heading: 'Commits' },
  { path: '/mona/plans/branches', as: 'mona', heading: 'Branches' },
  { path: '/mona/plans/tags', as: 'mona', heading: 'Tags' },
  { path: '/mona/plans/settings', as: 'mona', heading: 'Settings' },
  { path: '/mona/plans/settings/keys', as: 'mona', heading: 'Deploy keys' },
  { path: '/mona/plans/settings/keys/new', as: 'mona', heading: 'Add deploy key' },
  { path: '/mona/plans/settings/hooks', as: 'mona', heading: 'Webhooks' },
  { path: '/mona/plans/settings/hooks/new', as: 'mona', heading: 'Add webhook' },
  { path: '/mona/plans/settings/hooks/1', as: 'mona', heading: 'Webhook' },
  { path: '/settings/keys', as: 'mona', heading: 'SSH keys' },
  { path: '/settings/keys/new', as: 'mona', heading: 'New SSH key' },
  { path: '/logout', as: 'mona', heading: 'Sign out?' },
  { path: '/settings/profile', as: 'mona', heading: 'Profile' },
  { path: '/settings/emails', as: 'mona', heading: 'Emails' },
  { path: '/settings/security', as: 'mona', heading: 'Password and authentication' },
  { path: '/settings/security/app', as: 'mona', heading: 'Authenticator app' },
  { path: '/settings/security/passkeys/new?kind=passkey', as: 'mona', heading: 'Add a passkey' },
  { path: '/settings/emails/verify?code=none', as: 'mona', heading: 'Verify an email address' },
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
