import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { pageOf } from './paging.ts';
import { timestamp, urlAtApiHost } from './urls.ts';

const asked = (query: Record<string, string | string[]>) => pageOf({ query } as unknown as FastifyRequest);

describe('the page that a request asks for', () => {
  it('is the first one of thirty unless it says otherwise', () => {
    expect(asked({})).toEqual({ page: 1, perPage: 30 });
    expect(asked({ page: '3', per_page: '50' })).toEqual({ page: 3, perPage: 50 });
    expect(asked({ page: ['2', '4'] })).toEqual({ page: 4, perPage: 30 });
  });

  it('holds a hundred at most, and makes sense whatever was asked', () => {
    expect(asked({ per_page: '1000' }).perPage).toBe(100);
    for (const text of ['0', '-1', '1.5', '1e3', ' 2', 'x', '', '9'.repeat(400)]) {
      expect(asked({ page: text, per_page: text }), text).toEqual({ page: 1, perPage: 30 });
    }
    expect(asked({ page: '9'.repeat(30) }).page).toBeLessThan(Number.MAX_SAFE_INTEGER / 100);
  });
});

describe('what stands in answers', () => {
  it('is a time of four-digit years, even where a commit claims another', () => {
    expect(timestamp(Date.UTC(2026, 0, 31, 23, 59, 59, 999))).toBe('2026-01-31T23:59:59Z');
    expect(timestamp(8.64e15)).toBe('9999-12-31T23:59:59Z');
    expect(timestamp(-8.64e15)).toBe('0000-01-01T00:00:00Z');
  });

  it('is found at the host of the API as under its path', () => {
    expect(urlAtApiHost('/user?x=1')).toBe('/api/v3/user?x=1');
    expect(urlAtApiHost('/graphql')).toBe('/api/graphql');
    expect(urlAtApiHost('/graphqlx')).toBe('/api/v3/graphqlx');
  });
});
