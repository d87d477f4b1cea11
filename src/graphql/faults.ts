// Every error that a query can be answered with, in GitHub's words: status 200, and beside `data` a list of
// `errors` with a `type` that clients match on (ghes-spec 5.2 row 18). Also the one translator of refusals into them.
import { GraphQLError } from 'graphql';
import { type Actor, personalToken } from '../access/actor.ts';
import type { Denied } from '../access/denied.ts';
import { editTokenUrl } from '../access/token-address.ts';
import { withThoseImplying } from '../api/headers.ts';
import type { Config } from '../config/config.ts';
import type { Problem } from '../problems.ts';
import { GitError } from '../process/git.ts';

export type FaultType =
  | 'NOT_FOUND'
  | 'FORBIDDEN'
  | 'INSUFFICIENT_SCOPES'
  | 'UNPROCESSABLE'
  | 'INVALID_CURSOR_ARGUMENTS'
  | 'MISSING_PAGINATION_BOUNDARIES'
  | 'EXCESSIVE_PAGINATION'
  | 'ARGUMENT_LIMIT'
  | 'MAX_NODE_LIMIT_EXCEEDED'
  | 'RESOURCE_LIMITS_EXCEEDED'
  | 'SERVER_ERROR';

/** Thrown by whatever finds out; the field that asked becomes null. */
export class Fault extends Error {
  override name = 'Fault';
  readonly type: FaultType;
  readonly extensions: Readonly<Record<string, unknown>> | undefined;

  constructor(type: FaultType, message: string, extensions?: Readonly<Record<string, unknown>>) {
    super(message);
    this.type = type;
    this.extensions = extensions;
  }
}

/** How a missing thing is told: `Could not resolve to a Repository with the name 'o/r'.` */
export function notFound(what: string): Fault {
  return new Fault('NOT_FOUND', `Could not resolve to ${what}.`);
}

export const tooMuch = (): Fault =>
  new Fault('RESOURCE_LIMITS_EXCEEDED', 'Resource limits for this query exceeded. Ask for less at once.');

export interface Refused {
  /** What is told where the caller must not learn that it is there. */
  readonly missing: Fault;
  /** The field that was asked for. */
  readonly field: string;
}

/** A refusal in GitHub's words. What was missing is named only where the caller sees what it is about. */
export function refusalFault(
  refusal: Denied,
  { missing, field }: Refused,
  actor: Actor,
  config: Pick<Config, 'url'>,
): Fault {
  switch (refusal.because) {
    case 'invisible':
    case 'unauthenticated':
      return missing;
    case 'role-missing':
      return new Fault('FORBIDDEN', refusal.refusal);
    case 'scope-missing': {
      if (refusal.asIfMissing === true || actor.kind !== 'user' || actor.grant.kind !== 'scopes')
        return missing;
      const list = (scopes: readonly string[]) => `[${scopes.map((scope) => `'${scope}'`).join(', ')}]`;
      const own = personalToken(actor);
      const url =
        own === null
          ? `${config.url}/settings/applications`
          : editTokenUrl(config, own.tokenId, refusal.accepted.slice(0, 1));
      return new Fault(
        'INSUFFICIENT_SCOPES',
        `Your token has not been granted the required scopes to execute this query. The '${field}' field requires ` +
          `one of the following scopes: ${list(withThoseImplying(refusal.accepted))}, but your token has only been ` +
          `granted the: ${list(actor.grant.scopes.toSorted())} scopes. Please modify your token's scopes at: ${url}.`,
      );
    }
    case 'session-required':
    case 'sudo-required':
      return new Fault('FORBIDDEN', 'Resource not accessible by personal access token');
    case 'organization-forbids-tokens':
      return new Fault(
        'FORBIDDEN',
        `\`${refusal.organization}\` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal access token with fine-grained permissions.`,
        { saml_failure: false },
      );
  }
}

/** What is wrong with the input of a change, in one sentence. */
export function unprocessable(problems: readonly Problem[]): Fault {
  const [first] = problems;
  if (first === undefined) return new Fault('UNPROCESSABLE', 'The input can not be accepted.');
  const isTaken = first.code === 'already_exists' && first.field === 'name';
  // As GitHub says it; gh shows it.
  return new Fault('UNPROCESSABLE', isTaken ? 'Name already exists on this account' : first.message);
}

/** An error of an answer. Of what nobody foresaw, it tells nothing but the request's id. */
export function shownError(error: GraphQLError, requestId: string, unforeseen: (error: unknown) => void) {
  const { path, locations, message, extensions, originalError: cause } = error;
  const place = {
    ...(path === undefined ? {} : { path }),
    ...(locations === undefined ? {} : { locations }),
  };
  const fault = isOverload(cause) ? tooMuch() : cause;
  if (fault instanceof Fault) {
    const more = fault.extensions;
    const told = more === undefined ? {} : { extensions: more };
    return { type: fault.type, ...place, ...told, message: fault.message };
  }
  if (cause !== undefined && !(cause instanceof GraphQLError)) {
    unforeseen(cause);
    const sorry = 'Something went wrong while executing your query. Please include';
    return {
      type: 'SERVER_ERROR',
      ...place,
      message: `${sorry} \`${requestId}\` when reporting this issue.`,
    };
  }
  return { ...(Object.keys(extensions).length === 0 ? place : { ...place, extensions }), message };
}

/** Reading a repository took longer than anybody may take, or too many wait for it. */
function isOverload(error: unknown): boolean {
  if (error instanceof GitError) return error.reason === 'timeout';
  return error instanceof Error && 'statusCode' in error && error.statusCode === 503;
}
