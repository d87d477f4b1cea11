// The security log through the API: who may read it, what is found, and that nothing is listed twice or missed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../../test/api.ts';
import { valueIn } from '../../test/context.ts';
import type { Account } from '../accounts/accounts.ts';
import type { Doer } from '../context.ts';
import { createOrganization } from '../organizations/organizations.ts';
import { createRepository, deleteRepository } from '../repositories/repositories.ts';
import { type AuditEvent, recordAt } from './audit.ts';

const DAY = 24 * 60 * 60_000;
const log = '/enterprises/latchkey/audit-log';
const hash = new Uint8Array(32).fill(9);
let api: TestApi;
let mona: Account;
let root: string;
let now: number;

type Item = Readonly<Record<string, unknown>>;

beforeAll(async () => {
  api = await startApi();
  mona = await api.person('Mona');
  // Rows are written in the order of their time.
  api.ctx.clock.forward(201 * DAY);
  now = api.ctx.now();
  const by = (more: Partial<Doer> = {}): Doer => ({
    account: { id: mona.id, login: 'Mona' },
    credential: { kind: 'token', tokenId: 77, hash },
    address: '192.0.2.7',
    userAgent: 'gh/2',
    requestId: 'REQ-1',
    ...more,
  });
  const events: readonly (readonly [number, Doer, AuditEvent])[] = [
    [-200 * DAY, by(), { action: 'old.event', operation: 'create' }],
    [-3 * DAY, by(), { action: 'git.push', operation: 'modify', repository: { id: 5, name: 'Acme/tool' } }],
    [
      -2 * DAY,
      by({ credential: { kind: 'session', sessionId: 1 } }),
      {
        action: 'team.add_member',
        operation: 'modify',
        organization: { id: 900, login: 'Acme' },
        user: { id: 42, login: 'hubot' },
        data: { note: '100%_done', token_scopes: ['repo', 'gist'] },
      },
    ],
    [-DAY, by({ account: null }), { action: 'user.failed_login', operation: 'authentication' }],
    [
      -1000,
      by({ credential: { kind: 'session', sessionId: 1 } }),
      { action: 'oauth_access.destroy', operation: 'remove', token: { id: 77, hash } },
    ],
  ];
  await api.ctx.db.transaction().execute(async (db) => {
    for (const [at, doer, event] of events) await recordAt(api.ctx, db, doer, now + at, event);
  });
  root = await api.token(await api.person('boss', { siteAdmin: true }), ['read:audit_log']);
});
afterAll(() => api.close());

async function items(query: Readonly<Record<string, string>>): Promise<readonly Item[]> {
  const answer = await api.get(`${log}?${new URLSearchParams(query)}`, root);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

/** The actions of what the test itself has logged, the newest first. */
async function actions(phrase: string, include = 'all'): Promise<readonly unknown[]> {
  const found = await items({ phrase, include, per_page: '100' });
  const own = ['git.push', 'team.add_member', 'user.failed_login', 'oauth_access.destroy', 'old.event'];
  return found.map(({ action }) => action).filter((action) => own.includes(String(action)));
}

describe('Who reads the log', () => {
  it('has to be a site admin with a token that opens it', async () => {
    const weak = await api.token(mona, ['read:audit_log', 'admin:enterprise']);
    expect((await api.get(log, weak)).statusCode).toBe(403);
    expect((await api.get(log)).statusCode).toBe(401);
    expect((await api.get('/enterprises/other/audit-log', root)).statusCode).toBe(404);
    expect((await api.get('/enterprises/1/audit-log', root)).statusCode).toBe(200);
  });
});

describe('An event', () => {
  it('has the fields that GitHub gives it', async () => {
    const [item] = await items({ phrase: 'action:team.add_member' });
    expect(item).toEqual({
      '@timestamp': now - 2 * DAY,
      created_at: now - 2 * DAY,
      _document_id: expect.any(String),
      action: 'team.add_member',
      operation_type: 'modify',
      actor: 'Mona',
      actor_id: mona.id,
      actor_ip: '192.0.2.7',
      actor_is_bot: false,
      user: 'hubot',
      user_id: 42,
      org: 'Acme',
      org_id: 900,
      business: 'latchkey',
      business_id: 1,
      user_agent: 'gh/2',
      request_id: 'REQ-1',
      note: '100%_done',
      token_scopes: 'repo,gist',
    });
    const [push] = await items({ phrase: 'action:git.push', include: 'git' });
    expect(push).toMatchObject({
      repo: 'Acme/tool',
      repository: 'Acme/tool',
      repository_id: 5,
      token_id: 77,
      hashed_token: Buffer.from(hash).toString('base64'),
      programmatic_access_type: 'Personal access token (classic)',
    });
  });
});

describe('A search finds', () => {
  it.each([
    ['action:team', ['team.add_member']],
    ['action:tea', []],
    ['action:*_member', ['team.add_member']],
    ['action:git.push actor:mona', ['git.push']],
    ['actor:nobody', []],
    ['user:HUBOT', ['team.add_member']],
    ['org:acme', ['team.add_member']],
    ['repo:acme/tool', ['git.push']],
    ['repo:tool', ['git.push']],
    ['repo:ool', []],
    ['operation:authentication', ['user.failed_login']],
    ['ip:192.0.2.7 action:git', ['git.push']],
    ['ip:192.0.2.* action:git', ['git.push']],
    ['ip:192.0.2.70', []],
    ['"100%_done"', ['team.add_member']],
    ['"100%%done"', []],
    ['request_id:REQ-1 -action:git -operation:remove -actor:mona', ['user.failed_login']],
    ['action:team action:git', ['team.add_member', 'git.push']],
    ['created:<2026-03-01', ['old.event']],
    ['created:2026-08-01..2026-08-02', ['team.add_member', 'git.push']],
  ])('by %s', async (phrase, expected) => {
    expect(await actions(phrase)).toEqual(expected);
  });

  it('what a token did and what was done to it by its hash, quoted, with or without padding', async () => {
    const base64 = Buffer.from(hash).toString('base64');
    for (const text of [base64, base64.replace('=', '')]) {
      expect(await actions(`hashed_token:"${text}" -action:old`)).toEqual([
        'oauth_access.destroy',
        'user.failed_login',
        'git.push',
      ]);
    }
    expect(await actions(`hashed_token:"${base64}"`, 'web')).toEqual([
      'oauth_access.destroy',
      'user.failed_login',
    ]);
    expect(await actions(`hashed_token:"${Buffer.alloc(32).toString('base64')}"`)).toEqual([]);
  });

  it('the last three months, unless it is told when', async () => {
    expect(await actions('action:old')).toEqual([]);
    expect(await actions('action:old created:>=2020-01-01')).toEqual(['old.event']);
  });

  it('nothing, and says why, when it makes no sense', async () => {
    for (const query of [
      'phrase=colour:red',
      'include=most',
      'order=up',
      'after=!',
      'phrase=hashed_token:abc',
    ]) {
      const answer = await api.get(`${log}?${query}`, root);
      expect(answer.statusCode, query).toBe(422);
      expect(answer.json()).toMatchObject({
        message: 'Validation Failed',
        errors: [{ resource: 'AuditLog' }],
      });
    }
  });
});

describe('The pages of a list', () => {
  it.each(['desc', 'asc'] as const)('in order %s are complete, forwards and backwards', async (order) => {
    const all = (await items({ order, per_page: '100', include: 'all' })).map((item) => item._document_id);
    expect(all.length).toBeGreaterThan(6);
    const pages: unknown[][] = [];
    let path = `${log}?order=${order}&per_page=3&include=all`;
    let previous = '';
    for (;;) {
      const answer = await api.get(path, root);
      pages.push(answer.json<Item[]>().map((item) => item._document_id));
      const link = String(answer.headers.link ?? '');
      const next = /<([^>]+)>; rel="next"/.exec(link)?.[1];
      previous = /<([^>]+)>; rel="prev"/.exec(link)?.[1] ?? '';
      if (next === undefined) break;
      path = next.replace(/^.*\/api\/v3/, '');
    }
    expect(pages.flat()).toEqual(all);
    const back = await api.get(previous.replace(/^.*\/api\/v3/, ''), root);
    expect(back.json<Item[]>().map((item) => item._document_id)).toEqual(pages.at(-2));
    const numbered = await items({ order, per_page: '3', page: '2', include: 'all' });
    expect(numbered.map((item) => item._document_id)).toEqual(pages[1]);
  });
});

describe("An organisation's log", () => {
  it('is for its owners, and tells of its repositories too, also when they are gone, without addresses', async () => {
    const ctx = { ...api.ctx, by: { ...api.ctx.by, address: '192.0.2.7' } };
    const owner = { id: mona.id, login: mona.login };
    const org = valueIn(await createOrganization(ctx, { login: 'acme', name: null, owner }));
    const wanted = { owner: org, name: 'lib', description: null, visibility: 'private' } as const;
    const repository = valueIn(await createRepository(ctx, wanted));
    const event = {
      action: 'hook.create',
      operation: 'create',
      repository: { id: repository.id, name: 'acme/lib' },
    };
    await ctx.db.transaction().execute((db) => recordAt(ctx, db, ctx.by, now, event as AuditEvent));
    await deleteRepository(ctx, repository.id);
    const path = '/orgs/acme/audit-log';
    const answer = await api.get(path, await api.token(mona, ['admin:org']));
    const listed = answer.json<Item[]>().map(({ action }) => action);
    for (const action of ['repo.create', 'hook.create', 'repo.destroy']) expect(listed).toContain(action);
    expect(answer.body).not.toContain('192.0.2.7');
    const byAddress = await api.get(`${path}?phrase=ip:192.0.2.7`, await api.token(mona, ['read:audit_log']));
    expect(byAddress.statusCode).toBe(422);
    expect((await api.get(path, await api.token(mona, ['repo']))).statusCode).toBe(404);
    expect((await api.get(path, await api.token(await api.person('eve'), ['admin:org']))).statusCode).toBe(
      403,
    );
  });
});
