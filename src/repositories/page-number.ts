// The page of a list that an address asks for.

const MAX_PAGE = 100_000;

/** `?page=3`; anything that is no page is the first one. */
export function pageNumber(query: unknown): number {
  const text = (query as { page?: unknown } | null)?.page;
  const page = typeof text === 'string' && /^\d{1,6}$/.test(text) ? Number(text) : 1;
  return Math.min(Math.max(page, 1), MAX_PAGE);
}
