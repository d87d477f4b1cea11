// How much a query may ask for, found out before anything is looked up: how long and how deep it is, how often it
// names its parts, and how many nodes its lists can come to. First counted without the schema, so that checking against
// it stays short whatever was sent; then, with the variables, what its lists ask for (GitHub's node limit).
import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { MAX_PER_PAGE } from './connections.ts';
import { Fault } from './faults.ts';

/** In UTF-16 units. */
export const MAX_QUERY_LENGTH = 128 * 1024;
export const MAX_TOKENS = 8_000;
const MAX_OPERATIONS = 10;
/** Each is compared with each where they meet. */
const MAX_FRAGMENTS = 100;
const MAX_DEPTH = 25;
/** With fragments written out. */
const MAX_FIELDS = 4_000;
const MAX_ALIASES = 500;
/** As GitHub. */
const MAX_NODES = 500_000;
/** Of an answer, if all lists are as long as they may be. */
const MAX_VALUES = 1_000_000;
/** How long lists without pages are taken to be: those of directories, and of the schema itself. */
const LENGTH_OF_LISTS = 20;
/** Each tells of the whole schema. */
const MAX_INTROSPECTIONS = 4;

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

const fragmentsOf = (document: DocumentNode): Fragments =>
  new Map(
    document.definitions.flatMap((each) =>
      each.kind === 'FragmentDefinition' ? [[each.name.value, each] as const] : [],
    ),
  );

interface Size {
  readonly fields: number;
  readonly depth: number;
  readonly aliases: number;
  readonly introspections: number;
}

const nothing: Size = { fields: 0, depth: 0, aliases: 0, introspections: 0 };

/** What is too large about a query that could be read; null: nothing. It may still be wrong in any other way. */
export function sizeProblem(document: DocumentNode): GraphQLError | null {
  const fragments = fragmentsOf(document);
  const known = new Map<string, Size>();
  const operations = document.definitions.filter(({ kind }) => kind === 'OperationDefinition');
  if (operations.length > MAX_OPERATIONS) {
    return new GraphQLError(
      `Query has ${operations.length} operations, which exceeds max of ${MAX_OPERATIONS}`,
    );
  }

  if (fragments.size > MAX_FRAGMENTS) {
    return new GraphQLError(`Query has ${fragments.size} fragments, which exceeds max of ${MAX_FRAGMENTS}`);
  }

  const sizeOfFragment = (name: string, within: ReadonlySet<string>): Size => {
    const measured = known.get(name);
    if (measured !== undefined) return measured;
    const fragment = fragments.get(name);
    // Fragments that contain themselves are refused later, by those words.
    if (fragment === undefined || within.has(name)) return nothing;
    const size = sizeOf(fragment.selectionSet, new Set([...within, name]));
    known.set(name, size);
    return size;
  };
  const sizeOf = (set: SelectionSetNode, within: ReadonlySet<string>): Size => {
    const sum = { ...nothing } as { -readonly [K in keyof Size]: Size[K] };
    for (const selection of set.selections) {
      const isField = selection.kind === 'Field';
      const part =
        selection.kind === 'FragmentSpread'
          ? sizeOfFragment(selection.name.value, within)
          : selection.selectionSet === undefined
            ? nothing
            : sizeOf(selection.selectionSet, within);
      const name = isField ? selection.name.value : '';
      sum.fields += part.fields + (isField ? 1 : 0);
      sum.aliases += part.aliases + (isField && selection.alias !== undefined ? 1 : 0);
      sum.introspections += part.introspections + (name === '__schema' || name === '__type' ? 1 : 0);
      sum.depth = Math.max(sum.depth, part.depth + (isField ? 1 : 0));
    }
    return sum;
  };

  let sum = 0;
  for (const definition of document.definitions) {
    if (!('selectionSet' in definition) || definition.selectionSet === undefined) continue;
    const size =
      definition.kind === 'FragmentDefinition'
        ? sizeOfFragment(definition.name.value, new Set())
        : sizeOf(definition.selectionSet, new Set());
    sum += size.fields;
    const over = overflow(size, sum);
    if (over !== null) return new GraphQLError(over);
  }
  return null;
}

function overflow({ depth, aliases, introspections }: Size, fields: number): string | null {
  if (fields > MAX_FIELDS) return `Query has more than ${MAX_FIELDS} fields`;
  if (depth > MAX_DEPTH) return `Query has depth of ${depth}, which exceeds max depth of ${MAX_DEPTH}`;
  if (aliases > MAX_ALIASES) return `Query has ${aliases} aliases, which exceeds max of ${MAX_ALIASES}`;
  if (introspections > MAX_INTROSPECTIONS) {
    return `Query has ${introspections} fields of introspection, which exceeds max of ${MAX_INTROSPECTIONS}`;
  }
  return null;
}

export interface Asked {
  /** The nodes that the lists can come to. */
  readonly nodes: number;
}

/**
 * What the lists of a valid query ask for.
 * @throws GraphQLError where a list does not say how much of it, or all of it is too much
 */
export function nodesAsked(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Asked {
  const fragments = fragmentsOf(document);
  const defaults = new Map(
    (operation.variableDefinitions ?? []).map(({ variable, defaultValue }) => [
      variable.name.value,
      defaultValue?.kind === 'IntValue' ? Number(defaultValue.value) : null,
    ]),
  );
  let nodes = 0;
  let values = 0;

  const numberIn = (args: readonly ArgumentNode[] | undefined, name: string): number | null => {
    const value = args?.find((argument) => argument.name.value === name)?.value;
    if (value?.kind === 'IntValue') return Number(value.value);
    if (value?.kind !== 'Variable') return null;
    const given = Object.hasOwn(variables, value.name.value) ? variables[value.name.value] : undefined;
    return typeof given === 'number'
      ? given
      : given === undefined
        ? (defaults.get(value.name.value) ?? null)
        : null;
  };

  const selects = (set: SelectionSetNode, names: readonly string[]): boolean =>
    set.selections.some((selection) => {
      if (selection.kind === 'Field') return names.includes(selection.name.value);
      if (selection.kind === 'InlineFragment') return selects(selection.selectionSet, names);
      const fragment = fragments.get(selection.name.value);
      return fragment !== undefined && selects(fragment.selectionSet, names);
    });

  const visit = (
    set: SelectionSetNode,
    parent: GraphQLNamedType,
    times: number,
    path: readonly string[],
    perPage: number,
  ): void => {
    for (const selection of set.selections) {
      if (selection.kind !== 'Field') {
        const inner = selection.kind === 'InlineFragment' ? selection : fragments.get(selection.name.value);
        const condition = inner?.typeCondition?.name.value;
        const type = condition === undefined ? parent : schema.getType(condition);
        if (inner !== undefined && type != null) visit(inner.selectionSet, type, times, path, perPage);
        continue;
      }
      values += times;
      if (values > MAX_VALUES)
        throw limited(
          selection,
          path,
          new Fault(
            'RESOURCE_LIMITS_EXCEEDED',
            'Resource limits for this query exceeded. Ask for less at once.',
          ),
        );
      if (selection.selectionSet === undefined) continue;
      const name = selection.name.value;
      const here = [...path, selection.alias?.value ?? name];
      const isIntrospection = name === '__schema' || name === '__type';
      const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
      const type = field === undefined ? undefined : getNamedType(field.type);
      if (isIntrospection || type === undefined || !isCompositeType(type)) {
        visit(selection.selectionSet, parent, times * (isListName(name) ? LENGTH_OF_LISTS : 1), here, 1);
        continue;
      }
      if (type.name.endsWith('Connection')) {
        const size = pageSize(selection, here, numberIn, selects);
        nodes += times * size;
        if (nodes > MAX_NODES) throw limited(selection, here, tooManyNodes(nodes));
        visit(selection.selectionSet, type, times, here, size);
      } else if (type.name.endsWith('Edge') || (name === 'nodes' && perPage !== ELSEWHERE)) {
        visit(selection.selectionSet, type, times * perPage, here, ELSEWHERE);
      } else {
        const bare = field !== undefined && isNonNullType(field.type) ? field.type.ofType : field?.type;
        const many = isListType(bare) ? LENGTH_OF_LISTS : 1;
        visit(selection.selectionSet, type, times * many, here, ELSEWHERE);
      }
    }
  };
  const root = schema.getRootType(operation.operation);
  if (root != null) visit(operation.selectionSet, root, 1, [], ELSEWHERE);
  return { nodes };
}

/** Not directly in a connection. */
const ELSEWHERE = -1;

/** Fields of the schema's description of itself that are lists. */
const isListName = (name: string): boolean =>
  [
    'types',
    'fields',
    'args',
    'enumValues',
    'inputFields',
    'possibleTypes',
    'interfaces',
    'directives',
  ].includes(name);

function pageSize(
  field: FieldNode,
  path: readonly string[],
  numberIn: (args: readonly ArgumentNode[] | undefined, name: string) => number | null,
  selects: (set: SelectionSetNode, names: readonly string[]) => boolean,
): number {
  const name = field.name.value;
  const [first, last] = [numberIn(field.arguments, 'first'), numberIn(field.arguments, 'last')];
  const set = field.selectionSet;
  if (first === null && last === null) {
    if (set === undefined || !selects(set, ['nodes', 'edges', 'pageInfo'])) return 0;
    const message = `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`;
    throw limited(field, path, new Fault('MISSING_PAGINATION_BOUNDARIES', message));
  }
  if (first !== null && last !== null) {
    const message = `Passing both \`first\` and \`last\` to paginate the \`${name}\` connection is not supported.`;
    throw limited(field, path, new Fault('INVALID_CURSOR_ARGUMENTS', message));
  }
  const size = first ?? last ?? 0;
  const which = first === null ? 'last' : 'first';
  if (size < 0) {
    const message = `\`${which}\` on the \`${name}\` connection cannot be less than zero.`;
    throw limited(field, path, new Fault('INVALID_CURSOR_ARGUMENTS', message));
  }
  if (size > MAX_PER_PAGE) {
    const message = `Requesting ${size} records on the \`${name}\` connection exceeds the \`${which}\` limit of ${MAX_PER_PAGE} records.`;
    throw limited(field, path, new Fault('EXCESSIVE_PAGINATION', message));
  }
  return size;
}

function tooManyNodes(nodes: number): Fault {
  const english = new Intl.NumberFormat('en-US');
  return new Fault(
    'MAX_NODE_LIMIT_EXCEEDED',
    `This query requests up to ${english.format(nodes)} possible nodes which exceeds the maximum limit of ${english.format(MAX_NODES)}.`,
  );
}

function limited(node: FieldNode, path: readonly string[], fault: Fault): GraphQLError {
  return new GraphQLError(fault.message, { nodes: node, path, originalError: fault });
}
