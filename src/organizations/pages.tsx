// All web pages of organisations but the front page, which stands at the address form of people's:
// repositories/home-pages.tsx.
import type { GuardedRoutes } from '../access/guard.ts';
import type { Context } from '../context.ts';
import { organizationAdministrationPages } from './administration-pages.tsx';
import { createOrganizationPages } from './create-pages.tsx';
import { membershipPages } from './membership-pages.tsx';
import { peoplePages } from './people-pages.tsx';
import { organizationSettingsPages } from './settings-pages.tsx';
import { teamPages } from './team-pages.tsx';

export function organizationPages(routes: GuardedRoutes, ctx: Context): void {
  createOrganizationPages(routes);
  organizationAdministrationPages(routes, ctx);
  membershipPages(routes, ctx);
  peoplePages(routes, ctx);
  teamPages(routes, ctx);
  organizationSettingsPages(routes, ctx);
}
