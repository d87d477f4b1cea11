// All web pages of repositories but those of what is in them, and those on which people arrive.
import type { GuardedRoutes } from '../access/guard.ts';
import type { Context } from '../context.ts';
import { createPages } from './create-pages.tsx';
import { homePages } from './home-pages.tsx';
import { repositoryInvitationPages } from './invitation-pages.tsx';
import { repositorySettingsPages } from './settings-pages.tsx';

export function repositoryPages(routes: GuardedRoutes, ctx: Context): void {
  homePages(routes, ctx);
  createPages(routes, ctx);
  repositoryInvitationPages(routes, ctx);
  repositorySettingsPages(routes, ctx);
}
