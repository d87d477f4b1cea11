// Lists of repositories through the API: one's own, and anybody's public ones.
import type { FastifyRequest } from 'fastify';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { selfTarget } from '../access/targets.ts';
import type { NamedAccount } from '../accounts/json.ts';
import { findOwner, findOwnerByLogin, type Owner } from '../accounts/owners.ts';
import { validationFailed } from '../api/errors.ts';
import { pageOf, setLinks } from '../api/paging.ts';
import {
  choiceParameter,
  idParameter,
  instantParameter,
  pathParameter,
  textParameter,
} from '../api/parameters.ts';
import type { Context } from '../context.ts';
import { namedOwner, repositoryJson } from './json.ts';
import {
  listRepositories,
  type Repository,
  type RepositoryFound,
  type RepositoryList,
} from './repositories.ts';

export function listsRest(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: '/user/repos',
    action: 'repositories.list-own',
    target: selfTarget,
    handler: (call) => {
      const list = ownList(call.request, call.target.accountId);
      return answerList(ctx, call, '/user/repos', list);
    },
  });
  for (const [url, find] of [
    [
      '/users/:username/repos',
      (request: FastifyRequest) => findOwnerByLogin(ctx, pathParameter(request, 'username')),
    ],
    ['/user/:account_id/repos', (request: FastifyRequest) => accountByNumber(ctx, request)],
  ] as const) {
    routes.route({
      method: 'GET',
      url,
      action: 'repositories.list',
      target: async (request) => {
        const account = await find(request);
        return account === null ? null : { kind: 'account' as const, accountId: account.id };
      },
      handler: (call) => {
        const list = listOfAccount(call.request, call.target.accountId);
        return answerList(ctx, call, `/user/${call.target.accountId}/repos`, list);
      },
    });
  }
}

async function accountByNumber(ctx: Context, request: FastifyRequest): Promise<Owner | null> {
  const id = idParameter(request, 'account_id');
  return id === null ? null : findOwner(ctx, id);
}

export type Filter = Omit<RepositoryList, 'sort' | 'direction' | 'page' | 'perPage'>;

const visibilities = ['public', 'private', 'internal'] as const;

const everyAffiliation: readonly string[] = ['owner', 'collaborator', 'organization_member'];

/** @throws ApiError where `type` meets the two parameters that it is short for */
function ownList(request: FastifyRequest, id: number): Filter | null {
  const type = choiceParameter(request, 'type', ['all', 'owner', 'public', 'private', 'member']);
  const affiliation = textParameter(request, 'affiliation');
  const visibility = choiceParameter(request, 'visibility', ['all', ...visibilities]);
  if (type !== undefined && (affiliation !== undefined || visibility !== undefined)) {
    const message = 'If you specify visibility or affiliation, you cannot specify type.';
    throw validationFailed('Search', [{ field: 'type', code: 'custom', message }]);
  }
  const asked = affiliation?.split(',').map((part) => part.trim()) ?? everyAffiliation;
  const affiliations =
    type === 'owner' ? ['owner'] : type === 'member' ? ['collaborator', 'organization_member'] : asked;
  const wanted = visibilities.find((each) => each === (type ?? visibility));
  const since = instantParameter(request, 'since');
  const before = instantParameter(request, 'before');
  const filter = {
    ...(affiliations.includes('owner') ? { ownerId: id } : {}),
    ...(affiliations.includes('collaborator') ? { collaboratorId: id } : {}),
    ...(affiliations.includes('organization_member') ? { memberId: id } : {}),
    ...(wanted === undefined ? {} : { visibility: wanted }),
    ...(since === undefined ? {} : { updatedAfter: since }),
    ...(before === undefined ? {} : { updatedBefore: before }),
  };
  return affiliations.some((each) => everyAffiliation.includes(each)) ? filter : null;
}

/** Public ones only, as on GitHub: one's own private ones are listed under `/user/repos`. */
function listOfAccount(request: FastifyRequest, id: number): Filter {
  const type = choiceParameter(request, 'type', ['all', 'owner', 'member']) ?? 'owner';
  return {
    visibility: 'public',
    ...(type === 'member' ? {} : { ownerId: id }),
    ...(type === 'owner' ? {} : { collaboratorId: id }),
  };
}

type Asked = Pick<Call<unknown, RouteSchema>, 'request' | 'reply' | 'actor' | 'ask'>;

/** One page of a list, as the request asks for it. @param filter null: nothing fits */
export async function answerList(
  ctx: Context,
  { request, reply, actor, ask }: Asked,
  path: string,
  filter: Filter | null,
  defaultSort: RepositoryList['sort'] = 'full_name',
) {
  const sort = choiceParameter(request, 'sort', ['created', 'updated', 'pushed', 'full_name']) ?? defaultSort;
  const direction =
    choiceParameter(request, 'direction', ['asc', 'desc']) ?? (sort === 'full_name' ? 'asc' : 'desc');
  const page = pageOf(request);
  const listed =
    filter === null
      ? { items: [], total: 0 }
      : await listRepositories(ctx, { actor, ask }, { ...filter, sort, direction, ...page });
  setLinks(request, reply, ctx.config, path, page, listed);
  const owners = await ownersOf(ctx, listed.items);
  return listed.items.map((found) =>
    repositoryJson(ctx.config, { ...found, actor, owner: ownerIn(owners, found.repository) }),
  );
}

export async function ownersOf(
  ctx: Context,
  items: readonly RepositoryFound[],
): Promise<ReadonlyMap<number, Owner>> {
  const ids = new Set(items.map(({ repository }) => repository.ownerId));
  const accounts = await Promise.all([...ids].map((id) => findOwner(ctx, id)));
  return new Map(accounts.flatMap((account) => (account === null ? [] : [[account.id, account] as const])));
}

export function ownerIn(owners: ReadonlyMap<number, Owner>, repository: Repository): NamedAccount {
  return owners.get(repository.ownerId) ?? namedOwner(repository);
}
