// The frame of the settings pages. A new settings page is a row of this table.
import type { ComponentChildren, JSX } from 'preact';
import { Icon } from './icon.tsx';
import { NoticesOnTop } from './notices.tsx';
import { usePage } from './page-context.ts';

interface Entry {
  readonly label: string;
  readonly href: string;
  readonly icon: string;
  readonly siteAdmin?: true;
  /** Shown inside this entry while one of its own pages is open. */
  readonly inside?: 'developers';
}

const entries = {
  profile: { label: 'Profile', href: '/settings/profile', icon: 'person' },
  emails: { label: 'Emails', href: '/settings/emails', icon: 'mail' },
  security: { label: 'Password and authentication', href: '/settings/security', icon: 'shield-lock' },
  keys: { label: 'SSH and GPG keys', href: '/settings/keys', icon: 'terminal' },
  git: { label: 'Set up git', href: '/settings/git', icon: 'git-branch' },
  applications: { label: 'Applications', href: '/settings/applications', icon: 'apps' },
  sessions: { label: 'Sessions', href: '/settings/sessions', icon: 'broadcast' },
  'security-log': { label: 'Security log', href: '/settings/security-log', icon: 'log' },
  organizations: { label: 'Organizations', href: '/settings/organizations', icon: 'organization' },
  notices: { label: 'Notices', href: '/settings/notices', icon: 'bell' },
  instance: { label: 'Instance settings', href: '/admin/settings', icon: 'server', siteAdmin: true },
  people: { label: 'People', href: '/settings/people', icon: 'people', siteAdmin: true },
  'all-tokens': { label: 'All tokens', href: '/admin/tokens', icon: 'key-asterisk', siteAdmin: true },
  'all-keys': { label: 'All keys', href: '/admin/keys', icon: 'terminal', siteAdmin: true },
  'all-applications': {
    label: 'All applications',
    href: '/admin/applications',
    icon: 'apps',
    siteAdmin: true,
  },
  'all-organizations': {
    label: 'All organizations',
    href: '/admin/organizations',
    icon: 'organization',
    siteAdmin: true,
  },
  'audit-log': { label: 'Audit log', href: '/admin/audit-log', icon: 'log', siteAdmin: true },
  developers: { label: 'Developer settings', href: '/settings/developers', icon: 'code' },
  'oauth-apps': { label: 'OAuth Apps', href: '/settings/developers', icon: 'apps', inside: 'developers' },
  tokens: { label: 'Personal access tokens', href: '/settings/tokens', icon: 'key', inside: 'developers' },
} as const satisfies Record<string, Entry>;

export type SettingsPage = keyof typeof entries;

export interface SettingsLayoutProps {
  readonly current: SettingsPage;
  readonly children: ComponentChildren;
}

export function SettingsLayout({ current, children }: SettingsLayoutProps): JSX.Element {
  const { account, notices } = usePage();
  const rows = Object.entries(entries) as [SettingsPage, Entry][];
  const open = (entries[current] as Entry).inside ?? current;
  const shown = rows.filter(
    ([, entry]) =>
      (entry.siteAdmin !== true || account?.siteAdmin === true) &&
      (entry.inside === undefined || entry.inside === open),
  );
  return (
    <div class="settings">
      <nav class="settings-nav" aria-label="Settings">
        <ul>
          {shown.map(([name, entry]) => (
            <li key={name} class={entry.inside === undefined ? undefined : 'settings-nav-inside'}>
              <a
                class="settings-nav-item"
                href={entry.href}
                aria-current={name === current ? 'page' : undefined}
              >
                <Icon name={entry.icon} />
                {entry.label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="settings-body">
        {current !== 'notices' && <NoticesOnTop notices={notices} />}
        {children}
      </div>
    </div>
  );
}
