// Archives and files as they are: by Octokit and curl, by their addresses alone, in the browser; and everything by which
// somebody might get one who may not.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Octokit } from 'octokit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { git } from '../../src/process/git.ts';
import { repositoryDirectory } from '../../src/repositories/storage.ts';
import { deleteToken, listTokens, regenerateToken, updateToken } from '../../src/tokens/tokens.ts';
import { signIn } from '../account-pages.ts';
import { type FormBrowser, formBrowser } from '../form-browser.ts';
import { ask } from '../http.ts';
import { slowProxy } from '../slow-proxy.ts';
import { startServer, type TestServer } from './server.ts';

const password = 'three blind mice, see how they run';
const author = {
  GIT_AUTHOR_NAME: 'x',
  GIT_AUTHOR_EMAIL: 'x@example.com',
  GIT_AUTHOR_DATE: '1700000000 +0000',
  GIT_COMMITTER_NAME: 'x',
  GIT_COMMITTER_EMAIL: 'x@example.com',
  GIT_COMMITTER_DATE: '1700000000 +0000',
};

let server: TestServer;
let browser: FormBrowser;
let token: string;
const commits = new Map<string, string>();

const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
const file = (path: string, text: string, mode = '100644') => `M ${mode} inline ${path}\n${data(text)}`;

async function fill(name: string, visibility: 'public' | 'private', more = ''): Promise<void> {
  const { path } = await server.repository('mona', name, visibility);
  const attributes = 'hidden export-ignore\nstamp export-subst\n*.txt filter=evil diff=evil text eol=crlf\n';
  const stream = [
    `commit refs/heads/main\ncommitter x <x@example.com> 1700000000 +0000\n${data('begin')}`,
    file('.gitattributes', attributes),
    file('hidden', 'not to be packed'),
    file('stamp', 'made of $Format:%H$'),
    file('notes.txt', 'one\n'),
    file('link', '/etc/passwd', '120000'),
    more,
    '\nreset refs/heads/feature/x\nfrom refs/heads/main\n',
    '\nreset refs/tags/v1.0\nfrom refs/heads/main\n\ndone\n',
  ].join('');
  await git(['fast-import', '--quiet', '--done'], { repository: path, env: author, input: stream });
  const { stdout } = await git(['rev-parse', 'refs/heads/main'], { repository: path });
  commits.set(name, stdout.toString().trim());
}

beforeAll(async () => {
  server = await startServer();
  await server.person('mona', { password });
  await server.person('hubot', { password });
  browser = formBrowser(server.url);
  await signIn(browser, 'mona', password);
  await fill('secret', 'private');
  await fill('other', 'private');
  await fill('open', 'public');
  token = await server.token('mona', ['repo']);
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

const commitOf = (name: string) => commits.get(name) ?? '';

/** What lies in an archive, as `tar` lists it. */
function listed(bytes: Uint8Array, ...args: readonly string[]): readonly string[] {
  const text = execFileSync('tar', ['-tzf', '-', ...args], { input: bytes, encoding: 'utf8' });
  return text.trim().split('\n');
}

const within = (folder: string) => [`${folder}/`, ...inside.map((name) => `${folder}/${name}`)];
const inside = ['.gitattributes', 'link', 'notes.txt', 'stamp'];

/** Where the API leads. */
async function leads(path: string, as: string | null = token): Promise<URL> {
  const answer = await server.fetch(`/api/v3${path}`, as === null ? {} : { token: as });
  expect(answer.status).toBe(302);
  expect(await answer.text()).toBe('');
  return new URL(answer.headers.get('location') ?? '');
}

describe('An archive', () => {
  it('is given to Octokit', async () => {
    const octokit = new Octokit({ baseUrl: `${server.url}/api/v3`, auth: token });
    const asked = { owner: 'mona', repo: 'secret', ref: 'feature/x' };
    const tar = await octokit.rest.repos.downloadTarballArchive(asked);
    const folder = `mona-secret-${commitOf('secret').slice(0, 7)}`;
    expect(listed(new Uint8Array(tar.data as ArrayBuffer))).toEqual(within(folder));
    const zip = await octokit.rest.repos.downloadZipballArchive(asked);
    expect(Buffer.from(zip.data as ArrayBuffer).toString('latin1')).toContain(`${folder}/notes.txt`);
    const whole = await octokit.rest.repos.downloadTarballArchive({ ...asked, ref: '' });
    expect(whole.data).toEqual(tar.data);
  });

  it('is given to curl, which follows', async () => {
    const settings = [
      `url = ${JSON.stringify(`${server.url}/api/v3/repos/mona/secret/tarball`)}`,
      `header = ${JSON.stringify(`Authorization: token ${token}`)}`,
      'location',
      'fail',
      'silent',
    ];
    const child = spawn('curl', ['--disable', '--config', '-'], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(settings.join('\n'));
    const pieces: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(listed(Buffer.concat(pieces))).toHaveLength(5);
  });

  it('is given by the address alone to who was led there, whatever program', async () => {
    const answer = await ask((await leads('/repos/mona/secret/zipball/main')).href);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/zip',
      'cache-control': 'private, no-cache',
      vary: 'Authorization',
      'x-content-type-options': 'nosniff',
      'access-control-allow-origin': '*',
      'content-disposition': expect.stringContaining(`mona-secret-${commitOf('secret').slice(0, 7)}.zip`),
    });
    expect(answer.body.toString('latin1', 0, 2)).toBe('PK');
  });

  it('of what is public needs no token, and no pass', async () => {
    for (const as of [null, token]) {
      const to = await leads('/repos/mona/open/tarball/v1.0', as);
      expect(to.search).toBe('');
      const answer = await ask(to.href);
      expect(answer.status).toBe(200);
      expect(listed(answer.body)).toHaveLength(5);
    }
  });

  it('is found by the repository’s number, by branch, tag and commit, and by no other revision', async () => {
    const repository = await (await server.fetch('/api/v3/repos/mona/secret', { token })).json();
    const sha = commitOf('secret');
    for (const ref of ['main', 'refs/heads/main', 'feature/x', 'feature%2Fx', 'v1.0', 'tags/v1.0', sha]) {
      const to = await leads(`/repositories/${repository.id}/tarball/${ref}`);
      expect(to.pathname).toBe(`/codeload/mona/secret/legacy.tar.gz/${sha}`);
    }
    for (const ref of ['gone', 'main~0', 'main:stamp', '@%7B0%7D', '--output=x', ':/begin', 'HEAD^{tree}']) {
      const answer = await server.fetch(`/api/v3/repos/mona/secret/tarball/${ref}`, { token });
      expect(answer.status, ref).toBe(404);
    }
  });

  it('heeds the attributes of what is packed, and runs nothing that they name', async () => {
    const answer = await ask((await leads('/repos/mona/secret/tarball')).href);
    const folder = `mona-secret-${commitOf('secret').slice(0, 7)}`;
    const read = (name: string) =>
      execFileSync('tar', ['-xzOf', '-', `${folder}/${name}`], { input: answer.body, encoding: 'utf8' });
    expect(read('stamp')).toBe(`made of ${commitOf('secret')}`);
    expect(read('notes.txt')).toBe('one\r\n');
    expect(listed(answer.body, '-v').find((line) => line.includes('/link'))).toMatch(/^l.*-> \/etc\/passwd$/);
  });

  it('is not sent to who has it, and not made for HEAD', async () => {
    const to = (await leads('/repos/mona/secret/tarball')).href;
    const whole = await ask(to);
    const head = await ask(to, { method: 'HEAD' });
    expect(head.status).toBe(200);
    for (const name of ['content-type', 'content-disposition', 'etag', 'vary']) {
      expect(head.headers[name], name).toBe(whole.headers[name]);
    }
    const known = await ask(to, { headers: { 'if-none-match': whole.headers.etag ?? '' } });
    expect(known.status).toBe(304);
    expect(known.body).toHaveLength(0);
  });

  it('that can’t be made to its end is never taken for a whole one', async () => {
    const long = `${'d'.repeat(255)}/`.repeat(300);
    await fill('deep', 'public', file(`${long}end`, 'x'));
    await expect(ask((await leads('/repos/mona/deep/zipball', null)).href)).rejects.toThrow('aborted');
    // Other formats have no such limit.
    expect((await ask((await leads('/repos/mona/deep/tarball', null)).href)).status).toBe(200);
  });

  it('that can’t be begun is refused with a sentence', async () => {
    await fill('damaged', 'public');
    const found = (await server.ctx.db.selectFrom('repositories').selectAll().execute()).find(
      ({ name }) => name === 'damaged',
    );
    const repository = repositoryDirectory(server.ctx.config, found?.id ?? 0);
    const { stdout } = await git(['rev-parse', 'main^{tree}'], { repository });
    const id = stdout.toString().trim();
    await rm(join(repository, 'objects', id.slice(0, 2), id.slice(2)));
    const answer = await ask((await leads('/repos/mona/damaged/tarball', null)).href);
    expect([answer.status, JSON.parse(answer.text).message]).toEqual([
      422,
      'This commit holds something that does not fit into an archive.',
    ]);
    expect((await browser.get('/mona/damaged/archive/main.tar.gz')).status).toBe(422);
  });
});

describe('The pass in an address', () => {
  it('opens nothing but the one commit in the one format', async () => {
    const to = await leads('/repos/mona/secret/tarball');
    const same = (path: string) => ask(new URL(`${path}${to.search}`, to).href);
    const sha = commitOf('secret');
    expect((await same(`/codeload/mona/secret/legacy.tar.gz/${sha}`)).status).toBe(200);
    for (const path of [
      `/codeload/mona/secret/legacy.zip/${sha}`,
      '/codeload/mona/secret/legacy.tar.gz/main',
      `/codeload/mona/other/legacy.tar.gz/${commitOf('other')}`,
      `/codeload/mona/other/legacy.tar.gz/${sha}`,
      `/raw/mona/secret/${sha}/stamp`,
      `/raw/mona/secret/${sha}`,
      '/mona/secret/archive/main.tar.gz',
      '/mona/secret.git/info/refs',
      '/api/v3/repos/mona/secret',
      '/api/v3/user',
    ]) {
      expect((await same(path)).status, path).toBeGreaterThan(300);
    }
  });

  it('is none when anything of it is changed', async () => {
    const to = await leads('/repos/mona/secret/tarball');
    const [repository, id, expires, seal] = (to.searchParams.get('token') ?? '').split('.');
    for (const pass of [
      `${repository}.${id}.${Number(expires) + 1}.${seal}`,
      `${repository}.${Number(id) + 1}.${expires}.${seal}`,
      `${Number(repository) + 1}.${id}.${expires}.${seal}`,
      `${repository}.${id}.${expires}.${'A'.repeat(43)}`,
      `${repository}.${id}.${expires}`,
      'x'.repeat(5000),
      token,
    ]) {
      to.searchParams.set('token', pass);
      const answer = await ask(to.href);
      expect([answer.status, JSON.parse(answer.text).message], pass).toEqual([401, 'Bad credentials']);
    }
  });

  it('dies with the token: deleted, regenerated, or without the scope', async () => {
    const account = await browserAccount();
    for (const [kill, status] of [
      [(id: number) => deleteToken(server.ctx, account, id), 401],
      [(id: number) => regenerateToken(server.ctx, account, id, { expiresAt: null }), 401],
      [(id: number) => updateToken(server.ctx, account, id, { note: 'weak', scopes: [] }), 404],
    ] as const) {
      const mortal = await server.token('mona', ['repo']);
      const id = (await listTokens(server.ctx, account)).reduce((last, one) => Math.max(last, one.id), 0);
      const to = (await leads('/repos/mona/secret/tarball', mortal)).href;
      expect((await ask(to)).status).toBe(200);
      await kill(id);
      expect((await ask(to)).status).toBe(status);
    }
  });

  it('and the token beside it stand in no line of the log', async () => {
    const to = await leads('/repos/mona/secret/tarball');
    await ask(to.href);
    const pass = to.searchParams.get('token') ?? 'none';
    expect(server.log()).toContain('/codeload/mona/secret/legacy.tar.gz/');
    expect(server.log()).not.toContain(pass.split('.').at(-1));
    expect(server.log()).not.toContain(token);
  });
});

async function browserAccount(): Promise<number> {
  const { id } = await (await server.fetch('/api/v3/user', { token })).json();
  return id;
}

describe('Who may not', () => {
  it('is not led anywhere, and gets nothing where others are led', async () => {
    const weak = await server.token('mona', []);
    const stranger = await server.token('hubot', ['repo']);
    for (const as of [null, weak, stranger]) {
      const asked = as === null ? {} : { token: as };
      for (const path of [
        '/api/v3/repos/mona/secret/tarball/main',
        '/codeload/mona/secret/legacy.zip/main',
        '/codeload/mona/secret/zip/refs/heads/main',
        '/raw/mona/secret/main/stamp',
      ]) {
        expect((await server.fetch(path, asked)).status, path).toBe(404);
        expect((await server.fetch(path, { ...asked, method: 'HEAD' })).status, path).toBe(404);
      }
    }
    expect((await server.fetch('/codeload/mona/open/zip/main', { token: 'ghp_dead' })).status).toBe(401);
    expect((await server.fetch('/raw/mona/open/main/stamp', { token: 'ghp_dead' })).status).toBe(401);
  });

  it('is not helped by the cookie of somebody who may', async () => {
    const cookie = [...browser.cookies].map(([name, text]) => `${name}=${text}`).join('; ');
    for (const path of ['/raw/mona/secret/main/stamp', '/codeload/mona/secret/zip/main']) {
      expect((await ask(`${server.url}${path}`, { headers: { cookie } })).status, path).toBe(404);
    }
    const page = await ask(`${server.url}/mona/secret/archive/main.zip`, { headers: { cookie } });
    expect(page.status).toBe(200);
  });

  it('has the archive end amid its way when the token dies', async () => {
    const account = await browserAccount();
    const { path } = await server.repository('mona', 'large', 'private');
    const noise = execFileSync('head', ['-c', String(24 * 1024 * 1024), '/dev/urandom'], {
      maxBuffer: 2 ** 26,
    });
    const head = `commit refs/heads/main\ncommitter x <x@example.com> 1 +0000\n${data('x')}M 100644 inline a\ndata ${noise.length}\n`;
    const input = Buffer.concat([Buffer.from(head), noise, Buffer.from('\ndone\n')]);
    await git(['fast-import', '--quiet', '--done'], { repository: path, env: author, input });
    const proxy = await slowProxy(server.port, 1024 * 1024);
    try {
      const mortal = await server.token('mona', ['repo']);
      const id = (await listTokens(server.ctx, account)).reduce((last, one) => Math.max(last, one.id), 0);
      const to = await leads('/repos/mona/large/tarball', mortal);
      const answer = await fetch(new URL(to.pathname, `http://127.0.0.1:${proxy.port}`), {
        headers: { authorization: `Bearer ${mortal}` },
      });
      expect(answer.status).toBe(200);
      const ended = answer.arrayBuffer().then(
        () => 'whole',
        () => 'cut',
      );
      await deleteToken(server.ctx, account, id);
      const since = performance.now();
      expect(await ended).toBe('cut');
      // A second, and as much again for a machine that is busy with other tests.
      expect(performance.now() - since).toBeLessThan(3_000);
    } finally {
      proxy.close();
    }
  });
});

describe('On the pages', () => {
  it('the code is downloaded by a link, under the name that it has there', async () => {
    for (const [end, folder] of [
      ['refs/heads/main.zip', 'secret-main'],
      ['refs/heads/feature/x.zip', 'secret-feature-x'],
      ['refs/tags/v1.0.tar.gz', 'secret-1.0'],
      [`${commitOf('secret')}.tar.gz`, `secret-${commitOf('secret')}`],
    ] as const) {
      const page = await browser.get(`/mona/secret/archive/${end}`);
      expect(page.status, end).toBe(200);
      const extension = end.endsWith('zip') ? 'zip' : 'tar.gz';
      expect(page.headers['content-disposition']).toContain(`filename="${folder}.${extension}"`);
      expect(page.headers.vary).toBe('Cookie');
    }
    for (const end of ['gone.zip', 'main.rar', 'main', '.zip', 'main~0.zip']) {
      expect((await browser.get(`/mona/secret/archive/${end}`)).status, end).toBe(404);
    }
  });
});

describe('A file as it is', () => {
  it('is given to a program with a token, where the API says that it is', async () => {
    const told = await (
      await server.fetch('/api/v3/repos/mona/secret/contents/stamp?ref=feature/x', { token })
    ).json();
    expect(told.download_url).toBe(`${server.url}/raw/mona/secret/feature/x/stamp`);
    const answer = await fetch(told.download_url, { headers: { authorization: `token ${token}` } });
    expect(await answer.text()).toBe('made of $Format:%H$');
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      vary: 'Authorization',
    });
    expect((await server.fetch('/raw/mona/open/main/stamp')).status).toBe(200);
  });
});
