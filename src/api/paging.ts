// Lists in pages: `page` and `per_page` in, `Link` out (ghes-spec 5.5).
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/config.ts';
import { textParameter } from './parameters.ts';
import { apiRoot } from './urls.ts';

export interface Page {
  /** From 1. */
  readonly page: number;
  readonly perPage: number;
}

const DEFAULT_PER_PAGE = 30;
const MAX_PER_PAGE = 100;
/** Nobody gets that far; it keeps the arithmetic of offsets in range. */
const MAX_PAGE = 10_000_000;

/** The page that a request asks for; what makes no sense is taken for the default. */
export function pageOf(request: FastifyRequest): Page {
  const perPage = wholeNumber(textParameter(request, 'per_page')) ?? DEFAULT_PER_PAGE;
  const page = wholeNumber(textParameter(request, 'page')) ?? 1;
  return { page: Math.min(page, MAX_PAGE), perPage: Math.min(perPage, MAX_PER_PAGE) };
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,30}$/.test(text)) return undefined;
  const number = Number(text);
  return number > 0 ? number : undefined;
}

/** How many there are in all; or, where counting would cost too much, whether there are more. */
export type Extent = { readonly total: number } | { readonly hasMore: boolean };

/**
 * Sets `Link`, in GitHub's order and with all other parameters kept; none when everything fits on one page.
 * @param path the list's lasting address below the API's root: `/repositories/1/branches`
 */
export function setLinks(
  request: FastifyRequest,
  reply: FastifyReply,
  config: Pick<Config, 'url'>,
  path: string,
  { page, perPage }: Page,
  extent: Extent,
): void {
  const last = 'total' in extent ? Math.max(1, Math.ceil(extent.total / perPage)) : null;
  const more = 'total' in extent ? page < (last ?? 1) : extent.hasMore;
  const links: (readonly [number, string])[] = [];
  if (page > 1) links.push([last === null ? page - 1 : Math.min(page - 1, last), 'prev']);
  if (more) links.push([page + 1, 'next']);
  if (more && last !== null) links.push([last, 'last']);
  if (page > 1) links.push([1, 'first']);
  if (links.length === 0) return;
  const question = request.url.indexOf('?');
  const query = new URLSearchParams(question === -1 ? '' : request.url.slice(question + 1));
  const address = (to: number) => {
    query.set('page', String(to));
    return `${apiRoot(config)}${path}?${query}`;
  };
  reply.header('link', links.map(([to, rel]) => `<${address(to)}>; rel="${rel}"`).join(', '));
}
