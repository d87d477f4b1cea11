// Organisations through the API: the whole of what this room registers. Their repositories' routes are in
// repositories/.
import type { GuardedRoutes } from '../access/guard.ts';
import type { Context } from '../context.ts';
import { organizationRoutes, teamRoutes } from './api-addresses.ts';
import { invitationsRest } from './invitations-rest.ts';
import { membersRest } from './members-rest.ts';
import { membershipsRest } from './memberships-rest.ts';
import { organizationRest } from './organization-rest.ts';
import { ownRest } from './own-rest.ts';
import { teamMembersRest } from './team-members-rest.ts';
import { teamRepositoriesRest } from './team-repositories-rest.ts';
import { teamsRest } from './teams-rest.ts';

export function organizationsRest(routes: GuardedRoutes, ctx: Context): void {
  const below = organizationRoutes(routes, ctx);
  const belowTeam = teamRoutes(routes, ctx);
  organizationRest(routes, below, ctx);
  membersRest(below, ctx);
  membershipsRest(below, ctx);
  invitationsRest(below, ctx);
  teamsRest(below, belowTeam, ctx);
  teamMembersRest(belowTeam, ctx);
  teamRepositoriesRest(belowTeam, ctx);
  ownRest(routes, ctx);
}
