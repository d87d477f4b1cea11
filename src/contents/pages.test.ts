import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestBrowser, TestPages } from '../../test/pages.ts';
import { openRepositoryPages, type Person, png, type RepositoryPages } from '../../test/repository-pages.ts';
import { repositoryDirectory } from '../repositories/storage.ts';

/** Of a process that may have ended meanwhile. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

describe('the pages of repositories', () => {
  let the: RepositoryPages;
  let pages: TestPages;
  let ann: Person;
  let bob: Person;
  let stranger: TestBrowser;
  let make: RepositoryPages['make'];
  let filled: RepositoryPages['filled'];

  beforeAll(async () => {
    the = await openRepositoryPages();
    ({ pages, ann, bob, stranger, make, filled } = the);
    await filled('demo', 'public');
    await filled('secret', 'private');
    await make('empty', 'public');
  });
  afterAll(() => the.close());

  it('show what was pushed: latest commit, files, README, branches', async () => {
    const { statusCode, body } = await stranger.get('/ann/demo');
    expect(statusCode).toBe(200);
    expect(body).toContain('value="http://127.0.0.1:3000/ann/demo.git"');
    expect(body).toMatch(/<a href="\/ann\/demo\/commit\/[0-9a-f]{40}">Begin<\/a>/);
    expect(body).toContain('href="/ann/demo/tree/main/src"');
    expect(body).toContain('href="/ann/demo/blob/main/100%25%20%23%3F.txt"');
    expect(body).toContain('<h1 id="user-content-demo">Demo</h1>');
    expect(body).toContain('href="/ann/demo/tree/feature/x"');
    expect(body).not.toContain('bad()');
    expect(body).not.toContain('Settings</a>');
    expect((await ann.browser.get('/ann/demo')).body).toContain('href="/ann/demo/settings"');
  });

  it('are found whatever the case of letters, and with .git at the end', async () => {
    for (const path of ['/Ann/DEMO', '/ann/demo.git']) {
      expect((await stranger.get(path)).statusCode).toBe(200);
    }
  });

  it('tell how to fill an empty repository, to those who may', async () => {
    const { body } = await ann.browser.get('/ann/empty');
    expect(body).toContain('git remote add origin http://127.0.0.1:3000/ann/empty.git');
    expect(body).toContain('git push -u origin main');
    const read = await stranger.get('/ann/empty');
    expect(read.body).toContain('This repository is empty');
    expect(read.body).not.toContain('git push');
    for (const path of ['/commits', '/branches', '/tags']) {
      expect((await stranger.get(`/ann/empty${path}`)).statusCode).toBe(200);
    }
    expect((await stranger.get('/ann/empty/tree/main')).statusCode).toBe(404);
  });

  it('show files of a branch with slashes in its name', async () => {
    const tree = await stranger.get('/ann/demo/tree/feature/x/src/deep');
    expect(tree.body).toContain('href="/ann/demo/blob/feature/x/src/deep/a.txt"');
    const blob = await stranger.get('/ann/demo/blob/feature/x/src/deep/a.txt');
    expect(blob.body).toContain('<td class="code-line">2</td>');
    const main = await stranger.get('/ann/demo/blob/main/src/deep/a.txt');
    expect(main.body).toContain('two &lt;i></td>');
    expect((await stranger.get('/ann/demo/blob/main/src/deep')).headers.location).toBe(
      '/ann/demo/tree/main/src/deep',
    );
    expect((await stranger.get('/ann/demo/tree/main/src/deep/a.txt')).headers.location).toBe(
      '/ann/demo/blob/main/src/deep/a.txt',
    );
    expect((await stranger.get('/ann/demo/blob/main/100%25%20%23%3F.txt')).body).toContain('odd');
  });

  it('do not show binary files and very large ones, only offer them', async () => {
    expect((await stranger.get('/ann/demo/blob/main/tool.bin')).body).toContain('This is a binary file.');
    expect((await stranger.get('/ann/demo/blob/main/big.txt')).body).toContain('too large to be shown');
    expect((await stranger.get('/ann/demo/blob/main/logo.png')).body).toContain(
      'src="/ann/demo/raw/main/logo.png"',
    );
  });

  it('show the history, a commit with its changes, and branches', async () => {
    expect((await stranger.get('/ann/demo/commits')).headers.location).toBe('/ann/demo/commits/main');
    const list = await stranger.get('/ann/demo/commits/feature/x');
    expect(list.body).toContain('Change a');
    expect(list.body).toContain('Begin');
    const ofFile = await stranger.get('/ann/demo/commits/feature/x/src/page.html');
    expect(ofFile.body).not.toContain('Change a');
    const [, commit = ''] = /href="(\/ann\/demo\/commit\/[0-9a-f]{40})">Change a/.exec(list.body) ?? [];
    const page = await stranger.get(commit);
    expect(page.body).toContain('<strong>1 file changed</strong>');
    expect(page.body).toMatch(/diff-removed.*two &lt;i>.*diff-added/s);
    expect((await stranger.get(commit.slice(0, -30))).statusCode).toBe(200);
    const branches = await stranger.get('/ann/demo/branches');
    expect(branches.body).toContain('href="/ann/demo/tree/feature/x"');
  });

  it('serve files raw so that they can never act as a page of this site', async () => {
    const raw = async (path: string) => {
      const { headers, statusCode, rawPayload } = await stranger.get(`/ann/demo/raw/main/${path}`);
      expect(statusCode).toBe(200);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toBe("default-src 'none'; sandbox");
      return { type: headers['content-type'], disposition: headers['content-disposition'], rawPayload };
    };
    const html = await raw('src/page.html');
    expect(html).toMatchObject({ type: 'text/plain; charset=utf-8', disposition: undefined });
    expect(html.rawPayload.toString()).toBe('<script>alert(1)</script>\n');
    expect((await raw('icon.svg')).type).toBe('text/plain; charset=utf-8');
    const image = await raw('logo.png');
    expect([image.type, image.rawPayload.equals(png)]).toEqual(['image/png', true]);
    expect(await raw('tool.bin')).toMatchObject({
      type: 'application/octet-stream',
      disposition: `attachment; filename="tool.bin"; filename*=UTF-8''tool.bin`,
    });
    expect((await raw('big.txt')).rawPayload).toHaveLength(8_000_000);
    for (const path of ['src', 'nothing', '../README.md', 'src/..%2f..']) {
      expect((await stranger.get(`/ann/demo/raw/main/${path}`)).statusCode).toBe(404);
    }
  });

  it('end the process behind a large file when its reader leaves', async () => {
    const big = await filled('large', 'public');
    const address = await pages.app.listen({ port: 0, host: '127.0.0.1' });
    const gits = () => {
      const directory = repositoryDirectory(pages.ctx.config, big.id);
      return readdirSync('/proc')
        .filter((entry) => /^\d+$/.test(entry))
        .filter((pid) => commandLine(pid).includes(`--git-dir=${directory}`)).length;
    };
    const leave = new AbortController();
    const response = await fetch(`${address}/ann/large/raw/main/big.txt`, { signal: leave.signal });
    expect(response.headers.get('content-length')).toBe('8000000');
    await response.body?.getReader().read();
    expect(gits()).toBe(1);
    leave.abort();
    await expect.poll(gits).toBe(0);
    const head = await fetch(`${address}/ann/large/raw/main/big.txt`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '8000000']);
  });

  it('answer 304 to who has the file already', async () => {
    const first = await stranger.get('/ann/demo/raw/main/README.md');
    const etag = String(first.headers.etag);
    const again = await stranger.get('/ann/demo/raw/main/README.md', { 'if-none-match': etag });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  });

  it('of a private repository are to others what those of a missing one are', async () => {
    const paths = [
      '',
      '/tree/main',
      '/blob/main/README.md',
      '/raw/main/README.md',
      '/commits',
      '/commits/main',
      '/branches',
      '/tags',
      '/settings',
    ];
    for (const path of paths) {
      const same = (html: string) => html.replace(/value="[^"]*"/g, '').replaceAll('secret', 'absent');
      for (const browser of [stranger, bob.browser]) {
        const hidden = await browser.get(`/ann/secret${path}`);
        const missing = await browser.get(`/ann/absent${path}`);
        expect([path, hidden.statusCode]).toEqual([path, 404]);
        expect(same(hidden.body)).toBe(same(missing.body));
        expect(Object.keys(hidden.headers)).toEqual(Object.keys(missing.headers));
      }
      expect((await ann.browser.get(`/ann/secret${path}`)).statusCode).toBeLessThan(400);
    }
  });

  it('take hostile addresses for missing pages', async () => {
    const paths = [
      '/tree/-h',
      '/tree/main~1',
      '/tree/@%7B1%7D',
      '/tree/main%00',
      '/blob/main/%2e%2e/%2e%2e/etc/passwd',
      '/blob/main/..%5c..%5cx',
      '/commit/--all',
      '/commit/main:README.md',
      '/commits/HEAD%0a',
      `/tree/${'a/'.repeat(2000)}`,
      '/raw/main/:(glob)**',
    ];
    for (const path of paths) {
      expect([path, (await stranger.get(`/ann/demo${path}`)).statusCode]).toEqual([path, 404]);
    }
    expect((await stranger.get('/ann/demo/commits/main?page=-1')).statusCode).toBe(200);
    expect((await stranger.get('/ann/demo/branches?page=99999999999&page=x')).statusCode).toBe(200);
  });

  it('make a new repository', async () => {
    expect((await stranger.get('/new')).headers.location).toBe('/login?return_to=%2Fnew');
    const wrong = await ann.browser.submit('/new', '/new', {
      name: 'demo',
      description: 'd',
      visibility: 'public',
    });
    expect(wrong.statusCode).toBe(422);
    expect(wrong.body).toContain('already exists');
    expect(wrong.body).toMatch(/value="public" checked/);
    const made = await ann.browser.submit('/new', '/new', {
      name: 'fresh',
      description: '',
      visibility: 'private',
    });
    expect([made.statusCode, made.headers.location]).toEqual([303, '/ann/fresh']);
    expect((await bob.browser.get('/ann/fresh')).statusCode).toBe(404);
  });

  it('list to each person what they may see', async () => {
    expect((await stranger.get('/')).body).toContain('href="/login"');
    const own = await ann.browser.get('/');
    expect(own.body).toContain('ann/secret');
    expect(own.body).toContain('href="/new"');
    const seen = await bob.browser.get('/ANN');
    expect(seen.body).toContain('href="/ann/demo"');
    expect(seen.body).not.toContain('secret');
    expect((await ann.browser.get('/ann')).body).toContain('href="/ann/secret"');
    expect((await stranger.get('/nobody-here')).statusCode).toBe(404);
  });
});
