// Request bodies: JSON objects whatever their Content-Type says, since `curl -d` says
// `application/x-www-form-urlencoded` and GitHub reads that as JSON too. Checked against the route's schema.
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { ApiError } from './errors.ts';

/** Enough for any operation that takes JSON, in bytes. */
export const BODY_LIMIT = 1024 * 1024;

const readable =
  /^(application\/(json|octet-stream|x-www-form-urlencoded|([\w.-]+\+json)|vnd\.github[\w.-]*)|text\/(plain|json))? *(;|$)/i;

/** Makes the instance read bodies as above. */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (request, body, done) => {
    try {
      if (!readable.test(request.headers['content-type'] ?? '')) throw new ApiError('unsupported-media-type');
      if (request.headers['content-encoding'] !== undefined) throw new ApiError('unsupported-media-type');
      done(null, parseObject(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** An empty body is an empty object: several operations take nothing that they need. */
function parseObject(body: Buffer): object {
  let value: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body).trim();
    value = text === '' ? {} : JSON.parse(text);
  } catch {
    throw new ApiError('problems-parsing-json');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ApiError('body-not-an-object');
  return value;
}

/** Checks input against schemas without bending it: `"false"` is no boolean. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema }) => {
  const validator = Compile(schema);
  return (input: unknown) => {
    const value = input ?? {};
    if (validator.Check(value)) return { value };
    const lines = new Set(validator.Errors(value).flatMap((error) => reasonLines(error, value)));
    return {
      error: new ApiError('invalid-request', { message: ['Invalid request.\n', ...lines].join('\n') }),
    };
  };
};

interface Fault {
  readonly keyword: string;
  /** JSON pointer to the faulty value: `/name`. */
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
}

/** In the words of GitHub: `For 'properties/name', nil is not a string.` and `"name" wasn't supplied.` */
function reasonLines({ keyword, instancePath, params, message }: Fault, input: unknown): string[] {
  if (keyword === 'required' && 'requiredProperties' in params) {
    return (params.requiredProperties as readonly string[]).map((name) => `"${name}" wasn't supplied.`);
  }
  // Says again, for the union as a whole, what its members said.
  if (keyword === 'anyOf') return [];
  const path = instancePath.split('/').slice(1);
  const field = `'properties/${path.join('/')}'`;
  if (keyword === 'type' && 'type' in params) {
    return [`For ${field}, ${shown(valueAt(input, path))} is not ${article(String(params.type))}.`];
  }
  return [`For ${field}, ${shown(valueAt(input, path))} ${message}.`];
}

function valueAt(input: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
    input,
  );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nil';
  return text === 'null' ? 'nil' : text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function article(type: string): string {
  return type === 'null' ? 'nil' : `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}
