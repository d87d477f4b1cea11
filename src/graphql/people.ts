// What the schema tells of people, organisations and teams. Who may know what is asked with the actions of REST.
import type { ActorAccount } from '../access/actor.ts';
import { nodeId } from '../api/node-ids.ts';
import { timestamp } from '../api/urls.ts';
import { organizationPath, teamPath } from '../organizations/addresses.ts';
import type { Member } from '../organizations/members.ts';
import { newRepositoryIn, type OrganizationFound } from '../organizations/organizations.ts';
import { findTeam, type Team } from '../organizations/teams.ts';
import { membersOf, organizationsOf, teamsOf } from '../organizations/windows.ts';
import type { Asking } from './asking.ts';
import { type ConnectionArguments, connection, emptyConnection } from './connections.ts';
import { notFound, refusalFault } from './faults.ts';
import { listedOrganization, ownerNamed, ownerWithId, repositoryNamed, shortened } from './finding.ts';
import { ownedRepositories } from './repository-lists.ts';
import {
  constants,
  type OrganizationNode,
  type OwnerNode,
  type PersonNode,
  type Resolvers,
  type TeamNode,
} from './resolving.ts';

/** The id and the name of either kind of owner. */
export function nameOf(owner: OwnerNode): { readonly id: number; readonly login: string } {
  return owner.type === 'User' ? owner.account : owner.found.organization;
}

const own = (account: ActorAccount) => ({ kind: 'account', accountId: account.id }) as const;

/** What people and organisations have in common: GitHub's RepositoryOwner. */
const ofOwners: Resolvers[string] = {
  id: (owner: OwnerNode) => nodeId(owner.type, nameOf(owner).id),
  databaseId: (owner: OwnerNode) => nameOf(owner).id,
  login: (owner: OwnerNode) => nameOf(owner).login,
  avatarUrl: (owner: OwnerNode, _, { ctx }) => `${ctx.config.url}/avatars/u/${nameOf(owner).id}`,
  resourcePath: (owner: OwnerNode) => organizationPath(nameOf(owner)),
  url: (owner: OwnerNode, _, { ctx }) => `${ctx.config.url}${organizationPath(nameOf(owner))}`,
  repositories: ownedRepositories,
  repository: (owner: OwnerNode, { name, followRenames }, asking) =>
    repositoryNamed(asking, nameOf(owner).login, name, followRenames !== false),
};

const isViewer = ({ account }: PersonNode, asking: Asking): boolean => account.id === asking.account.id;

export const peopleResolvers: Resolvers = {
  Query: {
    user: async (_, { login }, asking) => {
      const owner = await ownerNamed(asking, login);
      if (owner?.type === 'User') return owner;
      throw notFound(`a User with the login of '${shortened(login)}'`);
    },
    organization: async (_, { login }, asking) => {
      const owner = await ownerNamed(asking, login);
      if (owner?.type === 'Organization') return owner;
      throw notFound(`an Organization with the login of '${shortened(login)}'`);
    },
    repositoryOwner: (_, { login }, asking) => ownerNamed(asking, login),
  },
  User: {
    ...ofOwners,
    ...constants({ isEmployee: false, viewerCanFollow: false, viewerIsFollowing: false }),
    name: ({ account }: PersonNode) => account.name,
    email: async (person: PersonNode, _, asking) => {
      const { account } = person;
      if ((await asking.profile(account.id)).emailIsPublic) return account.email ?? '';
      if (!isViewer(person, asking)) return '';
      const decision = asking.ask(asking.actor, 'emails.read', own(asking.account));
      if (decision.allowed) return account.email ?? '';
      throw refusalFault(
        decision,
        { missing: notFound('an e-mail address'), field: 'email' },
        asking.actor,
        asking.ctx.config,
      );
    },
    bio: async ({ account }: PersonNode, _, { profile }) => (await profile(account.id)).bio,
    company: async ({ account }: PersonNode, _, { profile }) => (await profile(account.id)).company,
    location: async ({ account }: PersonNode, _, { profile }) => (await profile(account.id)).location,
    websiteUrl: async ({ account }: PersonNode, _, { profile }) => (await profile(account.id)).blog,
    twitterUsername: async ({ account }: PersonNode, _, { profile }) =>
      (await profile(account.id)).twitterUsername,
    isHireable: async ({ account }: PersonNode, _, { profile }) =>
      (await profile(account.id)).hireable === true,
    createdAt: ({ account }: PersonNode) => timestamp(account.createdAt),
    updatedAt: ({ account }: PersonNode) => timestamp(account.updatedAt),
    isSiteAdmin: ({ account }: PersonNode) => account.siteAdmin,
    isViewer: (person: PersonNode, _, asking) => isViewer(person, asking),
    viewerCanChangePinnedItems: () => false,
    organizations: (person: PersonNode, args: ConnectionArguments, asking) => {
      const { account } = person;
      const self = isViewer(person, asking);
      if (self) {
        const decision = asking.ask(asking.actor, 'organizations.list-own', own(asking.account));
        if (!decision.allowed) {
          const told = { missing: notFound('organizations'), field: 'organizations' };
          throw refusalFault(decision, told, asking.actor, asking.ctx.config);
        }
      }
      const list = organizationsOf(asking.ctx, asking.actor, account.id, { publicOnly: !self });
      return connection(args, {
        count: () => list.count(),
        page: async (window) => {
          asking.spend('lookups');
          const { items, ...more } = await list.page(window);
          const shown = items.map(async ({ item, position }) => ({
            item: await listedOrganization(asking, item),
            position,
          }));
          return { ...more, items: await Promise.all(shown) };
        },
      });
    },
  },
  Organization: {
    ...ofOwners,
    ...constants({ email: null, location: null, websiteUrl: null, isVerified: false }),
    ...constants({ viewerCanChangePinnedItems: false }),
    name: ({ found }: OrganizationNode) => found.organization.name,
    description: ({ found }: OrganizationNode) => found.organization.description,
    createdAt: ({ found }: OrganizationNode) => timestamp(found.organization.createdAt),
    updatedAt: ({ found }: OrganizationNode) => timestamp(found.organization.updatedAt),
    viewerIsAMember: ({ found }: OrganizationNode, _, asking) => standing(asking, found, 'viewerIsAMember'),
    viewerCanAdminister: ({ found }: OrganizationNode, _, asking) =>
      standing(asking, found, 'viewerCanAdminister') && found.role === 'owner',
    viewerCanCreateTeams: ({ found }: OrganizationNode, _, asking) =>
      asking.ask(asking.actor, 'teams.write', found).allowed,
    viewerCanCreateRepositories: ({ found }: OrganizationNode, _, asking) =>
      asking.ask(asking.actor, 'repositories.create', newRepositoryIn(found, 'public')).allowed,
    membersWithRole: ({ found }: OrganizationNode, args: ConnectionArguments, asking) => {
      const { ctx, actor, ask, spend } = asking;
      const isMember = ask(actor, 'members.list-all', found).allowed;
      const list = membersOf(ctx, found.organizationId, { publicOnly: !isMember });
      const roles = new Map<OwnerNode | null, Member['role']>();
      return connection(
        args,
        {
          count: () => list.count(),
          page: async (window) => {
            spend('lookups');
            const { items, ...more } = await list.page(window);
            const shown = items.map(async ({ item, position }) => {
              const person = await ownerWithId(asking, item.id);
              roles.set(person, item.role);
              return { item: person, position };
            });
            return { ...more, items: await Promise.all(shown) };
          },
        },
        {
          edge: (person) => ({
            role: isMember ? (roles.get(person) === 'owner' ? 'ADMIN' : 'MEMBER') : null,
          }),
        },
      );
    },
    team: async (organization: OrganizationNode, { slug }, asking): Promise<TeamNode | null> => {
      if (!mayReadTeams(asking, organization.found, 'team')) return null;
      asking.spend('lookups');
      const team = await findTeam(asking.ctx, organization.found.organizationId, slug);
      return team === null ? null : { type: 'Team', team, organization };
    },
    teams: (organization: OrganizationNode, args, asking) => {
      if (!mayReadTeams(asking, organization.found, 'teams')) return emptyConnection(args);
      const list = teamsOf(asking.ctx, organization.found.organizationId, {
        direction: args.orderBy?.direction === 'DESC' ? 'desc' : 'asc',
        ...(args.query == null ? {} : { query: args.query }),
      });
      const shown = (team: Team): TeamNode => ({ type: 'Team', team, organization });
      return connection(args, {
        count: () => list.count(),
        page: async (window) => {
          asking.spend('lookups');
          const { items, ...more } = await list.page(window);
          return { ...more, items: items.map(({ item, position }) => ({ item: shown(item), position })) };
        },
      });
    },
  },
  Team: {
    id: ({ team }: TeamNode) => nodeId('Team', team.id),
    databaseId: ({ team }: TeamNode) => team.id,
    name: ({ team }: TeamNode) => team.name,
    slug: ({ team }: TeamNode) => team.slug,
    combinedSlug: ({ team }: TeamNode) => `${team.organizationLogin}/${team.slug}`,
    description: ({ team }: TeamNode) => team.description,
    createdAt: ({ team }: TeamNode) => timestamp(team.createdAt),
    updatedAt: ({ team }: TeamNode) => timestamp(team.updatedAt),
    organization: ({ organization }: TeamNode) => organization,
    resourcePath: ({ team }: TeamNode) => teamPath(team),
    url: ({ team }: TeamNode, _, { ctx }) => `${ctx.config.url}${teamPath(team)}`,
  },
};

/** Does the caller belong to it? @throws Fault when the token may not tell */
function standing(asking: Asking, found: OrganizationFound, field: string): boolean {
  const decision = asking.ask(asking.actor, 'organizations.read-private', found);
  if (decision.allowed) return true;
  if (decision.because === 'role-missing') return false;
  throw refusalFault(
    decision,
    { missing: notFound('an Organization'), field },
    asking.actor,
    asking.ctx.config,
  );
}

/** Null: to whom teams are not there. @throws Fault when the token may not tell */
export function mayReadTeams(asking: Asking, found: OrganizationFound, field: string): boolean {
  const decision = asking.ask(asking.actor, 'teams.read', { ...found, membersOnly: true });
  if (decision.allowed) return true;
  if (decision.because === 'invisible' || decision.because === 'role-missing') return false;
  throw refusalFault(decision, { missing: notFound('a Team'), field }, asking.actor, asking.ctx.config);
}
