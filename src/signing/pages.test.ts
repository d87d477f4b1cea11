import { generateKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newPublicKey } from '../../test/public-key.ts';
import { openRepositoryPages, type RepositoryPages } from '../../test/repository-pages.ts';

const LIST = '/settings/keys';
const GPG = '/settings/keys/gpg';

let all: RepositoryPages;
let armored: string;
beforeAll(async () => {
  all = await openRepositoryPages();
  const userIDs = [{ email: 'ann@example.com' }, { email: 'other@example.com' }];
  armored = (await generateKey({ type: 'ecc', userIDs, subkeys: [{ sign: true }], format: 'armored' }))
    .publicKey;
});
afterAll(() => all?.close());

const logged = async () => {
  const rows = await all.pages.ctx.db
    .selectFrom('audit_events')
    .select(['action', 'user_login'])
    .where('action', 'in', [
      'gpg_key.create',
      'gpg_key.delete',
      'ssh_signing_key.create',
      'ssh_signing_key.delete',
    ])
    .orderBy('id')
    .execute();
  return rows.map(({ action, user_login: login }) => `${action} ${login}`);
};

describe('the page of SSH and GPG keys', () => {
  it('adds a GPG key, tells its addresses, and deletes it', async () => {
    const { browser } = all.ann;
    expect((await browser.get(LIST)).body).toContain('You have no GPG keys');
    const added = await browser.submit(`${GPG}/new`, GPG, { name: 'Laptop', armored_public_key: armored });
    expect([added.statusCode, added.headers.location], added.body).toEqual([303, LIST]);
    const list = (await browser.get(LIST)).body;
    expect(list).toMatch(/Added the GPG key [0-9A-F]{16}/);
    expect(list).toContain('Laptop');
    expect(list).toMatch(/other@example.com <span class="Label[^>]*><span>Unverified</);
    const address = /action="(\/settings\/keys\/gpg\/\d+\/delete)"/.exec(list)?.[1] ?? '';
    // Somebody else's is not there.
    expect((await all.bob.browser.forge(LIST, address, {})).statusCode).toBe(404);
    const again = await browser.submit(`${GPG}/new`, GPG, { name: '', armored_public_key: armored });
    expect([again.statusCode, again.body.includes('was added to an account already')]).toEqual([422, true]);
    expect((await browser.submit(LIST, address, {})).statusCode).toBe(303);
    expect((await browser.get(LIST)).body).toContain('You have no GPG keys');
    expect(await logged()).toEqual(['gpg_key.create ann', 'gpg_key.delete ann']);
  });

  it('adds an SSH key that signs beside the same one that opens, and deletes it alone', async () => {
    const { browser } = all.ann;
    const key = newPublicKey();
    const add = (type: string) => browser.submit(`${LIST}/new`, LIST, { title: `as ${type}`, type, key });
    expect((await add('signing')).statusCode).toBe(303);
    expect((await add('')).statusCode).toBe(303);
    const twice = await add('signing');
    expect([twice.statusCode, twice.body.includes('key is already in use')]).toEqual([422, true]);
    expect(twice.body).toMatch(/<option value="signing" selected/);
    const list = (await browser.get(LIST)).body;
    expect(list).toContain('as signing');
    const address = /action="(\/settings\/keys\/signing\/\d+\/delete)"/.exec(list)?.[1] ?? '';
    expect((await all.bob.browser.forge(LIST, address, {})).statusCode).toBe(404);
    expect((await browser.submit(LIST, address, {})).statusCode).toBe(303);
    expect((await browser.get(LIST)).body).toContain('You have no SSH keys that sign');
    const { db } = all.pages.ctx;
    expect(await db.selectFrom('ssh_keys').select('title').execute()).toEqual([{ title: 'as' }]);
    expect((await logged()).slice(2)).toEqual(['ssh_signing_key.create ann', 'ssh_signing_key.delete ann']);
  });

  it('says what is wrong with a GPG key beside it, and keeps what was typed', async () => {
    const wrong = await all.ann.browser.submit(`${GPG}/new`, GPG, {
      name: 'mine',
      armored_public_key: 'hello',
    });
    expect(wrong.statusCode).toBe(422);
    expect(wrong.body).toContain('value="mine"');
    expect(wrong.body).toMatch(
      /<textarea[^>]*aria-describedby="armored_public_key-error armored_public_key-help"[^>]*>hello</,
    );
  });

  it('is also found where GitHub has it', async () => {
    const { browser } = all.ann;
    expect((await browser.get('/settings/gpg')).headers.location).toBe(LIST);
    expect((await browser.get('/settings/gpg/new')).headers.location).toBe(`${GPG}/new`);
  });

  it('asks who it is before a key is added, and after two idle hours again', async () => {
    const { account } = await all.pages.person('cyd');
    const browser = await all.pages.signIn(account);
    expect((await browser.get(`${GPG}/new`)).statusCode).toBe(200);
    all.pages.ctx.clock.forward(2 * 60 * 60_000 + 1);
    const asked = await browser.get(`${GPG}/new`);
    expect([asked.statusCode, asked.body.includes('Confirm access')]).toEqual([401, true]);
    for (const [to, fields] of [
      [GPG, { armored_public_key: armored }],
      [LIST, { type: 'signing', key: newPublicKey() }],
    ] as const) {
      const refused = await browser.forge(LIST, to, fields);
      expect([refused.statusCode, refused.body.includes('Confirm access')]).toEqual([401, true]);
    }
    expect(await logged()).toHaveLength(4);
  });
});
