// Repositories through the API: listing, making, reading, changing, deleting. What is in them: history-rest.ts,
// contents-rest.ts, git-data-rest.ts; who may work on them: collaborators-rest.ts.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Actor } from '../access/actor.ts';
import { accountId } from '../access/actor.ts';
import type { GuardedRoutes } from '../access/guard.ts';
import type { AccountTarget, NewRepositoryTarget, Visibility } from '../access/targets.ts';
import { type Account, findAccount, findAccountByLogin } from '../accounts/accounts.ts';
import { setLastModified } from '../api/conditional.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import { pageOf, setLinks } from '../api/paging.ts';
import { choiceParameter, instantParameter, textParameter } from '../api/query.ts';
import type { Context } from '../context.ts';
import { collaboratorsRest } from './collaborators-rest.ts';
import { contentsRest } from './contents-rest.ts';
import { gitDataRest } from './git-data-rest.ts';
import { historyRest } from './history-rest.ts';
import { makeInitialCommit } from './initial-commit.ts';
import { fullRepositoryJson, repositoryApiUrl, repositoryJson } from './json.ts';
import {
  createRepository,
  deleteRepository,
  findRepositoryById,
  listRepositories,
  type Repository,
  type RepositoryFound,
  type RepositoryList,
  updateRepository,
} from './repositories.ts';
import {
  parameter,
  type RepositoryCall,
  type RepositoryRoutes,
  repositoryRoutes,
} from './repository-routes.ts';

export function repositoriesRest(routes: GuardedRoutes, ctx: Context): void {
  const below = repositoryRoutes(routes, ctx);
  listRoutes(routes, ctx);
  createRoute(routes, ctx);
  oneRepository(below, ctx);
  collaboratorsRest(below, ctx);
  historyRest(below, ctx);
  contentsRest(below, ctx);
  gitDataRest(below, ctx);
}

/** The caller's own account; nobody's for the anonymous, who are told to sign in. */
function self(_request: FastifyRequest, actor: Actor): AccountTarget {
  return { kind: 'account', accountId: accountId(actor) ?? 0 };
}

// Lists

function listRoutes(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: '/user/repos',
    action: 'repositories.list-own',
    target: self,
    handler: ({ request, reply, actor, target }) => {
      const list = ownList(request, target.accountId);
      return answerList(ctx, { request, reply, actor }, '/user/repos', list);
    },
  });
  for (const [url, find] of [
    [
      '/users/:username/repos',
      (request: FastifyRequest) => findAccountByLogin(ctx, parameter(request, 'username')),
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
      handler: ({ request, reply, actor, target }) => {
        const list = listOfAccount(request, target.accountId);
        return answerList(ctx, { request, reply, actor }, `/user/${target.accountId}/repos`, list);
      },
    });
  }
}

async function accountByNumber(ctx: Context, request: FastifyRequest): Promise<Account | null> {
  const id = parameter(request, 'account_id');
  return /^[1-9]\d{0,14}$/.test(id) ? findAccount(ctx, Number(id)) : null;
}

type Filter = Omit<RepositoryList, 'sort' | 'direction' | 'page' | 'perPage'>;

const visibilities = ['public', 'private'] as const;

/** @throws ApiError where `type` meets the two parameters that it is short for */
function ownList(request: FastifyRequest, id: number): Filter | null {
  const type = choiceParameter(request, 'type', ['all', 'owner', 'public', 'private', 'member']);
  const affiliation = textParameter(request, 'affiliation');
  const visibility = choiceParameter(request, 'visibility', ['all', ...visibilities]);
  if (type !== undefined && (affiliation !== undefined || visibility !== undefined)) {
    const message = 'If you specify visibility or affiliation, you cannot specify type.';
    throw validationFailed('Search', [{ field: 'type', code: 'custom', message }]);
  }
  const asked = affiliation?.split(',').map((part) => part.trim()) ?? ['owner', 'collaborator'];
  const affiliations = type === 'owner' ? ['owner'] : type === 'member' ? ['collaborator'] : asked;
  const wanted = visibilities.find((each) => each === (type ?? visibility));
  const since = instantParameter(request, 'since');
  const before = instantParameter(request, 'before');
  const filter = {
    ...(affiliations.includes('owner') ? { ownerId: id } : {}),
    ...(affiliations.includes('collaborator') ? { collaboratorId: id } : {}),
    ...(wanted === undefined ? {} : { visibility: wanted }),
    ...(since === undefined ? {} : { updatedAfter: since }),
    ...(before === undefined ? {} : { updatedBefore: before }),
  };
  return 'ownerId' in filter || 'collaboratorId' in filter ? filter : null;
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

interface Asked {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly actor: Actor;
}

/** @param filter null: nothing fits */
async function answerList(
  ctx: Context,
  { request, reply, actor }: Asked,
  path: string,
  filter: Filter | null,
) {
  const sort = choiceParameter(request, 'sort', ['created', 'updated', 'pushed', 'full_name']) ?? 'full_name';
  const direction =
    choiceParameter(request, 'direction', ['asc', 'desc']) ?? (sort === 'full_name' ? 'asc' : 'desc');
  const page = pageOf(request);
  const listed =
    filter === null
      ? { items: [], total: 0 }
      : await listRepositories(ctx, actor, { ...filter, sort, direction, ...page });
  setLinks(request, reply, ctx.config, path, page, listed);
  const owners = await ownersOf(ctx, listed.items);
  return listed.items.map((found) =>
    repositoryJson(ctx.config, { ...found, actor, owner: ownerIn(owners, found.repository) }),
  );
}

async function ownersOf(
  ctx: Context,
  items: readonly RepositoryFound[],
): Promise<ReadonlyMap<number, Account>> {
  const ids = new Set(items.map(({ repository }) => repository.ownerId));
  const accounts = await Promise.all([...ids].map((id) => findAccount(ctx, id)));
  return new Map(accounts.flatMap((account) => (account === null ? [] : [[account.id, account] as const])));
}

/** An owner that went away a moment ago is still told by name. */
function ownerIn(owners: ReadonlyMap<number, Account>, { ownerId, ownerLogin }: Repository) {
  return owners.get(ownerId) ?? { id: ownerId, login: ownerLogin, siteAdmin: false };
}

// Making

const text = Type.Union([Type.String(), Type.Null()]);

const newRepository = Type.Object({
  name: Type.String(),
  description: Type.Optional(text),
  private: Type.Optional(Type.Boolean()),
  visibility: Type.Optional(Type.Union([Type.Literal('public'), Type.Literal('private')])),
  /** Begin with a commit that holds a README. */
  auto_init: Type.Optional(Type.Boolean()),
});

function createRoute(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'POST',
    url: '/user/repos',
    action: 'repositories.create',
    // The least that is needed; something private is asked for again, once the body has been read.
    target: (_request, actor): NewRepositoryTarget => ({
      kind: 'new-repository',
      accountId: accountId(actor) ?? 0,
      visibility: 'public',
    }),
    schema: { body: newRepository },
    handler: async ({ actor, reply, target, body, ask, refuse }) => {
      const visibility = visibilityIn(body) ?? 'public';
      const decision = ask(actor, 'repositories.create', { ...target, visibility });
      if (!decision.allowed) return refuse(decision);
      const owner = await findAccount(ctx, target.accountId);
      if (owner === null) throw new ApiError('not-found');
      const { name, description = null } = body;
      const outcome = await createRepository(ctx, { owner, name, description, visibility });
      if (!outcome.ok) throw validationFailed('Repository', outcome.problems);
      const repository =
        body.auto_init === true ? await begin(ctx, actor, outcome.value, owner) : outcome.value;
      reply.code(201).header('location', repositoryApiUrl(ctx.config, repository));
      return fullRepositoryJson(ctx.config, { repository, owner, actor, role: 'admin' });
    },
  });
}

async function begin(
  ctx: Context,
  actor: Actor,
  repository: Repository,
  owner: Account,
): Promise<Repository> {
  await makeInitialCommit(ctx, repository, owner);
  return (await findRepositoryById(ctx, actor, repository.id))?.repository ?? repository;
}

function visibilityIn(body: {
  readonly private?: boolean;
  readonly visibility?: Visibility;
}): Visibility | undefined {
  if (body.visibility !== undefined) return body.visibility;
  return body.private === undefined ? undefined : body.private ? 'private' : 'public';
}

// One repository

const changes = Type.Object({
  name: Type.Optional(Type.String()),
  description: Type.Optional(text),
  private: Type.Optional(Type.Boolean()),
  visibility: Type.Optional(Type.Union([Type.Literal('public'), Type.Literal('private')])),
  default_branch: Type.Optional(Type.String()),
});

function oneRepository(routes: RepositoryRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    below: '',
    action: 'repositories.read',
    handler: async (call) => {
      const { updatedAt, pushedAt } = call.target.repository;
      setLastModified(call.reply, Math.max(updatedAt, pushedAt ?? 0), ctx.now());
      return shown(ctx, call, call.target.repository);
    },
  });
  routes.route({
    method: 'PATCH',
    below: '',
    action: 'repositories.update',
    schema: { body: changes },
    handler: async (call) => {
      const { actor, body, target } = call;
      const visibility = visibilityIn(body);
      if (visibility !== undefined && visibility !== target.repository.visibility) {
        const decision = call.ask(actor, 'repositories.change-visibility', target);
        if (!decision.allowed) return call.refuse(decision);
      }
      const outcome = await updateRepository(ctx, target.repositoryId, {
        ...(body.name === undefined ? {} : { name: body.name }),
        ...(body.description === undefined ? {} : { description: body.description }),
        ...(visibility === undefined ? {} : { visibility }),
        ...(body.default_branch === undefined ? {} : { defaultBranch: body.default_branch }),
      });
      if (!outcome.ok) throw validationFailed('Repository', outcome.problems);
      return shown(ctx, call, outcome.value);
    },
  });
  routes.route({
    method: 'DELETE',
    below: '',
    action: 'repositories.delete',
    handler: async ({ reply, target }) => {
      await deleteRepository(ctx, target.repositoryId);
      return reply.code(204).send();
    },
  });
}

async function shown(
  ctx: Context,
  { actor, target }: Pick<RepositoryCall, 'actor' | 'target'>,
  repository: Repository,
) {
  const owner = (await findAccount(ctx, repository.ownerId)) ?? {
    id: repository.ownerId,
    login: repository.ownerLogin,
    siteAdmin: false,
  };
  return fullRepositoryJson(ctx.config, { repository, owner, actor, role: target.role });
}
