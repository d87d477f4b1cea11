// One query, from its text to its answer: read, measured, checked against the schema, measured again, and only then run.
// Whatever was sent, the answer is data and errors, never an exception.
import {
  type DocumentNode,
  execute,
  GraphQLError,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import type { RateLimit } from '../api/rate-limits.ts';
import { type AskedBy, createAsking } from './asking.ts';
import { shownError } from './faults.ts';
import { MAX_QUERY_LENGTH, MAX_TOKENS, nodesAsked, sizeProblem } from './limits.ts';
import { repetitionProblem } from './repetitions.ts';
import type { Answering } from './schema.ts';
import { validationRules } from './validation.ts';

export interface Query {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Which of the operations; null where there is one. */
  readonly operationName: string | null;
}

export interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly object[];
}

export type Caller = Omit<AskedBy, 'nodes' | 'rateLimit'> & {
  readonly requestId: string;
  readonly rateLimit: RateLimit | null;
};

/** Mistakes that are told of one query. */
const MAX_ERRORS = 25;

export async function runQuery(answering: Answering, query: Query, caller: Caller): Promise<Answer> {
  const { ctx, requestId } = caller;
  const failed = (errors: readonly GraphQLError[]): Answer => ({
    errors: errors.map((error) =>
      shownError(error, requestId, (err) => ctx.log.error({ err, id: requestId }, 'a query failed')),
    ),
  });
  const read = readQuery(query);
  if (read instanceof GraphQLError) return failed([read]);
  const { document, operation } = read;
  const { schema, resolve, typeOf } = answering;
  const mistakes = validate(schema, document, validationRules, {
    maxErrors: MAX_ERRORS,
    hideSuggestions: true,
  });
  if (mistakes.length > 0) return failed(mistakes);
  try {
    const { nodes } = nodesAsked(schema, document, operation, query.variables);
    const result = await execute({
      schema,
      document,
      contextValue: createAsking({ ...caller, nodes }),
      variableValues: query.variables,
      operationName: query.operationName,
      fieldResolver: resolve,
      typeResolver: typeOf,
      hideSuggestions: true,
    });
    const { data, errors = [] } = result;
    return {
      ...(data === undefined ? {} : { data }),
      ...(errors.length === 0 ? {} : failed(errors)),
    };
  } catch (error) {
    if (error instanceof GraphQLError) return failed([error]);
    throw error;
  }
}

function readQuery({
  text,
  operationName,
}: Query): GraphQLError | { readonly document: DocumentNode; readonly operation: OperationDefinitionNode } {
  if (text.length > MAX_QUERY_LENGTH) {
    return new GraphQLError(`Query is too long: ${text.length} characters, and ${MAX_QUERY_LENGTH} at most`);
  }
  try {
    const document = parse(text, { maxLexicalTokens: MAX_TOKENS });
    const problem = sizeProblem(document) ?? repetitionProblem(document);
    if (problem !== null) return problem;
    const operation = getOperationAST(document, operationName);
    if (operation != null) return { document, operation };
    return new GraphQLError(
      operationName === null
        ? 'An operation name is required'
        : `No operation named "${operationName.slice(0, 100)}"`,
    );
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    // Nested deeper than the stack goes.
    if (error instanceof RangeError) return new GraphQLError('Query is nested too deeply');
    throw error;
  }
}
