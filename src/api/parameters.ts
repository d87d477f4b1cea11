// Reading the parameters of addresses. As on GitHub, a value of a query that makes no sense counts as not given.
import type { FastifyRequest } from 'fastify';

/** A parameter of the path; empty where it has none of this name. */
export function pathParameter(request: FastifyRequest, name: string): string {
  return (request.params as Readonly<Record<string, string | undefined>>)[name] ?? '';
}

/** A parameter of the path that is to be an id; null where it is none. */
export function idParameter(request: FastifyRequest, name: string): number | null {
  const text = pathParameter(request, name);
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}

/** The rest of a path that ends in a wildcard: `feature/x`. */
export function restOfPath(request: FastifyRequest): string {
  return pathParameter(request, '*');
}

/** The parameter's last value; undefined where there is none or it is empty. */
export function textParameter(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Readonly<Record<string, string | string[] | undefined>>)[name];
  const last = Array.isArray(value) ? value.at(-1) : value;
  return last === '' ? undefined : last;
}

/** The parameter's value if it is one of these. */
export function choiceParameter<T extends string>(
  request: FastifyRequest,
  name: string,
  choices: readonly T[],
): T | undefined {
  const text = textParameter(request, name);
  return choices.find((choice) => choice === text);
}

/** An instant, as milliseconds since 1970. */
export function instantParameter(request: FastifyRequest, name: string): number | undefined {
  const text = textParameter(request, name);
  if (text === undefined || !/^\d{4}-\d\d-\d\d([T ][\d:.]+(Z|[+-]\d\d:?\d\d)?)?$/i.test(text))
    return undefined;
  const instant = Date.parse(text.replace(' ', 'T'));
  return Number.isNaN(instant) ? undefined : instant;
}
