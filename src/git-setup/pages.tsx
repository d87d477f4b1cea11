// The page on which people find how to have git on their computer keep a token for this instance.
import type { GuardedRoutes } from '../access/guard.ts';
import { selfTarget } from '../access/targets.ts';
import { isLogin } from '../accounts/logins.ts';
import type { Context } from '../context.ts';
import { isRepositoryName } from '../repositories/names.ts';
import { Commands } from '../web/commands.tsx';
import { renderPage } from '../web/page.tsx';
import { Heading } from '../web/parts.tsx';
import { toForget, toHttps } from './git-setup.ts';
import { GitSetUp, systemOf } from './setup-view.tsx';

export function gitSetupPages(routes: GuardedRoutes, { config }: Context): void {
  routes.route({
    method: 'GET',
    url: '/settings/git',
    action: 'user.read',
    target: selfTarget,
    handler(call) {
      const { actor, request } = call;
      const instance = { url: config.url, login: actor.kind === 'user' ? actor.account.login : '' };
      const { repository } = request.query as { readonly repository?: unknown };
      const named =
        typeof repository === 'string' && isFullName(repository) ? repository : 'OWNER/REPOSITORY';
      return renderPage(
        call,
        { title: 'Set up git', settings: 'git' },
        <>
          <Heading>Set up git</Heading>
          <p class="intro">
            git asks for a user name and a password. The password is a{' '}
            <a href="/settings/tokens/new?scopes=repo">personal access token</a>, never that of your account.
            A helper keeps it, so that you paste it once, when git asks: never as a part of a command, where
            the shell’s history would keep it too.
          </p>
          <GitSetUp instance={instance} open={systemOf(request.headers['user-agent'])} />
          <section class="git-setup-more" aria-labelledby="to-https">
            <h2 class="h3" id="to-https">
              From SSH to HTTPS
            </h2>
            <p class="muted">In a clone whose remote has an SSH address: tokens are for HTTPS.</p>
            <Commands id="to-https-lines" label="Copy: from SSH to HTTPS" lines={toHttps(instance, named)} />
          </section>
          <section class="git-setup-more" aria-labelledby="to-forget">
            <h2 class="h3" id="to-forget">
              Another token
            </h2>
            <p class="muted">
              A token that was deleted or has expired is forgotten by itself, and git asks for another. To
              have it forget one that still works (on Windows, in Git Bash):
            </p>
            <Commands id="to-forget-lines" label="Copy: forget the token" lines={toForget(instance)} />
          </section>
        </>,
      );
    },
  });
}

/** As typed by whoever made the link: nothing but a proper name gets into a command. */
function isFullName(text: string): boolean {
  const [owner = '', name = '', ...more] = text.split('/');
  return more.length === 0 && isLogin(owner) && isRepositoryName(name);
}
