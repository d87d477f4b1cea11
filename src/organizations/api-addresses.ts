// Every API address of an organisation exists by name, `/orgs/{org}/…`, and by number, `/organizations/{id}/…`; those of
// a team also as `/teams/{id}/…` (ghes-spec 5.5). `Link` headers name the numbers.
import type { FastifyRequest, HTTPMethods } from 'fastify';
import type { ActionOn } from '../access/actions.ts';
import type { Actor } from '../access/actor.ts';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { type Account, findAccountByLogin } from '../accounts/accounts.ts';
import { ApiError } from '../api/errors.ts';
import { idParameter, pathParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import { findOrganization, findOrganizationById, type OrganizationFound } from './organizations.ts';
import { findTeam, findTeamById, type Team } from './teams.ts';

/** A team as one caller finds it: only members know of it. */
export type TeamFound = OrganizationFound & { readonly team: Team; readonly membersOnly: true };

export interface RouteBelow<T extends OrganizationFound, S extends RouteSchema> {
  readonly method: HTTPMethods;
  /** Below the organisation or the team: empty, or `/members`. */
  readonly below: string;
  readonly action: ActionOn<'organization'>;
  readonly schema?: S;
  handler(call: Call<T, S>): unknown;
}

export interface RoutesBelow<T extends OrganizationFound> {
  route<S extends RouteSchema = RouteSchema>(route: RouteBelow<T, S>): void;
}

export type OrganizationRoutes = RoutesBelow<OrganizationFound>;
export type TeamRoutes = RoutesBelow<TeamFound>;

type Find<T> = (request: FastifyRequest, actor: Actor) => Promise<T | null>;

/** Finds the organisation of `/orgs/:org…`. */
function organizationByName(ctx: Context): Find<OrganizationFound> {
  return (request, actor) => findOrganization(ctx, actor, pathParameter(request, 'org'));
}

function organizationByNumber(ctx: Context): Find<OrganizationFound> {
  return async (request, actor) => {
    const id = idParameter(request, 'organization_id');
    return id === null ? null : findOrganizationById(ctx, actor, id);
  };
}

export function organizationRoutes(routes: GuardedRoutes, ctx: Context): OrganizationRoutes {
  return {
    route({ below, ...route }) {
      routes.route({ ...route, url: `/orgs/:org${below}`, target: organizationByName(ctx) });
      const byNumber = organizationByNumber(ctx);
      routes.route({ ...route, url: `/organizations/:organization_id${below}`, target: byNumber });
    },
  };
}

/** Finds the team of `/orgs/:org/teams/:team_slug…`. */
function teamByName(ctx: Context): Find<TeamFound> {
  return async (request, actor) => {
    const organization = await findOrganization(ctx, actor, pathParameter(request, 'org'));
    if (organization === null) return null;
    const slug = pathParameter(request, 'team_slug');
    return asFound(organization, await findTeam(ctx, organization.organizationId, slug));
  };
}

function teamByNumber(ctx: Context): Find<TeamFound> {
  return async (request, actor) => {
    const id = idParameter(request, 'team_id');
    const team = id === null ? null : await findTeamById(ctx, id);
    if (team === null) return null;
    const inPath = pathParameter(request, 'organization_id');
    if (inPath !== '' && inPath !== String(team.organizationId)) return null;
    return asFound(await findOrganizationById(ctx, actor, team.organizationId), team);
  };
}

function asFound(organization: OrganizationFound | null, team: Team | null): TeamFound | null {
  return organization === null || team === null ? null : { ...organization, team, membersOnly: true };
}

export function teamRoutes(routes: GuardedRoutes, ctx: Context): TeamRoutes {
  return {
    route({ below, ...route }) {
      routes.route({ ...route, url: `/orgs/:org/teams/:team_slug${below}`, target: teamByName(ctx) });
      const byNumber = teamByNumber(ctx);
      routes.route({
        ...route,
        url: `/organizations/:organization_id/team/:team_id${below}`,
        target: byNumber,
      });
      routes.route({ ...route, url: `/teams/:team_id${below}`, target: byNumber });
    },
  };
}

/** The person whom the path names. @throws ApiError when there is none */
export async function namedPerson(ctx: Context, request: FastifyRequest): Promise<Account> {
  const account = await findAccountByLogin(ctx, pathParameter(request, 'username'));
  if (account === null) throw new ApiError('not-found');
  return account;
}
