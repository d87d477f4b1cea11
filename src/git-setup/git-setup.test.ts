// The lines are run here as people would run them, by a real shell and a real git in a home of their own.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestPages, testPages } from '../../test/pages.ts';
import { hostForGh, systems, toForget, toHttps, waysOn } from './git-setup.ts';
import { systemOf } from './setup-view.tsx';

const home = mkdtempSync(join(tmpdir(), 'latchkey-set-up-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const env = { PATH: process.env.PATH, HOME: home, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };
const shell = (text: string, input = '') =>
  execFileSync('sh', ['-ec', text], { cwd: home, env, input, encoding: 'utf8' });

const urls = [
  'https://git.example.com',
  'https://git.example.com:8443',
  'http://127.0.0.1:3000',
  'http://[::1]:3000',
  'http://github.localhost',
];

describe('The lines to set up git', () => {
  it.each(urls)('for %s make git ask for the token alone, and keep it', (url) => {
    const [cache, ...others] = waysOn('linux', { url, login: 'mona' });
    const store = others.find(({ name }) => name.includes('file'));
    shell(cache?.lines.join('\n') ?? 'false');
    const read = (name: string) => shell(`git config --global --get-urlmatch credential.${name} '${url}'`);
    expect([read('username'), read('helper')]).toEqual(['mona\n', 'cache --timeout=28800\n']);
    shell(store?.lines.join('\n') ?? 'false');
    const { protocol, host } = new URL(url);
    const asked = `protocol=${protocol.slice(0, -1)}\nhost=${host}\n`;
    shell('git credential approve', `${asked}username=mona\npassword=secret\n\n`);
    expect(shell('git credential fill', `${asked}\n`)).toContain('password=secret');
    // Nothing of it is said to another host.
    const other = asked.replace(host, 'other.example.com');
    expect(() => shell('git credential fill 2>&1', `${other}\n`)).toThrow();
    shell(toForget({ url }).join('\n'));
    expect(() => shell('git credential fill 2>&1', `${asked}\n`)).toThrow();
  });

  it('lead a clone from SSH to HTTPS', () => {
    shell('git init -q clone && git -C clone remote add origin git@git.example.com:mona/plans.git');
    const [, change = ''] = toHttps({ url: 'https://git.example.com' }, 'mona/plans');
    shell(`cd clone && ${change}`);
    expect(shell('git -C clone remote get-url origin')).toBe('https://git.example.com/mona/plans.git\n');
  });

  it('never hold a token, nor take one as an argument', () => {
    const lines = systems.flatMap((system) =>
      urls.flatMap((url) => waysOn(system, { url, login: 'mona' }).flatMap((way) => way.lines)),
    );
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.filter((line) => /ghp_|token|password/i.test(line))).toEqual([]);
  });

  it('are told to nobody whom they would fail', () => {
    const fitting = (url: string) =>
      waysOn('macos', { url, login: 'mona' })
        .filter(({ lines }) => lines.length > 0)
        .map(({ name }) => name.replace(/ .*/, ''));
    expect(fitting('https://git.example.com')).toEqual(['Keep', 'Keep', 'Git', 'GitHub']);
    expect(fitting('https://git.example.com:8443')).toEqual(['Keep', 'Keep', 'Git']);
    expect(fitting('http://127.0.0.1:3000')).toEqual(['Keep', 'Keep']);
    expect(fitting('http://github.localhost')).toEqual(['Keep', 'Keep', 'GitHub']);
    expect(hostForGh({ url: 'http://github.localhost:3000' })).toBe(null);
    expect(hostForGh({ url: 'http://localhost' })).toBe(null);
  });
});

describe('The page', () => {
  let pages: TestPages;
  beforeAll(async () => {
    pages = await testPages({ config: { url: 'https://git.example.com:8443' } });
  });
  afterAll(() => pages.close());

  it('opens the part of the system that the browser runs on', async () => {
    expect(systemOf('Mozilla/5.0 (Windows NT 10.0; Win64; x64)')).toBe('windows');
    expect(systemOf('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)')).toBe('macos');
    expect(systemOf(undefined)).toBe('linux');
    const { browser } = await pages.person('mona');
    const { body } = await browser.get('/settings/git', { 'user-agent': 'Mozilla (Windows NT)' });
    expect(body).toMatch(/<details[^>]*open[^>]*><summary>Windows/);
    expect(body.match(/<details[^>]*open/g)).toHaveLength(1);
    expect(body).toContain('gh can’t reach it');
    expect(body).toContain('git remote set-url origin https://git.example.com:8443/OWNER/REPOSITORY.git');
  });

  it('takes nothing but a proper name from its address into a command', async () => {
    const { browser } = await pages.person('hubot');
    const at = async (repository: string) =>
      (await browser.get(`/settings/git?repository=${encodeURIComponent(repository)}`)).body;
    expect(await at('mona/plans')).toContain('https://git.example.com:8443/mona/plans.git');
    for (const bad of ['mona/x;id', 'mona/$(id)', 'a/b/c', '../..', 'mona/"x', "mona/'", 'mona/']) {
      expect(await at(bad), bad).toContain('/OWNER/REPOSITORY.git');
    }
  });

  it('is shown in short below a token that was just made', async () => {
    const { browser } = await pages.person('octocat');
    const made = await browser.submit('/settings/tokens/new', '/settings/tokens', {
      note: 'laptop',
      expiration: '7d',
      scopes: ['repo'],
    });
    expect(made.body).toContain('Give it to git on your computer');
    expect(made.body.match(/ghp_\w{36}/g)).toHaveLength(1);
    expect((await browser.get('/settings/tokens')).body).not.toContain('Give it to git');
  });
});
