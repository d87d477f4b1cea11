import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Registered, startOAuth, type TestOAuth } from '../../test/oauth.ts';
import { type TestBrowser, tokenIn } from '../../test/pages.ts';
import type { Account } from '../accounts/accounts.ts';
import { DEVICE_GRANT } from './device-rest.ts';

const hours = 60 * 60_000;

describe('The page on which the code of a device is typed', () => {
  let oauth: TestOAuth;
  let ada: Account;
  let browser: TestBrowser;
  let tool: Registered;
  let turn = 0;
  beforeAll(async () => {
    oauth = await startOAuth();
  });
  afterAll(() => oauth.close());
  /** Everybody anew, in the same server. */
  const begin = async () => {
    turn += 1;
    ada = await oauth.person(`ada${turn}`);
    browser = await oauth.signIn(ada);
    tool = await oauth.register(ada, { name: `tool ${turn}`, deviceFlow: true });
  };
  const askCode = async (scope = 'repo gist') => {
    const { body } = await oauth.ask({
      method: 'POST',
      url: '/login/device/code',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      payload: new URLSearchParams({ client_id: tool.application.clientId, scope }).toString(),
    });
    return JSON.parse(body) as { readonly device_code: string; readonly user_code: string };
  };
  const poll = (code: string) =>
    oauth.token({ client_id: tool.application.clientId, device_code: code, grant_type: DEVICE_GRANT });
  const type = (code: string) => browser.submit('/login/device', '/login/device', { user_code: code });
  const answer = async (code: string, fields: Readonly<Record<string, string | readonly string[]>>) => {
    const page = await type(code);
    return browser.post('/login/device/authorize', {
      authenticity_token: tokenIn(page.body),
      user_code: code,
      ...fields,
    });
  };

  it('says who asks for what, in plain words, and warns of codes that somebody sent', async () => {
    await begin();
    const { user_code: code } = await askCode();
    const { body, statusCode } = await type(code.toLowerCase());
    expect(statusCode).toBe(200);
    expect(body).toContain(`<h1>Authorize tool ${turn}</h1>`);
    expect(body).toContain('Read and change everything in all repositories');
    expect(body).toContain('started this on a device of your own');
    expect(body).toContain(code);
  });

  it('lets the device do what was ticked, and no more than it asked for', async () => {
    await begin();
    const { user_code: code, device_code: device } = await askCode();
    const page = await answer(code, { answer: 'authorize', scopes: ['gist', 'site_admin'] });
    expect(page.body).toContain('Your device is connected');
    expect(await poll(device)).toMatchObject({ scope: 'gist' });
  });

  it('tells the device of a refusal', async () => {
    await begin();
    const { user_code: code, device_code: device } = await askCode();
    const page = await answer(code, { answer: 'cancel', scopes: ['gist'] });
    expect(page.body).toContain('Nothing was allowed');
    expect((await poll(device)).error).toBe('access_denied');
  });

  it('keeps what was typed when it is wrong, and slows down who guesses', async () => {
    await begin();
    const { user_code: code } = await askCode();
    for (let tries = 0; tries < 10; tries += 1) {
      const { statusCode, body } = await type('BCDF-GHJK');
      expect(statusCode).toBe(422);
      expect(body).toContain('value="BCDF-GHJK"');
      expect(body).toContain('aria-describedby');
    }
    const waiting = await type(code);
    expect(waiting.statusCode).toBe(429);
    expect(Number(waiting.headers['retry-after'])).toBeGreaterThan(0);
    // Somebody else, at the same address, is not held up.
    const ben = await oauth.person(`ben${turn}`);
    const his = await oauth.signIn(ben);
    expect((await his.submit('/login/device', '/login/device', { user_code: code })).statusCode).toBe(200);
    oauth.ctx.clock.forward(60_000);
    expect((await type(code)).statusCode).toBe(200);
  });

  it('takes fifty codes of an application an hour', async () => {
    await begin();
    const { user_code: code } = await askCode();
    for (let times = 0; times < 50; times += 1) expect((await type(code)).statusCode).toBe(200);
    const { statusCode, body } = await type(code);
    expect({ statusCode, told: body.includes('Try again later.') }).toEqual({ statusCode: 429, told: true });
    oauth.ctx.clock.forward(hours + 1);
    const later = await askCode();
    expect((await type(later.user_code)).statusCode).toBe(200);
  });

  it('is for people who are signed in, asks who they are again after two hours, and fills in nothing', async () => {
    await begin();
    const { user_code: code, device_code: device } = await askCode();
    const stranger = await oauth.browser().get(`/login/device?user_code=${code}`);
    expect(stranger.statusCode).toBe(302);
    expect(stranger.headers.location).toMatch(/^\/login\?return_to=/);
    expect((await browser.get(`/login/device?user_code=${code}`)).body).not.toContain(code);
    oauth.ctx.clock.forward(2 * hours + 1);
    const late = await askCode();
    const held = await answer(late.user_code, { answer: 'authorize', scopes: ['gist'] });
    expect(held.body).toContain('Confirm access');
    expect((await poll(late.device_code)).error).toBe('authorization_pending');
    expect((await poll(device)).error).toBe('expired_token');
  });

  it('takes no answer that another site sends', async () => {
    await begin();
    const { user_code: code, device_code: device } = await askCode();
    const forged = await browser.post('/login/device/authorize', { user_code: code, answer: 'authorize' });
    expect(forged.statusCode).toBeGreaterThanOrEqual(400);
    expect((await poll(device)).error).toBe('authorization_pending');
  });
});
