// The schema and what answers it, put together once for a server.
import { buildSchema, type GraphQLFieldResolver, type GraphQLSchema, validateSchema } from 'graphql';
import { enterpriseVersion } from '../api/headers.ts';
import { type Asking, viewerGone } from './asking.ts';
import { changeResolvers } from './changes.ts';
import { definitions } from './definitions.ts';
import { gitDefinitions } from './definitions-git.ts';
import { repositoryDefinitions } from './definitions-repositories.ts';
import { ownerNamed, ownerWithId, repositoryNamed } from './finding.ts';
import { gitObjectResolvers } from './git-objects.ts';
import { nodeResolvers } from './nodes.ts';
import { peopleResolvers } from './people.ts';
import { refResolvers } from './refs.ts';
import { repositoryResolvers } from './repositories.ts';
import { type Resolvers, resolverOf } from './resolving.ts';
import { searchResolvers } from './searching.ts';

export interface Answering {
  readonly schema: GraphQLSchema;
  readonly resolve: GraphQLFieldResolver<unknown, Asking>;
  /** Each value says of which type it is. */
  readonly typeOf: (value: unknown) => string | undefined;
}

const rootResolvers: Resolvers = {
  Query: {
    viewer: async (_, __, asking) => {
      const self = { kind: 'account', accountId: asking.account.id } as const;
      const decision = asking.ask(asking.actor, 'user.read', self);
      const viewer = decision.allowed ? await ownerWithId(asking, asking.account.id) : null;
      if (viewer === null) throw viewerGone();
      return viewer;
    },
    relay: () => ({}),
    meta: () => ({ gitHubServicesSha: enterpriseVersion, isPasswordAuthenticationVerifiable: false }),
    resource: (_, { url }, asking) => resource(asking, url),
    rateLimit: (_, __, { rateLimit, nodes }) =>
      rateLimit === null
        ? null
        : {
            limit: rateLimit.limit,
            remaining: rateLimit.remaining,
            used: rateLimit.used,
            resetAt: new Date(rateLimit.reset * 1000).toISOString().replace(/\.\d+/, ''),
            cost: 1,
            nodeCount: nodes,
          },
  },
};

/** What lies at an address of this server: an owner, or a repository. */
async function resource(asking: Asking, url: unknown): Promise<unknown> {
  const base = `${asking.ctx.config.url}/`;
  const absolute = typeof url === 'string' && url.length < 2048 ? URL.parse(url, base)?.href : undefined;
  if (absolute?.startsWith(base) !== true) return null;
  const [owner = '', name, ...rest] = absolute.slice(base.length).split(/[?#]/)[0]?.split('/') ?? [];
  if (rest.length > 0) return null;
  if (name !== undefined && name !== '') return repositoryNamed(asking, owner, name, true);
  return ownerNamed(asking, owner);
}

export function createAnswering(): Answering {
  const schema = buildSchema([definitions, repositoryDefinitions, gitDefinitions].join('\n'));
  const [problem] = validateSchema(schema);
  if (problem !== undefined) throw problem;
  return {
    schema,
    resolve: resolverOf(schema, [
      rootResolvers,
      peopleResolvers,
      repositoryResolvers,
      refResolvers,
      gitObjectResolvers,
      nodeResolvers,
      searchResolvers,
      changeResolvers,
    ]),
    typeOf: (value) =>
      typeof value === 'object' && value !== null && 'type' in value ? String(value.type) : undefined,
  };
}
