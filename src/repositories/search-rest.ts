// Searching repositories through the API.
import type { GuardedRoutes } from '../access/guard.ts';
import { instance } from '../access/targets.ts';
import { ApiError } from '../api/errors.ts';
import { pageOf, setLinks } from '../api/paging.ts';
import { choiceParameter, textParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import { repositoryJson } from './json.ts';
import { ownerIn, ownersOf } from './lists-rest.ts';
import { MAX_RESULTS, parseSearch, searchRepositories } from './search.ts';

export function searchRest(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: '/search/repositories',
    action: 'repositories.search',
    target: () => instance,
    handler: async ({ request, reply, actor, ask }) => {
      const search = parseSearch(
        textParameter(request, 'q') ?? '',
        actor.kind === 'user' ? actor.account.login : null,
      );
      if (!search.ok) {
        const errors = search.problems.map(({ field, code, message }) =>
          code === 'missing_field'
            ? { resource: 'Search', field, code: 'missing' }
            : { resource: 'Search', field, code, message },
        );
        throw new ApiError('validation-failed', { errors });
      }
      const page = pageOf(request);
      if ((page.page - 1) * page.perPage >= MAX_RESULTS) {
        const message = `Only the first ${MAX_RESULTS} search results are available`;
        throw new ApiError('validation-failed', { message });
      }
      const { items, total } = await searchRepositories(ctx, { actor, ask }, search.value, {
        sort: choiceParameter(request, 'sort', ['updated']) ?? search.value.sort ?? 'best',
        direction: choiceParameter(request, 'order', ['asc', 'desc']) ?? 'desc',
        offset: (page.page - 1) * page.perPage,
        limit: page.perPage,
      });
      const reachable = { total: Math.min(total, MAX_RESULTS) };
      setLinks(request, reply, ctx.config, '/search/repositories', page, reachable);
      const owners = await ownersOf(ctx, items);
      return {
        total_count: total,
        incomplete_results: false,
        items: items.map((found) => ({
          ...repositoryJson(ctx.config, { ...found, actor, owner: ownerIn(owners, found.repository) }),
          score: 1,
        })),
      };
    },
  });
}
