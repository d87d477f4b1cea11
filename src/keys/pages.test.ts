import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newPublicKey } from '../../test/public-key.ts';
import { openRepositoryPages, type RepositoryPages } from '../../test/repository-pages.ts';

let all: RepositoryPages;
beforeAll(async () => {
  all = await openRepositoryPages();
  await all.make('plans', 'private');
});
afterAll(() => all?.close());

describe('the page of SSH keys', () => {
  it('adds a key and deletes it', async () => {
    const { browser } = all.ann;
    expect((await browser.get('/settings/keys')).body).toContain('You have no SSH keys');
    const key = newPublicKey();
    const added = await browser.submit('/settings/keys/new', '/settings/keys', {
      title: '',
      key: `${key} ann@laptop`,
    });
    expect([added.statusCode, added.headers.location]).toEqual([303, '/settings/keys']);
    const list = await browser.get('/settings/keys');
    expect(list.body).toContain('ann@laptop');
    expect(list.body).toContain('Never used');
    const address = /action="(\/settings\/keys\/\d+\/delete)"/.exec(list.body)?.[1] ?? '';
    // Somebody else's is not there.
    expect((await all.bob.browser.forge('/settings/keys/new', address, {})).statusCode).toBe(404);
    expect((await browser.submit('/settings/keys', address, {})).statusCode).toBe(303);
    expect((await browser.get('/settings/keys')).body).toContain('You have no SSH keys');
  });

  it('says what is wrong with a key beside it, and keeps what was typed', async () => {
    const { browser } = all.ann;
    const wrong = await browser.submit('/settings/keys/new', '/settings/keys', {
      title: 'mine',
      key: 'hello',
    });
    expect(wrong.statusCode).toBe(422);
    expect(wrong.body).toContain('key is invalid. You must supply a key in OpenSSH public key format');
    expect(wrong.body).toContain('value="mine"');
    expect(wrong.body).toMatch(/<textarea[^>]*aria-describedby="key-error key-help"[^>]*>hello</);
  });

  it('tells the server’s fingerprints, and that security keys need OpenSSH', async () => {
    const { browser } = all.ann;
    expect((await browser.get('/settings/keys')).body).toContain('SHA256:test');
    expect((await browser.get('/settings/keys/new')).body).toContain('check their signatures');
  });

  it('is also found where GitHub has it', async () => {
    const moved = await all.ann.browser.get('/settings/ssh');
    expect([moved.statusCode, moved.headers.location]).toEqual([302, '/settings/keys']);
  });
});

describe('the page of deploy keys', () => {
  it('makes keys that read only, unless told otherwise', async () => {
    const { browser } = all.ann;
    const list = '/ann/plans/settings/keys';
    const add = (title: string, more = {}) =>
      browser.submit(`${list}/new`, list, { title, key: newPublicKey(), ...more });
    expect((await add('reads')).statusCode).toBe(303);
    expect((await add('writes', { write: '1' })).statusCode).toBe(303);
    const rows = await all.pages.ctx.db
      .selectFrom('ssh_keys')
      .select(['title', 'read_only', 'made_by'])
      .execute();
    expect(rows).toEqual([
      { title: 'reads', read_only: 1, made_by: 'person' },
      { title: 'writes', read_only: 0, made_by: 'person' },
    ]);
    const page = (await browser.get(list)).body;
    expect(page).toContain('Read-only');
    expect(page).toContain('Read/write');
    expect(page).toContain('by ann');
  });

  it('is for the repository’s admins', async () => {
    const path = '/ann/plans/settings/keys';
    expect((await all.bob.browser.get(path)).statusCode).toBe(404);
    expect((await all.bob.browser.forge('/new', path, { key: newPublicKey() })).statusCode).toBe(404);
    expect((await all.ann.browser.get(path)).statusCode).toBe(200);
  });

  it('approves a key that was not verified', async () => {
    const { db } = all.pages.ctx;
    await db.updateTable('ssh_keys').set({ verified: 0 }).where('title', '=', 'reads').execute();
    const list = '/ann/plans/settings/keys';
    const page = (await all.ann.browser.get(list)).body;
    expect(page).toContain('Not approved yet');
    const address = /action="([^"]+\/approve)"/.exec(page)?.[1] ?? '';
    expect((await all.ann.browser.submit(list, address, {})).statusCode).toBe(303);
    expect((await all.ann.browser.get(list)).body).not.toContain('Not approved yet');
    const logged = await db
      .selectFrom('audit_events')
      .select('action')
      .where('action', '=', 'public_key.verify')
      .execute();
    expect(logged).toHaveLength(1);
  });
});
