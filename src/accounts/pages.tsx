// The web pages of people, by what they are for.
import type { GuardedRoutes } from '../access/guard.ts';
import type { Context } from '../context.ts';
import { avatarPages } from './avatar-pages.tsx';
import { emailPages } from './email-pages.tsx';
import { linkPages } from './link-pages.tsx';
import { peoplePages } from './people-pages.tsx';
import { securityPages } from './security-pages.tsx';
import { settingsPages } from './settings-pages.tsx';
import { signInPages } from './sign-in-pages.tsx';
import { sudoPages } from './sudo-pages.tsx';
import { twoFactorPages } from './two-factor-pages.tsx';

export function accountPages(routes: GuardedRoutes, ctx: Context): void {
  signInPages(routes, ctx);
  twoFactorPages(routes, ctx);
  sudoPages(routes, ctx);
  linkPages(routes, ctx);
  settingsPages(routes, ctx);
  emailPages(routes, ctx);
  securityPages(routes, ctx);
  peoplePages(routes, ctx);
  avatarPages(routes, ctx);
}
