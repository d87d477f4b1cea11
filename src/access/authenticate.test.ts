import { describe, expect, it } from 'vitest';
import type { Secret } from '../secrets/secret.ts';
import { hasTokenForm } from '../tokens/format.ts';
import { type Actor, anonymous } from './actor.ts';
import { authenticate } from './authenticate.ts';

const token = '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';
const other = `ghp_${'a'.repeat(36)}`;
const person: Actor = {
  kind: 'user',
  account: { id: 1, login: 'ada', siteAdmin: false },
  grant: { kind: 'scopes', tokenId: 1, tokenHash: new Uint8Array(32), scopes: [], expiresAt: null },
};

const verifier = {
  hasTokenForm,
  verify: async (secret: Secret) =>
    secret.expose() === token ? { actor: person } : { refused: { because: 'bad-credential' as const } },
};

/** For what is tried here as often as it takes. */
const patient = { failed: () => true };

const ask = (authorization: string | undefined, url = '/api/v3/user') =>
  authenticate({ authorization, url, address: '192.0.2.1' }, verifier, patient);
const basic = (text: string) => ask(`Basic ${Buffer.from(text).toString('base64')}`);

describe('a request', () => {
  it('without a credential is nobody', async () => {
    expect(await ask(undefined)).toEqual({ actor: anonymous });
  });

  it('is its token’s owner in every form that clients use', async () => {
    for (const form of [`token ${token}`, `Bearer ${token}`, `bearer ${token}`, `TOKEN   ${token} `]) {
      expect(await ask(form)).toEqual({ actor: person });
    }
    for (const pair of [`ada:${token}`, `anything:${token}`, `:${token}`, `x-access-token:${token}`]) {
      expect(await basic(pair)).toEqual({ actor: person });
    }
    for (const pair of [`${token}:`, `${token}:x-oauth-basic`]) {
      expect(await basic(pair)).toEqual({ actor: person });
    }
  });

  it('with an unknown token is refused, in every form', async () => {
    const refused = { refused: { because: 'bad-credential' } };
    expect(await ask(`token ${other}`)).toEqual(refused);
    expect(await basic(`ada:${other}`)).toEqual(refused);
    expect(await basic(`${other}:`)).toEqual(refused);
    // The password counts, even when the user name is a good token.
    expect(await basic(`${token}:${other}`)).toEqual(refused);
  });

  it('with something that has no token’s form is told so, and it is never verified', async () => {
    const refused = { refused: { because: 'not-a-token' } };
    expect(await basic('ada:correct horse battery staple')).toEqual(refused);
    expect(await basic('ada:')).toEqual(refused);
    expect(await ask('Bearer hunter2')).toEqual(refused);
    expect(await basic(`${token}:some password`)).toEqual(refused);
  });

  it('with a header that can’t be read is refused', async () => {
    const refused = { refused: { because: 'bad-credential' } };
    for (const header of ['', 'Basic', 'Basic !!!', 'Negotiate abc', token, `Digest ${token}`]) {
      expect(await ask(header)).toEqual(refused);
    }
    expect(await ask(`token ${'a'.repeat(5000)}`)).toEqual(refused);
  });

  it('with a token in the query string is refused unread, whatever else it carries', async () => {
    const refused = { refused: { because: 'credential-in-url' } };
    expect(await ask(undefined, `/api/v3/user?access_token=${token}`)).toEqual(refused);
    expect(await ask(`token ${token}`, `/api/v3/user?x=1&access_token=${token}`)).toEqual(refused);
    expect(await ask(undefined, '/api/v3/user?client_id=a&client_secret=b')).toEqual(refused);
    expect(await ask(`token ${token}`, '/api/v3/user?client_id=a')).toEqual({ actor: person });
  });
});
