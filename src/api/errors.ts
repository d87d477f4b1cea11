// Every error that the REST API answers with, in one registry: status, message and what it means. Nothing else
// invents one. Messages that clients match on are frozen by ghes-spec appendix C.
import type { Config } from '../config/config.ts';
import type { Problem } from '../problems.ts';
import { documentationUrl } from './urls.ts';

interface ErrorRow {
  readonly status: number;
  readonly message: string;
  /** For the documentation page: when it happens and what to do. */
  readonly means: string;
}

const registry = {
  'bad-credentials': {
    status: 401,
    message: 'Bad credentials',
    means:
      'The token is unknown, expired, deleted or mistyped. Account passwords are not accepted: make a token. ' +
      'A bad credential is refused even where none is needed.',
  },
  'too-many-attempts': {
    status: 403,
    message: 'Maximum number of login attempts exceeded. Please try again later.',
    means:
      'Too many bad credentials came from your address lately. A good token is let through all the same, and is ' +
      'not counted; after five minutes a bad one is told as such again.',
  },
  'rate-limited': {
    status: 403,
    message: 'API rate limit exceeded.',
    means:
      'The administrators of this instance limit how many requests an hour may be made. X-RateLimit-Reset says ' +
      'when the next ones are answered.',
  },
  'secondary-rate-limited': {
    status: 403,
    message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
    means: 'Too many requests at once, or within a minute. Retry-After says how many seconds to wait.',
  },
  'credential-in-url': {
    status: 401,
    message: 'Must specify access token via Authorization header.',
    means: 'Tokens in the address end up in logs, so they are refused unread.',
  },
  'authentication-required': {
    status: 401,
    message: 'Requires authentication',
    means: 'The operation is about you, and the request says nothing of who you are.',
  },
  'private-mode': {
    status: 401,
    message: 'Must authenticate to access this API.',
    means: 'This instance is in private mode: everything but /meta needs a token.',
  },
  suspended: {
    status: 403,
    message: 'Sorry. Your account was suspended.',
    means: 'The token is good, but its owner was suspended by an administrator.',
  },
  'token-lives-too-long': {
    status: 403,
    message: 'This instance forbids access via a personal access token (classic) that lives too long.',
    means:
      'The instance limits how long a token may live, and this one was given longer, or no end. The message names ' +
      'the limit and the page on which to regenerate the token.',
  },
  forbidden: {
    status: 403,
    message: 'Forbidden',
    means: 'You may see it, but your role or the scopes of your token do not reach this far.',
  },
  'session-required': {
    status: 403,
    message: 'Resource not accessible by personal access token',
    means: 'No token can do this: it takes a person signed in on the web.',
  },
  'not-found': {
    status: 404,
    message: 'Not Found',
    means:
      'There is no such thing, or your token may not see it: what is private is not told apart from what does ' +
      'not exist. Compare the headers X-OAuth-Scopes and X-Accepted-OAuth-Scopes.',
  },
  'rate-limiting-off': {
    status: 404,
    message: 'Rate limiting is not enabled.',
    means: 'This instance does not limit the rate of requests.',
  },
  'passwords-not-taken': {
    status: 410,
    message: 'Passwords are for the web alone: make a token there.',
    means:
      'Old clients ask here with a password. Make a token on the web, or sign in by way of an application.',
  },
  'branch-not-found': {
    status: 404,
    message: 'Branch not found',
    means: 'The repository has no such branch.',
  },
  'no-commit-for-ref': {
    status: 404,
    message: 'No commit found for the ref',
    means: 'The ref parameter names neither a branch, nor a tag, nor a commit of the repository.',
  },
  'no-commit-for-sha': {
    status: 422,
    message: 'No commit found for SHA',
    means: 'The repository has no such commit, branch or tag.',
  },
  'empty-repository': {
    status: 409,
    message: 'Git Repository is empty.',
    means: 'Nothing was pushed to it yet.',
  },
  'empty-tree': { status: 404, message: 'This repository is empty.', means: 'Nothing was pushed to it yet.' },
  'blob-too-large': {
    status: 403,
    message:
      'This API returns blobs up to 100 MB in size. The requested blob is too large to fetch via the API.',
    means: 'Clone the repository to get it.',
  },
  'problems-parsing-json': {
    status: 400,
    message: 'Problems parsing JSON',
    means: 'The body is not JSON in UTF-8.',
  },
  'body-not-an-object': {
    status: 400,
    message: 'Body should be a JSON object',
    means: 'The body is JSON, but an array, a text, a number, or null.',
  },
  'bad-request': { status: 400, message: 'Bad Request', means: 'The request can not be read as HTTP.' },
  'unsupported-version': {
    status: 400,
    message: 'The version in X-GitHub-Api-Version is not supported.',
    means: 'Leave the header out, or send 2022-11-28.',
  },
  'body-too-large': {
    status: 413,
    message: 'Payload Too Large',
    means: 'The body is larger than the operation can need.',
  },
  'unsupported-media-type': {
    status: 415,
    message: 'Unsupported Media Type',
    means: 'Send the body as JSON, without compression.',
  },
  'validation-failed': {
    status: 422,
    message: 'Validation Failed',
    means: 'The values can not be accepted; `errors` says which and why.',
  },
  unprocessable: {
    status: 422,
    message: 'Validation Failed',
    means: 'What was sent can be read, but not be carried out; the message says why.',
  },
  conflict: {
    status: 409,
    message: 'Conflict',
    means: 'What is there is not what the request says it is: read it again, and decide anew.',
  },
  'invalid-request': {
    status: 422,
    message: 'Invalid request.',
    means: 'The body lacks a field, or a field has the wrong type; the message says which.',
  },
  'server-error': {
    status: 500,
    message: 'Server Error',
    means: 'A fault of the server; its log says more.',
  },
  unavailable: {
    status: 503,
    message: 'Service Unavailable',
    means: 'Too much is going on at present. Try again in a while.',
  },
} as const satisfies Record<string, ErrorRow>;

export type ApiErrorName = keyof typeof registry;

export const apiErrors: Readonly<Record<ApiErrorName, ErrorRow>> = registry;

/** One entry of `errors` in a 422 (ghes-spec 5.2, body shape). */
export interface FieldError {
  readonly resource: string;
  readonly field: string;
  readonly code: string;
  readonly message?: string;
}

interface ErrorDetails {
  /** In place of the registry's message, where the message says more. */
  readonly message?: string;
  readonly errors?: readonly FieldError[];
  readonly missing?: MissingScope;
  /** When to come again. */
  readonly retryAfterSeconds?: number;
}

/** What a token lacks, told only where the caller sees what it asked for. Ours, beside what GHES answers. */
export interface MissingScope {
  /** Any one of them is enough. */
  readonly neededScopes: readonly string[];
  /** The page on which that very token is edited, the narrowest of them ticked. Missing: an application holds it. */
  readonly tokenUrl?: string;
}

/** Ends a request with an error of the registry, from wherever it is thrown in a handler. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly error: ApiErrorName;
  readonly details: ErrorDetails;
  readonly statusCode: number;

  constructor(error: ApiErrorName, details: ErrorDetails = {}) {
    super(details.message ?? apiErrors[error].message);
    this.error = error;
    this.details = details;
    this.statusCode = apiErrors[error].status;
  }
}

export interface ErrorBody {
  readonly message: string;
  readonly errors?: readonly FieldError[];
  readonly needed_scopes?: readonly string[];
  readonly token_url?: string;
  readonly documentation_url: string;
  /** The status code as text (ghes-spec 5.2). */
  readonly status: string;
}

/** The body of an error answer. */
export function errorBody(
  config: Pick<Config, 'url'>,
  name: ApiErrorName,
  details: ErrorDetails = {},
): ErrorBody {
  const { missing } = details;
  return {
    message: details.message ?? apiErrors[name].message,
    ...(details.errors === undefined ? {} : { errors: details.errors }),
    ...(missing === undefined ? {} : { needed_scopes: missing.neededScopes, token_url: missing.tokenUrl }),
    documentation_url: documentationUrl(config, name),
    status: String(apiErrors[name].status),
  };
}

/**
 * What is wrong with the input, as 422 `Validation Failed`.
 * @param resource what the input was to become: `Repository`
 */
export function validationFailed(resource: string, problems: readonly Problem[]): ApiError {
  return new ApiError('validation-failed', {
    errors: problems.map(({ field, code, message }) => ({ resource, field, code, message })),
  });
}
