// Clients that sign people in by the browser, as an application that somebody has registered.
import { createOAuthDeviceAuth } from '@octokit/auth-oauth-device';
import { Octokit } from '@octokit/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateClientSecret, registerApplication } from '../../src/oauth/applications.ts';
import { launchBrowser, type TestBrowser } from '../browser.ts';
import { valueIn } from '../context.ts';
import { type Machine, newMachine } from './machine.ts';
import { atBrowser, PASSWORD, type Person } from './person.ts';
import { isMissing, openPlace, type Place } from './place.ts';

let place: Place;
let browser: TestBrowser;
let mona: Person;

beforeAll(async () => {
  place = await openPlace('oauth.latchkey.test');
  browser = await launchBrowser();
  await place.server.person('mona', { password: PASSWORD });
  mona = await atBrowser(browser, 'mona', place.url);
});

afterAll(async () => {
  await browser?.close();
  await place?.[Symbol.asyncDispose]();
});

/** An application of mona's, as she would register it on the page for developers. */
async function register(name: string, callbackUrl: string, deviceFlow = false) {
  const { ctx } = place.server;
  const account = await ctx.db
    .selectFrom('accounts')
    .select('id')
    .where('login', '=', 'mona')
    .executeTakeFirstOrThrow();
  const owner = { id: account.id, login: 'mona', kind: 'user' } as const;
  const fields = {
    name,
    url: 'https://example.com',
    description: '',
    callbackUrl,
    deviceFlow,
    isPublic: false,
  };
  const application = valueIn(await registerApplication(ctx, owner, fields));
  const secret = valueIn(await generateClientSecret(ctx, application)).expose();
  return { id: application.clientId, secret };
}

describe.skipIf(isMissing('git-credential-oauth'))('git-credential-oauth', () => {
  let machine: Machine;

  beforeAll(async () => {
    machine = await newMachine();
    const { id, secret } = await register('git-credential-oauth', 'http://127.0.0.1/');
    // What its README asks people to set for a host that it doesn't know.
    const settings = {
      oauthClientId: id,
      oauthClientSecret: secret,
      oauthScopes: 'repo',
      oauthAuthURL: '/login/oauth/authorize',
      oauthTokenURL: '/login/oauth/access_token',
    };
    for (const [name, value] of Object.entries(settings)) {
      await machine.git(['config', '--global', `credential.${place.url}.${name}`, value]);
    }
    await machine.git(['credential-oauth', 'configure']);
  });

  afterAll(() => machine?.[Symbol.asyncDispose]());

  /** Runs git until it asks for the browser, and lets the person go there. */
  async function gitByBrowser(args: readonly string[], goThere = mona.authorize) {
    const running = machine.begin('git', args);
    const { address = '' } = await running.said(/in your browser\.\.\.\n(?<address>http\S+)\n/);
    await goThere(address);
    await mona.page.getByText('Success. You may close this page').waitFor();
    return running.ended;
  }

  it('signs in with the browser to clone, and pushes with what it keeps', async () => {
    const { cloneUrl } = await place.server.repository('mona', 'by-browser', 'private');
    const cloned = await gitByBrowser(['clone', cloneUrl, 'work']);
    expect(cloned, cloned.stderr).toMatchObject({ status: 0 });
    await machine.commit('work');
    await machine.git(['push', '-q', 'origin', 'main'], { in: 'work' });
    expect(await machine.git(['ls-remote', cloneUrl])).toContain('refs/heads/main');
  });

  it('signs in anew once its token is dead', async () => {
    const { cloneUrl } = await place.server.repository('mona', 'again', 'private');
    const { id } = await place.server.ctx.db
      .selectFrom('tokens')
      .select('id')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    await place.server.cli(['token', 'revoke', String(id)]);
    // git throws the dead one away, and fails once; its helper has nothing left then.
    const refused = await machine.try('git', ['ls-remote', cloneUrl]);
    expect(refused).toMatchObject({ status: 128 });
    // The person has let it act before, and is not asked again.
    const asked = await gitByBrowser(['ls-remote', cloneUrl], mona.open);
    expect(asked, asked.stderr).toMatchObject({ status: 0 });
  });
});

describe('@octokit/auth-oauth-device', () => {
  it('signs in with a code that is typed in the browser, and asks with what it got', async () => {
    const { id } = await register('device', 'https://example.com/', true);
    const baseUrl = `${place.url}/api/v3`;
    const auth = createOAuthDeviceAuth({
      clientType: 'oauth-app',
      clientId: id,
      scopes: ['read:user'],
      request: new Octokit({ baseUrl }).request,
      onVerification: ({ verification_uri: address, user_code: code }) => mona.typeCode(address, code),
    });
    const { token, scopes } = await auth({ type: 'oauth' });
    expect(scopes).toEqual(['read:user']);
    const { data, headers } = await new Octokit({ baseUrl, auth: token }).request('GET /user');
    expect(data.login).toBe('mona');
    expect(headers).toMatchObject({ 'x-oauth-scopes': 'read:user', 'x-oauth-client-id': id });
  });

  it('is told when its application has no device flow', async () => {
    const { id } = await register('no device', 'https://example.com/');
    const auth = createOAuthDeviceAuth({
      clientType: 'oauth-app',
      clientId: id,
      request: new Octokit({ baseUrl: `${place.url}/api/v3` }).request,
      onVerification: () => undefined,
    });
    await expect(auth({ type: 'oauth' })).rejects.toThrow('device_flow_disabled');
  });
});
