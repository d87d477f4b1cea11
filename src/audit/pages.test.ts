// The pages of the security log: one's own, and for site admins everybody's; and what they give as a file.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { valueIn } from '../../test/context.ts';
import { type TestBrowser, type TestPages, testPages } from '../../test/pages.ts';
import type { Account } from '../accounts/accounts.ts';
import type { Doer } from '../context.ts';
import { createOrganization } from '../organizations/organizations.ts';
import { type AuditEvent, recordAt } from './audit.ts';
import { csvCell } from './export.ts';

const DAY = 24 * 60 * 60_000;
const own = '/settings/security-log';
const hash = new Uint8Array(32).fill(3);
const base64 = Buffer.from(hash).toString('base64');
let pages: TestPages;
let mona: { readonly account: Account; readonly browser: TestBrowser };
let hubot: typeof mona;
let admin: typeof mona;

beforeAll(async () => {
  pages = await testPages();
  mona = await pages.person('mona');
  hubot = await pages.person('hubot');
  admin = await pages.person('boss');
  await pages.ctx.db.updateTable('accounts').set({ site_admin: 1 }).where('login', '=', 'boss').execute();
  const by = ({ account }: typeof mona, address: string): Doer => ({
    account: { id: account.id, login: account.login },
    credential: { kind: 'session', sessionId: 1 },
    address,
    userAgent: `agent of ${account.login}`,
    requestId: null,
  });
  const nobody = { ...by(mona, '203.0.113.9'), account: null, credential: { kind: 'none' } as const };
  const user = mona.account;
  const events: readonly (readonly [Doer, number, AuditEvent])[] = [
    [by(mona, '192.0.2.1'), 100, { action: 'old.own', operation: 'create' }],
    [
      by(mona, '192.0.2.1'),
      3,
      {
        action: 'oauth_access.create',
        operation: 'create',
        user,
        token: { id: 8, hash },
        data: { application_name: '=cmd|"x"<b>', former_hashed_token: 'SECRET-HASH' },
      },
    ],
    [by(hubot, '198.51.100.2'), 2, { action: 'repo.add_member', operation: 'create', user }],
    [by(hubot, '198.51.100.2'), 2, { action: 'repo.create', operation: 'create', user: hubot.account }],
    [nobody, 1, { action: 'user.failed_login', operation: 'authentication', user }],
    [
      by(mona, '192.0.2.1'),
      0,
      { action: 'git.fetch', operation: 'access', repository: { id: 4, name: 'mona/x' } },
    ],
  ];
  await pages.ctx.db.transaction().execute(async (db) => {
    for (const [doer, days, event] of events) {
      await recordAt(pages.ctx, db, doer, pages.ctx.now() - days * DAY, event);
    }
  });
});
afterAll(() => pages.close());

/** The actions of the list, the newest first. */
async function listed(browser: TestBrowser, path: string): Promise<readonly string[]> {
  const { body } = await browser.get(path);
  return [...body.matchAll(/<\/strong> <code>([^<]+)<\/code>/g)].map(([, action = '']) => action);
}

it('A person sees what they did and what concerned them, in the last 90 days, without git', async () => {
  expect(await listed(mona.browser, own)).toEqual([
    'user.failed_login',
    'repo.add_member',
    'oauth_access.create',
  ]);
  expect(await listed(mona.browser, `${own}?include=all&from=2020-01-01`)).toEqual([
    'git.fetch',
    'user.failed_login',
    'repo.add_member',
    'oauth_access.create',
  ]);
  expect(await listed(hubot.browser, own)).toEqual(['repo.create', 'repo.add_member']);
});

it('A person sees where they and strangers came from, and not where other people came from', async () => {
  const { body } = await mona.browser.get(own);
  expect(body).toContain('192.0.2.1');
  expect(body).toContain('203.0.113.9');
  expect(body).not.toContain('198.51.100.2');
  expect(body).not.toContain('agent of hubot');
  expect(await listed(mona.browser, `${own}?q=ip:198.51.100.2`)).toEqual([]);
  expect(await listed(mona.browser, `${own}?q=ip:192.0.2.*`)).toEqual(['oauth_access.create']);
});

it('What others have chosen, such as a note, is text on the page', async () => {
  const { body } = await mona.browser.get(own);
  expect(body).toContain('=cmd|&quot;x&quot;&lt;b>');
  expect(body).not.toContain('<b>');
});

it('The log is searched by kind of action, date and words', async () => {
  const day = new Date(pages.ctx.now() - 3 * DAY).toISOString().slice(0, 10);
  expect(await listed(mona.browser, `${own}?action=oauth_access`)).toEqual(['oauth_access.create']);
  expect(await listed(mona.browser, `${own}?action=git`)).toEqual(['git.fetch']);
  expect(await listed(mona.browser, `${own}?from=${day}&until=${day}`)).toEqual(['oauth_access.create']);
  expect(await listed(mona.browser, `${own}?q=cmd`)).toEqual(['oauth_access.create']);
  expect(await listed(mona.browser, `${own}?q=${encodeURIComponent(`hashed_token:"${base64}"`)}`)).toEqual([
    'oauth_access.create',
  ]);
  const nonsense = await mona.browser.get(`${own}?q=colour:red`);
  expect(nonsense.statusCode).toBe(422);
  expect(nonsense.body).toContain('There is no search term colour');
  expect(nonsense.body).toContain('value="colour:red"');
});

it('A long log has pages', async () => {
  await pages.ctx.db.transaction().execute(async (db) => {
    for (let count = 0; count < 65; count++) {
      const event = { action: `many.n${count}`, operation: 'create', user: hubot.account } as const;
      await recordAt(pages.ctx, db, { ...pages.ctx.by }, pages.ctx.now(), event);
    }
  });
  const seen: string[] = [];
  let path = `${own}?q=action:many`;
  for (let count = 0; count < 5; count++) {
    const { body } = await hubot.browser.get(path);
    seen.push(
      ...[...body.matchAll(/<\/strong> <code>(many[^<]+)<\/code>/g)].map(([, action = '']) => action),
    );
    const next = /rel="next" href="([^"]+)"/.exec(body)?.[1];
    if (next === undefined) break;
    path = next.replaceAll('&amp;', '&');
  }
  expect(seen).toEqual(Array.from({ length: 65 }, (_, index) => `many.n${64 - index}`));
});

it('The log is exported as JSON and as CSV, without hashes, and harmless to spreadsheets', async () => {
  const json = await mona.browser.get(`${own}/export?format=json&include=all`);
  expect(json.headers['content-disposition']).toMatch(
    /^attachment; filename="security-log-\d{4}-\d\d-\d\d\.json"$/,
  );
  const events = json.json<Record<string, unknown>[]>();
  expect(events.map(({ action }) => action)).toEqual([
    'git.fetch',
    'user.failed_login',
    'repo.add_member',
    'oauth_access.create',
  ]);
  const csv = await mona.browser.get(`${own}/export?format=csv&q=cmd`);
  expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
  expect(csv.body.split('\r\n')).toHaveLength(3);
  expect(csv.body).toContain('"192.0.2.1"');
  for (const { body } of [json, csv]) {
    expect(body).not.toContain(base64);
    expect(body).not.toContain('SECRET-HASH');
    expect(body).not.toContain('198.51.100.2');
  }
  expect((await mona.browser.get(`${own}/export?q=colour:red`)).statusCode).toBe(422);
});

it.each([
  ['=1+1', `"'=1+1"`],
  ['+1', `"'+1"`],
  ['-1', `"'-1"`],
  ['@x', `"'@x"`],
  [' \t=1', `"' \t=1"`],
  ['a"b', '"a""b"'],
  [null, '""'],
])('The cell of %j is %s', (value, cell) => {
  expect(csvCell(value)).toBe(cell);
});

it('Site admins see the whole log with addresses, and nobody else does', async () => {
  const { body } = await admin.browser.get('/admin/audit-log?q=action:repo');
  expect(body).toContain('198.51.100.2');
  expect((await admin.browser.get('/admin/audit-log/export?format=csv')).statusCode).toBe(200);
  for (const path of ['/admin/audit-log', '/admin/audit-log/export']) {
    expect((await mona.browser.get(path)).statusCode).toBe(403);
    expect((await pages.browser().get(path)).statusCode).toBe(302);
  }
  expect((await pages.browser().get(`${own}/export`)).statusCode).toBe(302);
});

it('Owners see the log of their organisation alone, without addresses, and nobody else does', async () => {
  const log = '/organizations/acme/settings/audit-log';
  const { id } = valueIn(
    await createOrganization(pages.ctx, { login: 'acme', name: null, owner: mona.account }),
  );
  valueIn(await createOrganization(pages.ctx, { login: 'globex', name: null, owner: hubot.account }));
  const by: Doer = {
    account: { id: mona.account.id, login: 'mona' },
    credential: { kind: 'session', sessionId: 1 },
    address: '192.0.2.1',
    userAgent: null,
    requestId: null,
  };
  await pages.ctx.db.transaction().execute((db) =>
    recordAt(pages.ctx, db, by, pages.ctx.now(), {
      action: 'org.update_profile',
      operation: 'modify',
      organization: { id, login: 'acme' },
      token: { id: 8, hash },
    }),
  );
  expect(await listed(mona.browser, log)).toEqual(['org.update_profile', 'org.create']);
  expect(await listed(mona.browser, `${log}?q=operation:create`)).toEqual(['org.create']);
  const { body } = await mona.browser.get(log);
  expect(body).not.toContain('192.0.2.1');
  expect(body).toContain(`${log}/export?format=csv`);
  const searched = await mona.browser.get(`${log}?q=ip:192.0.2.1`);
  expect([searched.statusCode, searched.body.includes('Addresses are told to site admins only')]).toEqual([
    422,
    true,
  ]);
  for (const format of ['json', 'csv']) {
    const file = await mona.browser.get(`${log}/export?format=${format}`);
    expect(file.headers['content-disposition']).toContain(`.${format}`);
    expect(file.body).toContain('org.update_profile');
    expect(file.body).not.toMatch(/192\.0\.2\.1|globex/);
    expect(file.body).not.toContain(base64);
  }
  for (const path of [log, `${log}/export`]) {
    expect((await hubot.browser.get(path)).statusCode).toBe(403);
    expect((await admin.browser.get(path)).statusCode).toBe(403);
    expect((await pages.browser().get(path)).statusCode).toBe(302);
  }
  expect((await mona.browser.get('/organizations/globex/settings/audit-log')).statusCode).toBe(403);
});
