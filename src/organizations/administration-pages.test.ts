import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRepositoryPages, type Person, type RepositoryPages } from '../../test/repository-pages.ts';

const ALL = '/admin/organizations';
let the: RepositoryPages;
let boss: Person;
beforeAll(async () => {
  the = await openRepositoryPages();
  boss = await the.pages.person('boss', { siteAdmin: true });
});
afterAll(() => the.close());

it('Site admins make an organisation for somebody and give it another name; both are logged', async () => {
  const make = (login: string, owner: string) =>
    boss.browser.submit(ALL, ALL, { login, name: 'Acme Ltd', owner });
  expect((await boss.browser.get(ALL)).body).toContain('There are no organizations');
  const nobody = await make('acme', 'nobody');
  expect([nobody.statusCode, nobody.body.includes('Nobody here has this user name')]).toEqual([422, true]);
  expect(nobody.body).toContain('value="nobody"');
  expect((await make('bob', 'ann')).statusCode).toBe(422);
  expect((await make('acme', 'ann')).headers.location).toBe(ALL);
  const list = (await boss.browser.get(ALL)).body;
  const page = /href="(\/admin\/organizations\/\d+)"/.exec(list)?.[1] ?? '';
  expect((await boss.browser.get(page)).body).toContain('>ann</a>');
  const rename = (login: string) => boss.browser.submit(page, `${page}/rename`, { login });
  expect((await rename('bob')).body).toContain('id="login-error"');
  expect((await rename('globex')).headers.location).toBe(page);
  expect((await the.stranger.get('/globex')).body).toContain('Acme Ltd');
  const logged = await the.pages.ctx.db
    .selectFrom('audit_events')
    .select(['action', 'actor_login', 'organization_login'])
    .where('action', 'like', 'org.%')
    .orderBy('id')
    .execute();
  expect(logged.map((row) => Object.values(row).join(' '))).toEqual([
    'org.create boss acme',
    'org.rename boss globex',
  ]);
  for (const path of [ALL, page]) {
    expect((await the.ann.browser.get(path)).statusCode).toBe(403);
    expect((await the.stranger.get(path)).statusCode).toBe(302);
  }
  expect((await the.ann.browser.forge('/new', `${page}/rename`, { login: 'mine' })).statusCode).toBe(403);
  for (const path of [`${ALL}/${the.ann.account.id}`, `${ALL}/9999`, `${ALL}/x`]) {
    expect((await boss.browser.get(path)).statusCode, path).toBe(404);
  }
});

it('A long list of organisations goes on where it stopped', async () => {
  for (let count = 0; count < 51; count++) {
    const fields = { login: `many-${count}`, name: '', owner: 'ann' };
    expect((await boss.browser.submit(ALL, ALL, fields)).statusCode).toBe(303);
  }
  const next = /rel="next" href="([^"]+)"/.exec((await boss.browser.get(ALL)).body)?.[1] ?? '';
  expect((await boss.browser.get(next)).body).toContain('many-50');
});
