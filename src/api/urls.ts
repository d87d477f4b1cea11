// Addresses in API answers. They are made from the configured URL alone, never from a request's Host header; on
// the host `github.localhost`, where the API also answers at `api.github.localhost`, they still name `/api/v3`.
import type { Config } from '../config/config.ts';

/** Where the REST API starts, without a trailing slash: `https://git.example.com/api/v3`. */
export function apiRoot(config: Pick<Config, 'url'>): string {
  return `${config.url}/api/v3`;
}

/** The page that explains an error or an operation to the reader of an answer's `documentation_url`. */
export function documentationUrl(config: Pick<Config, 'url'>, anchor: string): string {
  return `${config.url}/docs/rest#${anchor}`;
}

/** The instants that have a year of four digits: commits may claim others. */
const FIRST_INSTANT = Date.parse('0000-01-01T00:00:00Z');
const LAST_INSTANT = Date.parse('9999-12-31T23:59:59Z');

/** An instant as the API writes it: `2026-01-31T23:59:59Z` (ghes-spec 5.5). */
export function timestamp(instant: number): string {
  const shown = Math.min(Math.max(instant, FIRST_INSTANT), LAST_INSTANT);
  return `${new Date(shown).toISOString().slice(0, 19)}Z`;
}

/**
 * A request's path as the API knows it, for the host on which the API stands at the root.
 * @returns the URL to route by: `/repos/o/r` at `api.github.localhost` is `/api/v3/repos/o/r`
 */
export function urlAtApiHost(url: string): string {
  return url === '/graphql' || url.startsWith('/graphql?') ? `/api${url}` : `/api/v3${url}`;
}
