// The part of the schema that is about repositories, and about changing them (definitions.ts says what holds for all).

export const repositoryDefinitions = /* GraphQL */ `
  "How git connects over SSH"
  scalar GitSSHRemote

  enum RepositoryPrivacy {
    PRIVATE
    PUBLIC
  }

  enum RepositoryVisibility {
    INTERNAL
    PRIVATE
    PUBLIC
  }

  enum RepositoryAffiliation {
    COLLABORATOR
    ORGANIZATION_MEMBER
    OWNER
  }

  enum RepositoryPermission {
    ADMIN
    MAINTAIN
    READ
    TRIAGE
    WRITE
  }

  enum RepositoryOrderField {
    CREATED_AT
    NAME
    PUSHED_AT
    STARGAZERS
    UPDATED_AT
  }

  input RepositoryOrder {
    field: RepositoryOrderField!
    direction: OrderDirection!
  }

  enum PullRequestMergeMethod {
    MERGE
    REBASE
    SQUASH
  }

  enum SubscriptionState {
    IGNORED
    SUBSCRIBED
    UNSUBSCRIBED
  }

  type Repository implements Node & UniformResourceLocatable {
    id: ID!
    databaseId: Int
    name: String!
    nameWithOwner: String!
    owner: RepositoryOwner!
    description: String
    resourcePath: URI!
    url: URI!
    sshUrl: GitSSHRemote!
    homepageUrl: URI
    mirrorUrl: URI
    openGraphImageUrl: URI!
    usesCustomOpenGraphImage: Boolean!
    securityPolicyUrl: URI
    createdAt: DateTime!
    updatedAt: DateTime!
    pushedAt: DateTime
    archivedAt: DateTime
    diskUsage: Int
    visibility: RepositoryVisibility!
    isPrivate: Boolean!
    isArchived: Boolean!
    isBlankIssuesEnabled: Boolean!
    isDisabled: Boolean!
    isEmpty: Boolean!
    isFork: Boolean!
    isInOrganization: Boolean!
    isLocked: Boolean!
    isMirror: Boolean!
    isSecurityPolicyEnabled: Boolean
    isTemplate: Boolean!
    isUserConfigurationRepository: Boolean!
    hasDiscussionsEnabled: Boolean!
    hasIssuesEnabled: Boolean!
    hasProjectsEnabled: Boolean!
    hasSponsorshipsEnabled: Boolean!
    hasVulnerabilityAlertsEnabled: Boolean!
    hasWikiEnabled: Boolean!
    allowUpdateBranch: Boolean!
    autoMergeAllowed: Boolean!
    deleteBranchOnMerge: Boolean!
    mergeCommitAllowed: Boolean!
    rebaseMergeAllowed: Boolean!
    squashMergeAllowed: Boolean!
    webCommitSignoffRequired: Boolean!
    forkingAllowed: Boolean!
    forkCount: Int!
    stargazerCount: Int!
    parent: Repository
    templateRepository: Repository
    forks(
      first: Int
      after: String
      last: Int
      before: String
      privacy: RepositoryPrivacy
      visibility: RepositoryVisibility
      affiliations: [RepositoryAffiliation]
      ownerAffiliations: [RepositoryAffiliation] = [OWNER, COLLABORATOR]
      orderBy: RepositoryOrder
    ): RepositoryConnection!
    watchers(first: Int, after: String, last: Int, before: String): UserConnection!
    codeOfConduct: CodeOfConduct
    licenseInfo: License
    primaryLanguage: Language
    languages(first: Int, after: String, last: Int, before: String): LanguageConnection
    repositoryTopics(first: Int, after: String, last: Int, before: String): RepositoryTopicConnection!
    latestRelease: Release
    contactLinks: [RepositoryContactLink!]
    fundingLinks: [FundingLink!]!
    issueTemplates: [IssueTemplate!]
    pullRequestTemplates: [PullRequestTemplate!]
    "What your account may, whatever the token"
    viewerPermission: RepositoryPermission
    viewerCanAdminister: Boolean!
    viewerCanSubscribe: Boolean!
    viewerCanUpdateTopics: Boolean!
    viewerDefaultCommitEmail: String
    viewerDefaultMergeMethod: PullRequestMergeMethod!
    viewerHasStarred: Boolean!
    viewerPossibleCommitEmails: [String!]
    viewerSubscription: SubscriptionState
    "Null until something was pushed to it"
    defaultBranchRef: Ref
    ref(qualifiedName: String!): Ref
    refs(
      refPrefix: String!
      query: String
      first: Int
      after: String
      last: Int
      before: String
      direction: OrderDirection
      orderBy: RefOrder
    ): RefConnection
    "By an id, or by an expression such as HEAD:README.md"
    object(expression: String, oid: GitObjectID): GitObject
  }

  type RepositoryEdge {
    cursor: String!
    node: Repository
  }

  type RepositoryConnection {
    nodes: [Repository]
    edges: [RepositoryEdge]
    pageInfo: PageInfo!
    totalCount: Int!
    "In kilobytes, of all of them"
    totalDiskUsage: Int!
  }

  type CodeOfConduct implements Node {
    id: ID!
    key: String!
    name: String!
    url: URI
  }

  type License implements Node {
    id: ID!
    key: String!
    name: String!
    nickname: String
    spdxId: String
    url: URI
  }

  type Language implements Node {
    id: ID!
    name: String!
    color: String
  }

  type LanguageEdge {
    cursor: String!
    node: Language!
    size: Int!
  }

  type LanguageConnection {
    nodes: [Language]
    edges: [LanguageEdge]
    pageInfo: PageInfo!
    totalCount: Int!
    totalSize: Int!
  }

  type Topic implements Node {
    id: ID!
    name: String!
  }

  type RepositoryTopic implements Node {
    id: ID!
    topic: Topic!
    url: URI!
  }

  type RepositoryTopicEdge {
    cursor: String!
    node: RepositoryTopic
  }

  type RepositoryTopicConnection {
    nodes: [RepositoryTopic]
    edges: [RepositoryTopicEdge]
    pageInfo: PageInfo!
    totalCount: Int!
  }

  type Release implements Node {
    id: ID!
    name: String
    tagName: String!
    publishedAt: DateTime
    url: URI!
  }

  type RepositoryContactLink {
    about: String!
    name: String!
    url: URI!
  }

  enum FundingPlatform {
    CUSTOM
    GITHUB
  }

  type FundingLink {
    platform: FundingPlatform!
    url: URI!
  }

  type IssueTemplate {
    name: String!
    title: String
    body: String
    about: String
    filename: String!
  }

  type PullRequestTemplate {
    filename: String
    body: String
  }

  input CreateRepositoryInput {
    clientMutationId: String
    name: String!
    visibility: RepositoryVisibility!
    "A person or an organization; by default you"
    ownerId: ID
    "Of the organization; it gets a role in the new repository"
    teamId: ID
    description: String
    homepageUrl: URI
    hasIssuesEnabled: Boolean = true
    hasWikiEnabled: Boolean = false
    template: Boolean = false
  }

  type CreateRepositoryPayload {
    clientMutationId: String
    repository: Repository
  }

  input UpdateRepositoryInput {
    clientMutationId: String
    repositoryId: ID!
    name: String
    description: String
    homepageUrl: URI
    hasDiscussionsEnabled: Boolean
    hasIssuesEnabled: Boolean
    hasProjectsEnabled: Boolean
    hasSponsorshipsEnabled: Boolean
    hasWikiEnabled: Boolean
    template: Boolean
  }

  type UpdateRepositoryPayload {
    clientMutationId: String
    repository: Repository
  }

  input CloneTemplateRepositoryInput {
    clientMutationId: String
    repositoryId: ID!
    name: String!
    ownerId: ID!
    visibility: RepositoryVisibility!
    description: String
    includeAllBranches: Boolean = false
  }

  type CloneTemplateRepositoryPayload {
    clientMutationId: String
    repository: Repository
  }
`;
