// Whose repositories are, through the API: an organisation's list, the teams that work on one, and handing one over.
import { Type } from 'typebox';
import type { Call, GuardedRoutes } from '../access/guard.ts';
import type { AccountTarget, Visibility } from '../access/targets.ts';
import type { Owner } from '../accounts/owners.ts';
import { validationFailed } from '../api/errors.ts';
import { pageOf, setLinks } from '../api/paging.ts';
import { choiceParameter, idParameter, pathParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import { teamJson } from '../organizations/json.ts';
import { findOrganization, findOrganizationById } from '../organizations/organizations.ts';
import { findTeamById, listTeamsOn, putTeamRepository, type Team } from '../organizations/teams.ts';
import type { RepositoryCall, RepositoryRoutes } from './api-addresses.ts';
import { ownerOf, repositoryJson } from './json.ts';
import { answerList } from './lists-rest.ts';
import { findNewOwner, noNewOwner } from './owning.ts';
import { findRepositoryById, type RepositoryFound } from './repositories.ts';
import { transferRepository } from './transfer.ts';
import { requestTransfer } from './transfer-requests.ts';

export function ownershipRest(routes: GuardedRoutes, below: RepositoryRoutes, ctx: Context): void {
  organizationList(routes, ctx);
  below.route({
    method: 'GET',
    below: '/teams',
    action: 'collaborators.list',
    handler: async ({ request, reply, target }) => {
      const page = pageOf(request);
      const listed = await listTeamsOn(ctx, target.repositoryId, page);
      setLinks(request, reply, ctx.config, `/repositories/${target.repositoryId}/teams`, page, listed);
      return listed.items.map(({ team, role }) => teamJson(ctx.config, team, role));
    },
  });
  transferRoute(below, ctx);
}

const visibilityOfType: Readonly<Record<string, Visibility>> = {
  public: 'public',
  private: 'private',
  internal: 'internal',
};

function organizationList(routes: GuardedRoutes, ctx: Context): void {
  for (const [url, byName] of [
    ['/orgs/:org/repos', true],
    ['/organizations/:organization_id/repos', false],
  ] as const) {
    routes.route({
      method: 'GET',
      url,
      action: 'repositories.list',
      target: async (request, actor): Promise<AccountTarget | null> => {
        const id = idParameter(request, 'organization_id');
        const found = byName
          ? await findOrganization(ctx, actor, pathParameter(request, 'org'))
          : await findOrganizationById(ctx, actor, id ?? 0);
        return found === null ? null : { kind: 'account', accountId: found.organizationId };
      },
      handler: (call) => {
        const ownerId = call.target.accountId;
        const type = choiceParameter(call.request, 'type', [
          'all',
          'public',
          'private',
          'internal',
          'forks',
          'sources',
          'member',
        ]);
        const visibility = visibilityOfType[type ?? 'all'];
        // Nothing is a fork here.
        const filter = type === 'forks' ? null : { ownerId, ...(visibility ? { visibility } : {}) };
        return answerList(ctx, call, `/organizations/${ownerId}/repos`, filter, 'created');
      },
    });
  }
}

const transfer = Type.Object({
  new_owner: Type.String(),
  new_name: Type.Optional(Type.String()),
  team_ids: Type.Optional(Type.Array(Type.Integer(), { maxItems: 100 })),
});

type TransferCall = Call<RepositoryFound, { readonly body: typeof transfer }>;

function transferRoute(below: RepositoryRoutes, ctx: Context): void {
  /** Another person is asked; until they accept, the repository is where it was. */
  const offer = async (call: TransferCall, receiver: Owner) => {
    const { actor, body, target } = call;
    if (actor.kind !== 'user') return call.refuse({ because: 'unauthenticated' });
    await teamsIn(ctx, call, receiver.id, body.team_ids ?? []);
    const wanted = { receiver, requester: actor.account, newName: body.new_name ?? null };
    const outcome = await requestTransfer(call.ctx, target.repository, wanted);
    if (!outcome.ok) throw validationFailed('Repository', outcome.problems);
    call.reply.code(202);
    const { repository, role } = target;
    const owner = await ownerOf(ctx, repository);
    return repositoryJson(ctx.config, { repository, owner, actor, role });
  };
  below.route({
    method: 'POST',
    below: '/transfer',
    action: 'repositories.transfer',
    schema: { body: transfer },
    handler: async (call) => {
      const { actor, body, target } = call;
      const { visibility, id } = target.repository;
      const to = await findNewOwner(ctx, actor, body.new_owner, visibility);
      if (to === null) throw validationFailed('Repository', [noNewOwner]);
      const decision = call.ask(actor, 'repositories.create', to.target);
      if (!decision.allowed) {
        if (to.owner.kind === 'organization' || actor.kind !== 'user') return call.refuse(decision);
        if (to.owner.id === actor.account.id) return call.refuse(decision);
        return offer(call, to.owner);
      }
      const teams = await teamsIn(ctx, call, to.owner.id, body.team_ids ?? []);
      const newName = body.new_name === undefined ? {} : { newName: body.new_name };
      const outcome = await transferRepository(call.ctx, id, { newOwner: to.owner, ...newName });
      if (!outcome.ok) throw validationFailed('Repository', outcome.problems);
      for (const team of teams) await putTeamRepository(call.ctx, team, outcome.value, team.role);
      const role = (await findRepositoryById(ctx, actor, id))?.role ?? null;
      call.reply.code(202);
      const { owner } = to;
      return repositoryJson(ctx.config, { repository: outcome.value, owner, actor, role });
    },
  });
}

/** Teams of the new owner that get a role; asked before anything changes. */
async function teamsIn(
  ctx: Context,
  { actor, ask }: Pick<RepositoryCall, 'actor' | 'ask'>,
  ownerId: number,
  ids: readonly number[],
): Promise<readonly Team[]> {
  if (ids.length === 0) return [];
  const organization = await findOrganizationById(ctx, actor, ownerId);
  if (organization === null || !ask(actor, 'team-repositories.write', organization).allowed) {
    const message = 'Only owners of the organization give its teams access.';
    throw validationFailed('Repository', [{ field: 'team_ids', code: 'invalid', message }]);
  }
  const teams = await Promise.all(ids.map((id) => findTeamById(ctx, id)));
  return teams.filter((team): team is Team => team?.organizationId === ownerId);
}
