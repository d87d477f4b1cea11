// Lists of repositories as the schema asks for them, of people and of organisations.
import type { Visibility } from '../access/targets.ts';
import {
  type Affiliation,
  type RepositoriesAsked,
  repositoriesInWindow,
  sumRepositories,
} from '../repositories/windows.ts';
import type { Asking } from './asking.ts';
import { type ConnectionArguments, connection, emptyConnection } from './connections.ts';
import { listedRepository } from './finding.ts';
import type { OwnerNode } from './resolving.ts';

export interface RepositoriesArguments extends ConnectionArguments {
  readonly privacy?: 'PRIVATE' | 'PUBLIC' | null;
  readonly visibility?: 'INTERNAL' | 'PRIVATE' | 'PUBLIC' | null;
  readonly affiliations?: readonly (AffiliationName | null)[] | null;
  readonly ownerAffiliations?: readonly (AffiliationName | null)[] | null;
  readonly isFork?: boolean | null;
  readonly isArchived?: boolean | null;
  readonly isLocked?: boolean | null;
  readonly hasIssuesEnabled?: boolean | null;
  readonly orderBy?: {
    readonly field: 'CREATED_AT' | 'NAME' | 'PUSHED_AT' | 'STARGAZERS' | 'UPDATED_AT';
    readonly direction: 'ASC' | 'DESC';
  } | null;
}

type AffiliationName = 'COLLABORATOR' | 'ORGANIZATION_MEMBER' | 'OWNER';

/** Those of an owner; only what the caller may see is listed, or counted. */
export function ownedRepositories(owner: OwnerNode, args: RepositoriesArguments, asking: Asking) {
  // Nothing here is a fork, archived or locked, or has issues.
  if ([args.isFork, args.isArchived, args.isLocked, args.hasIssuesEnabled].includes(true)) {
    return { ...emptyConnection(args), totalDiskUsage: 0 };
  }
  const { ctx, spend } = asking;
  const asked: RepositoriesAsked = {
    affiliation: ofOwner(owner, args.ownerAffiliations ?? ['OWNER', 'COLLABORATOR'], asking),
    ...(args.affiliations == null ? {} : { alsoAffiliation: ofPerson(asking.account.id, args.affiliations) }),
    ...visibilitiesOf(args),
    sort: sorts[args.orderBy?.field ?? 'CREATED_AT'],
    direction: args.orderBy?.direction === 'DESC' ? 'desc' : 'asc',
  };
  let sum: ReturnType<typeof sumRepositories> | undefined;
  const sumUp = () => {
    if (sum === undefined) spend('lookups');
    sum ??= sumRepositories(ctx, asking, asked);
    return sum;
  };
  return connection(
    args,
    {
      count: async () => (await sumUp()).count,
      page: async (window) => {
        spend('lookups');
        const { items, ...more } = await repositoriesInWindow(ctx, asking, asked, window);
        const shown = items.map(({ item, position }) => ({
          item: listedRepository(asking, item),
          position,
        }));
        return { ...more, items: shown };
      },
    },
    { fields: { totalDiskUsage: async () => (await sumUp()).sizeKib } },
  );
}

const sorts = {
  CREATED_AT: 'created',
  NAME: 'name',
  PUSHED_AT: 'pushed',
  // Nothing has stars.
  STARGAZERS: 'id',
  UPDATED_AT: 'updated',
} as const;

function ofPerson(id: number, names: readonly (AffiliationName | null)[]): Affiliation {
  return {
    ...(names.includes('OWNER') ? { ownerId: id } : {}),
    ...(names.includes('COLLABORATOR') ? { collaboratorId: id } : {}),
    ...(names.includes('ORGANIZATION_MEMBER') ? { memberId: id } : {}),
  };
}

/** Where others work on what is private, and to which organisations they belong, is not for everybody to know. */
function ofOwner(
  owner: OwnerNode,
  names: readonly (AffiliationName | null)[],
  { account }: Asking,
): Affiliation {
  const isOwner = names.includes('OWNER');
  if (owner.type === 'Organization') return isOwner ? { ownerId: owner.found.organizationId } : {};
  const { id } = owner.account;
  if (id === account.id) return ofPerson(id, names);
  return {
    ...(isOwner ? { ownerId: id } : {}),
    ...(names.includes('COLLABORATOR') ? { publicCollaboratorId: id } : {}),
  };
}

function visibilitiesOf({ privacy, visibility }: RepositoriesArguments): {
  readonly visibilities?: readonly Visibility[];
} {
  const byPrivacy: readonly Visibility[] | null =
    privacy == null ? null : privacy === 'PUBLIC' ? ['public'] : ['private', 'internal'];
  const named = visibility?.toLowerCase() as Visibility | undefined;
  if (named === undefined) return byPrivacy === null ? {} : { visibilities: byPrivacy };
  return { visibilities: byPrivacy === null || byPrivacy.includes(named) ? [named] : [] };
}
