// From global ids, which REST gives as node_id, back to what they name. An id opens nothing: each thing is found and asked
// about as if it had been named.
import { readNodeId } from '../api/node-ids.ts';
import { findOrganizationById } from '../organizations/organizations.ts';
import { findTeamById } from '../organizations/teams.ts';
import type { Asking } from './asking.ts';
import { Fault, notFound } from './faults.ts';
import { ownerWithId, repositoryWithId, shortened } from './finding.ts';
import { gitObject } from './git-objects.ts';
import { mayReadTeams } from './people.ts';
import { mayRead, refByFullName } from './refs.ts';
import type { AnyNode, Resolvers } from './resolving.ts';

/** As GitHub. */
const MAX_IDS = 100;

/** @throws Fault NOT_FOUND, too, where the caller may not know of it */
export async function nodeWithId(asking: Asking, id: string): Promise<AnyNode> {
  const missing = notFound(`a node with the global id of '${shortened(id)}'`);
  const named = readNodeId(id);
  const found = named === null ? null : await find(asking, named.type, named.key, missing);
  if (found === null || found.type !== named?.type) throw missing;
  return found;
}

async function find(asking: Asking, type: string, key: string, missing: Fault): Promise<AnyNode | null> {
  const [, digits, rest] = /^([1-9]\d{0,14})(?::(.*))?$/s.exec(key) ?? [];
  if (digits === undefined) return null;
  const id = Number(digits);
  if (rest === undefined) {
    switch (type) {
      case 'User':
      case 'Organization':
        return ownerWithId(asking, id);
      case 'Repository':
        return repositoryWithId(asking, id, missing);
      case 'Team':
        return team(asking, id);
      default:
        return null;
    }
  }
  switch (type) {
    case 'Ref':
      return refByFullName(asking, await repositoryWithId(asking, id, missing), rest);
    case 'Commit':
    case 'Tree':
    case 'Blob':
    case 'Tag': {
      const repository = await repositoryWithId(asking, id, missing);
      mayRead(asking, repository, 'node');
      return gitObject(asking, repository, rest);
    }
    default:
      return null;
  }
}

async function team(asking: Asking, id: number): Promise<AnyNode | null> {
  asking.spend('lookups', 2);
  const team = await findTeamById(asking.ctx, id);
  if (team === null) return null;
  const found = await findOrganizationById(asking.ctx, asking.actor, team.organizationId);
  if (found === null || !mayReadTeams(asking, found, 'node')) return null;
  return { type: 'Team', team, organization: { type: 'Organization', found } };
}

export const nodeResolvers: Resolvers = {
  Query: {
    node: (_, { id }, asking) => nodeWithId(asking, id),
    nodes: (_, { ids }: { readonly ids: readonly string[] }, asking) => {
      if (ids.length > MAX_IDS) {
        const message = `You may not provide more than ${MAX_IDS} node ids; you provided ${ids.length}.`;
        throw new Fault('ARGUMENT_LIMIT', message);
      }
      return ids.map((id) => nodeWithId(asking, id));
    },
  },
};
