// Searching through the schema, in the words of GitHub's search box.
import { countPeopleFound, parsePeopleSearch, peopleFound } from '../accounts/people-search.ts';
import { MAX_RESULTS, parseSearch, searchRepositories } from '../repositories/search.ts';
import type { Asking } from './asking.ts';
import { type ConnectionArguments, connection } from './connections.ts';
import { Fault } from './faults.ts';
import { listedRepository, ownerWithId } from './finding.ts';
import type { OwnerNode, RepositoryNode, Resolvers } from './resolving.ts';

interface SearchArguments extends ConnectionArguments {
  readonly query: string;
  readonly type: 'REPOSITORY' | 'USER';
}

export const searchResolvers: Resolvers = {
  Query: {
    search: (_, args: SearchArguments, asking) =>
      args.type === 'USER' ? people(args, asking) : repositories(args, asking),
  },
};

const counts = {
  repositoryCount: 0,
  userCount: 0,
  codeCount: 0,
  issueCount: 0,
  discussionCount: 0,
  wikiCount: 0,
};

/** By what everybody may see of them; each is asked about as if it had been named. */
function people(args: SearchArguments, asking: Asking) {
  const search = parsePeopleSearch(args.query);
  const count = async () => {
    asking.spend('lookups');
    return search === null ? 0 : countPeopleFound(asking.ctx, search);
  };
  return connection<OwnerNode | null>(
    args,
    {
      count,
      page: async (window) => {
        asking.spend('lookups');
        if (search === null) return { items: [], hasPrevious: false, hasNext: false };
        const { items, ...more } = await peopleFound(asking.ctx, search, window);
        const shown = items.map(async ({ item, position }) => ({
          item: await ownerWithId(asking, item),
          position,
        }));
        return { ...more, items: await Promise.all(shown) };
      },
    },
    { fields: { ...counts, userCount: count } },
  );
}

function repositories(args: SearchArguments, asking: Asking) {
  const parsed = parseSearch(args.query, asking.account.login);
  if (!parsed.ok) {
    const [problem] = parsed.problems;
    if (problem?.code !== 'missing_field')
      throw new Fault('UNPROCESSABLE', problem?.message ?? 'Not a search.');
  }
  const search = parsed.ok ? parsed.value : null;
  const run = async (offset: number, limit: number) => {
    asking.spend('lookups');
    if (search === null) return { items: [], total: 0 };
    const asked = { sort: search.sort ?? 'best', direction: 'desc', offset, limit } as const;
    return searchRepositories(asking.ctx, asking, search, asked);
  };
  let total: Promise<number> | undefined;
  const count = () => {
    total ??= run(0, 1).then((found) => found.total);
    return total;
  };
  return connection<RepositoryNode | null>(
    args,
    {
      count,
      // Results have no order of their own to go on from: cursors are numbers here, as GitHub's are.
      page: async ({ after, before, take, from }) => {
        const reachable = Math.min(await count(), MAX_RESULTS);
        const begin = after === null ? 0 : Math.max(0, after[1] + 1);
        const end = before === null ? reachable : Math.min(reachable, before[1]);
        const skip = from === 'start' ? begin : Math.max(begin, end - take);
        const limit = Math.max(0, Math.min(take, end - skip));
        const { items } = limit === 0 ? { items: [] } : await run(skip, limit);
        return {
          items: items.map((found, index) => ({
            item: listedRepository(asking, found),
            position: ['', skip + index] as const,
          })),
          hasPrevious: skip > 0 && reachable > 0,
          hasNext: skip + items.length < reachable,
        };
      },
    },
    { fields: { ...counts, repositoryCount: count } },
  );
}
