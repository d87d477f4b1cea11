// The part of the schema that is about what is in repositories: branches and tags, commits, directories and files
// (definitions.ts says what holds for all).

export const gitDefinitions = /* GraphQL */ `
  "The id of an object of git: 40 hexadecimal digits, 64 in a SHA-256 repository"
  scalar GitObjectID
  scalar GitTimestamp
  scalar Base64String

  enum RefOrderField {
    ALPHABETICAL
    TAG_COMMIT_DATE
  }

  input RefOrder {
    field: RefOrderField!
    direction: OrderDirection!
  }

  type Ref implements Node {
    id: ID!
    "Without its prefix: main"
    name: String!
    "refs/heads/ or refs/tags/"
    prefix: String!
    repository: Repository!
    target: GitObject
  }

  type RefEdge {
    cursor: String!
    node: Ref
  }

  type RefConnection {
    nodes: [Ref]
    edges: [RefEdge]
    pageInfo: PageInfo!
    totalCount: Int!
  }

  interface GitObject {
    id: ID!
    oid: GitObjectID!
    abbreviatedOid: String!
    commitResourcePath: URI!
    commitUrl: URI!
    repository: Repository!
  }

  "Who made a commit, as the commit says"
  type GitActor {
    name: String
    email: String
    date: GitTimestamp
  }

  type Commit implements Node & GitObject & UniformResourceLocatable {
    id: ID!
    oid: GitObjectID!
    abbreviatedOid: String!
    commitResourcePath: URI!
    commitUrl: URI!
    resourcePath: URI!
    url: URI!
    tarballUrl: URI!
    zipballUrl: URI!
    repository: Repository!
    author: GitActor
    authoredDate: DateTime!
    committer: GitActor
    committedDate: DateTime!
    authoredByCommitter: Boolean!
    message: String!
    messageHeadline: String!
    messageBody: String!
    tree: Tree!
    treeResourcePath: URI!
    treeUrl: URI!
    parents(first: Int, after: String, last: Int, before: String): CommitConnection!
    history(first: Int, after: String, last: Int, before: String): CommitHistoryConnection!
  }

  type CommitEdge {
    cursor: String!
    node: Commit
  }

  type CommitConnection {
    nodes: [Commit]
    edges: [CommitEdge]
    pageInfo: PageInfo!
    totalCount: Int!
  }

  type CommitHistoryConnection {
    nodes: [Commit]
    edges: [CommitEdge]
    pageInfo: PageInfo!
    totalCount: Int!
  }

  type Tree implements Node & GitObject {
    id: ID!
    oid: GitObjectID!
    abbreviatedOid: String!
    commitResourcePath: URI!
    commitUrl: URI!
    repository: Repository!
    "At most 1,000"
    entries: [TreeEntry!]
  }

  type TreeEntry {
    name: String!
    path: String
    "As a number: 33188 is a file"
    mode: Int!
    type: String!
    oid: GitObjectID!
    size: Int!
    extension: String
    isGenerated: Boolean!
    object: GitObject
    repository: Repository!
  }

  type Blob implements Node & GitObject {
    id: ID!
    oid: GitObjectID!
    abbreviatedOid: String!
    commitResourcePath: URI!
    commitUrl: URI!
    repository: Repository!
    byteSize: Int!
    isBinary: Boolean
    "Is text only the beginning?"
    isTruncated: Boolean!
    "Null for what is no text"
    text: String
  }

  "An annotated tag"
  type Tag implements Node & GitObject {
    id: ID!
    oid: GitObjectID!
    abbreviatedOid: String!
    commitResourcePath: URI!
    commitUrl: URI!
    repository: Repository!
    name: String!
    message: String
    tagger: GitActor
    target: GitObject!
  }
`;
