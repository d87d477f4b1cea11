// Queries made at random from the schema itself, about what is there: valid most of the time, and as deep and wide as they
// may be. A tape of numbers decides, so that a failing one shrinks.
import fc from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { nodeId } from '../../src/api/node-ids.ts';
import { cursorOf } from '../../src/graphql/connections.ts';
import { createAnswering } from '../../src/graphql/schema.ts';
import type { World } from './world.ts';

const MAX_DEPTH = 7;
const MAX_FIELDS = 60;

export function randomQuery(world: World): fc.Arbitrary<string> {
  const { schema } = createAnswering();
  const words = wordsOf(world);
  return fc.array(fc.nat(0xffff), { minLength: 40, maxLength: 400 }).map((tape) => {
    let at = 0;
    const next = (below: number): number => (tape[at++ % tape.length] ?? 0) % below;
    const pick = <T>(from: readonly T[], otherwise: T): T => from[next(from.length)] ?? otherwise;
    let fields = 0;

    const valueFor = (name: string, given: GraphQLInputType): string => {
      if (!isNonNullType(given) && next(12) === 0) return 'null';
      const type = getNullableType(given);
      if (isListType(type)) {
        return `[${Array.from({ length: next(3) }, () => valueFor(name, type.ofType)).join(', ')}]`;
      }
      if (isEnumType(type)) return pick(type.getValues(), { name: 'NONE' } as never).name;
      if (isInputObjectType(type)) {
        const chosen = Object.values(type.getFields()).filter(
          (field) => isNonNullType(field.type) || next(2) === 0,
        );
        return `{ ${chosen.map((field) => `${field.name}: ${valueFor(field.name, field.type)}`).join(', ')} }`;
      }
      switch (type.name) {
        case 'Int':
          return String(next(20) === 0 ? pick([-1, 101, 2_147_483_647], 0) : next(12));
        case 'Boolean':
          return String(next(2) === 0);
        default:
          return JSON.stringify(pick(words[name] ?? words.any ?? [], 'x'));
      }
    };
    const argumentsOf = (args: readonly GraphQLArgument[]): string => {
      const isPaged = args.some(({ name }) => name === 'first');
      const chosen = args.filter(({ name, type }) =>
        isPaged && ['first', 'last', 'after', 'before'].includes(name)
          ? name === 'first' || (name === 'after' && next(6) === 0)
          : isNonNullType(type) || next(4) === 0,
      );
      if (chosen.length === 0) return '';
      return `(${chosen.map(({ name, type }) => `${name}: ${valueFor(name, type)}`).join(', ')})`;
    };
    const selection = (output: GraphQLOutputType, depth: number): string => {
      const type = getNamedType(output);
      if (isAbstractType(type)) {
        const possible = schema.getPossibleTypes(type);
        const parts = Array.from({ length: 1 + next(3) }, () => pick(possible, possible[0] as never));
        const inner = [...new Set(parts)].map((one) => `... on ${one.name} ${selection(one, depth)}`);
        const common = isInterfaceType(type)
          ? Object.keys(type.getFields()).filter((name) => name === 'id')
          : [];
        return `{ __typename ${[...common, ...inner].join(' ')} }`;
      }
      if (!isObjectType(type)) return '';
      const all = Object.values(type.getFields());
      const isRoot = depth === 0;
      const parts: string[] = ['__typename'];
      for (let count = 1 + next(isRoot ? 3 : 6); count > 0 && fields < MAX_FIELDS; count -= 1) {
        const field = pick(all, all[0] as never);
        const isLeaf = selectionless(field.type);
        if (!isLeaf && depth >= MAX_DEPTH) continue;
        fields += 1;
        // Of their own names, so that two of the same field don't have to agree.
        parts.push(
          `f${fields}: ${field.name}${argumentsOf(field.args)} ${isLeaf ? '' : selection(field.type, depth + 1)}`,
        );
      }
      return `{ ${parts.join(' ')} }`;
    };
    const isChange = next(15) === 0;
    const root = isChange ? schema.getMutationType() : schema.getQueryType();
    if (root == null) throw new Error('the schema has no root');
    return `${isChange ? 'mutation' : 'query'} ${selection(root, 0)}`;
  });
}

function selectionless(type: GraphQLOutputType): boolean {
  const named = getNamedType(type);
  return !isObjectType(named) && !isAbstractType(named);
}

/** What arguments stand for, by their names: what is there, what is not, and what could break something. */
function wordsOf({ things, octo, accounts }: World): Readonly<Record<string, readonly string[]>> {
  const odd = ['', '\u0000', '../..', '%', "' OR 1=1 --", 'x'.repeat(300), '\ud800', '-h', '@{1}', '*'];
  const logins = ['mona', 'reader', 'octo', 'puppet', 'MONA', 'nobody', '@me', ...odd.slice(0, 3)];
  const { closed, open } = { closed: things.private, open: things.public };
  const ids = [
    nodeId('User', accounts.mona.id),
    nodeId('User', accounts.puppet.id),
    nodeId('Organization', octo.id),
    nodeId('Team', octo.team),
    ...[closed, open].flatMap(({ id, head, tree, blob, tag }) => [
      nodeId('Repository', id),
      nodeId('Ref', `${id}:refs/heads/main`),
      nodeId('Ref', `${id}:refs/heads/../x`),
      nodeId('Commit', `${id}:${head}`),
      nodeId('Tree', `${id}:${tree}`),
      nodeId('Blob', `${id}:${blob}`),
      nodeId('Tag', `${id}:${tag}`),
      nodeId('Commit', `${id}:${tree}`),
    ]),
    nodeId('Repository', 999_999),
    nodeId('Repository', '1e3'),
    nodeId('StatusContext', 1),
    'MDQ6',
    'x',
  ];
  const expressions = ['HEAD', 'main', 'main:', 'HEAD:README.md', 'main:docs', 'main:.github', ':README.md'];
  return {
    login: logins,
    owner: logins,
    name: [closed.name, open.name, 'kit', 'closed.git', 'Fresh', 'nope', ...odd],
    id: ids,
    ids,
    ownerId: ids,
    repositoryId: ids,
    teamId: ids,
    slug: ['crew', 'nope', ...odd],
    query: [
      'closed',
      'mona user:mona',
      'is:private',
      'user:@me sort:updated-desc',
      'user:puppet',
      'mo',
      ...odd,
    ],
    expression: [...expressions, closed.head, closed.blob, closed.head.slice(0, 7), 'HEAD~1', 'v1', ...odd],
    oid: [closed.head, closed.tree, closed.blob, closed.tag, 'x', '0'.repeat(40)],
    qualifiedName: ['main', 'refs/heads/main', 'heads/spare', 'v1', 'refs/tags/v1', ...odd],
    refPrefix: ['refs/heads/', 'refs/tags/', 'refs/', 'refs/heads', 'heads/', ...odd],
    url: ['/mona/closed', 'http://localhost:3000/octo', 'https://elsewhere.example/mona', ...odd],
    after: [cursorOf(['closed', 1]), cursorOf([0, 1]), cursorOf(['', -1]), cursorOf([1e15, 1e15]), 'x', ''],
    description: ['changed', ...odd],
    any: odd,
  };
}
