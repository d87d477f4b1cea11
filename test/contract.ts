// Holds answers of the REST API to the published description of GitHub Enterprise Server 3.8, so that every client
// written for it can read ours. The description (`@octokit/openapi`) is read once a process, and only the schemas of
// operations that are asked for are compiled.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import { moreAnswers } from './contract-more.ts';

interface Answer {
  readonly content?: Readonly<Record<string, { readonly schema?: unknown }>>;
}

interface Description {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses?: Readonly<Record<string, Answer>> }>>>
  >;
  readonly components: { readonly schemas: object; readonly responses: Readonly<Record<string, Answer>> };
}

/** Addresses that GitHub answers without describing them, and the described operations that they stand for. */
const aliases: readonly (readonly [RegExp, string])[] = [
  [/^\/repositories\/\d+(?=\/|$)/, '/repos/owner/repo'],
  [/^\/user\/\d+(?=\/|$)/, '/users/username'],
  [/^\/organizations\/\d+\/team\/(?=\d)/, '/teams/'],
  [/^\/organizations\/\d+(?=\/|$)/, '/orgs/org'],
  [/(?<=^\/repos\/[^/]+\/[^/]+\/contents)$/, '/'],
  [/(?<=^\/repos\/[^/]+\/[^/]+\/(?:tar|zip)ball)\/?$/, '/ref'],
  [/(?<=^\/repos\/[^/]+\/[^/]+\/git\/matching-refs)\/?$/, '/ref'],
  [/(?<=^\/repos\/[^/]+\/[^/]+\/commits\/).+(?=\/status(es)?$)/, 'ref'],
];
/** What the `url` of refs and statuses says, for reading them. */
const readingAliases: typeof aliases = [
  [/(?<=^\/repos\/[^/]+\/[^/]+\/git\/)refs(?=\/)/, 'ref'],
  [/(?<=^\/repos\/[^/]+\/[^/]+)\/statuses\/.+$/, '/commits/ref/statuses'],
];

/** What later versions describe. */
const beyond = [/\/user\/email\/visibility$/];

/** What errors look like where the description does not list the status (its `basic-error`). */
const basicError = {
  type: 'object',
  required: ['message', 'documentation_url'],
  properties: {
    message: { type: 'string' },
    documentation_url: { type: 'string', format: 'uri' },
    status: { type: 'string', pattern: '^[45]\\d\\d$' },
  },
};

/**
 * Throws when an answer is not what the description says.
 * @param path the request's path, with or without `/api/v3` and a query
 * @param body the JSON value; a text for other types; empty text for none
 */
export function checkContract(method: string, path: string, status: number, body: unknown): void {
  const where = `${method} ${path} → ${status}`;
  if (method === 'HEAD') {
    if (body !== '') throw new Error(`${where}: has a body`);
    return;
  }
  const operation = operationFor(method, path);
  if (operation === undefined) {
    if (status < 400 && beyond.some((known) => known.test(path.split('?')[0] ?? ''))) return;
    if (status < 400) throw new Error(`${where}: the description has no such operation`);
    check(where, 'basic-error', basicError, body);
    return;
  }
  const described = operation.responses[String(status)];
  if (status === 304 || status === 204) {
    if (body !== '') throw new Error(`${where}: has a body`);
    if (described === undefined && status === 204)
      throw new Error(`${where}: a status that is not described`);
  } else if (status >= 400) {
    check(where, 'basic-error', basicError, body);
    checkDescribed(where, operation.name, status, described, body);
  } else if (described === undefined && status !== 301 && status !== 307) {
    throw new Error(`${where}: a status that is not described`);
  } else {
    checkDescribed(where, operation.name, status, described, body);
  }
}

/** Is there such an operation? `template` as in the description: `/repos/{owner}/{repo}`. */
export function isDescribed(method: string, template: string): boolean {
  return description().document.paths[template]?.[method.toLowerCase()] !== undefined;
}

function checkDescribed(
  where: string,
  name: string,
  status: number,
  answer: Answer | undefined,
  body: unknown,
) {
  const resolved = resolve(answer);
  const types = Object.keys(resolved?.content ?? {});
  if (types.length === 0) {
    if (status < 300 && body !== '') throw new Error(`${where}: has a body, and none is described`);
    return;
  }
  const schemas = types.map((type) => resolved?.content?.[type]?.schema);
  check(where, `${name} ${status}`, schemas.length === 1 ? schemas[0] : { anyOf: schemas }, body);
}

function resolve(answer: Answer | undefined): Answer | undefined {
  const reference = (answer as { readonly $ref?: string } | undefined)?.$ref;
  if (reference === undefined) return answer;
  return description().document.components.responses[reference.split('/').at(-1) ?? ''];
}

function check(where: string, key: string, schema: unknown, body: unknown): void {
  const { ajv, compiled } = description();
  let validate = compiled.get(key);
  if (validate === undefined) {
    validate = ajv.compile(converted(schema) as object);
    compiled.set(key, validate);
  }
  if (validate(body)) return;
  const faults = (validate.errors ?? [])
    .slice(0, 8)
    .map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);
  throw new Error(
    `${where} is not what the description says:\n${faults.join('\n')}\n${JSON.stringify(body)?.slice(0, 500)}`,
  );
}

interface Operation {
  readonly name: string;
  readonly responses: Readonly<Record<string, Answer>>;
}

function operationFor(method: string, url: string): Operation | undefined {
  const { document } = description();
  let path = (url.split('?')[0] ?? '').replace(/^\/api\/v3(?=\/|$)/, '') || '/';
  const known = method === 'GET' ? [...aliases, ...readingAliases] : aliases;
  for (const [alias, meant] of known) path = path.replace(alias, meant);
  const verb = method.toLowerCase();
  // Literal segments before parameters, and one segment a parameter before several.
  const literal = (template: string) => template.split('/').filter((part) => !part.startsWith('{')).length;
  const fitting = (slashes: 'no slashes' | 'slashes') =>
    Object.keys(document.paths)
      .filter(
        (template) => pattern(template, slashes).test(path) && document.paths[template]?.[verb] !== undefined,
      )
      .sort((a, b) => literal(b) - literal(a))[0];
  const template = fitting('no slashes') ?? fitting('slashes');
  const responses = template === undefined ? undefined : document.paths[template]?.[verb]?.responses;
  return template === undefined || responses === undefined
    ? undefined
    : { name: `${verb} ${template}`, responses };
}

/** Parameters whose values may hold slashes. */
const withSlashes = /^\{(path|ref|branch|dir|basehead|tree_sha)\}$/;

function pattern(template: string, slashes: 'no slashes' | 'slashes'): RegExp {
  const parts = template.split('/').map((part, index, all) => {
    const isLast = index === all.length - 1;
    if (isLast && slashes === 'slashes' && withSlashes.test(part)) return '.*';
    return part.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+');
  });
  return new RegExp(`^${parts.join('/')}$`);
}

interface Loaded {
  readonly document: Description;
  readonly ajv: Ajv;
  readonly compiled: Map<string, ValidateFunction>;
}

const loadedBy = new WeakMap<NodeJS.Process, Loaded>();

function description(): Loaded {
  const known = loadedBy.get(process);
  if (known !== undefined) return known;
  const file = fileURLToPath(import.meta.resolve('@octokit/openapi/generated/ghes-3.8.json'));
  const document = withMore(JSON.parse(readFileSync(file, 'utf8')) as Description);
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addFormat('uri', (text: string) => URL.canParse(text));
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  ajv.addFormat('email', /^[^@\s]+@[^@\s]+$/);
  for (const open of ['date', 'hostname', 'ipv4', 'ipv6', 'uri-template', 'repo.nwo', 'int64'])
    ajv.addFormat(open, true);
  ajv.addSchema({ $id: 'ghes', components: { schemas: converted(document.components.schemas) } });
  const loaded = { document, ajv, compiled: new Map<string, ValidateFunction>() };
  loadedBy.set(process, loaded);
  return loaded;
}

function withMore(document: Description): Description {
  const paths = { ...document.paths };
  for (const [path, methods] of Object.entries(moreAnswers)) {
    const operations = { ...paths[path] };
    for (const [method, answers] of Object.entries(methods)) {
      operations[method] = { responses: { ...operations[method]?.responses, ...answers } };
    }
    paths[path] = operations;
  }
  return { ...document, paths };
}

/** OpenAPI 3.0's dialect as JSON Schema: `nullable` spelt out, references made absolute, examples left out. */
function converted(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(converted);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { nullable, example, examples, ...rest } = schema as Record<string, unknown>;
  const entries = Object.entries(rest).map(([key, value]): [string, unknown] =>
    key === '$ref' && typeof value === 'string' ? [key, `ghes${value}`] : [key, converted(value)],
  );
  // A property may itself be called `example`: only strings and numbers beside a type are examples.
  const result = Object.fromEntries(entries);
  return nullable === true ? { anyOf: [result, { type: 'null' }] } : result;
}
