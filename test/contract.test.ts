import { describe, expect, it } from 'vitest';
import { checkContract, isDescribed } from './contract.ts';

const meta = { verifiable_password_authentication: false };
const error = { message: 'Not Found', documentation_url: 'https://git.example.com/docs/rest', status: '404' };

describe('holding answers to the description of the API', () => {
  it('lets a described answer pass, whatever the address is written like', () => {
    checkContract('GET', '/meta', 200, meta);
    checkContract('GET', '/api/v3/meta?x=1', 200, meta);
    checkContract('GET', '/repositories/1', 404, error);
    checkContract('GET', '/repos/ada/engine/contents/a/b/c.txt', 404, error);
    checkContract('HEAD', '/meta', 200, '');
    checkContract('GET', '/meta', 304, '');
  });

  it('finds a missing field, a wrong type and a null that must not be', () => {
    expect(() => checkContract('GET', '/meta', 200, {})).toThrow(/required property/);
    expect(() => checkContract('GET', '/meta', 200, { ...meta, packages: 'none' })).toThrow(/must be array/);
    expect(() => checkContract('GET', '/meta', 200, { ...meta, installed_version: null })).toThrow(/string/);
    expect(() => checkContract('GET', '/repos/ada/engine', 200, { id: 1 })).toThrow(/required property/);
  });

  it('finds operations, statuses and bodies that are not described', () => {
    expect(() => checkContract('GET', '/nowhere', 200, {})).toThrow(/no such operation/);
    expect(() => checkContract('GET', '/meta', 202, meta)).toThrow(/not described/);
    expect(() => checkContract('DELETE', '/repos/ada/engine', 204, {})).toThrow(/has a body/);
    expect(() => checkContract('GET', '/nowhere', 404, { message: 'Not Found' })).toThrow(
      /documentation_url/,
    );
    expect(isDescribed('GET', '/repos/{owner}/{repo}')).toBe(true);
    expect(isDescribed('PUT', '/repos/{owner}/{repo}')).toBe(false);
  });
});
