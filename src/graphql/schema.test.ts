// The schema is held to GitHub's own, which its Octokit project publishes: a client that was made for that one finds here
// what it expects, or nothing.
import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isUnionType,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { definitions } from './definitions.ts';
import { gitDefinitions } from './definitions-git.ts';
import { repositoryDefinitions } from './definitions-repositories.ts';
import { createAnswering } from './schema.ts';

const published = new URL('schema.graphql', import.meta.resolve('@octokit/graphql-schema'));
const theirs = buildSchema(readFileSync(published, 'utf8'), { assumeValid: true, assumeValidSDL: true });

type Part = { readonly name: string; readonly type: unknown };

function differencesOfParts(
  where: string,
  ours: readonly Part[],
  wanted: readonly Part[],
  isRequired: (part: Part) => boolean,
): readonly string[] {
  const known = new Map(wanted.map((part) => [part.name, part]));
  return [
    ...ours.flatMap(({ name, type }) => {
      const their = known.get(name);
      if (their === undefined) return [`${where}.${name} is not GitHub's`];
      return String(their.type) === String(type)
        ? []
        : [`${where}.${name} is ${type}, GitHub's ${their.type}`];
    }),
    // Clients would send what nobody here asks for; but they may leave out what they need not send.
    ...wanted
      .filter((part) => isRequired(part) && !ours.some(({ name }) => name === part.name))
      .map(({ name }) => `${where}.${name} is required by GitHub`),
  ];
}

function differencesOfFields(type: GraphQLNamedType, their: GraphQLNamedType): readonly string[] {
  if ((isObjectType(type) || isInterfaceType(type)) && (isObjectType(their) || isInterfaceType(their))) {
    const fields: readonly GraphQLField<unknown, unknown>[] = Object.values(type.getFields());
    const wanted = their.getFields();
    return [
      ...differencesOfParts(type.name, fields, Object.values(wanted), () => false),
      ...fields.flatMap(({ name, args }) =>
        differencesOfParts(`${type.name}.${name}`, args, wanted[name]?.args ?? [], (part) =>
          isRequiredArgument(part as GraphQLArgument),
        ),
      ),
      ...type
        .getInterfaces()
        .filter(({ name }) => !their.getInterfaces().some((one) => one.name === name))
        .map(({ name }) => `${type.name} is no ${name} of GitHub's`),
    ];
  }
  if (isInputObjectType(type) && isInputObjectType(their)) {
    return differencesOfParts(
      type.name,
      Object.values(type.getFields()),
      Object.values(their.getFields()),
      (part) => isRequiredInputField(part as GraphQLInputField),
    );
  }
  const members = (of: GraphQLNamedType): readonly string[] =>
    isEnumType(of)
      ? of.getValues().map(({ name }) => name)
      : isUnionType(of)
        ? of.getTypes().map(({ name }) => name)
        : [];
  return members(type)
    .filter((name) => !members(their).includes(name))
    .map((name) => `${type.name}.${name} is not GitHub's`);
}

function differences(schema: GraphQLSchema): readonly string[] {
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (type.name.startsWith('__')) return [];
    const their = theirs.getType(type.name);
    if (their?.constructor !== type.constructor && their?.astNode?.kind !== type.astNode?.kind) {
      return [`${type.name} is not GitHub's`];
    }
    return their === undefined ? [`${type.name} is not GitHub's`] : differencesOfFields(type, their);
  });
}

describe('The schema', () => {
  it('has the names, arguments and nullability of GitHub’s', () => {
    // What GitHub does not have is not added: clients that check their queries would refuse it (ARCHITECTURE.md).
    expect(differences(createAnswering().schema), 'the schema has only what GitHub’s has').toEqual([]);
  });

  it('would be found out, wherever it differed', () => {
    const changed = [definitions, repositoryDefinitions, gitDefinitions]
      .join('\n')
      .replace('viewer: User!', 'viewer: User')
      .replace('repositoryOwner(login: String!)', 'repositoryOwner(name: String!)')
      .replace('enum SearchType {', 'enum SearchType {\n    WIKI')
      .replace('input UpdateRepositoryInput {', 'input UpdateRepositoryInput {\n    color: String')
      .replace('  type Team implements', '  type Crew {\n    id: ID!\n  }\n  type Team implements');
    expect(differences(buildSchema(changed))).toEqual(
      [
        "Query.viewer is User, GitHub's User!",
        "Query.repositoryOwner.name is not GitHub's",
        'Query.repositoryOwner.login is required by GitHub',
        "SearchType.WIKI is not GitHub's",
        "Crew is not GitHub's",
        "UpdateRepositoryInput.color is not GitHub's",
      ].toSorted((a, b) => differencesOrder(changed, a) - differencesOrder(changed, b)),
    );
  });
});

/** By the place of the type. */
function differencesOrder(text: string, difference: string): number {
  const type = /^\w+/.exec(difference)?.[0] ?? '';
  return Object.keys(buildSchema(text).getTypeMap()).indexOf(type);
}
