// The changes that the schema offers. Each asks for the actions of its twin in REST and calls the same rules, which log
// what was done; what is asked for besides, such as issues or a wiki, is not there to be switched on.
import type { ActionOn } from '../access/actions.ts';
import type { NewRepositoryTarget, Visibility } from '../access/targets.ts';
import { newRepositoryIn } from '../organizations/organizations.ts';
import { putTeamRepository } from '../organizations/teams.ts';
import { updateRepository } from '../repositories/changing.ts';
import { createRepository } from '../repositories/repositories.ts';
import type { Asking } from './asking.ts';
import { Fault, notFound, refusalFault, unprocessable } from './faults.ts';
import { allow, allowInOrganization, ownerWithId, repositoryWithId, shortened } from './finding.ts';
import { nodeWithId } from './nodes.ts';
import { nameOf } from './people.ts';
import type { OwnerNode, RepositoryNode, Resolvers, TeamNode } from './resolving.ts';

interface CreateInput {
  readonly clientMutationId?: string | null;
  readonly name: string;
  readonly visibility: 'INTERNAL' | 'PRIVATE' | 'PUBLIC';
  readonly ownerId?: string | null;
  readonly teamId?: string | null;
  readonly description?: string | null;
}

interface UpdateInput {
  readonly clientMutationId?: string | null;
  readonly repositoryId: string;
  readonly name?: string | null;
  readonly description?: string | null;
}

const missingNode = (id: string): Fault => notFound(`a node with the global id of '${shortened(id)}'`);

async function repositoryNode(asking: Asking, id: string): Promise<RepositoryNode> {
  const node = await nodeWithId(asking, id);
  if (node.type !== 'Repository') throw missingNode(id);
  return node;
}

async function ownerFor(asking: Asking, id: string | null): Promise<OwnerNode> {
  if (id !== null) {
    const node = await nodeWithId(asking, id);
    if (node.type === 'User' || node.type === 'Organization') return node;
    throw missingNode(id);
  }
  const own = await ownerWithId(asking, asking.account.id);
  if (own === null) throw new Fault('FORBIDDEN', 'Bad credentials');
  return own;
}

function newTarget(owner: OwnerNode, visibility: Visibility): NewRepositoryTarget {
  if (owner.type === 'Organization') return newRepositoryIn(owner.found, visibility);
  return { kind: 'new-repository', accountId: owner.account.id, visibility };
}

function mayMake(
  asking: Asking,
  action: ActionOn<'new-repository'>,
  target: NewRepositoryTarget,
  field: string,
): void {
  const decision = asking.ask(asking.actor, action, target);
  if (decision.allowed) return;
  const told = { missing: notFound('an owner'), field };
  throw refusalFault(decision, told, asking.actor, asking.ctx.config);
}

/** The team that is to get a role; asked before anything is made. */
async function teamFor(asking: Asking, id: string, owner: OwnerNode): Promise<TeamNode> {
  const node = await nodeWithId(asking, id);
  if (
    node.type !== 'Team' ||
    owner.type !== 'Organization' ||
    node.team.organizationId !== owner.found.organizationId
  )
    throw missingNode(id);
  const told = { missing: missingNode(id), field: 'teamId' };
  allowInOrganization(asking, 'team-repositories.write', owner.found, told);
  return node;
}

async function shown(asking: Asking, id: number): Promise<RepositoryNode> {
  return repositoryWithId(asking, id, notFound('a Repository'));
}

export const changeResolvers: Resolvers = {
  Mutation: {
    createRepository: async (_, { input }: { readonly input: CreateInput }, asking) => {
      const { ctx } = asking;
      const owner = await ownerFor(asking, input.ownerId ?? null);
      const visibility = input.visibility.toLowerCase() as Visibility;
      mayMake(asking, 'repositories.create', newTarget(owner, visibility), 'createRepository');
      const team = input.teamId == null ? null : await teamFor(asking, input.teamId, owner);
      const { name, description = null } = input;
      const { id, login } = nameOf(owner);
      const outcome = await createRepository(ctx, { owner: { id, login }, name, description, visibility });
      if (!outcome.ok) throw unprocessable(outcome.problems);
      if (team !== null) await putTeamRepository(ctx, team.team, outcome.value, team.team.role);
      return {
        clientMutationId: input.clientMutationId ?? null,
        repository: await shown(asking, outcome.value.id),
      };
    },
    updateRepository: async (_, { input }: { readonly input: UpdateInput }, asking) => {
      const { found } = await repositoryNode(asking, input.repositoryId);
      const missing = missingNode(input.repositoryId);
      allow(asking, 'repositories.update', found, { missing, field: 'updateRepository' });
      const outcome = await updateRepository(asking.ctx, found.repositoryId, {
        ...(input.name == null ? {} : { name: input.name }),
        ...(input.description == null ? {} : { description: input.description }),
      });
      if (!outcome.ok) throw unprocessable(outcome.problems);
      return {
        clientMutationId: input.clientMutationId ?? null,
        repository: await shown(asking, found.repositoryId),
      };
    },
    cloneTemplateRepository: async (
      _,
      { input }: { readonly input: { readonly repositoryId: string } },
      asking,
    ) => {
      const { repository } = (await repositoryNode(asking, input.repositoryId)).found;
      const name = `${repository.ownerLogin}/${repository.name}`;
      throw new Fault(
        'UNPROCESSABLE',
        `${name} is not a template repository: there are none on this server.`,
      );
    },
  },
};
