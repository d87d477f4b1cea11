// How often a query says the same thing again. Fields of one name in one place are merged, and checking a query compares
// each with each, with all that is below them: by a text of a few kilobytes, hundreds of milliseconds in which nobody
// else is answered (graphql-js bounds it at a million steps). So they are counted before, in time linear to the query.
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** Some 200 fields of one name in one place; with a hundred fragments that all ask for the same few, it is not reached. */
const MAX_COMPARISONS = 20_000;
/** A query of as many fields as are allowed has fewer; fragments that contain themselves in many ways have more. */
const MAX_STEPS = 50_000;

interface Place {
  readonly set: SelectionSetNode;
  /** The fragments through which it was reached: one that contains itself is not entered again. */
  readonly within: ReadonlySet<string>;
}

interface Repeated {
  count: number;
  readonly below: Place[];
}

/** What is wrong with a query that repeats itself very often; null: nothing. */
export function repetitionProblem(document: DocumentNode): GraphQLError | null {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const each of document.definitions) {
    if (each.kind === 'FragmentDefinition') fragments.set(each.name.value, each);
  }
  let comparisons = 0;
  let steps = 0;

  /** The fields of places that are merged, by their names in the answer. Each fragment counts once, as when checking. */
  const fieldsOf = (places: readonly Place[]): ReadonlyMap<string, Repeated> => {
    const fields = new Map<string, Repeated>();
    const seen = new Set<string>();
    const take = (selection: SelectionNode, within: ReadonlySet<string>): void => {
      steps += 1;
      if (steps > MAX_STEPS) return;
      if (selection.kind === 'InlineFragment') {
        takeAll({ set: selection.selectionSet, within });
      } else if (selection.kind === 'FragmentSpread') {
        const name = selection.name.value;
        const fragment = fragments.get(name);
        if (fragment === undefined || seen.has(name) || within.has(name)) return;
        seen.add(name);
        takeAll({ set: fragment.selectionSet, within: new Set([...within, name]) });
      } else {
        const name = (selection.alias ?? selection.name).value;
        const field = fields.get(name) ?? { count: 0, below: [] };
        fields.set(name, field);
        field.count += 1;
        if (selection.selectionSet !== undefined) field.below.push({ set: selection.selectionSet, within });
      }
    };
    const takeAll = ({ set, within }: Place): void => {
      for (const selection of set.selections) take(selection, within);
    };
    for (const place of places) takeAll(place);
    return fields;
  };
  const isTooMuch = (places: readonly Place[]): boolean => {
    for (const { count, below } of fieldsOf(places).values()) {
      comparisons += (count * (count - 1)) / 2;
      if (comparisons > MAX_COMPARISONS || steps > MAX_STEPS) return true;
      if (below.length > 0 && isTooMuch(below)) return true;
    }
    return steps > MAX_STEPS;
  };

  for (const each of document.definitions) {
    if (each.kind !== 'OperationDefinition' && each.kind !== 'FragmentDefinition') continue;
    const within = new Set(each.kind === 'FragmentDefinition' ? [each.name.value] : []);
    if (isTooMuch([{ set: each.selectionSet, within }])) {
      return new GraphQLError('Query repeats fields of the same name in the same place too often');
    }
  }
  return null;
}
