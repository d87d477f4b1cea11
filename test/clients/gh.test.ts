// GitHub's command line, by a token that is given to it: over TLS on port 443, and on `github.localhost`, which it asks
// over plain HTTP with the API at a host of its own. Both on one server each, in the same words.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Machine, newMachine } from './machine.ts';
import { isMissing, openPlace, openPlainPlace, type Place } from './place.ts';

/** What gh wants a token to have, and what the commands below need. */
const scopes = ['repo', 'read:org', 'gist', 'delete_repo'] as const;

const places = [
  ['over TLS on port 443', () => openPlace('gh.latchkey.test')],
  ['on github.localhost', openPlainPlace],
] as const;

describe.skipIf(isMissing('gh'))('gh', () => {
  describe.each(places)('%s', (_where, open) => {
    let place: Place;
    let machine: Machine;
    let token: string;

    beforeAll(async () => {
      place = await open();
      machine = await newMachine();
      await place.server.person('mona');
      await place.server.repository('mona', 'hello', 'private');
      token = await place.server.token('mona', scopes, Date.now() + 86_400_000);
    });

    afterAll(async () => {
      await machine?.[Symbol.asyncDispose]();
      await place?.[Symbol.asyncDispose]();
    });

    /** Most commands take the host from here; others from the work tree that they are in. */
    const env = () => ({ GH_HOST: place.host });
    const login = (input: string) =>
      machine.try('gh', ['auth', 'login', '-h', place.host, '--with-token'], { input });

    it('auth login --with-token refuses a token that is none', async () => {
      const { status, stderr } = await login('ghp_000000000000000000000000000000000000');
      expect(status).toBe(1);
      expect(stderr).toContain('error validating token: HTTP 401: Bad credentials');
    });

    it('auth login --with-token says which scopes a token lacks', async () => {
      const { status, stderr } = await login(await place.server.token('mona', ['repo']));
      expect(status).toBe(1);
      expect(stderr).toContain("missing required scope 'read:org'");
    });

    it('auth login --with-token', async () => {
      expect(await login(token)).toMatchObject({ status: 0, stderr: '' });
      expect(await machine.gh(['auth', 'token', '-h', place.host])).toBe(`${token}\n`);
    });

    it('api user, with the scopes and the day of expiry in the headers', async () => {
      const answer = await machine.gh(['api', 'user', '--include'], { env: env() });
      expect(answer).toMatch(/^X-Oauth-Scopes: delete_repo, gist, read:org, repo\r?$/m);
      expect(answer).toMatch(/^Github-Authentication-Token-Expiration: [-\d]+ [:\d]+ UTC\r?$/m);
      expect(answer).toContain('"login":"mona"');
    });

    it('api says which scope a token lacks', async () => {
      const { status, stderr } = await machine.try('gh', ['api', 'user/keys'], { env: env() });
      expect(status).toBe(1);
      expect(stderr).toContain('gh: Not Found (HTTP 404)');
      expect(stderr).toMatch(/This API operation needs the "(?:admin|read|write):public_key" scope/);
    });

    it('api --paginate', async () => {
      for (const name of ['page-one', 'page-two', 'page-three']) {
        await machine.gh(['api', 'user/repos', '-f', `name=${name}`, '-F', 'private=true', '--silent'], {
          env: env(),
        });
      }
      const args = ['api', '--paginate', 'user/repos?per_page=1', '--jq', '.[].name'];
      const names = (await machine.gh(args, { env: env() })).trim().split('\n').sort();
      expect(names).toEqual(['hello', 'page-one', 'page-three', 'page-two']);
    });

    it('auth setup-git, then git clones and pushes', async () => {
      await machine.gh(['auth', 'setup-git', '-h', place.host]);
      const helper = await machine.git(['config', '--global', `credential.${place.url}.helper`]);
      expect(helper).toContain('gh auth git-credential');
      // gh gives git a token for HTTPS only; at its development host people type what `gh auth token` prints.
      const typed = place.url.startsWith('https:')
        ? {}
        : { password: (await machine.gh(['auth', 'token', '-h', place.host])).trim() };
      const url = `${place.url}/mona/hello.git`;
      await machine.commit('hello');
      await machine.git(['push', '-q', url, 'main'], { in: 'hello', ...typed });
      await machine.git(['clone', '-q', url, 'copy'], typed);
      expect(await machine.git(['log', '--format=%s'], { in: 'copy' })).toBe('First\n');
    });

    it('auth logout', async () => {
      await machine.gh(['auth', 'logout', '-h', place.host]);
      const { status, stderr } = await machine.try('gh', ['auth', 'status']);
      expect(status).toBe(1);
      expect(stderr).toContain('You are not logged into any GitHub hosts');
    });
  });
});
