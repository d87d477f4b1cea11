import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Registered, startOAuth, type TestOAuth } from '../../test/oauth.ts';
import type { Account } from '../accounts/accounts.ts';

const at = '/login/oauth/access_token';
const json = { 'content-type': 'application/json', accept: 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

describe('The address at which applications ask for tokens', () => {
  let oauth: TestOAuth;
  let ada: Account;
  let builder: Registered;
  beforeAll(async () => {
    oauth = await startOAuth();
    ada = await oauth.person('ada');
    builder = await oauth.register(ada);
  });
  afterAll(() => oauth.close());

  let turn = 0;
  /** A good request. Of ever new scopes' sets, since only ten tokens an hour are given for one. */
  const good = async () => {
    const scopes = (['gist', 'project', 'notifications', 'user:email', 'workflow'] as const).filter(
      (_, place) => (turn >> place) & 1,
    );
    turn += 1;
    return {
      client_id: builder.application.clientId,
      client_secret: builder.secret,
      code: await oauth.code(ada, builder.application, { scopes: scopes.toSorted() }),
    };
  };
  const ask = (headers: Record<string, string>, payload: string, query = '') =>
    oauth.ask({ method: 'POST', url: `${at}${query}`, headers, payload });

  it('answers in the form that is asked for: a form, JSON or XML, and keeps nothing anywhere', async () => {
    const send = async (accept?: string) =>
      ask(
        { ...form, ...(accept === undefined ? {} : { accept }) },
        new URLSearchParams(await good()).toString(),
      );
    const asForm = await send();
    expect(asForm.headers['content-type']).toContain('application/x-www-form-urlencoded');
    expect(new URLSearchParams(asForm.body).get('access_token')).toMatch(/^gho_\w{36}$/);
    expect(new URLSearchParams(asForm.body).get('token_type')).toBe('bearer');
    const asJson = await send('application/json');
    expect(asJson.headers['content-type']).toContain('application/json');
    expect(JSON.parse(asJson.body)).toEqual({
      access_token: expect.stringMatching(/^gho_/),
      scope: 'gist',
      token_type: 'bearer',
    });
    const asXml = await send('text/html;q=0.1, application/xml');
    expect(asXml.headers['content-type']).toContain('application/xml');
    expect(asXml.body).toMatch(/<OAuth><access_token>gho_\w{36}<\/access_token><scope>project<\/scope>/);
    for (const answer of [asForm, asJson, asXml]) {
      expect(answer.statusCode).toBe(200);
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
      expect(answer.headers).not.toHaveProperty('set-cookie');
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  it('takes parameters from a form, JSON or the address, and the client from a Basic header or both', async () => {
    const { client_id: id, client_secret: secret } = await good();
    const code = async () => (await good()).code;
    const all = async () => new URLSearchParams(await good()).toString();
    const answers = [
      await ask({ ...form, accept: 'application/json' }, await all()),
      await ask(json, JSON.stringify(await good())),
      await ask({ accept: 'application/json' }, '', `?${await all()}`),
      await ask({ ...json, ...basic(id, secret) }, JSON.stringify({ code: await code() })),
      // As GCM does.
      await ask({ ...json, ...basic(id, secret) }, JSON.stringify(await good())),
    ];
    for (const { body } of answers) expect(JSON.parse(body)).toHaveProperty('access_token');
  });

  it('takes nothing that two readers could read differently', async () => {
    const fields = await good();
    const text = new URLSearchParams(fields).toString();
    const { client_id: id, client_secret: secret, code } = fields;
    const answers = [
      await ask({ ...form, accept: 'application/json' }, `${text}&code=${code}`),
      await ask({ ...form, accept: 'application/json' }, text, `?code=${code}`),
      await ask({ ...json, ...basic('f'.repeat(20), secret) }, JSON.stringify(fields)),
      await ask({ ...json, ...basic(id, 'f'.repeat(40)) }, JSON.stringify(fields)),
      await ask(json, '[1]'),
      await ask(json, '{'),
      await ask(json, JSON.stringify({ ...fields, code: { a: 1 } })),
      await ask({ 'content-type': 'text/plain', accept: 'application/json' }, text),
    ];
    for (const { body, statusCode } of answers) {
      expect([statusCode, JSON.parse(body).error]).toEqual([200, 'invalid_request']);
    }
    // Nothing was used up.
    expect(await oauth.token(fields)).toHaveProperty('access_token');
  });

  it('says what is wrong with status 200, in the words that clients know', async () => {
    const fields = await good();
    expect(await oauth.token({ ...fields, client_secret: 'f'.repeat(40) })).toEqual({
      error: 'incorrect_client_credentials',
      error_description: 'The client_id and/or client_secret passed are incorrect.',
      error_uri: 'http://localhost:3000/docs/rest',
    });
    for (const [change, error] of [
      [{ client_id: 'f'.repeat(20) }, 'incorrect_client_credentials'],
      [{ client_secret: '' }, 'incorrect_client_credentials'],
      [{ code: 'f'.repeat(40) }, 'bad_verification_code'],
      [{ code: '' }, 'bad_verification_code'],
      [{ grant_type: 'password' }, 'unsupported_grant_type'],
      [{ grant_type: 'constructor' }, 'unsupported_grant_type'],
      [{ redirect_uri: 'https://builder.example.com/other' }, 'redirect_uri_mismatch'],
    ] as const) {
      expect(await oauth.token({ ...fields, ...change })).toMatchObject({ error });
    }
    expect(await oauth.token(fields)).toHaveProperty('access_token');
  });

  it('counts bad client secrets, and never turns a good one away', async () => {
    const fields = await good();
    const bad = new URLSearchParams({ ...fields, client_secret: 'f'.repeat(40) }).toString();
    const statuses = new Set<number>();
    for (let n = 0; n < 15; n += 1) statuses.add((await ask(form, bad)).statusCode);
    expect([...statuses]).toEqual([200, 429]);
    expect(await oauth.token(fields)).toHaveProperty('access_token');
  });
});
