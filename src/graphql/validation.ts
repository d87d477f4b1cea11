// Checking a query against the schema. The mistakes that clients know are told in GitHub's words, with its `code`: gh
// and others recognise by them what a server does not have. The rest is told in the library's words.
import {
  type ASTNode,
  ExecutableDefinitionsRule,
  FieldsOnCorrectTypeRule,
  GraphQLError,
  getNamedType,
  isCompositeType,
  isLeafType,
  isRequiredArgument,
  KnownArgumentNamesRule,
  KnownTypeNamesRule,
  ProvidedRequiredArgumentsRule,
  print,
  ScalarLeafsRule,
  specifiedRules,
  type ValidationRule,
} from 'graphql';

/** Where a mistake is, as GitHub says it: `["query RepositoryInfo", "repository", "issues"]`. */
function pathTo(ancestors: readonly (ASTNode | readonly ASTNode[])[], node: ASTNode): readonly string[] {
  return [...ancestors, node].flatMap((each) => {
    if (Array.isArray(each)) return [];
    const at = each as ASTNode;
    switch (at.kind) {
      case 'OperationDefinition':
        return [at.name === undefined ? at.operation : `${at.operation} ${at.name.value}`];
      case 'FragmentDefinition':
        return [`fragment ${at.name.value}`];
      case 'InlineFragment':
        return [at.typeCondition === undefined ? '...' : `... on ${at.typeCondition.name.value}`];
      case 'Field':
        return [at.alias?.value ?? at.name.value];
      case 'FragmentSpread':
        return [`... ${at.name.value}`];
      case 'Argument':
        return [at.name.value];
      default:
        return [];
    }
  });
}

function mistake(
  node: ASTNode,
  ancestors: readonly (ASTNode | readonly ASTNode[])[],
  message: string,
  extensions: Readonly<Record<string, string>> & { readonly code: string },
): GraphQLError {
  return new GraphQLError(message, { nodes: node, path: pathTo(ancestors, node), extensions });
}

const undefinedField: ValidationRule = (context) => ({
  Field(node, _key, _parent, _path, ancestors) {
    const type = context.getParentType();
    if (type == null || context.getFieldDef() != null) return;
    const fieldName = node.name.value;
    context.reportError(
      mistake(node, ancestors, `Field '${fieldName}' doesn't exist on type '${type.name}'`, {
        code: 'undefinedField',
        typeName: type.name,
        fieldName,
      }),
    );
  },
});

const argumentNotAccepted: ValidationRule = (context) => ({
  Argument(node, _key, _parent, _path, ancestors) {
    const field = context.getFieldDef();
    if (context.getArgument() != null) return;
    const directive = context.getDirective();
    const owner = directive ?? field;
    if (owner == null) return;
    const kind = directive == null ? 'Field' : 'Directive';
    context.reportError(
      mistake(node, ancestors, `${kind} '${owner.name}' doesn't accept argument '${node.name.value}'`, {
        code: 'argumentNotAccepted',
        name: owner.name,
        typeName: kind,
        argumentName: node.name.value,
      }),
    );
  },
});

const missingRequiredArguments: ValidationRule = (context) => ({
  Directive: {
    leave(node, _key, _parent, _path, ancestors) {
      const missing = (context.getDirective()?.args ?? []).filter(
        (argument) =>
          isRequiredArgument(argument) && !node.arguments?.some(({ name }) => name.value === argument.name),
      );
      if (missing.length === 0) return;
      const names = missing.map(({ name }) => name).join(', ');
      context.reportError(
        mistake(node, ancestors, `Directive '${node.name.value}' is missing required arguments: ${names}`, {
          code: 'missingRequiredArguments',
          className: 'Directive',
          name: node.name.value,
          arguments: names,
        }),
      );
    },
  },
  Field: {
    leave(node, _key, _parent, _path, ancestors) {
      const field = context.getFieldDef();
      const missing = (field?.args ?? []).filter(
        (argument) =>
          isRequiredArgument(argument) && !node.arguments?.some(({ name }) => name.value === argument.name),
      );
      if (missing.length === 0) return;
      const names = missing.map(({ name }) => name).join(', ');
      context.reportError(
        mistake(node, ancestors, `Field '${node.name.value}' is missing required arguments: ${names}`, {
          code: 'missingRequiredArguments',
          className: 'Field',
          name: node.name.value,
          arguments: names,
        }),
      );
    },
  },
});

const selectionMismatch: ValidationRule = (context) => ({
  Field(node, _key, _parent, _path, ancestors) {
    const type = context.getType();
    if (type == null) return;
    const named = getNamedType(type);
    const name = node.name.value;
    const about = { code: 'selectionMismatch', nodeName: `field '${name}'`, typeName: String(named) };
    if (isLeafType(named) && node.selectionSet !== undefined) {
      const message = `Selections can't be made on scalars (field '${name}' returns ${named.name} but has selections)`;
      context.reportError(mistake(node, ancestors, message, about));
    } else if (isCompositeType(named) && node.selectionSet === undefined) {
      const message = `Field must have selections (field '${name}' returns ${named.name} but has no selections. Did you mean '${name} { ... }'?)`;
      context.reportError(mistake(node, ancestors, message, about));
    }
  },
});

const undefinedType: ValidationRule = (context) => ({
  NamedType(node, _key, parent, _path, ancestors) {
    const typeName = node.name.value;
    if (context.getSchema().getType(typeName) !== undefined) return;
    const around = parent as ASTNode | undefined;
    const isCondition = around?.kind === 'InlineFragment' || around?.kind === 'FragmentDefinition';
    const message = isCondition
      ? `No such type ${typeName}, so it can't be a fragment condition`
      : `${typeName} isn't a defined input type`;
    context.reportError(mistake(node, ancestors, message, { code: 'undefinedType', typeName }));
  },
});

const operationsOnly: ValidationRule = (context) => ({
  Document(document) {
    for (const definition of document.definitions) {
      if (definition.kind === 'OperationDefinition' || definition.kind === 'FragmentDefinition') continue;
      const text = print(definition).split('\n')[0] ?? '';
      context.reportError(new GraphQLError(`Not a query: ${text.slice(0, 80)}`, { nodes: definition }));
    }
    return false;
  },
});

const ours: ReadonlyMap<ValidationRule, ValidationRule> = new Map([
  [FieldsOnCorrectTypeRule, undefinedField],
  [KnownArgumentNamesRule, argumentNotAccepted],
  [ProvidedRequiredArgumentsRule, missingRequiredArguments],
  [ScalarLeafsRule, selectionMismatch],
  [KnownTypeNamesRule, undefinedType],
  [ExecutableDefinitionsRule, operationsOnly],
]);

/** All that a query has to keep to. */
export const validationRules: readonly ValidationRule[] = specifiedRules.map(
  (rule) => ours.get(rule) ?? rule,
);
