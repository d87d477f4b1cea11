// The pages of OAuth: consent, devices, and the applications that people register.
import type { GuardedRoutes } from '../access/guard.ts';
import type { Context } from '../context.ts';
import { administrationOfApplications } from './administration-pages.tsx';
import { authorizePages } from './authorize-pages.tsx';
import { authorizedPages } from './authorized-pages.tsx';
import { developerPages } from './developer-pages.tsx';
import { devicePages } from './device-pages.tsx';

export function oauthPages(routes: GuardedRoutes, ctx: Context): void {
  authorizePages(routes, ctx);
  devicePages(routes, ctx);
  authorizedPages(routes, ctx);
  developerPages(routes, ctx);
  administrationOfApplications(routes, ctx);
}
