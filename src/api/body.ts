// Request bodies: JSON objects whatever their Content-Type says, since `curl -d` says
// `application/x-www-form-urlencoded` and GitHub reads that as JSON too. Checked against the route's schema.
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { ApiError } from './errors.ts';

/** Enough for any operation that takes JSON, in bytes. */
const BODY_LIMIT = 1024 * 1024;

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
    const message = ['Invalid request.\n', ...reasonLines(validator.Errors(value), value)].join('\n');
    return { error: new ApiError('invalid-request', { message }) };
  };
};

interface Fault {
  readonly keyword: string;
  /** JSON pointer to the faulty value: `/name`. */
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
}

/** In the words of GitHub, a line a field: `For 'properties/name', nil is not a string.`, `"name" wasn't supplied.` */
function reasonLines(faults: readonly Fault[], input: unknown): string[] {
  const fields = Map.groupBy(faults, ({ instancePath }) => instancePath);
  return [...fields].flatMap(([pointer, all]) => {
    const missing = all.flatMap(({ params }) =>
      'requiredProperties' in params ? (params.requiredProperties as readonly string[]) : [],
    );
    const path = pointer.split('/').slice(1);
    const subject = `For 'properties/${path.join('/')}', ${shown(valueAt(input, path))}`;
    const wrong = whatIsWrong(all.filter(({ keyword }) => keyword !== 'required'));
    return [
      ...missing.map((name) => `"${name}" wasn't supplied.`),
      ...(wrong === null ? [] : [`${subject} ${wrong}.`]),
    ];
  });
}

/** A union's members complain each by itself; said together, they say what the value could have been. */
function whatIsWrong(faults: readonly Fault[]): string | null {
  const types = faults.flatMap(({ params }) => ('type' in params ? [article(String(params.type))] : []));
  if (types.length > 0) return `is not ${types.join(' or ')}`;
  const members = faults.flatMap(({ params }) => ('allowedValue' in params ? [params.allowedValue] : []));
  if (members.length > 0) return `is not a member of ${JSON.stringify(members)}`;
  return faults[0]?.message ?? null;
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
