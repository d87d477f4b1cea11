// What can be asked of GraphQL, and by which action REST asks for the same: measured from outside like its routes.
import type { ActionName } from '../../src/access/actions.ts';
import { nodeId } from '../../src/api/node-ids.ts';
import type { Visible } from './oracle.ts';
import type { Login, World } from './world.ts';

export interface GraphqlCase {
  readonly what: string;
  readonly action: ActionName;
  query(world: World, visibility: Visible, caller: Login): string;
  /** Does the data say what was asked for? */
  isTold(data: Data): boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: whatever a query asked for
type Data = any;

const repository = (fields: string) => (world: World, visibility: Visible) =>
  `{ repository(owner: "mona", name: "${world.things[visibility].name}") { ${fields} } }`;
const organization = (fields: string) => () => `{ organization(login: "octo") { ${fields} } }`;

export const graphqlCases: readonly GraphqlCase[] = [
  {
    what: 'viewer',
    action: 'graphql.query',
    query: () => '{ viewer { login } }',
    isTold: (data) => typeof data.viewer?.login === 'string',
  },
  {
    what: 'viewer.email',
    action: 'emails.read',
    query: () => '{ viewer { email } }',
    isTold: (data) => data?.viewer?.email.includes('@') === true,
  },
  {
    what: 'viewer.organizations',
    action: 'organizations.list-own',
    query: () => '{ viewer { organizations(first: 5) { nodes { login } } } }',
    isTold: (data) => Array.isArray(data?.viewer?.organizations.nodes),
  },
  {
    what: 'user',
    action: 'accounts.read',
    query: () => '{ user(login: "spare") { id } }',
    isTold: (data) => data.user !== null,
  },
  {
    what: 'repository',
    action: 'repositories.read',
    query: repository('id'),
    isTold: (data) => data.repository !== null,
  },
  {
    what: 'node of a repository',
    action: 'repositories.read',
    query: (world, visibility) =>
      `{ node(id: "${nodeId('Repository', world.things[visibility].id)}") { id } }`,
    isTold: (data) => data.node !== null,
  },
  {
    what: 'repositoryOwner.repositories',
    action: 'repositories.read',
    query: (_world, visibility) =>
      `{ repositoryOwner(login: "mona") { repositories(first: 9, visibility: ${visibility.toUpperCase()}) { nodes { id } totalCount } } }`,
    isTold: ({ repositoryOwner }) => repositoryOwner.repositories.totalCount > 0,
  },
  {
    what: 'search of repositories',
    action: 'repositories.read',
    query: (world, visibility) =>
      `{ search(type: REPOSITORY, query: "${world.things[visibility].name} user:mona", first: 9) { repositoryCount } }`,
    isTold: (data) => data.search.repositoryCount > 0,
  },
  {
    what: 'repository.object',
    action: 'contents.read',
    query: repository('object(expression: "HEAD:README.md") { ... on Blob { text } }'),
    isTold: (data) => typeof data.repository?.object?.text === 'string',
  },
  {
    what: 'node of a commit',
    action: 'contents.read',
    query: ({ things }, visibility) => {
      const { id, head } = things[visibility];
      return `{ node(id: "${nodeId('Commit', `${id}:${head}`)}") { ... on Commit { message } } }`;
    },
    isTold: (data) => data.node !== null,
  },
  {
    what: 'organization',
    action: 'organizations.read',
    query: organization('name'),
    isTold: (data) => data.organization !== null,
  },
  {
    what: 'organization.viewerIsAMember',
    action: 'organizations.read-private',
    query: organization('viewerIsAMember'),
    isTold: (data) => data.organization?.viewerIsAMember === true,
  },
  {
    what: 'organization.team',
    action: 'teams.read',
    query: organization('team(slug: "crew") { name }'),
    isTold: (data) => data.organization?.team != null,
  },
  {
    what: 'node of a team',
    action: 'teams.read',
    query: ({ octo }) => `{ node(id: "${nodeId('Team', octo.team)}") { id } }`,
    isTold: (data) => data.node !== null,
  },
  {
    what: 'createRepository',
    action: 'repositories.create',
    query: (_world, visibility) =>
      `mutation { createRepository(input: { name: "fresh", visibility: ${visibility.toUpperCase()} }) { repository { id } } }`,
    isTold: (data) => data.createRepository !== null,
  },
  {
    what: 'createRepository for an organization',
    action: 'repositories.create',
    query: ({ octo }, visibility) => {
      const input = `ownerId: "${nodeId('Organization', octo.id)}", name: "fresh", visibility: ${visibility.toUpperCase()}`;
      return `mutation { createRepository(input: { ${input} }) { repository { id } } }`;
    },
    isTold: (data) => data.createRepository !== null,
  },
  {
    what: 'updateRepository',
    action: 'repositories.update',
    query: ({ things }, visibility) => {
      const input = `repositoryId: "${nodeId('Repository', things[visibility].id)}", description: "measured"`;
      return `mutation { updateRepository(input: { ${input} }) { repository { id } } }`;
    },
    isTold: (data) => data.updateRepository !== null,
  },
];
