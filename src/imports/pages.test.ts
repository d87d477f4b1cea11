import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GitServer, makeSource, serveRepositories, startServer } from '../../test/git-source.ts';
import { type TestBrowser, type TestPages, testPages } from '../../test/pages.ts';
import { contentsPages } from '../contents/pages.tsx';
import { repositoryPages } from '../repositories/pages.tsx';
import { importPages } from './pages.tsx';

describe('the pages of imports', () => {
  let root = '';
  let pages: TestPages;
  let stop: () => Promise<void>;
  let source: GitServer;
  let silent: GitServer;
  let ann: TestBrowser;
  let bob: TestBrowser;
  const begin = (browser: TestBrowser, fields: Record<string, string>) =>
    browser.submit('/new/import', '/new/import', {
      name: 'copy',
      description: '',
      visibility: 'private',
      ...fields,
    });

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'latchkey-import-pages-'));
    makeSource(join(root, 'sources', 'origin.git'));
    source = await startServer(serveRepositories(join(root, 'sources')));
    silent = await startServer(() => undefined);
    pages = await testPages({
      config: {
        dataDirectory: root,
        repositoriesDirectory: join(root, 'repositories'),
        trashDirectory: join(root, 'trash'),
        importFromPrivateAddresses: true,
      },
      more: (routes, ctx) => {
        repositoryPages(routes, ctx);
        contentsPages(routes, ctx);
        stop = importPages(routes, ctx);
      },
    });
    ann = (await pages.person('ann')).browser;
    bob = (await pages.person('bob')).browser;
  });
  afterAll(async () => {
    await stop();
    await pages.close();
    await source.close();
    await silent.close();
    rmSync(root, { recursive: true, force: true });
  });

  it('bring a repository with its history, private if that was asked for', async () => {
    const begun = await begin(ann, { name: 'brought', source: `${source.url}/origin.git` });
    expect(begun.statusCode).toBe(303);
    const progress = String(begun.headers.location);
    const until = Date.now() + 20_000;
    let page = await ann.get(progress);
    while (page.statusCode === 200 && Date.now() < until) page = await ann.get(progress);
    expect([page.statusCode, page.headers.location]).toEqual([303, '/ann/brought']);
    const front = await ann.get('/ann/brought');
    expect(front.body).toContain('The import is complete.');
    expect(front.body).toContain('href="/ann/brought/tree/feature/x"');
    expect((await bob.get('/ann/brought')).statusCode).toBe(404);
  });

  it('say what is wrong at its field and keep what was typed, but no password', async () => {
    const wrong = await begin(ann, {
      source: 'ssh://x',
      description: 'kept',
      username: 'me',
      password: 'hush-hush',
    });
    expect(wrong.statusCode).toBe(422);
    expect(wrong.body).toContain('id="source-error"');
    for (const typed of ['ssh://x', 'kept', 'me']) expect(wrong.body).toContain(`value="${typed}"`);
    expect(wrong.body).not.toContain('hush-hush');
    const inAddress = await begin(ann, { source: 'https://me:hush-hush@example.com/x.git' });
    expect(inAddress.statusCode).toBe(422);
    expect(inAddress.body).not.toContain('hush-hush');
    const nameless = await begin(ann, { name: '', source: `${source.url}/origin.git` });
    expect(nameless.body).toContain('id="name-error"');
  });

  it('show an import that runs to its owner alone, who can cancel it', async () => {
    const begun = await begin(ann, { name: 'slow', source: `${silent.url}/x.git` });
    const progress = String(begun.headers.location);
    const page = await ann.get(progress);
    expect(page.statusCode).toBe(200);
    expect(page.headers.refresh).toBe('2');
    expect(page.body).toContain('Importing ann/slow');
    expect((await bob.get(progress)).statusCode).toBe(404);
    expect((await pages.browser().get(progress)).headers.location).toMatch(/^\/login/);
    expect((await bob.forge('/new', `${progress}/cancel`, {})).statusCode).toBe(404);
    expect((await ann.submit(progress, `${progress}/cancel`, {})).headers.location).toBe(progress);
    const ended = await ann.get(progress);
    expect(ended.body).toContain('The import was cancelled.');
    expect(ended.headers.refresh).toBeUndefined();
    expect((await ann.get('/ann/slow')).statusCode).toBe(404);
    expect(readdirSync(join(root, 'repositories')).filter((name) => name.startsWith('new-'))).toEqual([]);
  });

  it('let nobody run more than a few at once', async () => {
    const begun = [];
    for (const name of ['one', 'two', 'three']) {
      begun.push(await begin(bob, { name, source: `${silent.url}/x.git` }));
    }
    expect(begun.map(({ statusCode }) => statusCode)).toEqual([303, 303, 422]);
    expect(begun[2]?.body).toContain('Too many imports');
    for (const { headers } of begun.slice(0, 2)) {
      await bob.forge('/new', `${headers.location}/cancel`, {});
    }
    const more = await begin(bob, { name: 'four', source: `${silent.url}/x.git` });
    expect(more.statusCode).toBe(303);
    // Left running on purpose: stopping the server ends it.
  });
});
