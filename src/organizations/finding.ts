// From the address of a page to the organisation or the team.
import type { FindTarget } from '../access/guard.ts';
import type { Context } from '../context.ts';
import type { TeamFound } from './api-addresses.ts';
import { findOrganization, type OrganizationFound } from './organizations.ts';
import { findTeam } from './teams.ts';

/** Finds the organisation of `/orgs/:org…` and `/organizations/:org…`. */
export function organizationInPath(ctx: Context): FindTarget<OrganizationFound> {
  return (request, actor) => findOrganization(ctx, actor, (request.params as { org: string }).org);
}

/** Finds the team of `/orgs/:org/teams/:team_slug…`. */
export function teamInPath(ctx: Context): FindTarget<TeamFound> {
  return async (request, actor) => {
    const { org, team_slug } = request.params as { org: string; team_slug: string };
    const found = await findOrganization(ctx, actor, org);
    const team = found === null ? null : await findTeam(ctx, found.organizationId, team_slug);
    return found === null || team === null ? null : { ...found, team, membersOnly: true };
  };
}
