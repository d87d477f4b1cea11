// Making repositories through the API: for oneself, and for an organisation.
import { type Static, Type } from 'typebox';
import { type Actor, accountId } from '../access/actor.ts';
import type { Call, GuardedRoutes } from '../access/guard.ts';
import type { NewRepositoryTarget, Visibility } from '../access/targets.ts';
import { findAccount } from '../accounts/accounts.ts';
import { findOwner } from '../accounts/owners.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import { pathParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import { findOrganization, newRepositoryIn, type OrganizationFound } from '../organizations/organizations.ts';
import { findTeamById, putTeamRepository } from '../organizations/teams.ts';
import { makeInitialCommit } from './initial-commit.ts';
import { fullRepositoryJson, repositoryApiUrl } from './json.ts';
import { createRepository, findRepositoryById, type Repository } from './repositories.ts';

export const visibilityName = Type.Union([
  Type.Literal('public'),
  Type.Literal('private'),
  Type.Literal('internal'),
]);

const newRepository = Type.Object({
  name: Type.String(),
  description: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  private: Type.Optional(Type.Boolean()),
  visibility: Type.Optional(visibilityName),
  /** Begin with a commit that holds a README. */
  auto_init: Type.Optional(Type.Boolean()),
  /** A team of the organisation that gets a role in it. */
  team_id: Type.Optional(Type.Integer()),
});

/** What the two fields that say it come to; undefined: neither does. */
export function visibilityIn(body: {
  readonly private?: boolean;
  readonly visibility?: Visibility;
}): Visibility | undefined {
  if (body.visibility !== undefined) return body.visibility;
  return body.private === undefined ? undefined : body.private ? 'private' : 'public';
}

type NewTarget = NewRepositoryTarget & { readonly found?: OrganizationFound };
type CreateCall = Call<NewTarget, { readonly body: typeof newRepository }>;

export function createRest(routes: GuardedRoutes, ctx: Context): void {
  // The least that is needed is asked first; something private is asked for again, once the body has been read.
  routes.route({
    method: 'POST',
    url: '/user/repos',
    action: 'repositories.create',
    target: (_request, actor): NewTarget => ({
      kind: 'new-repository',
      accountId: accountId(actor) ?? 0,
      visibility: 'public',
    }),
    schema: { body: newRepository },
    handler: (call: CreateCall) => create(ctx, call),
  });
  routes.route({
    method: 'POST',
    url: '/orgs/:org/repos',
    action: 'repositories.create',
    target: async (request, actor): Promise<NewTarget | null> => {
      const found = await findOrganization(ctx, actor, pathParameter(request, 'org'));
      return found === null ? null : { ...newRepositoryIn(found, 'public'), found: found };
    },
    schema: { body: newRepository },
    handler: (call: CreateCall) => create(ctx, call),
  });
}

async function create(ctx: Context, call: CreateCall): Promise<unknown> {
  const { actor, target, body, ask } = call;
  const visibility = visibilityIn(body) ?? 'public';
  const decision = ask(actor, 'repositories.create', { ...target, visibility });
  if (!decision.allowed) return call.refuse(decision);
  const owner = await findOwner(ctx, target.accountId);
  if (owner === null) throw new ApiError('not-found');
  const team = await teamIn(ctx, call, body);
  const { name, description = null } = body;
  const outcome = await createRepository(call.ctx, { owner, name, description, visibility });
  if (!outcome.ok) throw validationFailed('Repository', outcome.problems);
  if (team !== null) await putTeamRepository(call.ctx, team, outcome.value, team.role);
  const repository = body.auto_init === true ? await begin(ctx, actor, outcome.value) : outcome.value;
  const role = (await findRepositoryById(ctx, actor, repository.id))?.role ?? null;
  call.reply.code(201).header('location', repositoryApiUrl(ctx.config, repository));
  return fullRepositoryJson(ctx.config, { repository, owner, actor, role });
}

/** The team that is to get a role; asked before anything is made. */
async function teamIn(ctx: Context, call: CreateCall, { team_id }: Static<typeof newRepository>) {
  if (team_id === undefined) return null;
  const organization = call.target.found;
  const team = await findTeamById(ctx, team_id);
  if (team === null || organization === undefined || team.organizationId !== organization.organizationId) {
    const message = 'The organization has no team of this id.';
    throw validationFailed('Repository', [{ field: 'team_id', code: 'invalid', message }]);
  }
  const decision = call.ask(call.actor, 'team-repositories.write', organization);
  if (decision.allowed) return team;
  const message = 'Only owners of the organization give teams access.';
  throw new ApiError('forbidden', { message });
}

async function begin(ctx: Context, actor: Actor, repository: Repository): Promise<Repository> {
  const author = await findAccount(ctx, accountId(actor) ?? 0);
  if (author === null) return repository;
  await makeInitialCommit(ctx, repository, author);
  return (await findRepositoryById(ctx, actor, repository.id))?.repository ?? repository;
}
