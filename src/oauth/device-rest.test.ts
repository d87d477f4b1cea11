import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Registered, startOAuth, type TestOAuth, type TokenAnswer } from '../../test/oauth.ts';
import { type Account, suspendAccount } from '../accounts/accounts.ts';
import { setApplicationEnabled } from './applications.ts';
import { revokeAuthorization } from './authorizations.ts';
import {
  approveDevice,
  DEVICE_LIFE_SECONDS,
  denyDevice,
  findPendingDevice,
  forgetOldDevices,
  readUserCode,
} from './device.ts';
import { DEVICE_GRANT } from './device-rest.ts';

interface Begun {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly expires_in: number;
  readonly interval: number;
}

describe('A program without a browser', () => {
  let oauth: TestOAuth;
  let ada: Account;
  let tool: Registered;
  let other: Registered;
  beforeAll(async () => {
    oauth = await startOAuth();
    ada = await oauth.person('ada');
    tool = await oauth.register(ada, { name: 'tool', deviceFlow: true });
    other = await oauth.register(ada, { name: 'other', deviceFlow: true });
  });
  afterAll(() => oauth.close());

  const form = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
  const askCode = (fields: Record<string, string>, headers: Record<string, string> = form) =>
    oauth.ask({
      method: 'POST',
      url: '/login/device/code',
      headers,
      payload: new URLSearchParams(fields).toString(),
    });
  const begin = async (scope = 'repo'): Promise<Begun> =>
    JSON.parse((await askCode({ client_id: tool.application.clientId, scope })).body) as Begun;
  const poll = (
    code: string,
    { application }: Registered = tool,
  ): Promise<TokenAnswer & { interval?: number }> =>
    oauth.token({ client_id: application.clientId, device_code: code, grant_type: DEVICE_GRANT });
  const wait = (seconds: number) => oauth.ctx.clock.forward(seconds * 1000);

  /** What the page does with what a person types. */
  async function answer(typed: string, how: 'approve' | 'deny', person = ada): Promise<boolean> {
    const code = readUserCode(typed);
    if (code === null) return false;
    if (how === 'deny') return denyDevice(oauth.ctx, person.id, code);
    const device = await findPendingDevice(oauth.ctx, code);
    return device !== null && approveDevice(oauth.ctx, person, code, device);
  }

  it('is given a code to ask with, one to show, and where it is typed, in the form it asks for', async () => {
    const begun = await begin('repo gist no:scope');
    expect(begun).toEqual({
      device_code: expect.stringMatching(/^[0-9a-f]{40}$/),
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      verification_uri: 'http://localhost:3000/login/device',
      expires_in: 900,
      interval: 5,
    });
    const asForm = await askCode(
      { client_id: tool.application.clientId },
      { 'content-type': 'application/x-www-form-urlencoded' },
    );
    expect(new URLSearchParams(asForm.body).get('interval')).toBe('5');
    const rows = await oauth.ctx.db.selectFrom('oauth_device_codes').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(begun.device_code);
    expect(rows.map((row) => row.scopes)).toContain('gist repo');
  });

  it('gets its token once, when the person has let it, with what they granted', async () => {
    const { device_code: code, user_code: shown } = await begin();
    expect((await poll(code)).error).toBe('authorization_pending');
    wait(5);
    expect(await answer(` ${shown.toLowerCase().replace('-', ' ')} `, 'approve')).toBe(true);
    const given = await poll(code);
    expect(given).toEqual({
      access_token: expect.stringMatching(/^gho_/),
      scope: 'repo',
      token_type: 'bearer',
    });
    expect(await oauth.statusOf(given.access_token)).toBe(200);
    wait(5);
    expect((await poll(code)).error).toBe('incorrect_device_code');
    // Nor can the letters be typed again.
    expect(await answer(shown, 'approve')).toBe(false);
  });

  it('gets one token, however many of its questions come at once', async () => {
    const { device_code: code, user_code: shown } = await begin('gist');
    await answer(shown, 'approve');
    const answers = await Promise.all(Array.from({ length: 5 }, () => poll(code)));
    expect(answers.filter(({ access_token: token }) => token !== undefined)).toHaveLength(1);
  });

  it('is told to slow down when it asks too early, not when it asks a little early', async () => {
    const { device_code: code } = await begin();
    expect((await poll(code)).error).toBe('authorization_pending');
    wait(4.5);
    expect((await poll(code)).error).toBe('authorization_pending');
    wait(2);
    expect(await poll(code)).toMatchObject({ error: 'slow_down', interval: 10 });
    wait(7);
    expect(await poll(code)).toMatchObject({ error: 'slow_down', interval: 15 });
    wait(15);
    expect((await poll(code)).error).toBe('authorization_pending');
  });

  it('hears that the person refused, and its code is dead', async () => {
    const { device_code: code, user_code: shown } = await begin();
    expect(await answer(shown, 'deny')).toBe(true);
    expect((await poll(code)).error).toBe('access_denied');
    expect(await answer(shown, 'approve')).toBe(false);
    wait(5);
    expect((await poll(code)).error).toBe('access_denied');
  });

  it('hears that its code has expired, to the second, and nobody can type it any more', async () => {
    const { device_code: code, user_code: shown } = await begin();
    const late = await begin();
    wait(DEVICE_LIFE_SECONDS - 1);
    expect(await answer(shown, 'approve')).toBe(true);
    wait(1);
    expect((await poll(code)).error).toBe('expired_token');
    expect(await answer(late.user_code, 'approve')).toBe(false);
    wait(60 * 60 + 1);
    await forgetOldDevices(oauth.ctx);
    expect((await poll(code)).error).toBe('incorrect_device_code');
  });

  it('gets nothing for a code of another application, and that one goes on', async () => {
    const { device_code: code, user_code: shown } = await begin();
    await answer(shown, 'approve');
    expect((await poll(code, other)).error).toBe('incorrect_device_code');
    expect((await poll(code)).access_token).toBeDefined();
  });

  it('gets nothing for somebody who is suspended, or has revoked it meanwhile', async () => {
    const ben = await oauth.person('ben');
    const first = await begin();
    await answer(first.user_code, 'approve', ben);
    await revokeAuthorization(oauth.ctx, ben, tool.application, 'a test');
    expect((await poll(first.device_code)).error).toBe('incorrect_device_code');
    const second = await begin();
    await answer(second.user_code, 'approve', ben);
    await suspendAccount(oauth.ctx, ben.id);
    expect((await poll(second.device_code)).error).toBe('access_denied');
  });

  it('is told what is wrong with its request in the words that clients match on', async () => {
    expect(JSON.parse((await askCode({ client_id: 'f'.repeat(20) })).body)).toMatchObject({
      error: 'incorrect_client_credentials',
    });
    const web = await oauth.register(ada, { name: 'of the web' });
    const refused = await askCode({ client_id: web.application.clientId });
    expect(refused.statusCode).toBe(400);
    expect(JSON.parse(refused.body)).toMatchObject({ error: 'device_flow_disabled' });
    expect((await poll('0'.repeat(40))).error).toBe('incorrect_device_code');
    expect((await poll('0'.repeat(40), web)).error).toBe('device_flow_disabled');
    const { error } = await oauth.token({ client_id: tool.application.clientId, grant_type: 'password' });
    expect(error).toBe('unsupported_grant_type');
  });

  it('of which a site admin thought better gets neither codes nor tokens, until it is let again', async () => {
    const { device_code: code, user_code: shown } = await begin('project');
    await setApplicationEnabled(oauth.ctx, tool.application, false);
    expect(await answer(shown, 'approve')).toBe(false);
    expect((await poll(code)).error).toBe('application_suspended');
    await setApplicationEnabled(oauth.ctx, tool.application, true);
    expect(await answer(shown, 'approve')).toBe(true);
    expect((await poll(code)).access_token).toBeDefined();
  });
});
