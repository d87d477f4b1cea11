// GitHub's command line: over TLS on port 443, and on `github.localhost`, which it asks over plain HTTP with the API at a
// host of its own. Both in the same words.
import { writeFile } from 'node:fs/promises';
import { generateKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type TestBrowser } from '../browser.ts';
import { type Machine, newMachine, type Result, type RunOptions } from './machine.ts';
import { atBrowser, PASSWORD, type Person } from './person.ts';
import { isMissing, openPlace, openPlainPlace, type Place } from './place.ts';

const scopes = [
  'repo',
  'read:org',
  'gist',
  'delete_repo',
  'admin:public_key',
  'admin:gpg_key',
  'admin:ssh_signing_key',
] as const;

const places = [
  ['over TLS on port 443', () => openPlace('gh.latchkey.test')],
  ['on github.localhost', openPlainPlace],
] as const;

describe.skipIf(isMissing('gh'))('gh', () => {
  describe.each(places)('%s', (_where, open) => {
    let place: Place;
    /** Where somebody is logged in. */
    let machine: Machine;
    let token: string;
    let browser: TestBrowser;
    let mona: Person;

    beforeAll(async () => {
      place = await open();
      machine = await newMachine();
      await place.server.person('mona', { password: PASSWORD });
      browser = await launchBrowser();
      mona = await atBrowser(browser, 'mona', place.url);
      await place.server.repository('mona', 'hello', 'private');
      token = await place.server.token('mona', scopes, Date.now() + 86_400_000);
      expect(await login(machine, token)).toMatchObject({ status: 0, stderr: '' });
      await machine.gh(['auth', 'setup-git', '-h', place.host]);
    });

    afterAll(async () => {
      await browser?.close();
      await machine?.[Symbol.asyncDispose]();
      await place?.[Symbol.asyncDispose]();
    });

    const login = (on: Machine, input: string): Promise<Result> =>
      on.try('gh', ['auth', 'login', '-h', place.host, '--with-token'], { input });

    /**
     * Runs gh on our server. It gives git a token for HTTPS only (its `auth git-credential`): at its development host
     * the person types it.
     */
    const gh = (args: readonly string[], options: RunOptions = {}) =>
      machine.gh(args, {
        env: { GH_HOST: place.host },
        ...(place.url.startsWith('https:') ? {} : { password: token }),
        ...options,
      });

    /** What is refused: its words. */
    const refused = async (args: readonly string[], options: RunOptions = {}): Promise<string> => {
      const { status, stderr } = await machine.try('gh', args, { env: { GH_HOST: place.host }, ...options });
      expect(status, stderr).not.toBe(0);
      return stderr;
    };

    it('auth login --with-token refuses a token that is none', async () => {
      await using other = await newMachine();
      const { status, stderr } = await login(other, `ghp_${'0'.repeat(36)}`);
      expect(status).toBe(1);
      expect(stderr).toContain('error validating token: HTTP 401: Bad credentials');
    });

    it('auth login --with-token says which scopes a token lacks', async () => {
      await using other = await newMachine();
      const { status, stderr } = await login(other, await place.server.token('mona', ['repo']));
      expect(status).toBe(1);
      expect(stderr).toContain("missing required scope 'read:org'");
    });

    it('auth token', async () => {
      expect(await gh(['auth', 'token', '-h', place.host])).toBe(`${token}\n`);
    });

    it('auth status, with the scopes', async () => {
      const { status, stderr } = await machine.try('gh', ['auth', 'status']);
      expect(stderr).toContain(`Logged in to ${place.host} as mona`);
      expect(stderr).toContain(`Token scopes: ${[...scopes].sort().join(', ')}`);
      expect(status).toBe(0);
    });

    it('auth login --web, the code typed in the browser, then auth refresh -s and auth status', async () => {
      await using other = await newMachine();
      const byCode = async (...args: readonly string[]) => {
        const running = other.begin('gh', ['auth', ...args, '-h', place.host]);
        const { code = '' } = await running.said(/one-time code: (?<code>\S+)/);
        const { address = '' } = await running.said(/web browser: (?<address>\S+)/);
        expect(address).toBe(`${place.url}/login/device`);
        await mona.typeCode(address, code);
        return running.ended;
      };
      const scopesNow = async () =>
        /Token scopes: (.*)/.exec((await other.try('gh', ['auth', 'status'])).stderr)?.[1];

      const first = await byCode('login', '--web');
      expect(first, first.stderr).toMatchObject({ status: 0 });
      expect(first.stderr).toContain('Logged in as mona');
      expect(await other.gh(['auth', 'token', '-h', place.host])).toMatch(/^gho_\w{36}\n$/);
      expect(await scopesNow()).toBe('gist, read:org, repo');

      const refreshed = await byCode('refresh', '-s', 'admin:public_key');
      expect(refreshed, refreshed.stderr).toMatchObject({ status: 0 });
      expect(await scopesNow()).toBe('admin:public_key, gist, read:org, repo');
      const env = { GH_HOST: place.host };
      const typed = place.url.startsWith('https:')
        ? {}
        : { password: (await other.gh(['auth', 'token', '-h', place.host])).trim() };
      await other.gh(['auth', 'setup-git', '-h', place.host]);
      await other.gh(['repo', 'clone', 'mona/hello', 'by-code'], { env, ...typed });
      expect(await other.git(['remote', 'get-url', 'origin'], { in: 'by-code' })).toContain(
        '/mona/hello.git',
      );
    });

    it('auth logout', async () => {
      await using other = await newMachine();
      expect(await login(other, token)).toMatchObject({ status: 0 });
      await other.gh(['auth', 'logout', '-h', place.host]);
      const { status, stderr } = await other.try('gh', ['auth', 'status']);
      expect(status).toBe(1);
      expect(stderr).toContain('You are not logged into any GitHub hosts');
    });

    it('api user, with the scopes and the day of expiry in the headers', async () => {
      const answer = await gh(['api', 'user', '--include']);
      expect(answer).toContain(`X-Oauth-Scopes: ${[...scopes].sort().join(', ')}`);
      expect(answer).toMatch(/^Github-Authentication-Token-Expiration: [-\d]+ [:\d]+ UTC\r?$/m);
      expect(answer).toContain('"login":"mona"');
    });

    it('api says which scope a token lacks', async () => {
      const stderr = await refused(['api', 'user/emails']);
      expect(stderr).toContain('gh: Not Found (HTTP 404)');
      expect(stderr).toMatch(/This API operation needs the "(?:user|user:email)" scope/);
    });

    it('api --paginate', async () => {
      await place.server.person('paul');
      const env = { GH_HOST: place.host, GH_ENTERPRISE_TOKEN: '', GH_TOKEN: '' };
      const theirs = await place.server.token('paul', ['repo']);
      for (const name of ['one', 'two', 'three']) await place.server.repository('paul', name, 'private');
      const args = ['api', '--paginate', 'user/repos?per_page=1&sort=full_name', '--jq', '.[].name'];
      const names = await gh(args, { env: { ...env, GH_TOKEN: theirs, GH_ENTERPRISE_TOKEN: theirs } });
      expect(names).toBe('one\nthree\ntwo\n');
    });

    it('api graphql', async () => {
      const query = 'query={viewer{login}}';
      expect(await gh(['api', 'graphql', '-f', query, '--jq', '.data.viewer.login'])).toBe('mona\n');
    });

    it('auth setup-git, then git clones and pushes', async () => {
      const helper = await machine.git(['config', '--global', `credential.${place.url}.helper`]);
      expect(helper).toContain('gh auth git-credential');
      const typed = place.url.startsWith('https:') ? {} : { password: token };
      const url = `${place.url}/mona/hello.git`;
      await machine.commit('hello');
      await machine.git(['push', '-q', url, 'main'], { in: 'hello', ...typed });
      await machine.git(['clone', '-q', url, 'copy'], typed);
      expect(await machine.git(['log', '--format=%s'], { in: 'copy' })).toBe('First\n');
    });

    it('repo create from a work tree, with --push', async () => {
      await machine.commit('pushed');
      const made = await gh(['repo', 'create', 'pushed', '--private', '--source', '.', '--push'], {
        in: 'pushed',
      });
      expect(made).toContain(`${place.url}/mona/pushed`);
      expect(await machine.git(['rev-parse', 'origin/main'], { in: 'pushed' })).toBe(
        await machine.git(['rev-parse', 'main'], { in: 'pushed' }),
      );
    });

    it('repo create with --add-readme and --clone', async () => {
      await gh(['repo', 'create', 'mona/with-readme', '--public', '--add-readme', '--clone', '-d', 'Words']);
      // This version of gh makes the work tree itself, even when the server has a commit already.
      const typed = place.url.startsWith('https:') ? {} : { password: token };
      await machine.git(['pull', '-q', 'origin', 'main'], { in: 'with-readme', ...typed });
      expect(await machine.git(['ls-files'], { in: 'with-readme' })).toBe('README.md\n');
    });

    it('repo view, edit, rename, clone, delete', async () => {
      await place.server.repository('mona', 'moving', 'private');
      await gh(['repo', 'edit', 'mona/moving', '--description', 'It moves', '--visibility', 'public']);
      const fields = 'name,description,isPrivate,viewerPermission,isEmpty,hasIssuesEnabled';
      expect(JSON.parse(await gh(['repo', 'view', 'mona/moving', '--json', fields]))).toEqual({
        name: 'moving',
        description: 'It moves',
        isPrivate: false,
        viewerPermission: 'ADMIN',
        isEmpty: true,
        hasIssuesEnabled: false,
      });
      expect(await gh(['repo', 'view', 'mona/moving'])).toMatch(
        /^name:\tmona\/moving\ndescription:\tIt moves/,
      );
      await gh(['repo', 'rename', 'moved', '-R', `${place.host}/mona/moving`, '--yes']);
      expect(await gh(['repo', 'view', 'mona/moving', '--json', 'nameWithOwner'])).toContain('mona/moved');
      await gh(['repo', 'clone', 'mona/moved', 'moved']);
      expect(await machine.git(['remote', 'get-url', 'origin'], { in: 'moved' })).toBe(
        `${place.url}/mona/moved.git\n`,
      );
      await gh(['repo', 'delete', 'mona/moved', '--yes']);
      expect(await refused(['repo', 'view', 'mona/moved'])).toContain(
        "Could not resolve to a Repository with the name 'mona/moved'.",
      );
    });

    it('repo list', async () => {
      await place.server.person('lister');
      await place.server.repository('lister', 'open', 'public');
      await place.server.repository('lister', 'closed', 'private');
      expect(await gh(['repo', 'list', 'lister', '--json', 'name', '--jq', '.[].name'])).toBe('open\n');
      const mine = await gh(['repo', 'list', '--limit', '50', '--visibility', 'private']);
      expect(mine).toContain('mona/hello');
    });

    it('repo deploy-key add, list, delete', async () => {
      await machine.run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', machine.path('deploy')]);
      const on = ['-R', `${place.host}/mona/hello`];
      await gh(['repo', 'deploy-key', 'add', 'deploy.pub', '--title', 'robot', ...on]);
      const [id = '', title] = (await gh(['repo', 'deploy-key', 'list', ...on])).split('\t');
      expect(title).toBe('robot');
      await gh(['repo', 'deploy-key', 'delete', id, ...on]);
      expect(await gh(['repo', 'deploy-key', 'list', ...on])).toBe('');
    });

    it('ssh-key add, list, delete', async () => {
      await machine.run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', machine.path('laptop')]);
      await gh(['ssh-key', 'add', 'laptop.pub', '--title', 'laptop']);
      const line = (await gh(['ssh-key', 'list'])).split('\n').find((one) => one.startsWith('laptop\t'));
      const id = line?.split('\t')[3] ?? '';
      expect(id).toMatch(/^\d+$/);
      await gh(['ssh-key', 'delete', id, '--yes']);
      expect(await gh(['ssh-key', 'list'])).toBe('');
    });

    it('gpg-key add, list, delete', async () => {
      const { publicKey } = await generateKey({ type: 'ecc', userIDs: [{ email: 'mona@example.com' }] });
      await writeFile(machine.path('mona.asc'), publicKey);
      await gh(['gpg-key', 'add', 'mona.asc']);
      const [email, id = ''] = (await gh(['gpg-key', 'list'])).split('\t');
      expect(email).toBe('mona@example.com');
      await gh(['gpg-key', 'delete', id, '--yes']);
      expect(await gh(['gpg-key', 'list'])).toBe('');
    });

    it('browse', async () => {
      const at = (more: readonly string[]) => gh(['browse', '-n', '-R', `${place.host}/mona/hello`, ...more]);
      expect(await at([])).toBe(`${place.url}/mona/hello\n`);
      const page = (await at(['--settings'])).trim();
      expect(page).toBe(`${place.url}/mona/hello/settings`);
      expect((await place.server.fetch(new URL(page).pathname)).status).toBeLessThan(405);
    });

    it('search repos', async () => {
      await place.server.repository('mona', 'needle', 'public');
      expect(await gh(['search', 'repos', 'needle', '--json', 'fullName', '--jq', '.[].fullName'])).toBe(
        'mona/needle\n',
      );
    });

    it('says of issues, pull requests and runs that there are none here', async () => {
      const on = ['-R', `${place.host}/mona/hello`];
      const words = [
        ['issue', "Field 'issues' doesn't exist on type 'Repository'"],
        ['pr', "Field 'pullRequests' doesn't exist on type 'Repository'"],
        ['release', "Field 'releases' doesn't exist on type 'Repository'"],
        ['run', 'HTTP 404: Not Found'],
      ] as const;
      for (const [what, said] of words) expect(await refused([what, 'list', ...on])).toContain(said);
    });

    it('is refused by a token that was deleted, with the words that it knows', async () => {
      await using other = await newMachine();
      const short = await place.server.token('mona', ['repo', 'read:org']);
      expect(await login(other, short)).toMatchObject({ status: 0 });
      await place.server.cli(['token', 'revoke', '--token-stdin'], short);
      const { status, stderr } = await other.try('gh', ['auth', 'status']);
      expect(status).toBe(1);
      expect(stderr).toContain(`${place.host}: authentication failed`);
    });
  });
});
