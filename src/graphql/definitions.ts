// The schema, as far as there is something to say: names, arguments and nullability are GitHub's, and a test holds
// each to GitHub's own schema. What Latchkey does not have (issues, pull requests, Actions) is not in it, so that clients
// are told "Field 'issues' doesn't exist on type 'Repository'". This file: where queries and changes begin, and people;
// repositories: definitions-repositories.ts, what is in them: definitions-git.ts.

export const definitions = /* GraphQL */ `
  "An instant, in UTC: 2026-01-31T23:59:59Z"
  scalar DateTime
  "An address, absolute or beginning with a slash"
  scalar URI

  type Query {
    "Whose token it is"
    viewer: User!
    user(login: String!): User
    organization(login: String!): Organization
    "A person or an organization"
    repositoryOwner(login: String!): RepositoryOwner
    repository(owner: String!, name: String!, followRenames: Boolean = true): Repository
    "Anything by its global id, the node_id of REST"
    node(id: ID!): Node
    nodes(ids: [ID!]!): [Node]!
    resource(url: URI!): UniformResourceLocatable
    search(query: String!, type: SearchType!, first: Int, after: String, last: Int, before: String): SearchResultItemConnection!
    "What may be asked in this hour; null while the administrators set no limits"
    rateLimit(dryRun: Boolean = false): RateLimit
    meta: GitHubMetadata!
    "Does nothing; some clients ask through it for more of the query"
    relay: Query!
  }

  type Mutation {
    createRepository(input: CreateRepositoryInput!): CreateRepositoryPayload
    updateRepository(input: UpdateRepositoryInput!): UpdateRepositoryPayload
    cloneTemplateRepository(input: CloneTemplateRepositoryInput!): CloneTemplateRepositoryPayload
  }

  interface Node {
    id: ID!
  }

  interface UniformResourceLocatable {
    resourcePath: URI!
    url: URI!
  }

  type PageInfo {
    startCursor: String
    endCursor: String
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
  }

  enum OrderDirection {
    ASC
    DESC
  }

  type GitHubMetadata {
    gitHubServicesSha: GitObjectID!
    isPasswordAuthenticationVerifiable: Boolean!
  }

  type RateLimit {
    limit: Int!
    remaining: Int!
    used: Int!
    resetAt: DateTime!
    cost: Int!
    nodeCount: Int!
  }

  enum SearchType {
    REPOSITORY
    USER
  }

  union SearchResultItem = Repository | User | Organization

  type SearchResultItemEdge {
    cursor: String!
    node: SearchResultItem
  }

  type SearchResultItemConnection {
    nodes: [SearchResultItem]
    edges: [SearchResultItemEdge]
    pageInfo: PageInfo!
    repositoryCount: Int!
    userCount: Int!
    codeCount: Int!
    issueCount: Int!
    discussionCount: Int!
    wikiCount: Int!
  }

  interface Actor {
    login: String!
    avatarUrl(size: Int): URI!
    resourcePath: URI!
    url: URI!
  }

  interface RepositoryOwner {
    id: ID!
    login: String!
    avatarUrl(size: Int): URI!
    resourcePath: URI!
    url: URI!
    repositories(
      first: Int
      after: String
      last: Int
      before: String
      privacy: RepositoryPrivacy
      visibility: RepositoryVisibility
      affiliations: [RepositoryAffiliation]
      ownerAffiliations: [RepositoryAffiliation] = [OWNER, COLLABORATOR]
      isFork: Boolean
      isArchived: Boolean
      isLocked: Boolean
      hasIssuesEnabled: Boolean
      orderBy: RepositoryOrder
    ): RepositoryConnection!
    repository(name: String!, followRenames: Boolean = true): Repository
  }

  interface ProfileOwner {
    id: ID!
    login: String!
    name: String
    email: String
    location: String
    websiteUrl: URI
    viewerCanChangePinnedItems: Boolean!
  }

  type User implements Node & Actor & RepositoryOwner & ProfileOwner & UniformResourceLocatable {
    id: ID!
    databaseId: Int
    login: String!
    name: String
    "Empty where it is nobody else's business"
    email: String!
    bio: String
    company: String
    location: String
    websiteUrl: URI
    twitterUsername: String
    avatarUrl(size: Int): URI!
    resourcePath: URI!
    url: URI!
    createdAt: DateTime!
    updatedAt: DateTime!
    isViewer: Boolean!
    isSiteAdmin: Boolean!
    isHireable: Boolean!
    isEmployee: Boolean!
    viewerCanChangePinnedItems: Boolean!
    viewerCanFollow: Boolean!
    viewerIsFollowing: Boolean!
    "Of others: those in which they show that they are members"
    organizations(first: Int, after: String, last: Int, before: String): OrganizationConnection!
    repositories(
      first: Int
      after: String
      last: Int
      before: String
      privacy: RepositoryPrivacy
      visibility: RepositoryVisibility
      affiliations: [RepositoryAffiliation]
      ownerAffiliations: [RepositoryAffiliation] = [OWNER, COLLABORATOR]
      isFork: Boolean
      isArchived: Boolean
      isLocked: Boolean
      hasIssuesEnabled: Boolean
      orderBy: RepositoryOrder
    ): RepositoryConnection!
    repository(name: String!, followRenames: Boolean = true): Repository
  }

  type UserEdge {
    cursor: String!
    node: User
  }

  type UserConnection {
    nodes: [User]
    edges: [UserEdge]
    pageInfo: PageInfo!
    totalCount: Int!
  }

  type Organization implements Node & Actor & RepositoryOwner & ProfileOwner & UniformResourceLocatable {
    id: ID!
    databaseId: Int
    login: String!
    name: String
    description: String
    email: String
    location: String
    websiteUrl: URI
    avatarUrl(size: Int): URI!
    resourcePath: URI!
    url: URI!
    createdAt: DateTime!
    updatedAt: DateTime!
    isVerified: Boolean!
    viewerIsAMember: Boolean!
    viewerCanAdminister: Boolean!
    viewerCanCreateRepositories: Boolean!
    viewerCanCreateTeams: Boolean!
    viewerCanChangePinnedItems: Boolean!
    "All of them for members; for others, those who show it"
    membersWithRole(first: Int, after: String, last: Int, before: String): OrganizationMemberConnection!
    team(slug: String!): Team
    teams(first: Int, after: String, last: Int, before: String, query: String, orderBy: TeamOrder): TeamConnection!
    repositories(
      first: Int
      after: String
      last: Int
      before: String
      privacy: RepositoryPrivacy
      visibility: RepositoryVisibility
      affiliations: [RepositoryAffiliation]
      ownerAffiliations: [RepositoryAffiliation] = [OWNER, COLLABORATOR]
      isFork: Boolean
      isArchived: Boolean
      isLocked: Boolean
      hasIssuesEnabled: Boolean
      orderBy: RepositoryOrder
    ): RepositoryConnection!
    repository(name: String!, followRenames: Boolean = true): Repository
  }

  type OrganizationEdge {
    cursor: String!
    node: Organization
  }

  type OrganizationConnection {
    nodes: [Organization]
    edges: [OrganizationEdge]
    pageInfo: PageInfo!
    totalCount: Int!
  }

  enum OrganizationMemberRole {
    ADMIN
    MEMBER
  }

  type OrganizationMemberEdge {
    cursor: String!
    node: User
    "Told to members"
    role: OrganizationMemberRole
  }

  type OrganizationMemberConnection {
    nodes: [User]
    edges: [OrganizationMemberEdge]
    pageInfo: PageInfo!
    totalCount: Int!
  }

  enum TeamOrderField {
    NAME
  }

  input TeamOrder {
    field: TeamOrderField!
    direction: OrderDirection!
  }

  type Team implements Node {
    id: ID!
    databaseId: Int
    name: String!
    slug: String!
    combinedSlug: String!
    description: String
    createdAt: DateTime!
    updatedAt: DateTime!
    organization: Organization!
    resourcePath: URI!
    url: URI!
  }

  type TeamEdge {
    cursor: String!
    node: Team
  }

  type TeamConnection {
    nodes: [Team]
    edges: [TeamEdge]
    pageInfo: PageInfo!
    totalCount: Int!
  }
`;
