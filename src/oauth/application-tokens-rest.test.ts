// What applications ask the API of their tokens, by client id and client secret; every answer is held to GitHub's
// description of it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Method, startApi, type TestApi } from '../../test/api.ts';
import { valueIn } from '../../test/context.ts';
import { newPublicKey } from '../../test/public-key.ts';
import { type Account, suspendAccount, unsuspendAccount } from '../accounts/accounts.ts';
import type { Scopes } from '../scopes/scopes.ts';
import { changeSettings } from '../settings/settings.ts';
import { issueApplicationToken } from '../tokens/application-tokens.ts';
import {
  type Application,
  findApplicationByClientId,
  generateClientSecret,
  registerApplication,
  setApplicationEnabled,
} from './applications.ts';
import { authorize, findAuthorization } from './authorizations.ts';

interface Client {
  readonly application: Application;
  readonly authorization: string;
}

interface TokenJson {
  readonly token: string;
  readonly hashed_token: string;
  readonly token_last_eight: string;
  readonly app: object;
  readonly user: { readonly login: string };
}

let api: TestApi;
let ada: Account;
let ben: Account;
let builder: Client;
let other: Client;
let addresses = 0;

beforeAll(async () => {
  api = await startApi();
  ada = await api.person('ada');
  ben = await api.person('ben');
  builder = await register('builder');
  other = await register('other');
});
afterAll(() => api.close());

const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

async function register(name: string, isPublic = false, withSecret = true): Promise<Client> {
  const fields = { name, url: 'https://example.com', description: '', deviceFlow: false, isPublic };
  const callbackUrl = 'https://example.com/callback';
  const owner = { id: ben.id, login: ben.login, kind: 'user' } as const;
  const application = valueIn(await registerApplication(api.ctx, owner, { ...fields, callbackUrl }));
  const secret = withSecret
    ? valueIn(await generateClientSecret(api.ctx, application)).expose()
    : 'a'.repeat(40);
  return { application, authorization: basic(application.clientId, secret) };
}

async function issue(account: Account, { application }: Client, scopes: Scopes = ['repo']): Promise<string> {
  const { ctx } = api;
  const issued = await ctx.db.transaction().execute(async (db) => {
    await authorize(ctx, db, account, application, scopes);
    return issueApplicationToken(ctx, db, { accountId: account.id, application, scopes });
  });
  return issued?.secret.expose() ?? '';
}

const ask = (method: Method, { application, authorization }: Client, token: unknown, below = 'token') =>
  api.call(method, `/applications/${application.clientId}/${below}`, {
    headers: { authorization },
    body: { access_token: token },
  });

const statusOf = async (token: string) => (await api.get('/user', token)).statusCode;

describe('An application', () => {
  it('learns whether a token of its is good, whose it is and what it opens, and not the token again', async () => {
    const token = await issue(ada, builder, ['gist', 'repo']);
    const answer = await ask('POST', builder, token);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['x-oauth-scopes']).toBeUndefined();
    expect(answer.json()).toMatchObject({
      scopes: ['gist', 'repo'],
      token: '',
      token_last_eight: token.slice(-8),
      app: { client_id: builder.application.clientId, name: 'builder', url: 'https://example.com' },
      note: null,
      expires_at: null,
      user: { login: 'ada' },
    });
    expect(await statusOf(token)).toBe(200);
  });

  it("is told that there is no such token: unknown, dead, another's, or of somebody suspended", async () => {
    const token = await issue(ada, builder);
    const personal = await api.token(ada, ['repo']);
    for (const [client, text] of [
      [other, token],
      [builder, personal],
      [builder, 'gho_nothing'],
    ] as const) {
      for (const method of ['POST', 'PATCH', 'DELETE'] as const) {
        const answer = await ask(method, client, text);
        expect([answer.statusCode, answer.json<{ message: string }>().message]).toEqual([404, 'Not Found']);
      }
      expect((await ask('DELETE', client, text, 'grant')).statusCode).toBe(404);
    }
    expect(await Promise.all([token, personal].map(statusOf))).toEqual([200, 200]);
    valueIn(await suspendAccount(api.ctx, ada.id));
    expect((await ask('POST', builder, token)).statusCode).toBe(404);
    expect((await ask('PATCH', builder, token)).statusCode).toBe(404);
    valueIn(await unsuspendAccount(api.ctx, ada.id));
    expect((await ask('POST', builder, token)).statusCode).toBe(200);
  });

  it('asks for bad tokens as often as it likes: none is a failed login', async () => {
    for (let times = 0; times < 120; times += 1) {
      expect((await ask('POST', builder, `gho_${times}`)).statusCode).toBe(404);
    }
    expect((await ask('POST', builder, await issue(ada, builder, ['gist']))).statusCode).toBe(200);
  });

  it('resets a token: another for the same, with the keys that it made, and the old one is dead', async () => {
    const token = await issue(ada, builder, ['admin:public_key']);
    const key = { title: 'made', key: newPublicKey() };
    expect((await api.call('POST', '/user/keys', { token, body: key })).statusCode).toBe(201);
    const answer = await ask('PATCH', builder, token);
    expect(answer.statusCode).toBe(200);
    const made = answer.json<TokenJson>();
    expect(made.token).toMatch(/^gho_[0-9A-Za-z]{36}$/);
    expect(made.token_last_eight).toBe(made.token.slice(-8));
    expect(made.user.login).toBe('ada');
    expect(await Promise.all([token, made.token].map(statusOf))).toEqual([401, 200]);
    expect((await api.get('/user/keys', made.token)).json()).toHaveLength(1);
    expect((await ask('PATCH', builder, token)).statusCode).toBe(404);
  });

  it('deletes a token, with the deploy keys that it made, and no other', async () => {
    const [token, second] = [await issue(ada, builder), await issue(ada, builder)];
    await api.call('POST', '/user/repos', { token, body: { name: 'site' } });
    for (const by of [token, second]) {
      const body = { title: 'deploy', key: newPublicKey() };
      expect((await api.call('POST', '/repos/ada/site/keys', { token: by, body })).statusCode).toBe(201);
    }
    const answer = await ask('DELETE', builder, token);
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect(await Promise.all([token, second].map(statusOf))).toEqual([401, 200]);
    expect((await api.get('/repos/ada/site/keys', second)).json()).toHaveLength(1);
    expect((await ask('DELETE', builder, token)).statusCode).toBe(404);
  });

  it('ends all that one person lets it do, and nothing of others', async () => {
    const [first, second] = [await issue(ada, builder, ['gist']), await issue(ada, builder, ['user'])];
    const [his, elsewhere] = [await issue(ben, builder), await issue(ada, other)];
    expect((await ask('DELETE', builder, first, 'grant')).statusCode).toBe(204);
    expect(await Promise.all([first, second, his, elsewhere].map(statusOf))).toEqual([401, 401, 200, 200]);
    const which = { accountId: ada.id, applicationId: builder.application.id };
    expect(await findAuthorization(api.ctx, which)).toBeNull();
    const { actor_login, data } = await api.ctx.db
      .selectFrom('audit_events')
      .select(['actor_login', 'data'])
      .where('action', '=', 'oauth_authorization.destroy')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    expect(actor_login).toBeNull();
    expect(JSON.parse(data)).toMatchObject({
      via: 'client credentials',
      explanation: 'revoked by the application',
    });
  });

  it('has to send a token', async () => {
    for (const token of [undefined, '', 7, 'x'.repeat(300)]) {
      expect((await ask('POST', builder, token)).statusCode).toBe(422);
    }
  });

  it('narrows no token: that is for GitHub Apps', async () => {
    const { statusCode } = await api.request({
      method: 'POST',
      url: `/api/v3/applications/${builder.application.clientId}/token/scoped`,
      headers: { authorization: builder.authorization },
      payload: { access_token: await issue(ada, builder), target: 'ada' },
    });
    expect(statusCode).toBe(404);
  });
});

describe('The credentials of an application', () => {
  const send = (authorization: string | undefined, url: string, from: string, payload?: object) =>
    api.request({
      method: payload === undefined ? 'GET' : 'POST',
      url: `/api/v3${url}`,
      remoteAddress: from,
      headers: authorization === undefined ? {} : { authorization },
      ...(payload === undefined ? {} : { payload }),
    });
  const newAddress = () => `10.0.0.${++addresses}`;

  it("open nothing that is another's, and neither tokens nor strangers have them", async () => {
    const access_token = await issue(ada, builder);
    const at = `/applications/${builder.application.clientId}/token`;
    const from = newAddress();
    const statuses = async (authorization?: string) =>
      (await send(authorization, at, from, { access_token })).statusCode;
    expect(await statuses(builder.authorization)).toBe(200);
    expect(await statuses(other.authorization)).toBe(404);
    expect(await statuses()).toBe(401);
    expect(await statuses(`Bearer ${access_token}`)).toBe(404);
    expect(await statuses(`Bearer ${await api.token(ben, ['repo'])}`)).toBe(404);
    const wrong = basic(builder.application.clientId, 'b'.repeat(40));
    expect(await statuses(wrong)).toBe(401);
    expect(
      (await send(other.authorization, '/applications/nobody/token', from, { access_token })).statusCode,
    ).toBe(404);
  });

  it('are nobody elsewhere: what is public is shown, and nothing else', async () => {
    const from = newAddress();
    expect((await send(builder.authorization, '/users/ada', from)).statusCode).toBe(200);
    expect((await send(builder.authorization, '/user', from)).statusCode).toBe(401);
    expect((await send(builder.authorization, '/nowhere', from)).statusCode).toBe(404);
    const closed = await startApi({ config: { privateMode: true } });
    try {
      const owner = await closed.person('eve');
      const application = valueIn(
        await registerApplication(
          closed.ctx,
          { id: owner.id, login: 'eve', kind: 'user' },
          {
            name: 'builder',
            url: 'https://example.com',
            description: '',
            callbackUrl: 'https://example.com/callback',
            deviceFlow: false,
            isPublic: false,
          },
        ),
      );
      const secret = valueIn(await generateClientSecret(closed.ctx, application)).expose();
      const authorization = basic(application.clientId, secret);
      const answer = await closed.get('/users/eve', null, { authorization });
      expect([answer.statusCode, answer.json<{ message: string }>().message]).toEqual([
        401,
        'Must authenticate to access this API.',
      ]);
      expect((await closed.get('/nowhere', null, { authorization })).statusCode).toBe(401);
      expect((await closed.get('/meta', null, { authorization })).statusCode).toBe(200);
      const body = { access_token: 'gho_nothing' };
      const path = `/applications/${application.clientId}/token`;
      const itself = await closed.call('POST', path, { headers: { authorization }, body });
      expect(itself.statusCode).toBe(404);
    } finally {
      await closed.close();
    }
  });

  it('are counted by themselves where requests are limited, wherever they are shown', async () => {
    valueIn(await changeSettings(api.ctx, { rateLimits: true }));
    const from = newAddress();
    const limitOf = async (authorization?: string) =>
      (await send(authorization, '/users/ada', from)).headers['x-ratelimit-limit'];
    expect([await limitOf(builder.authorization), await limitOf()]).toEqual(['5000', '60']);
    valueIn(await changeSettings(api.ctx, { rateLimits: false }));
  });

  it('are refused after too many wrong ones, and a good one never', async () => {
    const from = newAddress();
    const { clientId } = builder.application;
    const guess = async (digit: number) =>
      (await send(basic(clientId, String(digit).padStart(40, '0')), '/meta', from)).statusCode;
    for (let digit = 0; digit < 10; digit += 1) expect(await guess(digit)).toBe(401);
    expect(await guess(10)).toBe(403);
    expect((await send(builder.authorization, '/meta', from)).statusCode).toBe(200);
  });

  it('are none where the application is off, has no secret, or anybody could be it', async () => {
    const access_token = await issue(ada, builder);
    const check = async ({ application, authorization }: Client) =>
      (
        await send(authorization, `/applications/${application.clientId}/token`, newAddress(), {
          access_token,
        })
      ).statusCode;
    await setApplicationEnabled(api.ctx, builder.application, false);
    expect(await check(builder)).toBe(401);
    await setApplicationEnabled(api.ctx, builder.application, true);
    expect(await check(builder)).toBe(200);
    expect(await check(await register('open', true, false))).toBe(401);
    expect(await check(await register('secretive', true))).toBe(404);
    const gh = await findApplicationByClientId(api.ctx, '178c6fc778ccc68e1d6a');
    if (gh === null) throw new Error('gh is not known');
    const anything = basic(gh.clientId, 'c'.repeat(40));
    expect(await check({ application: gh, authorization: anything })).toBe(401);
  });
});
