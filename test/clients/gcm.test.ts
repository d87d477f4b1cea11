// Git Credential Manager, which finds out what a server is before it asks people anything. Its requests are replayed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createToken, isGitHub, login, modes } from './gcm-requests.ts';
import { openPlace, type Place } from './place.ts';

describe('Git Credential Manager (requests replayed)', () => {
  let place: Place;
  let token: string;

  beforeAll(async () => {
    place = await openPlace('gcm.latchkey.test');
    await place.server.person('mona', { password: 'correct horse 7' });
    await place.server.repository('mona', 'private', 'private');
    token = await place.server.token('mona', ['repo', 'gist', 'workflow']);
  });

  afterAll(async () => {
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

  it('gets nothing for a password, should somebody have forced it to ask for one', async () => {
    expect(await createToken(place.url, 'mona', 'correct horse 7')).toBe('failure');
  });
});
