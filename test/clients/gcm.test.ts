// Git Credential Manager, which finds out what a server is before it asks people anything. Its requests are replayed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type TestBrowser } from '../browser.ts';
import { createToken, isGitHub, login, modes, signInByBrowser, signInByDevice } from './gcm-requests.ts';
import { newMachine } from './machine.ts';
import { atBrowser, PASSWORD, type Person } from './person.ts';
import { openPlace, type Place } from './place.ts';

describe('Git Credential Manager (requests replayed)', () => {
  let place: Place;
  let token: string;
  let browser: TestBrowser;
  let mona: Person;

  beforeAll(async () => {
    place = await openPlace('gcm.latchkey.test');
    await place.server.person('mona', { password: PASSWORD });
    browser = await launchBrowser();
    mona = await atBrowser(browser, 'mona', place.url);
    await place.server.repository('mona', 'private', 'private');
    token = await place.server.token('mona', ['repo', 'gist', 'workflow']);
  });

  afterAll(async () => {
    await browser?.close();
    await place?.[Symbol.asyncDispose]();
  });

  it('finds by HEAD that the server speaks as GitHub does, with a path and without', async () => {
    for (const path of ['/', '/mona/private.git', '/mona/private', '/nobody/nothing.git']) {
      expect(await isGitHub(`${place.url}${path}`), path).toBe(true);
    }
  });

  it('offers browser, device code and token by /meta, and no password', async () => {
    expect(await modes(place.url)).toEqual(['browser', 'device', 'pat']);
  });

  it('learns by a typed token whose it is', async () => {
    expect(await login(place.url, token)).toBe('mona');
    await expect(login(place.url, `ghp_${'0'.repeat(36)}`)).rejects.toThrow('401');
  });

  /** What it tells git, git takes: reads, as it then does. */
  async function gitTakes(user: string, secret: string): Promise<void> {
    await using machine = await newMachine();
    const helper =
      '!f() { [ "$1" = get ] && printf "username=%s\\npassword=%s\\n" "$USED_NAME" "$USED_SECRET"; }; f';
    await machine.git(['config', '--global', 'credential.helper', helper]);
    const env = { USED_NAME: user, USED_SECRET: secret };
    await machine.git(['ls-remote', `${place.url}/mona/private.git`], { env });
  }

  it('signs in with the browser: PKCE, a state, and back to a free port of localhost', async () => {
    const got = await signInByBrowser(place.url, mona.authorize, 'mona');
    expect(got).toMatch(/^gho_\w{36}$/);
    const user = await login(place.url, got);
    expect(user).toBe('mona');
    await gitTakes(user, got);
  });

  it('signs in with a code that is typed on another device', async () => {
    const got = await signInByDevice(place.url, mona.typeCode);
    const user = await login(place.url, got);
    expect(user).toBe('mona');
    await gitTakes(user, got);
  });

  it('gets nothing for a password, should somebody have forced it to ask for one', async () => {
    expect(await createToken(place.url, 'mona', PASSWORD)).toBe('failure');
  });
});
