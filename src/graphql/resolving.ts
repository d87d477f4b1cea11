// What resolvers are made of: a table by type and field, and the values that stand for the types of the schema.
import {
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';
import type { Owner } from '../accounts/owners.ts';
import type { Commit } from '../contents/commit-object.ts';
import type { OrganizationFound } from '../organizations/organizations.ts';
import type { Team } from '../organizations/teams.ts';
import type { RepositoryFound } from '../repositories/repositories.ts';
import type { Asking } from './asking.ts';

export interface PersonNode {
  readonly type: 'User';
  readonly account: Owner;
}

export interface OrganizationNode {
  readonly type: 'Organization';
  readonly found: OrganizationFound;
}

export interface TeamNode {
  readonly type: 'Team';
  readonly team: Team;
  readonly organization: OrganizationNode;
}

/** One that the decision let the caller read. */
export interface RepositoryNode {
  readonly type: 'Repository';
  readonly found: RepositoryFound;
}

export interface RefNode {
  readonly type: 'Ref';
  readonly repository: RepositoryNode;
  /** In full: `refs/heads/main`. */
  readonly refName: string;
  /** The object it points at: a commit, or an annotated tag. */
  readonly sha: string;
}

interface ObjectNode {
  readonly repository: RepositoryNode;
  readonly sha: string;
}

export interface CommitNode extends ObjectNode {
  readonly type: 'Commit';
  readonly commit: Commit;
}

export interface TreeNode extends ObjectNode {
  readonly type: 'Tree';
  /** From the root of the commit by which it was found; empty where that is not known. */
  readonly at: string;
}

export interface BlobNode extends ObjectNode {
  readonly type: 'Blob';
  /** In bytes. */
  readonly size: number;
}

export interface TagNode extends ObjectNode {
  readonly type: 'Tag';
}

export type GitObjectNode = CommitNode | TreeNode | BlobNode | TagNode;
export type OwnerNode = PersonNode | OrganizationNode;
export type AnyNode = OwnerNode | TeamNode | RepositoryNode | RefNode | GitObjectNode;

// biome-ignore lint/suspicious/noExplicitAny: the schema checks arguments, and `type` tells sources apart
type Resolve = (source: any, args: any, asking: Asking, info: GraphQLResolveInfo) => unknown;

/** By type, then by field. What is not here is read from the source by its name. */
export type Resolvers = Readonly<Record<string, Readonly<Record<string, Resolve>>>>;

/** The one resolver that the library is given. A row for what the schema does not have is a slip, and told at start. */
export function resolverOf(
  schema: GraphQLSchema,
  tables: readonly Resolvers[],
): GraphQLFieldResolver<unknown, Asking> {
  const all = new Map<string, Resolve>();
  for (const table of tables) {
    for (const [type, fields] of Object.entries(table)) {
      const known = schema.getType(type);
      for (const [field, resolve] of Object.entries(fields)) {
        if (!isObjectType(known) || known.getFields()[field] === undefined)
          throw new Error(`There is a resolver of ${type}.${field}, which is not in the schema`);
        all.set(`${type}.${field}`, resolve);
      }
    }
  }
  return (source, args, asking, info) => {
    const resolve = all.get(`${info.parentType.name}.${info.fieldName}`);
    if (resolve !== undefined) return resolve(source, args, asking, info);
    if (typeof source !== 'object' || source === null || !Object.hasOwn(source, info.fieldName)) return null;
    const value = (source as Readonly<Record<string, unknown>>)[info.fieldName];
    return typeof value === 'function' ? value() : value;
  };
}

/** Fields that are the same for everything of a type. */
export function constants(values: Readonly<Record<string, unknown>>): Readonly<Record<string, Resolve>> {
  return Object.fromEntries(Object.entries(values).map(([field, value]) => [field, () => value]));
}
