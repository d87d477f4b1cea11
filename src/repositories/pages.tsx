// All web pages of repositories but those of what is in them, and those on which people arrive.
import type { GuardedRoutes } from '../access/guard.ts';
import type { Context } from '../context.ts';
import { createPages } from './create-pages.tsx';
import { homePages } from './home-pages.tsx';
import { repositorySettingsPages } from './settings-pages.tsx';

export function repositoryPages(routes: GuardedRoutes, ctx: Context): void {
  homePages(routes, ctx);
  createPages(routes);
  repositorySettingsPages(routes, ctx);
}
