// What clients that know OAuth and not GitHub read of this server before they begin (RFC 8414).
import { afterAll, beforeAll, expect, it } from 'vitest';
import { authorizePath, consent, pkce, startOAuth, type TestOAuth } from '../../test/oauth.ts';
import { allScopes } from '../scopes/scopes.ts';

const path = '/.well-known/oauth-authorization-server';
interface Metadata {
  readonly [name: string]: unknown;
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly device_authorization_endpoint: string;
  readonly scopes_supported: readonly string[];
}

let oauth: TestOAuth;
let metadata: Metadata;
beforeAll(async () => {
  oauth = await startOAuth();
  metadata = JSON.parse((await oauth.ask({ url: path })).body) as Metadata;
});
afterAll(() => oauth.close());

it('The metadata is JSON that anybody may read and keep for a while, in private mode too', async () => {
  const closed = await startOAuth({ privateMode: true });
  try {
    for (const { ask } of [oauth, closed]) {
      const { statusCode, headers, body } = await ask({ url: path });
      expect(statusCode).toBe(200);
      expect(headers).toMatchObject({
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'public, max-age=3600',
        'access-control-allow-origin': '*',
      });
      expect(headers['set-cookie']).toBeUndefined();
      expect(JSON.parse(body)).toEqual(metadata);
    }
    const other = await oauth.ask({ method: 'POST', url: path, payload: {} });
    expect(other.statusCode).toBeGreaterThanOrEqual(400);
  } finally {
    await closed.close();
  }
});

it('The metadata says what this server does, and nothing that it does not', () => {
  const { url } = oauth.ctx.config;
  expect(metadata).toEqual({
    issuer: url,
    authorization_endpoint: `${url}/login/oauth/authorize`,
    token_endpoint: `${url}/login/oauth/access_token`,
    device_authorization_endpoint: `${url}/login/device/code`,
    scopes_supported: [...allScopes],
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  });
});

it('A client that knows nothing but the metadata gets a token, by every way in which it may show who it is', async () => {
  const ada = await oauth.person('ada');
  const browser = await oauth.signIn(ada);
  const app = await oauth.register(ada);
  const open = await oauth.register(ada, {
    name: 'open',
    isPublic: true,
    callbackUrl: 'http://127.0.0.1/back',
  });
  const pathOf = (endpoint: string) => new URL(endpoint).pathname;
  expect(authorizePath({})).toContain(pathOf(metadata.authorization_endpoint));
  const { clientId } = app.application;
  const basic = `Basic ${Buffer.from(`${clientId}:${app.secret}`).toString('base64')}`;
  const methods: readonly (readonly [string, Record<string, string>, Record<string, string>])[] = [
    [clientId, {}, { authorization: basic }],
    [clientId, { client_id: clientId, client_secret: app.secret }, {}],
    [open.application.clientId, { client_id: open.application.clientId }, {}],
  ];
  for (const [client_id, shown, headers] of methods) {
    const { verifier, challenge } = pkce();
    const back = await consent(browser, {
      client_id,
      response_type: 'code',
      state: 'x',
      scope: 'gist',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    expect(back.searchParams.get('iss')).toBe(metadata.issuer);
    const form = {
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      code_verifier: verifier,
      ...shown,
    };
    const answer = await oauth.ask({
      method: 'POST',
      url: pathOf(metadata.token_endpoint),
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        ...headers,
      },
      payload: new URLSearchParams(form).toString(),
    });
    const { access_token: token } = JSON.parse(answer.body) as { readonly access_token?: string };
    expect(await oauth.statusOf(token)).toBe(200);
  }
  const device = await oauth.ask({
    method: 'POST',
    url: pathOf(metadata.device_authorization_endpoint),
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'client_id=178c6fc778ccc68e1d6a',
  });
  expect(JSON.parse(device.body)).toHaveProperty('device_code');
});
