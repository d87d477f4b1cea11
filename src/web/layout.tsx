// What all pages share: head, header with the user menu, notices, footer.
import type { ComponentChildren, JSX } from 'preact';
import { Avatar } from './avatar.tsx';
import type { Flash } from './flash.ts';
import { Form } from './form.tsx';
import { Icon } from './icon.tsx';
import { NoticeBell } from './notices.tsx';
import type { PageHead } from './page.tsx';
import { usePage } from './page-context.ts';
import { Notice } from './parts.tsx';
import { signInPath } from './return-to.ts';
import { SettingsLayout } from './settings.tsx';

export interface LayoutProps {
  readonly head: PageHead;
  readonly flash: Flash | null;
  readonly children: ComponentChildren;
}

export function Layout({ head, flash, children }: LayoutProps): JSX.Element {
  const { asset } = usePage();
  const width = head.width ?? 'wide';
  return (
    <html lang="en" data-color-mode="auto" data-light-theme="light" data-dark-theme="dark">
      <head>
        <meta charset="utf-8" />
        <title>{`${head.title} · Latchkey`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <link rel="icon" type="image/svg+xml" href={asset('favicon.svg')} />
        <link rel="stylesheet" href={asset('latchkey.css')} />
        <script type="module" src={asset('latchkey.js')} />
        {head.passkeys === true && <script type="module" src={asset('passkeys.js')} />}
      </head>
      <body>
        <a class="skip-link" href="#content">
          Skip to content
        </a>
        <Header />
        {head.banner}
        <main id="content" class={`page page-${width}`} tabIndex={-1}>
          {flash && <Notice kind={flash.kind}>{flash.text}</Notice>}
          {head.settings === undefined ? (
            children
          ) : (
            <SettingsLayout current={head.settings}>{children}</SettingsLayout>
          )}
        </main>
        <div id="live" class="sr-only" aria-live="polite" />
        <footer class="page-footer">
          <span>Latchkey</span>
        </footer>
      </body>
    </html>
  );
}

function Header(): JSX.Element {
  const { account, notices, path } = usePage();
  return (
    <header class="page-header">
      <a class="page-brand" href="/">
        <Icon name="key" size={24} />
        <span>Latchkey</span>
      </a>
      {account !== null && (
        <div class="page-header-end">
          <NoticeBell count={notices.length} />
          <UserMenu login={account.login} />
        </div>
      )}
      {account === null && !path.startsWith('/login') && !path.startsWith('/setup') && (
        <a class="btn" href={signInPath(path)}>
          Sign in
        </a>
      )}
    </header>
  );
}

/** A popover needs no script, closes with Escape, and is a button to every tool. */
function UserMenu({ login }: { readonly login: string }): JSX.Element {
  return (
    <>
      <button type="button" class="user-menu-button" popovertarget="user-menu" aria-label="Open user menu">
        <Avatar login={login} size={32} />
      </button>
      <nav id="user-menu" popover class="user-menu" aria-label="User">
        <p class="user-menu-name">
          Signed in as <strong>{login}</strong>
        </p>
        <ul>
          <li>
            <a class="user-menu-item" href="/">
              <Icon name="repo" />
              Your repositories
            </a>
          </li>
          <li>
            <a class="user-menu-item" href="/settings/organizations">
              <Icon name="organization" />
              Your organizations
            </a>
          </li>
          <li>
            <a class="user-menu-item" href="/organizations/new">
              <Icon name="plus" />
              New organization
            </a>
          </li>
          <li>
            <a class="user-menu-item" href="/settings/profile">
              <Icon name="gear" />
              Settings
            </a>
          </li>
          <li>
            <Form action="/logout">
              <button type="submit" class="user-menu-item">
                <Icon name="sign-out" />
                Sign out
              </button>
            </Form>
          </li>
        </ul>
      </nav>
    </>
  );
}
